"""The report of a run as a page; whatever a device said stands in it escaped."""

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from kitbench.local_iot_core.device_advisor.report import summary
from kitbench.page_style import page_style

#: Outcome → class of the style sheet.
_MARKS: Final = {"passed": "passed", "passed with warnings": "cannot_judge", "failed": "failed"}
_STYLE: Final = ".unjudged { background: var(--line); } td pre { white-space: pre-wrap; overflow-wrap: anywhere; }"


def to_html(report: Mapping[str, Any]) -> str:
    """Return the page of a report."""
    rows = "\n".join(_row(test) for test in report["tests"])
    facts = "".join(f'<p class="card note">{escape(str(fact))}</p>' for fact in report.get("facts", ()))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Device Advisor on the bench</title>
<style>
{page_style()}{_STYLE}</style>
</head>
<body><main>
<h1>Device Advisor on the bench</h1>
<p>{escape(report["nature"])} Seen: {escape(report["seen"])}.</p>
<p>Suite {escape(report["suite"])}, device {escape(report["device"])}: <b>{escape(summary(report["tests"]))}</b></p>
{facts}
<div class="scroll"><table class="cards">
<thead><tr><th scope="col">Test</th><th scope="col">Outcome</th><th scope="col">What was seen</th></tr></thead>
<tbody>
{rows}
</tbody>
</table></div>
<p class="small">* asked for by AWS's Device Qualification Program</p>
</main></body>
</html>
"""


def _row(test: Mapping[str, Any]) -> str:
    outcome = test["outcome"] or "not run"
    star = " *" if test["in_qualification"] else ""
    fix = f'<p class="soft">To fix: {escape(test["fix"])}</p>' if test["fix"] else ""
    return (
        f'<tr><th scope="row" class="who">{escape(test["name"])}{star}<br>'
        f'<span class="small mono soft">{escape(test["id"])}</span></th>'
        f'<td data-label="Outcome"><span class="mark {_MARKS.get(outcome, "unjudged")}">{escape(outcome)}</span></td>'
        f'<td class="why"><p class="reason">{escape(test["reason"])}</p>{fix}{_details("the wire", test["wire"])}'
        f"{_details('the serial line', test.get('serial', ()))}"
        f"{_details('what failed of the bench before', test.get('bench_faults', ()))}</td></tr>"
    )


def _details(what: str, lines: Any) -> str:
    if not lines:
        return ""
    return f"<details><summary>{what}</summary><pre>{escape(chr(10).join(lines))}</pre></details>"
