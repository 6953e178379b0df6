"""Rehearsals on virtual kits that were started as ports, and what makes a kit unfit."""

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from kitbench.bench.kits.bench_file import read_bench_file
from kitbench.bench.rehearsal import rehearse
from kitbench.bench.rehearsal.rehearsed_kit import RehearsedKit
from kitbench.bench.rehearsal.stage_set import StageSet, open_stage_set
from kitbench.bench.stand_in import running

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def ready() -> Iterator[list[dict[str, Any]]]:
    """Yield what two running virtual kits said of themselves."""
    with ExitStack() as stack:
        yield [stack.enter_context(running("virtual-kit")) for _ in range(2)]


def rehearsed(folder: Path, kits: dict[str, str]) -> tuple[dict[str, RehearsedKit], list[tuple[str, str]]]:
    """Return what a rehearsal found of kits, described each by lines of TOML, and what it told meanwhile."""
    bench = folder / "bench.toml"
    bench.write_text("".join(f"[kits.{name}]\n{lines}\n" for name, lines in kits.items()), encoding="utf-8")
    told: list[tuple[str, str]] = []
    rehearsal = rehearse.Rehearsal("all", "local", read_bench_file(bench, is_named=True), bench)
    found = rehearsal.run(lambda name, stage: told.append((name, stage)))
    assert [one.name for one in found] == list(kits)
    return {one.name: one for one in found}, told


def test_kits_are_fit_but_the_one_with_another_mac_and_the_one_that_is_not_there(
    tmp_path: Path, ready: list[dict[str, Any]]
) -> None:
    left, right = (one["port"] for one in ready)
    with running("virtual-kit") as third:
        found, told = rehearsed(
            tmp_path,
            {
                "left": f'port = "{left}"\nmac = "{ready[0]["mac"]}"',
                "gone": 'port = "rfc2217://127.0.0.1:9"',
                "swapped": f'port = "{third["port"]}"\nmac = "24:0a:c4:00:00:99"',
                "right": f'port = "{right}"',
            },
        )

    assert {name: one.stage for name, one in found.items() if not one.is_fit} == {"gone": "port", "swapped": "kit"}
    assert "expected 24:0a:c4:00:00:99" in found["swapped"].reason
    for name, kit in (("left", ready[0]), ("right", ready[1])):
        assert kit["mac"] in found[name].identity
        assert list(found[name].seconds) == ["flash", "connect", "dump"]
        assert [stage for one, stage in told if one == name] == ["flash", "connect", "dump", "fit"]
    assert [stage for name, stage in told if not name] == ["building the reference firmware"], "one build for all"


def test_kit_that_does_not_connect_is_unfit_and_its_last_line_says_more(
    tmp_path: Path, ready: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def with_no_way(*arguments: Any) -> Iterator[StageSet]:
        with open_stage_set(*arguments) as stage_set:
            nowhere = {kin: dataclasses.replace(one, ways=()) for kin, one in stage_set.builds.items()}
            yield dataclasses.replace(stage_set, builds=nowhere)

    monkeypatch.setattr(rehearse, "open_stage_set", with_no_way)
    monkeypatch.setattr(rehearse, "CONNECTED_WITHIN_S", 5.0)

    found, _ = rehearsed(tmp_path, {"left": f'port = "{ready[0]["port"]}"'})

    assert (found["left"].stage, list(found["left"].seconds)) == ("connect", ["flash"])
    assert "did not connect within 5 s; its last line was '" in found["left"].reason
    assert not found["left"].reason.endswith("''"), "the kit said something"


def test_attached_kit_cannot_reach_a_local_cloud_without_a_relay(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()

    found, told = rehearsed(tmp_path, {"red": f'port = "{port}"'})

    assert (found["red"].stage, found["red"].reason) == ("cloud", "attached kits cannot reach a local cloud")
    assert told == [("red", "unfit: attached kits cannot reach a local cloud")], "nothing was built in vain"
