"""Judges of TLS: handshakes that must succeed, and endpoints that must be refused."""

from typing import Final

from kitbench.local_iot_core.device_advisor.behaviour import LARGE_PAYLOAD, ServerCertificate
from kitbench.local_iot_core.device_advisor.judging.cipher_suites import RECOMMENDED, SIGNALS, SUPPORTED, name_of
from kitbench.local_iot_core.device_advisor.judging.messages import judge_acknowledged_delivery
from kitbench.local_iot_core.device_advisor.judging.terms import NEVER_CAME, Judge, Terms
from kitbench.local_iot_core.device_advisor.verdict import Verdict, failed, not_judged, passed, warned
from kitbench.local_iot_core.device_advisor.wire_log import Link, WireLog

#: Handshakes that may fail before it is the device's fault: a kit that is reset in the midst of one is none.
_TRIES: Final = 3
_COME: Final = "restart the device while the test runs, and have it connect to the endpoint"
_NAMES_SHOWN: Final = 5


def judge_handshake(what: str, fix: str) -> Judge:
    """Return the judge of a handshake that must succeed.

    Args:
        what: the handshake, for the reason.
        fix: what to do where it fails.
    """

    def judge(log: WireLog, terms: Terms) -> Verdict | None:
        if (done := next((link for link in log.links if link.secured_s is not None), None)) is not None:
            took = (done.secured_s or 0.0) - done.opened_s
            again = len([link for link in log.links if link.refused])
            reason = f"{what} was completed, {took:.1f} s after the connection was opened"
            return warned(f"{reason}; {again} before it failed", fix) if again else passed(reason)
        refused = [link for link in log.links if link.refused]
        if len(refused) >= _TRIES or (terms.is_over and refused):
            return failed(f"{what} failed {len(refused)} times: {refused[-1].refused}", fix)
        if not terms.is_over:
            return None
        return not_judged(f"{what} did not come to an end" if log.links else NEVER_CAME, _COME)

    return judge


def judge_cipher_suites(log: WireLog, terms: Terms) -> Verdict | None:
    """Compare what the ClientHello offers with what AWS IoT Core has."""
    offered = next((link.suites for link in log.links if link.suites), None)
    if offered is None:
        return not_judged(NEVER_CAME if not log.links else "no ClientHello came", _COME) if terms.is_over else None
    suites = [suite for suite in offered if suite not in SIGNALS]
    known = [suite for suite in suites if suite in SUPPORTED]
    foreign = [suite for suite in suites if suite not in SUPPORTED]
    good = [suite for suite in suites if suite in RECOMMENDED]
    if known and not any(link.secured_s is not None for link in log.links):
        return _unfinished(log, terms, known)
    if not known:
        return failed(
            f"none of the {len(suites)} cipher suites offered is one of AWS IoT Core's: {_listed(suites)}",
            "enable ECDHE with AES-GCM: CONFIG_MBEDTLS_GCM_C, CONFIG_MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA or _RSA",
        )
    if not good:
        return warned(
            f"no suite with forward secrecy and authenticated encryption is offered, but {_listed(known)}",
            "enable ECDHE with AES-GCM",
        )
    if foreign:
        return warned(
            f"{len(foreign)} suites offered are not AWS IoT Core's: {_listed(foreign)}; recommended: {_listed(good)}",
            "leave out what is not needed, or see that it is safe",
        )
    return passed(f"all {len(suites)} suites offered are AWS IoT Core's, recommended among them: {_listed(good)}")


def _unfinished(log: WireLog, terms: Terms, known: list[int]) -> Verdict | None:
    """Return a verdict on a device that offers suites of AWS IoT Core's, and has completed no handshake with them."""
    refused = [link.refused for link in log.links if link.refused]
    if len(refused) >= _TRIES or (terms.is_over and refused):
        reason = f"{_listed(known)} are offered, and no handshake came to its end with them alone: {refused[-1]}"
        return failed(reason, "see the device's log for what its TLS says")
    return not_judged("the handshake did not come to an end", _COME) if terms.is_over else None


def judge_refusal(certificate: ServerCertificate, fix: str) -> Judge:
    """Return the judge of a device that is shown a bad certificate first and a good one afterwards.

    Without the good one, a device that can connect to nobody would pass.
    """

    def judge(log: WireLog, terms: Terms) -> Verdict | None:
        first = log.links[0] if log.links else None
        if first is None:
            return not_judged(NEVER_CAME, _COME) if terms.is_over else None
        if first.has_data:
            return failed(f"{_accepted(first, certificate)}, and sent data", fix)
        if first.ended_s is None:
            return failed(f"{_accepted(first, certificate)}, and stayed", fix) if terms.is_over else None
        if first.secured_s is not None:
            # A certificate is looked at before the handshake ends: who completes it has accepted it.
            return failed(f"{_accepted(first, certificate)}, and hung up before it sent anything", fix)
        if any(link.secured_s is not None for link in log.links[1:]):
            return _refused(first, certificate)
        return _without_control(certificate) if terms.is_over else None

    return judge


def _without_control(certificate: ServerCertificate) -> Verdict:
    return not_judged(
        f"the device refused a certificate with {_wrong(certificate)}, and did not come back to a good one",
        "see TLS Connect: what refuses everybody shows nothing",
    )


def _accepted(link: Link, certificate: ServerCertificate) -> str:
    came = "completed TLS" if link.secured_s is not None else "did not refuse TLS"
    return f"the device {came} with a certificate with {_wrong(certificate)}"


def _refused(link: Link, certificate: ServerCertificate) -> Verdict:
    wrong = _wrong(certificate)
    if "ALERT" in link.refused:
        alert = link.refused.rpartition(": ")[2]
        return passed(f"the device refused a certificate with {wrong} by the alert {alert}, and took a good one")
    reason = f"the device closed the connection before a certificate with {wrong} got any data, and took a good one"
    if certificate is ServerCertificate.EXPIRED:
        return warned(f"{reason}; it sent no alert", "close TLS with an alert, so that the server's log says why")
    return passed(reason)


def _wrong(certificate: ServerCertificate) -> str:
    return {
        ServerCertificate.UNKNOWN_CA: "an unknown authority",
        ServerCertificate.WRONG_NAME: "another host's name",
        ServerCertificate.EXPIRED: "dates that are over",
    }[certificate]


def judge_maximum_fragments(log: WireLog, terms: Terms) -> Verdict | None:
    """Look whether a message in TLS records of the largest size is acknowledged."""
    return judge_acknowledged_delivery(
        log,
        terms,
        what=f"a message of {LARGE_PAYLOAD} bytes in TLS records of the largest size",
        fix="CONFIG_MBEDTLS_SSL_IN_CONTENT_LEN=16384, and an MQTT buffer that takes it or drops it in parts",
    )


def _listed(suites: list[int]) -> str:
    shown = ", ".join(name_of(suite) for suite in suites[:_NAMES_SHOWN])
    return shown + (f" and {len(suites) - _NAMES_SHOWN} more" if len(suites) > _NAMES_SHOWN else "")
