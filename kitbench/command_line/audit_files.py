"""Reads and writes the files of `kitbench audit`, each with one clear line for what may be wrong with it."""

import stat
from pathlib import Path
from typing import Final

import click
from cryptography import x509

from kitbench.errors import UsageError

_MAX_CERTIFICATE: Final = 1 << 20


def read_bounded(path: Path, limit: int, *, what: str, stage: str = "audit") -> bytes:
    """Return the content of a regular file.

    Args:
        path: of the file.
        limit: of its bytes.
        what: it should be, for the message.
        stage: for the message.

    Raises:
        UsageError: no such file, no regular file, empty, not readable, or larger than `limit` bytes.
    """
    try:
        status = path.stat()
        # A FIFO would block for ever: look before opening.
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"{path} is not a regular file: expected a {what}", stage=stage)
        if status.st_size > limit:
            raise UsageError(f"{path} has {status.st_size:,} bytes, a {what} at most {limit:,}", stage=stage)
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}", stage=stage) from error
    if not data:
        raise UsageError(f"{path} is empty: expected a {what}", stage=stage)
    return data


def read_certificates(path: Path) -> list[x509.Certificate]:
    """Return the certificates of a PEM file, or the one of a DER file.

    Raises:
        UsageError: no certificate in it.
    """
    data = read_bounded(path, _MAX_CERTIFICATE, what="certificate")
    try:
        if b"-----BEGIN CERTIFICATE-----" in data:
            return x509.load_pem_x509_certificates(data)
        return [x509.load_der_x509_certificate(data)]
    except ValueError as error:
        raise UsageError(f"{path} holds no certificate", stage="audit") from error


def write_result(content: bytes, path: Path) -> None:
    """Write a result to a file, or to standard output for ``-``.

    Raises:
        UsageError: it cannot be written.
    """
    if path == Path("-"):
        click.echo(content, nl=False)
        return
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", stage="audit") from error
