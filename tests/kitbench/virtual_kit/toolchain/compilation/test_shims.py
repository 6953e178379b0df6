"""The shims, compiled once for every project."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from kitbench.errors import BenchError, GapError
from kitbench.virtual_kit import esp_idf
from kitbench.virtual_kit.toolchain import zig
from kitbench.virtual_kit.toolchain.compilation.cache_folder import cache_folder
from kitbench.virtual_kit.toolchain.compilation.compiler import Compiler, Unit
from kitbench.virtual_kit.toolchain.compilation.shims import batched, compile_shims
from kitbench.virtual_kit.toolchain.confinement import Confinement
from kitbench.virtual_kit.toolchain.kconfig import Configuration


def compile_with(confinement: Confinement, values: dict[str, str]) -> list[tuple[Path, str]]:
    return compile_shims(Configuration({}, values), confinement, deadline=time.monotonic() + 100)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what these tests compile away from the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(name="one_shim")
def _one_shim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A single shim in place of all."""
    source = tmp_path / "esp_idf" / "shim.c"
    source.parent.mkdir()
    source.write_text(
        '#include "sdkconfig.h"\n#ifdef CONFIG_FREERTOS_HZ\n#if CONFIG_FREERTOS_HZ > 10\nint x;\n#endif\n#endif\n'
    )
    monkeypatch.setattr(esp_idf, "sources", lambda: (source,))
    roots = (source.parent, esp_idf.include_dir().parent, zig.library_folder())
    monkeypatch.setattr(Compiler, "_visible", lambda self: (self.root, *roots))
    return source


def test_shim_is_compiled_anew_for_its_own_symbols_only(
    confinement: Confinement, one_shim: Path, tmp_path: Path
) -> None:
    confined = widen(confinement, one_shim)

    def objects_after(values: dict[str, str]) -> int:
        compile_with(confined, values)
        shutil.rmtree(confined.scratch / "shims")
        return len(list((tmp_path / "cache").rglob("*.o")))

    assert objects_after({"FREERTOS_HZ": "100"}) == 1
    assert objects_after({"FREERTOS_HZ": "100", "EXAMPLE_WIFI_SSID": "another"}) == 1
    assert objects_after({"FREERTOS_HZ": "1000"}) == 2
    assert objects_after({"FREERTOS_HZ": "100"}) == 2


def test_passwords_of_a_project_reach_no_cache(confinement: Confinement, one_shim: Path, tmp_path: Path) -> None:
    confined = widen(confinement, one_shim)

    compile_with(confined, {"WIFI_PASSWORD": "kitbench-secret", "FREERTOS_HZ": "100"})

    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert kept
    assert not any(b"kitbench-secret" in path.read_bytes() for path in kept)


def test_shim_that_fails_always_is_the_benchs_fault(confinement: Confinement, one_shim: Path) -> None:
    one_shim.write_text("?\n")

    with pytest.raises(BenchError, match=r"esp_idf/shim\.c"):
        compile_with(widen(confinement, one_shim), {})


def test_shim_that_fails_with_a_configuration_is_the_students(confinement: Confinement, one_shim: Path) -> None:
    with pytest.raises(GapError, match="what the project's configuration asks for"):
        compile_with(widen(confinement, one_shim), {"FREERTOS_HZ": "fast"})


def widen(confinement: Confinement, source: Path) -> Confinement:
    return replace(confinement, readable=(*confinement.readable, source.parent))


def test_groups_keep_order_and_have_no_two_of_a_name() -> None:
    names = ["a/one.c", "a/two.c", "b/one.c", *(f"c/{number}.c" for number in range(9))]
    units = [(Unit(Path(name), name), number) for number, name in enumerate(names)]

    groups = [[unit.shown for unit, _ in group] for group in batched(units)]

    assert groups == [names[:2], names[2:10], names[10:]]


def test_shims_of_one_start_are_those_of_a_start_each(
    confinement: Confinement, one_shim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = one_shim.with_name("other.c")
    other.write_text('#include "sdkconfig.h"\nconst char *file(void) { return __FILE__; }\n')
    confined = widen(confinement, one_shim)
    monkeypatch.setattr(esp_idf, "sources", lambda: (other,))
    (alone,) = compile_with(confined, {"FREERTOS_HZ": "100"})
    expected = alone[0].read_bytes()
    shutil.rmtree(cache_folder())
    shutil.rmtree(confined.scratch / "shims")
    monkeypatch.setattr(esp_idf, "sources", lambda: (one_shim, other))

    together = compile_with(confined, {"FREERTOS_HZ": "100"})

    assert [shown for _, shown in together] == ["esp_idf/shim.c", "esp_idf/other.c"]
    assert together[1][0].read_bytes() == expected


def test_one_that_fails_is_named_among_those_that_do_not(
    confinement: Confinement, one_shim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = one_shim.with_name("bad.c")
    bad.write_text("\n?\n")
    monkeypatch.setattr(esp_idf, "sources", lambda: (one_shim, bad))

    with pytest.raises(BenchError, match=r"bad\.c:2"):
        compile_with(widen(confinement, one_shim), {"FREERTOS_HZ": "100"})
