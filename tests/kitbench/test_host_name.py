import pytest

from kitbench.host_name import bare_host, without_trimmings

HOST = "a1b2-ats.iot.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    "text",
    [
        HOST,
        HOST.upper(),
        f"https://{HOST}",
        f"mqtts://{HOST}:8883",
        f"{HOST}:443/mqtt",
        f"  {HOST}\t",
        f"{HOST}.",
        f"\u200b{HOST}\ufeff",
        f'"{HOST}"',
        f"<{HOST}>",
    ],
)
def test_pasted_forms_are_one_host(text: str) -> None:
    assert bare_host(text) == HOST


@pytest.mark.parametrize("text", ["", "   ", "a b", "https://", "x" * 300, "-a.b", "a..b", f"{HOST}@elsewhere.org"])
def test_no_host(text: str) -> None:
    assert bare_host(text) == ""


def test_another_host_stays_another() -> None:
    assert without_trimmings(f"b{HOST}") != HOST
    assert without_trimmings(f"https://elsewhere.org/{HOST}") == "elsewhere.org"
