"""Provisioning templates with their versions.

Source: AWS IoT API reference, "CreateProvisioningTemplate" and its sisters.
"""

from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from kitbench.local_iot_core.policies.registry import ARN_PREFIX
from kitbench.local_iot_core.provisioning.template_body import TemplateBody, parse_template_body

Json: TypeAlias = dict[str, Any]

#: Versions of a template. Source: AWS General Reference, "AWS IoT Core fleet provisioning limits".
MOST_VERSIONS: Final = 5


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """One version; `text` is its body as it was given, `created_at` in seconds since 1970."""

    number: int
    text: str
    created_at: float

    @property
    def body(self) -> TemplateBody:
        """The body, read."""
        return parse_template_body(self.text)


@dataclass(slots=True)
class Template:
    """A template; all times in seconds since 1970."""

    name: str
    role_arn: str
    created_at: float
    modified_at: float
    description: str = ""
    is_enabled: bool = False
    default_version: int = 1
    versions: dict[int, TemplateVersion] = field(default_factory=dict)
    last_version: int = 0

    @property
    def arn(self) -> str:
        """The template's ARN."""
        return f"{ARN_PREFIX}provisioningtemplate/{self.name}"

    @property
    def default(self) -> TemplateVersion:
        """The version by which devices are provisioned."""
        return self.versions[self.default_version]

    def add_version(self, text: str, now_s: float) -> TemplateVersion:
        """Add a version; its number is never given twice."""
        self.last_version += 1
        version = TemplateVersion(self.last_version, text, now_s)
        self.versions[version.number] = version
        return version

    def named(self) -> Json:
        """Return what every call answers."""
        return {"templateArn": self.arn, "templateName": self.name}

    def summary(self) -> Json:
        """Return AWS's ProvisioningTemplateSummary."""
        return self.named() | {
            "description": self.description,
            "creationDate": self.created_at,
            "lastModifiedDate": self.modified_at,
            "enabled": self.is_enabled,
            "type": "FLEET_PROVISIONING",
        }
