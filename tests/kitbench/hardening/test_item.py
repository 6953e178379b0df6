"""Items with their identifiers, and how they are worded."""

import json
import re

from kitbench.hardening.identifiers import NOT_VERIFIED_WORDS, title_of
from kitbench.hardening.judgement import judge, summary
from kitbench.hardening.page import to_html
from tests.kitbench.hardening.hardened_device import Device, efuses_json

FORMS = {
    "ISTG": re.compile(r"ISTG-(PROC|MEM|FW|INT|PHY)(\[[A-Z]+\])?-[A-Z]+-\d{3}"),
    "EN 303 645": re.compile(r"5\.\d{1,2}-\d{1,2}"),
    "EN 18031-1": re.compile(r"(ACM|AUM|SUM|SSM|SCM|RLM|NMM|TCM|CCK|GEC|CRY)-\d"),
    "CWE": re.compile(r"CWE-\d{2,4}"),
}


def test_every_item_has_identifiers_in_the_form_of_their_standard() -> None:
    for item in Device().items().values():
        evidence = item.to_json()["evidence_for"]
        assert evidence, item.id
        for standard, names in evidence.items():
            assert all(FORMS[standard].fullmatch(name) for name in names), (item.id, names)
            assert all(title_of(name) for name in names)


def test_page_and_json_say_evidence_and_never_more() -> None:
    items = judge(Device(efuses=efuses_json(JTAG_DISABLE=(False, True, True))).facts())
    page = to_html(items, device="<kit>")
    text = page + json.dumps([item.to_json() for item in items])
    assert "complian" not in text.lower()
    assert "certif" not in re.sub("certifier", "", text.lower())
    assert "Evidence for" in page
    assert "ISTG-INT-AUTHZ-001: Unauthorized Access to the Interface" in page
    assert "<kit>" not in page
    assert summary(items) == "15 pass, 1 fail"


def test_what_was_not_read_in_its_standard_says_so_in_json_and_on_the_page() -> None:
    items = judge(Device().facts())
    marked = {item.id: item.to_json()["not_verified"] for item in items}
    assert marked["nvs-encryption"] == ["SSM-3"]
    assert marked["jtag"] == []
    for item in items:
        named = item.to_json()["evidence_for"]
        assert marked[item.id] == named.get("EN 18031-1", []), item.id
    lines = [line for line in re.split(r"<br>|<td|</td>", to_html(items, device="kit")) if "EN 18031-1 SSM-3" in line]
    assert lines
    assert all(NOT_VERIFIED_WORDS in line.replace("&#x27;", "'") for line in lines)
