"""What the bench adds to a verdict on the wire."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from kitbench.bench.device_advisor.advisor_client import AdvisorClient
from kitbench.bench.device_advisor.kit_suite import KitSuite
from kitbench.bench.device_advisor.suite_choice import choose_tests
from kitbench.bench.kits.running_kit import RunningKit
from kitbench.errors import BenchError, CloudError, KitError
from kitbench.local_iot_core.device_advisor.catalogue import TEST_CASES


class KitOnPaper:
    """A kit whose serial line says one thing, and which may crash."""

    def __init__(self, said: str, crash: str = "", *, faults: Sequence[Exception] = (), lacks: str = "") -> None:
        self.said = said
        self.crash = crash
        self.faults = list(faults)
        self.lacking = lacks
        self.did: list[str] = []

    def hold(self) -> None:
        self.did.append("hold")

    def restart(self) -> None:
        self.did.append("restart")

    def check(self) -> None:
        if self.faults:
            raise self.faults.pop(0)
        if self.crash:
            raise KitError(self.crash)

    def lacks(self) -> str:
        return self.lacking

    def forget_gaps(self) -> None:
        """Do nothing."""

    def log_size(self) -> int:
        return 0

    def log_since(self, _offset: int) -> str:
        return self.said


class AdvisorOnPaper:
    """An advisor with one answer, on a wire that shows the same each time."""

    def __init__(self, outcome: str, wire: Sequence[str] = ("opened",)) -> None:
        self.outcome = outcome
        self.wire = list(wire)
        self.runs: list[str] = []
        self.asked = 0
        self.stopped: list[str] = []

    def start(self, case: Any, _device: Any) -> str:
        self.asked = 0
        self.runs.append(str(case.id))
        return str(case.id)

    def is_under_way(self, _run: str) -> bool:
        self.asked += 1
        return self.asked < 3

    def stop(self, run: str) -> None:
        self.stopped.append(run)

    def result(self, run: str) -> dict[str, Any]:
        said = {"status": "", "reason": "seen", "fix": "", "name": run}
        return {"id": run, "outcome": self.outcome, "wire": self.wire, **said}


def results(
    kit: KitOnPaper,
    outcome: str,
    *tests: str,
    has_own_tls: bool = True,
    settings: dict[str, Any] | None = None,
    clean: Callable[[str], str] = str,
) -> list[dict[str, Any]]:
    advisor = cast("AdvisorClient", AdvisorOnPaper(outcome))
    suite = KitSuite(cast("RunningKit", kit), advisor, {}, has_own_tls, settings or {}, clean)
    return list(suite.run(choose_tests("all", tests)))


@pytest.mark.parametrize("test", [case.id for case in TEST_CASES.values() if case.judges_tls_stack])
def test_tests_of_the_tls_stack_are_judged_where_it_is_the_kits_own(test: str) -> None:
    kit = KitOnPaper("hello")
    [result] = results(kit, "passed", test, has_own_tls=False)
    assert (result["outcome"], result["reason"]) == ("not judged", "not judged: TLS is the host's here")
    assert kit.did == []

    for outcome in ("passed", "failed"):
        [result] = results(kit, outcome, test)
        assert result["outcome"] == outcome


def test_the_kit_is_held_before_a_test_restarted_in_it_and_held_after_it() -> None:
    kit = KitOnPaper("hello")
    results(kit, "passed", "MQTT_Connect")
    assert kit.did == ["hold", "restart", "hold"]


def test_a_crash_fails_the_test_whatever_the_wire_says() -> None:
    kit = KitOnPaper("Guru Meditation Error", crash="LoadProhibited at main.c:7")
    [result] = results(kit, "passed", "MQTT_Connect")
    assert result["outcome"] == "failed"
    assert "LoadProhibited at main.c:7" in result["reason"]


def test_what_was_not_judged_names_the_last_line_and_keys_are_cleaned() -> None:
    [result] = results(
        KitOnPaper("boot\nno AP, key SECRET"),
        "not judged",
        "MQTT_Connect",
        clean=lambda text: text.replace("SECRET", "…"),
    )
    assert result["serial"] == ["boot", "no AP, key …"]
    assert result["reason"].endswith("the kit's last line was 'no AP, key …'")


def test_the_build_says_what_decides() -> None:
    kit = KitOnPaper("hello")
    [result] = results(kit, "failed", "TLS_Expired_Server_Cert", settings={"MBEDTLS_HAVE_TIME_DATE": True})
    assert result["reason"] == "seen; the build has CONFIG_MBEDTLS_HAVE_TIME_DATE=y"
    [result] = results(kit, "failed", "TLS_Expired_Server_Cert", settings={"OTHER": 1})
    assert result["reason"] == "seen; the build leaves CONFIG_MBEDTLS_HAVE_TIME_DATE off"


@pytest.mark.parametrize(
    "fault", [BenchError("port is gone", stage="serial"), CloudError("the core is gone"), OSError("device vanished")]
)
def test_what_fails_of_the_bench_once_is_tried_again_and_kept(fault: Exception) -> None:
    [result] = results(KitOnPaper("hello", faults=[fault]), "passed", "MQTT_Connect")
    assert (result["outcome"], result["bench_faults"]) == ("passed", [str(fault)])


def test_what_fails_of_the_bench_again_is_not_judged_and_the_next_test_is_run() -> None:
    faults = [BenchError("port is gone"), BenchError("port SECRET is gone")]
    kit = KitOnPaper("hello", faults=faults)
    first, second = results(
        kit, "failed", "MQTT_Connect", "MQTT_Publish", clean=lambda text: text.replace("SECRET", "…")
    )
    assert (first["outcome"], first["status"]) == ("not judged", "ERROR")
    assert "the bench failed 2 times: port … is gone" in first["reason"]
    assert "doctor" in first["fix"]
    assert second["outcome"] == "failed"


def test_a_run_that_the_bench_broke_off_is_stopped() -> None:
    advisor = AdvisorOnPaper("passed")
    kit = cast("RunningKit", KitOnPaper("hello", faults=[BenchError("x"), BenchError("y")]))
    suite = KitSuite(kit, cast("AdvisorClient", advisor), {}, True, {}, str)
    list(suite.run(choose_tests("all", ("MQTT_Connect",))))
    assert advisor.stopped == ["MQTT_Connect"] * 2


def test_what_a_stand_in_lacks_excuses_what_was_left_undone_and_no_deed() -> None:
    kit = KitOnPaper("hello", lacks="header driver/mcpwm.h")
    deed, undone = results(kit, "failed", "MQTT_Subscribe", "TLS_Expired_Server_Cert")
    assert (undone["outcome"], deed["outcome"]) == ("not judged", "failed")
    assert "this kit lacks header driver/mcpwm.h" in undone["reason"]
    [passed] = results(kit, "passed", "MQTT_Subscribe")
    assert passed["outcome"] == "passed"


def test_an_error_in_the_log_tells_more_than_what_came_after_it() -> None:
    said = "I (1) boot\nE (9) subpub: Error(-28) connecting to example.com:8883\nW (10) subpub: MQTT disconnected"
    [result] = results(KitOnPaper(said), "not judged", "MQTT_Connect")
    assert "last error was 'E (9) subpub: Error(-28) connecting to example.com:8883'" in result["reason"]


_FIVE = ("TLS_Connect", "MQTT_Connect", "MQTT_Subscribe", "MQTT_Publish", "Security_Device_Policies")


def suite_on(kit: KitOnPaper, advisor: AdvisorOnPaper) -> list[dict[str, Any]]:
    suite = KitSuite(cast("RunningKit", kit), cast("AdvisorClient", advisor), {}, True, {}, str)
    return list(suite.run(choose_tests("all", _FIVE)))


def test_a_kit_that_never_connects_costs_two_tests_and_passes_none() -> None:
    advisor = AdvisorOnPaper("not judged", wire=())
    found = suite_on(KitOnPaper("boot"), advisor)
    assert advisor.runs == ["TLS_Connect", "MQTT_Connect", "Security_Device_Policies"]
    assert {result["outcome"] for result in found} == {"not judged"}
    assert ["opened no connection in the first 2 tests" in result["reason"] for result in found] == [
        False,
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(("outcome", "wire"), [("not judged", ["opened"]), ("failed", []), ("passed", [])])
def test_a_kit_that_came_or_was_judged_is_waited_for_in_every_test(outcome: str, wire: list[str]) -> None:
    advisor = AdvisorOnPaper(outcome, wire)
    suite_on(KitOnPaper("boot"), advisor)
    assert advisor.runs == list(_FIVE)


def test_a_bench_that_failed_says_nothing_of_the_kit() -> None:
    advisor = AdvisorOnPaper("not judged", wire=())
    suite_on(KitOnPaper("boot", faults=[BenchError(str(number)) for number in range(4)]), advisor)
    assert advisor.runs[:4] == ["TLS_Connect"] * 2 + ["MQTT_Connect"] * 2
    assert "MQTT_Subscribe" in advisor.runs
