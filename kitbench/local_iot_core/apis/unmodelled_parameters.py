"""Parameters of modelled operations that would have no effect here, and are refused in words. Pure.

moto takes each of them and forgets it. What needs no refusal is modelled, or has nothing to act on here, such as
`overrideDynamicGroups` where there are no dynamic groups.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

_NOTHING: Final[frozenset[Any]] = frozenset()
_OFF: Final[frozenset[Any]] = frozenset({"OFF"})
_FALSE: Final[frozenset[Any]] = frozenset({False, "false"})

#: Operation → path of a parameter → the values of it that change nothing, and pass.
_HARMLESS: Final[Mapping[str, Mapping[str, frozenset[Any]]]] = {
    "AttachThingPrincipal": {"thingPrincipalType": frozenset({"NON_EXCLUSIVE_THING"})},
    "CreateThingType": {"thingTypeProperties.mqtt5Configuration": _NOTHING},
    "GetEffectivePolicies": {"cognitoIdentityPoolId": _NOTHING},
    "RegisterCACertificate": {"allowAutoRegistration": _FALSE, "registrationConfig": _NOTHING},
    "SearchIndex": {"indexName": frozenset({"AWS_Things"}), "queryVersion": frozenset({"2017-09-30"})},
    "TestAuthorization": {"cognitoIdentityPoolId": _NOTHING},
    "UpdateCACertificate": {
        "newAutoRegistrationStatus": frozenset({"DISABLE"}),
        "registrationConfig": _NOTHING,
    },
    "UpdateIndexingConfiguration": {
        "thingIndexingConfiguration.thingIndexingMode": frozenset({"OFF", "REGISTRY"}),
        "thingIndexingConfiguration.deviceDefenderIndexingMode": _OFF,
        "thingIndexingConfiguration.namedShadowIndexingMode": _OFF,
        "thingIndexingConfiguration.customFields": _NOTHING,
        "thingIndexingConfiguration.filter": _NOTHING,
        "thingGroupIndexingConfiguration.thingGroupIndexingMode": _OFF,
        "thingGroupIndexingConfiguration.customFields": _NOTHING,
    },
}
#: A term of a query that the index answers: a name alone, or a field with a name or a pattern of it.
_TERM: Final = re.compile(
    r"(thingName:[\w\-*?:]+|thingTypeName:[\w\-*?:]+|thingGroupNames:[\w\-]+|attributes\.[\w.,@/:#=\[\]-]+?:[^\s*?<>\"\[\]{}]+"
    r"|[\w\-]+|\*)"
)


def refuse_unmodelled(operation: str, parameter: str, value: Any) -> None:
    """Let a parameter pass that has its effect, or that changes nothing.

    Args:
        operation: its name, such as ``"SearchIndex"``.
        parameter: its name in AWS's service model.
        value: as parsed from the request; None is a parameter that was not given.

    Raises:
        NotImplementedError: it would be accepted, and nothing would come of it.
    """
    if operation == "SearchIndex" and parameter == "queryString" and isinstance(value, str):
        _refuse_query(value)
    for path, harmless in _HARMLESS.get(operation, {}).items():
        name, _, inner = path.partition(".")
        given = value.get(inner) if inner and isinstance(value, dict) else None if inner else value
        if name == parameter and not (given is None or _is_empty(given) or _passes(given, harmless)):
            raise NotImplementedError(
                f"{path} of {operation} is not modelled by the local IoT core: {str(given)[:40]!r} would have no "
                "effect; leave it out, or use an account of AWS"
            )


def _passes(given: Any, harmless: frozenset[Any]) -> bool:
    return isinstance(given, str | bool) and given in harmless


def _is_empty(given: Any) -> bool:
    return isinstance(given, dict | list) and not given


def _refuse_query(query: str) -> None:
    for term in re.split(r"[\s()]+", query):
        word = term.removeprefix("-")
        if word and word not in {"AND", "OR", "NOT"} and not _TERM.fullmatch(word):
            raise NotImplementedError(
                f"query term {word[:40]!r} is not modelled by the local IoT core: thingName:, thingTypeName: (with * "
                "and ?), thingGroupNames: and attributes.NAME: with a value, AND, OR, NOT are"
            )
