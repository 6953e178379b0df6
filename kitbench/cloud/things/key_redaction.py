"""Keeps the private key that the cloud answers with out of every log.

botocore logs bodies of replies at DEBUG, and pytest shows captured logs of a failed test.
"""

import logging
import re
from typing import Final

_KEY: Final = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL)
_MARK: Final = "PRIVATE KEY-----"
#: The loggers that see replies or requests as text.
_LOGGERS: Final = (
    "botocore.parsers",
    "botocore.endpoint",
    "botocore.hooks",
    "botocore.retryhandler",
    "urllib3.connectionpool",
)


class KeyRedaction(logging.Filter):
    """Replaces the text of a record that holds a private key."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without keys."""
        text = record.getMessage()
        if _MARK in text:
            record.msg, record.args = _KEY.sub(b"[private key left out]", text.encode()).decode(), ()
        return True


_REDACTION: Final = KeyRedaction()


def redact_keys() -> None:
    """Put the filter on the loggers of botocore; once is enough, more does no harm."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_REDACTION)
