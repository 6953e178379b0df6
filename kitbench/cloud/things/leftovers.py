"""What runs left in the account, found without any ledger: by the name's prefix, run id and expiry.

Foreign resources are never touched: a thing is ours when its name has our form and its attributes say the same, a
policy when its name has our form, a certificate when it holds a policy of ours and hangs on nothing that is not ours,
or when it carries our name as common name, or when the account's audit trail says that we asked for it.
"""

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.x509.oid import NameOID

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.failure import cloud_errors, code_of
from kitbench.cloud.rule_to_table.names import parse_rule_name
from kitbench.cloud.rule_to_table.removal import remove_role, remove_rule, remove_table
from kitbench.cloud.things.audit_trail import certificates_since
from kitbench.cloud.things.ledger import KEY_FOLDER_PREFIX, Kind
from kitbench.cloud.things.names import OwnName, parse_name
from kitbench.cloud.things.recovery import remove_key_folder
from kitbench.cloud.things.removal import PATIENCE_S, Removal
from kitbench.cloud.things.topic_lease import is_lease
from kitbench.errors import CloudError

#: How far back the audit trail is asked for certificates of expired runs, in seconds.
_TRAIL_S: Final = 7 * 86400
#: The most INACTIVE certificates looked into: each costs a call.
_INACTIVE_MAX: Final = 200
#: A lease that ran out may be taken over at any moment: only what nobody wanted for an hour is swept.
_LEASE_REST_S: Final = 3600
#: Service, operation, key of the answer, field of the name ("": the item itself).
_LISTED: Final = {
    Kind.RULE: ("iot", "list_topic_rules", "rules", "ruleName"),
    Kind.TABLE: ("dynamodb", "list_tables", "TableNames", ""),
    Kind.ROLE: ("iam", "list_roles", "Roles", "RoleName"),
}
_CERTIFICATE_ID: Final = re.compile(r":cert/([0-9a-f]{64})$")


@dataclass(frozen=True, slots=True)
class Leftover:
    """One resource of ours whose time is over.

    Attributes:
        kind: of resource.
        name: of it; of a certificate its id.
        why: it is ours and may go, for people.
    """

    kind: Kind
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did.

    Attributes:
        removed: gone now, or with a dry run what would go.
        kept: ours, but not expired: other runs may be using it.
        troubles: what could not be removed or judged, a line each.
    """

    removed: tuple[Leftover, ...]
    kept: tuple[Leftover, ...]
    troubles: tuple[str, ...]


def sweep(
    endpoint: Endpoint,
    *,
    dry_run: bool = False,
    run_id: str | None = None,
    now: float | None = None,
    patience_s: float = PATIENCE_S,
) -> Swept:
    """Remove what expired runs left: keys on this machine first, then certificates, policies, things.

    Args:
        endpoint: the account.
        dry_run: only tell.
        run_id: remove this run's resources only, expired or not.
        now: seconds since 1970, by default the clock's.
        patience_s: how long to try again while AWS still detaches, in seconds.

    Raises:
        CloudError: the account cannot be listed.
    """
    survey = _Survey(endpoint, run_id, time.time() if now is None else now)
    with cloud_errors("sweep", "list the account"):
        leftovers, kept = survey.find()
    if dry_run:
        return Swept(tuple(leftovers), tuple(kept), survey.troubles)
    removal = Removal(endpoint, endpoint.client("iot"), patience_s=patience_s)
    steps: dict[Kind, Callable[[str], None]] = {
        Kind.KEY_FOLDER: remove_key_folder,
        Kind.RULE: partial(remove_rule, endpoint),
        Kind.TABLE: partial(remove_table, endpoint),
        Kind.ROLE: partial(remove_role, endpoint),
        Kind.CERTIFICATE: removal.certificate,
        Kind.POLICY: removal.policy,
        Kind.THING: removal.thing,
    }
    removed, troubles = [], list(survey.troubles)
    for leftover in leftovers:
        try:
            steps[leftover.kind](leftover.name)
        except CloudError as error:
            troubles.append(str(error))
        else:
            removed.append(leftover)
    return Swept(tuple(removed), tuple(kept), tuple(troubles))


class _Survey:
    """Lists an account and tells ours from foreign."""

    def __init__(self, endpoint: Endpoint, run_id: str | None, now: float) -> None:
        self._endpoint = endpoint
        self._iot = endpoint.client("iot")
        self._run_id = run_id
        self._now = now
        self._troubles: list[str] = []

    @property
    def troubles(self) -> tuple[str, ...]:
        return tuple(self._troubles)

    def find(self) -> tuple[list[Leftover], list[Leftover]]:
        """Return what may go, in the order of deletion, and what is ours but may be in use."""
        things = list(self._things())
        policies = list(self._policies())
        over = [found for found in (*policies, *things) if self._is_over(found)]
        kept = [found for found in (*policies, *things) if not self._is_over(found)]
        existing = {item["certificateId"]: item["status"] for item in self._listed("list_certificates", "certificates")}
        found = (*self._attached(over), *self._inactive(existing), *self._from_trail(existing))
        certificates = {leftover.name: leftover for leftover in found}
        tables = [one for kind in (Kind.RULE, Kind.TABLE, Kind.ROLE) for one in self._of_rules(kind)]
        return [*self._key_folders(), *tables, *certificates.values(), *over], kept

    def _is_over(self, leftover: Leftover) -> bool:
        own = parse_name(leftover.name)
        return own is None or self._may_go(own)

    def _may_go(self, own: OwnName) -> bool:
        return own.run.run_id == self._run_id if self._run_id else own.run.expires < self._now

    def _key_folders(self) -> Iterator[Leftover]:
        """Yield the folders with private keys on this machine whose runs are over."""
        for folder in sorted(Path(tempfile.gettempdir()).glob(f"{KEY_FOLDER_PREFIX}*")):
            own = parse_name(folder.name.removeprefix(KEY_FOLDER_PREFIX))
            if own is not None and self._may_go(own) and folder.stat(follow_symlinks=False).st_uid == os.getuid():
                yield Leftover(Kind.KEY_FOLDER, str(folder), _why("name", own))

    def _things(self) -> Iterator[Leftover]:
        for thing in self._listed("list_things", "things"):
            name, attributes = thing["thingName"], thing.get("attributes", {})
            own = parse_name(name)
            if own is not None and _says(attributes, own):
                yield Leftover(Kind.THING, name, _why("name and attributes", own))
            elif self._run_id is None and is_lease(name, attributes, over_before=self._now - _LEASE_REST_S):
                yield Leftover(Kind.THING, name, "a lease of ours that ran out")

    def _policies(self) -> Iterator[Leftover]:
        for policy in self._listed("list_policies", "policies"):
            own = parse_name(policy["policyName"])
            if own is not None:
                yield Leftover(Kind.POLICY, policy["policyName"], _why("name", own))

    def _of_rules(self, kind: Kind) -> Iterator[Leftover]:
        """Yield the rules, tables or roles whose runs are over, as far as this bench may list them."""
        service, operation, key, field = _LISTED[kind]
        try:
            pages = list(self._endpoint.client(service).get_paginator(operation).paginate())
        except ClientError as error:
            self._troubles.append(f"cannot list {kind}s: {code_of(error)}; see docs/iam-policy-rules.json")
            return
        for item in (item for page in pages for item in page[key]):
            name = str(item[field] if field else item)
            own = parse_rule_name(name) if kind is Kind.RULE else parse_name(name)
            if own is not None and self._may_go(own):
                yield Leftover(kind, name, _why("name", own))

    def _attached(self, over: list[Leftover]) -> Iterator[Leftover]:
        """Yield the certificates that hold our expired policies and hang on nothing else."""
        for policy in (leftover.name for leftover in over if leftover.kind is Kind.POLICY):
            for arn in self._listed("list_targets_for_policy", "targets", policyName=policy):
                match = _CERTIFICATE_ID.search(arn)
                if match is not None and self._hangs_on_ours_only(arn):
                    yield Leftover(Kind.CERTIFICATE, match[1], f"holds nothing but expired policies of ours: {policy}")

    def _hangs_on_ours_only(self, arn: str) -> bool:
        policies = [policy["policyName"] for policy in self._listed("list_attached_policies", "policies", target=arn)]
        things = self._listed("list_principal_things", "things", principal=arn)
        owners = [parse_name(name) for name in (*policies, *things)]
        return all(own is not None and self._may_go(own) for own in owners)

    def _inactive(self, existing: dict[str, str]) -> Iterator[Leftover]:
        """Yield loose certificates from CSRs, which keep the common name that we put there."""
        inactive = [certificate_id for certificate_id, status in existing.items() if status == "INACTIVE"]
        if len(inactive) > _INACTIVE_MAX:
            self._troubles.append(f"looked into {_INACTIVE_MAX} of {len(inactive)} INACTIVE certificates only")
        for certificate_id in inactive[:_INACTIVE_MAX]:
            own = self._common_name(certificate_id)
            if own is not None and self._may_go(own):
                yield Leftover(Kind.CERTIFICATE, certificate_id, _why("common name", own))

    def _common_name(self, certificate_id: str) -> OwnName | None:
        try:
            description = self._iot.describe_certificate(certificateId=certificate_id)["certificateDescription"]
            certificate = x509.load_pem_x509_certificate(description["certificatePem"].encode())
            names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        except ClientError as error:
            if code_of(error) != "ResourceNotFoundException":
                raise
            return None
        except ValueError:
            return None
        return parse_name(str(names[0].value)) if names else None

    def _from_trail(self, existing: dict[str, str]) -> Iterator[Leftover]:
        search = certificates_since(self._endpoint, self._now - _TRAIL_S)
        if search.trouble:
            self._troubles.append(
                f"{search.trouble}; loose certificates of killed runs may remain, INACTIVE and keyless"
            )
        for issued in search.issued:
            own = parse_name(issued.name)
            if own is not None and self._may_go(own) and issued.certificate_id in existing:
                yield Leftover(Kind.CERTIFICATE, issued.certificate_id, _why("the audit trail's user agent", own))

    def _listed(self, operation: str, key: str, **arguments: str) -> list[Any]:
        pages = self._iot.get_paginator(operation).paginate(**arguments)
        return [item for page in pages for item in page[key]]


def _says(attributes: dict[str, str], own: OwnName) -> bool:
    """Whether the attributes agree with the name: a foreign thing that merely looks like ours stays."""
    return (attributes.get("kitbench_run"), attributes.get("kitbench_expires")) == (
        own.run.run_id,
        str(own.run.expires),
    )


def _why(evidence: str, own: OwnName) -> str:
    expires = datetime.fromtimestamp(own.run.expires, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return f"{evidence}: run {own.run.run_id}, expires {expires}"
