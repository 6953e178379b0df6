"""An NVS image is read back by the reader of dumps; what does not fit is refused in words."""

import pytest

from kitbench.errors import UsageError
from kitbench.flash_format import nvs
from kitbench.flash_format.nvs_image import nvs_image


def test_strings_are_there_and_the_rest_is_erased() -> None:
    image = nvs_image({"wifi": {"ssid": "lab"}, "identity": {"certificate": "C" * 1500}}, 0x6000)

    found = {value.name: value.data.rstrip(b"\0").decode() for value in nvs.parse(image).values()}
    assert found == {"wifi/ssid": "lab", "identity/certificate": "C" * 1500}
    assert len(image) == 0x6000
    assert image[0x2000:] == b"\xff" * 0x4000


@pytest.mark.parametrize(
    ("strings", "complaint"),
    [
        ({"a" * 16: {"key": "x"}}, "has not 1 to 15 bytes"),
        ({"identity": {"": "x"}}, "has not 1 to 15 bytes"),
        ({"identity": {"certificate": "x" * 5000}}, "does not fit"),
        ({"identity": {f"key{n}": "x" * 3900 for n in range(9)}}, "does not fit"),
    ],
)
def test_what_no_partition_can_hold_is_refused(strings: dict[str, dict[str, str]], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        nvs_image(strings, 0x6000)
