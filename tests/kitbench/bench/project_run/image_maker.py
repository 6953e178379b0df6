"""Build folders with images that carry what a test wants."""

import random
from pathlib import Path

from kitbench.bench.builds.firmware_build import FirmwareBuild


def code(*parts: bytes) -> bytes:
    """Return an image's bytes: what a compiler may put around these parts."""
    noise = random.Random(7)
    return b"\xe9" + b"\0".join([noise.randbytes(999), *parts, noise.randbytes(999)])


def build_of(folder: Path, files: dict[int, bytes], settings: str = "{}") -> FirmwareBuild:
    """Return a build folder that flashes these files."""
    (folder / "config").mkdir(parents=True)
    (folder / "config/sdkconfig.json").write_text(settings)
    for offset, content in files.items():
        (folder / f"{offset}.bin").write_bytes(content)
    named = ", ".join(f'"{offset:#x}": "{offset}.bin"' for offset in files)
    (folder / "flasher_args.json").write_text(
        f'{{"flash_files": {{{named}}}, "flash_settings": {{"flash_size": "2MB"}}}}'
    )
    return FirmwareBuild(folder, folder / "app.elf", folder / "app.bin")
