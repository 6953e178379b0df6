"""The key is in the chip and not in the firmware: firmware of the bench's own finds it there, too.

What a project's console says is said by the project. One that derives a key from its MAC at each boot keeps it nowhere,
answers every question rightly, and no scan of its flash can find it; but the chip does not have that key.
"""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kitbench.pytest_plugin.bench import BenchKit
from kitbench.pytest_plugin.firmware_build import FirmwareBuild, FirmwareSource
from kitbench.pytest_plugin.kit_thing import KitThing
from kitbench.pytest_plugin.options import Variant
from kitbench.pytest_plugin.running_kit import RunningKit
from kitbench.pytest_plugin.suite import reference_project

pytestmark = [pytest.mark.hardware, pytest.mark.criterion("secure_element"), pytest.mark.variants("atecc608a")]


@pytest.fixture(scope="module")
def firmware(bench_kit: BenchKit, thing: KitThing, variant: Variant, run_folder: Path) -> FirmwareBuild:
    """The bench's own firmware in the place of the project's, once the project has shown its key."""
    assert thing.identity.certificate_pem  # raises where the project gave no CSR: then there is nothing to compare
    folder = run_folder / f"bench_{variant}" / "build"
    return bench_kit.build(FirmwareSource(reference_project()), folder, variant, thing.overlay())


def test_firmware_of_the_bench_finds_the_same_key_in_the_chip(provisioning_kit: RunningKit, thing: KitThing) -> None:
    """The bench's own firmware, flashed to the same kit, gets the certificate's public key from the chip."""
    key = thing.certificate.public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]

    same = provisioning_kit.console.public_key() == point

    assert same, "the key of the kit's certificate is not in its secure element"
