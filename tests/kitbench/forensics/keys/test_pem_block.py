"""PEM blocks as people leave them, and what is none."""

import html
import json
import urllib.parse

import pytest

from kitbench.forensics.canaries.disguise import der, pem
from kitbench.forensics.keys.pem_block import PemBlock, pem_blocks
from tests.kitbench.forensics.flash_sample import MBEDTLS_LABELS, ec_key, rsa_key

LINES = pem(rsa_key()).decode().splitlines()
TEXTS = {
    "plain": "\n".join(LINES),
    "tags": "<br>".join(LINES),
    "paragraphs": "".join(f"<p class='key'>{line}</p>\r\n" for line in LINES),
    "quoted mail": "".join(f"> {line}\n" for line in LINES),
    "quoted twice": "".join(f">> | {line}\n" for line in LINES),
    "url": urllib.parse.quote("\n".join(LINES), safe=""),
    "url, slashes stay": urllib.parse.quote("\n".join(LINES)),
    "form": urllib.parse.urlencode({"key": "\r\n".join(LINES)}),
    "escaped line ends": "\\n".join(LINES),
    "JSON that escapes slashes": json.dumps("\n".join(LINES)).replace("/", "\\/"),
    "C++ sum": " +\n    ".join(f'"{line}\\n"' for line in LINES),
    "HTML entities": html.escape("&#10;".join(LINES)).replace("&amp;", "&").replace("+", "&#43;"),
    "unicode escapes": "\n".join(LINES).replace("+", "\\u002b").replace("=", "\\u003d"),
    "tabs": "".join(f"\t\t{line}\n" for line in LINES),
    "four dashes": "\n".join(LINES).replace("-----", "----"),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_block_is_read_whatever_stands_between_its_lines(text: str) -> None:
    (block,) = pem_blocks(b"before\0" + text.encode() + b"\0after")

    assert (block.label, block.der) == ("RSA PRIVATE KEY", der(rsa_key()))
    assert (block.begin, block.is_key) == (7 + text.index("-" * 4 if "----" in text else "%2D"), True)


BODY = "".join(LINES[1:-1])


@pytest.mark.parametrize(
    "text",
    [
        f"-----BEGIN RSA PRIVATE KEY-----\n{BODY[:200]}!{BODY[200:]}\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN RSA PRIVATE KEY-----\n{BODY[:401]}",
        f"-----BEGIN RSA PRIVATE KEY-----\n{BODY[:100]}\xff\xff{BODY[100:]}\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{BODY[:101]}\n-----END PRIVATE KEY-----",
    ],
    ids=["a wrong sign", "no end", "a hole", "a digit too many"],
)
def test_block_that_does_not_decode_is_told_all_the_same(text: str) -> None:
    (block,) = pem_blocks(text.encode("latin-1"))

    assert (block.is_key, block.is_encrypted, block.der) == (True, False, None)


def test_password_of_pem_is_told() -> None:
    head = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n"
    text = f"-----BEGIN RSA PRIVATE KEY-----\n{head}\n{BODY}\n-----END RSA PRIVATE KEY-----"

    assert list(pem_blocks(text.encode())) == [PemBlock("ENCRYPTED PRIVATE KEY", 0, len(text), b"")]


@pytest.mark.parametrize(
    "data",
    [
        MBEDTLS_LABELS,
        MBEDTLS_LABELS + b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\0",
        b"-----BEGIN RSA PRIVATE KEY-----\0Proc-Type: 4,ENCRYPTED\0-----END RSA PRIVATE KEY-----\0",
        b"-----BEGIN PRIVATE KEY-----\n%s\0/home/student/esp/esp-idf/components/mbedtls/library/pkparse.c\0" * 3,
        b"-----BEGIN PRIVATE KEY-----\n" + b"X" * 200 + b"\n-----END PRIVATE KEY-----",
        b"BEGIN PRIVATE KEY",
        b"-----BEGIN PRIVATE KEY-----" + bytes(range(128, 256)) * 9,
    ],
    ids=["labels", "an alphabet", "label and header", "format", "placeholder", "words", "noise"],
)
def test_label_by_itself_is_no_block(data: bytes) -> None:
    assert list(pem_blocks(data)) == []


def test_text_of_nothing_but_labels_takes_no_time() -> None:
    text = b"-----BEGIN PRIVATE KEY-----\n" * 100_000

    assert list(pem_blocks(text)) == []


def test_certificate_is_no_key() -> None:
    text = pem(ec_key()).replace(b"EC PRIVATE KEY", b"CERTIFICATE")

    assert [(one.label, one.is_key) for one in pem_blocks(text)] == [("CERTIFICATE", False)]
