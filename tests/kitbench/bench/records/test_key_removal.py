"""Of a known key nothing secret stays, in whatever form it is printed; what is public, and ordinary logs, stay."""

import base64
import io
import re
import secrets
import textwrap
from collections.abc import Callable
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from kitbench.bench.records.key_removal import BLOCK, MARK, OVERLAP, KeyRemoval

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
KEYS: Final[dict[str, Key]] = {
    "ec": ec.generate_private_key(ec.SECP256R1()),
    "rsa": rsa.generate_private_key(65537, 2048),
}
LEAK: Final = b"I (1) -----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\nend"


def hex_dump(der: bytes, width: int) -> str:
    lines = (der[at : at + width] for at in range(0, len(der), width))
    return "\n".join(f"I ({1000 + n}) app: {line.hex(' ')}" for n, line in enumerate(lines))


def unhex(text: bytes) -> bytes:
    digits = re.sub(rb"[^0-9a-fA-F]", b"", text).decode()
    return bytes.fromhex(digits[: len(digits) & ~1])


def unbase64(text: bytes) -> bytes:
    digits = re.sub(rb"[^0-9A-Za-z+/]", b"", text.replace(b"-", b"+").replace(b"_", b"/"))
    return base64.b64decode(digits[: len(digits) // 4 * 4])


#: How firmware may print the DER of a key, and how a reader turns it into bytes again.
FORMS: Final[dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]]] = {
    "raw": (bytes, bytes),
    "hex": (lambda der: der.hex().encode(), unhex),
    "HEX with colons": (lambda der: der.hex(":").upper().encode(), unhex),
    "hex after an odd digit": (lambda der: b"7" + der.hex().encode(), lambda text: unhex(text[1:])),
    "hex dump": (lambda der: hex_dump(der, 16).encode(), lambda text: unhex(re.sub(rb"I \(\d+\) app: ", b"", text))),
    "narrow hex dump": (
        lambda der: hex_dump(der, 8).encode(),
        lambda text: unhex(re.sub(rb"I \(\d+\) app: ", b"", text)),
    ),
    "escapes": (lambda der: "".join(f"\\x{byte:02x}" for byte in der).encode(), unhex),
    "C array": (
        lambda der: textwrap.fill(", ".join(f"0x{byte:02X}" for byte in der), 76).encode(),
        lambda text: unhex(text.replace(b"0x", b"")),
    ),
    "decimal C array": (
        lambda der: ", ".join(map(str, der)).encode(),
        lambda text: bytes(int(number) & 0xFF for number in re.findall(rb"-?\d+", text)),
    ),
    "signed decimal": (
        lambda der: ",".join(str(byte - 256 if byte > 127 else byte) for byte in der).encode(),
        lambda text: bytes(int(number) & 0xFF for number in re.findall(rb"-?\d+", text)),
    ),
    "base64": (base64.b64encode, unbase64),
    "base64 in lines": (
        lambda der: "\r\n".join(textwrap.wrap(base64.b64encode(der).decode(), 61)).encode(),
        unbase64,
    ),
    "base64 of something around it": (lambda der: base64.b64encode(b"ab" + der), lambda text: unbase64(text)[2:]),
    "base64 for URLs": (base64.urlsafe_b64encode, unbase64),
}


def secret_of(key: Key) -> bytes:
    """Return the number that is the key."""
    numbers = key.private_numbers()
    value = numbers.d if isinstance(numbers, rsa.RSAPrivateNumbers) else numbers.private_value
    return value.to_bytes((value.bit_length() + 7) // 8)


def der_of(key: Key, form: PrivateFormat) -> bytes:
    return key.private_bytes(Encoding.DER, form, NoEncryption())


def removal_of(*keys: Key) -> KeyRemoval:
    removal = KeyRemoval()
    removal.know([key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()) for key in keys])
    return removal


@pytest.mark.parametrize("private_format", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("form", FORMS)
def test_nothing_secret_stays(form: str, kind: str, private_format: PrivateFormat) -> None:
    printed, read = FORMS[form]
    key = KEYS[kind]
    secret = secret_of(key)
    text = printed(der_of(key, private_format))
    assert secret in read(text), "the control: it is there before"

    cleaned = removal_of(key).clean(b"begin\n" + text + b"\nend\n")

    stayed = read(cleaned.replace(MARK, b"").removeprefix(b"begin\n").removesuffix(b"\nend\n"))
    assert not any(secret[at : at + 8] in stayed for at in range(len(secret) - 7))
    assert cleaned.startswith(b"begin\n")
    assert cleaned.endswith(b"\nend\n")
    assert MARK in cleaned


def test_number_alone_and_backwards_goes_too() -> None:
    key = KEYS["ec"]

    cleaned = removal_of(key).clean(b"<" + secret_of(key)[::-1].hex().encode() + b">")

    assert cleaned == b"<" + MARK + b">"


def test_another_key_and_what_is_public_stay() -> None:
    public = KEYS["rsa"].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    text = base64.b64encode(public) + der_of(KEYS["rsa"], PrivateFormat.PKCS8).hex().encode()

    assert removal_of(KEYS["ec"]).clean(text) == text
    assert base64.b64encode(public) in removal_of(KEYS["rsa"]).clean(text)


def test_ordinary_log_stays() -> None:
    log = "".join(
        f"I ({n}) app: 0x{n:08x} hello from ESP32 (QOS0) : {n} {secrets.token_hex(20)}\r\n" for n in range(5000)
    )

    assert removal_of(*KEYS.values()).clean(log.encode()) == log.encode()


def test_pem_of_any_key_goes() -> None:
    assert KeyRemoval().clean(LEAK) == b"I (1) " + MARK + b"\nend"


def test_truncated_private_key_goes() -> None:
    assert b"MIIEow" not in KeyRemoval().clean(LEAK[:60])


def test_certificates_stay() -> None:
    certificate = b"-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"

    assert KeyRemoval().clean(certificate) == certificate


@pytest.mark.parametrize("shift", [0, 1, 100, OVERLAP - 1, OVERLAP, OVERLAP + 7])
def test_key_where_blocks_meet_goes(shift: int) -> None:
    key = KEYS["rsa"]
    armoured = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    naked = der_of(key, PrivateFormat.PKCS8).hex().encode()
    for text in (armoured, naked):
        content = b"." * (BLOCK - shift) + text + b"." * BLOCK

        cleaned = b"".join(removal_of(key).cleaned(io.BytesIO(content)))

        assert secret_of(key).hex().encode()[:16] not in cleaned
        assert text[100:164] not in cleaned or text is naked
        assert cleaned.count(b".") == 2 * BLOCK - shift


def test_memory_is_bounded_by_blocks() -> None:
    class Long:
        left = 200

        def read(self, size: int) -> bytes:
            self.left -= 1
            return b"\x00" * size if self.left else b""

    assert max(len(piece) for piece in KeyRemoval().cleaned(Long())) <= BLOCK + OVERLAP
