"""The cipher suites of AWS IoT Core, by IANA's numbers.

Source: AWS IoT Core developer guide, "Transport security in AWS IoT Core", the table of security policies. Which of
them are recommended the page does not say; here it is those with forward secrecy and authenticated encryption.
"""

from typing import Final

RECOMMENDED: Final = {
    0x1301: "TLS_AES_128_GCM_SHA256",
    0x1302: "TLS_AES_256_GCM_SHA384",
    0x1303: "TLS_CHACHA20_POLY1305_SHA256",
    0xC02B: "ECDHE-ECDSA-AES128-GCM-SHA256",
    0xC02C: "ECDHE-ECDSA-AES256-GCM-SHA384",
    0xC02F: "ECDHE-RSA-AES128-GCM-SHA256",
    0xC030: "ECDHE-RSA-AES256-GCM-SHA384",
}
SUPPORTED: Final = RECOMMENDED | {
    0xC023: "ECDHE-ECDSA-AES128-SHA256",
    0xC009: "ECDHE-ECDSA-AES128-SHA",
    0xC024: "ECDHE-ECDSA-AES256-SHA384",
    0xC00A: "ECDHE-ECDSA-AES256-SHA",
    0xC027: "ECDHE-RSA-AES128-SHA256",
    0xC013: "ECDHE-RSA-AES128-SHA",
    0xC028: "ECDHE-RSA-AES256-SHA384",
    0xC014: "ECDHE-RSA-AES256-SHA",
    0x009C: "AES128-GCM-SHA256",
    0x003C: "AES128-SHA256",
    0x002F: "AES128-SHA",
    0x009D: "AES256-GCM-SHA384",
    0x003D: "AES256-SHA256",
    0x0035: "AES256-SHA",
    0x0039: "DHE-RSA-AES256-SHA",
}
#: The list of them for OpenSSL's TLS 1.2; those of TLS 1.3 it has by itself.
OPENSSL_LIST: Final = ":".join(name for name in SUPPORTED.values() if not name.startswith("TLS_"))
#: No ciphers: "empty renegotiation info" and "fallback" (RFC 5746, RFC 7507).
SIGNALS: Final = frozenset({0x00FF, 0x5600})


def name_of(suite: int) -> str:
    """Return a suite's name, or its number where AWS IoT Core does not have it."""
    return SUPPORTED.get(suite, f"{suite:#06x}")
