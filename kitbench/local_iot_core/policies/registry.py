"""What the message broker knows of the registry: certificates with their policies and things. Immutable values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from kitbench.local_iot_core.policies.policy import Policy

#: The account and region that the local IoT core plays.
ACCOUNT: Final = "000000000000"
REGION: Final = "us-east-1"
ARN_PREFIX: Final = f"arn:aws:iot:{REGION}:{ACCOUNT}:"


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing of the registry."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    type_name: str | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A registered certificate.

    Attributes:
        certificate_id: SHA-256 of the DER in lower-case hex.
        status: ``"ACTIVE"``, ``"INACTIVE"``, ``"REVOKED"`` …
        things: what it is attached to.
        variables: the certificate's own policy variables, such as ``iot:Certificate.Subject.CommonName``.
    """

    certificate_id: str
    status: str
    policies: tuple[Policy, ...] = ()
    things: tuple[Thing, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Registry:
    """A snapshot; the control plane makes a new one after every change.

    Attributes:
        groups: ARN of a thing group → names of its things, and of those in the groups below it.
    """

    certificates: Mapping[str, Certificate] = field(default_factory=lambda: MappingProxyType({}))
    things: Mapping[str, Thing] = field(default_factory=lambda: MappingProxyType({}))
    groups: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
