"""Takes things, policies and certificates out of the account, in AWS's order, however often it was begun before.

Detach, INACTIVE, delete certificate; then the policy, then the thing. Each step may be repeated: what is already gone
is a success. AWS detaches in its own time, so deletions are refused with DeleteConflict for up to five minutes.
Source: "Delete a certificate", "DeletePolicy" and "DetachThingPrincipal" of the AWS IoT API reference.
"""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.failure import cloud_errors, code_of

#: For how long a refused deletion is tried again, in seconds: AWS says five minutes.
PATIENCE_S: Final = 420.0
_GONE: Final = "ResourceNotFoundException"
#: DeleteThing has no conflict error: it says InvalidRequest while principals are attached.
_NOT_YET: Final = (
    "DeleteConflictException",
    "CertificateStateException",
    "InvalidRequestException",
    "VersionConflictException",
)
_PAUSE_MAX_S: Final = 15.0
#: So that benches do not march in step.
_JITTER: Final = random.SystemRandom()
#: Its own name, so that a test need not wait.
_sleep: Final = time.sleep


class Removal:
    """Removes resources of one account.

    Args:
        endpoint: the account.
        client: boto3's, for "iot".
        patience_s: how long to try again while AWS still detaches, in seconds.
    """

    def __init__(self, endpoint: Endpoint, client: Any, *, patience_s: float = PATIENCE_S) -> None:
        self._endpoint = endpoint
        self._iot = client
        self._patience_s = patience_s

    def certificate(self, certificate_id: str) -> None:
        """Deactivate a certificate, detach it from everything and delete it."""
        arn = self._endpoint.arn(f"cert/{certificate_id}")
        iot = self._iot
        with cloud_errors("deprovision", f"delete certificate {certificate_id[:16]}…"):
            if not _done(iot.update_certificate, certificateId=certificate_id, newStatus="INACTIVE"):
                return
            for thing in self._pages("list_principal_things", "things", principal=arn):
                _done(iot.detach_thing_principal, thingName=thing, principal=arn)
            # The policy last: as long as it is attached, a sweep without ledger knows the certificate as ours.
            for policy in self._pages("list_attached_policies", "policies", target=arn):
                _done(iot.detach_policy, policyName=policy["policyName"], target=arn)
            self._patiently(iot.delete_certificate, certificateId=certificate_id)

    def policy(self, name: str) -> None:
        """Detach a policy from whatever holds it and delete it."""
        iot = self._iot
        with cloud_errors("deprovision", f"delete policy {name}"):
            for target in self._pages("list_targets_for_policy", "targets", policyName=name):
                _done(iot.detach_policy, policyName=name, target=target)
            self._patiently(iot.delete_policy, policyName=name)

    def thing(self, name: str) -> None:
        """Detach a thing's certificates, without touching those, and delete it."""
        iot = self._iot
        with cloud_errors("deprovision", f"delete thing {name}"):
            for principal in self._pages("list_thing_principals", "principals", thingName=name):
                _done(iot.detach_thing_principal, thingName=name, principal=principal)
            self._patiently(iot.delete_thing, thingName=name)

    def _pages(self, operation: str, key: str, **arguments: str) -> Iterator[Any]:
        """Yield all items of a listing; none when what it belongs to is gone."""
        try:
            pages = list(self._iot.get_paginator(operation).paginate(**arguments))
        except ClientError as error:
            if code_of(error) != _GONE:
                raise
            return
        for page in pages:
            yield from page[key]

    def _patiently(self, call: Callable[..., Any], **arguments: str) -> None:
        end = time.monotonic() + self._patience_s
        pause = 0.25
        while True:
            try:
                _done(call, **arguments)
            except ClientError as error:
                if code_of(error) not in _NOT_YET or time.monotonic() + pause > end:
                    raise
            else:
                return
            _sleep(pause * _JITTER.uniform(0.5, 1.0))
            pause = min(_PAUSE_MAX_S, 2 * pause)


def _done(call: Callable[..., Any], **arguments: str) -> bool:
    """Make a call; False when what it is about does not exist any more."""
    try:
        call(**arguments)
    except ClientError as error:
        if code_of(error) != _GONE:
            raise
        return False
    return True
