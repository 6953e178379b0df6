"""What the Jobs service refuses, by the codes that devices read.

Source: AWS IoT Core developer guide, "Jobs MQTT API error codes" (ErrorResponse).
"""

from enum import StrEnum
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]


class JobErrorCode(StrEnum):
    """Codes of a rejected request."""

    INVALID_JSON = "InvalidJson"
    INVALID_REQUEST = "InvalidRequest"
    INVALID_STATE_TRANSITION = "InvalidStateTransition"
    RESOURCE_NOT_FOUND = "ResourceNotFound"
    VERSION_MISMATCH = "VersionMismatch"
    TERMINAL_STATE_REACHED = "TerminalStateReached"
    RESOURCE_ALREADY_EXISTS = "ResourceAlreadyExists"


class JobError(Exception):
    """A request that is refused; the text says why, in one line.

    Attributes:
        code: what kind of refusal it is.
        state: the execution's `executionState`, where the request did not fit it; else None.
    """

    def __init__(self, code: JobErrorCode, message: str, state: Json | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.state = state
