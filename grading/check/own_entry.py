"""Who checks his own work: no roster says which endpoint and certificate he was given, so his own files do."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from kitbench.host_name import without_trimmings

from ..hand_in.submission import Dump, Submission, carries_host
from ..judgement import Problem
from ..roster import RosterEntry

_NAME: Final = "you"
#: Of nobody: what rests on it is said to be unknown, never compared (RFC 2606).
_NO_HOST: Final = "unknown.invalid"
_NO_DIGEST: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class OwnEntry(RosterEntry):
    """A roster's line without a roster; what was not given on the command line is taken from the folder."""

    has_given_endpoint: bool = False
    has_given_certificate: bool = False

    @property
    def endpoint_origin(self) -> str:
        """Whose endpoint it is."""
        return "the given" if self.has_given_endpoint else "your folder's"

    @property
    def certificate_origin(self) -> str:
        """Whose certificate it is."""
        return "the given one" if self.has_given_certificate else "your folder's"

    @property
    def knows_endpoint(self) -> bool:
        """Whether there is an endpoint to look for."""
        return self.endpoint != _NO_HOST


def given_entry(endpoint: str | None, certificate_sha256: str | None) -> OwnEntry:
    """Return what the student was given, as far as he says; digests with colons or without.

    Raises:
        ValueError: it is no host name, or no digest.
    """
    digest = (certificate_sha256 or _NO_DIGEST).replace(":", "").replace(" ", "").lower()
    return OwnEntry(
        _NAME,
        without_trimmings(endpoint or _NO_HOST),
        digest,
        has_given_endpoint=endpoint is not None,
        has_given_certificate=certificate_sha256 is not None,
    )


def completed(given: OwnEntry, submission: Submission) -> tuple[OwnEntry, Submission]:
    """Return the entry with what the folder says in the place of what was not given, and dumps searched for it."""
    entry = given
    if not given.has_given_certificate and isinstance(submission.certificate_sha256, str):
        entry = replace(entry, certificate_sha256=submission.certificate_sha256)
    if given.has_given_endpoint:
        return entry, submission
    for endpoint in _own_endpoints(submission):
        with suppress(ValueError):  # no host name: the other file may name one
            entry = replace(entry, endpoint=endpoint)
            break
    dumps = {
        variant: dump if isinstance(dump, Problem) else _searched(dump, entry.endpoint)
        for variant, dump in submission.dumps.items()
    }
    return entry, replace(submission, dumps=dumps)


def _own_endpoints(submission: Submission) -> Iterator[str]:
    answers, configured = submission.answers, submission.sdkconfig_endpoint
    if not isinstance(answers, Problem) and answers.endpoint:
        yield answers.endpoint
    if not isinstance(configured, Problem):
        yield configured


def _searched(dump: Dump, endpoint: str) -> Dump:
    return replace(dump, carries_endpoint=carries_host(dump.path.read_bytes(), endpoint))
