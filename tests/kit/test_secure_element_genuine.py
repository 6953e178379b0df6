"""The key is in the chip and not in the firmware, and cannot be read: firmware of the bench's own says so, too.

What a project's console says is said by the project. One that derives a key from its MAC at each boot keeps it nowhere,
answers every question rightly, and no scan of its flash can find it; but the chip does not have that key. And one may
call a slot secret that anybody can read.
"""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kitbench import BenchKit, FirmwareBuild, FirmwareSource, RunningKit, Thing, Variant
from kitbench.installation import reference_project

pytestmark = [pytest.mark.hardware, pytest.mark.criterion("secure_element"), pytest.mark.variants("atecc608a")]

SECRET_BIT = 0x80  # of the first byte of SlotConfig: IsSecret, ATECC608A datasheet, "SlotConfig"
IMPORT_BIT = 0x40  # of its second byte: WriteConfig allows PrivWrite
SLOT_CONFIG_0 = 20
PRIVATE_BIT = 0x01  # of the first byte of KeyConfig: Private, ATECC608A datasheet, "KeyConfig"
KEY_CONFIG_0 = 96


@pytest.fixture(scope="module")
def firmware(bench_kit: BenchKit, thing: Thing, variant: Variant, run_folder: Path) -> FirmwareBuild:
    """The bench's own firmware in the place of the project's, once the project has shown its key."""
    assert thing.identity.certificate_pem  # raises where the project gave no CSR: then there is nothing to compare
    folder = run_folder / f"bench_{variant}" / "build"
    return bench_kit.build(FirmwareSource(reference_project()), folder, variant, thing.overlay())


def test_firmware_of_the_bench_finds_the_same_key_in_the_chip(provisioning_kit: RunningKit, thing: Thing) -> None:
    """The bench's own firmware, flashed to the same kit, gets the certificate's public key from the chip."""
    key = thing.certificate.public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]

    same = provisioning_kit.console.public_key() == point

    assert same, "the key of the kit's certificate is not in its secure element"


def test_private_key_cannot_be_read_from_the_chip(provisioning_kit: RunningKit) -> None:
    """The chip refuses to give out slot 0, which its configuration says is private, secret and made inside the chip."""
    console = provisioning_kit.console

    configuration = console.configuration()  # the control: the bus works, other zones are readable

    assert len(configuration) == 128
    assert configuration[SLOT_CONFIG_0] & SECRET_BIT, "slot 0 is not secret"
    assert configuration[KEY_CONFIG_0] & PRIVATE_BIT, "slot 0 holds no private key"
    assert not configuration[SLOT_CONFIG_0 + 1] & IMPORT_BIT, "slot 0 takes keys from outside, which somebody may know"
    assert console.read_attempt() != 0, "the chip gave out slot 0"
