"""Hand-ins for the lab on dumps: the flash of a kit made here, what was changed in it, and what its student answers."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from kitbench.flash_format import app_image, partition_table
from kitbench.flash_format.app_image import Segment
from kitbench.flash_format.nvs_image import nvs_image
from kitbench.flash_format.partition_table import Partition

PASSWORD: Final = "blue-kettle-41"
APP_OFFSET: Final = 0x10000
_APP_TEXT: Final = b"hello\0joined with " + PASSWORD.encode() + b"\0again " + PASSWORD.encode() + b"\0\0\0"
TABLE: Final = (
    Partition("nvs", 1, 2, 0x9000, 0x6000),
    Partition("phy_init", 1, 1, 0xF000, 0x1000),
    Partition("factory", 0, 0, APP_OFFSET, 0x80000),
)


def app(text: bytes = _APP_TEXT) -> bytes:
    """Return an app whose read-only data holds a text; its SHA-256 is appended."""
    data = text.ljust(4096, b"\0")
    return app_image.serialize([Segment(0x3F400020, data), Segment(0x40080000, bytes(256))], entry=0x40080000)


def flash(*, in_nvs: bool = True, text: bytes = _APP_TEXT, table: tuple[Partition, ...] = TABLE) -> bytes:
    """Return a flash of 1 MB with boot loader, partition table, NVS and app."""
    content = bytearray(b"\xff" * (1 << 20))

    def put(offset: int, data: bytes) -> None:
        content[offset : offset + len(data)] = data

    put(0x1000, app_image.serialize([Segment(0x3FFF0018, bytes(64))], entry=0x40080000))
    put(0x8000, partition_table.serialize(table))
    if in_nvs:
        put(0x9000, nvs_image({"nvs.net80211": {"sta.ssid": "lab", "sta.pswd": PASSWORD}}, 0x6000))
    put(APP_OFFSET, app(text))
    return bytes(content)


def changed(content: bytes, old: bytes, new: bytes) -> bytes:
    """Return a flash with a text changed by hand, checksum and hash as they were."""
    assert len(old) == len(new)
    assert old in content
    return content.replace(old, new, 1)


def fixed(content: bytes, old: bytes, new: bytes) -> bytes:
    """Return a flash with a text of the app changed, and checksum and hash made right."""
    image = app(_APP_TEXT.replace(old, new, 1))
    return content[:APP_OFFSET] + image + content[APP_OFFSET + len(image) :]


def hand_in(
    folder: Path,
    *,
    dump: bytes,
    written_back: bytes | None,
    answers: dict[str, str],
    edit: Callable[[dict[str, str]], object] = lambda _answers: None,
) -> Path:
    """Write a hand-in; answers are TOML as they stand."""
    stated = dict(answers)
    edit(stated)
    (folder / "project" / "main").mkdir(parents=True)
    (folder / "project" / "CMakeLists.txt").write_text("project(lab)\n", encoding="utf-8")
    (folder / "project" / "sdkconfig").write_text(f'CONFIG_EXAMPLE_WIFI_PASSWORD="{PASSWORD}"\n', encoding="utf-8")
    (folder / "flash.bin").write_bytes(dump)
    if written_back is not None:
        (folder / "altered.bin").write_bytes(written_back)
    lines = [f"{name} = {value}" for name, value in stated.items()]
    (folder / "answers.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder
