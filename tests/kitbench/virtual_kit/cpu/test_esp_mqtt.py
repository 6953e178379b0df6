"""esp-mqtt's stand-in, compiled and run, against a broker that does what the test tells it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kitbench.virtual_kit.atecc608a import ChipBus, Profile, make_chip
from kitbench.virtual_kit.atecc608a.bus import Fault
from kitbench.virtual_kit.atecc608a.cryptoauthlib import CryptoAuthLib
from kitbench.virtual_kit.atecc608a.state import decode_public
from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram
from tests.kitbench.virtual_kit.cpu.mqtt_broker_rig import (
    CONNECT,
    DISCONNECT,
    PINGREQ,
    PINGRESP,
    PUBACK,
    PUBLISH,
    SUBACK,
    SUBSCRIBE,
    UNSUBACK,
    UNSUBSCRIBE,
    Broker,
    c_string,
    packet,
    publish,
)
from tests.kitbench.virtual_kit.cpu.mqtt_program import PROGRAM, Kit, StartKit
from tests.kitbench.virtual_kit.tls.tls_servers import Authority, make_authority


@pytest.fixture(name="authority", scope="module")
def _authority() -> Authority:
    return make_authority()


@pytest.fixture(name="program", scope="module")
def _program(authority: Authority) -> str:
    kit = authority.issue("kit")
    return PROGRAM % {
        "ca": c_string(authority),
        "certificate": c_string(kit),
        "key": c_string(kit.key_pem),
        "chip": False,
    }


@pytest.fixture(name="broker")
def _broker(authority: Authority, tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(authority, tmp_path)
    yield broker
    broker.stop()


@pytest.fixture(name="start_kit")
def _start_kit(run_program: RunProgram, program: str) -> Iterator[StartKit]:
    """Return a function that starts the program with a broker's port."""
    kits: list[Kit] = []

    def start(
        broker: Broker, *, keepalive: int = 0, no_reconnect: int = 0, timeout_ms: int = 0, **options: object
    ) -> Kit:
        kit = Kit(run_program(program, access_point=(("localhost", broker.port),), **options))
        kits.append(kit)
        kit.see("READY")
        kit.type(f"{broker.port} {keepalive} {no_reconnect} {timeout_ms}")
        return kit

    yield start
    for kit in kits:
        print(kit.run.text, kit.run.log)  # noqa: T201 - pytest shows it when the test fails


class TestConnect:
    def test_fields_of_connect(self, start_kit: StartKit, broker: Broker) -> None:
        kit = start_kit(broker, keepalive=30)

        connect = broker.session().accept()

        # Protocol MQTT level 4; clean session, will with QoS 1; 30 s; client id, will topic and message.
        assert connect.body == b"\0\4MQTT\4\x0e\0\x1e" + b"\0\5kit-1" + b"\0\4will" + b"\0\4gone"
        text = kit.see("EVENT CONNECTED in mqtt_task")
        assert text.index("EVENT BEFORE_CONNECT in mqtt_task") < text.index("EVENT CONNECTED")

    @pytest.mark.parametrize(
        ("code", "reason"), [(1, "bad protocol"), (3, "server unavailable"), (5, "not authorized")]
    )
    def test_refusal_is_told_and_tried_again(self, start_kit: StartKit, broker: Broker, code: int, reason: str) -> None:
        kit = start_kit(broker)

        broker.session().accept(code)
        broker.session().accept()

        text = kit.see("EVENT CONNECTED")
        assert f"mqtt_client: Connection refused, {reason}" in text
        assert f"EVENT ERROR in mqtt_task type=2 esp=0x0 tls=0x0 flags=0 code={code} ." in text
        assert "mqtt_client: MQTT connect failed" in text
        assert "EVENT DISCONNECTED" in text

    def test_server_that_does_not_know_the_certificate(
        self, start_kit: StartKit, authority: Authority, tmp_path: Path
    ) -> None:
        stranger = Broker(make_authority("stranger"), tmp_path)
        stranger._context.load_verify_locations(cadata=authority.pem.decode())

        kit = start_kit(stranger)

        text = kit.see("EVENT ERROR")
        assert "esp-tls-mbedtls: mbedtls_ssl_handshake returned -0x2700" in text
        assert "esp-tls-mbedtls: Failed to verify peer certificate!" in text
        assert "esp-tls: Failed to open new connection" in text
        assert "transport_base: Failed to open a new connection" in text
        assert "mqtt_client: Error transport connect" in text
        assert "type=1 esp=0x801a tls=0x2700 flags=8 code=0 ." in kit.see("EVENT DISCONNECTED")
        stranger.stop()

    def test_broker_that_says_nothing(self, start_kit: StartKit, broker: Broker) -> None:
        kit = start_kit(broker, timeout_ms=300)

        broker.session().expect(CONNECT)

        kit.see("esp_mqtt_connect: mqtt_message_receive() returned 0")
        kit.see("EVENT DISCONNECTED")

    @pytest.mark.parametrize("answer", [b"\xff\xff\xff\xff\xff", b"\x20\xff\xff\xff\xff\x7f", b"\x40\x02\0\1", b""])
    def test_broker_that_talks_nonsense(self, start_kit: StartKit, broker: Broker, answer: bytes) -> None:
        kit = start_kit(broker)
        session = broker.session()
        session.expect(CONNECT)

        session.send(answer)
        session.close()

        kit.see("mqtt_client: MQTT connect failed")
        broker.session().accept()
        kit.see("EVENT CONNECTED")


class TestPublish:
    def test_qos_0_leaves_once(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        kit.do("0", 0)

        sent = session.expect(PUBLISH)
        assert (sent.first, sent.topic, sent.payload) == (0x30, b"up", b"zero")

    def test_qos_1_is_acknowledged(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        kit.do("1", 1)
        sent = session.expect(PUBLISH)
        session.send(packet(PUBACK, sent.publish_id))

        assert (sent.first, sent.payload) == (0x33, b"one")
        kit.see("EVENT PUBLISHED in mqtt_task id=1 ")

    def test_qos_1_is_sent_again_until_it_is_acknowledged(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        kit.do("1")
        first, second = session.expect(PUBLISH), session.expect(PUBLISH)
        session.send(packet(PUBACK, second.publish_id))

        assert second.first == first.first | 0x08
        assert second.body == first.body
        kit.see("EVENT PUBLISHED")
        assert kit.count("EVENT PUBLISHED") == 1

    def test_large_message_is_one_packet(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        kit.do("l", 1)

        assert session.expect(PUBLISH).payload == b"L" * 3000

    def test_queued_message_is_sent_by_the_clients_task(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        kit.do("e", 0)

        assert session.expect(PUBLISH).payload == b"later"

    def test_offline_messages_wait_if_they_are_qos_1(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker, no_reconnect=1), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")
        session.close()
        kit.see("EVENT DISCONNECTED")

        kit.do("0", -1)
        kit.do("1", 1)
        kit.do("s", -1)
        kit.do("r", 0)
        session = broker.session()
        session.accept()

        assert session.expect(PUBLISH).payload == b"one"
        text = kit.see("EVENT CONNECTED")
        assert "mqtt_client: Publish: Losing qos0 data when client not connected" in text
        assert "mqtt_client: Client has not connected" in text


class TestSubscribe:
    def test_messages_arrive(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        kit.do("s", 1)
        subscribe = session.expect(SUBSCRIBE)
        session.send(
            packet(SUBACK, subscribe.id + b"\1") + publish(b"down", b"hello") + publish(b"down", b"x", packet_id=7)
        )

        assert (subscribe.first, subscribe.body[2:]) == (0x82, b"\0\4down\1")
        kit.see("EVENT SUBSCRIBED in mqtt_task id=1 type=0")
        kit.see("EVENT DATA in mqtt_task topic=down offset=0 of 5 qos=0 data=hello .")
        kit.see("EVENT DATA in mqtt_task topic=down offset=0 of 1 qos=1 data=x .")
        assert session.expect(PUBACK).id == b"\0\7"

    def test_refused_subscription(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        kit.type("s")
        session.send(packet(SUBACK, session.expect(SUBSCRIBE).id + b"\x80"))

        kit.see("EVENT SUBSCRIBED in mqtt_task id=1 type=3")

    def test_unsubscribe(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        kit.type("u")
        unsubscribe = session.expect(UNSUBSCRIBE)
        session.send(packet(UNSUBACK, unsubscribe.id))

        assert unsubscribe.body[2:] == b"\0\4down"
        kit.see("EVENT UNSUBSCRIBED in mqtt_task id=1")

    def test_message_longer_than_the_buffer_comes_in_parts(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        session.send(publish(b"down", b"a" * 200 + b"b" * 400, packet_id=9) + publish(b"down", b"next"))

        kit.see("EVENT DATA in mqtt_task topic=down offset=0 of 600 qos=1 data=aaaaaaaa .")
        kit.see("EVENT DATA in mqtt_task topic= offset=245 of 600 qos=1 data=bbbbbbbb .")
        kit.see("EVENT DATA in mqtt_task topic= offset=501 of 600 qos=1 data=bbbbbbbb .")
        kit.see("EVENT DATA in mqtt_task topic=down offset=0 of 4 qos=0 data=next .")
        assert session.expect(PUBACK).id == b"\0\x09"

    @pytest.mark.parametrize(
        "nonsense", [b"\x30\xff\x7f\xff\xff" + bytes(300), b"\x90\xff\x7f" + bytes(300), b"\x32\x02\0\x09"]
    )
    def test_nonsense_ends_the_connection(self, start_kit: StartKit, broker: Broker, nonsense: bytes) -> None:
        kit, session = start_kit(broker), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        session.send(nonsense)

        kit.see("EVENT DISCONNECTED")
        broker.session().accept()


class TestKeepAlive:
    def test_pings_at_half_the_time(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker, keepalive=1), broker.session()
        session.accept()

        session.expect(PINGREQ)
        session.send(packet(PINGRESP))
        session.expect(PINGREQ)

        assert kit.count("EVENT DISCONNECTED") == 0

    def test_gives_up_without_an_answer(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker, keepalive=1), broker.session()
        session.accept()

        session.expect(PINGREQ)

        kit.see("mqtt_client: No PING_RESP, disconnected")
        broker.session().accept()

    def test_network_time_is_real_time_whatever_the_clock_factor(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker, keepalive=120, clock_factor=1000.0), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        kit.do("0", 0)

        # Simulated seconds pass by the hundred before the publish arrives: no ping has come in between.
        session.expect(PUBLISH)


class TestSecureElement:
    """The key never leaves the model: the module holds none, and without the chip there is no session."""

    @pytest.fixture(name="bus")
    def _bus(self) -> ChipBus:
        return ChipBus(make_chip(Profile.TCUSTOM_LOCKED))

    @pytest.fixture(name="program")
    def _program(self, authority: Authority, bus: ChipBus) -> str:
        library = CryptoAuthLib(bus)
        library.atcab_init()
        kit = authority.issue("kit", public_key=decode_public(library.atcab_get_pubkey(0)[1]))
        return PROGRAM % {"ca": c_string(authority), "certificate": c_string(kit), "key": '""', "chip": True}

    def test_chip_makes_the_session(self, start_kit: StartKit, broker: Broker, bus: ChipBus) -> None:
        kit, session = start_kit(broker, secure_element=bus), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        kit.do("1", 1)
        assert session.expect(PUBLISH).payload == b"one"
        session.send(publish(b"down", b"hello"))

        kit.see("EVENT DATA in mqtt_task topic=down offset=0 of 5 qos=0 data=hello .")
        assert "esp-tls-mbedtls: Initialize the ATECC interface..." in kit.run.text

    def test_no_chip_no_session(self, start_kit: StartKit, broker: Broker, bus: ChipBus) -> None:
        bus.fault = Fault.ABSENT
        kit = start_kit(broker, secure_element=bus)
        text = kit.see("EVENT ERROR in mqtt_task type=1 esp=0x8007 tls=0x0 flags=0 code=0 .")
        assert "esp-tls-mbedtls: Failed to parse key from device" in text
        assert "returned [0x8007] (ESP_ERR_ESP_TLS_SE_FAILED)" in text
        assert broker.sessions.empty()

        bus.fault = None

        broker.session().accept()
        kit.see("EVENT CONNECTED")

    def test_new_key_under_the_old_certificate(self, start_kit: StartKit, broker: Broker, bus: ChipBus) -> None:
        library = CryptoAuthLib(bus)
        library.atcab_init()
        library.atcab_genkey(0)

        kit = start_kit(broker, secure_element=bus)

        text = kit.see("EVENT ERROR in mqtt_task type=1 esp=0x801a tls=0x7780 flags=0 code=0 .")
        assert "esp-tls-mbedtls: mbedtls_ssl_handshake returned -0x7780" in text
        assert broker.sessions.empty()


class TestEnd:
    def test_lost_connection_is_made_again(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        session.close()
        broker.session().accept()

        kit.see("EVENT DISCONNECTED")

    def test_disconnect_says_goodbye(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker, no_reconnect=1), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        kit.do("d", 0)

        session.expect(DISCONNECT)
        assert "mqtt_client: Client asked to disconnect" in kit.see("EVENT DISCONNECTED")

    def test_stop_and_destroy(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        kit.do("x", 0)
        session.expect(DISCONNECT)
        kit.do("x", -1)
        kit.do("X", 0)

        assert "mqtt_client: Client asked to stop, but was not started" in kit.run.text

    def test_reset_of_the_kit_closes_the_connection(self, start_kit: StartKit, broker: Broker) -> None:
        kit, session = start_kit(broker), broker.session()
        session.accept()
        kit.see("EVENT CONNECTED")

        kit.run.stop()

        assert session.is_over()
