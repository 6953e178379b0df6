"""A local IoT core in a process of its own, and endpoints of it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from kitbench.cloud import Endpoint, local_endpoint


@pytest.fixture(name="core_line", scope="session")
def _core_line() -> Iterator[str]:
    """The line of a running `kitbench local-iot-core --json`."""
    arguments = [sys.executable, "-m", "kitbench", "local-iot-core", "--json", "--die-with-parent"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert json.loads(line)["mqtt_port"], line
        yield line
        process.terminate()
        process.wait(20)


@pytest.fixture(name="endpoint")
def _endpoint(core_line: str) -> Endpoint:
    """The local IoT core as endpoint; its audit trail lags by nothing."""
    return replace(local_endpoint(core_line), audit_delay_s=0.0)


@pytest.fixture(name="iot")
def _iot(endpoint: Endpoint) -> Any:
    """Somebody else's client of the same account."""
    return endpoint.client("iot")


@pytest.fixture(name="clean_account", autouse=True)
def _clean_account(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test that has an endpoint leaves the account as it found it, or fails."""
    if "endpoint" not in request.fixturenames:
        yield
        return
    client = request.getfixturevalue("endpoint").client("iot")
    before = account(client)
    yield
    assert account(client) == before


def account(client: Any) -> set[str]:
    """Return all things, policies and certificates of an account."""
    things = {f"thing {item['thingName']}" for item in client.list_things()["things"]}
    policies = {f"policy {item['policyName']}" for item in client.list_policies()["policies"]}
    certificates = client.list_certificates()["certificates"]
    return things | policies | {f"certificate {item['certificateId']} {item['status']}" for item in certificates}
