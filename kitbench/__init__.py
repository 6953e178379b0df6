"""A pytest test bench and grader for ESP32 kits on AWS IoT Core.

This is the public face: what tests of your own firmware name in their annotations and call. These names stay stable by
SemVer, also what is public on their classes; every module below may change. See docs/writing-tests.md.

    from kitbench import Observer, RunningKit, Thing

    def test_it_talks(running_kit: RunningKit, observer: Observer, thing: Thing) -> None: ...

Each is loaded when it is first asked for: `import kitbench` costs nothing.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from kitbench.bench.arrivals import Arrival, Arrivals
    from kitbench.bench.bench_board import BenchBoard, BenchPart
    from kitbench.bench.bench_kit import BenchKit
    from kitbench.bench.evidence import Evidence
    from kitbench.bench.firmware_build import FirmwareBuild, FirmwareSource
    from kitbench.bench.kit_thing import KitThing as Thing
    from kitbench.bench.loopback import await_echo
    from kitbench.bench.running_kit import RunningKit
    from kitbench.bench.sensor_to_table.rule_in_test import RuleInTest
    from kitbench.bench.sensor_to_table.trail import ReadingTrail
    from kitbench.bench.traffic_breach import breach
    from kitbench.bench.variant import Variant
    from kitbench.bench.wire import Wire
    from kitbench.cloud.bench_client import Attempt, attempt
    from kitbench.cloud.bench_client import Outcome as AttemptOutcome
    from kitbench.cloud.endpoint import Endpoint
    from kitbench.cloud.hostile_endpoint import HostileEndpoint, Trick, Visit, can_play
    from kitbench.cloud.identity import Topics
    from kitbench.cloud.message import Message, Presence
    from kitbench.cloud.meter import BudgetExceededError, Meter
    from kitbench.cloud.observer import NothingCameError, Observer
    from kitbench.cloud.provisioning import set_active
    from kitbench.cloud.refusal import Refusal, refusals, tells_refusals, wait_for_refusal
    from kitbench.errors import BenchError, CloudError, Fault, GapError, KitbenchError, KitError, UsageError
    from kitbench.firmware.overlay import Overlay
    from kitbench.forensics.verdict import Outcome as VerdictOutcome
    from kitbench.forensics.verdict import Verdict
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
    "Arrival": "kitbench.bench.arrivals.Arrival",
    "Arrivals": "kitbench.bench.arrivals.Arrivals",
    "Attempt": "kitbench.cloud.bench_client.Attempt",
    "AttemptOutcome": "kitbench.cloud.bench_client.Outcome",
    "BenchBoard": "kitbench.bench.bench_board.BenchBoard",
    "BenchError": "kitbench.errors.BenchError",
    "BenchKit": "kitbench.bench.bench_kit.BenchKit",
    "BenchPart": "kitbench.bench.bench_board.BenchPart",
    "BudgetExceededError": "kitbench.cloud.meter.BudgetExceededError",
    "CloudError": "kitbench.errors.CloudError",
    "Endpoint": "kitbench.cloud.endpoint.Endpoint",
    "Evidence": "kitbench.bench.evidence.Evidence",
    "Fault": "kitbench.errors.Fault",
    "FirmwareBuild": "kitbench.bench.firmware_build.FirmwareBuild",
    "FirmwareSource": "kitbench.bench.firmware_build.FirmwareSource",
    "GapError": "kitbench.errors.GapError",
    "HostileEndpoint": "kitbench.cloud.hostile_endpoint.HostileEndpoint",
    "KitError": "kitbench.errors.KitError",
    "KitbenchError": "kitbench.errors.KitbenchError",
    "Message": "kitbench.cloud.message.Message",
    "Meter": "kitbench.cloud.meter.Meter",
    "NothingCameError": "kitbench.cloud.observer.NothingCameError",
    "Observer": "kitbench.cloud.observer.Observer",
    "Overlay": "kitbench.firmware.overlay.Overlay",
    "Presence": "kitbench.cloud.message.Presence",
    "ReadingTrail": "kitbench.bench.sensor_to_table.trail.ReadingTrail",
    "RuleInTest": "kitbench.bench.sensor_to_table.rule_in_test.RuleInTest",
    "Refusal": "kitbench.cloud.refusal.Refusal",
    "RunningKit": "kitbench.bench.running_kit.RunningKit",
    "Thing": "kitbench.bench.kit_thing.KitThing",
    "TrafficRules": "kitbench.traffic_rules.TrafficRules",
    "Topics": "kitbench.cloud.identity.Topics",
    "Trick": "kitbench.cloud.hostile_endpoint.Trick",
    "UsageError": "kitbench.errors.UsageError",
    "Variant": "kitbench.bench.variant.Variant",
    "Verdict": "kitbench.forensics.verdict.Verdict",
    "VerdictOutcome": "kitbench.forensics.verdict.Outcome",
    "Visit": "kitbench.cloud.hostile_endpoint.Visit",
    "Wire": "kitbench.bench.wire.Wire",
    "attempt": "kitbench.cloud.bench_client.attempt",
    "await_echo": "kitbench.bench.loopback.await_echo",
    "breach": "kitbench.bench.traffic_breach.breach",
    "can_play": "kitbench.cloud.hostile_endpoint.can_play",
    "refusals": "kitbench.cloud.refusal.refusals",
    "set_active": "kitbench.cloud.provisioning.set_active",
    "tells_refusals": "kitbench.cloud.refusal.tells_refusals",
    "wait_for_refusal": "kitbench.cloud.refusal.wait_for_refusal",
}

if not TYPE_CHECKING:  # a type checker would take every name for one of ours

    def __getattr__(name: str) -> Any:
        if name == "__version__":
            return version("kitbench")
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, _, original = _HOMES[name].rpartition(".")
        return getattr(import_module(module), original)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
