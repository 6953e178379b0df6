"""The rights that docs/iam-policy.json grants are exactly the calls that the bench makes."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

import kitbench.cloud
from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.things.client_identity import Topics
from kitbench.cloud.things.ledger import open_ledger
from kitbench.cloud.things.leftovers import sweep
from kitbench.cloud.things.names import new_run
from kitbench.cloud.things.provisioning import provision, set_active
from kitbench.cloud.things.recovery import recover
from kitbench.cloud.things.topic_lease import lease

_DOCS = Path(__file__).parents[3] / "docs"
#: What every bench needs, and what one needs that makes students' rules and tables.
_DOCUMENTS = (_DOCS / "iam-policy.json", _DOCS / "iam-policy-rules.json")
_SOURCES = sorted(Path(kitbench.cloud.__file__).parent.rglob("*.py"))
#: The observer's rights are those of MQTT packets, not of calls.
_PACKETS = {"iot:Connect", "iot:Publish", "iot:Receive", "iot:Subscribe"}
#: Asked for by calls that name them otherwise: a rule takes a role, a waiter looks at a table.
_IMPLIED = {"iam:PassRole", "dynamodb:DescribeTable"}


def _granted() -> set[str]:
    statements = [one for file in _DOCUMENTS for one in json.loads(file.read_text())["Statement"]]
    assert all(statement["Effect"] == "Allow" for statement in statements)
    return {action for statement in statements for action in statement["Action"]}


def _in_source() -> set[str]:
    """Return the calls that the sources name, by boto3's method names."""
    session = botocore.session.get_session()
    text = "\n".join(path.read_text() for path in _SOURCES)
    found = set()
    iot = set(session.get_service_model("iot").operation_names)
    for service in ("iot", "sts", "cloudtrail", "dynamodb", "iam"):
        for operation in session.get_service_model(service).operation_names:
            if service == "iam" and operation in iot:  # CreatePolicy and its kin, which are meant of AWS IoT
                continue
            method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
            if re.search(rf"(?:\.|\"){method}\b[(,\"]", text):
                found.add(f"{service}:{operation}")
    return found


def test_document_grants_exactly_what_the_sources_call() -> None:
    assert _granted() - _PACKETS - _IMPLIED == _in_source() - _IMPLIED


def test_document_has_no_wildcard_action_and_fits_aws() -> None:
    """AWS's limit for a managed policy is 6,144 characters without white space."""
    assert not any("*" in action for action in _granted())
    for document in _DOCUMENTS:
        assert len(json.dumps(json.loads(document.read_text()), separators=(",", ":"))) <= 6144


@pytest.fixture(name="calls")
def _calls(endpoint: Endpoint) -> Iterator[set[str]]:
    """The calls made over the wire from now on."""
    made: set[str] = set()

    def note(event_name: str, **__: object) -> None:
        _, service, operation = event_name.split(".")
        made.add(f"{service}:{operation}")

    events: Any = endpoint.session().events
    events.register("before-send", note)
    yield made
    events.unregister("before-send", note)


def test_every_call_over_the_wire_is_granted(
    endpoint: Endpoint, ledgers: Path, calls: set[str], monkeypatch: pytest.MonkeyPatch, account: Callable[[], set[str]]
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kit")])
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    with open_ledger(endpoint.cloud_id, folder=ledgers) as ledger:
        with provision(endpoint, ledger, topics=Topics.both("t")) as kit:
            set_active(endpoint, kit, active=False)
        with provision(endpoint, ledger, "csr", topics=Topics.both("t"), csr_pem=csr.public_bytes(Encoding.PEM)):
            pass
    with lease(endpoint, new_run(), "t", hold_s=-1), lease(endpoint, new_run(), "t", wait_s=0):
        pass
    sweep(endpoint)
    recover(endpoint, ledgers)

    assert calls <= _granted()
    assert len(calls) > 15, "the control: calls were seen"
