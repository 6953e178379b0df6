"""A pytest test bench and grader for ESP32 kits on AWS IoT Core.

This is the public face: what tests of your own firmware name in their annotations and call. These names stay stable by
SemVer, also what is public on their classes; every module below may change. See docs/writing-tests.md.

    from kitbench import Observer, RunningKit, Thing

    def test_it_talks(running_kit: RunningKit, observer: Observer, thing: Thing) -> None: ...

Each is loaded when it is first asked for: `import kitbench` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from kitbench.bench.bench_board import BenchBoard, BenchPart
    from kitbench.bench.builds.firmware_build import FirmwareBuild, FirmwareSource
    from kitbench.bench.builds.variant import Variant
    from kitbench.bench.kits.bench_kit import BenchKit
    from kitbench.bench.kits.kit_thing import KitThing as Thing
    from kitbench.bench.kits.running_kit import RunningKit
    from kitbench.bench.records.evidence import Evidence
    from kitbench.bench.sensor_to_table.rule_in_test import RuleInTest
    from kitbench.bench.sensor_to_table.trail import ReadingTrail
    from kitbench.bench.traffic.arrivals import Arrival, Arrivals
    from kitbench.bench.traffic.loopback import await_echo
    from kitbench.bench.traffic.traffic_breach import breach
    from kitbench.bench.traffic.wire import Wire
    from kitbench.cloud.billing.meter import BudgetExceededError, Meter
    from kitbench.cloud.endpoint import Endpoint
    from kitbench.cloud.hostile.hostile_endpoint import HostileEndpoint, Trick, Visit, can_play
    from kitbench.cloud.mqtt.bench_client import Attempt, AttemptOutcome, attempt
    from kitbench.cloud.mqtt.message import Message, Presence
    from kitbench.cloud.mqtt.observer import NothingCameError, Observer
    from kitbench.cloud.refusal import Refusal, refusals, tells_refusals, wait_for_refusal
    from kitbench.cloud.things.client_identity import Topics
    from kitbench.cloud.things.provisioning import set_active
    from kitbench.errors import (
        BenchError,
        CloudError,
        Fault,
        GapError,
        KitbenchError,
        KitDeedError,
        KitError,
        UsageError,
    )
    from kitbench.firmware.overlay import Overlay
    from kitbench.forensics.proof.verdict import Outcome as VerdictOutcome
    from kitbench.forensics.proof.verdict import Verdict
    from kitbench.traffic_rules import TrafficRules

    __version__: str

__all__ = [
    "Arrival",
    "Arrivals",
    "Attempt",
    "AttemptOutcome",
    "BenchBoard",
    "BenchError",
    "BenchKit",
    "BenchPart",
    "BudgetExceededError",
    "CloudError",
    "Endpoint",
    "Evidence",
    "Fault",
    "FirmwareBuild",
    "FirmwareSource",
    "GapError",
    "HostileEndpoint",
    "KitDeedError",
    "KitError",
    "KitbenchError",
    "Message",
    "Meter",
    "NothingCameError",
    "Observer",
    "Overlay",
    "Presence",
    "ReadingTrail",
    "Refusal",
    "RuleInTest",
    "RunningKit",
    "Thing",
    "Topics",
    "TrafficRules",
    "Trick",
    "UsageError",
    "Variant",
    "Verdict",
    "VerdictOutcome",
    "Visit",
    "Wire",
    "__version__",
    "attempt",
    "await_echo",
    "breach",
    "can_play",
    "refusals",
    "set_active",
    "tells_refusals",
    "wait_for_refusal",
]

#: Where each name is at home.
_HOMES: Final = {
    "Arrival": "kitbench.bench.traffic.arrivals.Arrival",
    "Arrivals": "kitbench.bench.traffic.arrivals.Arrivals",
    "Attempt": "kitbench.cloud.mqtt.bench_client.Attempt",
    "AttemptOutcome": "kitbench.cloud.mqtt.bench_client.AttemptOutcome",
    "BenchBoard": "kitbench.bench.bench_board.BenchBoard",
    "BenchError": "kitbench.errors.BenchError",
    "BenchKit": "kitbench.bench.kits.bench_kit.BenchKit",
    "BenchPart": "kitbench.bench.bench_board.BenchPart",
    "BudgetExceededError": "kitbench.cloud.billing.meter.BudgetExceededError",
    "CloudError": "kitbench.errors.CloudError",
    "Endpoint": "kitbench.cloud.endpoint.Endpoint",
    "Evidence": "kitbench.bench.records.evidence.Evidence",
    "Fault": "kitbench.errors.Fault",
    "FirmwareBuild": "kitbench.bench.builds.firmware_build.FirmwareBuild",
    "FirmwareSource": "kitbench.bench.builds.firmware_build.FirmwareSource",
    "GapError": "kitbench.errors.GapError",
    "HostileEndpoint": "kitbench.cloud.hostile.hostile_endpoint.HostileEndpoint",
    "KitDeedError": "kitbench.errors.KitDeedError",
    "KitError": "kitbench.errors.KitError",
    "KitbenchError": "kitbench.errors.KitbenchError",
    "Message": "kitbench.cloud.mqtt.message.Message",
    "Meter": "kitbench.cloud.billing.meter.Meter",
    "NothingCameError": "kitbench.cloud.mqtt.observer.NothingCameError",
    "Observer": "kitbench.cloud.mqtt.observer.Observer",
    "Overlay": "kitbench.firmware.overlay.Overlay",
    "Presence": "kitbench.cloud.mqtt.message.Presence",
    "ReadingTrail": "kitbench.bench.sensor_to_table.trail.ReadingTrail",
    "RuleInTest": "kitbench.bench.sensor_to_table.rule_in_test.RuleInTest",
    "Refusal": "kitbench.cloud.refusal.Refusal",
    "RunningKit": "kitbench.bench.kits.running_kit.RunningKit",
    "Thing": "kitbench.bench.kits.kit_thing.KitThing",
    "TrafficRules": "kitbench.traffic_rules.TrafficRules",
    "Topics": "kitbench.cloud.things.client_identity.Topics",
    "Trick": "kitbench.cloud.hostile.hostile_endpoint.Trick",
    "UsageError": "kitbench.errors.UsageError",
    "Variant": "kitbench.bench.builds.variant.Variant",
    "Verdict": "kitbench.forensics.proof.verdict.Verdict",
    "VerdictOutcome": "kitbench.forensics.proof.verdict.Outcome",
    "Visit": "kitbench.cloud.hostile.hostile_endpoint.Visit",
    "Wire": "kitbench.bench.traffic.wire.Wire",
    "attempt": "kitbench.cloud.mqtt.bench_client.attempt",
    "await_echo": "kitbench.bench.traffic.loopback.await_echo",
    "breach": "kitbench.bench.traffic.traffic_breach.breach",
    "can_play": "kitbench.cloud.hostile.hostile_endpoint.can_play",
    "refusals": "kitbench.cloud.refusal.refusals",
    "set_active": "kitbench.cloud.things.provisioning.set_active",
    "tells_refusals": "kitbench.cloud.refusal.tells_refusals",
    "wait_for_refusal": "kitbench.cloud.refusal.wait_for_refusal",
}

if not TYPE_CHECKING:  # a type checker would take every name for one of ours

    def __getattr__(name: str) -> Any:
        if name == "__version__":
            from importlib.metadata import version  # noqa: PLC0415 - slow to load

            return version("kitbench")
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, _, original = _HOMES[name].rpartition(".")
        return getattr(import_module(module), original)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
