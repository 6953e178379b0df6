"""The bench's key: Ed25519, made for a class and for a time; a class trusts the public files in its `bench-keys/`."""

import base64
import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from kitbench.errors import UsageError
from kitbench.quoting import toml
from kitbench.witness.error import WitnessError

FOLDER: Final = "bench-keys"
FORMAT: Final = "kitbench-bench-key/1"
_LARGEST: Final = 4096
#: A term and the time to grade it.
DEFAULT_DAYS: Final = 200


@dataclass(frozen=True, slots=True)
class BenchPublicKey:
    """A public key as a class trusts it; times in UTC, `revoked` is None while the key is good."""

    key_id: str
    bench: str
    public: bytes
    created: datetime
    expires: datetime
    revoked: datetime | None = None

    def to_text(self) -> str:
        """Return the public file, TOML."""
        lines = [
            f'format = "{FORMAT}"',
            f"key_id = {toml.string(self.key_id)}",
            f"bench = {toml.string(self.bench)}",
            f'public_key = "{base64.b64encode(self.public).decode()}"',
            f'created = "{self.created.isoformat()}"',
            f'expires = "{self.expires.isoformat()}"',
        ]
        if self.revoked is not None:
            lines.append(f'revoked = "{self.revoked.isoformat()}"')
        return "\n".join(lines) + "\n"

    def check(self, signature: bytes, message: bytes) -> None:
        """Check a signature.

        Raises:
            WitnessError: it is not this key's, or the message is another.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature as error:
            raise WitnessError(f"the signature is not that of bench key {self.key_id}: forged or altered") from error


def key_id_of(public: bytes) -> str:
    """Return the id of a key: 16 hex digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(public).hexdigest()[:16]


def parse_public_key(text: str, *, name: str) -> BenchPublicKey:
    """Return the key of a public file.

    Raises:
        UsageError: it is none.
    """
    try:
        return _public_key(tomllib.loads(text))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"{name} is no public key of a bench: {error}", stage="witness") from error


def _public_key(table: Mapping[str, Any]) -> BenchPublicKey:
    if table["format"] != FORMAT:
        raise ValueError(f"its format is {table['format']!r}, this kitbench reads {FORMAT}")
    public = base64.b64decode(table["public_key"], validate=True)
    Ed25519PublicKey.from_public_bytes(public)
    if table["key_id"] != key_id_of(public):
        raise ValueError("key_id is not that of public_key")
    revoked = table.get("revoked")
    return BenchPublicKey(
        key_id=table["key_id"],
        bench=str(table["bench"]),
        public=public,
        created=_time(table["created"]),
        expires=_time(table["expires"]),
        revoked=_time(revoked) if revoked else None,
    )


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return time


def trusted_keys(class_folder: Path) -> Mapping[str, BenchPublicKey]:
    """Return the keys that a class trusts, by id; revoked ones too, for what they signed is told.

    Raises:
        UsageError: a file in `bench-keys/` cannot be read.
    """
    return {key.key_id: key for key in map(read_public_key, sorted((class_folder / FOLDER).glob("*.pub")))}


def read_public_key(path: Path) -> BenchPublicKey:
    """Return the key of a public file.

    Raises:
        UsageError: it cannot be read, or is none.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} is no public key of a bench: too large", stage="witness")
        return parse_public_key(path.read_text(encoding="utf-8"), name=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}", stage="witness") from error


def make_key(class_folder: Path, private_file: Path, *, bench: str, days: int = DEFAULT_DAYS) -> BenchPublicKey:
    """Make a key pair: the private part goes to a file of its own, the public one into the class.

    Raises:
        UsageError: there is a private key already, or a file cannot be written.
    """
    if not bench.isprintable() or '"' in bench or "\\" in bench:
        raise UsageError("the bench's name is not plain", stage="witness")
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    now = datetime.now(UTC).replace(microsecond=0)
    key = BenchPublicKey(key_id_of(public), bench, public, now, now + timedelta(days=days))
    write_secret(private_file, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    _write_public(class_folder, key)
    return key


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that nobody else may read, and that must not be there yet.

    Raises:
        UsageError: it is there, or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already", stage="witness", fix="rotate it, or name another file") from error
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", stage="witness") from error


def load_private_key(path: Path) -> tuple[Ed25519PrivateKey, str]:
    """Return a bench's private key and its id.

    Raises:
        UsageError: it is not there, or no key of a bench.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        fix = "make it: kitbench bench-key make"
        raise UsageError(f"no private key of a bench in {path}", stage="witness", fix=fix) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path} holds no Ed25519 key", stage="witness")
    return key, key_id_of(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def forget_private_key(path: Path) -> None:
    """Overwrite and remove a private key; its public part stays, so that what it signed can still be verified.

    Raises:
        UsageError: it is not there.
    """
    try:
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.write(b"\0" * size)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except OSError as error:
        raise UsageError(f"cannot remove {path}: {error.strerror}", stage="witness") from error


def revoke_key(class_folder: Path, key_id: str) -> BenchPublicKey:
    """Mark a key as revoked: nothing that it signed is trusted any more, whenever that was.

    Raises:
        UsageError: the class has no such key.
    """
    keys = trusted_keys(class_folder)
    if key_id not in keys:
        known = ", ".join(keys) or "none"
        raise UsageError(f"{class_folder} has no bench key {key_id} (it has: {known})", stage="witness")
    revoked = replace(keys[key_id], revoked=keys[key_id].revoked or datetime.now(UTC).replace(microsecond=0))
    _write_public(class_folder, revoked)
    return revoked


def _write_public(class_folder: Path, key: BenchPublicKey) -> None:
    path = class_folder / FOLDER / f"{key.key_id}.pub"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(key.to_text(), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", stage="witness") from error
