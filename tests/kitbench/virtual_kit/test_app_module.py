"""The module inside the app image."""

import pytest

from kitbench.flash_format import app_image
from kitbench.flash_format.app_image import AppDescription, Segment
from kitbench.virtual_kit import app_module
from kitbench.virtual_kit.app_module import AppModuleError

DESCRIPTION = AppDescription("1", "p", "t", "d", "v5.1.4", bytes(32))


@pytest.mark.parametrize("size", [0, 1, 3, 4, 70000])
def test_extract_gives_the_module_embedded(size: int) -> None:
    module = bytes(index % 251 for index in range(size))
    data = app_image.serialize(list(app_module.embed(module, DESCRIPTION)), entry=0)

    assert app_module.extract(app_image.parse(data)) == module


def test_extract_from_another_image_is_refused() -> None:
    data = app_image.serialize([Segment(0x3FFF0030, b"boot")], entry=0)

    with pytest.raises(AppModuleError, match="holds no WebAssembly module"):
        app_module.extract(app_image.parse(data))


def test_extract_with_wrong_length_is_refused() -> None:
    first, second = app_module.embed(b"module", DESCRIPTION)
    broken = first.data[:260] + b"\xff\xff\xff\x7f" + first.data[264:]
    data = app_image.serialize([Segment(first.load_address, broken), second], entry=0)

    with pytest.raises(AppModuleError, match="beyond its segment"):
        app_module.extract(app_image.parse(data))


def test_embed_too_large_module_is_refused() -> None:
    with pytest.raises(AppModuleError, match="at most"):
        app_module.embed(bytes(app_module.MAX_MODULE_SIZE + 1), DESCRIPTION)
