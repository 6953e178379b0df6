"""The commands are run by a shell that has been used for AWS before."""

import subprocess

from kitbench.quoting.aws_environment import FORGET, assignments


def shown(*before: str) -> dict[str, str]:
    """Return the names and values of AWS in a shell afterwards."""
    words = assignments("http://localhost:1", "/tmp/a b/$ca.pem", "us-east-1", ("id", "it's"))
    typed = "\n".join([*before, FORGET, f"export {' '.join(words)}", "env"])
    done = subprocess.run(["sh", "-ec", typed], env={}, capture_output=True, text=True, check=True, timeout=30)
    lines = (line.partition("=") for line in done.stdout.splitlines() if line.startswith("AWS_"))
    return {name: value for name, _, value in lines}


def test_what_the_shell_had_of_aws_is_gone() -> None:
    used = shown("export AWS_PROFILE=mine AWS_SESSION_TOKEN=t AWS_ENDPOINT_URL_IOT=https://iot.amazonaws.com")

    assert used == shown()
    assert used == {
        "AWS_ENDPOINT_URL": "http://localhost:1",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_CA_BUNDLE": "/tmp/a b/$ca.pem",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "it's",
    }
