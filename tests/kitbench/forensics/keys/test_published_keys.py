"""The table of published keys, and the script that makes it."""

from pathlib import Path

from kitbench.forensics.canaries.disguise import pem
from kitbench.forensics.keys import published_keys
from kitbench.forensics.keys.target import fingerprint
from tests.kitbench.forensics.flash_sample import MBEDTLS_LABELS, ec_key


def test_table_holds_fingerprints_and_where_they_are_published() -> None:
    table = published_keys.published_keys()

    assert len(table) > 50
    assert all(len(bytes.fromhex(public)) == 32 and "/" in where for public, where in table.items())


def test_main_writes_a_row_per_key_in_a_checkout(tmp_path: Path) -> None:
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs" / "server.key").write_bytes(pem(ec_key()))
    (tmp_path / "labels.c").write_bytes(MBEDTLS_LABELS)

    rows = published_keys.main([f"project={tmp_path}"]).splitlines()[1:]

    assert rows == [f"{fingerprint(ec_key().public_key())} project/certs/server.key"]
