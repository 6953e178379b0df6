import pytest

from kitbench.bench.lab_address import LabAddress, parse_lab_address
from kitbench.errors import UsageError


@pytest.mark.parametrize(
    ("text", "address"),
    [("192.168.7.3", LabAddress("192.168.7.3")), (" 10.0.0.9:8883 ", LabAddress("10.0.0.9", 8883))],
)
def test_address_with_and_without_a_port(text: str, address: LabAddress) -> None:
    assert parse_lab_address(text) == address
    assert str(address) == text.strip()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0.0.0.0", "no address of one network"),
        ("239.1.2.3", "no address of one network"),
        ("lab.example.org", "no IPv4 address"),
        ("", "no IPv4 address"),
        ("::", "no IPv4 address"),
        ("192.168.7.3:", "no port from 1 to 65535"),
        ("192.168.7.3:70000", "no port from 1 to 65535"),
        ("192.168.7.3:mqtt", "no port from 1 to 65535"),
    ],
)
def test_everything_else_is_a_usage_error(text: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        parse_lab_address(text)
