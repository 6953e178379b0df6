"""The evening's schedule, drawn."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

from grading.records.schedule import Schedule
from grading.report.schedule_picture import write_schedule

SVG = "{http://www.w3.org/2000/svg}"


def schedule() -> Schedule:
    """Two builds side by side, two runs after each other on one kit, and one on another that failed."""
    now = [0.0]
    schedule = Schedule(lambda: now[0])
    now[0] = 10.0
    schedule.add("build", "s01 embedded_key", "", 0.0)
    schedule.add("build", "s02 embedded_key", "", 5.0)
    now[0] = 100.0
    schedule.add("run", "s01 embedded_key", "kit10", 10.0)
    schedule.add("run", "s<02>", "kit2", 12.0, 'it "died" \x1b & more')
    now[0] = 400.0
    schedule.add("run", "s03 atecc608a", "kit10", 110.0)
    schedule.put_aside("kit2", 'it "died"')
    return schedule


def test_each_kit_has_a_row_and_builds_side_by_side_have_two(tmp_path: Path) -> None:
    write_schedule(schedule(), tmp_path)

    picture = ET.fromstring((tmp_path / "schedule.svg").read_text(encoding="utf-8"))
    bars = {
        bar.findtext(f"{SVG}title", ""): bar
        for bar in picture.iter(f"{SVG}rect")
        if bar.find(f"{SVG}title") is not None
    }
    rows = {words.split(":")[0]: float(bar.get("y", "")) for words, bar in bars.items()}
    labels = [text.text or "" for text in picture.iter(f"{SVG}text")]
    assert len(bars) == 5
    assert rows["s03 atecc608a"] > rows["s<02>"], "kit2 stands before kit10"
    assert len({float(bar.get("y", "")) for words, bar in bars.items() if "build" in words}) == 2
    assert any("the kit failed" in words for words in bars)
    assert "3 runs in 6.7 min" in labels
    table = json.loads((tmp_path / "schedule.json").read_text(encoding="utf-8"))
    assert table["put_aside"] == {"kit2": 'it "died"'}
    assert table["spans"][2] == {
        "what": "run", "who": "s01 embedded_key", "kit": "kit10", "began": 10.0, "ended": 100.0, "failure": ""
    }  # fmt: skip


def test_evening_without_a_run_is_drawn_too(tmp_path: Path) -> None:
    write_schedule(Schedule(), tmp_path)

    ET.fromstring((tmp_path / "schedule.svg").read_text(encoding="utf-8"))
