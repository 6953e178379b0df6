"""Which attached kits a list means, and which of them are there."""

import socket
from pathlib import Path

import pytest

from grading.running.pool.kits_meant import KitsMeant, _parted, attached_kits
from kitbench.errors import UsageError

RED = {"name": "red", "kind": "virtual", "is_there": True}
BLUE = {"name": "blue", "kind": "attached", "is_there": False}


def test_list_of_stand_ins_alone_has_no_pool() -> None:
    assert attached_kits("virtual,qemu") is None


def test_kits_of_the_bench_file_are_asked_of_the_bench(tmp_path: Path) -> None:
    bench = tmp_path / "bench.toml"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        bench.write_text(f'[kits.a]\nport = "rfc2217://127.0.0.1:{port}"\n[kits.b]\nport = "/dev/no-such"\n')
        found = attached_kits("virtual,all", bench)

    assert found == KitsMeant(("a",), ("b",), "attached")


def test_name_that_nobody_has_is_one_line(tmp_path: Path) -> None:
    bench = tmp_path / "bench.toml"
    bench.write_text("[bench]\n")

    with pytest.raises(UsageError, match=r"bench.toml has no \[kits.NAME\]"):
        attached_kits("all", bench)


def test_what_is_not_there_is_left_out_whatever_it_is() -> None:
    assert _parted([RED, BLUE]) == KitsMeant(("red",), ("blue",), "virtual")


def test_pool_without_a_kit_or_of_two_kinds_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no blue"):
        _parted([BLUE])
    with pytest.raises(UsageError, match="not alike: attached, virtual"):
        _parted([RED, BLUE | {"is_there": True}])
