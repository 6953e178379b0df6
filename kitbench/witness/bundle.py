"""The bundle: a zip of a signed manifest and sealed members.

manifest.json    what was witnessed, the members' digests, and the id of the key; never a secret
manifest.sig     Ed25519 over "kitbench-bundle/1", NUL and the very bytes of manifest.json
flash.age        the whole flash, zlib within age
boot_log.age     what the kit printed when it started, zlib within age
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from kitbench.witness.bench_key import BenchPublicKey, load_private_key
from kitbench.witness.error import WitnessError

FORMAT: Final = 1
SUFFIX: Final = ".kitbench"
_DOMAIN: Final = b"kitbench-bundle/1\0"
_MANIFEST, _SIGNATURE, FLASH, BOOT_LOG = "manifest.json", "manifest.sig", "flash.age", "boot_log.age"
#: A member larger than this is not read: no kit has more flash.
_LARGEST: Final[Mapping[str, int]] = {_MANIFEST: 64 << 10, _SIGNATURE: 64, FLASH: 136 << 20, BOOT_LOG: 8 << 20}
_LARGEST_FLASH: Final = 128 << 20
#: A zip's end of its directory, without a comment (APPNOTE.TXT, 4.3.16).
_END_MARK: Final = b"PK\5\6"
_END_SIZE: Final = 22


@dataclass(frozen=True, slots=True)
class Kit:
    """The kit as the bench saw it; `kind` is ``real``, ``remote``, ``virtual`` or ``qemu``."""

    kind: str
    chip: str
    mac: str
    efuses: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Witness:
    """What a bench saw.

    Attributes:
        student: the roster's id.
        variant: of the firmware, as the grader names it.
        began, ended: when the bench had the kit in hand.
        flash_sha256, flash_size: of the whole flash.
        apps: partition → digest of the ELF that its app names.
    """

    student: str
    variant: str
    kit: Kit
    began: datetime
    ended: datetime
    flash_sha256: str
    flash_size: int
    apps: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return the witness as JSON values."""
        return {
            "student": self.student,
            "variant": self.variant,
            "kit": {
                "kind": self.kit.kind,
                "chip": self.kit.chip,
                "mac": self.kit.mac,
                "efuses": dict(self.kit.efuses),
            },
            "began": self.began.isoformat(),
            "ended": self.ended.isoformat(),
            "flash_sha256": self.flash_sha256,
            "flash_size": self.flash_size,
            "apps": dict(self.apps),
        }


@dataclass(frozen=True, slots=True)
class Verified:
    """A bundle whose signature was checked with a trusted key; `members` are sealed."""

    witness: Witness
    key: BenchPublicKey
    members: Mapping[str, bytes]

    def open_flash(self, identity_file: Path) -> bytes:
        """Return the flash.

        Raises:
            UsageError: there is no identity in the file.
            WitnessError: it does not open, or is not what was witnessed.
        """
        from kitbench.witness.grader_key import unseal  # noqa: PLC0415 - who verifies alone needs no age

        flash = _inflated(unseal(self.members[FLASH], identity_file))
        if hashlib.sha256(flash).hexdigest() != self.witness.flash_sha256:
            raise WitnessError("the flash in the bundle is not the one that the bench signed for")
        return flash


def write_bundle(  # noqa: PLR0913 - what a bundle is made of, all by name
    path: Path,
    witness: Witness,
    *,
    flash: bytes,
    boot_log: bytes,
    class_folder: Path,
    private_file: Path,
    key: BenchPublicKey,
) -> None:
    """Seal, sign and write a bundle.

    Raises:
        UsageError: a key is missing.
        WitnessError: the bundle cannot be written.
    """
    from kitbench.witness.grader_key import seal  # noqa: PLC0415 - as above

    private, key_id = load_private_key(private_file)
    if key_id != key.key_id:
        raise WitnessError(f"{private_file} holds bench key {key_id}, not {key.key_id}")
    members = {FLASH: seal(zlib.compress(flash), class_folder), BOOT_LOG: seal(zlib.compress(boot_log), class_folder)}
    manifest = {
        "format": FORMAT,
        "key_id": key.key_id,
        "key_expires": key.expires.isoformat(),
        "members": {name: hashlib.sha256(content).hexdigest() for name, content in members.items()},
        **witness.to_json(),
    }
    text = json.dumps(manifest, indent=1).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in {_MANIFEST: text, _SIGNATURE: private.sign(_DOMAIN + text), **members}.items():
            archive.writestr(name, content)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(buffer.getvalue())
    except OSError as error:
        raise WitnessError(f"cannot write {path}: {error.strerror}") from error


def verify_bundle(path: Path, keys: Mapping[str, BenchPublicKey]) -> Verified:
    """Return what a bundle shows, once its signature, key and members were checked.

    Raises:
        WitnessError: damaged, forged, of another format, or by a key that is unknown, revoked or out of its time.
    """
    members = _read_members(path)
    text = members[_MANIFEST]
    manifest = _manifest(text)
    key = keys.get(str(manifest.get("key_id")))
    if key is None:
        raise WitnessError(f"{path.name} is signed by bench key {manifest.get('key_id')!r}, which is not trusted here")
    key.check(members[_SIGNATURE], _DOMAIN + text)
    try:
        witness = _witness(manifest)
        digests = {name: str(manifest["members"][name]) for name in (FLASH, BOOT_LOG)}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WitnessError(f"{path.name}: the manifest lacks something: {error!r}") from error
    _check_time(witness, key)
    for name, digest in digests.items():
        if hashlib.sha256(members[name]).hexdigest() != digest:
            raise WitnessError(f"{path.name}: {name} is not what the bench signed for")
    return Verified(witness, key, {name: members[name] for name in digests})


def _check_time(witness: Witness, key: BenchPublicKey) -> None:
    if key.revoked is not None:
        raise WitnessError(f"bench key {key.key_id} was revoked on {key.revoked:%Y-%m-%d}: collect again")
    if not key.created <= witness.began <= witness.ended <= key.expires:
        raise WitnessError(
            f"collected at {witness.began:%Y-%m-%d %H:%M}, when bench key {key.key_id} was not valid "
            f"({key.created:%Y-%m-%d} to {key.expires:%Y-%m-%d})"
        )
    # Whoever finds an old key writes any time: what it signed ends with it.
    if datetime.now(UTC) > key.expires:
        raise WitnessError(f"bench key {key.key_id} expired on {key.expires:%Y-%m-%d}: collect again")


def _read_members(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            # Another format may have other members: it is told as one.
            _manifest(_read_member(archive, _MANIFEST, _LARGEST[_MANIFEST]))
            if _has_more(path, archive):
                raise WitnessError(f"{path.name} holds something beside what a bench writes")
            return {name: _read_member(archive, name, limit) for name, limit in _LARGEST.items()}
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise WitnessError(f"{path.name} is no whole bundle: {error}") from error


def _has_more(path: Path, archive: zipfile.ZipFile) -> bool:
    """Whether a file has something before, among or behind the members and their directory."""
    names = [member.filename for member in archive.infolist()]
    starts_at = min((member.header_offset for member in archive.infolist()), default=0)
    with path.open("rb") as file:
        file.seek(-_END_SIZE, io.SEEK_END)
        ends = file.read(len(_END_MARK)) == _END_MARK
    return starts_at > 0 or not ends or len(set(names)) < len(names) or not set(names) <= set(_LARGEST)


def _read_member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    with archive.open(name) as member:
        content = member.read(limit + 1)
    if len(content) > limit:
        raise WitnessError(f"{name} is larger than any bundle's")
    return content


def _manifest(text: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(text)
        version = manifest["format"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WitnessError("the manifest is none") from error
    if version != FORMAT:
        raise WitnessError(
            f"the bundle has format {version!r}, this kitbench reads {FORMAT}", fix="use the kitbench that wrote it"
        )
    return dict(manifest)


def _witness(manifest: Mapping[str, Any]) -> Witness:
    kit = manifest["kit"]
    return Witness(
        student=str(manifest["student"]),
        variant=str(manifest["variant"]),
        kit=Kit(
            str(kit["kind"]), str(kit["chip"]), str(kit["mac"]), {str(k): int(v) for k, v in kit["efuses"].items()}
        ),
        began=datetime.fromisoformat(manifest["began"]),
        ended=datetime.fromisoformat(manifest["ended"]),
        flash_sha256=str(manifest["flash_sha256"]),
        flash_size=int(manifest["flash_size"]),
        apps={str(name): str(digest) for name, digest in manifest["apps"].items()},
    )


def _inflated(data: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(data, _LARGEST_FLASH + 1)
    except zlib.error as error:
        raise WitnessError("a member of the bundle does not unfold") from error
    if len(content) > _LARGEST_FLASH or not stream.eof:
        raise WitnessError("a member of the bundle does not end")
    return content
