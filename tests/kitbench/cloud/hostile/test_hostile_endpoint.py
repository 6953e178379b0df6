"""Each trick is refused by a client that looks, and taken by one that does not: that is its control."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from kitbench.cloud.hostile.hostile_authority import HostileAuthority
from kitbench.cloud.hostile.hostile_endpoint import HostileEndpoint, Trick, Visit
from kitbench.errors import KitError
from tests.optional_part import TLS_1_0, TLS_1_1

_TLS_TRICKS = [trick for trick in Trick if trick is not Trick.PLAIN_TCP]
_CERTIFICATE_TRICKS = [Trick.UNKNOWN_CA, Trick.WRONG_NAME, Trick.EXPIRED]
_OLD_TRICKS = [Trick.TLS_1_0, Trick.TLS_1_1]


@pytest.fixture(name="client_chain")
def _client_chain(tmp_path: Path) -> Path:
    """A client's certificate and key in one file."""
    return HostileAuthority(tmp_path).issue("kit.example").pem_file


@pytest.fixture(name="hostile")
def _hostile(client_chain: Path) -> Iterator[HostileEndpoint]:
    certificate = ssl.DER_cert_to_PEM_cert(_der(client_chain)).encode()
    with HostileEndpoint(client_certificate_pem=certificate) as endpoint:
        yield endpoint


def _der(chain: Path) -> bytes:
    text = chain.read_text()
    return ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN CERTIFICATE") :])


def _visit(hostile: HostileEndpoint, client_chain: Path, *, careful: bool, tls: ssl.TLSVersion | None = None) -> Visit:
    """Connect as a kit would, send a byte, and return what the endpoint saw."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = careful
    context.verify_mode = ssl.CERT_REQUIRED if careful else ssl.CERT_NONE
    context.load_verify_locations(cadata=hostile.ca_pem.decode())
    context.load_cert_chain(client_chain)
    if tls is not None:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = tls
    seen = len(hostile.visits())
    try:
        with (
            socket.create_connection(("127.0.0.1", hostile.port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=hostile.host) as secured,
        ):
            secured.sendall(b"\x10")
    except OSError:
        pass
    return hostile.wait_for_visit(timeout_s=10, after=seen)


def test_honest_endpoint_is_accepted_by_a_careful_client(hostile: HostileEndpoint, client_chain: Path) -> None:
    visit = _visit(hostile, client_chain, careful=True)

    assert visit.shaken_hands
    assert not visit.was_refused
    assert visit.client_certificate_sha256 == sha256(_der(client_chain)).hexdigest()


@pytest.mark.parametrize(("kit_host", "is_refused"), [("localhost", True), ("a1.example", False)])
def test_other_names_of_this_machine_are_another_hosts(client_chain: Path, kit_host: str, *, is_refused: bool) -> None:
    """A firmware that looks for "localhost", and not for its own endpoint, would find it in the local cloud's, too."""
    certificate = ssl.DER_cert_to_PEM_cert(_der(client_chain)).encode()
    names = ["a1.example"]
    with HostileEndpoint(client_certificate_pem=certificate, host_names=names, kit_host=kit_host) as hostile:
        hostile.play(Trick.WRONG_NAME)

        assert _visit(hostile, client_chain, careful=True).was_refused is is_refused


@pytest.mark.parametrize("trick", _CERTIFICATE_TRICKS)
def test_careful_client_refuses_and_shows_no_certificate(
    hostile: HostileEndpoint, client_chain: Path, trick: Trick
) -> None:
    hostile.play(trick)

    visit = _visit(hostile, client_chain, careful=True)

    assert visit.trick is trick
    assert visit.was_refused
    assert "ALERT" in visit.reason


@pytest.mark.parametrize("trick", _CERTIFICATE_TRICKS)
def test_careless_client_is_seen_to_fall_for_it(hostile: HostileEndpoint, client_chain: Path, trick: Trick) -> None:
    hostile.play(trick)

    visit = _visit(hostile, client_chain, careful=False)

    assert not visit.was_refused
    assert visit.client_certificate_sha256 is not None


@pytest.mark.parametrize("trick", _OLD_TRICKS)
def test_old_protocol_is_refused_by_default_and_taken_by_who_allows_it(
    hostile: HostileEndpoint, client_chain: Path, trick: Trick
) -> None:
    (TLS_1_0 if trick is Trick.TLS_1_0 else TLS_1_1).require()
    hostile.play(trick)

    refused = _visit(hostile, client_chain, careful=True)
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        taken = _visit(hostile, client_chain, careful=True, tls=ssl.TLSVersion.TLSv1)

    assert refused.was_refused
    assert not taken.was_refused


def test_plain_tcp_sees_whether_the_client_insists_on_tls(hostile: HostileEndpoint, client_chain: Path) -> None:
    hostile.play(Trick.PLAIN_TCP)

    insisting = _visit(hostile, client_chain, careful=True)
    with socket.create_connection(("127.0.0.1", hostile.port), timeout=10) as client:
        client.sendall(b"\x10\x0c\x00\x04MQTT")
        client.recv(4)
    careless = hostile.wait_for_visit(timeout_s=10, after=1)

    assert insisting.was_refused
    assert careless.spoke == "mqtt"
    assert not careless.was_refused


def test_certificate_that_nobody_knows_is_seen_all_the_same(client_chain: Path) -> None:
    with HostileEndpoint() as hostile:
        visit = _visit(hostile, client_chain, careful=True)

    assert visit.presented_certificate
    assert not visit.was_refused


def test_port_scanner_is_a_visit_that_gave_nothing(hostile: HostileEndpoint) -> None:
    socket.create_connection(("127.0.0.1", hostile.port), timeout=10).close()

    visit = hostile.wait_for_visit(timeout_s=10)

    assert visit.spoke == "nothing"
    assert visit.was_refused


def crashed() -> None:
    raise KitError("it crashed")


def test_wait_for_a_visitor_ends_when_none_will_come(hostile: HostileEndpoint) -> None:
    with pytest.raises(KitError, match="it crashed"):
        hostile.wait_for_visit(timeout_s=3600, unless=crashed)


def test_visitor_who_is_there_is_waited_for_whatever_happens(hostile: HostileEndpoint) -> None:
    with socket.create_connection(("127.0.0.1", hostile.port), timeout=10) as client:
        client.sendall(b"\x10")
        # It hangs up a second after it came: its visit is then told all the same.
        threading.Timer(1, client.shutdown, [socket.SHUT_RDWR]).start()
        await_guest(hostile)

        visit = hostile.wait_for_visit(timeout_s=10, unless=crashed)

    assert visit.spoke == "mqtt"


def await_guest(hostile: HostileEndpoint) -> None:
    """Return once the endpoint has accepted a visitor."""
    deadline = time.monotonic() + 60
    while not hostile._guests:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(("names", "is_for_it"), [(("10.0.2.2",), True), ((), False)])
def test_honest_certificate_is_for_further_names_only_where_they_are_given(
    names: tuple[str, ...], *, is_for_it: bool
) -> None:
    with HostileEndpoint(host_names=names) as hostile:
        context = ssl.create_default_context(cadata=hostile.ca_pem.decode())
        try:
            with (
                socket.create_connection(("127.0.0.1", hostile.port), timeout=10) as plain,
                context.wrap_socket(plain, server_hostname="10.0.2.2"),
            ):
                accepted = True
        except ssl.SSLCertVerificationError:
            accepted = False

    assert accepted is is_for_it
