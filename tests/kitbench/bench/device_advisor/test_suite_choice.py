"""The tests of a suite."""

import pytest

from kitbench.bench.device_advisor.suite_choice import choose_tests, clock_factor_of, timeout_s
from kitbench.errors import UsageError


def test_qualification_has_awss_eleven_and_all_has_more() -> None:
    qualification = [case.id for case in choose_tests("qualification")]
    assert len(qualification) == 11
    assert qualification[0] == "TLS_Connect"
    assert qualification[-1] == "MQTT_Connect_Jitter_Backoff_Retries"
    assert {case.id for case in choose_tests("all")} > set(qualification)


def test_tests_are_chosen_by_awss_ids_in_any_case() -> None:
    assert [case.id for case in choose_tests("all", ("mqtt_connect", "TLS_Connect"))] == ["TLS_Connect", "MQTT_Connect"]
    with pytest.raises(UsageError, match=r"no test 'MQTT_Conect' — did you mean 'MQTT_Connect'\?"):
        choose_tests("all", ("MQTT_Conect",))
    with pytest.raises(UsageError, match="MQTT_Long_Duration of Device Advisor is not modelled: it watches"):
        choose_tests("all", ("MQTT_Long_Duration",))


def test_a_hurried_kit_still_has_time_to_boot() -> None:
    [case] = choose_tests("all", ("MQTT_Connect",))
    assert timeout_s(case, 10) / 10 > 20


def test_network_timers_are_judged_by_our_clock_as_a_virtual_kit_does_not_hurry_them() -> None:
    factors = {case.id: clock_factor_of(case, 10) for case in choose_tests("all")}
    assert factors["MQTT_No_Ack_PingResp"] == factors["MQTT_Publish_Retry_No_Puback"] == 1.0
    assert factors["MQTT_Connect_Jitter_Backoff_Retries"] == 10


def test_twelve_waits_for_a_connack_fit_in() -> None:
    [case] = choose_tests("all", ("MQTT_Connect_Jitter_Backoff_Retries",))
    assert timeout_s(case, 10) / 10 > 12 * 10
