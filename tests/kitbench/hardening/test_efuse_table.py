"""eFuses from espefuse itself, in its mode without a chip, and from files that are none."""

import subprocess
import sys
from pathlib import Path

import pytest

from kitbench.errors import UsageError
from kitbench.hardening.efuse_table import TELLING, EfuseTable, parse


def espefuse(folder: Path, *arguments: str) -> bytes:
    command = [
        sys.executable,
        "-m",
        "espefuse",
        "--chip",
        "esp32",
        "--virt",
        "--path-efuse-file",
        str(folder / "e.bin"),
    ]
    return subprocess.run([*command, *arguments], capture_output=True, check=True, timeout=60).stdout


def test_a_key_that_espefuse_burns_is_seen_closed(tmp_path: Path) -> None:
    (tmp_path / "key.bin").write_bytes(bytes(range(32)))
    burn = ["burn-key", "flash_encryption", str(tmp_path / "key.bin"), "burn-efuse", "FLASH_CRYPT_CNT", "1"]
    espefuse(tmp_path, "--do-not-confirm", *burn)

    table = parse(espefuse(tmp_path, "summary", "--format", "json"))

    assert table.is_flash_encrypted
    assert (table.is_readable("BLOCK1"), table.is_writeable("BLOCK1")) == (False, False)
    assert (table.is_readable("BLOCK2"), table.is_writeable("BLOCK2")) == (True, True)
    masks_alone = EfuseTable(table.values)
    for name in ("BLOCK1", "BLOCK2", "FLASH_CRYPT_CNT", "JTAG_DISABLE", "ABS_DONE_1"):
        assert masks_alone.is_writeable(name) == table.is_writeable(name), name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_the_table_for_people_says_what_the_json_says(tmp_path: Path, encoding: str) -> None:
    burn = ["burn-efuse", "JTAG_DISABLE", "1", "ABS_DONE_1", "1", "burn-efuse", "FLASH_CRYPT_CNT", "7"]
    espefuse(tmp_path, "--do-not-confirm", *burn, "read-protect-efuse", "BLOCK2")

    from_json = parse(espefuse(tmp_path, "summary", "--format", "json"))
    from_table = parse(espefuse(tmp_path, "summary").decode().encode(encoding))

    assert from_table.values["FLASH_CRYPT_CNT"] == 7
    judged = [*TELLING, "CONSOLE_DEBUG_DISABLE", "DISABLE_DL_CACHE", "RD_DIS", "WR_DIS", "SECURE_VERSION"]
    for name in judged:
        assert from_table.values.get(name) == from_json.values.get(name), name
    for name in (*judged, "BLOCK1", "BLOCK2"):
        assert from_table.is_writeable(name) == from_json.is_writeable(name), name
    assert (from_table.is_readable("BLOCK1"), from_table.is_readable("BLOCK2")) == (True, False)


def test_what_a_shell_and_esptool_lay_around_json_is_passed_over() -> None:
    text = 'Connecting....\n{"JTAG_DISABLE": {"value": true}}\n\nHard resetting via RTS pin... {x}\n'
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert parse(text.encode(encoding)).is_set("JTAG_DISABLE")


def test_witness_bundles_and_dumps_have_their_eFuses_elsewhere() -> None:  # noqa: N802 - the field's spelling
    for text in (b'{"efuses": {"ABS_DONE_1": 1}}', b'{"kit": {"efuses": {"ABS_DONE_1": true}}}'):
        assert parse(text).is_set("ABS_DONE_1")
        assert parse(text).is_set("JTAG_DISABLE") is None


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"efuses": 3}', b"not json", b'{"DIS_DOWNLOAD_MODE": 1}'])
def test_what_is_no_table_is_refused(text: bytes) -> None:
    with pytest.raises(UsageError, match="eFuses"):
        parse(text)
