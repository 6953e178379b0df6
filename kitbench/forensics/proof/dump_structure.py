"""Whether a dump is the flash of a kit that runs a built firmware, and what in it is where a build puts things."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from kitbench.flash_format import app_image
from kitbench.flash_format.partition_table import Md5State, PartitionType
from kitbench.forensics.keys.key_formats import FoundCertificate
from kitbench.forensics.keys.target import certificate_sha256, describe
from kitbench.forensics.layout.finding import Place
from kitbench.forensics.layout.flash_layout import BOOT_LOADER_OFFSETS, FlashLayout, find_table

_MOST_PLACES: Final = 20
_HOST_SIGN: Final = rb"[A-Za-z0-9.-]"


@dataclass(frozen=True, slots=True)
class DumpStructure:
    """What makes a dump one of a kit.

    Attributes:
        problems: what a whole flash of a built firmware has and this one has not, one line each.
        apps: name, version and digest of each app that its own description tells, by partition.
        endpoint: places of the endpoint that was asked for; None when none was.
        certificates: those in the dump, with their place.
    """

    problems: tuple[str, ...]
    apps: tuple[dict[str, Any], ...]
    endpoint: tuple[dict[str, Any], ...] | None
    certificates: tuple[dict[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the structure as JSON values."""
        return {
            "problems": list(self.problems),
            "apps": list(self.apps),
            "endpoint": None if self.endpoint is None else list(self.endpoint),
            "certificates": list(self.certificates),
        }


def read_structure(
    dump: bytes, layout: FlashLayout, certificates: Sequence[FoundCertificate], *, endpoint: str = ""
) -> DumpStructure:
    """Return what makes a dump one of a kit, or does not."""
    return DumpStructure(
        problems=tuple(_problems(dump, layout)),
        apps=tuple(_app(name, image) for name, image in layout.images.items() if _is_sound(image)),
        endpoint=tuple(_places(dump, layout, endpoint)) if endpoint else None,
        certificates=tuple(_certificates(certificates, layout)),
    )


def is_placed(place: Place, layout: FlashLayout) -> bool:
    """Whether a build or its firmware puts things there: an app's segment, a stored value, a partition of raw data.

    Erased space behind an app, a slot with a broken image and space outside of all partitions are none of these.
    """
    partition = next((one for one in layout.partitions if one.name == place.partition), None)
    if partition is None:
        return False
    if partition.is_app:
        image = layout.images.get(partition.name)
        return place.segment is not None and image is not None and _is_sound(image)
    stores = any(value.pieces and not value.is_erased and value.pieces[0][0] in partition for value in layout.values)
    return place.storage is not None or (partition.kind == PartitionType.DATA and not stores)


def _is_sound(image: app_image.AppImage) -> bool:
    return image.checksum_ok and image.hash_ok


def _problems(dump: bytes, layout: FlashLayout) -> Iterator[str]:
    yield from layout.faults
    loader = next((one for offset in BOOT_LOADER_OFFSETS if (one := _image_at(dump, offset)) is not None), None)
    if loader is None:
        yield f"no boot loader at {BOOT_LOADER_OFFSETS[0]:#x}"
    elif not _is_sound(loader):
        yield "the boot loader fails its checksum or SHA-256"
    elif strange := [name for name, image in layout.images.items() if image.chip_id != loader.chip_id]:
        yield f"the app in {strange[0]!r} is for another chip than the boot loader, which does not start it"
    table = find_table(dump)
    if table is not None and table.md5 is Md5State.ABSENT:
        yield "the partition table has no digest"
    sound = [image for image in layout.images.values() if _is_sound(image)]
    if sound and not any(image.app_desc for image in sound):
        yield "no app carries a description (esp_app_desc)"
    if sound and not any(image.has_hash for image in sound):
        yield "no app carries its SHA-256"


def _image_at(dump: bytes, offset: int) -> app_image.AppImage | None:
    try:
        return app_image.parse(dump[offset : offset + 0x10000])
    except app_image.AppImageError:
        return None


def _app(partition: str, image: app_image.AppImage) -> dict[str, Any]:
    described = image.app_desc
    return {
        "partition": partition,
        "project": described.project_name if described else None,
        "version": described.version if described else None,
        "idf_version": described.idf_version if described else None,
        "elf_sha256": described.elf_sha256.hex() if described else None,
    }


def _places(dump: bytes, layout: FlashLayout, endpoint: str) -> Iterator[dict[str, Any]]:
    """Yield where a host name stands as a whole, in whatever case, and not as a part of a longer one."""
    name = re.escape(endpoint.encode())
    whole = re.compile(rb"(?<!" + _HOST_SIGN + rb")" + name + rb"(?!" + _HOST_SIGN + rb")", re.IGNORECASE)
    for index, match in enumerate(whole.finditer(dump)):
        if index < _MOST_PLACES:
            yield _where(match.start(), layout)


def _certificates(all_found: Sequence[FoundCertificate], layout: FlashLayout) -> Iterator[dict[str, Any]]:
    """Yield each certificate once, where a build puts it if it is there at all."""
    rows: dict[str, dict[str, Any]] = {}
    for found in all_found:
        where = _where(found.layer.origin(found.begin), layout)
        sha256 = certificate_sha256(found.certificate)
        if sha256 not in rows or (where["is_placed"] and not rows[sha256]["is_placed"]):
            rows[sha256] = {"sha256": sha256, "key_type": _key_type(found.certificate), **where}
    yield from rows.values()


def _key_type(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
        return describe(key)
    return type(key).__name__


def _where(offset: int, layout: FlashLayout) -> dict[str, Any]:
    place = layout.place(offset)
    return {"offset": offset, "partition": place.partition, "is_placed": is_placed(place, layout)}
