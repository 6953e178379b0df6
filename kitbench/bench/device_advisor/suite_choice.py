"""Which tests of Device Advisor are run, in which order, and for how long."""

from typing import Final

from kitbench.errors import UsageError
from kitbench.local_iot_core.device_advisor.catalogue import QUALIFICATION, TEST_CASES, TestCase, find_test_case
from kitbench.spelling import did_you_mean

SUITES: Final = ("qualification", "all")
#: How long a test may take, in seconds of the device; the others take what a device needs to boot and to connect.
_LONGER_S: Final = {
    "MQTT_Connect_Jitter_Backoff_Retries": 420.0,
    "MQTT_Connect_Exponential_Backoff_Retries": 240.0,
    "MQTT_Reconnect_Backoff_Retries_On_Server_Disconnect": 240.0,
    "MQTT_Reconnect_Backoff_Retries_On_Unstable_Connection": 240.0,
    "MQTT_No_Ack_PingResp": 240.0,
}
_USUAL_S: Final = 60.0
#: A kit boots and shakes hands in our time, however fast its clock runs.
_GRACE_S: Final = 15.0
#: So does it wait for a CONNACK, as long as ten seconds each time with esp-mqtt's defaults.
_SILENCES: Final = {"MQTT_Connect_Jitter_Backoff_Retries": 12, "MQTT_Connect_Exponential_Backoff_Retries": 6}
_SILENCE_S: Final = 11.0
#: About timers of the network, which a virtual kit does not hurry: keep-alive, and the wait for an acknowledgement.
_OF_NETWORK_TIMERS: Final = frozenset(
    {"MQTT_Publish_Retry_No_Puback", "MQTT_Subscribe_Retry_No_Suback", "MQTT_No_Ack_PingResp"}
)


def choose_tests(suite: str, only: tuple[str, ...] = ()) -> tuple[TestCase, ...]:
    """Return the tests of a suite, or those of its names, in AWS's order.

    Raises:
        UsageError: there is no such test in it.
    """
    chosen = [case for case in TEST_CASES.values() if suite != SUITES[0] or case.id in QUALIFICATION]
    if not only:
        return tuple(chosen)
    known = {case.id.lower(): case for case in TEST_CASES.values()}
    for name in only:
        try:
            find_test_case(name)
        except LookupError as error:
            raise UsageError(f"--test: {error}", stage="options", fix=did_you_mean(name[:60], TEST_CASES)) from error
    wanted = {name.lower() for name in only}
    return tuple(case for name, case in known.items() if name in wanted)


def clock_factor_of(case: TestCase, clock_factor: float) -> float:
    """Return how much faster than ours the clock runs that a test is about.

    Args:
        case: the test.
        clock_factor: how much faster the kit's delays run.
    """
    return 1.0 if case.id in _OF_NETWORK_TIMERS else clock_factor


def timeout_s(case: TestCase, clock_factor: float) -> float:
    """Return how long a test may take, in seconds of the clock that it is about."""
    ours_s = _GRACE_S + _SILENCE_S * _SILENCES.get(case.id, 0)
    return _LONGER_S.get(case.id, _USUAL_S) + ours_s * clock_factor
