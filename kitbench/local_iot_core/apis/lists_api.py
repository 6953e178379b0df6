"""Lists with the filters that moto does not read. Each method says what it adds.

Source: AWS IoT API reference, per call.
"""

from collections.abc import Iterator
from typing import Any

from moto.core.responses import ActionResult
from moto.iot.responses import IoTResponse

from kitbench.local_iot_core.mqtt.topic import matches

#: How a thing has its principals here.
_SHARED = "NON_EXCLUSIVE_THING"


class ListsApi(IoTResponse):
    """Lists of things, groups, policies and rules."""

    def list_things(self) -> ActionResult:
        """Mind `usePrefixAttributeValue`."""
        return ActionResult({"things": [one for one in self._things() if self._is_wanted(one)]})

    def _things(self) -> Iterator[dict[str, Any]]:
        return (thing.to_dict() for thing in self.iot_backend.things.values())

    def _is_wanted(self, thing: dict[str, Any]) -> bool:
        kind, name = self._get_param("thingTypeName"), self._get_param("attributeName")
        if kind is not None and thing.get("thingTypeName") != kind:
            return False
        if name is None:
            return True
        found, wanted = thing["attributes"].get(name), self._get_param("attributeValue")
        if found is None or wanted is None:
            return found is not None
        return bool(found.startswith(wanted) if self._get_bool_param("usePrefixAttributeValue") else found == wanted)

    def list_things_in_thing_group(self) -> ActionResult:
        """Mind `recursive`: the things of the groups below, too."""
        backend, name = self.iot_backend, self._get_param("thingGroupName")
        groups = [backend.describe_thing_group(name)]
        if self._get_bool_param("recursive"):
            groups += [one for one in backend.thing_groups.values() if groups[0].arn in _parents(one)]
        return ActionResult({"things": list(dict.fromkeys(t.thing_name for g in groups for t in g.things.values()))})

    def list_attached_policies(self) -> ActionResult:
        """Mind `recursive`: the policies of the groups above a group, too."""
        backend, targets = self.iot_backend, [self._get_param("target")]
        group = next((one for one in backend.thing_groups.values() if one.arn == targets[0]), None)
        if group is not None and self._get_bool_param("recursive"):
            targets += _parents(group)
        found = {policy.name: policy for target in targets for policy in backend.list_attached_policies(target)}
        return ActionResult({"policies": [policy.to_dict() for policy in found.values()]})

    def list_topic_rules(self) -> ActionResult:
        """Mind `topic` and `ruleDisabled`."""
        topic, is_off = self._get_param("topic"), self._get_bool_param("ruleDisabled")
        rules = [
            rule
            for rule in self.iot_backend.list_topic_rules()
            if (topic is None or _listens(rule["topicPattern"], topic))
            and (is_off is None or bool(rule["ruleDisabled"]) == is_off)
        ]
        return ActionResult({"rules": rules})

    def list_thing_principals_v2(self) -> ActionResult:
        """Say how a thing has each of its principals, and mind `thingPrincipalType`."""
        return self._of_kind(super().list_thing_principals_v2(), "thingPrincipalObjects")

    def list_principal_things_v2(self) -> ActionResult:
        """Say how a principal is had by each of its things, and mind `thingPrincipalType`."""
        return self._of_kind(super().list_principal_things_v2(), "principalThingObjects")

    def _of_kind(self, answer: Any, key: str) -> ActionResult:
        is_wanted = self._get_param("thingPrincipalType") in {None, _SHARED}
        return ActionResult(
            {key: [one | {"thingPrincipalType": _SHARED} for one in answer.result[key]] if is_wanted else []}
        )


def _parents(group: Any) -> list[str]:
    """Return the ARNs of the groups above one."""
    return [parent["groupArn"] for parent in group.metadata.get("rootToParentThingGroups", [])]


def _listens(pattern: str | None, topic: str) -> bool:
    return pattern is not None and (pattern == topic or matches(pattern, topic))
