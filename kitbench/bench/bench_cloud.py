"""The far end of the wire, opened: a cloud's endpoint, AWS's or a local IoT core's."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from kitbench.bench.stand_in import running
from kitbench.cloud.endpoint import Endpoint, aws_endpoint, local_endpoint


@contextmanager
def open_cloud(
    kind: str, folder: Path, *, host_names: Iterable[str] = (), state: Path | None = None
) -> Iterator[Endpoint]:
    """Yield the endpoint; AWS is asked where it is, a local IoT core is started.

    Args:
        kind: `aws` or `local`.
        folder: private; gets the CA's certificate and the local core's events.
        host_names: by which the local core is known, too.
        state: folder in which it keeps what is registered; None forgets it.
    """
    if kind == "aws":
        yield aws_endpoint(folder)
        return
    options = [option for name in host_names for option in ("--host-name", name)]
    options += [] if state is None else ["--state", str(state)]
    events = folder / "local_iot_core_events.jsonl"
    with running("local-iot-core", "--events", str(events), *options) as ready:
        yield replace(local_endpoint(ready), events_file=events)
