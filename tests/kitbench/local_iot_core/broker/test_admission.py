"""CONNECT: who is let in, and on which terms."""

import pytest

from kitbench.local_iot_core.broker.events import EventKind
from kitbench.local_iot_core.broker.limits import Limits
from kitbench.local_iot_core.mqtt.mqtt_packets import MQTT_3_1_1, MQTT_5, Connack, Connect, Reason, Will
from kitbench.local_iot_core.mqtt.mqtt_properties import Property
from kitbench.local_iot_core.policies.policy import Policy, Statement
from kitbench.local_iot_core.policies.policy_condition import Condition
from kitbench.local_iot_core.policies.registry import Thing
from tests.kitbench.local_iot_core.broker_rig import ALLOW_ALL, BrokerRig, Client, allow, arn, deny, rig


def assert_is_refused(client: Client, made: BrokerRig, reason: str, *, level: int = MQTT_3_1_1, code: int = 0) -> None:
    """The client got nothing on MQTT 3.1.1, a CONNACK with the code on MQTT 5; it is closed and the reason recorded."""
    packets = client.read()
    if level == MQTT_5:
        [connack] = packets
        assert isinstance(connack, Connack)
        assert connack.code == code
    else:
        assert packets == []
    assert not client.is_open
    assert reason in made.reasons(EventKind.CONNECT_REFUSED)[-1]


def offer(client: Client, client_id: str = "kit", **fields: object) -> None:
    """Send a CONNECT and leave the answer to be read."""
    connect = Connect(client.level, client_id, clean_start=True, keep_alive_s=60, **fields)  # type: ignore[arg-type]
    answer = client.send(connect)
    client.read = lambda: answer  # type: ignore[method-assign]  # the answer is read once


@pytest.mark.parametrize("level", [MQTT_3_1_1, MQTT_5])
class TestWhoIsLetIn:
    def test_active_certificate_with_policy_is_let_in(self, level: int) -> None:
        made = rig(allow("iot:Connect", "client/kit"))

        assert made.connect(level=level).is_open
        assert made.events.of(EventKind.CONNECTED)[0]["client_id"] == "kit"

    def test_no_certificate_is_refused(self, level: int) -> None:
        made = rig()
        client = made.open(None, level)

        offer(client)

        assert_is_refused(client, made, "no client certificate", level=level, code=Reason.NOT_AUTHORIZED)

    def test_unregistered_certificate_is_refused(self, level: int) -> None:
        made = rig()
        client = made.open("c9", level)

        offer(client)

        assert_is_refused(client, made, "c9 is not registered", level=level, code=Reason.NOT_AUTHORIZED)

    def test_inactive_certificate_is_refused(self, level: int) -> None:
        made = rig()
        made.register("c2", ALLOW_ALL, status="INACTIVE")
        client = made.open("c2", level)

        offer(client)

        assert_is_refused(client, made, "c2 is INACTIVE", level=level, code=Reason.NOT_AUTHORIZED)

    def test_certificate_without_policy_is_refused(self, level: int) -> None:
        made = rig()
        made.register("c2")
        client = made.open("c2", level)

        offer(client)

        assert_is_refused(client, made, "no policy allows iot:Connect", level=level, code=Reason.NOT_AUTHORIZED)

    def test_foreign_client_id_is_refused(self, level: int) -> None:
        made = rig(allow("iot:Connect", "client/kit"))
        client = made.open("c1", level)

        offer(client, "other")

        reason = f"no policy allows iot:Connect on {arn('client/other')}"
        assert_is_refused(client, made, reason, level=level, code=Reason.NOT_AUTHORIZED)

    def test_explicit_deny_wins(self, level: int) -> None:
        made = rig(allow("iot:Connect", "*"), deny("iot:Connect", "client/kit"))
        client = made.open("c1", level)

        offer(client)

        assert_is_refused(client, made, "policy policy denies", level=level, code=Reason.NOT_AUTHORIZED)

    def test_too_long_client_id_is_refused(self, level: int) -> None:
        made = rig()
        client = made.open("c1", level)

        offer(client, "k" * 129)

        assert_is_refused(client, made, "128 bytes", level=level, code=Reason.CLIENT_IDENTIFIER_NOT_VALID)

    def test_second_connect_within_a_second_is_refused(self, level: int) -> None:
        made = rig()
        made.connect(level=level)
        client = made.open("c1", level)

        offer(client)

        assert_is_refused(client, made, "one CONNECT a second", level=level, code=Reason.CONNECTION_RATE_EXCEEDED)
        made.now_s += 1
        assert made.connect(level=level).is_open


class TestThingVariables:
    ONLY_OWN_NAME = Statement(
        allows=True, actions=("iot:Connect",), resources=(arn("client/${iot:Connection.Thing.ThingName}"),)
    )

    def test_client_id_of_an_attached_thing_is_let_in(self) -> None:
        made = rig(self.ONLY_OWN_NAME, things=(Thing("kit"),))

        assert made.connect("kit").is_open

    def test_client_id_of_another_thing_is_refused(self) -> None:
        made = rig(self.ONLY_OWN_NAME, things=(Thing("other"),))
        client = made.open()

        offer(client, "kit")

        assert_is_refused(client, made, "no policy allows iot:Connect")


class TestTerms:
    @pytest.mark.parametrize(
        ("asked_s", "given_s"), [(10, 30), (30, 30), (60, 60), (1200, 1200), (5000, 1200), (0, 1200)]
    )
    def test_keep_alive_is_clamped(self, asked_s: int, given_s: int) -> None:
        made = rig()

        client = made.connect(keep_alive_s=asked_s)

        made.pass_s(1.5 * given_s - 1)
        assert client.is_open
        made.pass_s(2)
        assert not client.is_open

    def test_mqtt_5_hears_the_terms(self) -> None:
        client = rig().open("c1", MQTT_5)

        [connack, *_] = client.send(Connect(MQTT_5, "kit", clean_start=True, keep_alive_s=10))

        assert isinstance(connack, Connack)
        assert connack.properties[Property.SERVER_KEEP_ALIVE] == 30
        assert connack.properties[Property.MAXIMUM_QOS] == 1
        assert connack.properties[Property.RECEIVE_MAXIMUM] == 100
        assert connack.properties[Property.TOPIC_ALIAS_MAXIMUM] == 8
        assert connack.properties[Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE] == 0
        assert connack.properties[Property.MAXIMUM_PACKET_SIZE] == 149_504

    def test_empty_client_id_gets_one(self) -> None:
        client = rig().open("c1", MQTT_5)

        [connack, *_] = client.send(Connect(MQTT_5, "", clean_start=True, keep_alive_s=60))

        assert isinstance(connack, Connack)
        assert str(connack.properties[Property.ASSIGNED_CLIENT_IDENTIFIER]).startswith("$GEN/")

    def test_will_on_a_wildcard_is_refused(self) -> None:
        made = rig()
        client = made.open("c1", MQTT_5)

        offer(client, will=Will("a/+", b"", 0, retain=False))

        assert_is_refused(client, made, "wildcard", level=MQTT_5, code=Reason.TOPIC_NAME_INVALID)

    @pytest.mark.parametrize("level", [MQTT_3_1_1, MQTT_5])
    def test_reserved_client_id_is_refused(self, level: int) -> None:
        made = rig()
        client = made.open("c1", level)

        offer(client, "$GEN/1")

        code = Reason.CLIENT_IDENTIFIER_NOT_VALID
        assert_is_refused(client, made, "begin with '$' are reserved", level=level, code=code)

    @pytest.mark.parametrize(
        ("level", "client_id", "clean", "is_let_in"),
        [
            (MQTT_3_1_1, "", False, False),
            (MQTT_3_1_1, "", True, True),
            (MQTT_3_1_1, "kit", False, True),
            (MQTT_5, "", False, True),
        ],
    )
    def test_session_that_stays_needs_a_client_id(
        self, level: int, client_id: str, *, clean: bool, is_let_in: bool
    ) -> None:
        client = rig().open("c1", level)

        client.send(Connect(level, client_id, clean_start=clean, keep_alive_s=60))

        assert client.is_open is is_let_in

    @pytest.mark.parametrize(("asked_s", "given_s"), [(0, 0), (77, 77), (10**7, 604_800), (0xFFFF_FFFF, 604_800)])
    def test_session_lives_as_long_as_asked_within_a_week(self, asked_s: int, given_s: int) -> None:
        client = rig().connect(level=MQTT_5, properties={Property.SESSION_EXPIRY_INTERVAL: asked_s})

        assert client.connection.client.session_expiry_s == given_s

    @pytest.mark.parametrize(("asked", "given"), [(None, 100), (5, 5), (500, 100)])
    def test_client_says_how_much_it_takes_at_once(self, asked: int | None, given: int) -> None:
        properties = {} if asked is None else {Property.RECEIVE_MAXIMUM: asked}
        client = rig().connect(level=MQTT_5, properties=properties)

        assert client.connection.client.session is not None
        assert client.connection.client.session.window == given

    def test_will_may_wait(self) -> None:
        will = Will("a", b"", 0, retain=False, properties={Property.WILL_DELAY_INTERVAL: 7})

        assert rig().connect(level=MQTT_5, will=will).connection.client.will_delay_s == 7

    def test_silence_before_connect_is_cut(self) -> None:
        made = rig(limits=Limits(connect_timeout_s=5))
        client = made.open()

        made.pass_s(6)

        assert not client.is_open
        assert made.reasons(EventKind.CONNECT_REFUSED) == ["no CONNECT in time"]


class TestConnectAttributes:
    @pytest.mark.parametrize(("clean", "is_let_in"), [(True, True), (False, False)])
    def test_persistent_session_may_be_denied(self, *, clean: bool, is_let_in: bool) -> None:
        condition = Condition("StringEquals", "iot:ConnectAttributes", ("LastWill",), for_all=True)
        made = rig(Statement(allows=True, actions=("iot:Connect",), resources=("*",), conditions=(condition,)))
        client = made.open()

        client.send(Connect(MQTT_3_1_1, "kit", clean_start=clean, keep_alive_s=60))

        assert client.is_open is is_let_in


class TestAfterwards:
    def test_deactivation_cuts_the_session(self) -> None:
        made = rig()
        client = made.connect()

        made.register("c1", ALLOW_ALL, status="INACTIVE")

        assert not client.is_open
        assert "c1 is INACTIVE" in made.reasons(EventKind.DISCONNECTED)[0]

    def test_deletion_cuts_the_session(self) -> None:
        made = rig()
        client = made.connect()

        made.delete("c1")

        assert not client.is_open
        assert "c1 is not registered" in made.reasons(EventKind.DISCONNECTED)[0]

    def test_change_of_another_certificate_cuts_nobody(self) -> None:
        made = rig()
        client = made.connect()

        made.register("c2", status="INACTIVE")

        assert client.is_open

    def test_detached_policy_takes_effect(self) -> None:
        made = rig()
        client = made.connect()

        made.register("c1", Policy("policy", (allow("iot:Connect", "*"),)))

        client.publish("a")
        assert not client.is_open
