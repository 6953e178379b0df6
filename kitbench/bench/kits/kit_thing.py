"""The kit's thing in the cloud, and what the bench lays into its firmware."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kitbench.bench.builds.variant import Variant
from kitbench.cloud.billing.meter import Meter
from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.things.client_identity import ClientIdentity, Topics
from kitbench.cloud.things.ledger import Ledger
from kitbench.cloud.things.provisioning import provision
from kitbench.errors import BenchError, KitbenchError
from kitbench.firmware.overlay import Overlay, identity_overlay


class KitThing:
    """One variant's thing. In the secure-element variant it has no certificate before the kit has asked for one.

    Attributes:
        topics: that the kit may use; one at least.
        client_id: known before anything is provisioned, so that the firmware can be built with it; by default the
            thing's name.
        leftover: a key pair of the bench's, laid where a student's project may still embed a key though it should not;
            found in a dump it proves that the project ships a key beside its secure element.
        connected_last_time: the kit connected when a test last waited for it, or none has waited yet.
        sent_last_time: the same of its messages.
        known_pem: the certificate of a device that keeps its own identity, where it is known.
        has_flashed_kit: the kit's flash was erased and holds this thing's firmware.
        hindrance: why the kit got no certificate when it was asked for one; None before that.
    """

    def __init__(  # noqa: PLR0913 - what it is made of, and who cleans up
        self,
        cloud: Endpoint,
        ledger: Ledger,
        variant: Variant,
        topics: Topics,
        *,
        stack: ExitStack,
        client_id: str = "",
        meter: Meter | None = None,
    ) -> None:
        self._cloud = cloud
        self._ledger = ledger
        self._role = role_of(variant)
        self._stack = stack
        self._meter = meter
        self._identity: ClientIdentity | None = None
        self._key_pem: bytes | None = None
        self.connected_last_time = True
        self.sent_last_time = True
        self.has_flashed_kit = False
        self.hindrance: KitbenchError | None = None
        self.known_pem = b""
        self.variant = variant
        self.topics = topics
        self.client_id = client_id or ledger.run.name(self._role)
        self.leftover = ec.generate_private_key(ec.SECP256R1())

    @property
    def topic(self) -> str:
        """The first topic that the kit may publish on; the course's firmware listens to it, too."""
        return next(iter((*self.topics.publish, *self.topics.subscribe)))

    @property
    def identity(self) -> ClientIdentity:
        """The provisioned identity.

        Raises:
            KitbenchError: what kept the kit from getting a certificate, whosever fault that was.
            BenchError: the kit never came to be asked.
        """
        if self._identity is None:
            never = BenchError("the kit has no certificate: it never ran, so that nobody asked it", stage="provision")
            raise self.hindrance or never
        return self._identity

    @property
    def watched(self) -> ClientIdentity:
        """Who the kit will be, for an observer that starts before the kit has its certificate."""
        name = self._ledger.run.name(self._role)
        return self._identity or ClientIdentity(name, b"", None, "", "", self.topics, self.client_id)

    @property
    def is_provisioned(self) -> bool:
        """The cloud knows the kit's certificate."""
        return self._identity is not None

    @property
    def private_keys(self) -> tuple[bytes, ...]:
        """The private keys (PEM) that this bench lays into the firmware: one of the thing's, or one left over."""
        return tuple(key for key in (self._key_pem, _pem_of(self.leftover)) if key is not None)

    @property
    def certificate(self) -> x509.Certificate:
        """Return the kit's certificate as PEM."""
        return x509.load_pem_x509_certificate(self.identity.certificate_pem)

    @property
    def certificates(self) -> list[x509.Certificate]:
        """The kit's certificate, none where a device's own is not known."""
        if self.is_provisioned or self.needs_enrolment:
            return [self.certificate]
        return [x509.load_pem_x509_certificate(self.known_pem)] if self.known_pem else []

    @property
    def needs_enrolment(self) -> bool:
        """The kit has to ask for its certificate first, as its key is in a secure element."""
        return self.variant is Variant.ATECC608A and not self.is_provisioned

    def provision(self, csr_pem: bytes | None = None) -> ClientIdentity:
        """Have the cloud make the thing and its certificate, for a CSR where there is one."""
        context = provision(
            self._cloud,
            self._ledger,
            self._role,
            topics=self.topics,
            csr_pem=csr_pem,
            client_id=self.client_id,
            meter=self._meter,
        )
        self._identity = self._stack.enter_context(context)
        return self._identity

    def register(self, certificate_pem: bytes) -> ClientIdentity:
        """Register the certificate that the device has already, for as long as the run lasts."""
        context = provision(
            self._cloud,
            self._ledger,
            self._role,
            topics=self.topics,
            certificate_pem=certificate_pem,
            client_id=self.client_id,
            meter=self._meter,
        )
        self._identity = self._stack.enter_context(context)
        return self._identity

    @property
    def pair_pem(self) -> tuple[bytes, bytes]:
        """Certificate and private key that the cloud made for the run."""
        return self.identity.certificate_pem, self._key_pem or b""

    def nvs_strings(self, host: str, port: int, root_ca_pem: bytes) -> dict[str, dict[str, str]]:
        """Return the identity as an NVS image has it: namespace → key → text."""
        values = {"host": host, "port": str(port), "client_id": self.client_id, "topic": self.topic}
        values |= {"root_ca": root_ca_pem.decode(), "certificate": self.identity.certificate_pem.decode()}
        return {"identity": values | {"private_key": (self._key_pem or b"").decode()}}

    def provision_embedded(self) -> None:
        """Provision what an embedded-key firmware needs: AWS's RSA key pair, or an EC one with a CSR of the bench's."""
        if self.variant is Variant.EMBEDDED_EC_KEY:
            key = ec.generate_private_key(ec.SECP256R1())
            self._key_pem = _pem_of(key)
            self.provision(_csr(key, self.client_id))
            return
        key_file = self.provision().private_key_file
        assert key_file is not None
        self._key_pem = key_file.read_bytes()

    def overlay(self) -> Overlay:
        """Return what makes a project this thing on this cloud."""
        # A secure element's certificate comes later, through its console; until then the leftover stands in its place.
        certificate = self._identity.certificate_pem if self._identity else self.leftover_certificate_pem()
        return identity_overlay(
            root_ca_pem=self._cloud.ca_file.read_bytes(),
            certificate_pem=certificate,
            private_key_pem=self._key_pem or _pem_of(self.leftover),
            mqtt_host=self._cloud.mqtt_host,
            mqtt_port=self._cloud.mqtt_port,
            client_id=self.client_id,
            kconfig={"EXAMPLE_TOPIC": self.topic},
        )

    def leftover_certificate_pem(self) -> bytes:
        """Return a self-signed certificate of the leftover key, so that an audit recognises it."""
        return _self_signed(self.leftover)


def role_of(variant: Variant) -> str:
    """Return the role of a variant's thing in its run's names."""
    return variant.value.replace("_", "") or "kit"


def _pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _csr(key: ec.EllipticCurvePrivateKey, common_name: str) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(_name(common_name))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _self_signed(key: ec.EllipticCurvePrivateKey) -> bytes:

    now = datetime.now(UTC)
    name = _name("left over from the embedded-key variant")
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
