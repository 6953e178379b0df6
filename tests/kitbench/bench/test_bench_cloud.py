"""A local cloud is started for the run, and knows this machine by the names that the kit has for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kitbench.bench import bench_cloud
from kitbench.bench.bench_cloud import open_cloud


def test_local_cloud_is_started_with_the_kits_names_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    @contextmanager
    def running(*arguments: str) -> Iterator[dict[str, Any]]:
        told.extend(arguments)
        yield {"region": "r", "mqtt_host": "here", "mqtt_port": 1, "ca_file": "ca.pem", "endpoint_url": "http://here"}
        told.append("ended")

    monkeypatch.setattr(bench_cloud, "running", running)

    with open_cloud("local", tmp_path, host_names=["10.0.2.2"]) as endpoint:
        assert endpoint.mqtt_host == "here"
        assert told[1:3] == ["--events", str(endpoint.events_file)]
        assert told[0] == "local-iot-core"
        assert told[-2:] == ["--host-name", "10.0.2.2"]

    assert told[-1] == "ended"


def test_aws_is_asked_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_cloud, "aws_endpoint", lambda folder: f"aws in {folder}")

    with open_cloud("aws", tmp_path) as endpoint:
        assert str(endpoint) == f"aws in {tmp_path}"
