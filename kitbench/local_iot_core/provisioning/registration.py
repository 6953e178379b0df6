"""Making a device's thing, policies and attachments by a template, in moto's registry.

Sources: AWS IoT Core developer guide, "Provisioning templates" (resources, override settings), "Device provisioning
MQTT API" (RegisterThing).
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from moto.core.utils import get_service_model
from moto.iot.exceptions import IoTClientError

from kitbench.local_iot_core.apis.request_constraints import violation
from kitbench.local_iot_core.policies.iam_role import why_not
from kitbench.local_iot_core.policies.policy import PolicyError, parse_policy
from kitbench.local_iot_core.policies.registry import ARN_PREFIX
from kitbench.local_iot_core.provisioning.intrinsic_function import Scope, TemplateError, resolve
from kitbench.local_iot_core.provisioning.provisioning_error import ProvisioningError
from kitbench.local_iot_core.provisioning.template import Json, Template
from kitbench.local_iot_core.provisioning.template_body import CERTIFICATE, POLICY, THING, Resource, TemplateBody

_STATUSES: Final = frozenset({"ACTIVE", "INACTIVE"})


def register(backend: Any, template: Template, given: Mapping[str, str], certificate_id: str) -> Json:
    """Make what a template says for a device, and return what the device is told.

    Args:
        backend: moto's registry.
        template: says what is made, in the name of its role.
        given: parameters of the device.
        certificate_id: of the certificate that the device has a token for.

    Raises:
        ProvisioningError: the parameters do not fit, the role may not, or a resource conflicts.
    """
    body = template.default.body
    try:
        scope = body.scope(given, certificate_id)
        configuration = _texts(resolve(body.device_configuration, scope), "DeviceConfiguration")
        name = _Registration(backend, template, body, scope).carry_out(certificate_id)
    except TemplateError as error:
        raise ProvisioningError(400, "InvalidParameters", str(error)) from error
    except IoTClientError as error:
        raise ProvisioningError(400, "InvalidParameters", str(error.message or error.error_type)) from error
    return {"deviceConfiguration": configuration} | ({} if name is None else {"thingName": name})


class _Registration:
    """One device's registration: everything is checked before anything is made."""

    def __init__(self, backend: Any, template: Template, body: TemplateBody, scope: Scope) -> None:
        self._backend = backend
        self._template = template
        self._thing = next((_Resolved(one, scope) for one in body.of_kind(THING)), None)
        [certificate] = body.of_kind(CERTIFICATE)
        self._certificate = _Resolved(certificate, scope)
        self._policies = [_policy(_Resolved(one, scope)) for one in body.of_kind(POLICY)]

    def carry_out(self, certificate_id: str) -> str | None:
        """Make everything; return the thing's name, or None where the template makes no thing."""
        certificate = self._backend.describe_certificate(certificate_id)
        if self._certificate.text("CertificateId") not in {None, certificate_id}:
            raise TemplateError("CertificateId of the template is not that of the device's token")
        status = (self._certificate.text("Status") or "ACTIVE").upper()
        if status not in _STATUSES:
            raise TemplateError(f"status of the certificate is {status[:20]!r}, and may be Active or Inactive")
        name = None if self._thing is None else self._check_thing(self._thing)
        self._check_policies()
        self._require_rights(name)
        if self._thing is not None and name is not None:
            self._make_thing(self._thing, name)
            self._backend.attach_thing_principal(name, certificate.arn)
        for policy, document in self._policies:
            if policy not in self._backend.policies:
                self._backend.create_policy(policy, document)
            self._backend.attach_policy(policy, certificate.arn)
        if certificate.status == "PENDING_ACTIVATION" or self._certificate.override("Status") == "REPLACE":
            self._backend.update_certificate(certificate_id, status)
        return name

    def _check_thing(self, thing: "_Resolved") -> str:
        name = thing.text("ThingName")
        if name is None:
            raise TemplateError("template gives its thing no ThingName")
        members = get_service_model("iot").operation_model("CreateThing").input_shape.members
        attributes = {"attributes": _texts(thing.value("AttributePayload") or {}, "AttributePayload")}
        for key, value in (("thingName", name), ("attributePayload", attributes)):
            if (problem := violation(members[key], value, key)) is not None:
                raise TemplateError(problem)
        if (type_name := thing.text("ThingTypeName")) is not None:
            self._backend.describe_thing_type(type_name)
        for group in thing.names("ThingGroups"):
            self._backend.describe_thing_group(group)
        if (billing := thing.text("BillingGroup")) is not None:
            self._backend.describe_billing_group(billing)
        if (known := self._known(name)) is not None:
            self._refuse_conflicts(thing, known, attributes["attributes"])
        return name

    def _refuse_conflicts(self, thing: "_Resolved", known: Any, attributes: Mapping[str, str]) -> None:
        """Refuse what a template says must not differ from the thing there is."""
        groups = {group.thing_group_name for group in self._groups_of(known)}
        differs = {
            "AttributePayload": dict(known.attributes) != dict(attributes),
            "ThingTypeName": thing.text("ThingTypeName") != _type_of(known),
            "ThingGroups": set(thing.names("ThingGroups")) != groups,
        }
        for key, is_other in differs.items():
            if is_other and thing.override(key) == "FAIL":
                why = f"thing {known.thing_name} is there already with another {key}"
                raise ProvisioningError(409, "ResourceConflictsException", why)

    def _check_policies(self) -> None:
        for name, document in self._policies:
            if document is None:
                if name not in self._backend.policies:
                    raise ProvisioningError(404, "ResourceNotFoundException", f"policy {name} does not exist")
                continue
            try:
                parse_policy(name, document)
            except PolicyError as error:
                raise TemplateError(f"policy document of the template is malformed: {error}") from error

    def _require_rights(self, name: str | None) -> None:
        """Let a registration pass that the template's role may do."""
        needed = [("iot:UpdateCertificate", "cert/*")]
        if name is not None:
            needed += [("iot:CreateThing", f"thing/{name}"), ("iot:AttachThingPrincipal", f"thing/{name}")]
        for policy, document in self._policies:
            needed.append(("iot:AttachPolicy", f"policy/{policy}"))
            if document is not None and policy not in self._backend.policies:
                needed.append(("iot:CreatePolicy", f"policy/{policy}"))
        if self._thing is not None:
            groups = self._thing.names("ThingGroups")
            needed += [("iot:AddThingToThingGroup", f"thinggroup/{group}") for group in groups]
        for action, resource in needed:
            if problem := why_not(self._template.role_arn, action, f"{ARN_PREFIX}{resource}"):
                raise ProvisioningError(403, "AccessDenied", problem)

    def _make_thing(self, thing: "_Resolved", name: str) -> None:
        attributes = _texts(thing.value("AttributePayload") or {}, "AttributePayload")
        type_name = thing.text("ThingTypeName")
        known = self._known(name)
        if known is None:
            self._backend.create_thing(name, type_name, {"attributes": attributes}, thing.text("BillingGroup"))
            self._join(name, thing.names("ThingGroups"))
            return
        self._override(thing, known, attributes)

    def _override(self, thing: "_Resolved", known: Any, attributes: dict[str, str]) -> None:
        """Change a thing that is there already as far as the template says so; it says DO_NOTHING by default."""
        name, how = known.thing_name, thing.override("AttributePayload")
        if how in {"MERGE", "REPLACE"}:
            payload = {"attributes": attributes, "merge": how == "MERGE"}
            self._backend.update_thing(name, None, payload, remove_thing_type=False)
        if thing.override("ThingTypeName") == "REPLACE":
            self._backend.update_thing(name, thing.text("ThingTypeName"), None, remove_thing_type=False)
        groups = thing.names("ThingGroups")
        if thing.override("ThingGroups") == "REPLACE":
            for group in self._groups_of(known):
                if group.thing_group_name not in groups:
                    self._backend.remove_thing_from_thing_group(group.thing_group_name, None, name, None)
        if thing.override("ThingGroups") in {"MERGE", "REPLACE"}:
            self._join(name, groups)

    def _join(self, name: str, groups: list[str]) -> None:
        for group in groups:
            self._backend.add_thing_to_thing_group(group, None, name, None)

    def _known(self, name: str) -> Any:
        return next((one for one in self._backend.things.values() if one.thing_name == name), None)

    def _groups_of(self, thing: Any) -> list[Any]:
        return [group for group in self._backend.thing_groups.values() if thing.arn in group.things]


class _Resolved:
    """A resource whose functions are carried out."""

    def __init__(self, resource: Resource, scope: Scope) -> None:
        self._resource = resource
        self._values: Json = {key: resolve(value, scope) for key, value in resource.properties.items()}

    def value(self, key: str) -> Any:
        return self._values.get(key)

    def text(self, key: str) -> str | None:
        value = self._values.get(key)
        if value is not None and not isinstance(value, str):
            raise TemplateError(f"{key} is no text")
        return value

    def names(self, key: str) -> list[str]:
        value = self._values.get(key) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise TemplateError(f"{key} is no list of texts")
        return value

    def override(self, key: str) -> str:
        return self._resource.overrides.get(key, "DO_NOTHING")


def _policy(resource: _Resolved) -> tuple[str, str | None]:
    """Return name and document of a policy; without a name it is called by its document's hash."""
    document = resource.value("PolicyDocument")
    if isinstance(document, dict):
        document = json.dumps(document)
    if document is not None and not isinstance(document, str):
        raise TemplateError("PolicyDocument is neither a text nor an object")
    name = resource.text("PolicyName")
    if name is None:
        name = hashlib.sha256((document or "").encode()).hexdigest()
    return name, document


def _type_of(thing: Any) -> str | None:
    return thing.thing_type.thing_type_name if thing.thing_type else None


def _texts(value: Any, what: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise TemplateError(f"{what} is no object of texts")
    return value
