"""The operations of `iot` on provisioning templates.

Source: AWS IoT API reference, per call.
"""

import json
import time
from collections.abc import Callable
from typing import Any, Final

from kitbench.local_iot_core.apis.data_plane_api import DataPlaneCall, DataPlaneError, page_of
from kitbench.local_iot_core.apis.rest_parameters import parameters_of
from kitbench.local_iot_core.policies.iam_role import why_not_assumed
from kitbench.local_iot_core.provisioning.intrinsic_function import TemplateError
from kitbench.local_iot_core.provisioning.template import MOST_VERSIONS, Json, Template, TemplateVersion
from kitbench.local_iot_core.provisioning.template_body import parse_template_body

Templates = dict[str, Template]
_UNMODELLED: Final = frozenset({"preProvisioningHook", "removePreProvisioningHook", "tags"})


def answer(templates: Templates, call: DataPlaneCall) -> bytes:
    """Return the body of the answer.

    Raises:
        DataPlaneError: AWS would refuse the call.
        NotImplementedError: it asks for what is not modelled.
    """
    body = parameters_of("iot", call)
    for name in sorted(_UNMODELLED.intersection(body)):
        raise NotImplementedError(f"{name} of {call.operation} is not modelled by the local IoT core")
    try:
        return json.dumps(_OPERATIONS[call.operation](templates, body)).encode()
    except TemplateError as error:
        raise _invalid(str(error)) from error


def _create(templates: Templates, body: Json) -> Json:
    name = body["templateName"]
    if body.get("type") == "JITP":
        raise NotImplementedError("templates of type JITP are not modelled by the local IoT core")
    if name in templates:
        raise DataPlaneError(409, "ResourceAlreadyExistsException", f"provisioning template {name} already exists")
    parse_template_body(body["templateBody"])
    _require_role(body["provisioningRoleArn"])
    now_s = time.time()
    enabled, description = body.get("enabled", False), body.get("description", "")
    template = Template(name, body["provisioningRoleArn"], now_s, now_s, description, enabled)
    template.add_version(body["templateBody"], now_s)
    templates[name] = template
    return template.named() | {"defaultVersionId": template.default_version}


def _describe(templates: Templates, body: Json) -> Json:
    template = _find(templates, body)
    return template.summary() | {
        "defaultVersionId": template.default_version,
        "templateBody": template.default.text,
        "provisioningRoleArn": template.role_arn,
    }


def _list(templates: Templates, body: Json) -> Json:
    return _page("templates", [template.summary() for template in templates.values()], body)


def _update(templates: Templates, body: Json) -> Json:
    template = _find(templates, body)
    version = body.get("defaultVersionId", template.default_version)
    if version not in template.versions:
        raise _not_found(f"provisioning template {template.name} has no version {version}")
    if "provisioningRoleArn" in body:
        _require_role(body["provisioningRoleArn"])
    template.default_version = version
    template.role_arn = body.get("provisioningRoleArn", template.role_arn)
    template.is_enabled = body.get("enabled", template.is_enabled)
    template.description = body.get("description", template.description)
    template.modified_at = time.time()
    return {}


def _delete(templates: Templates, body: Json) -> Json:
    template = _find(templates, body)
    if len(template.versions) > 1:
        raise _conflict(f"provisioning template {template.name} has versions beside its default one")
    del templates[template.name]
    return {}


def _create_version(templates: Templates, body: Json) -> Json:
    template = _find(templates, body)
    parse_template_body(body["templateBody"])
    if len(template.versions) >= MOST_VERSIONS:
        why = f"provisioning template {template.name} has {MOST_VERSIONS} versions"
        raise DataPlaneError(409, "VersionsLimitExceededException", why)
    version = template.add_version(body["templateBody"], time.time())
    if body.get("setAsDefault"):
        template.default_version = version.number
    return template.named() | _version_summary(template, version)


def _describe_version(templates: Templates, body: Json) -> Json:
    template = _find(templates, body)
    version = _find_version(template, body)
    return _version_summary(template, version) | {"templateBody": version.text, "creationDate": version.created_at}


def _list_versions(templates: Templates, body: Json) -> Json:
    template = _find(templates, body)
    found = [_version_summary(template, one) | {"creationDate": one.created_at} for one in template.versions.values()]
    return _page("versions", found, body)


def _delete_version(templates: Templates, body: Json) -> Json:
    template = _find(templates, body)
    version = _find_version(template, body)
    if version.number == template.default_version:
        raise _conflict(f"version {version.number} is the default one of provisioning template {template.name}")
    del template.versions[version.number]
    return {}


def _version_summary(template: Template, version: TemplateVersion) -> Json:
    return {"versionId": version.number, "isDefaultVersion": version.number == template.default_version}


def _find(templates: Templates, body: Json) -> Template:
    if (found := templates.get(body["templateName"])) is None:
        raise _not_found(f"provisioning template {body['templateName']} does not exist")
    return found


def _find_version(template: Template, body: Json) -> TemplateVersion:
    if (found := template.versions.get(body["versionId"])) is None:
        raise _not_found(f"provisioning template {template.name} has no version {body['versionId']}")
    return found


def _require_role(role_arn: str) -> None:
    if problem := why_not_assumed(role_arn):
        raise _invalid(problem)


def _page(name: str, found: list[Json], body: Json) -> Json:
    page, token = page_of(found, body.get("nextToken"), body.get("maxResults"))
    return {name: page} | token


def _invalid(why: str) -> DataPlaneError:
    return DataPlaneError(400, "InvalidRequestException", why)


def _not_found(why: str) -> DataPlaneError:
    return DataPlaneError(404, "ResourceNotFoundException", why)


def _conflict(why: str) -> DataPlaneError:
    return DataPlaneError(409, "DeleteConflictException", why)


_OPERATIONS: Final[dict[str, Callable[[Templates, Any], Json]]] = {
    "CreateProvisioningTemplate": _create,
    "DescribeProvisioningTemplate": _describe,
    "ListProvisioningTemplates": _list,
    "UpdateProvisioningTemplate": _update,
    "DeleteProvisioningTemplate": _delete,
    "CreateProvisioningTemplateVersion": _create_version,
    "DescribeProvisioningTemplateVersion": _describe_version,
    "ListProvisioningTemplateVersions": _list_versions,
    "DeleteProvisioningTemplateVersion": _delete_version,
}
