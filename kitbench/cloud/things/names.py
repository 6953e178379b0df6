"""Names of what a run makes in the cloud: they say whose it is and when it may be swept.

`kitbench-<expiry>-<run>-<role>`: expiry in seconds since 1970 as eight hex digits, run as ten, role in `[a-z0-9]`.
Policies and certificates carry no attributes, so the name itself must tell a sweep that its time has come.
"""

import re
import secrets
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from kitbench.errors import UsageError

#: Every name of ours begins so; the pattern below is stricter, so that a foreign `kitbench-notes` stays.
PREFIX: Final = "kitbench-"
_NAME: Final = re.compile(r"kitbench-(?P<expires>[0-9a-f]{8})-(?P<run_id>[0-9a-f]{10})-(?P<role>[a-z0-9]{1,32})")
_RUN_ID: Final = re.compile(r"[0-9a-f]{10}")
_ROLE: Final = re.compile(r"[a-z0-9]{1,32}")
#: How long a run may own its things before a sweep takes them, in seconds.
DEFAULT_LIFETIME_S: Final = 2 * 3600


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the bench: ten hex digits, and the second since 1970 after which it is over."""

    run_id: str
    expires: int

    def __post_init__(self) -> None:
        if not _RUN_ID.fullmatch(self.run_id):
            raise UsageError(f"run id is {self.run_id!r}, expected ten lower-case hex digits")
        if not 0 <= self.expires < 1 << 32:
            raise UsageError(f"expiry of run {self.run_id} is {self.expires}, expected seconds since 1970")

    def name(self, role: str) -> str:
        """Return the name of thing and policy of one role, such as ``"kit"`` or ``"observer"``."""
        if not _ROLE.fullmatch(role):
            raise UsageError(f"role is {role!r}, expected up to 32 of a-z and 0-9")
        return f"{PREFIX}{self.expires:08x}-{self.run_id}-{role}"

    def client_id(self, role: str) -> str:
        """Return a kit's MQTT client id: like a thing of AWS's own tutorials, and nothing of the bench in it."""
        return f"MyIoTThing-{sha256(self.name(role).encode()).hexdigest()[:12]}"

    def topic(self, role: str = "kit") -> str:
        """Return a topic that no other run uses."""
        return f"kitbench/{self.run_id}/{role}"


@dataclass(frozen=True, slots=True)
class OwnName:
    """What a name of ours says."""

    run: Run
    role: str


def new_run(*, lifetime_s: int = DEFAULT_LIFETIME_S) -> Run:
    """Return a run that nobody else has, over in `lifetime_s` seconds."""
    return Run(secrets.token_hex(5), int(time.time()) + lifetime_s)


def parse_name(name: str) -> OwnName | None:
    """Return what a name says, or None when it is not one of ours."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    return OwnName(Run(match["run_id"], int(match["expires"], 16)), match["role"])
