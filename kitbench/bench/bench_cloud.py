"""The far end of the wire, opened: a cloud's endpoint, AWS's or a local IoT core's."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from kitbench.bench.stand_in import running
from kitbench.cloud.endpoint import Endpoint, aws_endpoint, local_endpoint


@contextmanager
def open_cloud(kind: str, folder: Path, *, host_names: Iterable[str] = ()) -> Iterator[Endpoint]:
    """Yield the endpoint; AWS is asked where it is, a local IoT core is started and answers to `host_names`, too."""
    if kind == "aws":
        yield aws_endpoint(folder)
        return
    names = [option for name in host_names for option in ("--host-name", name)]
    events = folder / "local_iot_core_events.jsonl"
    with running("local-iot-core", "--events", str(events), *names) as ready:
        yield replace(local_endpoint(ready), events_file=events)
