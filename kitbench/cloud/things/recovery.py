"""Makes true what a ledger promises: everything it names is gone again, whenever and however often its run died."""

import logging
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.failure import cloud_errors, code_of
from kitbench.cloud.rule_to_table.removal import remove_role, remove_rule, remove_table
from kitbench.cloud.things.audit_trail import certificates_since
from kitbench.cloud.things.ledger import KEY_FOLDER_PREFIX, SUFFIX, Kind, Ledger, default_folder, read_lines, take_over
from kitbench.cloud.things.removal import PATIENCE_S, Removal
from kitbench.errors import CloudError

_log = logging.getLogger(__name__)
#: How far the bench's clock may be behind AWS's, in seconds.
_SKEW_S: Final = 900


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one dead run's ledger.

    Attributes:
        path: of the ledger.
        removed: what is gone now, as "kind name".
        trouble: why something stays in the ledger, in one line; empty when nothing does.
    """

    path: Path
    removed: tuple[str, ...]
    trouble: str = ""


def recover(
    endpoint: Endpoint, folder: Path | None = None, *, dry_run: bool = False, patience_s: float = PATIENCE_S
) -> list[Recovered]:
    """Settle the ledgers of runs that died, on this account; runs that live keep theirs.

    A ledger that cannot be settled now is told and left for the next start: it never stops a run.
    """
    directory = folder or default_folder()
    recovered = []
    for path in sorted(directory.glob(f"*{SUFFIX}")):
        lines = read_lines(path)
        cloud_id = str(lines[0].get("cloud")) if lines else ""
        if cloud_id != endpoint.cloud_id:
            _forget_local(path, cloud_id, lines)
            continue
        with take_over(path) as ledger:
            if ledger is not None:
                recovered.append(_recover_one(endpoint, ledger, dry_run=dry_run, patience_s=patience_s))
    return recovered


def _recover_one(endpoint: Endpoint, ledger: Ledger, *, dry_run: bool, patience_s: float) -> Recovered:
    names = tuple(f"{kind} {name}" for kind, name in ledger.holdings())
    if dry_run:
        return Recovered(ledger.path, names)
    try:
        settle(endpoint, ledger, endpoint.client("iot"), patience_s=patience_s)
    except CloudError as error:
        _log.warning("%s; it stays in the ledger %s", error, ledger.path)
        return Recovered(ledger.path, (), str(error))
    left = [f"{kind} {name}" for kind, name in ledger.holdings()]
    trouble = f"cannot tell yet whether a certificate was made: {', '.join(left)}" if left else ""
    return Recovered(ledger.path, tuple(name for name in names if name not in left), trouble)


def _forget_local(path: Path, cloud_id: str, lines: list[Mapping[str, Any]]) -> None:
    """Drop the ledger of a local IoT core that is gone, and with it all that it held; and the keys of its run."""
    is_local = "@http://127.0.0.1:" in cloud_id or "@http://localhost:" in cloud_id
    if not is_local or float(lines[0].get("expires", 0)) > time.time():
        return
    with take_over(path) as ledger:
        if ledger is not None:
            for kind, name in ledger.holdings():
                if kind is Kind.KEY_FOLDER:
                    remove_key_folder(name)
                ledger.gone(kind, name)


def settle(
    endpoint: Endpoint, ledger: Ledger, client: Any, *, name: str | None = None, patience_s: float = PATIENCE_S
) -> None:
    """Remove all that a ledger names, and note each as gone.

    Args:
        endpoint: the ledger's account.
        ledger: open and locked.
        client: boto3's, for "iot".
        name: settle only what belongs to this thing; by default everything.
        patience_s: how long to try again while AWS still detaches, in seconds.

    Raises:
        CloudError: the rest stays in the ledger.
    """
    # Keys first of all: whatever the cloud does next, they are gone.
    for folder in _held(ledger, Kind.KEY_FOLDER, name):
        remove_key_folder(folder)
        ledger.gone(Kind.KEY_FOLDER, folder)
    for thing, line in _held(ledger, Kind.ISSUANCE, name).items():
        _settle_issuance(endpoint, ledger, client, thing, line)
    removal = Removal(endpoint, client, patience_s=patience_s)
    steps: dict[Kind, Callable[[str], None]] = {
        # The rule first: nothing may be written into a table that is being deleted.
        Kind.RULE: partial(remove_rule, endpoint),
        Kind.TABLE: partial(remove_table, endpoint),
        Kind.ROLE: partial(remove_role, endpoint),
        Kind.CERTIFICATE: removal.certificate,
        Kind.POLICY: removal.policy,
        Kind.THING: removal.thing,
    }
    for kind, remove in steps.items():
        for what in _held(ledger, kind, name):
            ledger.write("remove", kind=kind, name=what)
            remove(what)
            ledger.gone(kind, what)


def _held(ledger: Ledger, kind: Kind, of: str | None) -> dict[str, Mapping[str, Any]]:
    """Return what a ledger holds of a kind, of one thing or of all: name → line."""
    return {
        name: line
        for (held_kind, name), line in ledger.holdings().items()
        if held_kind is kind and of in (None, name, line.get("of"))
    }


def remove_key_folder(name: str) -> None:
    """Remove a folder with a private key; nothing that is named otherwise, and nothing behind a link."""
    path = Path(name)
    if path.name.startswith(KEY_FOLDER_PREFIX) and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)


def _settle_issuance(endpoint: Endpoint, ledger: Ledger, client: Any, name: str, line: Mapping[str, Any]) -> None:
    """Write down the certificates that were made in this name and whose ids never came back."""
    since = float(line["at"])
    search = certificates_since(endpoint, since)
    ids = {issued.certificate_id for issued in search.issued if issued.name == name}
    key = line.get("public_key_sha256")
    if key:
        with cloud_errors("deprovision", f"look for certificates of {name}"):
            ids.update(_with_public_key(client, str(key), since))
    for certificate_id in sorted(ids):
        ledger.create(Kind.CERTIFICATE, certificate_id, of=name)
    if search.conclusive:
        ledger.gone(Kind.ISSUANCE, name)


def _with_public_key(client: Any, public_key_sha256: str, since: float) -> list[str]:
    """Return the ids of INACTIVE, unattached certificates for a public key made since then."""
    found = []
    for certificate in _newest_certificates(client, since):
        if certificate["status"] == "INACTIVE" and _is_loose(client, certificate["certificateArn"]):
            pem = client.describe_certificate(certificateId=certificate["certificateId"])["certificateDescription"]
            if _public_key_sha256(pem["certificatePem"]) == public_key_sha256:
                found.append(str(certificate["certificateId"]))
    return found


def _newest_certificates(client: Any, since: float) -> list[Mapping[str, Any]]:
    """Return the certificates that are younger than `since`, as the listing describes them."""
    young: list[Mapping[str, Any]] = []
    for page in client.get_paginator("list_certificates").paginate(ascendingOrder=False):
        fresh = [item for item in page["certificates"] if item["creationDate"].timestamp() > since - _SKEW_S]
        young.extend(fresh)
        if len(fresh) < len(page["certificates"]):
            break
    return young


def _is_loose(client: Any, arn: str) -> bool:
    try:
        return not (
            client.list_attached_policies(target=arn)["policies"]
            or client.list_principal_things(principal=arn)["things"]
        )
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return False


def _public_key_sha256(certificate_pem: str) -> str:
    public_key = x509.load_pem_x509_certificate(certificate_pem.encode()).public_key()
    return sha256(public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
