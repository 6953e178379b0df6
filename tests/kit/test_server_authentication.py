"""Mutual authentication has a second half: the kit must refuse an endpoint that is not Amazon's.

The firmware is built once with a root of the bench's and the port of a hostile endpoint, which plays one trick
after the other. A build without a clock (`MBEDTLS_HAVE_TIME_DATE` off, as in the course's sample) accepts an expired
certificate.
"""

import json
from pathlib import Path
from typing import Final

import pytest

from kitbench import (
    BenchKit,
    FirmwareBuild,
    FirmwareSource,
    HostileEndpoint,
    Overlay,
    RunningKit,
    Thing,
    Trick,
    Variant,
    Visit,
)
from kitbench.cloud.hostile_endpoint import can_play
from kitbench.firmware.overlay import ROOT_CA_FILE

pytestmark = [pytest.mark.hardware]

VISIT_WITHIN_S: Final = 20.0
TRICKS: Final = [trick for trick in Trick if trick not in (Trick.NONE, Trick.EXPIRED)]


@pytest.fixture(scope="module")
def firmware(
    firmware_source: FirmwareSource,
    bench_kit: BenchKit,
    thing: Thing,
    variant: Variant,
    hostile_endpoint: HostileEndpoint,
    run_folder: Path,
) -> FirmwareBuild:
    """The firmware, built to trust the hostile endpoint's authority and to go there."""
    trap = Overlay({ROOT_CA_FILE: hostile_endpoint.ca_pem}, {"AWS_IOT_MQTT_PORT": str(hostile_endpoint.port)})
    folder = run_folder / f"hostile_{variant}" / "build"
    return bench_kit.build(firmware_source, folder, variant, thing.overlay().merged_with(trap))


def test_kit_accepts_the_honest_endpoint(
    running_kit: RunningKit, hostile_endpoint: HostileEndpoint, thing: Thing
) -> None:
    """The control: the same endpoint without a trick gets the kit's certificate and its data."""
    hostile_endpoint.accept(thing.identity.certificate_pem)

    visit = visit_during(Trick.NONE, running_kit, hostile_endpoint)

    assert visit.shaken_hands, visit.reason
    assert visit.client_certificate_sha256 == thing.identity.certificate_id


@pytest.mark.parametrize("trick", TRICKS)
def test_kit_refuses_a_hostile_endpoint(
    running_kit: RunningKit, hostile_endpoint: HostileEndpoint, trick: Trick
) -> None:
    """The kit refuses an endpoint that is not the right one, and gives nothing away: no certificate, no data."""
    if not can_play(trick):
        pytest.skip(f"this Python's OpenSSL cannot play {trick}")

    visit = visit_during(trick, running_kit, hostile_endpoint)

    assert visit.was_refused, f"the kit gave itself away to {trick}: {visit.reason}"


def test_expired_certificate_is_refused_by_a_build_with_a_clock(
    running_kit: RunningKit, hostile_endpoint: HostileEndpoint, firmware: FirmwareBuild
) -> None:
    """An expired server certificate is refused exactly when the build checks dates."""
    settings = json.loads((firmware.folder / "config" / "sdkconfig.json").read_text(encoding="utf-8"))

    visit = visit_during(Trick.EXPIRED, running_kit, hostile_endpoint)

    assert visit.was_refused == bool(settings.get("MBEDTLS_HAVE_TIME_DATE")), visit.reason


def visit_during(trick: Trick, kit: RunningKit, endpoint: HostileEndpoint) -> Visit:
    """Restart the kit while the endpoint plays a trick; return its first visit."""
    kit.hold()
    seen = len(endpoint.visits())
    endpoint.play(trick)
    kit.restart()
    return endpoint.wait_for_visit(timeout_s=VISIT_WITHIN_S, after=seen, unless=kit.check)
