"""The kit's TLS client against OpenSSL: both kinds of key, and every server that it must not trust."""

import contextlib
import random
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from kitbench.virtual_kit.atecc608a import Chip, ChipBus, Profile, make_chip
from kitbench.virtual_kit.atecc608a.bus import Fault
from kitbench.virtual_kit.atecc608a.cryptoauthlib import CryptoAuthLib
from kitbench.virtual_kit.atecc608a.mutant import Mutant, mutate
from kitbench.virtual_kit.atecc608a.state import decode_public
from kitbench.virtual_kit.tls import MaximumVersion, MbedtlsError, TlsClient, TlsConnection, TlsError, VerifyFlag
from kitbench.virtual_kit.tls.access_point import wait_until_ready
from tests.kitbench.virtual_kit.tls.tls_servers import Authority, Issued, Server, make_authority

Serve = Callable[..., Server]


@dataclass
class Kit:
    """What a firmware would hand to esp-tls, and the client that takes it."""

    authority: Authority
    certificate: bytes | None
    key: bytes | None = None
    bus: ChipBus | None = None
    chip: Chip | None = None
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = TlsClient(self.log.append)

    def open(self, server: Server, **changes: Any) -> TlsConnection:
        arguments: dict[str, Any] = {
            "allowed": server.endpoint,
            "ca_pem": self.authority.pem,
            "certificate_pem": self.certificate,
            "private_key_pem": self.key,
            "secure_element": self.bus,
            "timeout_s": 10.0,
        }
        return self.client.open_tls("localhost", server.port, **(arguments | changes))

    def refusal(self, server: Server, **changes: Any) -> TlsError:
        with pytest.raises(TlsError) as caught:
            self.open(server, **changes)
        return caught.value


#: For a peer that stays silent; a whole handshake on a machine at work takes less.
PATIENCE_S: Final = 2.0


def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def embedded_kit(authority: Authority) -> Kit:
    issued = authority.issue("embedded key", key=rsa_key())
    return Kit(authority, issued.pem + b"\0", issued.key_pem + b"\0")


def chip_kit(authority: Authority) -> Kit:
    chip = make_chip(Profile.TCUSTOM_LOCKED)
    library = CryptoAuthLib(ChipBus(chip))
    library.atcab_init()
    status, point = library.atcab_get_pubkey(0)
    assert status == 0
    issued = authority.issue("chip", public_key=decode_public(point))
    return Kit(authority, issued.pem, bus=ChipBus(chip), chip=chip)


MAKERS = {"embedded_key": embedded_kit, "atecc608a": chip_kit}


@pytest.fixture(name="kit", params=MAKERS)
def _kit(request: pytest.FixtureRequest, authority: Authority) -> Kit:
    return MAKERS[request.param](authority)


class TestMutualAuthentication:
    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_carries_data_both_ways(
        self, kit: Kit, serve: Serve, server_certificate: Issued, version: ssl.TLSVersion
    ) -> None:
        server = serve(server_certificate, version=version)

        connection = kit.open(server, maximum=MaximumVersion.TLS_1_3)

        assert connection.write(b"ping") == 4
        assert connection.read(2, 10) == b"pi"
        assert connection.pending() == 2
        assert connection.read(100, 10) == b"ng"
        connection.close()
        assert server.peers[0] is not None
        assert server.versions == [{"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}[version.name]]

    def test_offers_tls_1_2_only_by_default(self, kit: Kit, serve: Serve, server_certificate: Issued) -> None:
        server = serve(server_certificate)

        connection = kit.open(server)
        connection.write(b"x")
        connection.read(1, 10)
        connection.close()

        assert server.versions == ["TLSv1.2"]

    def test_large_transfers_arrive_whole(self, kit: Kit, serve: Serve, server_certificate: Issued) -> None:
        connection = kit.open(serve(server_certificate))
        message = bytes(range(256)) * 100

        assert connection.write(message) == len(message)
        received = b""
        while len(received) < len(message):
            received += connection.read(5000, 10)

        assert received == message
        connection.close()

    def test_server_refuses_a_client_without_certificate(
        self, authority: Authority, serve: Serve, server_certificate: Issued
    ) -> None:
        kit = Kit(authority, None)

        error = kit.refusal(serve(server_certificate))

        assert error.code == -0x7780
        assert "network: 'localhost'" in kit.log[0]

    def test_server_refuses_a_certificate_of_another_authority(
        self, authority: Authority, serve: Serve, server_certificate: Issued
    ) -> None:
        stranger = make_authority("stranger").issue("kit")
        kit = Kit(authority, stranger.pem, stranger.key_pem)

        assert kit.refusal(serve(server_certificate)).code == MbedtlsError.SSL_FATAL_ALERT_MESSAGE

    def test_refusal_in_tls_1_3_shows_when_reading(
        self, authority: Authority, serve: Serve, server_certificate: Issued
    ) -> None:
        server = serve(server_certificate, version=ssl.TLSVersion.TLSv1_3)
        connection = Kit(authority, None).open(server, maximum=MaximumVersion.TLS_1_3)

        with pytest.raises(TlsError, match="0x7780"):
            connection.read(1, 10)
        connection.close()


class TestServerVerification:
    """Each refusal has its control: `test_carries_data_both_ways` trusts the right server."""

    def test_wrong_authority(self, kit: Kit, serve: Serve, server_certificate: Issued) -> None:
        server = serve(server_certificate)

        error = kit.refusal(server, ca_pem=make_authority("other").pem)

        assert error.code == -0x2700
        assert error.verify_flags == VerifyFlag.NOT_TRUSTED
        assert server.peers == []

    def test_wrong_name(self, kit: Kit, serve: Serve, authority: Authority) -> None:
        server = serve(authority.issue("localhost", names=["example.org"]))

        error = kit.refusal(server)

        assert error.code == -0x2700
        assert error.verify_flags == VerifyFlag.CN_MISMATCH

    def test_wrong_name_is_fine_where_the_firmware_does_not_ask(
        self, kit: Kit, serve: Serve, authority: Authority
    ) -> None:
        server = serve(authority.issue("example.org", names=["example.org"]))

        kit.open(server, check_name=False).close()
        kit.open(server, server_name="example.org").close()

    def test_self_signed(self, kit: Kit, serve: Serve) -> None:
        server = serve(make_authority("localhost"))

        error = kit.refusal(server)

        assert error.code == -0x2700
        assert VerifyFlag.NOT_TRUSTED in error.verify_flags

    def test_self_signed_that_is_the_anchor_itself(self, kit: Kit, serve: Serve) -> None:
        own = make_authority("localhost")

        kit.open(serve(own), ca_pem=own.pem).close()

    def test_wrong_key_usage(self, kit: Kit, serve: Serve, authority: Authority) -> None:
        client_only = authority.issue("localhost", names=["localhost"], usage=ExtendedKeyUsageOID.CLIENT_AUTH)

        error = kit.refusal(serve(client_only))

        assert error.code == -0x2700
        assert error.verify_flags == VerifyFlag.EXT_KEY_USAGE

    def test_leaf_does_not_sign_other_leaves(self, kit: Kit, serve: Serve, authority: Authority) -> None:
        leaf = authority.issue("leaf")
        forged = Authority(leaf.certificate, leaf.key).issue("localhost", names=["localhost"])

        error = kit.refusal(serve(Chained(forged.certificate, forged.key, leaf.pem)))

        assert error.code == -0x2700

    def test_intermediate_authority_is_followed(self, kit: Kit, serve: Serve, authority: Authority) -> None:
        middle = authority.issue("middle", is_authority=True)
        leaf = Authority(middle.certificate, middle.key).issue("localhost", names=["localhost"])

        kit.open(serve(Chained(leaf.certificate, leaf.key, middle.pem))).close()

    @pytest.mark.parametrize(("days", "flag"), [((-2, -1), VerifyFlag.EXPIRED), ((1, 2), VerifyFlag.FUTURE)])
    def test_dates_count_only_where_the_firmware_has_a_clock(
        self, kit: Kit, serve: Serve, authority: Authority, days: tuple[int, int], flag: VerifyFlag
    ) -> None:
        server = serve(authority.issue("localhost", names=["localhost"], days=days))

        kit.open(server).close()
        error = kit.refusal(server, clock=datetime.now(UTC))

        assert error.code == -0x2700
        assert error.verify_flags == flag

    @pytest.mark.parametrize("has_identity", [True, False])
    def test_clock_is_the_kits_own(
        self, kit: Kit, serve: Serve, server_certificate: Issued, *, has_identity: bool
    ) -> None:
        server = serve(server_certificate, needs_client=has_identity)
        parts = () if has_identity else ("certificate_pem", "private_key_pem", "secure_element")
        changes: dict[str, object] = dict.fromkeys(parts)

        kit.open(server, clock=datetime.now(UTC), **changes).close()
        # Nobody has set it yet.
        error = kit.refusal(server, clock=datetime(1970, 1, 1, tzinfo=UTC), **changes)

        assert error.verify_flags == VerifyFlag.FUTURE

    def test_no_authority_at_all(self, kit: Kit, serve: Serve, server_certificate: Issued) -> None:
        assert kit.refusal(serve(server_certificate), ca_pem=None).code == -0x8017

    def test_any_server_is_taken_only_where_the_firmware_says_so_and_has_no_authority(
        self, kit: Kit, serve: Serve
    ) -> None:
        for server in (serve(make_authority("another")), serve(make_authority("localhost"))):
            kit.open(server, ca_pem=None, takes_any_server=True).close()
            assert kit.refusal(server, takes_any_server=True).code == -0x2700

    def test_secure_element_signs_nothing_for_a_server_it_does_not_trust(
        self, authority: Authority, serve: Serve, server_certificate: Issued
    ) -> None:
        kit = chip_kit(authority)
        server = serve(server_certificate)

        kit.refusal(server, ca_pem=make_authority("other").pem)

        assert kit.chip is not None
        assert kit.chip.state.sram.message is None
        kit.open(server).close()
        assert kit.chip.state.sram.message is not None


@dataclass(frozen=True)
class Chained(Issued):
    """A certificate that comes with its issuer's."""

    issuer: bytes = b""

    @property
    def pem(self) -> bytes:
        return super().pem + self.issuer


class TestSecureElement:
    def test_chip_pulled_before_the_handshake(
        self, authority: Authority, serve: Serve, server_certificate: Issued
    ) -> None:
        kit = chip_kit(authority)
        server = serve(server_certificate)
        assert kit.bus is not None
        kit.bus.fault = Fault.ABSENT

        assert kit.refusal(server).code == -0x8007
        kit.bus.fault = None
        kit.open(server).close()

    def test_chip_pulled_during_the_handshake(
        self, authority: Authority, serve: Serve, server_certificate: Issued
    ) -> None:
        kit = chip_kit(authority)
        server = serve(server_certificate)

        error = kit.refusal(server, secure_element=PulledBeforeSigning(kit.chip))

        assert error.code == MbedtlsError.SECURE_ELEMENT_SIGN_FAILED
        assert server.peers == []

    def test_key_regenerated_under_the_old_certificate(
        self, authority: Authority, serve: Serve, server_certificate: Issued
    ) -> None:
        kit = chip_kit(authority)
        assert kit.bus is not None
        library = CryptoAuthLib(kit.bus)
        library.atcab_init()
        library.atcab_genkey(0)

        assert kit.refusal(serve(server_certificate)).code == MbedtlsError.SSL_FATAL_ALERT_MESSAGE

    @pytest.mark.parametrize("mutant", [Mutant.FOREIGN_KEY, Mutant.CONSTANT_SIGNATURE])
    def test_wrong_signatures_are_refused(
        self, authority: Authority, serve: Serve, server_certificate: Issued, mutant: Mutant
    ) -> None:
        kit = chip_kit(authority)
        assert kit.chip is not None
        bus = ChipBus(mutate(kit.chip, mutant))
        library = CryptoAuthLib(bus)
        library.atcab_init()
        library.atcab_sign(0, bytes(32))

        assert kit.refusal(serve(server_certificate), secure_element=bus).code == MbedtlsError.SSL_FATAL_ALERT_MESSAGE

    def test_certificate_is_needed(self, authority: Authority, serve: Serve, server_certificate: Issued) -> None:
        assert chip_kit(authority).refusal(serve(server_certificate), certificate_pem=None).is_esp_error


class PulledBeforeSigning(ChipBus):
    """A bus that loses the chip when Sign is asked for."""

    def send(self, packet: bytes) -> None:
        if packet[1] == 0x41:
            self.fault = Fault.ABSENT
        super().send(packet)


class TestCredentials:
    @pytest.mark.parametrize("key", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
    def test_malformed_key(self, authority: Authority, serve: Serve, server_certificate: Issued, key: bytes) -> None:
        issued = authority.issue("kit")

        error = Kit(authority, issued.pem, key).refusal(serve(server_certificate))

        assert error.code == -0x8019

    def test_encrypted_key_asks_nobody_for_its_password(
        self, authority: Authority, serve: Serve, server_certificate: Issued
    ) -> None:
        issued = authority.issue("kit")
        locked = issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))

        assert Kit(authority, issued.pem, locked).refusal(serve(server_certificate)).code == -0x8019

    @pytest.mark.parametrize("make_key", [ec_key, rsa_key])
    def test_key_of_another_certificate_is_refused_by_the_server(
        self, authority: Authority, serve: Serve, server_certificate: Issued, make_key: Callable[[], Any]
    ) -> None:
        issued, server = authority.issue("kit", key=make_key()), serve(server_certificate)
        kit = Kit(authority, issued.pem, Issued(issued.certificate, make_key()).key_pem)

        error = kit.refusal(server)

        assert error.code == -0x7780
        assert server.peers == []

    def test_key_of_another_kind_is_an_error(
        self, authority: Authority, serve: Serve, server_certificate: Issued
    ) -> None:
        issued = authority.issue("kit")
        kit = Kit(authority, issued.pem, Issued(issued.certificate, rsa_key()).key_pem)

        assert not kit.refusal(serve(server_certificate)).is_esp_error

    def test_key_text_is_in_no_message(self, authority: Authority, serve: Serve, server_certificate: Issued) -> None:
        issued, other = authority.issue("kit"), ec_key()
        pem = Issued(issued.certificate, other).key_pem
        kit = Kit(authority, issued.pem, pem)

        error = kit.refusal(serve(server_certificate))

        told = repr(error) + str(error) + repr(error.__context__) + "".join(kit.log)
        assert not any(line in told for line in pem.decode().splitlines())

    @pytest.mark.parametrize(
        "pem", [b"", b"\xff" * 70000, b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
    )
    def test_malformed_authority(
        self, authority: Authority, serve: Serve, server_certificate: Issued, pem: bytes
    ) -> None:
        assert Kit(authority, None).refusal(serve(server_certificate), ca_pem=pem).code == -0x8015

    def test_certificate_without_key(self, authority: Authority, serve: Serve, server_certificate: Issued) -> None:
        assert Kit(authority, authority.issue("kit").pem).refusal(serve(server_certificate)).code == -0x8103


class TestHostileServer:
    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    @pytest.mark.parametrize("seed", range(12))
    def test_changed_byte_ends_the_handshake(
        self, kit: Kit, serve: Serve, server_certificate: Issued, version: ssl.TLSVersion, seed: int
    ) -> None:
        server = serve(server_certificate, version=version)
        with flipping_proxy(server.port, seed) as port:
            error = kit.refusal(Server(port=port), timeout_s=PATIENCE_S, maximum=MaximumVersion.TLS_1_3)

        assert not error.is_esp_error
        assert server.peers == []

    @pytest.mark.parametrize("seed", range(12))
    def test_random_records_are_an_error(self, kit: Kit, seed: int) -> None:
        noise = random.Random(seed)
        records = b"".join(
            bytes((noise.choice((20, 21, 22, 23)), 3, 3)) + len(body).to_bytes(2) + body
            for body in (bytes((noise.choice((2, 11, 12, 14)), 0, 0, 40)) + noise.randbytes(40) for _ in range(5))
        )
        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=_greet, args=(listener, records))
            thread.start()

            kit.refusal(Server(port=listener.getsockname()[1]), timeout_s=2, maximum=MaximumVersion.TLS_1_3)

            thread.join()


@contextlib.contextmanager
def flipping_proxy(port: int, seed: int) -> Iterator[int]:
    """Yield the port of a proxy that flips one bit of the server's first bytes."""

    def relay() -> None:
        link, _ = listener.accept()
        with link, socket.create_connection(("127.0.0.1", port)) as server:
            server.sendall(link.recv(65536))
            flight = bytearray(server.recv(65536))
            noise = random.Random(seed)
            flight[noise.randrange(min(len(flight), 600))] ^= 1 << noise.randrange(8)
            link.sendall(flight)
            link.settimeout(5)
            with contextlib.suppress(OSError):
                while data := link.recv(65536):
                    server.sendall(data)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=relay)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join(10)
        assert not thread.is_alive()


class TestHostileFirmware:
    @pytest.mark.parametrize("name", ["\0", "a" * 300, "a" * 64, ".", "a..b", ".a", "\xfc", "a b", "\n", "[::1]"])
    def test_name_that_is_none(self, kit: Kit, serve: Serve, server_certificate: Issued, name: str) -> None:
        assert kit.refusal(serve(server_certificate), server_name=name).code == -0x8012

    @pytest.mark.parametrize("alpn", [("",), ("\xfc",), ("a" * 256,), ("mqtt", "")])
    def test_protocols_that_are_none(
        self, kit: Kit, serve: Serve, server_certificate: Issued, alpn: tuple[str, ...]
    ) -> None:
        assert kit.refusal(serve(server_certificate), alpn=alpn).code == -0x8014

    def test_protocols_that_the_server_does_not_know_are_fine(
        self, kit: Kit, serve: Serve, server_certificate: Issued
    ) -> None:
        kit.open(serve(server_certificate), alpn=("x-amzn-mqtt-ca", "a" * 255)).close()

    @pytest.mark.parametrize("port", [0, -1, 65536, 2**31])
    def test_port_that_is_none(self, kit: Kit, port: int) -> None:
        with pytest.raises(TlsError):
            kit.open(Server(port=port), allowed=(("localhost", port),))


class TestNetwork:
    def test_only_the_access_points_endpoints_are_reachable(self, authority: Authority) -> None:
        with socket.create_server(("127.0.0.1", 0)) as elsewhere:
            elsewhere.setblocking(False)
            kit = Kit(authority, None)
            server = Server(port=elsewhere.getsockname()[1])

            error = kit.refusal(server, allowed=(("elsewhere", server.port + 1), ("example.org", server.port)))

            assert error.code == -0x8001
            assert "does not lead to" in kit.log[0]
            with pytest.raises(BlockingIOError):
                elsewhere.accept()

    def test_known_name_with_another_port_is_refused_and_not_unknown(self, authority: Authority) -> None:
        error = Kit(authority, None).refusal(Server(port=9), allowed=(("localhost", 8883),))

        assert error.code == -0x8004

    def test_refused_connection(self, authority: Authority) -> None:
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]

        assert Kit(authority, None).refusal(Server(port=port)).code == -0x8004

    def test_server_that_says_nothing(self, authority: Authority) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            server = Server(port=silent.getsockname()[1])

            assert Kit(authority, None).refusal(server, timeout_s=0.1).code == MbedtlsError.SSL_TIMEOUT

    @pytest.mark.parametrize(("greeting", "code"), [(b"", -0x7280), (b"220 mail.example.org ESMTP\r\n" * 20, -0x7200)])
    def test_server_that_does_not_speak_tls(self, kit: Kit, greeting: bytes, code: int) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=_greet, args=(listener, greeting))
            thread.start()

            error = kit.refusal(Server(port=listener.getsockname()[1]))

            thread.join()
        assert error.code in {code, MbedtlsError.NET_CONN_RESET}

    def test_reset_of_the_kit_ends_a_read_and_a_handshake(
        self, kit: Kit, serve: Serve, server_certificate: Issued, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting, closed, numbers = threading.Semaphore(0), threading.Event(), list[int]()

        def wait(link: socket.socket, event: int, *, timeout_s: float) -> bool:
            waiting.release()
            closed.wait(20)
            # Its number may not be another file's yet: that would be waited for in its place.
            numbers.append(link.fileno())
            return wait_until_ready(link, event, timeout_s=timeout_s)

        connection = kit.open(serve(server_certificate))
        monkeypatch.setattr("kitbench.virtual_kit.tls.connection.wait_until_ready", wait)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            outcomes: list[object] = []
            mute = Server(port=silent.getsockname()[1])
            reader = threading.Thread(target=lambda: outcomes.append(connection.read(1, 60)))
            opener = threading.Thread(target=lambda: outcomes.append(kit.refusal(mute, timeout_s=60)))
            reader.start()
            opener.start()
            assert waiting.acquire(timeout=20)
            assert waiting.acquire(timeout=20)

            kit.client.close()
            closed.set()
            reader.join(10)
            opener.join(10)

        assert not reader.is_alive()
        assert not opener.is_alive()
        assert b"" in outcomes
        assert min(numbers) >= 0
        with pytest.raises(TlsError):
            connection.write(b"x")

    def test_nothing_to_read_is_a_timeout(self, kit: Kit, serve: Serve, server_certificate: Issued) -> None:
        connection = kit.open(serve(server_certificate))

        with pytest.raises(TimeoutError):
            connection.read(1, 0.01)
        assert not connection.wait_readable(0.01)
        connection.write(b"x")
        assert connection.wait_readable(10)
        assert connection.read(10, 10) == b"x"
        connection.close()
        assert connection.read(1, 10) == b""

    def test_sockets_are_few(self, authority: Authority) -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=20) as listener:
            port = listener.getsockname()[1]
            kit = Kit(authority, None)
            opened = [kit.client.open_tcp("localhost", port, allowed=(("localhost", port),)) for _ in range(10)]

            with pytest.raises(TlsError, match="no socket left"):
                kit.client.open_tcp("localhost", port, allowed=(("localhost", port),))
            opened[0].close()
            kit.client.open_tcp("localhost", port, allowed=(("localhost", port),))
            kit.client.close()

    def test_plain_tcp(self, authority: Authority) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            connection = Kit(authority, None).client.open_tcp("localhost", port, allowed=(("localhost", port),))
            with listener.accept()[0] as peer:
                connection.write(b"to")
                assert peer.recv(10) == b"to"
                peer.sendall(b"fro")
                assert connection.read(10, 10) == b"fro"
            assert connection.read(10, 10) == b""
            connection.close()


def _greet(listener: socket.socket, greeting: bytes) -> None:
    link, _ = listener.accept()
    with link:
        link.recv(4096)
        link.sendall(greeting)
