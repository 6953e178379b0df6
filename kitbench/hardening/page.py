"""The items of a device as a page that stands by itself."""

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from kitbench.hardening.item import Item
from kitbench.hardening.judgement import summary

#: What the page is, and what it is not.
NATURE: Final = (
    "What a bench saw of one device. The identifiers name what an item is evidence for; whether a product meets a "
    "standard is for its assessor to say."
)
_COLOURS: Final = {"pass": "#1b7f3b", "fail": "#b3261e", "inconclusive": "#5f6368"}
_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;color:#202124;background:#fff}
h1{font-size:1.5rem}table{border-collapse:collapse;width:100%}tr{border-top:1px solid #dadce0}
th,td{text-align:left;padding:.4rem .7rem;vertical-align:top}td.result{font-weight:600}
td small{white-space:nowrap}td:first-child{min-width:11rem}
"""


def to_html(items: Sequence[Item], *, device: str) -> str:
    """Return the whole page as HTML."""
    return f"""<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Hardening of {escape(device)}</title><style>{_STYLE}</style>
<h1>Hardening of {escape(device)}</h1>
<p>{escape(summary(items))}. {escape(NATURE)}</p>
{table(items)}
</html>
"""


def table(items: Sequence[Item]) -> str:
    """Return the table of items, for this page and for that of an audit."""
    rows = "\n".join(_row(item.to_json()) for item in items)
    return f"<table><tr><th>Measure<th>Result<th>What was seen<th>What to do<th>Evidence for</tr>\n{rows}\n</table>"


def _row(item: dict[str, Any]) -> str:
    evidence = "<br>".join(
        f"<small>{escape(name if name.startswith(standard) else f'{standard} {name}')}</small>"
        for standard, names in item["evidence_for"].items()
        for name in names
    )
    colour = _COLOURS[item["result"]]
    cells = f"<td>{escape(item['seen'])}<td>{escape(item['mend'])}<td>{evidence}"
    return f'<tr><td>{escape(item["name"])}<td class="result" style="color:{colour}">{item["result"]}{cells}</tr>'
