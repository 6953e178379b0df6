"""Signatures of slot 0, as esp-tls with `use_secure_element` has them made."""

from collections.abc import Callable
from typing import Final

from kitbench.virtual_kit.atecc608a.cryptoauthlib import CryptoAuthLib
from kitbench.virtual_kit.hardware.cpu_interface import SecureElementBus
from kitbench.virtual_kit.tls.error import MbedtlsError, TlsError

#: esp-tls always uses this slot.
SLOT: Final = 0


def slot_signer(bus: SecureElementBus) -> Callable[[bytes], bytes]:
    """Return a function that signs a SHA-256 digest, after the steps with which esp-tls sets the chip up.

    Raises:
        TlsError: `SE_FAILED` where no chip answers or slot 0 holds no key.
    """
    library = CryptoAuthLib(bus)
    status, _ = library.atcab_init()
    if not status:
        status, _ = library.atcab_get_pubkey(SLOT)
    if status:
        raise TlsError(MbedtlsError.SE_FAILED, f"failed to parse key from device (status 0x{status & 0xFF:02x})")

    def sign(digest: bytes) -> bytes:
        status, signature = library.atcab_sign(SLOT, digest)
        if status:
            message = f"the secure element does not sign (status 0x{status & 0xFF:02x})"
            raise TlsError(MbedtlsError.SECURE_ELEMENT_SIGN_FAILED, message)
        return signature

    return sign
