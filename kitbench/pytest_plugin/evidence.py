"""The evidence of a run: what a grader or a student may look at afterwards. Never a raw dump, never a key."""

import re
from pathlib import Path
from typing import Final

PRIVATE_KEY_BLOCK: Final = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)


class Evidence:
    """A folder of named files."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def write(self, name: str, content: bytes | str) -> Path:
        """Write one file, blanking any private key that found its way into it; return its path."""
        path = self.folder / name
        path.write_bytes(without_keys(content))
        return path

    def append(self, name: str, content: bytes | str) -> None:
        """Append to one file, blanking private keys."""
        with (self.folder / name).open("ab") as file:
            file.write(without_keys(content))


def without_keys(content: bytes | str) -> bytes:
    """Return the content with the body of each PEM private key blanked: firmware may print its key."""
    raw = content.encode() if isinstance(content, str) else content
    return PRIVATE_KEY_BLOCK.sub(b"[private key removed]", raw)
