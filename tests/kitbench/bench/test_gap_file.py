"""A stand-in's gaps are read from where they were last forgotten, and only whole lines count."""

from pathlib import Path

from kitbench.bench.gap_file import GapFile


def test_first_gap_since_the_last_time_is_told(tmp_path: Path) -> None:
    path = tmp_path / "gaps.jsonl"
    gaps = GapFile(path)
    assert not gaps.first()
    path.write_text('{"lacks": "UDP sockets"}\n{"lacks": "an I2C slave"}\n', encoding="utf-8")
    assert gaps.first() == "UDP sockets"

    gaps.forget()
    assert not gaps.first()
    with path.open("a", encoding="utf-8") as file:
        file.write('{"lacks": "MQTT 5"}\n')

    assert gaps.first() == "MQTT 5"


def test_line_that_is_still_written_waits(tmp_path: Path) -> None:
    path = tmp_path / "gaps.jsonl"
    path.write_text('{"lacks": "UDP so', encoding="utf-8")

    assert not GapFile(path).first()


def test_kit_that_is_none_of_software_lacks_nothing() -> None:
    gaps = GapFile()
    gaps.forget()

    assert not gaps.first()
