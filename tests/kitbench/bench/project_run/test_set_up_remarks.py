"""Events and log lines in words for the author of a set-up."""

import json

import pytest

from kitbench.bench.project_run.set_up_remarks import Remark, remark_of_event, remark_of_kit

ARN = "arn:aws:iot:us-east-1:000000000000:"
ID = "5f" * 32
HOST = "abc-ats.iot.eu-west-1.amazonaws.com"


def said(event: str, **fields: object) -> str:
    remark = remark_of_event(json.dumps({"event": event, "client_id": "kit-3", **fields}))
    return "" if remark is None else remark.text


@pytest.mark.parametrize(
    ("event", "fields", "words"),
    [
        ("connect_refused", {"reason": f"certificate {ID} is INACTIVE"}, ("INACTIVE", "--new-status ACTIVE", ID)),
        ("connect_refused", {"reason": f"certificate {ID} is REVOKED"}, ("is REVOKED",)),
        ("connect_refused", {"reason": f"certificate {ID} is not registered"}, ("is not registered",)),
        (
            "connect_refused",
            {"reason": f"no policy allows iot:Connect on {ARN}client/kit-3"},
            ("iot:Connect", "client id"),
        ),
        ("connect_refused", {"reason": "no client certificate was presented"}, ("shows no certificate",)),
        (
            "subscribe_refused",
            {"topic_filter": "a/#", "reason": f"no policy allows iot:Subscribe on {ARN}topicfilter/a/#"},
            ("subscribing to 'a/#' refused", "iot:Subscribe", "topicfilter/"),
        ),
        (
            "publish_refused",
            {"topic": "b", "reason": f"policy strict denies iot:Publish on {ARN}topic/b"},
            ("publishing on 'b' refused", "a policy denies iot:Publish"),
        ),
        (
            "delivery_refused",
            {"topic": "c", "reason": f"no policy allows iot:Receive on {ARN}topic/c"},
            ("on 'c' was not delivered", "iot:Receive", "iot:Subscribe alone delivers nothing"),
        ),
        ("tls_refused", {"reason": "TLS failed: TLSV1_ALERT_UNKNOWN_CA"}, ("does not trust the endpoint",)),
        ("tls_refused", {"reason": "TLS failed: BAD_SIGNATURE"}, ("not that of the certificate",)),
        ("tls_refused", {"reason": "client certificate refused: self-signed certificate"}, ("not registered here",)),
        (
            "disconnected",
            {"disconnect_reason": "AUTH_ERROR", "reason": f"certificate {ID} is INACTIVE"},
            ("cut off", "INACTIVE"),
        ),
        (
            "disconnected",
            {"disconnect_reason": "CLIENT_ERROR", "reason": "PUBLISH with QoS 2"},
            ("PUBLISH with QoS 2",),
        ),
    ],
)
def test_event_is_said_in_words(event: str, fields: dict[str, object], words: tuple[str, ...]) -> None:
    text = said(event, **fields)

    assert all(word in text for word in words), text


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "published", "topic": "a"}',
        '{"event": "disconnected", "disconnect_reason": "AUTH_ERROR", "reason": "no policy allows"}',
        '{"event": "tls_refused", "reason": "the client hung up during the TLS handshake"}',
        "no JSON",
        "[1]",
        "{}",
    ],
)
def test_what_was_said_already_or_means_nothing_is_left_out(line: str) -> None:
    assert remark_of_event(line) is None


def test_connecting_is_news_and_no_trouble() -> None:
    remark = remark_of_event('{"event": "connected", "client_id": "kit-3", "protocol": "MQTT 5"}')

    assert remark == Remark("cloud", "connected: client id 'kit-3', MQTT 5", is_trouble=False)


def test_client_id_of_a_stranger_cannot_begin_a_line_or_colour_it() -> None:
    text = said("connected", protocol="MQTT 5") and said(
        "publish_refused", topic="a\n--- cloud: fine\x1b[32m", reason="x"
    )

    assert "\n" not in text
    assert "\x1b" not in text


LINE = "kit-0: network: '{host}':{port}: 32772: the access point does not lead to '{host}':{port}"


def test_wrong_port_is_said_with_the_right_one() -> None:
    remark = remark_of_kit(LINE.format(host=HOST, port=1883), {HOST: 8883})

    assert remark is not None
    assert (
        remark.text == f"wrong port: the firmware asks {HOST} at port 1883, it listens on 8883 (MQTT), or 443 with ALPN"
    )


def test_own_server_has_its_own_port() -> None:
    remark = remark_of_kit(LINE.format(host="lab.example", port=1883), {"lab.example": 8884})

    assert remark is not None
    assert remark.text.endswith("it listens on 8884")


def test_unknown_name_is_said_with_the_names_that_are_led() -> None:
    remark = remark_of_kit(LINE.format(host="other.example", port=8883), {HOST: 8883})

    assert remark is not None
    assert "does not lead to other.example:8883" in remark.text
    assert HOST in remark.text


def test_wrong_wifi_is_said_without_its_password() -> None:
    remark = remark_of_kit("kit-0: wifi: wrong password for the network of the board, 'lab'", {})

    assert remark is not None
    assert remark.text == "Wi-Fi: wrong password; the network that the board file names is 'lab'"


def test_what_the_kit_lacks_is_said_as_its_own_gap() -> None:
    remark = remark_of_kit("kit-0: the firmware asked for what a virtual kit lacks: MCPWM", {})

    assert remark is not None
    assert remark.text.startswith("the virtual kit lacks MCPWM")


@pytest.mark.parametrize("line", ["kit-0: reset by RTS", "", "network: 'x':1: y"])
def test_other_lines_of_the_kit_say_nothing(line: str) -> None:
    assert remark_of_kit(line, {}) is None
