"""The folder in which a local IoT core keeps its CA and its registry; one core at a time.

`kitbench run` keeps its kit's flash and eFuses in the same folder, and `device/`; none of them is touched here.

The CA's private key is in it, for its user alone: whoever has it can be anybody to this core, and nothing to AWS.
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError
from kitbench.local_iot_core.apis.certificate_authority import CertificateAuthority
from kitbench.local_iot_core.apis.certificate_issuing import IssuingBackend
from kitbench.local_iot_core.kept.registry_tree import restore, tree_of
from kitbench.private_folder import make_private_folder

_AUTHORITY: Final = "local_root_ca"
_REGISTRY: Final = "registry.json"
_STAGE: Final = "cloud"
#: A registry of a class has some hundred certificates of 1.5 KB.
_LARGEST: Final = 64 << 20


class StateFolder:
    """A folder that is this core's as long as it is open.

    Args:
        path: of the folder, made where it is missing.

    Attributes:
        authority: the CA that is kept here; made when the folder is new.

    Raises:
        BenchError: it cannot be made, another core has it, or the CA that is kept cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            make_private_folder(path)
            self._lock = os.open(path / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise BenchError(f"--state {path} cannot be used: {error.strerror}", stage=_STAGE) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise BenchError(f"--state {path} is in use by another local IoT core", stage=_STAGE) from error
        try:
            self.authority = self._authority()
        except BenchError:
            self.close()
            raise

    def close(self) -> None:
        """Let another core have the folder."""
        os.close(self._lock)

    def _authority(self) -> CertificateAuthority:
        certificate, key = (self._path / f"{_AUTHORITY}.{ending}" for ending in ("pem", "key"))
        with self._reading(certificate):
            if certificate.exists():
                return CertificateAuthority.kept(certificate.read_bytes(), key.read_bytes())
            made = CertificateAuthority()
            self._write(key, made.private_key_pem())
            self._write(certificate, made.certificate_pem)
            return made

    def load(self, backend: IssuingBackend) -> None:
        """Fill a registry with what is kept.

        Raises:
            BenchError: what is kept cannot be read.
        """
        path = self._path / _REGISTRY
        with self._reading(path):
            if path.exists():
                if path.stat().st_size > _LARGEST:
                    raise ValueError("it is too large")
                restore(backend, json.loads(path.read_text("utf-8")))

    def save(self, backend: IssuingBackend) -> None:
        """Keep a registry as it is now.

        Raises:
            OSError: it cannot be written.
        """
        self._write(self._path / _REGISTRY, json.dumps(tree_of(backend), indent=1).encode())

    def _write(self, path: Path, content: bytes) -> None:
        """Replace a file whole: whoever pulls the plug finds the old one or the new one."""
        draft = path.with_name(f"{path.name}.new")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    @contextlib.contextmanager
    def _reading(self, path: Path) -> Iterator[None]:
        try:
            yield
        except (OSError, KeyError, TypeError, ValueError, StopIteration, RecursionError) as error:
            why = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
            fix = f"remove {path}, and what it kept is lost, or name another folder"
            raise BenchError(f"{path} cannot be used: {why}", stage=_STAGE, fix=fix) from error
