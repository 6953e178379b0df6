"""Which operation of a service a request means, by method and path, as botocore's service model has them. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote

from botocore.model import OperationModel, ServiceModel

_LABEL: Final = re.compile(r"\{(\w+)(\+?)\}")


@dataclass(frozen=True, slots=True)
class Request:
    """An operation with the parameters that stand in its path, by their names on the wire."""

    operation: str
    labels: Mapping[str, str]


class OperationIndex:
    """The operations of a service whose protocol is rest-json."""

    def __init__(self, model: ServiceModel) -> None:
        operations: list[Any] = [model.operation_model(name) for name in model.operation_names]
        # Literal segments win over labels: `/things/{thingName}/jobs/$next` is no job's id.
        self._routes = [
            (one.http["method"], _pattern(one.http["requestUri"]), one.name)
            for one in sorted(operations, key=_labels_in)
        ]

    def find(self, method: str, path: str) -> Request | None:
        """Return what a request with this method and raw path (percent-encoded) means, or None."""
        for wanted, pattern, name in self._routes:
            if wanted == method and (match := pattern.fullmatch(path)):
                return Request(name, {key: unquote(value) for key, value in match.groupdict().items()})
        return None


def _labels_in(operation: OperationModel) -> int:
    return len(_LABEL.findall(operation.http["requestUri"]))


@lru_cache(maxsize=1024)
def _pattern(uri: str) -> re.Pattern[str]:
    """Return a pattern for a path template such as ``/things/{thingName}/jobs``; `{name+}` spans slashes."""
    path, _, _ = uri.partition("?")
    text, end = "", 0
    for label in _LABEL.finditer(path):
        text += re.escape(path[end : label.start()]) + f"(?P<{label[1]}>{'.+' if label[2] else '[^/]+'})"
        end = label.end()
    return re.compile(text + re.escape(path[end:]))
