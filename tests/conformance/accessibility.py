"""What axe-core, in a page of Chromium, objects to of WCAG 2.2 A and AA."""

import json
from typing import Any, Final

from tests.conformance.chromium import Page
from tests.optional_part import AXE_CORE_FILE

_TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page: Page) -> list[str]:
    """Return the rules that the page breaks, each with the first element that does."""
    page.run(AXE_CORE_FILE.read_text(encoding="utf-8"))
    options = json.dumps({"runOnly": {"type": "tag", "values": _TAGS}, "resultTypes": ["violations"]})
    found: dict[str, Any] = page.run(f"axe.run(document, {options})")
    assert found["passes"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]
