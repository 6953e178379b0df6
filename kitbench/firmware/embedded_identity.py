"""Which files of a project play the identity's parts under names of their own: a key called `client.key`, say.

The course's sample has `private.pem.key`, `certificate.pem.crt` and `aws-root-ca.pem` in `main/certs/`; people rename
them, and take the key away before they hand in. A part is told by what the file holds, or, where a CMakeLists.txt
embeds a file that is not there or has nothing of the sort in it, by what it is called.
"""

import re
from collections.abc import Iterator
from enum import Enum, auto
from pathlib import Path, PurePosixPath
from typing import Final

_LARGEST: Final = 64 << 10
#: What says that something belongs here; a certificate in DER is no text, and longer.
_LARGEST_PLACEHOLDER: Final = 400
_MOST_FILES: Final = 4000
_KEY: Final = re.compile(rb"-----BEGIN ([A-Z]{1,12} )?PRIVATE KEY-----")
_CERTIFICATE: Final = b"-----BEGIN CERTIFICATE-----"
_EMBEDDED: Final = re.compile(r'[^\s"();]{1,200}\.(?:key|pem|crt|cer)')
_AUTHORITY_NAME: Final = re.compile(r"root|(^|[^a-z])ca([^a-z]|$)")


class Part(Enum):
    """What a file is of an identity."""

    ROOT_CA = auto()
    CERTIFICATE = auto()
    PRIVATE_KEY = auto()


def embedded_parts(project_copy: Path) -> dict[PurePosixPath, Part]:
    """Return the files of a private copy that are one part of an identity and nothing else, missing ones too."""
    found: dict[PurePosixPath, Part] = {}
    for number, path in enumerate(sorted(project_copy.rglob("*"))):
        if number >= _MOST_FILES:
            break
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
            continue
        content = path.read_bytes()
        relative = PurePosixPath(path.relative_to(project_copy).as_posix())
        if (part := part_of(content)) is not None:
            found[relative] = part
        if path.name == "CMakeLists.txt":
            named = _embedded_by_name(content, relative.parent)
            found |= {name: part for name, part in named if _is_to_be_filled(project_copy / name)}
    return found


def part_of(content: bytes) -> Part | None:
    """Return what a file is, None for one that holds more than a key or a certificate, as C sources do."""
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"-----BEGIN "):
        return None
    if _KEY.search(content):
        return Part.PRIVATE_KEY
    return _kind_of_certificate(content) if _CERTIFICATE in content else None


def _kind_of_certificate(content: bytes) -> Part:
    from cryptography import x509  # noqa: PLC0415 - slow to load, and most builds have no certificate of their own

    try:
        certificate = x509.load_pem_x509_certificate(content)
        is_authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except Exception:  # noqa: BLE001 - the library has errors of its own; what it cannot read is no authority's
        return Part.CERTIFICATE
    return Part.ROOT_CA if is_authority else Part.CERTIFICATE


def _is_to_be_filled(path: Path) -> bool:
    """Whether a file that is embedded is missing, or is a text in its place: "Certificate goes here."."""
    if path.is_symlink() or not path.is_file():
        return not path.exists()
    if path.stat().st_size > _LARGEST_PLACEHOLDER:
        return False
    content = path.read_bytes()
    return b"-----BEGIN" not in content and content.isascii() and b"\0" not in content


def _embedded_by_name(cmake: bytes, folder: PurePosixPath) -> Iterator[tuple[PurePosixPath, Part]]:
    """Yield files that a CMakeLists.txt may embed, by their names."""
    for match in _EMBEDDED.finditer(cmake.decode("utf-8", "replace")):
        path = PurePosixPath(match[0])
        if ".." not in path.parts and not path.is_absolute() and "$" not in match[0]:
            yield folder / path, _part_by_name(path.name.lower())


def _part_by_name(name: str) -> Part:
    if "key" in name:
        return Part.PRIVATE_KEY
    return Part.ROOT_CA if _AUTHORITY_NAME.search(name) else Part.CERTIFICATE
