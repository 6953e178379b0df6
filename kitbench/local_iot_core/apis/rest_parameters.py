"""The parameters of a call whose protocol is rest-json, read by AWS's own service model and checked by it. Pure."""

import json
from functools import lru_cache
from typing import Any, TypeAlias

from botocore.model import Shape, StructureShape
from moto.core.utils import get_service_model

from kitbench.local_iot_core.apis.data_plane_api import DataPlaneCall, DataPlaneError
from kitbench.local_iot_core.apis.request_constraints import violation

Json: TypeAlias = dict[str, Any]


def parameters_of(service: str, call: DataPlaneCall) -> Json:
    """Return a call's parameters by their names in the model; those that were not given are not there.

    Raises:
        DataPlaneError: the body is no JSON object, or a parameter is none that AWS takes.
    """
    try:
        body = json.loads(call.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise _invalid("request body is not JSON") from error
    if not isinstance(body, dict):
        raise _invalid("request body is not a JSON object")
    shape = _input_shape(service, call.operation)
    if shape is None:
        return {}
    found = {name: _value(member, _given(call, body, name, member)) for name, member in shape.members.items()}
    for name, value in found.items():
        if (problem := violation(shape.members[name], value, name)) is not None:
            raise _invalid(problem)
        if value is None and name in shape.required_members:
            raise _invalid(f"{name} is missing")
    return {name: value for name, value in found.items() if value is not None}


def _given(call: DataPlaneCall, body: Json, name: str, member: Shape) -> Any:
    where, wire_name = member.serialization.get("location"), member.serialization.get("name", name)
    if where == "uri":
        return call.labels.get(wire_name)
    return call.query.get(wire_name) if where == "querystring" else body.get(wire_name)


def _value(member: Shape, given: Any) -> Any:
    """Return a parameter of path or query as its type says, and one of the body as it is."""
    if not isinstance(given, str) or member.type_name == "string":
        return _of_type(member, given)
    if member.type_name == "boolean":
        return {"true": True, "false": False}.get(given.lower())
    if member.type_name in {"integer", "long"} and given.lstrip("-").isdecimal() and len(given) < 20:
        return int(given)
    return _of_type(member, given)


def _of_type(member: Shape, given: Any) -> Any:
    wanted: Any = {"string": str, "boolean": bool, "structure": dict, "map": dict, "list": list}.get(member.type_name)
    if member.type_name in {"integer", "long"}:
        wanted = int
    if given is not None and wanted is not None and not isinstance(given, wanted):
        raise _invalid(f"{member.name} is no {member.type_name}")
    return given


@lru_cache(maxsize=64)
def _input_shape(service: str, operation: str) -> StructureShape | None:
    shape: StructureShape | None = get_service_model(service).operation_model(operation).input_shape
    return shape


def _invalid(message: str) -> DataPlaneError:
    return DataPlaneError(400, "InvalidRequestException", message)
