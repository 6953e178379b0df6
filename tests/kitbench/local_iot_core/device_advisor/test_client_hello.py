"""Cipher suites of a real ClientHello."""

import ssl

from kitbench.local_iot_core.device_advisor.client_hello import cipher_suites


def hello_of(context: ssl.SSLContext) -> bytes:
    outgoing = ssl.MemoryBIO()
    tls = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
    raise AssertionError


def test_suites_are_those_that_the_client_was_told_to_offer() -> None:
    context = ssl.create_default_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA")

    suites = cipher_suites(hello_of(context))

    assert suites is not None
    assert {0xC02F, 0x0035} <= set(suites) <= {0xC02F, 0x0035, 0x00FF}


def test_hello_in_pieces_and_over_records_is_read_when_it_is_whole() -> None:
    hello = hello_of(ssl.create_default_context())
    body = hello[5:]
    records = b"".join(b"\x16\x03\x01\x00\x20" + body[at : at + 32] for at in range(0, len(body) // 32 * 32, 32))

    assert cipher_suites(hello[:20]) is None
    assert cipher_suites(records) == cipher_suites(hello)


def test_grease_is_left_out_and_other_bytes_are_no_hello() -> None:
    suites = b"\x0a\x0a\x13\x01\x1a\x1a"
    hello = b"\x03\x03" + bytes(32) + b"\x00" + len(suites).to_bytes(2) + suites
    message = b"\x01" + len(hello).to_bytes(3) + hello
    assert cipher_suites(b"\x16\x03\x01" + len(message).to_bytes(2) + message) == (0x1301,)
    assert cipher_suites(b"\x10\x20MQTT") is None
    assert cipher_suites(b"") is None
