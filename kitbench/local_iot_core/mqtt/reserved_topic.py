"""Topics under `$aws/` on which services of AWS IoT take requests, and those on which they alone speak. Pure.

Source: AWS IoT Core developer guide, "Reserved topics".
"""

import re
from typing import Final

#: Services whose topics begin so, and their requests.
_OWNED: Final = re.compile(r"\$aws/(things/[^/]*/jobs(/|$)|certificates/|provisioning-templates/)")
_JOB_REQUEST: Final = re.compile(r"\$aws/things/[^/]+/jobs/(get|start-next|[^/]+/(get|update))")
_CLAIM_REQUEST: Final = re.compile(
    r"\$aws/(certificates/(create|create-from-csr)/(json|cbor)"
    r"|provisioning-templates/[^/]+/provision/(json|cbor))"
)

#: Services of AWS IoT that take requests of devices, and are not here: what comes behind the thing's name.
_NOT_MODELLED: Final = {
    "defender": "AWS IoT Device Defender",
    "streams": "MQTT-based file delivery",
    "tunnels": "AWS IoT secure tunneling",
}
_OF_THING: Final = re.compile(r"\$aws/things/[^/]+/(?P<service>[a-z]+)(/|$)")


def service_not_modelled(topic: str) -> str:
    """Return the service of AWS IoT that would take a request on a topic and is not modelled, "" for none."""
    found = _OF_THING.match(topic)
    return _NOT_MODELLED.get(found["service"], "") if found else ""


def is_request(topic: str) -> bool:
    """Return whether a topic is one on which Jobs or fleet provisioning take requests."""
    return is_job_request(topic) or _CLAIM_REQUEST.fullmatch(topic) is not None


def is_job_request(topic: str) -> bool:
    """Return whether a topic is one on which Jobs takes requests."""
    return _JOB_REQUEST.fullmatch(topic) is not None


def is_owned(topic: str) -> bool:
    """Return whether a topic is one of Jobs or of fleet provisioning: a request's, or one on which they alone speak."""
    return _OWNED.match(topic) is not None
