"""Mutual authentication, the server's half: the kit must refuse an endpoint that is not the right one.

The very build that connects to the cloud is led to a hostile endpoint, which plays one trick after the other. A build
without a clock (`MBEDTLS_HAVE_TIME_DATE` off, as in the course's sample) accepts an expired certificate.
"""

import json
from typing import Final

import pytest

from kitbench import (
    BenchError,
    FirmwareBuild,
    HostileEndpoint,
    KitDeedError,
    KitError,
    Presence,
    RunningKit,
    Thing,
    Trick,
    Visit,
    Wire,
    can_play,
)

pytestmark = [pytest.mark.hardware]

#: How long a kit that connected before is waited for: three times as long as it took then, and so long at least.
VISIT_WITHIN_S: Final = 20.0
TIMES_THE_FIRST: Final = 3.0
OLD_TLS: Final = (Trick.TLS_1_0, Trick.TLS_1_1)
TRICKS: Final = tuple(trick for trick in Trick if trick not in {Trick.NONE, Trick.EXPIRED, *OLD_TLS})


@pytest.mark.criterion("connects")
def test_kit_refuses_hostile_endpoints(
    running_kit: RunningKit,
    connected_kit: Presence,
    wire: Wire,
    hostile_endpoint: HostileEndpoint,
    thing: Thing,
    test_began: float,
) -> None:
    """The kit refuses an endpoint with another name, an unknown root, a certificate of its own, or without TLS.

    It gives nothing away then, no certificate and no data; the same endpoint without a trick gets both.
    """
    patience_s = max(VISIT_WITHIN_S, TIMES_THE_FIRST * (connected_kit.time - test_began))
    wire.require_passage(after=test_began)
    hostile_endpoint.accept(thing.identity.certificate_pem)

    honest = visit_during(Trick.NONE, running_kit, wire, hostile_endpoint, patience_s=patience_s)
    if not honest.shaken_hands or honest.client_certificate_sha256 != thing.identity.certificate_id:
        raise BenchError(f"the control failed: the kit does not take the honest endpoint: {honest.reason}")
    for trick in (*TRICKS, *(OLD_TLS if wire.has_own_tls else ())):
        if can_play(trick):
            visit = visit_during(trick, running_kit, wire, hostile_endpoint, patience_s=patience_s)
            if not visit.was_refused:
                raise KitDeedError(
                    f"the kit gave itself away to an endpoint with {trick}: {visit.reason}", stage="connect"
                )


def test_expired_certificate_is_refused_by_a_build_with_a_clock(
    running_kit: RunningKit,
    connected_kit: Presence,
    wire: Wire,
    hostile_endpoint: HostileEndpoint,
    firmware: FirmwareBuild,
) -> None:
    """An expired server certificate is refused exactly when the build checks dates."""
    del connected_kit  # the control: it takes an endpoint whose certificate is not over
    settings = json.loads((firmware.folder / "config" / "sdkconfig.json").read_text(encoding="utf-8"))

    visit = visit_during(Trick.EXPIRED, running_kit, wire, hostile_endpoint, patience_s=VISIT_WITHIN_S)

    checks_dates = bool(settings.get("MBEDTLS_HAVE_TIME_DATE"))
    if checks_dates and not visit.was_refused:
        raise KitDeedError(f"the kit took an expired certificate: {visit.reason}", stage="connect")
    assert visit.was_refused == checks_dates, visit.reason


def visit_during(trick: Trick, kit: RunningKit, wire: Wire, endpoint: HostileEndpoint, *, patience_s: float) -> Visit:
    """Restart the kit and lead it to the endpoint while that plays a trick; return its first visit."""
    relay = wire.require_relay()
    kit.hold()
    seen = len(endpoint.visits())
    endpoint.play(trick)
    relay.lead_to("127.0.0.1", endpoint.port)
    try:
        kit.restart()
        return endpoint.wait_for_visit(timeout_s=patience_s, after=seen, unless=kit.check)
    except BenchError as error:
        reason = (
            f"the kit did not try to connect within {patience_s:.0f} s of a restart, so that nobody could refuse it"
        )
        raise KitError(reason, stage="connect") from error
    finally:
        kit.hold()
        relay.lead_home()
