"""`bench.toml` with the kits that a scan found: a kit is known by its MAC, and everything else stays as it was."""

from collections.abc import Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from kitbench.errors import UsageError
from kitbench.kit.kit_identity import KitIdentity
from kitbench.kit.scan import ScannedPort


def with_scanned_kits(text: str, scanned: Sequence[ScannedPort]) -> tuple[str, list[str]]:
    """Return the text of a bench description with the kits found, and a line for each change.

    A kit whose MAC the file has gets the port at which it is now; another one gets the entry that has its port and no
    MAC, or a name of its own, `kit1` and so on. A kit that was not found loses a port at which another one is now.

    Raises:
        UsageError: the text is no TOML, or its `kits` are no table.
    """
    try:
        document: Any = tomlkit.parse(text)
    except TOMLKitError as error:
        raise UsageError(str(error), stage="options") from error
    kits = document.setdefault("kits", tomlkit.table(is_super_table=True))
    if not isinstance(kits, Table | dict) or not all(isinstance(kit, Table | dict) for kit in kits.values()):
        raise UsageError("kits is no table of tables [kits.NAME]", stage="options")
    changes, found = [], {}
    for one in scanned:
        if one.identity is None:
            continue
        name = _name_of(one.port.device, one.identity, kits)
        found[name] = one.port.device
        changes += _update(kits, name, _facts(one.port.device, one.identity))
    changes += _without_ports(kits, found)
    return tomlkit.dumps(document), changes


def _facts(port: str, kit: KitIdentity) -> dict[str, str]:
    """Return what a scan knows of a kit, as the keys of its table."""
    known = {"port": port, "mac": kit.mac, "flash_size": kit.flash_size, "secure_element": kit.secure_element}
    return {key: value for key, value in known.items() if value}


def _name_of(port: str, kit: KitIdentity, kits: Any) -> str:
    by_mac = {str(table.get("mac", "")).lower(): name for name, table in kits.items()}
    unnamed = {str(table.get("port", "")): name for name, table in kits.items() if not table.get("mac")}
    return by_mac.get(kit.mac) or unnamed.get(port) or _new_name(set(kits))


def _without_ports(kits: Any, found: dict[str, str]) -> list[str]:
    """Take the ports from kits that were not found and at whose port another one is; return a line for each."""
    ports, changes = {port: name for name, port in found.items()}, []
    for name in list(kits):
        taken_by = ports.get(str(kits[name].get("port", "")))
        if name not in found and taken_by is not None:
            kits[name]["port"] = ""
            changes.append(f'{name}: not found, and {taken_by} is at its port now: port = ""')
    return changes


def _new_name(taken: set[str]) -> str:
    return next(name for number in range(1, len(taken) + 2) if (name := f"kit{number}") not in taken)


def _update(kits: Any, name: str, found: dict[str, str]) -> list[str]:
    if name not in kits:
        table = tomlkit.table()
        table.update(found)
        kits[name] = table
        return [f"{name}: new, at {found['port']}"]
    changed = {key: value for key, value in found.items() if kits[name].get(key) != value}
    kits[name].update(changed)
    return [f"{name}: {key} = {value}" for key, value in changed.items()]
