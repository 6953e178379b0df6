"""Evidence holds no private key, even when the firmware prints it."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kitbench.bench.records.evidence import Evidence

LEAK = b"I (1) -----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\nend"


def test_private_key_is_blanked(tmp_path: Path) -> None:
    path = Evidence(tmp_path / "evidence").write("serial.log", LEAK)

    assert path.read_bytes() == b"I (1) [private key removed]\nend"


def test_runs_own_key_is_blanked_in_other_forms_once_it_is_known(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    printed = f"key {key.private_numbers().private_value:064x} end\n"
    evidence = Evidence(tmp_path)
    evidence.append("serial.log", printed)

    evidence.guard([pem])
    evidence.append("serial.log", printed)

    assert (tmp_path / "serial.log").read_text() == f"{printed}key [private key removed] end\n"


def test_file_that_somebody_else_wrote_is_cleaned(tmp_path: Path) -> None:
    (tmp_path / "kit.log").write_bytes(LEAK)
    evidence = Evidence(tmp_path)

    evidence.clean("kit.log")
    evidence.clean("other.log")

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "kit.log": b"I (1) [private key removed]\nend"
    }
