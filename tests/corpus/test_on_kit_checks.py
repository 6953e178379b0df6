"""Every on-kit test can fail: each is shown a kit that is right, and kits that are wrong in one way.

Kit and cloud are stand-ins here, so that each wrong is one line and takes no time; that the fixtures of a real run
bring what the checks look at is shown by the example class and by `tests/kit` itself.
"""

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kitbench.bench.traffic.arrivals import Arrivals
from kitbench.bench.traffic.wire import Wire
from kitbench.cloud.billing.meter import BudgetExceededError, Meter
from kitbench.cloud.hostile.hostile_endpoint import Trick, Visit, can_play
from kitbench.cloud.mqtt import bench_client
from kitbench.cloud.mqtt.bench_client import AttemptOutcome
from kitbench.cloud.mqtt.message import Message, Presence
from kitbench.cloud.mqtt.observer import NothingCameError
from kitbench.errors import NO_RELAY, BenchError, CloudError, GapError, KitDeedError, KitError
from kitbench.forensics.layout.finding import Finding, FindingKind, Owner, Place
from kitbench.forensics.proof.verdict import CanaryRecord, Outcome, ScanRecord, Verdict
from kitbench.traffic_rules import TrafficRules
from tests.kit import (
    test_boot,
    test_connection,
    test_esp_idf_semantics,
    test_key_leak,
    test_policy,
    test_rule_to_table,
    test_secure_element,
    test_secure_element_genuine,
    test_server_authentication,
    test_traffic,
)
from tests.kitbench.local_iot_core.certificates import self_signed

TOPIC = "test_topic/esp32"
CLIENT = "kit-1"
PRINCIPAL = "c" * 64
ELF_SHA256 = "0123456789abcdef" * 4
SERIAL = bytes.fromhex("0123456789abcdef01")


class Kit:
    """A running kit, as far as the on-kit tests ask it: it prints what it is told to print."""

    def __init__(
        self,
        prints: str = "",
        *,
        console: object = None,
        on_restart: Callable[[], None] | None = None,
        crash: str = "",
        has_app: bool = True,
    ) -> None:
        self.prints = prints
        self.has_app = has_app
        self.crash = crash
        self.console = console
        self._on_restart = on_restart or (lambda: None)

    def restart(self) -> None:
        self._on_restart()

    def hold(self) -> None:
        pass

    def check(self) -> None:
        if self.crash:
            raise KitError(self.crash, stage="run")

    def expect(self, pattern: re.Pattern[bytes], *, within_s: float, what: str = "") -> re.Match[bytes]:
        if match := pattern.search(self.prints.encode()):
            return match
        raise KitError(f"no {what!r} within {within_s:g} s", stage="run")

    def expect_text(self, text: str, *, within_s: float) -> re.Match[bytes]:
        return self.expect(re.compile(re.escape(text.encode())), within_s=within_s, what=text)

    def settled_log(self) -> str:
        return self.prints

    def log_size(self) -> int:
        return len(self.prints)

    def log_since(self, offset: int) -> str:
        return self.prints[offset:]

    def holds(self, _offset: int, _content: bytes) -> bool:
        return self.has_app


class Cloud:
    """An observer whose messages have all come already; whoever restarts comes in, if the cloud lets it."""

    def __init__(
        self, payloads: Sequence[str] = (), *, lets_everybody_in: bool = False, tells_failures: bool = False
    ) -> None:
        self._messages = [Message(1.0, TOPIC, payload.encode(), 0) for payload in payloads]
        self.lets_everybody_in = lets_everybody_in
        self._failures = [Presence(9e9, "connect_failed", CLIENT, PRINCIPAL)] if tells_failures else []
        self._events: list[Presence] = []
        self._is_in = False
        self.is_active = True

    def let_in(self) -> None:
        self._is_in = self.is_active or self.lets_everybody_in
        self._events = [Presence(9e9, "connected", CLIENT, PRINCIPAL)] if self._is_in else self._failures

    def set_active(self, _cloud: object, _identity: object, *, active: bool) -> None:
        self.is_active = active

    def is_own(self, message: Message) -> bool:
        return message.client_id == "observer"

    def presence_of(self, _client_id: str) -> list[Presence]:
        return self._events

    def send(self, payload: str, times: int) -> None:
        self._messages += [Message(3.0, TOPIC, payload.encode(), 0)] * times

    def lose(self, sent: int, *, is_noticed: bool) -> None:
        """Send so much while the kit is held; the broker may notice that it has gone."""
        self.send("held", sent)
        self._events += [Presence(3.0, "disconnected", CLIENT, PRINCIPAL)] * is_noticed

    def mark(self) -> int:
        return 0

    def messages(self) -> list[Message]:
        return self._messages

    def publish(self, topic: str, payload: bytes) -> None:
        self._messages.append(Message(2.0, topic, payload, 1, "observer"))

    def wait_for(
        self,
        predicate: Callable[[Message], bool],
        *,
        what: str,
        timeout_s: float,
        after: int = 0,
        unless: Callable[[], None] = lambda: None,
    ) -> Message:
        for message in self._messages[after:]:
            if predicate(message):
                return message
        unless()
        raise NothingCameError(f"waited {timeout_s:g} s for {what}")

    def wait_for_presence(
        self,
        client_id: str,
        event: str,
        *,
        timeout_s: float,
        after: float,
        unless: Callable[[], None] = lambda: None,
    ) -> Presence:
        if self._is_in:
            return Presence(after, event, client_id, PRINCIPAL)
        unless()
        raise NothingCameError(f"waited {timeout_s:g} s for {client_id} {event}")


def thing(certificate: x509.Certificate | None = None) -> Any:
    identity = SimpleNamespace(certificate_id=PRINCIPAL, certificate_pem=b"")
    return SimpleNamespace(client_id=CLIENT, topic=TOPIC, identity=identity, certificate=certificate)


def test_every_on_kit_test_is_shown_here() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    sources = [path.read_text(encoding="utf-8") for path in Path(test_boot.__file__).parent.glob("test_*.py")]
    checks = [name for source in sources for name in re.findall(r"^def (test_\w+)", source, re.MULTILINE)]

    assert len(checks) > 15
    assert [name for name in checks if f".{name}" not in here] == []


class TestEspIdfSemantics:
    def test_answers_of_genuine_firmware(self) -> None:
        real = test_esp_idf_semantics.SEEN_IN_QEMU
        for case in real:
            test_esp_idf_semantics.test_kit_answers_as_esp_idf_in_qemu(dict(real), case)
        test_esp_idf_semantics.test_every_answer_of_the_app_is_judged(dict(real))

    def test_another_answer(self) -> None:
        with pytest.raises(AssertionError):
            test_esp_idf_semantics.test_kit_answers_as_esp_idf_in_qemu({"char": "ffffff9a"}, "char")

    def test_answer_that_is_missing_or_unread(self) -> None:
        real = test_esp_idf_semantics.SEEN_IN_QEMU
        for answers in ({**real, "new case": "1"}, {"char": real["char"]}):
            with pytest.raises(AssertionError):
                test_esp_idf_semantics.test_every_answer_of_the_app_is_judged(answers)


class TestBoot:
    @staticmethod
    def check(prints: str, *, has_app: bool = True, crash: str = "", tmp_path: Path) -> None:
        (tmp_path / "app.bin").write_bytes(b"app")
        running: Any = Kit(prints, has_app=has_app, crash=crash)
        built = any_of(elf_sha256=ELF_SHA256, app_offset=0x10000, app=tmp_path / "app.bin")
        test_boot.test_kit_boots_the_app_that_was_built(running, built)

    def test_app_that_was_built(self, tmp_path: Path) -> None:
        self.check(f"I (1) ELF file SHA256:  {ELF_SHA256[:9]}...", has_app=False, tmp_path=tmp_path)

    def test_another_app(self, tmp_path: Path) -> None:
        with pytest.raises(AssertionError, match="another app"):
            self.check("I (1) ELF file SHA256:  fedcba987...", tmp_path=tmp_path)

    def test_project_that_logs_nothing(self, tmp_path: Path) -> None:
        self.check("", tmp_path=tmp_path)

        with pytest.raises(AssertionError, match="flash does not hold the app"):
            self.check("", has_app=False, tmp_path=tmp_path)

    def test_kit_that_crashes(self, tmp_path: Path) -> None:
        with pytest.raises(KitError, match="it panicked"):
            self.check("flash read err, 1000", crash="it panicked", tmp_path=tmp_path)


class TestRuleToTable:
    heard: Any = SimpleNamespace(wait_for=lambda _count: None)

    @pytest.mark.parametrize("is_disabled", [False, True])
    def test_rule_that_does_nothing(self, *, is_disabled: bool) -> None:
        check = test_rule_to_table.test_rule_is_triggered_by_what_the_kit_publishes
        made = any_of(rule=any_of(is_disabled=is_disabled, sql="SELECT * FROM 'another'"))
        check(any_of(made=made, wait_until_triggered=lambda within_s: within_s > 0), self.heard, thing())

        with pytest.raises(KitError, match="switched off" if is_disabled else "its statement is .*another"):
            check(any_of(made=made, wait_until_triggered=lambda within_s: within_s < 0), self.heard, thing())

    def test_table_that_takes_no_row(self) -> None:
        def table(why: str) -> Any:
            return any_of(
                require_table=lambda: None, why_no_row=lambda topic, within_s: why if topic and within_s else ""
            )

        check = test_rule_to_table.test_table_takes_the_rows_that_the_rule_writes
        check(table(""), self.heard, thing())

        with pytest.raises(KitError, match="the table took no row: it has another key"):
            check(table("it has another key"), self.heard, thing())

    def test_reading_that_does_not_arrive(self, monkeypatch: pytest.MonkeyPatch) -> None:
        followed: list[float] = []

        def follow(within_s: float) -> None:
            followed.append(within_s)
            if len(followed) > 2:
                raise KitError("the reading is in no row", stage="readings")

        monkeypatch.setattr(test_rule_to_table, "ReadingTrail", lambda *_: any_of(follow=follow))
        check = partial(
            test_rule_to_table.test_reading_is_followed_from_the_sensor_to_the_table,
            *(any_of(), any_of(), any_of(wait_for=lambda _count: None, patience_s=4.0)),
            any_of(require_table=lambda: None),
            TrafficRules(),
        )
        check()
        assert followed == [test_rule_to_table.ACTS_WITHIN_S] * 2

        with pytest.raises(KitError, match="the reading is in no row"):
            check()


class TestConnection:
    @pytest.mark.parametrize(("client", "principal"), [("other", PRINCIPAL), (CLIENT, "another certificate")])
    def test_somebody_else(self, client: str, principal: str) -> None:
        check = test_connection.test_kit_connects_with_mutual_authentication
        check(Presence(1.0, "connected", CLIENT, PRINCIPAL), thing())

        with pytest.raises((AssertionError, KitDeedError)):
            check(Presence(1.0, "connected", client, principal), thing())

    @pytest.fixture(name="refuse")
    def _refuse(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
        """Return what shows a kit to the check, whose cloud writes down whom it refuses unless it is silent."""
        monkeypatch.setattr(test_connection, "ATTEMPT_WITHIN_S", 0.3)
        events = tmp_path / "events.jsonl"

        def refuse(
            cloud: Any,
            *,
            tries: bool = True,
            crash: str = "",
            is_silent: bool = False,
            relayed: Sequence[float] | None = None,
        ) -> None:
            def restart() -> None:
                if tries and not cloud.is_active and not cloud.lets_everybody_in:
                    now = datetime.now(UTC).isoformat()
                    event = {
                        "time": now,
                        "event": "connect_refused",
                        "principal": PRINCIPAL,
                        "reason": "it is inactive",
                    }
                    events.write_text(json.dumps(event) + "\n", encoding="utf-8")
                cloud.let_in()

            monkeypatch.setattr(test_connection, "set_active", cloud.set_active)
            running: Any = Kit(on_restart=restart, crash=crash)
            endpoint = any_of(events_file=None if is_silent else events)
            was_in = Presence(1.1, "connected", CLIENT, PRINCIPAL)
            relay = None if relayed is None else any_of(attempts=lambda after: sum(one > after for one in relayed))
            wire = Wire("localhost", 8883, b"", relay=relay)
            check = test_connection.test_deactivated_certificate_is_refused
            check(running, was_in, cloud, thing(), endpoint, wire, 1.0)

        return refuse

    def test_cloud_that_refuses(self, refuse: Callable[..., None]) -> None:
        refuse(cloud := Cloud())

        assert cloud.is_active

    @pytest.mark.parametrize("is_silent", [False, True])
    def test_cloud_that_does_not_care(self, refuse: Callable[..., None], *, is_silent: bool) -> None:
        with pytest.raises(CloudError, match="let the kit in with a deactivated certificate"):
            refuse(cloud := Cloud(lets_everybody_in=True), is_silent=is_silent)

        assert cloud.is_active

    def test_kit_that_crashes_when_it_is_refused(self, refuse: Callable[..., None]) -> None:
        """It is refused all the same; what ends the second wait is a crash after it was let in again."""
        refuse(Cloud(), crash="it panicked")

    def test_kit_that_did_not_try(self, refuse: Callable[..., None]) -> None:
        with pytest.raises(KitError, match="did not try to connect"):
            refuse(cloud := Cloud(), tries=False)

        assert cloud.is_active

    def test_cloud_that_does_not_tell(self, refuse: Callable[..., None]) -> None:
        """Nobody can say whether the kit tried, and so nobody may call it refused."""
        with pytest.raises(GapError, match=f"lacks {NO_RELAY} .the kit goes its own way"):
            refuse(Cloud(), is_silent=True)
        with pytest.raises(GapError, match=f"lacks {NO_RELAY} .the kit's lookups of localhost pass the relay by"):
            refuse(Cloud(), is_silent=True, relayed=())

    def test_silent_cloud_that_tells_of_a_failure(self, refuse: Callable[..., None]) -> None:
        refuse(Cloud(tells_failures=True), is_silent=True)

    def test_bench_on_the_way_to_a_silent_cloud_sees_what_the_kit_tries(self, refuse: Callable[..., None]) -> None:
        with pytest.raises(KitError, match="did not try to connect"):
            refuse(Cloud(), is_silent=True, relayed=(1.05,))

        refuse(Cloud(), is_silent=True, relayed=(1.05, 9e9))


PEM = Finding(
    FindingKind.PRIVATE_KEY,
    "pem",
    Place(0x12345, "factory", 0x2345, address=0x3F400120, symbols=("private_pem_key", "_binary_private_pem_key_start")),
    1700,
    owner=Owner.DEVICE,
    is_verified=True,
)


def verdict(outcome: Outcome, *findings: Finding) -> Verdict:
    return Verdict(
        outcome, "because", findings, ScanRecord("", 0, {}, (), {}, {}), CanaryRecord(1, 1, ()), "2026-01-01"
    )


class TestKeyLeak:
    def test_embedded_key(self) -> None:
        test_key_leak.test_private_key_is_found_in_the_dump(verdict(Outcome.FOUND, PEM))

    @pytest.mark.parametrize(
        "wrong",
        [
            verdict(Outcome.ABSENT, PEM),
            verdict(Outcome.CANNOT_JUDGE, PEM),
            verdict(Outcome.FOUND),
            verdict(Outcome.FOUND, replace(PEM, owner=Owner.OTHER)),
            verdict(Outcome.FOUND, replace(PEM, form="der_pkcs8")),
            verdict(Outcome.FOUND, replace(PEM, is_verified=False)),
            verdict(Outcome.FOUND, replace(PEM, place=replace(PEM.place, partition="nvs"))),
            verdict(Outcome.FOUND, replace(PEM, place=replace(PEM.place, symbols=("elsewhere",)))),
            verdict(Outcome.FOUND, replace(PEM, place=replace(PEM.place, address=None))),
        ],
    )
    def test_anything_else(self, wrong: Verdict) -> None:
        with pytest.raises(AssertionError):
            test_key_leak.test_private_key_is_found_in_the_dump(wrong)

    def test_window_scan(self) -> None:
        check = test_key_leak.test_window_scan_finds_an_embedded_ec_key
        raw = replace(PEM, confirmed_by=("base64/raw_big_endian",))
        check(verdict(Outcome.FOUND, raw))

        for wrong in (verdict(Outcome.FOUND, PEM), verdict(Outcome.FOUND, replace(raw, owner=Owner.OTHER))):
            with pytest.raises(AssertionError, match="the window scan missed the EC key"):
                check(wrong)
        with pytest.raises(AssertionError, match="because"):
            check(verdict(Outcome.ABSENT, raw))

    def test_absence(self) -> None:
        check = test_secure_element.test_private_key_is_nowhere_in_flash
        check(verdict(Outcome.ABSENT))

        for outcome, error in ((Outcome.FOUND, KitDeedError), (Outcome.CANNOT_JUDGE, AssertionError)):
            with pytest.raises(error, match="because"):
                check(verdict(outcome))


class TestPolicy:
    @staticmethod
    def check(monkeypatch: pytest.MonkeyPatch, own: AttemptOutcome, foreign: AttemptOutcome) -> None:
        def attempt(_cloud: object, _identity: object, *, publish: str) -> bench_client.Attempt:
            return bench_client.Attempt(own if publish == TOPIC else foreign, "publish", "it said so")

        monkeypatch.setattr(test_policy, "attempt", attempt)
        test_policy.test_policy_refuses_a_foreign_topic(kit(), any_of(), thing())

    def test_own_topic_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.check(monkeypatch, AttemptOutcome.CONNECTED, AttemptOutcome.CLOSED)

    def test_foreign_topic_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(AssertionError, match="a foreign topic was accepted"):
            self.check(monkeypatch, AttemptOutcome.CONNECTED, AttemptOutcome.CONNECTED)

    @pytest.mark.parametrize("own", [AttemptOutcome.CLOSED, AttemptOutcome.REFUSED])
    def test_nothing_at_all(self, monkeypatch: pytest.MonkeyPatch, own: AttemptOutcome) -> None:
        with pytest.raises(AssertionError, match="the control failed"):
            self.check(monkeypatch, own, AttemptOutcome.CLOSED)


class Console:
    """The provisioning console of a chip that holds a key; each attribute may be made wrong."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self.zone = bytearray(128)
        self.zone[20:22] = b"\x87\x20"  # SlotConfig of slot 0: secret, ECDH and external signatures, GenKey
        self.zone[96:98] = b"\x33\x00"  # KeyConfig of slot 0: private, P-256
        self.read_status = 0xF4  # ATCA_EXECUTION_ERROR
        self.make_digest: Callable[[bytes], bytes] = lambda nonce: hashlib.sha256(b"kitbench" + nonce + SERIAL).digest()

    def configuration(self) -> bytes:
        return bytes(self.zone)

    def read_attempt(self) -> int:
        return self.read_status

    def info(self) -> SimpleNamespace:
        return SimpleNamespace(serial=SERIAL.hex())

    def public_key(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]

    def sign(self, label: str, nonce: bytes) -> bytes:
        assert label == "kitbench"
        signature = self._key.sign(self.make_digest(nonce), ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        return b"".join(number.to_bytes(32, "big") for number in utils.decode_dss_signature(signature))


class TestSecureElement:
    @pytest.fixture(name="pair")
    def _pair(self) -> tuple[Any, Any]:
        certificate, key = self_signed(CLIENT)
        return thing(certificate), Console(key)

    def test_locked_private_slot(self, pair: tuple[Any, Any]) -> None:
        test_secure_element_genuine.test_private_key_cannot_be_read_from_the_chip(kit(console=pair[1]))

    @pytest.mark.parametrize(
        ("offset", "value", "why"),
        [
            (20, 0x07, "slot 0 is not secret"),
            (96, 0x32, "slot 0 holds no private key"),
            (21, 0x60, "slot 0 takes keys from outside"),
        ],
    )
    def test_configuration_that_gives_the_key_away(
        self, pair: tuple[Any, Any], offset: int, value: int, why: str
    ) -> None:
        pair[1].zone[offset] = value

        with pytest.raises(AssertionError, match=why):
            test_secure_element_genuine.test_private_key_cannot_be_read_from_the_chip(kit(console=pair[1]))

    def test_slot_that_is_read(self, pair: tuple[Any, Any]) -> None:
        pair[1].read_status = 0

        with pytest.raises(AssertionError, match="the chip gave out slot 0"):
            test_secure_element_genuine.test_private_key_cannot_be_read_from_the_chip(kit(console=pair[1]))

    def test_configuration_that_is_cut_short(self, pair: tuple[Any, Any]) -> None:
        del pair[1].zone[127]

        with pytest.raises(AssertionError):
            test_secure_element_genuine.test_private_key_cannot_be_read_from_the_chip(kit(console=pair[1]))

    @pytest.mark.parametrize(
        "check",
        [
            lambda console, mine: test_secure_element.test_certificate_belongs_to_the_key_in_the_chip(
                kit(console=console), mine
            ),
            lambda console, mine: test_secure_element_genuine.test_firmware_of_the_bench_finds_the_same_key_in_the_chip(
                kit(console=console), mine
            ),
            lambda console, mine: test_secure_element.test_chip_proves_possession_of_the_key(
                kit(console=console), mine
            ),
        ],
        ids=["certificate", "genuine", "possession"],
    )
    def test_key_of_another_chip(self, pair: tuple[Any, Any], check: Callable[[Any, Any], None]) -> None:
        mine, console = pair
        check(console, mine)

        with pytest.raises(AssertionError):
            check(Console(ec.generate_private_key(ec.SECP256R1())), mine)

    @pytest.mark.parametrize("what", [b"", b"\x55" * 32])
    def test_signature_of_something_else(self, pair: tuple[Any, Any], what: bytes) -> None:
        """A signature recorded once, or of a nonce that the bench did not choose, proves nothing."""
        mine, console = pair
        console.make_digest = lambda _nonce: hashlib.sha256(what).digest()

        with pytest.raises(AssertionError, match="does not verify"):
            test_secure_element.test_chip_proves_possession_of_the_key(kit(console=console), mine)

    @pytest.mark.parametrize("rubbish", [b"", b"\x00" * 64, b"\xff" * 64, b"\x01" * 32])
    def test_signature_that_is_none(self, pair: tuple[Any, Any], rubbish: bytes) -> None:
        mine, console = pair
        console.sign = lambda _label, _nonce: rubbish

        with pytest.raises(AssertionError, match="does not verify"):
            test_secure_element.test_chip_proves_possession_of_the_key(kit(console=console), mine)


HONEST = Visit(
    Trick.NONE, 1.0, "tls", shaken_hands=True, client_certificate_sha256=PRINCIPAL, presented_certificate=True
)
TURNED_AWAY = Visit(Trick.UNKNOWN_CA, 1.0, "tls", reason="TLSV1_ALERT_UNKNOWN_CA")
TRUSTING = replace(TURNED_AWAY, presented_certificate=True)


class Trap:
    """A hostile endpoint whose visitors take each trick as told; None: nobody comes."""

    port = 1

    def __init__(self, taken: Callable[[Trick], Visit | None]) -> None:
        self._taken = taken
        self._trick = Trick.NONE
        self.played: list[Trick] = []

    def accept(self, _pem: bytes) -> None:
        """Let the kit's certificate in."""

    def visits(self) -> list[Visit]:
        return []

    def play(self, trick: Trick) -> None:
        self._trick = trick
        self.played.append(trick)

    def wait_for_visit(self, **_: object) -> Visit:
        visit = self._taken(self._trick)
        if visit is None:
            raise BenchError("nobody came")
        return visit


class TestServerAuthentication:
    @staticmethod
    def tempt(taken: Callable[[Trick], Visit | None], *, has_own_tls: bool = False) -> list[Trick]:
        """Lead a kit to all tricks; return those that were played."""
        trap: Any = Trap(taken)
        led: list[str] = []
        relay = any_of(lead_to=lambda *_: led.append("astray"), lead_home=lambda: led.append("home"))
        wire = any_of(require_relay=lambda: relay, has_own_tls=has_own_tls, require_passage=lambda **_: None)
        was_in = Presence(1.1, "connected", CLIENT, PRINCIPAL)
        try:
            test_server_authentication.test_kit_refuses_hostile_endpoints(kit(), was_in, wire, trap, thing(), 1.0)
        finally:
            assert led[-1] == "home"
        return list(trap.played)

    def test_kit_that_knows_its_endpoint(self) -> None:
        played = self.tempt(lambda trick: HONEST if trick is Trick.NONE else TURNED_AWAY)

        assert set(played) == set(Trick) - {Trick.EXPIRED, Trick.TLS_1_0, Trick.TLS_1_1}

    def test_old_tls_counts_where_it_is_the_kits_own(self) -> None:
        played = self.tempt(lambda trick: HONEST if trick is Trick.NONE else TURNED_AWAY, has_own_tls=True)

        assert set(played) == {trick for trick in Trick if trick is not Trick.EXPIRED and can_play(trick)}

    @pytest.mark.parametrize("wrong", [TURNED_AWAY, replace(HONEST, client_certificate_sha256=None)])
    def test_control_that_fails_says_nothing_about_the_kit(self, wrong: Visit) -> None:
        with pytest.raises(BenchError, match="the control failed"):
            self.tempt(lambda trick: wrong if trick is Trick.NONE else TURNED_AWAY)

    @pytest.mark.parametrize("fatal", test_server_authentication.TRICKS)
    @pytest.mark.parametrize(
        "gave", [{"presented_certificate": True}, {"sent_after_handshake": 1}, {"spoke": "mqtt"}], ids=str
    )
    def test_kit_that_gives_itself_away(self, gave: dict[str, Any], fatal: Trick) -> None:
        taken = {Trick.NONE: HONEST, fatal: replace(TURNED_AWAY, **gave)}

        with pytest.raises(KitDeedError, match=f"gave itself away to an endpoint with {fatal}"):
            self.tempt(lambda trick: taken.get(trick, TURNED_AWAY))

    def test_kit_that_does_not_try(self) -> None:
        with pytest.raises(KitError, match="did not try to connect"):
            self.tempt(lambda trick: HONEST if trick is Trick.NONE else None)

    @pytest.mark.parametrize(
        ("has_clock", "right", "wrong"), [("true", TURNED_AWAY, TRUSTING), ("false", TRUSTING, TURNED_AWAY)]
    )
    def test_clock(self, tmp_path: Path, has_clock: str, right: Visit, wrong: Visit) -> None:
        check = test_server_authentication.test_expired_certificate_is_refused_by_a_build_with_a_clock
        (tmp_path / "config").mkdir()
        settings = tmp_path / "config" / "sdkconfig.json"
        settings.write_text(f'{{"MBEDTLS_HAVE_TIME_DATE": {has_clock}}}', encoding="utf-8")
        was_in, relay = Presence(1.1, "connected", CLIENT, PRINCIPAL), any_of(lead_to=print, lead_home=print)
        wire, built = any_of(require_relay=lambda: relay), any_of(folder=tmp_path)
        honest: Any = Trap(lambda _: right)
        tricked: Any = Trap(lambda _: wrong)
        check(kit(), was_in, wire, honest, built)

        with pytest.raises((AssertionError, KitDeedError)):
            check(kit(), was_in, wire, tricked, built)

    def test_all_tricks_are_played(self) -> None:
        tricks = {*test_server_authentication.TRICKS, *test_server_authentication.OLD_TLS}

        assert tricks | {Trick.NONE, Trick.EXPIRED} == set(Trick)


def hello(*numbers: int) -> list[str]:
    return [f"hello from ESP32 (QOS{number % 2}) : {number} " for number in numbers]


class TestTraffic:
    @staticmethod
    def arrivals(kit: Any, cloud: Any) -> Arrivals:
        return Arrivals(cloud, kit, topic=TOPIC, since=0.5, longest_wait_s=0.1)

    def compare(self, printed: Sequence[str], arrived: Sequence[str], **rules: Any) -> None:
        check = test_traffic.test_messages_arrive_and_stand_on_the_serial_line
        check(self.arrivals(kit("\n".join(printed)), cloud(*arrived)), TrafficRules(**rules), 1.0)

    def test_same_on_both_sides(self) -> None:
        self.compare(hello(*range(8)), hello(*range(7)))

    def test_messages_without_a_number(self) -> None:
        self.compare(['I (1) app: {"t": 21.5}'], ['{"t":  21.5}\n'] * 5)

    def test_message_that_came_twice(self) -> None:
        """QoS 1 delivers at least once."""
        self.compare(hello(*range(7)), hello(0, 1, 2, 2, 3, 4))

    def test_one_message_with_many_numbers(self) -> None:
        with pytest.raises(NothingCameError, match="message number 2"):
            self.compare(hello(*range(9)), ["".join(hello(*range(9)))])

    def test_message_that_is_not_printed(self) -> None:
        with pytest.raises(KitError, match=r"\(QOS1\) : 3 ' arrived in the cloud, but does not stand"):
            self.compare(hello(0, 1, 2, 4, 5, 6), hello(*range(7)))

        self.compare(hello(0, 1, 2, 4, 5, 6), hello(*range(7)), serial=False)

    def test_number_that_did_not_arrive(self) -> None:
        arrived = hello(0, 1, 2, 4, 5, 6)
        self.compare(hello(*range(7)), arrived)

        with pytest.raises(AssertionError, match="message number 3 did not arrive"):
            self.compare(hello(*range(7)), arrived, counter=True)

    def test_nothing_arrives(self) -> None:
        with pytest.raises(NothingCameError, match="message number 1"):
            self.compare(hello(*range(7)), [])

    @pytest.mark.parametrize(
        "check",
        [
            lambda kit, come: test_traffic.test_messages_arrive_and_stand_on_the_serial_line(come, TrafficRules(), 1.0),
            lambda kit, come: test_traffic.test_kit_that_is_held_in_reset_sends_nothing(kit, come, cloud(), thing()),
            lambda kit, come: test_traffic.test_nonce_from_the_cloud_appears_on_the_serial_line(
                kit, come, cloud(), thing()
            ),
        ],
        ids=["messages", "held", "nonce"],
    )
    def test_kit_that_crashes(self, check: Callable[[Any, Arrivals], None]) -> None:
        crashed: Any = Kit("", crash="it panicked")

        with pytest.raises(KitError, match="it panicked"):
            check(crashed, self.arrivals(crashed, cloud()))

    @pytest.fixture(name="hold")
    def _hold(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
        """Return what holds a kit that sends so much while it is held, and afterwards; its loss may be noticed."""

        def hold(*, while_held: int = 0, afterwards: int = 1, is_noticed: bool = False) -> None:
            seen = cloud("one", "two", "three")
            monkeypatch.setattr("time.sleep", lambda _seconds: seen.lose(while_held, is_noticed=is_noticed))
            restart = partial(seen.send, "again", afterwards)
            held: Any = any_of(hold=lambda: None, restart=restart, check=lambda: None, log_size=lambda: 0)
            test_traffic.test_kit_that_is_held_in_reset_sends_nothing(held, self.arrivals(held, seen), seen, thing())

        return hold

    def test_kit_that_is_silent_in_reset(self, hold: Callable[..., None]) -> None:
        hold()

        with pytest.raises(KitDeedError, match="2 messages arrived on the kit's topic while it was held"):
            hold(while_held=2)
        with pytest.raises(KitDeedError, match="1 messages arrived"):
            hold(while_held=1)
        with pytest.raises(NothingCameError, match="message number 4"):
            hold(afterwards=0)

    def test_last_will_of_a_kit_in_reset(self, hold: Callable[..., None]) -> None:
        """It is the broker's message, and comes once."""
        hold(while_held=1, is_noticed=True)

        with pytest.raises(KitDeedError, match="2 messages arrived"):
            hold(while_held=2, is_noticed=True)

    def test_nonce(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("secrets.token_hex", lambda _size: "feed")
        check = test_traffic.test_nonce_from_the_cloud_appears_on_the_serial_line

        def challenge(prints: str, *sent: str) -> None:
            listening, seen = kit(prints), cloud(*sent)
            check(listening, self.arrivals(listening, seen), seen, thing())

        challenge(f"{TOPIC}\tnonce feed", "hello")

        with pytest.raises(KitError, match="no 'nonce feed'"):
            challenge(f"{TOPIC}\tnonce of yesterday", "hello")
        with pytest.raises(NothingCameError, match="message number 1"):
            challenge(f"{TOPIC}\tnonce feed")

    def test_budget(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(test_traffic, "WATCHED_FOR_S", 0.01)
        presence = Presence(0.5, "connected", CLIENT, PRINCIPAL)
        meter = Meter(3)
        test_traffic.test_traffic_keeps_within_the_message_budget(presence, meter)
        meter.count("publish_in", 100, times=4)

        with pytest.raises(BudgetExceededError):
            test_traffic.test_traffic_keeps_within_the_message_budget(presence, meter)

    def test_flood_is_watched_until_the_budget_is_gone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(test_traffic, "WATCHED_FOR_S", 0.3)
        meter = Meter(100)

        def flood() -> None:
            for _ in range(100):
                meter.count("publish_in", 100)
                time.sleep(0.01)

        flooding = threading.Thread(target=flood)
        flooding.start()
        with pytest.raises(BudgetExceededError):
            test_traffic.test_traffic_keeps_within_the_message_budget(
                Presence(0.5, "connected", CLIENT, PRINCIPAL), meter
            )
        flooding.join()


def kit(prints: str = "", *, console: object = None) -> Any:
    """Return a running kit that the type checker takes for a real one."""
    return Kit(prints, console=console)


def cloud(*payloads: str) -> Any:
    """Return an observer that the type checker takes for a real one."""
    return Cloud(payloads)


def any_of(**attributes: object) -> Any:
    """Return something with these attributes, in the place of anything."""
    return SimpleNamespace(**attributes)
