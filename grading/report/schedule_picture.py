"""The evening's schedule as a picture: a row for each kit, a bar for each run, and what was built meanwhile."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from kitbench.quoting import html

from ..records.schedule import BUILD, Schedule, Span

SCHEDULE_PICTURE: Final = "schedule.svg"
_WIDTH: Final = 1200
_LEFT: Final = 170
_RIGHT: Final = _WIDTH - 10
_ROW: Final = 22
_TOP: Final = 34
_BELOW: Final = 30
_LONGEST_NAME: Final = 18
_FILLS: Final = {"build": "#90a4ae", "run": "#2e7d32", "failed": "#b71c1c"}
#: Between the marks of the time axis, in seconds; the first that gives at most a dozen marks is taken.
_STEPS: Final = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200)
_MOST_MARKS: Final = 12


def write_schedule(schedule: Schedule, folder: Path) -> None:
    """Write the schedule as JSON, and its picture."""
    schedule.write(folder)
    (folder / SCHEDULE_PICTURE).write_text(schedule_picture(schedule), encoding="utf-8")


def schedule_picture(schedule: Schedule) -> str:
    """Return the picture as SVG; each bar says in words what it is, for whoever points at it or has it read out."""
    spans = sorted(schedule.spans, key=lambda span: span.began)
    ends = max((span.ended for span in spans), default=0.0) or 1.0
    lanes = _lanes(spans)
    rows = {lane: number for number, lane in enumerate(sorted(set(lanes), key=_order))}
    height = _TOP + _ROW * len(rows) + _BELOW
    title = f"{sum(span.what != BUILD for span in spans)} runs in {ends / 60:.1f} min"
    begin = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{title}"'
        ' font-family="sans-serif" font-size="12">'
    )
    paper = f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
    labels = (_label(name, row, schedule.aside.get(name, "")) for (name, lane), row in rows.items() if lane == 0)
    bars = (_bar(span, rows[lane], ends) for span, lane in zip(spans, lanes, strict=True))
    return "\n".join([begin, paper, _text(8, 18, title), *_axis(ends, height), *labels, *bars, "</svg>\n"])


def _lanes(spans: Iterable[Span]) -> list[tuple[str, int]]:
    """Return each span's kit, "" for builds, and which of its rows: what overlaps is below each other."""
    free: dict[tuple[str, int], float] = {}
    lanes = []
    for span in spans:
        number = 0
        while free.get((span.kit, number), 0.0) > span.began:
            number += 1
        free[span.kit, number] = span.ended
        lanes.append((span.kit, number))
    return lanes


def _order(lane: tuple[str, int]) -> tuple[bool, int, str, int]:
    """Put kit2 before kit10, and builds last."""
    name, number = lane
    digits = re.search(r"\d{1,9}$", name)
    return (not name, int(digits[0]) if digits else 0, name, number)


def _bar(span: Span, row: int, ends: float) -> str:
    x, width = _x(span.began, ends), max(1.0, _x(span.ended, ends) - _x(span.began, ends))
    place = f" on {span.kit}" if span.kit else ""
    words = f"{span.who}: {span.what}{place}, {span.began:.0f} to {span.ended:.0f} s"
    words += f", the kit failed: {span.failure}" if span.failure else ""
    fill = _FILLS["failed" if span.failure else span.what]
    return (
        f'<rect x="{x:.1f}" y="{_TOP + _ROW * row + 3}" width="{width:.1f}" height="{_ROW - 6}" fill="{fill}"'
        f' stroke="#ffffff"><title>{html.line(words)}</title></rect>'
    )


def _label(name: str, row: int, aside: str) -> str:
    shown = (name or "builds")[-_LONGEST_NAME:]
    return _text(8, _TOP + _ROW * row + 15, f"{shown} ✗" if aside else shown, f"put aside: {aside}" if aside else "")


def _axis(ends: float, height: int) -> list[str]:
    step = next((step for step in _STEPS if ends / step <= _MOST_MARKS), _STEPS[-1])
    marks = []
    for second in range(0, int(ends) + 1, step):
        x = _x(second, ends)
        marks.append(f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{height - 22}" stroke="#cfd8dc"/>')
        marks.append(_text(x, height - 8, f"{second // 60} min" if step >= 60 else f"{second} s"))
    return marks


def _x(second: float, ends: float) -> float:
    return _LEFT + second * (_RIGHT - _LEFT) / ends


def _text(x: float, y: float, words: str, title: str = "") -> str:
    inside = f"<title>{html.line(title)}</title>" if title else ""
    return f'<text x="{x:.1f}" y="{y:.1f}">{inside}{html.line(words)}</text>'
