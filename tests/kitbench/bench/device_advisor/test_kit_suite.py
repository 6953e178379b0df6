"""What the bench adds to a verdict on the wire."""

from collections.abc import Callable
from typing import Any, cast

from kitbench.bench.device_advisor.advisor_client import AdvisorClient
from kitbench.bench.device_advisor.kit_suite import KitSuite
from kitbench.bench.device_advisor.suite_choice import choose_tests
from kitbench.bench.kits.running_kit import RunningKit
from kitbench.errors import KitError


class KitOnPaper:
    """A kit whose serial line says one thing, and which may crash."""

    def __init__(self, said: str, crash: str = "") -> None:
        self.said = said
        self.crash = crash
        self.did: list[str] = []

    def hold(self) -> None:
        self.did.append("hold")

    def restart(self) -> None:
        self.did.append("restart")

    def check(self) -> None:
        if self.crash:
            raise KitError(self.crash)

    def log_size(self) -> int:
        return 0

    def log_since(self, _offset: int) -> str:
        return self.said


class AdvisorOnPaper:
    """An advisor with one answer."""

    def __init__(self, outcome: str) -> None:
        self.outcome = outcome
        self.asked = 0

    def start(self, case: Any, _device: Any) -> str:
        return str(case.id)

    def is_under_way(self, _run: str) -> bool:
        self.asked += 1
        return self.asked < 3

    def stop(self, run: str) -> None:
        """Do nothing."""

    def result(self, run: str) -> dict[str, Any]:
        return {"id": run, "outcome": self.outcome, "status": "", "reason": "seen", "fix": "", "name": run}


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


def test_tests_of_the_tls_stack_are_judged_where_it_is_the_kits_own() -> None:
    kit = KitOnPaper("hello")
    [result] = results(kit, "passed", "TLS_Large_Size_Server_Cert", has_own_tls=False)
    assert (result["outcome"], result["reason"]) == ("not judged", "not judged: TLS is the host's here")
    assert kit.did == []

    [result] = results(kit, "passed", "TLS_Large_Size_Server_Cert")
    assert result["outcome"] == "passed"


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
