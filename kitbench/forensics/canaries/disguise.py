"""The forms in which a private key is in flash, made from a key: for canaries, tests and the detection matrix."""

import base64
import functools
import gzip
import json
import urllib.parse
import zlib
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kitbench.forensics.keys.key_formats import PrivateKey
from kitbench.forensics.scrambled.byte_orders import ORDERS, ByteOrder
from kitbench.forensics.texts import disguise as texts
from kitbench.forensics.window_scan.curve import CURVES, P256

Disguise = Callable[[PrivateKey], bytes]


def pem(key: PrivateKey, style: PrivateFormat = PrivateFormat.TraditionalOpenSSL) -> bytes:
    """Return the key as PEM, SEC 1 or PKCS#1 unless told otherwise."""
    return key.private_bytes(Encoding.PEM, style, NoEncryption())


def der(key: PrivateKey, style: PrivateFormat = PrivateFormat.TraditionalOpenSSL) -> bytes:
    """Return the key as DER, SEC 1 or PKCS#1 unless told otherwise."""
    return key.private_bytes(Encoding.DER, style, NoEncryption())


def _pkcs8(key: PrivateKey) -> bytes:
    return pem(key, PrivateFormat.PKCS8)


def _der_pkcs8(key: PrivateKey) -> bytes:
    return der(key, PrivateFormat.PKCS8)


def xor(data: bytes, mask: bytes) -> bytes:
    """Return the data under a repeated mask."""
    return bytes(byte ^ mask[i % len(mask)] for i, byte in enumerate(data))


def c_array(data: bytes) -> bytes:
    """Return the data as the initialiser of a C array, twelve numbers a line as `xxd -i` does."""
    rows = (data[i : i + 12] for i in range(0, len(data), 12))
    return b",\n".join(b"  " + b", ".join(b"0x%02x" % byte for byte in row) for row in rows)


def decimal_array(data: bytes) -> bytes:
    """Return the data as a C array of decimal numbers, a few of them to a line."""
    rows = (data[i : i + 20] for i in range(0, len(data), 20))
    return b"{" + b",\n ".join(b", ".join(b"%d" % byte for byte in row) for row in rows) + b"}"


def hexdump(data: bytes) -> bytes:
    """Return the data as xxd prints it."""
    rows = []
    for at in range(0, len(data), 16):
        row = data[at : at + 16]
        text = bytes(byte if 0x20 <= byte < 0x7F else 0x2E for byte in row)
        rows.append(b"%08x: %-39s  %s\n" % (at, row.hex(" ", 2).encode(), text))
    return b"".join(rows)


def openssl_text(data: bytes) -> bytes:
    """Return the data as `openssl … -text` prints it: fifteen bytes a line, indented by four blanks."""
    rows = (data[at : at + 15] for at in range(0, len(data), 15))
    return b"priv:\n    " + b":\n    ".join(row.hex(":").encode() for row in rows) + b"\n"


def interleaved(data: bytes, filler: bytes) -> bytes:
    """Return the data with a filler after each byte."""
    return b"".join(bytes([byte]) + filler for byte in data)


#: Forms of any key.
FORMS: Final[dict[str, Disguise]] = {
    "pem": pem,
    "pem_pkcs8": _pkcs8,
    "pem_crlf": lambda key: pem(key).replace(b"\n", b"\r\n"),
    "pem_json": lambda key: json.dumps(pem(key).decode()).encode(),
    "pem_c_string": lambda key: b"".join(b'"%s\\n"\n' % line for line in pem(key).splitlines()),
    "pem_nul": lambda key: pem(key) + b"\0" + len(pem(key)).to_bytes(4, "little"),
    "pem_base64": lambda key: base64.b64encode(pem(key)),
    "pem_utf16_le": lambda key: pem(key).decode().encode("utf-16-le"),
    "pem_utf16_be": lambda key: pem(key).decode().encode("utf-16-be"),
    "pem_gzip": lambda key: gzip.compress(pem(key), mtime=0),
    "pem_zlib": lambda key: zlib.compress(pem(key)),
    "pem_hex": lambda key: pem(key).hex().encode(),
    "pem_xor_1": lambda key: xor(pem(key), b"\x5a"),
    "pem_xor_4": lambda key: xor(pem(key), b"\xde\xad\xbe\xef"),
    "pem_xor_5": lambda key: xor(pem(key), b"lemon"),
    "pem_xor_8": lambda key: xor(pem(key), b"password"),
    "der": der,
    "der_pkcs8": _der_pkcs8,
    "der_base64": lambda key: base64.b64encode(der(key)),
    "der_pkcs8_base64": lambda key: base64.b64encode(_der_pkcs8(key)),
    "der_base64_url": lambda key: base64.urlsafe_b64encode(der(key)).rstrip(b"="),
    "der_base64_twice": lambda key: base64.b64encode(base64.b64encode(der(key))),
    "der_hex": lambda key: der(key).hex().encode(),
    "der_hex_colons": lambda key: der(key).hex(":").encode(),
    "der_hex_upper": lambda key: der(key).hex().upper().encode(),
    "der_c_array": lambda key: c_array(der(key)),
    "der_c_array_decimal": lambda key: decimal_array(der(key)),
    "pem_c_array_decimal": lambda key: decimal_array(pem(key)),
    "pem_tags": lambda key: b"<br>".join(pem(key).splitlines()),
    "pem_quoted": lambda key: b"".join(b"> %s\n" % line for line in pem(key).splitlines()),
    "pem_url": lambda key: urllib.parse.quote(pem(key), safe="").encode(),
    "der_hexdump": lambda key: hexdump(der(key)),
    "der_base32": lambda key: base64.b32encode(der(key)),
    "der_base85": lambda key: base64.b85encode(der(key)),
    "der_ascii85": lambda key: base64.a85encode(der(key)),
    "der_zlib": lambda key: zlib.compress(der(key)),
    "der_pkcs8_xor_1": lambda key: xor(_der_pkcs8(key), b"\xaa"),
    "der_pkcs8_xor_4": lambda key: xor(_der_pkcs8(key), b"\x01\x02\x03\x04"),
    "der_base64_xor_1": lambda key: xor(base64.b64encode(der(key)), b"\x21"),
}


def _value(key: ec.EllipticCurvePrivateKey) -> int:
    return key.private_numbers().private_value


def _number(key: ec.EllipticCurvePrivateKey, number: int) -> bytes:
    curve = CURVES[key.curve.name]
    return (number % curve.order).to_bytes(curve.width)


def _scalar(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_numbers().private_value.to_bytes((key.curve.key_size + 7) // 8)


def apart(data: bytes) -> bytes:
    """Return the data between texts, as a number stands that is looked for in disguise."""
    return b"# " * 72 + data + b" #" * 72


def _ordered(order: ByteOrder, key: ec.EllipticCurvePrivateKey) -> bytes:
    return apart(order.scrambled(_value(key)))


def _masked(key: ec.EllipticCurvePrivateKey) -> bytes:
    return xor(_scalar(key), bytes([1 + _value(key) % 255]))


#: Forms of P-256 keys alone: the bare number in disguise.
DISGUISED_FORMS: Final[dict[str, Callable[[ec.EllipticCurvePrivateKey], bytes]]] = {
    "scalar_xor_1_big_endian": lambda key: apart(_masked(key)),
    "scalar_xor_1_little_endian": lambda key: apart(_masked(key)[::-1]),
    **{f"scalar_{order.name}": functools.partial(_ordered, order) for order in ORDERS},
}
#: Forms of EC keys alone: the bare number.
EC_FORMS: Final[dict[str, Callable[[ec.EllipticCurvePrivateKey], bytes]]] = {
    "scalar_big_endian": _scalar,
    "scalar_little_endian": lambda key: _scalar(key)[::-1],
    "scalar_hex": lambda key: _scalar(key).hex().encode(),
    "scalar_base64": lambda key: base64.b64encode(_scalar(key)),
    "scalar_c_array": lambda key: c_array(_scalar(key)),
    "scalar_c_array_decimal": lambda key: decimal_array(_scalar(key)),
    "scalar_openssl_text": lambda key: openssl_text(_scalar(key)),
    "scalar_escaped": lambda key: b"".join(b"\\x%02x" % byte for byte in _scalar(key)),
    "scalar_interleaved_16": lambda key: interleaved(_scalar(key), b"\xff"),
    "scalar_interleaved_32": lambda key: interleaved(_scalar(key)[::-1], bytes(3)),
    "scalar_negated": lambda key: _number(key, -_value(key)),
    "scalar_plus_1": lambda key: _number(key, _value(key) + 1),
    "scalar_minus_1": lambda key: _number(key, _value(key) - 1)[::-1],
    "scalar_complement": lambda key: xor(_scalar(key), b"\xff"),
}


def _part(name: str, byte_order: str) -> Callable[[rsa.RSAPrivateKey], bytes]:
    def encode(key: rsa.RSAPrivateKey) -> bytes:
        value: int = getattr(key.private_numbers(), name)
        size = key.key_size // (8 if name == "d" else 16)
        return value.to_bytes(size, "big" if byte_order == "big_endian" else "little")

    return encode


#: Forms of RSA keys alone: any one number of the key.
RSA_FORMS: Final[dict[str, Callable[[rsa.RSAPrivateKey], bytes]]] = {
    f"{name}_{byte_order}": _part(name, byte_order)
    for name in ("p", "q", "d")
    for byte_order in ("big_endian", "little_endian")
}


def disguises(key: PrivateKey) -> dict[str, bytes]:
    """Return the key in each form that its type has."""
    forms = {name: form(key) for name, form in FORMS.items()} | canary_forms(key)
    return forms | {f"der_{name}": form(der(key)) for name, form in texts.BYTES.items()}


#: Forms whose finding depends on the type of the key: the others are planted for one type alone.
_OF_EACH_TYPE: Final = ("pem", "pem_pkcs8", "der", "der_pkcs8", "der_base64", "der_pkcs8_base64", "der_zlib")


def canary_forms(key: PrivateKey) -> dict[str, bytes]:
    """Return the forms that a canary takes: what a code alone tells, whatever the key, is planted for EC keys."""
    if isinstance(key, rsa.RSAPrivateKey):
        forms = {name: form(key) for name, form in FORMS.items() if name in _OF_EACH_TYPE or "xor" in name}
        return forms | {name: form(key) for name, form in RSA_FORMS.items()}
    forms = {name: form(key) for name, form in FORMS.items()}
    forms |= {name: form(key) for name, form in EC_FORMS.items()}
    forms |= {f"pem_{name}": form(pem(key)) for name, form in texts.TEXTS.items()}
    forms |= {f"scalar_{name}": form(_scalar(key)) for name, form in texts.BYTES.items()}
    if key.curve.name == P256.name:
        forms |= {name: form(key) for name, form in DISGUISED_FORMS.items()}
    return forms | {"scalar_base58": texts.base58(_scalar(key))}
