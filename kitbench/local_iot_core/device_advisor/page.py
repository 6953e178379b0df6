"""The report of a run as a page; whatever a device said stands in it escaped."""

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from kitbench.local_iot_core.device_advisor.report import summary

_COLOURS: Final = {
    "passed": "#1b7f3b",
    "passed with warnings": "#8a6100",
    "failed": "#b3261e",
    "not judged": "#5f6368",
}
_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#202124;background:#fff}
h1{font-size:1.5rem}table{border-collapse:collapse;width:100%}tr{border-top:1px solid #dadce0}
th,td{text-align:left;padding:.4rem .6rem;vertical-align:top}
details{margin:.3rem 0}pre{white-space:pre-wrap;background:#f1f3f4;padding:.6rem;font-size:.8rem}
.outcome{font-weight:600;white-space:nowrap}.mend{color:#3c4043}
"""


def to_html(report: Mapping[str, Any]) -> str:
    """Return the page of a report."""
    rows = "\n".join(_row(test) for test in report["tests"])
    facts = "".join(f"<p>{escape(str(fact))}</p>" for fact in report.get("facts", ()))
    return f"""<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Device Advisor on the bench</title><style>{_STYLE}</style>
<h1>Device Advisor on the bench</h1>
<p>{escape(report["nature"])} Seen: {escape(report["seen"])}.</p>
<p>Suite {escape(report["suite"])}, device {escape(report["device"])}: <b>{escape(summary(report["tests"]))}</b></p>
{facts}
<table><tr><th>Test<th>Outcome<th>What was seen</tr>
{rows}
</table>
<p><small>* asked for by AWS's Device Qualification Program</small></p></html>
"""


def _row(test: Mapping[str, Any]) -> str:
    outcome = test["outcome"] or "not run"
    colour = _COLOURS.get(outcome, "#5f6368")
    mark = " *" if test["in_qualification"] else ""
    mend = f'<p class="mend">To mend: {escape(test["mend"])}</p>' if test["mend"] else ""
    return (
        f"<tr><td>{escape(test['name'])}{mark}<br><small>{escape(test['id'])}</small>"
        f'<td class="outcome" style="color:{colour}">{escape(outcome)}'
        f"<td>{escape(test['reason'])}{mend}{_details('the wire', test['wire'])}"
        f"{_details('the serial line', test.get('serial', ()))}</tr>"
    )


def _details(what: str, lines: Any) -> str:
    if not lines:
        return ""
    return f"<details><summary>{what}</summary><pre>{escape(chr(10).join(lines))}</pre></details>"
