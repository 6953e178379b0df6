"""The kit's TLS: what esp-tls with mbedTLS does on the chip, done in the host on behalf of the firmware.

Python's `ssl` uses a private key that the firmware hands over; a key that stays in the secure element signs through the
chip's bus, below tlslite-ng. Both verify the server as mbedTLS does in ESP-IDF and report mbedTLS's error codes.
"""

from kitbench.virtual_kit.tls.client import TlsClient
from kitbench.virtual_kit.tls.connection import TlsConnection
from kitbench.virtual_kit.tls.credentials import MaximumVersion
from kitbench.virtual_kit.tls.error import MbedtlsError, TlsError, VerifyFlag

__all__ = ["MaximumVersion", "MbedtlsError", "TlsClient", "TlsConnection", "TlsError", "VerifyFlag"]
