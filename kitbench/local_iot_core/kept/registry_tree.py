"""The registry as a JSON tree and back: things and their types, certificates, policies, and who is attached to whom.

Rules are kept, what they write to is not. Groups, jobs, templates, shadows and retained messages are not kept:
docs/fidelity/local-iot-core.md says so.
"""

import datetime as dt
from typing import Any, Final

from cryptography import x509
from moto.iot import models

from kitbench.local_iot_core.apis.certificate_issuing import IssuingBackend
from kitbench.local_iot_core.policies.registry import ACCOUNT, REGION
from kitbench.local_iot_core.rules.rule import parse_rule, rule_payload

FORM: Final = 1
#: Its classes count as abstract to mypy, though moto itself makes them.
moto_iot: Any = models


def tree_of(backend: IssuingBackend) -> dict[str, Any]:
    """Return all of a registry that is kept."""
    return {
        "form": FORM,
        "thing_types": [_type_tree(item) for item in backend.thing_types.values()],
        "things": [_thing_tree(item) for item in backend.things.values()],
        "certificates": [_certificate_tree(item) for item in backend.certificates.values()],
        "policies": [_policy_tree(item) for item in backend.policies.values()],
        "principal_policies": [list(pair) for pair in backend.principal_policies],
        "principal_things": [list(pair) for pair in backend.principal_things],
        "rules": [
            {**rule_payload(item), "name": item.rule_name, "about": item.description} for item in _rules(backend)
        ],
    }


def restore(backend: IssuingBackend, tree: dict[str, Any]) -> None:
    """Fill an empty registry with what a tree says.

    Raises:
        KeyError, TypeError, ValueError: it is no such tree.
    """
    if tree["form"] != FORM:
        raise ValueError(f"its form is {tree['form']!r}, this kitbench knows {FORM}")
    for item in tree["thing_types"]:
        _restore_type(backend, item)
    for item in tree["things"]:
        _restore_thing(backend, item)
    for item in tree["certificates"]:
        _restore_certificate(backend, item)
    for item in tree["policies"]:
        _restore_policy(backend, item)
    for target, name in tree["principal_policies"]:
        backend.principal_policies[target, name] = (target, backend.policies[name])
    things = {thing.thing_name: thing for thing in backend.things.values()}
    for target, name in tree["principal_things"]:
        backend.principal_things[target, name] = (target, things[name])
    for item in tree.get("rules", []):  # what an older kitbench kept has none
        _restore_rule(backend, item)


def _rules(backend: IssuingBackend) -> list[Any]:
    return list(backend.rules.values())


def _restore_rule(backend: IssuingBackend, tree: dict[str, Any]) -> None:
    try:
        parse_rule(tree["name"], tree)
    except NotImplementedError as error:
        raise ValueError(f"rule {tree['name']}: {error}") from error
    backend.create_topic_rule(
        rule_name=tree["name"],
        description=tree["about"],
        rule_disabled=tree["ruleDisabled"],
        actions=tree["actions"],
        error_action=tree["errorAction"],
        sql=tree["sql"],
        aws_iot_sql_version=tree["awsIotSqlVersion"],
    )


def _type_tree(item: Any) -> dict[str, Any]:
    metadata = item.metadata | {"creationDate": item.metadata["creationDate"].isoformat()}
    if when := metadata.get("deprecationDate"):
        metadata["deprecationDate"] = when.isoformat()
    return {
        "name": item.thing_type_name,
        "id": item.thing_type_id,
        "properties": item.thing_type_properties,
        "metadata": metadata,
    }


def _restore_type(backend: IssuingBackend, tree: dict[str, Any]) -> None:
    item = moto_iot.FakeThingType(tree["name"], tree["properties"], ACCOUNT, REGION)
    item.thing_type_id = tree["id"]
    dates = {key: dt.datetime.fromisoformat(value) for key, value in tree["metadata"].items() if key.endswith("Date")}
    item.metadata = tree["metadata"] | dates
    backend.thing_types[item.arn] = item


def _thing_tree(item: Any) -> dict[str, Any]:
    return {
        "name": item.thing_name,
        "id": item.thing_id,
        "type": item.thing_type.thing_type_name if item.thing_type else None,
        "attributes": dict(item.attributes),
        "version": item.version,
    }


def _restore_thing(backend: IssuingBackend, tree: dict[str, Any]) -> None:
    types = {item.thing_type_name: item for item in backend.thing_types.values()}
    kind = types[tree["type"]] if tree["type"] else None
    item = moto_iot.FakeThing(tree["name"], kind, tree["attributes"], ACCOUNT, REGION)
    item.thing_id, item.version = tree["id"], tree["version"]
    backend.things[item.arn] = item


def _certificate_tree(item: Any) -> dict[str, Any]:
    return {
        "pem": item.certificate_pem,
        "status": item.status,
        "created": item.creation_date.isoformat(),
        "ca_id": item.ca_certificate_id,
    }


def _restore_certificate(backend: IssuingBackend, tree: dict[str, Any]) -> None:
    parsed = x509.load_pem_x509_certificate(tree["pem"].encode())
    item = moto_iot.FakeCertificate(tree["pem"], tree["status"], ACCOUNT, REGION, tree["ca_id"])
    item.creation_date = dt.datetime.fromisoformat(tree["created"])
    backend.adopt(item, parsed)
    if parsed.issuer != backend.authority.certificate.subject:
        backend.trust_foreign(tree["pem"].encode())


def _policy_tree(item: Any) -> dict[str, Any]:
    versions = [
        {"id": version._version_id, "document": version.document, "is_default": version.is_default}  # noqa: SLF001 - moto shows it as text alone
        for version in item.versions
    ]
    return {"name": item.name, "versions": versions, "newest": item._max_version_id}  # noqa: SLF001 - as above


def _restore_policy(backend: IssuingBackend, tree: dict[str, Any]) -> None:
    versions = [
        moto_iot.FakePolicyVersion(tree["name"], one["document"], one["is_default"], ACCOUNT, REGION, one["id"])
        for one in tree["versions"]
    ]
    default = next(version for version in versions if version.is_default)
    item = moto_iot.FakePolicy(tree["name"], default.document, ACCOUNT, REGION, default.version_id)
    item.versions, item._max_version_id = versions, tree["newest"]  # noqa: SLF001 - as above
    backend.policies[item.name] = item
