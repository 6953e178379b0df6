"""Many kits and benches on one account never meet."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.things.client_identity import ClientIdentity, Topics
from kitbench.cloud.things.ledger import open_ledger
from kitbench.cloud.things.leftovers import sweep
from kitbench.cloud.things.provisioning import provision
from kitbench.cloud.things.recovery import recover

_BENCHES = 6


def test_benches_side_by_side_share_nothing_and_recover_nothing_of_each_other(
    endpoint: Endpoint, ledgers: Path, iot: Any, account: Callable[[], set[str]]
) -> None:
    before = account()
    meeting = threading.Barrier(_BENCHES, timeout=60)
    kits: list[ClientIdentity] = []
    problems: list[BaseException] = []

    def bench() -> None:
        try:
            with (
                open_ledger(endpoint.cloud_id, folder=ledgers) as ledger,
                provision(endpoint, ledger, topics=Topics.both(ledger.run.topic())) as kit,
            ):
                kits.append(kit)
                meeting.wait()
                recover(endpoint, ledgers)
                sweep(endpoint)
                meeting.wait()
                assert iot.describe_thing(thingName=kit.thing_name)
        except BaseException as error:  # noqa: BLE001 - the test tells it
            problems.append(error)
            meeting.abort()

    threads = [threading.Thread(target=bench) for _ in range(_BENCHES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert problems == []
    for what in ("thing_name", "client_id", "certificate_id", "policy_name", "private_key_file"):
        assert len({getattr(kit, what) for kit in kits}) == _BENCHES
    assert len({kit.topics.publish for kit in kits}) == _BENCHES
    assert account() == before
