"""Kills provisioning before and after each of its API calls, and recovery likewise, and looks what is left.

A script of its own: it forks one child per life, and must have no threads. Arguments:

- the local IoT core's JSON line,
- a folder for ledgers,
- "keys", "csr" or, as a control, "unnamed": keys, and the user agent does not name the thing,
- "rotating" (recovery dies once, at another call for each point) or "full" (it dies at every call for each point),
- first and last call.

Ends early with the run that no kill reached. Prints a line per failure and at last {"points": N, "good": N}.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any
from unittest import mock

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kitbench.cloud.endpoint import Endpoint, local_endpoint
from kitbench.cloud.things import provisioning
from kitbench.cloud.things.client_identity import Topics
from kitbench.cloud.things.ledger import open_ledger
from kitbench.cloud.things.provisioning import provision
from kitbench.cloud.things.recovery import recover
from kitbench.cloud.things.removal import Removal

#: What a child's exit says.
_FINISHED, _CRASHED = 0, 70


@dataclass(frozen=True, slots=True)
class Point:
    """When a process dies: before the n-th request leaves, or after its reply came."""

    call: int
    after: bool

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} call {self.call}"


def points(calls: range) -> Iterator[Point]:
    """Yield all points at these calls, counted from 1."""
    for call in calls:
        yield Point(call, after=False)
        yield Point(call, after=True)


def die_at(endpoint: Endpoint, point: Point) -> None:
    """Let this process be killed at a point, by botocore's own hooks."""
    seen = {"before-send": 0, "response-received": 0}

    def reached(event_name: str, **_: object) -> None:
        event = event_name.partition(".")[0]
        seen[event] += 1
        if event == ("response-received" if point.after else "before-send") and seen[event] == point.call:
            os.kill(os.getpid(), signal.SIGKILL)

    events: Any = endpoint.session().events
    for event in seen:
        events.register(event, reached)


def in_child(work: Callable[[], None]) -> int:
    """Fork, work, and return the signal that killed the child, or 0 when it finished."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - the child must end here whatever happens
            traceback.print_exc()
            os._exit(_CRASHED)
        os._exit(_FINISHED)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status)
    if os.WEXITSTATUS(status) != _FINISHED:
        raise RuntimeError(f"a child crashed with status {status}")
    return 0


class Matrix:
    """One flow of provisioning against one account."""

    def __init__(self, endpoint: Endpoint, folder: Path, csr_pem: bytes | None) -> None:
        self.endpoint = endpoint
        self.folder = folder
        self.csr_pem = csr_pem
        self.client = endpoint.client("iot")
        self.foreign = self.plant()

    def plant(self) -> set[str]:
        """Make resources that are not ours but look a little like it."""
        self.client.create_thing(thingName="kitbench-notes")
        impostor = {"attributes": {"kitbench_run": "other", "kitbench_expires": "1"}}
        self.client.create_thing(thingName="kitbench-00000001-0123456789-kit", attributePayload=impostor)
        document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}]}'
        self.client.create_policy(policyName="kitbench-policy", policyDocument=document)
        arn = self.client.create_keys_and_certificate(setAsActive=True)["certificateArn"]
        self.client.attach_policy(policyName="kitbench-policy", target=arn)
        self.client.attach_thing_principal(thingName="kitbench-notes", principal=arn)
        return self.account()

    def plant_loose_certificate(self) -> None:
        """Make what an orphan of ours looks like, in the very same seconds."""
        self.client.create_keys_and_certificate(setAsActive=False)
        self.foreign = self.account()

    def clear(self) -> None:
        """Take away what was planted."""
        removal = Removal(self.endpoint, self.client)
        removes = {"certificateArn": removal.certificate, "policyName": removal.policy, "thingName": removal.thing}
        for kind, remove in removes.items():
            for name in [name for found, name, _ in (item.split() for item in self.foreign) if found == kind]:
                remove(name.rpartition("/")[2])

    def account(self) -> set[str]:
        """Return all that is in the account."""
        pages = {"list_things": ("things", "thingName"), "list_policies": ("policies", "policyName")}
        pages["list_certificates"] = ("certificates", "certificateArn")
        found = set()
        for operation, (key, name) in pages.items():
            for page in self.client.get_paginator(operation).paginate():
                found |= {f"{name} {item[name]} {item.get('status', '-')}" for item in page[key]}
        return found

    def live(self, point: Point) -> None:
        """Provision and deprovision, and die on the way."""
        die_at(self.endpoint, point)
        with open_ledger(self.endpoint.cloud_id, folder=self.folder) as ledger:
            topics = Topics.both(ledger.run.topic())
            with provision(self.endpoint, ledger, topics=topics, csr_pem=self.csr_pem):
                pass

    def recover(self, point: Point | None) -> None:
        """Recover, and die on the way."""
        if point is not None:
            die_at(self.endpoint, point)
        recover(self.endpoint, self.folder, patience_s=5)

    def judge(self, what: str) -> bool:
        """Recover undisturbed and compare the account with what is foreign."""
        self.recover(None)
        left = self.account()
        ledgers = [path.name for path in self.folder.iterdir()]
        if left == self.foreign and not ledgers:
            return True
        report = {"point": what, "ours left": sorted(left - self.foreign), "foreign gone": sorted(self.foreign - left)}
        sys.stdout.write(json.dumps({**report, "ledgers": ledgers}) + "\n")
        self.foreign = left
        return False

    def try_point(self, point: Point, second: Point) -> tuple[bool, bool, bool]:
        """Return whether the run was killed, whether its recovery was, and whether all was well in the end."""
        killed = bool(in_child(lambda: self.live(point)))
        recovery_killed = bool(in_child(lambda: self.recover(second)))
        return killed, recovery_killed, self.judge(f"{point}, recovery {second}")

    def run_rotating(self, calls: range) -> Iterator[bool]:
        """Yield for each point whether all was well; recovery dies at another of its calls for each point."""
        for index, point in enumerate(points(calls)):
            (second,) = islice(points(range(1, 7)), index % 12, index % 12 + 1)
            self.plant_loose_certificate()
            killed, _, good = self.try_point(point, second)
            yield good
            if not killed:
                return

    def run_full(self, calls: range) -> Iterator[bool]:
        """Yield for each point and each point of its recovery whether all was well."""
        for point in points(calls):
            self.plant_loose_certificate()
            for second in points(range(1, 100)):
                killed, recovery_killed, good = self.try_point(point, second)
                yield good
                if not killed:
                    return
                if not recovery_killed:
                    break


def make_csr() -> bytes:
    """Return a CSR whose common name says nothing, as a kit's might."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kit")])
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM)


def main() -> None:
    """Run one matrix."""
    line, folder, flow, extent, first, last = sys.argv[1:]
    endpoint = replace(local_endpoint(line), audit_delay_s=0.0)
    if flow == "unnamed":
        mock.patch.object(provisioning, "sign_calls").start()
    matrix = Matrix(endpoint, Path(folder), make_csr() if flow == "csr" else None)
    calls = range(int(first), int(last) + 1)
    verdicts = list(matrix.run_full(calls) if extent == "full" else matrix.run_rotating(calls))
    matrix.clear()
    sys.stdout.write(json.dumps({"points": len(verdicts), "good": sum(verdicts)}) + "\n")


if __name__ == "__main__":
    main()
