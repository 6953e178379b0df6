"""Amazon's roots, and the root of a stand-in that is trusted wherever firmware trusts one of them.

A project for AWS embeds Amazon Root CA 1. The local IoT core cannot have a certificate of Amazon's; so that the project
runs as it is, the kit takes the stand-in's root for Amazon's. Firmware that trusts no root of Amazon's, or checks
nothing, behaves as on AWS.
"""

from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes

#: SHA-256 of the DER of each root. Source: https://www.amazontrust.com/repository/.
AMAZON_ROOTS: Final = frozenset(
    (
        "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",  # Amazon Root CA 1
        "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",  # Amazon Root CA 2
        "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",  # Amazon Root CA 3
        "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",  # Amazon Root CA 4
        "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",  # Starfield Services Root CA G2
    )
)


def with_stand_in(
    anchors: tuple[x509.Certificate, ...], stand_in: tuple[x509.Certificate, ...]
) -> tuple[x509.Certificate, ...]:
    """Return what a firmware trusts, and the stand-in's root beside it where one of Amazon's is there."""
    is_amazons = any(anchor.fingerprint(hashes.SHA256()).hex() in AMAZON_ROOTS for anchor in anchors)
    return (*anchors, *stand_in) if is_amazons else anchors
