"""The two variants of the firmware that a student may hand in, and the names their files have."""

from enum import StrEnum


class Variant(StrEnum):
    """A variant of the firmware; the value is the bench's name for it."""

    EMBEDDED_KEY = "embedded_key"
    ATECC608A = "atecc608a"

    @property
    def project_folder(self) -> str:
        """Name of the project's folder in a submission."""
        return "project" if self is Variant.EMBEDDED_KEY else "project_atecc608a"

    @property
    def dump_file(self) -> str:
        """Name of the flash dump in a submission."""
        return "flash.bin" if self is Variant.EMBEDDED_KEY else "flash_atecc608a.bin"
