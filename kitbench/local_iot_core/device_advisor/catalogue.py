"""The tests of AWS IoT Device Advisor that are modelled, under AWS's ids and names, with plan and judge of each.

Source: AWS IoT Core developer guide, "Device Advisor test cases", its pages on TLS, MQTT, shadows and job execution.
"""

from dataclasses import dataclass
from typing import Final

from kitbench.local_iot_core.device_advisor import behaviour
from kitbench.local_iot_core.device_advisor.behaviour import Absence, Behaviour, Delivery, Plan, ServerCertificate
from kitbench.local_iot_core.device_advisor.judging import (
    backoff,
    jobs,
    messages,
    policies,
    retries,
    sessions,
    shadows,
    tls,
)
from kitbench.local_iot_core.device_advisor.judging.cipher_suites import OPENSSL_LIST
from kitbench.local_iot_core.device_advisor.judging.terms import Judge
from kitbench.local_iot_core.mqtt.mqtt_packets import PacketType

#: Execution time where a test's configuration names none, in seconds of the device. AWS's default.
USUAL_TIMEOUT_S: Final = 300.0
_ACKNOWLEDGEMENTS: Final = frozenset({PacketType.SUBACK, PacketType.PUBACK, PacketType.PINGRESP})


@dataclass(frozen=True, slots=True)
class TestCase:
    """A test.

    Attributes:
        id: AWS's.
        name: AWS's words.
        judges_tls_stack: it is about the TLS stack itself, and not about how a firmware uses it.
        judges_deeds: it fails on what a device did, and not on what it left undone, which may be for want of something.
        judges_wire: it needs a device that connects.
    """

    __test__ = False

    id: str
    name: str
    plan: Plan
    judge: Judge
    judges_tls_stack: bool = False
    judges_deeds: bool = False
    judges_wire: bool = True

    @property
    def in_qualification(self) -> bool:
        """AWS asks for it in its Device Qualification Program."""
        return self.id in QUALIFICATION


_FRAGMENT_FIX: Final = "give TLS larger buffers: CONFIG_MBEDTLS_SSL_IN_CONTENT_LEN=16384"
_CLOCK_FIX: Final = "CONFIG_MBEDTLS_HAVE_TIME_DATE=y, and set the clock (SNTP) before TLS"
_NAME_FIX: Final = "leave skip_cert_common_name_check off, and connect by the endpoint's name"
_CA_FIX: Final = "give TLS the root certificate, and leave verification on"

_QUALIFICATION: Final = (
    TestCase(
        "TLS_Connect",
        "TLS Connect",
        behaviour.always(behaviour.HONEST),
        tls.judge_handshake(
            "the TLS handshake", "see the device's log for what its TLS says, and its root certificate"
        ),
    ),
    TestCase(
        "TLS_Support_AWS_IoT_Cipher_Suites",
        "TLS Support AWS IoT Cipher Suites",
        behaviour.always(Behaviour(ciphers=OPENSSL_LIST)),
        tls.judge_cipher_suites,
        judges_tls_stack=True,
    ),
    TestCase(
        "TLS_Receive_Maximum_Size_Fragments",
        "TLS Receive Maximum Size Fragments",
        behaviour.always(Behaviour(delivery=Delivery.LARGE)),
        tls.judge_maximum_fragments,
        judges_tls_stack=True,
    ),
    TestCase(
        "TLS_Large_Size_Server_Cert",
        "TLS Large Size Server Cert",
        behaviour.always(Behaviour(certificate=ServerCertificate.LARGE)),
        tls.judge_handshake("the TLS handshake with a large server certificate", _FRAGMENT_FIX),
        judges_tls_stack=True,
    ),
    TestCase(
        "TLS_Unsecure_Server_Cert",
        "TLS Unsecure Server Cert",
        behaviour.trick(ServerCertificate.UNKNOWN_CA),
        tls.judge_refusal(ServerCertificate.UNKNOWN_CA, _CA_FIX),
        judges_deeds=True,
    ),
    TestCase(
        "TLS_Incorrect_Subject_Name_Server_Cert",
        "TLS Incorrect Subject Name Server Cert",
        behaviour.trick(ServerCertificate.WRONG_NAME),
        tls.judge_refusal(ServerCertificate.WRONG_NAME, _NAME_FIX),
        judges_deeds=True,
    ),
    TestCase(
        "TLS_Expired_Server_Cert",
        "TLS Expired Server Cert",
        behaviour.trick(ServerCertificate.EXPIRED),
        tls.judge_refusal(ServerCertificate.EXPIRED, _CLOCK_FIX),
        judges_deeds=True,
    ),
    TestCase(
        "MQTT_Connect",
        "MQTT Connect",
        behaviour.always(behaviour.HONEST),
        messages.judge_connect,
    ),
    TestCase(
        "MQTT_Subscribe",
        "MQTT Subscribe",
        behaviour.always(behaviour.HONEST),
        messages.judge_subscribe,
    ),
    TestCase(
        "MQTT_Publish",
        "MQTT Publish",
        behaviour.always(behaviour.HONEST),
        messages.judge_publish,
    ),
    TestCase(
        "MQTT_Connect_Jitter_Backoff_Retries",
        "MQTT Connect Jitter Backoff Retries",
        behaviour.rounds(backoff.ROUND - 1, backoff.ROUNDS),
        backoff.judge_connect_jitter,
    ),
)
_OTHERS: Final = (
    TestCase(
        "MQTT_Client_Puback_Qos1",
        "MQTT Client Puback QoS1",
        behaviour.always(Behaviour(delivery=Delivery.SMALL)),
        messages.judge_puback,
    ),
    TestCase(
        "MQTT_Connect_Exponential_Backoff_Retries",
        "MQTT Connect Exponential Backoff Retries",
        behaviour.rounds(backoff.ROUND - 1, 1),
        backoff.judge_connect_exponential,
    ),
    TestCase(
        "MQTT_ReconnectionAfterSuccessfulConnection",
        "MQTT Reconnection After Successful Connection",
        behaviour.always(Behaviour(cut_after_s=0.0)),
        backoff.judge_one_second,
        judges_deeds=True,
    ),
    TestCase(
        "MQTT_Reconnect_Backoff_Retries_On_Server_Disconnect",
        "MQTT Reconnect Backoff Retries On Server Disconnect",
        behaviour.server_disconnects,
        backoff.judge_reconnections,
    ),
    TestCase(
        "MQTT_Reconnect_Backoff_Retries_On_Unstable_Connection",
        "MQTT Reconnect Backoff Retries On Unstable Connection",
        behaviour.always(Behaviour(cut_after_s=behaviour.MOMENT_S)),
        backoff.judge_reconnections,
    ),
    TestCase(
        "MQTT_Publish_Retry_No_Puback",
        "MQTT Publish Retry No Puback",
        behaviour.always(Behaviour(withholds=frozenset({PacketType.PUBACK}))),
        retries.judge_publish_retry,
    ),
    TestCase(
        "MQTT_Subscribe_Retry_No_Suback",
        "MQTT Subscribe Retry No Suback",
        behaviour.always(Behaviour(withholds=frozenset({PacketType.SUBACK}))),
        retries.judge_subscribe_retry,
    ),
    TestCase(
        "MQTT_No_Ack_PingResp",
        "MQTT No Ack PingResp",
        behaviour.always(Behaviour(withholds=_ACKNOWLEDGEMENTS)),
        retries.judge_no_ping_response,
    ),
    TestCase(
        "MQTT_Persistent_Session_Happy_Case",
        "MQTT Persistent Session Happy Case",
        behaviour.away(Absence.MESSAGE),
        sessions.judge_persistent_session,
    ),
    TestCase(
        "MQTT_Expired_Persistent_Session",
        "MQTT Expired Persistent Session",
        behaviour.away(Absence.EXPIRES),
        sessions.judge_expired_session,
    ),
    TestCase(
        "MQTT_Publish_Retained_Messages",
        "MQTT Publish Retained Messages",
        behaviour.always(behaviour.HONEST),
        messages.judge_retained,
    ),
    TestCase(
        "Shadow_Publish_Reported_State",
        "Shadow Publish Reported State",
        behaviour.always(behaviour.HONEST),
        shadows.judge_reported_state,
    ),
    TestCase(
        "Shadow_Update_Reported_State",
        "Shadow Update Reported State",
        behaviour.always(Behaviour(delivery=Delivery.DESIRED_STATE)),
        shadows.judge_updated_state,
    ),
    TestCase(
        "Job_Execution",
        "Job Execution",
        behaviour.always(Behaviour(delivery=Delivery.JOB)),
        jobs.judge_job_execution,
    ),
    TestCase(
        "Security_Device_Policies",
        "Security Device Policies",
        behaviour.always(behaviour.HONEST),
        policies.judge_policies,
        judges_wire=False,
    ),
)

#: In AWS's order.
TEST_CASES: Final = {case.id: case for case in (*_QUALIFICATION, *_OTHERS)}
QUALIFICATION: Final = tuple(case.id for case in _QUALIFICATION)

#: AWS's tests that are not modelled here, and why.
NOT_MODELLED: Final = {
    "MQTT_Long_Duration": "it watches a device for hours, and its metrics are AWS's own",
}
_BY_LOWER: Final = {name.lower(): case for name, case in TEST_CASES.items()}


def find_test_case(test_id: str) -> TestCase:
    """Return a test by AWS's id; AWS writes some ids in two ways, so that case does not matter.

    Raises:
        LookupError: there is none, or it is not modelled; the text says which.
    """
    if (case := _BY_LOWER.get(test_id.lower())) is not None:
        return case
    for name, why in NOT_MODELLED.items():
        if name.lower() == test_id.lower():
            raise LookupError(f"test {name} of Device Advisor is not modelled: {why}")
    raise LookupError(f"Device Advisor has no test {test_id[:60]!r}")
