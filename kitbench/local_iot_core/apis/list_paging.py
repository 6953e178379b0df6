"""Pages of lists: what moto answers whole is cut as it was asked for. Pure.

Source: AWS IoT API reference, per call.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from moto.iot.exceptions import InvalidRequestException

#: Items of a page that names no size. Source: AWS CLI reference, "list-certificates": "The default value is 25."
_DEFAULT_PAGE: Final = 25


@dataclass(frozen=True, slots=True)
class _Paging:
    """How a call pages: the name of its list, and of the tokens asked with and answered, and of the size."""

    items: str
    mark_in: str = "nextToken"
    mark_out: str = "nextToken"
    size: str = "maxResults"
    default: int = _DEFAULT_PAGE


def _marked(items: str) -> _Paging:
    return _Paging(items, "marker", "nextMarker", "pageSize")


_PAGED: Final[Mapping[str, _Paging]] = {
    "ListCertificates": _marked("certificates"),
    "ListCertificatesByCA": _marked("certificates"),
    "ListPolicies": _marked("policies"),
    "ListAttachedPolicies": _marked("policies"),
    "ListPrincipalPolicies": _marked("policies"),
    "ListPolicyPrincipals": _marked("principals"),
    "ListTargetsForPolicy": _marked("targets"),
    "ListThingPrincipals": _Paging("principals"),
    "ListThingPrincipalsV2": _Paging("thingPrincipalObjects"),
    "ListPrincipalThings": _Paging("things"),
    "ListPrincipalThingsV2": _Paging("principalThingObjects"),
    "ListThingGroups": _Paging("thingGroups"),
    "ListThingGroupsForThing": _Paging("thingGroups"),
    "ListThingsInThingGroup": _Paging("things"),
    "ListThings": _Paging("things", default=50),
    "ListTopicRules": _Paging("rules"),
    "SearchIndex": _Paging("things", default=100),
}


def page_of(operation: str, result: Any, given: Callable[[str], Any]) -> Any:
    """Return the page of a list that was asked for; a result of another call as it is.

    Args:
        operation: the call's name.
        result: all that moto answers, in the order in which it was created.
        given: returns a parameter of the call by its name.

    Raises:
        InvalidRequestException: the token is none that was given out here.
    """
    paging = _PAGED.get(operation)
    if paging is None or not isinstance(result, dict):
        return result
    size = int(given(paging.size) or paging.default)
    start = _offset(given(paging.mark_in))
    items = list(result[paging.items])
    if str(given("isAscendingOrder")).lower() == "false":
        items.reverse()
    page = {**result, paging.items: items[start : start + size]}
    page[paging.mark_out] = _token(start + size) if len(items) > start + size else None
    return page


def _token(offset: int) -> str:
    # Looks like AWS's: the model's pattern of a marker is base64.
    return f"{offset:08d}"


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not (len(token) == 8 and token.isdecimal()):
        raise InvalidRequestException("marker is not one that this service gave")
    return int(token)
