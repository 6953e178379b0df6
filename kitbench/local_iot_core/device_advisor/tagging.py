"""Tags of suites and runs, by their ARN: `TagResource`, `UntagResource` and `ListTagsForResource`.

Source: AWS IoT Core Device Advisor API reference, `TagResource`: 50 tags at most, keys of 128 characters,
values of 256.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from kitbench.local_iot_core.apis.data_plane_api import DataPlaneError
from kitbench.local_iot_core.device_advisor.advisor import DeviceAdvisor
from kitbench.local_iot_core.policies.registry import ACCOUNT, REGION

ARN: Final = f"arn:aws:iotdeviceadvisor:{REGION}:{ACCOUNT}:"
_MOST: Final = 50
_LONGEST_KEY: Final = 128
_LONGEST_VALUE: Final = 256


def parse_tags(given: Any) -> dict[str, str]:
    """Return tags as a call brought them; none where it brought none.

    Raises:
        DataPlaneError: AWS would refuse them.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(_is_tag(key, value) for key, value in given.items()):
        raise _refused("tags are names of 1 to 128 characters with values of at most 256")
    return _bounded(dict(given))


def tags_of(advisor: DeviceAdvisor, arn: str) -> dict[str, str]:
    """Return the tags of a suite or a run, to be read and changed in place.

    Raises:
        DataPlaneError: there is no such resource.
    """
    kind, _, name = unquote(arn).removeprefix(ARN).partition("/")
    if kind == "suitedefinition" and (suite := advisor.suites.get(name)) is not None:
        return suite.tags
    suite_id, _, run_id = name.partition("/")
    started = advisor.runs.get(run_id) if kind == "suiterun" else None
    if started is None or started.suite.id != suite_id:
        raise DataPlaneError(404, "ResourceNotFoundException", "there is no suite definition and no run of this ARN")
    return started.tags


def add_tags(tags: dict[str, str], given: Any) -> None:
    """Add tags, or change their values.

    Raises:
        DataPlaneError: AWS would refuse them; nothing is changed then.
    """
    tags.update(_bounded({**tags, **parse_tags(given)}))


def remove_tags(tags: dict[str, str], keys: tuple[str, ...]) -> None:
    """Remove tags; one that is not there is none to remove.

    Raises:
        DataPlaneError: no key was named.
    """
    if not keys:
        raise _refused("tagKeys names no tag")
    for key in keys:
        tags.pop(key, None)


def _is_tag(key: Any, value: Any) -> bool:
    is_named = isinstance(key, str) and 0 < len(key) <= _LONGEST_KEY
    return is_named and isinstance(value, str) and len(value) <= _LONGEST_VALUE


def _bounded(tags: dict[str, str]) -> dict[str, str]:
    if len(tags) > _MOST:
        raise _refused(f"{len(tags)} tags, at most {_MOST}")
    return tags


def _refused(why: str) -> DataPlaneError:
    return DataPlaneError(400, "ValidationException", why)
