"""The AWS CLI as anybody has it, in the environment of a local core; version 1 and 2."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.conformance.local_iot_core_process import LocalCore


class AwsCli:
    """The command `aws`, with the local core's endpoint and credentials in its environment, and nobody's profile."""

    def __init__(self, core: LocalCore, home: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._environment = {
            **kept,
            "HOME": str(home),
            "AWS_CONFIG_FILE": str(home / "config"),
            "AWS_ENDPOINT_URL": core.endpoint["endpoint_url"],
            "AWS_ACCESS_KEY_ID": core.endpoint["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": core.endpoint["secret_access_key"],
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_DEFAULT_OUTPUT": "json",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
        }

    def run(self, service: str, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of a service."""
        # Version 1 of the CLI has a host of its own for sqs, which only this option overrules.
        own = ("--endpoint-url", self._environment["AWS_ENDPOINT_URL"]) if service == "sqs" else ()
        line = ["aws", service, command, *arguments, *own]
        return subprocess.run(line, env=self._environment, capture_output=True, text=True, timeout=180, check=False)

    def ask(self, service: str, command: str, *arguments: str) -> Any:
        """Return the answer of a command that succeeds."""
        done = self.run(service, command, *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "{}")

    def refused(self, service: str, command: str, *arguments: str) -> str:
        """Return what a command that fails says."""
        done = self.run(service, command, *arguments)
        assert done.returncode != 0, done.stdout
        return done.stderr
