"""Topics of AWS's services: which take requests, which only speak, and which are not here."""

import pytest

from kitbench.local_iot_core.mqtt.reserved_topic import is_owned, is_request, service_not_modelled


@pytest.mark.parametrize(
    "topic",
    [
        "$aws/things/kit/jobs/get",
        "$aws/things/kit/jobs/start-next",
        "$aws/things/kit/jobs/j1/update",
        "$aws/certificates/create/json",
        "$aws/certificates/create-from-csr/cbor",
        "$aws/provisioning-templates/course/provision/json",
    ],
)
def test_request(topic: str) -> None:
    assert is_request(topic)
    assert is_owned(topic)


@pytest.mark.parametrize(
    "topic",
    ["$aws/things/kit/jobs/notify", "$aws/things/kit/jobs/get/accepted", "$aws/certificates/create/json/rejected"],
)
def test_what_the_service_alone_says(topic: str) -> None:
    assert is_owned(topic)
    assert not is_request(topic)


@pytest.mark.parametrize(
    ("topic", "service"),
    [
        ("$aws/things/kit/defender/metrics/json", "AWS IoT Device Defender"),
        ("$aws/things/kit/streams/s1/get/json", "MQTT-based file delivery"),
        ("$aws/things/kit/tunnels/notify", "AWS IoT secure tunneling"),
        ("$aws/things/kit/shadow/get", ""),
        ("$aws/things/kit/defenders/x", ""),
        ("lab/things/kit/defender/metrics", ""),
    ],
)
def test_service_that_is_not_modelled_is_named(topic: str, service: str) -> None:
    assert service_not_modelled(topic) == service
    assert not is_request(topic)
