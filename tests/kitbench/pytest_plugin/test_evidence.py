"""Evidence holds no private key, even when the firmware prints it."""

from pathlib import Path

from kitbench.pytest_plugin.evidence import Evidence, without_keys

LEAK = b"I (1) -----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\nend"


def test_private_key_is_blanked(tmp_path: Path) -> None:
    path = Evidence(tmp_path / "evidence").write("serial.log", LEAK)

    assert path.read_bytes() == b"I (1) [private key removed]\nend"


def test_truncated_private_key_is_blanked() -> None:
    assert b"MIIEow" not in without_keys(LEAK[:60])


def test_certificates_stay() -> None:
    certificate = b"-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"

    assert without_keys(certificate) == certificate
