"""The MQTT test client's page in a real browser."""

from pathlib import Path

from tests.conformance.accessibility import violations
from tests.conformance.chromium import Page, chromium_page
from tests.conformance.local_iot_core_process import Device, LocalCore, running_local_iot_core
from tests.conformance.mqtt_client import MqttClient
from tests.optional_part import AXE_CORE, CHROMIUM

pytestmark = CHROMIUM.needed


def text_of(page: Page, selector: str) -> str:
    return str(page.run(f"document.querySelector({selector!r}).innerText"))


def type_into(page: Page, identity: str, text: str) -> None:
    page.run(f"document.getElementById({identity!r}).value = {text!r}")


def submit(page: Page, form: str) -> None:
    page.run(f"document.getElementById({form!r}).requestSubmit()")


def test_page_shows_messages_both_ways_and_why_something_was_refused(tmp_path: Path) -> None:
    with running_local_iot_core(tmp_path / "events.jsonl", "--console") as core:
        device = core.provision()
        with chromium_page(core.endpoint["console_url"], tmp_path / "profile") as page:
            page.wait_for("document.getElementById('link').textContent === 'connected'")
            type_into(page, "filter", f"{device.name}/#")
            submit(page, "subscribe")
            page.wait_for("document.querySelectorAll('#subscriptions li').length === 1")
            assert_messages_go_both_ways(core, page, device)

            with MqttClient(core, core.provision()) as client:
                client.publish("elsewhere", b"not mine")
                reason = page.wait_for("document.querySelector('#refusals .note')?.innerText")

        assert "no policy allows iot:Publish" in reason


@AXE_CORE.needed
def test_page_keeps_to_wcag_2_2_aa(tmp_path: Path) -> None:
    with (
        running_local_iot_core(tmp_path / "events.jsonl", "--console") as core,
        chromium_page(core.endpoint["console_url"], tmp_path / "profile") as page,
    ):
        page.wait_for("document.getElementById('link').textContent === 'connected'")

        assert violations(page) == []


def assert_messages_go_both_ways(core: LocalCore, page: Page, device: Device) -> None:
    with MqttClient(core, device, subscribe=f"{device.name}/down") as client:
        client.publish(f"{device.name}/up", b'{"temperature":21.5,"<b>":1}')
        page.wait_for("document.querySelectorAll('#messages li').length === 1")
        assert text_of(page, "#messages pre") == '{\n  "temperature": 21.5,\n  "<b>": 1\n}'
        page.wait_for(f"document.getElementById('clients').innerText.includes({device.name!r})")

        type_into(page, "topic", f"{device.name}/down")
        type_into(page, "payload", "on")
        submit(page, "publish")
        assert client.next_payload() == b"on"
    assert "billable" in text_of(page, "#billed")
    assert device.name in text_of(page, "#things")
    assert '{\n  "Version": "2012-10-17",\n  "Statement": [' in text_of(page, "#policies")
