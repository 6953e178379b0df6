"""The variants of a firmware: where it keeps its private key."""

from enum import StrEnum


class Variant(StrEnum):
    """Where the firmware keeps its private key.

    `EMBEDDED_EC_KEY` is the control of the absence scan: an EC key as in the secure element, but embedded.
    """

    EMBEDDED_KEY = "embedded_key"
    EMBEDDED_EC_KEY = "embedded_ec_key"
    ATECC608A = "atecc608a"

    @property
    def firmware(self) -> str:
        """The firmware's configuration, as in `sdkconfig.ci.<configuration>`."""
        return "atecc608a" if self is Variant.ATECC608A else "embedded_key"
