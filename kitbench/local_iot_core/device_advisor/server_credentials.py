"""The certificates that the endpoint shows, good ones and bad ones, each made when it is first asked for."""

import datetime as dt
import ssl
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kitbench.local_iot_core.apis.certificate_authority import CertificateAuthority
from kitbench.local_iot_core.device_advisor.behaviour import Behaviour, ServerCertificate
from kitbench.local_iot_core.transport.tls_stream import make_context

#: A name that no device asks for.
SOMEBODY_ELSE: Final = "somebody-else.example"
#: Names in the large certificate: they and an RSA key make some 4 KB of it.
_FILLERS: Final = 90
_YESTERDAY: Final = dt.timedelta(days=1)
_OVER: Final = (dt.timedelta(days=-9), -_YESTERDAY)


class ServerCredentials:
    """TLS contexts for each behaviour.

    Args:
        authority: that the devices trust.
        hosts: names and addresses of the endpoint.
        folder: private; keys are in files only while ssl reads them.
    """

    def __init__(self, authority: CertificateAuthority, hosts: Sequence[str], folder: Path) -> None:
        self._authority = authority
        self._hosts = hosts
        self._folder = folder
        self._contexts: dict[tuple[ServerCertificate, str], ssl.SSLContext] = {}

    def context(self, behaviour: Behaviour) -> ssl.SSLContext:
        """Return the context for a behaviour."""
        key = (behaviour.certificate, behaviour.ciphers)
        if key not in self._contexts:
            self._contexts[key] = self._make(behaviour)
        return self._contexts[key]

    def _make(self, behaviour: Behaviour) -> ssl.SSLContext:
        chain, key = self._issue(behaviour.certificate)
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            chain_file, key_file = Path(folder, "chain.pem"), Path(folder, "key.pem")
            chain_file.write_bytes(chain)
            key_file.write_bytes(key)
            context = make_context(str(chain_file), str(key_file), self._authority.certificate_pem)
            if behaviour.ciphers:
                context.set_ciphers(behaviour.ciphers)
                _add_rsa(context, self._authority, self._hosts, Path(folder))
        return context

    def _issue(self, certificate: ServerCertificate) -> tuple[bytes, bytes]:
        match certificate:
            case ServerCertificate.GOOD:
                return self._authority.issue_server_certificate(self._hosts)
            case ServerCertificate.UNKNOWN_CA:
                return CertificateAuthority().issue_server_certificate(self._hosts)
            case ServerCertificate.WRONG_NAME:
                return self._authority.issue_server_certificate([SOMEBODY_ELSE])
            case ServerCertificate.EXPIRED:
                return self._authority.issue_server_certificate(self._hosts, period=_OVER)
            case ServerCertificate.LARGE:
                fillers = (f"endpoint-{number:03}.device-advisor.iot.example" for number in range(_FILLERS))
                return self._authority.issue_server_certificate([*self._hosts, *fillers], rsa_bits=2048)


def _add_rsa(context: ssl.SSLContext, authority: CertificateAuthority, hosts: Sequence[str], folder: Path) -> None:
    """Give an endpoint of few cipher suites an RSA certificate, too: half of AWS IoT Core's suites need one."""
    chain, key = authority.issue_server_certificate(hosts, rsa_bits=2048)
    (folder / "rsa.pem").write_bytes(chain + key)
    context.load_cert_chain(folder / "rsa.pem")
