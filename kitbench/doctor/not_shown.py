"""What this bench cannot show, said before anybody is graded on it."""

import socket

from kitbench.bench.lab_address import LabAddress
from kitbench.doctor.check import Line, State

_SUBJECT = "not graded here"
_MEND = "relay = … in bench.toml (docs/bench-setup.md), another kit in the list (--kit …,virtual), or the rubric"


def attempts() -> Line:
    """Say that AWS keeps quiet about whom it refuses."""
    detail = "deactivated_certificate_is_refused: AWS does not tell of the attempts that it refuses"
    return Line(_SUBJECT, State.WARN, detail, _MEND)


def hostile_endpoints() -> Line:
    """Say that a kit on a port finds its own way to the cloud."""
    detail = "kit_refuses_hostile_endpoints: an attached kit goes its own way to the cloud"
    return Line(_SUBJECT, State.WARN, detail, _MEND)


def relay(address: LabAddress) -> Line:
    """Say where kits come in, and whether this machine has that address."""
    try:
        with socket.create_server((address.host, address.port)):
            pass
    except OSError as error:
        reason = f"cannot listen at {address}: {error.strerror}"
        return Line("relay", State.FAIL, reason, "name an address of this machine, and a port that is free")
    detail = f"attached kits come in at {address}: whoever is on that network reaches a run's cloud by it"
    return Line("relay", State.OK, detail)
