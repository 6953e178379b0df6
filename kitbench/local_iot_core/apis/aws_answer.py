"""The answer to an API call, in the form in which the caller's protocol reads errors."""

import json
from collections.abc import Callable
from html import escape
from typing import Final

#: What the body of a call says of its protocol, beside REST with JSON. Source: AWS's protocols as in Smithy 2.0.
_FORM: Final = "application/x-www-form-urlencoded"


class Answer:
    """What goes back to the client, collected so that it can be recorded before it is sent."""

    def __init__(self) -> None:
        self.status = "200 OK"
        self.headers: list[tuple[str, str]] = [("Content-Type", "application/x-amz-json-1.1")]
        self.body = b""

    def start(self, status: str, headers: list[tuple[str, str]], _info: object = None) -> Callable[[bytes], object]:
        """Take status and headers of a WSGI application."""
        self.status, self.headers = status, headers
        return lambda _data: None

    def refuse(self, status: str, kind: str, message: str, *, service: str = "", content_type: str = "") -> None:
        """Answer with an error as botocore reads it in the protocol of the call.

        Args:
            status: of HTTP, such as ``"400 Bad Request"``.
            kind: the error's name.
            message: for the caller.
            service: of the call's signature: S3 has a form of its own.
            content_type: of the call: query protocols send a form, and read XML.
        """
        self.status = status
        error = f"<Code>{escape(kind)}</Code><Message>{escape(message)}</Message>"
        if service == "s3":
            self._xml(f"<Error>{error}</Error>")
        elif content_type.startswith(_FORM):
            self._xml(f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>")
        else:
            self.headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", kind)]
            self.body = json.dumps({"__type": kind, "message": message}).encode()

    def _xml(self, text: str) -> None:
        self.headers = [("Content-Type", "text/xml")]
        self.body = f'<?xml version="1.0"?>{text}'.encode()

    @property
    def code(self) -> int:
        """The HTTP status code."""
        return int(self.status.split()[0])

    def text(self) -> str:
        """Return the body in one line."""
        return " ".join(self.body.decode(errors="replace").split())
