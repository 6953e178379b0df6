"""The items of a device as a page that stands by itself."""

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from kitbench.hardening.identifiers import title_of
from kitbench.hardening.item import Item
from kitbench.hardening.judgement import summary
from kitbench.page_style import page_style

#: What the page is, and what it is not.
NATURE: Final = (
    "What a bench saw of one device. The identifiers name what an item is evidence for; whether a product meets a "
    "standard is for its assessor to say."
)
#: Result → class of the style sheet.
_MARKS: Final = {"pass": "passed", "fail": "failed", "inconclusive": "cannot_judge"}


def to_html(items: Sequence[Item], *, device: str) -> str:
    """Return the whole page as HTML."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hardening of {escape(device)}</title>
<style>
{page_style()}@media print {{ td.small {{ font-size: 7.5pt; }} }}</style>
</head>
<body><main>
<h1>Hardening of {escape(device)}</h1>
<p>{escape(summary(items))}. {escape(NATURE)}</p>
{table(items)}
</main></body>
</html>
"""


def table(items: Sequence[Item]) -> str:
    """Return the table of items, for this page and for that of an audit."""
    columns = ("Measure", "Result", "What was seen", "What to do", "Evidence for")
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    rows = "\n".join(_row(item.to_json()) for item in items)
    body = f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>"
    return f'<div class="scroll"><table class="cards">{body}</table></div>'


def _row(item: dict[str, Any]) -> str:
    evidence = "<br>".join(
        f"{escape(name if name.startswith(standard) else f'{standard} {name}')}: {escape(title_of(name))}"
        for standard, names in item["evidence_for"].items()
        for name in names
    )
    return (
        f'<tr><th scope="row" class="who">{escape(item["name"])}</th>'
        f'<td data-label="Result"><span class="mark {_MARKS[item["result"]]}">{item["result"]}</span></td>'
        f'<td data-label="Seen" class="long-names">{escape(item["seen"])}</td>'
        f'<td data-label="To do" class="long-names">{escape(item["fix"] or "nothing")}</td>'
        f'<td data-label="Evidence for" class="small soft evidence">{evidence}</td></tr>'
    )
