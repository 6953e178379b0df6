"""Which kits `--kit` means, and which of them a worker takes."""

from dataclasses import replace
from pathlib import Path

import pytest

from kitbench.bench.builds.firmware_build import FirmwareSource
from kitbench.bench.builds.variant import Variant
from kitbench.bench.kits.bench_file import BenchFile, NamedKit
from kitbench.bench.kits.kit_choice import KitChoice, Worker, choose_kits, require_cloud, require_port, share_of
from kitbench.bench.kits.run_options import RunOptions
from kitbench.board.door import announced
from kitbench.errors import UsageError
from kitbench.kit import qemu
from kitbench.kit_list import VIRTUAL
from kitbench.virtual_kit.kit import VirtualKit

BENCH = BenchFile(kits={"red": NamedKit("/dev/ttyUSB0", "24:0a:c4:00:00:01"), "blue": NamedKit("/dev/ttyUSB1")})
RED = KitChoice("attached", "/dev/ttyUSB0", "24:0a:c4:00:00:01")
BLUE = KitChoice("attached", "/dev/ttyUSB1")
SPARE = KitChoice("attached", "COM3")


def options(kit: str, bench: BenchFile = BENCH) -> RunOptions:
    """Return options with nothing of interest but the kit."""
    return RunOptions(kit, "local", FirmwareSource(Path()), (Variant.ATECC608A,), 100, 1.0, None, None, bench)


@pytest.mark.parametrize(
    ("kit", "kits"),
    [
        ("red", (RED,)),
        ("blue, red", (BLUE, RED)),
        ("all", (RED, BLUE)),
        ("COM3", (SPARE,)),
        ("red,COM3", (RED, SPARE)),
        ("virtual", (KitChoice(VIRTUAL),)),
    ],
)
def test_kits_are_taken_by_name_by_port_or_all(kit: str, kits: tuple[KitChoice, ...]) -> None:
    assert choose_kits(options(kit)) == kits


@pytest.mark.parametrize(
    ("kit", "words"),
    [
        ("red,red", "twice"),
        ("red,/dev/ttyUSB0", "twice"),
        ("red,virtual", "'virtual' cannot be one of several"),
        ("red,", "'' cannot be one of several"),
        ("red,qemu", "'qemu' cannot be one of several"),
    ],
)
def test_what_cannot_be_is_one_line(kit: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        choose_kits(options(kit))


def test_port_in_capitals_is_the_same_kit() -> None:
    assert choose_kits(options("RFC2217://bench:4000"))[0].port == "rfc2217://bench:4000"
    with pytest.raises(UsageError, match="has a kit twice"):
        choose_kits(options("RFC2217://bench:4000,rfc2217://bench:4000"))


def test_kit_that_is_not_attached_is_none_of_all_and_refused_by_name() -> None:
    bench = BenchFile(kits={**BENCH.kits, "lost": NamedKit("")})

    assert choose_kits(options("all", bench)) == (RED, BLUE)
    with pytest.raises(UsageError, match="'lost' has no port"):
        choose_kits(options("lost", bench))


def test_virtual_kit_that_somebody_else_started_is_known_by_its_door(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    with VirtualKit() as kit:
        unknown = choose_kits(options(kit.url))
        with announced(kit.url, kit.door):
            (known,) = choose_kits(options(kit.url))
            by_name = choose_kits(options(kit.url.replace("127.0.0.1", "localhost")))
    gone = choose_kits(options(kit.url))

    assert known == KitChoice(VIRTUAL, kit.url)
    assert not known.is_started
    assert by_name[0].kind == VIRTUAL
    assert unknown == gone == (KitChoice("attached", kit.url),)


def test_all_kits_of_a_bench_without_any_is_a_mistake() -> None:
    with pytest.raises(UsageError, match=r"\[kits.NAME\]"):
        choose_kits(options("all", BenchFile()))


def test_workers_share_kits_without_sharing_one() -> None:
    kits = (RED, BLUE, SPARE)

    shares = [share_of(kits, Worker(number, 2, is_spread=True)) for number in range(2)]

    assert shares == [(RED, SPARE), (BLUE,)]


def test_more_workers_than_kits_is_a_mistake() -> None:
    with pytest.raises(UsageError, match=r"3 workers, but only 2 kits: .* — pytest -n 2"):
        share_of((RED, BLUE), Worker(0, 3, is_spread=True))


def test_as_many_workers_as_kits_have_one_each() -> None:
    assert [share_of((RED, BLUE), Worker(n, 2, is_spread=True)) for n in range(2)] == [(RED,), (BLUE,)]


def test_kits_of_which_none_is_there_are_one_line(tmp_path: Path) -> None:
    gone = [KitChoice("attached", str(tmp_path / name)) for name in ("ttyUSB0", "ttyUSB1")]

    with pytest.raises(UsageError, match=r"there is no .*/ttyUSB0 and no .*/ttyUSB1 \(seen: .*\)"):
        require_port(tuple(gone))


@pytest.mark.parametrize("kit", [KitChoice(VIRTUAL), KitChoice("attached", "rfc2217://127.0.0.1:9")])
def test_one_kit_that_may_be_there_is_enough(tmp_path: Path, kit: KitChoice) -> None:
    require_port((KitChoice("attached", str(tmp_path / "ttyUSB0")), kit))


def test_cloud_has_no_default() -> None:
    chosen = options("red")

    assert require_cloud(replace(chosen, cloud="local")) == "local"
    with pytest.raises(UsageError, match=r"no cloud was chosen.*--cloud local \(free, this machine\)"):
        require_cloud(replace(chosen, cloud=None))


def test_each_worker_may_start_a_virtual_kit() -> None:
    assert share_of((KitChoice(VIRTUAL),), Worker(7, 8, is_spread=True)) == (KitChoice(VIRTUAL),)


@pytest.fixture
def qemu_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qemu, "find_qemu", lambda: qemu.Qemu("/usr/bin/qemu-system-xtensa", "9.0.0 (esp_develop)"))


@pytest.mark.usefixtures("qemu_is_installed")
def test_qemu_is_a_kit_that_each_worker_starts() -> None:
    kits = choose_kits(replace(options("qemu"), variants=(Variant.EMBEDDED_KEY,)))

    assert kits == (KitChoice("qemu"),)
    assert kits[0].host_names == ("10.0.2.2",)
    assert KitChoice(VIRTUAL).host_names == RED.host_names == ()
    assert share_of(kits, Worker(7, 8, is_spread=True)) == kits


@pytest.mark.usefixtures("qemu_is_installed")
def test_secure_element_in_qemu_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="--variant atecc608a: QEMU has no ATECC608A"):
        choose_kits(options("qemu"))


def test_missing_qemu_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(UsageError, match="qemu-system-xtensa is not on PATH"):
        choose_kits(replace(options("qemu"), variants=()))
