"""Tags of what AWS IoT lets be tagged; moto's IoT has none.

Source: AWS IoT API reference, "TagResource"; developer guide, "Tagging your AWS IoT resources". Things and certificates
cannot be tagged on AWS either.
"""

from typing import Any
from urllib.parse import parse_qsl

from moto.core.responses import ActionResult, EmptyResult
from moto.iot.exceptions import ResourceNotFoundException
from moto.iot.responses import IoTResponse


class TaggingApi(IoTResponse):
    """The calls about tags, and those that make what is tagged at once."""

    def create_thing_group(self) -> ActionResult:
        """Keep tags."""
        return self._tagged(super().create_thing_group(), "thingGroupArn")

    def create_thing_type(self) -> ActionResult:
        """Keep tags."""
        return self._tagged(super().create_thing_type(), "thingTypeArn")

    def create_billing_group(self) -> ActionResult:
        """Keep tags."""
        return self._tagged(super().create_billing_group(), "billingGroupArn")

    def register_ca_certificate(self) -> ActionResult:
        """Keep tags."""
        return self._tagged(super().register_ca_certificate(), "certificateArn")

    def tag_resource(self) -> ActionResult:
        """Add tags to those of a resource; moto answers 500."""
        self._tags_of(self._get_param("resourceArn")).update(_tags(self._get_param("tags")))
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """Drop tags of a resource."""
        kept = self._tags_of(self._get_param("resourceArn"))
        for key in self._get_param("tagKeys") or []:
            kept.pop(key, None)
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        """List the tags of a resource."""
        kept = self._tags_of(self._get_param("resourceArn"))
        return ActionResult({"tags": [{"Key": key, "Value": value} for key, value in kept.items()]})

    def _tagged(self, result: Any, arn_key: str) -> ActionResult:
        """Give what was made its tags, and none of what had its name before."""
        self._begin_tags(result.result[arn_key], _tags(self._get_param("tags")))
        tagged: ActionResult = result
        return tagged

    def _begin_tags(self, arn: str, tags: dict[str, str]) -> None:
        backend: Any = self.iot_backend
        backend.tags[arn] = tags

    def _rule_tags(self) -> dict[str, str]:
        """Return the tags of a new rule, which come in a header as a query string."""
        return dict(parse_qsl(self.headers.get("x-amz-tagging") or "", keep_blank_values=True))

    def _tags_of(self, arn: str) -> dict[str, str]:
        backend: Any = self.iot_backend
        kinds = (
            backend.policies,
            backend.thing_groups,
            backend.thing_types,
            backend.billing_groups,
            backend.rules,
            backend.ca_certificates,
        )
        if not any(item.arn == arn for kind in kinds for item in kind.values()):
            raise ResourceNotFoundException(f"no taggable resource {arn}")
        tags: dict[str, str] = backend.tags.setdefault(arn, {})
        return tags


def _tags(given: Any) -> dict[str, str]:
    return {tag["Key"]: tag.get("Value", "") for tag in given or []}
