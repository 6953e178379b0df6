"""What a lab is told of kits: an exporter's configuration, and the places with their tags. Pure.

labgrid's exporter takes YAML that is a Jinja template: names are plain words, every other value is in JSON's quotes.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from kitbench.errors import UsageError

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_TAG: Final = re.compile(r"[^a-z0-9_.-]+")
_TEMPLATE: Final = ("{{", "{%", "{#")


@dataclass(frozen=True, slots=True)
class ExportedKit:
    """A kit as a lab has it.

    Attributes:
        name: of the exporter's group, and of its place.
        port: a device, or `rfc2217://HOST:PORT`.
        usb_path: udev's `ID_PATH` of the device, which stays with its USB socket; "" where there is none.
        tags: of the place.
    """

    name: str
    port: str
    usb_path: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


def tags_of(*, mac: str, chip: str, flash_size: str, secure_element: str, kind: str = "attached") -> dict[str, str]:
    """Return a place's tags; what is not known has none, and values are such that `--kit labgrid:TAG=VALUE` takes them.

    Args:
        mac: with or without colons, which a tag has not.
        chip: such as `ESP32`, which is the board, too.
        flash_size: such as `4MB`.
        secure_element: its serial; "none" where it is known that there is none.
        kind: `attached` or `virtual`.
    """
    has_element = secure_element not in {"", "none"}
    known = {
        "kind": kind,
        "board": chip,
        "chip": chip,
        "mac": mac.replace(":", ""),
        "flash": flash_size,
        "se": "atecc608a" if has_element else secure_element,
        "se_serial": secure_element if has_element else "",
    }
    return {tag: _TAG.sub("_", value.lower()) for tag, value in known.items() if value}


def exporter_text(kits: Iterable[ExportedKit]) -> str:
    """Return the exporter's configuration.

    Raises:
        UsageError: a kit has a name that labgrid does not take, or a port that it cannot serve.
    """
    return "".join(f"{_checked(kit.name)}:\n{_resource(kit)}" for kit in kits)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        fix = "letters, digits, _ . and - alone: rename it in bench.toml"
        raise UsageError(f"a lab cannot have a kit named {name!r}", stage="lab", fix=fix)
    return name


def _resource(kit: ExportedKit) -> str:
    if "://" not in kit.port:
        found = (
            f"ID_PATH: {_quoted(kit.usb_path)}" if kit.usb_path else f"sys_name: {_quoted(kit.port.rpartition('/')[2])}"
        )
        note = "" if kit.usb_path else "  # by the kernel's name: another one after it was plugged in anew"
        return f"  USBSerialPort:\n    match:\n      {found}{note}\n"
    parts = urlsplit(kit.port)
    if parts.scheme != "rfc2217" or not parts.hostname or not parts.port:
        raise UsageError(
            f"a lab cannot serve {kit.port}: it has no reset lines", stage="lab", fix="rfc2217://HOST:PORT"
        )
    return f"  NetworkSerialPort:\n    host: {_quoted(parts.hostname)}\n    port: {parts.port}\n    protocol: rfc2217\n"


def _quoted(value: str) -> str:
    if any(mark in value for mark in _TEMPLATE):
        raise UsageError(f"labgrid would take {value!r} for a template", stage="lab")
    return json.dumps(value)


def place_requests(kit: ExportedKit, exporter: str) -> list[list[str]]:
    """Return the arguments of each call of labgrid-client that makes the place of an exporter's kit."""
    tags = [f"{tag}={value}" for tag, value in kit.tags.items()]
    return [
        ["-p", kit.name, "create"],
        ["-p", kit.name, "add-match", f"{exporter}/{kit.name}/*"],
        *([["-p", kit.name, "set-tags", *tags]] if tags else []),
    ]
