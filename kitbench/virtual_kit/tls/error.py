"""Error codes of a TLS connection as mbedTLS and esp-tls number them.

Source: mbedTLS 3.x `error.h` and `x509.h`; ESP-IDF v5.1.4 `esp-tls/esp_tls_errors.h`, negated. mbedTLS's codes
end at -0x7FFF, so one negative int tells both families apart: `code <= ESP_TLS_LIMIT` is an `esp_err_t`.
"""

from enum import IntEnum, IntFlag
from typing import Final

#: Codes at or below are `esp_err_t` of esp-tls, negated; above are mbedTLS's.
ESP_TLS_LIMIT: Final = -0x8000


class MbedtlsError(IntEnum):
    """What the connection failed with."""

    NET_CONN_RESET = -0x0050
    NET_SEND_FAILED = -0x004E
    # cryptoauthlib's `atca_mbedtls_ecdsa_sign` returns -1 whatever the chip said.
    SECURE_ELEMENT_SIGN_FAILED = -0x0001
    PK_KEY_INVALID_FORMAT = -0x3D00
    SSL_BAD_PROTOCOL_VERSION = -0x6E80
    SSL_HANDSHAKE_FAILURE = -0x6E00
    SSL_INVALID_RECORD = -0x7200
    SSL_CONN_EOF = -0x7280
    SSL_TIMEOUT = -0x6800
    SSL_FATAL_ALERT_MESSAGE = -0x7780
    X509_CERT_VERIFY_FAILED = -0x2700
    CANNOT_RESOLVE_HOSTNAME = -0x8001
    CANNOT_CREATE_SOCKET = -0x8002
    FAILED_CONNECT_TO_HOST = -0x8004
    CONNECTION_TIMEOUT = -0x8006
    SE_FAILED = -0x8007
    SSL_SET_HOSTNAME_FAILED = -0x8012
    SSL_CONF_ALPN_PROTOCOLS_FAILED = -0x8014
    X509_CRT_PARSE_FAILED = -0x8015
    SSL_SETUP_FAILED = -0x8017
    PK_PARSE_KEY_FAILED = -0x8019
    # ESP_FAIL (-1) and ESP_ERR_INVALID_STATE (0x103) would look like errors of mbedTLS: moved out of its range.
    INVALID_STATE = -0x8103
    ESP_FAIL = -0xFFFF


class VerifyFlag(IntFlag):
    """Why mbedTLS does not trust a certificate (`MBEDTLS_X509_BADCERT_*`)."""

    EXPIRED = 0x01
    CN_MISMATCH = 0x04
    NOT_TRUSTED = 0x08
    OTHER = 0x0100
    FUTURE = 0x0200
    KEY_USAGE = 0x0800
    EXT_KEY_USAGE = 0x1000


class TlsError(Exception):
    """A TLS connection could not be made, or broke.

    Args:
        code: see `MbedtlsError`; always negative.
        message: one line for the kit's log; never holds a key.
        verify_flags: what was wrong with the server's certificate, where `code` is `X509_CERT_VERIFY_FAILED`.
        stack_code: mbedTLS's code behind one of esp-tls's, positive; 0: none.
    """

    def __init__(self, code: MbedtlsError, message: str, *, verify_flags: int = 0, stack_code: int = 0) -> None:
        super().__init__(message)
        self.code: Final = int(code)
        self.message: Final = message
        self.verify_flags: Final = VerifyFlag(verify_flags)
        self.stack_code: Final = stack_code

    @property
    def is_esp_error(self) -> bool:
        """Whether `-code` is an `esp_err_t` of esp-tls instead of an error of mbedTLS."""
        return self.code <= ESP_TLS_LIMIT

    def __str__(self) -> str:
        return f"-0x{-self.code:04X}: {self.message}"
