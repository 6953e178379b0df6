"""The body of a provisioning template: what it takes from a device, and what it makes. Pure.

Source: AWS IoT Core developer guide, "Provisioning templates".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from kitbench.local_iot_core.provisioning.intrinsic_function import Scope, TemplateError, resolve

Json: TypeAlias = dict[str, Any]

#: The parameter that the service itself gives: the certificate that the device has a token for.
CERTIFICATE_ID: Final = "AWS::IoT::Certificate::Id"
THING: Final = "AWS::IoT::Thing"
CERTIFICATE: Final = "AWS::IoT::Certificate"
POLICY: Final = "AWS::IoT::Policy"
_SECTIONS: Final = frozenset({"Parameters", "Mappings", "Resources", "DeviceConfiguration"})
#: Type of a resource → the properties that are modelled.
_PROPERTIES: Final[Mapping[str, frozenset[str]]] = {
    THING: frozenset({"ThingName", "AttributePayload", "ThingTypeName", "ThingGroups", "BillingGroup"}),
    CERTIFICATE: frozenset({"CertificateId", "Status"}),
    POLICY: frozenset({"PolicyName", "PolicyDocument"}),
}
#: Property → what may be done where the thing or certificate is there already and has another value.
_OVERRIDES: Final[Mapping[str, frozenset[str]]] = {
    "AttributePayload": frozenset({"DO_NOTHING", "MERGE", "REPLACE", "FAIL"}),
    "ThingGroups": frozenset({"DO_NOTHING", "MERGE", "REPLACE", "FAIL"}),
    "ThingTypeName": frozenset({"DO_NOTHING", "REPLACE", "FAIL"}),
    "Status": frozenset({"DO_NOTHING", "REPLACE", "FAIL"}),
}


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource; its properties may hold functions.

    Attributes:
        kind: such as ``"AWS::IoT::Thing"``.
        overrides: property → what is done where it has another value already.
    """

    kind: str
    properties: Json
    overrides: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TemplateBody:
    """A template's body.

    Attributes:
        parameters: name → default; None where the device has to give a value.
    """

    parameters: Mapping[str, str | None]
    mappings: Json
    resources: tuple[Resource, ...]
    device_configuration: Json

    def scope(self, given: Mapping[str, str], certificate_id: str) -> Scope:
        """Return what functions may refer to.

        Raises:
            TemplateError: the device gave no value for a parameter without a default.
        """
        values = {name: given.get(name, default) for name, default in self.parameters.items()}
        if missing := sorted(name for name, value in values.items() if value is None):
            raise TemplateError(f"parameter {missing[0]} has no value")
        known = {name: value for name, value in values.items() if value is not None}
        return Scope({**known, CERTIFICATE_ID: certificate_id}, self.mappings)

    def of_kind(self, kind: str) -> list[Resource]:
        """Return the resources of a kind, in the template's order."""
        return [one for one in self.resources if one.kind == kind]


def parse_template_body(text: str) -> TemplateBody:
    """Return the body of a template of fleet provisioning.

    Raises:
        TemplateError: AWS would refuse it.
        NotImplementedError: it asks for what is not modelled.
    """
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TemplateError("template is not JSON") from error
    if not isinstance(tree, dict):
        raise TemplateError("template is not a JSON object")
    if unknown := sorted(set(tree) - _SECTIONS):
        raise TemplateError(f"template has an unknown section {unknown[0][:40]!r}")
    sections = {name: _object(tree.get(name, {}), name) for name in _SECTIONS}
    parameters = {name: _default(name, one) for name, one in sections["Parameters"].items()}
    resources = tuple(_resource(name, one) for name, one in sections["Resources"].items())
    body = TemplateBody(parameters, sections["Mappings"], resources, sections["DeviceConfiguration"])
    _check(body)
    return body


def _check(body: TemplateBody) -> None:
    for kind, least in ((CERTIFICATE, 1), (THING, 0)):
        count = len(body.of_kind(kind))
        if not least <= count <= 1:
            raise TemplateError(f"template has {count} resources of {kind}")
    scope = body.scope(dict.fromkeys(body.parameters, "x"), "0" * 64)
    for resource in body.resources:
        for value in resource.properties.values():
            _resolve_with_any(value, scope)


def _resolve_with_any(value: Any, scope: Scope) -> None:
    """Find functions that can never be carried out; what depends on a device's values shows when it asks."""
    try:
        resolve(value, scope)
    except TemplateError as error:
        if not str(error).startswith(("Fn::Select has", "Fn::FindInMap finds")):
            raise


def _default(name: str, declared: Any) -> str | None:
    tree = _object(declared, f"parameter {name[:40]}")
    if tree.get("Type") != "String":
        raise TemplateError(f"parameter {name[:40]} is not of type String")
    default = tree.get("Default")
    if default is not None and not isinstance(default, str):
        raise TemplateError(f"default of parameter {name[:40]} is no text")
    return default


def _resource(name: str, declared: Any) -> Resource:
    tree = _object(declared, f"resource {name[:40]}")
    kind = tree.get("Type")
    if not isinstance(kind, str) or kind not in _PROPERTIES:
        raise TemplateError(f"resource {name[:40]} is of type {str(kind)[:40]!r}, none of {', '.join(_PROPERTIES)}")
    properties = _object(tree.get("Properties", {}), f"Properties of {name[:40]}")
    if unknown := sorted(set(properties) - _PROPERTIES[kind]):
        raise NotImplementedError(f"{unknown[0][:40]} of {kind} is not modelled by the local IoT core")
    overrides = _object(tree.get("OverrideSettings", {}), f"OverrideSettings of {name[:40]}")
    for key, what in overrides.items():
        if key not in properties or what not in _OVERRIDES.get(key, ()):
            raise TemplateError(f"OverrideSettings of {name[:40]} say {str(what)[:20]!r} for {key[:40]}")
    if kind == POLICY and not properties:
        raise TemplateError(f"resource {name[:40]} has neither PolicyName nor PolicyDocument")
    return Resource(kind, properties, overrides)


def _object(value: Any, what: str) -> Json:
    if not isinstance(value, dict):
        raise TemplateError(f"{what} is not a JSON object")
    return value
