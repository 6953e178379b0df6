"""Names of gaps are those of the shims' own sources."""

from pathlib import Path

from kitbench.virtual_kit.cpu.host_calls import gap_names as module
from kitbench.virtual_kit.cpu.host_calls.gap_names import gap_names


def test_every_call_of_a_shim_is_read() -> None:
    sources = Path(module.__file__).parents[2] / "esp_idf" / "src"
    calls = sum(path.read_text(encoding="utf-8").count('kit_lacks("') for path in sources.rglob("*.c"))

    assert calls > 3
    assert len(gap_names()) >= calls // 2
    assert all(name and "\n" not in name for name in gap_names())
