"""A firmware: where its source is, and once built the folder and the hashes that say which one it is."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kitbench.bench.builds.build_description import FLASHER_ARGS, describe_build, file_in, read_object

#: What a build is laid out in to tell a dump what is known already; a larger flash is only read more slowly.
USUAL_FLASH_SIZE: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class FirmwareSource:
    """What to build.

    Attributes:
        project: the ESP-IDF project's folder.
        esp_aws_iot: a recursive checkout of esp-aws-iot, for projects that use its components; None for others.
        idf: the version of ESP-IDF that the virtual kit stands for, ``"4.4"`` or ``"5.1"``; "" where the project says.
    """

    project: Path
    esp_aws_iot: Path | None = None
    idf: str = ""


@dataclass(frozen=True, slots=True)
class FirmwareBuild:
    """A build folder as idf.py leaves it.

    Attributes:
        folder: holds `flasher_args.json`.
        elf: the ELF with the symbols.
        app: the app image.
        chip: that it is for, as ESP-IDF names it.
    """

    folder: Path
    elf: Path
    app: Path
    chip: str = "esp32"

    @property
    def elf_sha256(self) -> str:
        """SHA-256 of the ELF, which the firmware prints at boot, as hex digits."""
        return hashlib.sha256(self.elf.read_bytes()).hexdigest()

    @property
    def app_sha256(self) -> str:
        """SHA-256 of the app image as hex digits."""
        return hashlib.sha256(self.app.read_bytes()).hexdigest()

    def flash_image(self, size: int) -> bytes:
        """Return what the flash holds right after flashing: the files at their offsets, 0xFF elsewhere."""
        image = bytearray(b"\xff" * size)
        for offset, content in self.flash_files():
            image[offset : offset + len(content)] = content
        return bytes(image)

    def flash_files(self) -> list[tuple[int, bytes]]:
        """Return what is flashed: contents by their offsets."""
        files = self._flasher_args()["flash_files"].items()
        return [(int(offset, 0), file_in(self.folder, name).read_bytes()) for offset, name in files]

    @property
    def app_offset(self) -> int:
        """Where in flash the app image is, in bytes."""
        image = self.app.read_bytes()
        return next(offset for offset, content in self.flash_files() if content == image)

    @property
    def flash_size(self) -> int:
        """Bytes of the flash that the build is for; 4 MB where it takes any (`keep`, `detect`)."""
        said = str(self._flasher_args().get("flash_settings", {}).get("flash_size", ""))
        megabytes = said.removesuffix("MB")
        return int(megabytes) << 20 if megabytes.isdecimal() and len(megabytes) < 4 else USUAL_FLASH_SIZE

    def _flasher_args(self) -> dict[str, Any]:
        return read_object(self.folder / FLASHER_ARGS)


def build_in(folder: Path) -> FirmwareBuild:
    """Return the build in a folder.

    Raises:
        BenchError: it does not say which file is its app, or lacks app image or ELF.
    """
    description = describe_build(folder)
    return FirmwareBuild(folder, description.elf, description.app, description.chip or "esp32")
