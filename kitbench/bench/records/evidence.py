"""The evidence of a run: what a grader or a student may look at afterwards. Never a raw dump, never a key."""

from collections.abc import Iterable
from pathlib import Path

from kitbench.bench.records.key_removal import KeyRemoval


class Evidence:
    """A folder of named files."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._keys = KeyRemoval()

    def guard(self, keys: Iterable[bytes]) -> None:
        """From now on keep these private keys (PEM) out in every form in which firmware may print them."""
        self._keys.know(keys)

    def without_keys(self, text: str) -> str:
        """Return a text as it would be kept: private keys blanked."""
        return self._keys.clean(text.encode()).decode("utf-8", "replace")

    def write(self, name: str, content: bytes | str) -> Path:
        """Write one file, blanking any private key that found its way into it; return its path."""
        path = self.folder / name
        path.write_bytes(self._keys.clean(_raw(content)))
        return path

    def append(self, name: str, content: bytes | str) -> None:
        """Append to one file, blanking private keys."""
        with (self.folder / name).open("ab") as file:
            file.write(self._keys.clean(_raw(content)))

    def clean(self, name: str) -> None:
        """Blank private keys in a file that somebody else wrote; nothing where there is none."""
        path, cleaned = self.folder / name, self.folder / f"{name}.cleaned"
        if not path.exists():
            return
        with path.open("rb") as source, cleaned.open("wb") as target:
            target.writelines(self._keys.cleaned(source))
        cleaned.replace(path)


def _raw(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content
