"""What a shim sees of the configuration: no less than the compiler saw, and no password."""

import re
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from kitbench.virtual_kit import esp_idf
from kitbench.virtual_kit.toolchain.compilation.compiler import Compiler, Unit
from kitbench.virtual_kit.toolchain.compilation.shim_symbols import symbols_of
from kitbench.virtual_kit.toolchain.confinement import Confinement


def test_symbols_of_what_is_included_are_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(esp_idf, "include_dir", lambda: tmp_path / "include")
    (tmp_path / "include" / "driver").mkdir(parents=True)
    (tmp_path / "include" / "driver" / "far.h").write_text("#ifdef CONFIG_FAR\n#endif\n#include <stdio.h>\n")
    (tmp_path / "near.h").write_text('#include "near.h"\n#  include <driver/far.h>\nint x = CONFIG_NEAR;\n')
    source = tmp_path / "shim.c"
    source.write_text('#include "near.h"\nint y = CONFIG_OWN; // not MY_CONFIG_WORD\n')

    assert symbols_of(source) == {"OWN", "NEAR", "FAR"}


def test_no_shim_sees_a_password() -> None:
    assert not [path.name for path in esp_idf.sources() if any("PASSWORD" in name for name in symbols_of(path))]


@pytest.mark.parametrize("name", ["log.c", "tasks.c", "mqtt_settings.c", "example_connect.c"])
def test_compiler_reads_no_symbol_that_was_not_foreseen(name: str, confinement: Confinement) -> None:
    root = confinement.scratch
    (source,) = (path for path in esp_idf.sources() if path.name == name)
    (root / "sdkconfig.h").write_text("#define CONFIG_LOG_MAXIMUM_LEVEL 3\n#define CONFIG_FREERTOS_HZ 100\n")
    (root / "made").mkdir()
    read: list[Path] = []

    class Watched(Compiler):
        def _keep(self, unit: Unit, made: Path, dependencies: Sequence[Path]) -> None:
            read.extend(dependencies)

    compiler = Watched(root, root / "made", confinement, None, frozenset(), time.monotonic() + 100)
    compiler.compile(Unit(source, name, (root,), trusted=True), 0)

    own = [path for path in read if path.is_relative_to(esp_idf.include_dir().parent)]
    named = {match[1] for path in own for match in re.finditer(r"\bCONFIG_(\w+)", path.read_text("utf-8"))}
    assert len(own) > 1
    assert named <= symbols_of(source)
