"""Traits of a hand-in: own sources only, app images by their content, nothing of what cannot be read."""

import hashlib
from pathlib import Path

from grading.hand_in.traits import project_prints, read_traits
from grading.variant import Variant
from kitbench.flash_format import app_image, partition_table
from tests.grading.hand_in.test_source_prints import SOURCE

IMAGE = app_image.serialize([app_image.Segment(0x3F400020, bytes(range(64)), 0)], entry=0x40080000)
APP = partition_table.Partition("factory", 0, 0, 0x10000, 0x10000)


def flash(image: bytes) -> bytes:
    data = bytearray(b"\xff" * 0x40000)
    table = partition_table.serialize([APP])
    data[0x8000 : 0x8000 + len(table)] = table
    data[APP.offset : APP.offset + len(image)] = image
    return bytes(data)


def test_only_own_sources_count(tmp_path: Path) -> None:
    (tmp_path / "main").mkdir()
    (tmp_path / "main" / "app.c").write_text(SOURCE)
    own = project_prints(tmp_path)
    for folder in ("build", "managed_components", "components/esp-aws-iot"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "foreign.c").write_text(SOURCE.replace("while", "if").replace("return", "goto"))

    assert own
    assert project_prints(tmp_path) == own


def test_image_is_known_by_its_content_wherever_rubbish_lies_behind(tmp_path: Path) -> None:
    one, other = tmp_path / "a.bin", tmp_path / "b.bin"
    one.write_bytes(flash(IMAGE))
    other.write_bytes(flash(IMAGE + b"rubbish"))

    images = [read_traits([], {Variant.EMBEDDED_KEY: path}).images[Variant.EMBEDDED_KEY] for path in (one, other)]

    assert images == [(hashlib.sha256(IMAGE).hexdigest(),)] * 2


def test_dump_without_a_table_has_no_image(tmp_path: Path) -> None:
    path = tmp_path / "flash.bin"
    path.write_bytes(b"\xff" * 0x40000)

    assert read_traits([], {Variant.EMBEDDED_KEY: path}).images == {Variant.EMBEDDED_KEY: ()}
