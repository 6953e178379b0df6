"""What this bench cannot show, said before anybody is graded on it."""

from kitbench.doctor.check import Line, State

_SUBJECT = "not graded here"


def attempts() -> Line:
    """Say that AWS keeps quiet about whom it refuses."""
    detail = "deactivated_certificate_is_refused: AWS does not tell of the attempts that it refuses"
    return Line(_SUBJECT, State.WARN, detail, "judge it with --kit virtual, or leave it out of the rubric")


def hostile_endpoints() -> Line:
    """Say that a kit on a port finds its own way to the cloud."""
    detail = "kit_refuses_hostile_endpoints: an attached kit cannot be led to an endpoint on this machine"
    return Line(_SUBJECT, State.WARN, detail, "judge it with --kit virtual, or leave it out of the rubric")
