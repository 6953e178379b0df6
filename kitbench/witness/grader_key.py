"""The grader's key pair: dumps hold private keys, so bundles are closed with age (age-encryption.org) to it alone."""

from pathlib import Path
from typing import Final

import pyrage

from kitbench.errors import UsageError
from kitbench.witness.bench_key import FOLDER, write_secret
from kitbench.witness.error import WitnessError

RECIPIENT_FILE: Final = "grader.recipient"


def make_grader_key(class_folder: Path, identity_file: Path) -> str:
    """Make the pair: the identity goes to a file of its own, the recipient into the class; return the recipient.

    Raises:
        UsageError: there is an identity already, or a file cannot be written.
    """
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    write_secret(identity_file, f"{identity}\n".encode())
    path = class_folder / FOLDER / RECIPIENT_FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{recipient}\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", stage="witness") from error
    return recipient


def seal(content: bytes, class_folder: Path) -> bytes:
    """Return what only the class's grader can open.

    Raises:
        UsageError: the class has no grader's key.
    """
    path = class_folder / FOLDER / RECIPIENT_FILE
    try:
        recipient = pyrage.x25519.Recipient.from_str(path.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError, pyrage.RecipientError) as error:
        fix = "make it on the grader's machine: kitbench bench-key grader"
        raise UsageError(f"{path} holds no recipient of age", stage="witness", fix=fix) from error
    return bytes(pyrage.encrypt(content, [recipient]))


def unseal(content: bytes, identity_file: Path) -> bytes:
    """Return what was sealed.

    Raises:
        UsageError: there is no identity of age in the file.
        WitnessError: it was sealed to somebody else, or is damaged.
    """
    try:
        identity = pyrage.x25519.Identity.from_str(identity_file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise UsageError(f"{identity_file} holds no identity of age", stage="witness") from error
    try:
        return bytes(pyrage.decrypt(content, [identity]))
    except pyrage.DecryptError as error:
        raise WitnessError(f"it was not sealed to the grader's key in {identity_file}, or is damaged") from error
