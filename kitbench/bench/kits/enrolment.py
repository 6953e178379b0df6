"""A secure element gets its certificate: the console gives a CSR, the cloud signs it, it is written to flash.

The app image is the same for every thing; the certificate goes into the small `devcert` partition. The key that is
in slot 0 already is used: nothing in the chip is written, and nothing is ever locked.
"""

import zlib
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kitbench.bench.builds.firmware_build import FirmwareBuild
from kitbench.bench.kits.kit_thing import KitThing
from kitbench.bench.kits.running_kit import CONSOLE_READY, RunningKit
from kitbench.errors import BenchError, KitError
from kitbench.flash_format.partition_table import parse
from kitbench.kit.console import Console

BOOT_WITHIN_S: Final = 20.0
DEVCERT_MAGIC: Final = b"DCRT"


def enrol(kit: RunningKit, thing: KitThing, firmware: FirmwareBuild, *, expected_serial: str = "") -> None:
    """Give the kit a certificate for the key in its secure element; the kit restarts and connects.

    Args:
        kit: in its console, as it has no certificate yet.
        thing: gets provisioned.
        firmware: says where the certificate goes.
        expected_serial: of the chip that belongs on this kit, "" when any will do.

    Raises:
        KitError: the console does not answer, or its CSR is not the chip's.
        BenchError: the chip is not locked, so it can neither make a key nor sign.
    """
    kit.expect_text(CONSOLE_READY, within_s=BOOT_WITHIN_S)
    csr = signing_request(kit.console, thing.client_id, expected_serial)
    thing.provision(csr.public_bytes(Encoding.PEM))
    kit.write_flash(devcert_offset(firmware), devcert_image(thing.identity.certificate_pem))


def signing_request(console: Console, client_id: str, expected_serial: str = "") -> x509.CertificateSigningRequest:
    """Return the CSR after making sure that it is signed, and by the key in the chip."""
    info = console.info()
    if expected_serial not in ("", info.serial):
        raise BenchError(f"the kit has the secure element {info.serial}, expected {expected_serial}", stage="kit")
    if not (info.config_locked and info.data_locked):
        raise BenchError(
            f"the secure element {info.serial} is not locked, so it cannot sign; kitbench never locks a chip",
            stage="secure element",
            fix="follow Microchip's own steps for the ATECC608A if you mean to; a lock is for ever",
        )
    csr, point = _parsed(console.signing_request(client_id))
    if point != console.public_key():
        raise KitError("the CSR is for another key than the one in slot 0", stage="provision")
    return csr


def _parsed(der: bytes) -> tuple[x509.CertificateSigningRequest, bytes]:
    """Return a CSR and X‖Y of the EC key that signed it."""
    try:
        csr = x509.load_der_x509_csr(der)
        is_valid = csr.is_signature_valid
        point = csr.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KitError(f"what the console gave is no CSR for an EC key: {error}", stage="provision") from error
    if not is_valid:
        raise KitError("the CSR's signature is not valid", stage="provision")
    return csr, point[1:]


def devcert_offset(firmware: FirmwareBuild) -> int:
    """Return the flash offset of the partition for the certificate.

    Raises:
        KitError: the project has no such partition.
    """
    table = (firmware.folder / "partition_table" / "partition-table.bin").read_bytes()
    for partition in parse(table).partitions:
        if partition.name == "devcert":
            return partition.offset
    raise KitError("the project's partition table has no partition 'devcert'", stage="provision")


def devcert_image(certificate_pem: bytes) -> bytes:
    """Return what is in the partition: magic, length and CRC-32 (little-endian u32 each), the PEM."""
    length = len(certificate_pem).to_bytes(4, "little")
    return DEVCERT_MAGIC + length + zlib.crc32(certificate_pem).to_bytes(4, "little") + certificate_pem
