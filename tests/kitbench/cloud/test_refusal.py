import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kitbench.cloud.endpoint import Endpoint, local_endpoint
from kitbench.cloud.refusal import refusals, tells_refusals, wait_for_refusal

MINE = "a" * 64


def local(*, events_file: Path | None = None) -> Endpoint:
    line = {"region": "r", "mqtt_host": "h", "mqtt_port": 1, "ca_file": "ca.pem", "endpoint_url": "http://h"}
    return replace(local_endpoint(line), events_file=events_file)


def events(folder: Path, *records: dict[str, Any]) -> Path:
    file = folder / "events.jsonl"
    lines = [{"time": datetime.fromtimestamp(100 + n, UTC).isoformat(), **record} for n, record in enumerate(records)]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"event": "connect_refu', encoding="utf-8")
    return file


CONNECT = {"event": "connect_refused", "principal": MINE, "reason": "the certificate is inactive"}
PUBLISH = {"event": "publish_refused", "principal": MINE, "reason": "no policy allows it"}


def test_reasons_are_told_in_order(tmp_path: Path) -> None:
    endpoint = local(events_file=events(tmp_path, {"event": "connected"}, CONNECT, PUBLISH))

    assert [str(one) for one in refusals(endpoint, after=0)] == [
        "the cloud refused the connection: the certificate is inactive",
        "the cloud refused a message: no policy allows it",
    ]
    assert [one.what for one in refusals(endpoint, after=102)] == ["a message"]


def test_cloud_that_does_not_tell() -> None:
    assert not tells_refusals(local())
    assert refusals(local(), after=0) == []


@pytest.mark.parametrize("other", [CONNECT | {"principal": "b" * 64}, PUBLISH, {"event": "tls_refused", "reason": "x"}])
def test_only_an_attempt_with_this_certificate_counts(tmp_path: Path, other: dict[str, Any]) -> None:
    wait: dict[str, Any] = {"certificate_id": MINE, "after": 0.0, "timeout_s": 0.0, "unless": lambda: None}

    assert wait_for_refusal(local(events_file=events(tmp_path, other, CONNECT)), **wait) is not None
    assert wait_for_refusal(local(events_file=events(tmp_path, other)), **wait) is None


def test_events_before_the_cloud_has_written_any(tmp_path: Path) -> None:
    assert refusals(local(events_file=tmp_path / "none.jsonl"), after=0) == []
