"""`bench.toml` with the kits that a scan found: a kit is known by its MAC, and everything else stays as it was."""

from collections.abc import Sequence
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from kitbench.errors import UsageError
from kitbench.kit.scan import ScannedPort

#: What a scan knows of a kit.
_KNOWN: Final = ("port", "mac", "flash_size")


def with_scanned_kits(text: str, scanned: Sequence[ScannedPort]) -> tuple[str, list[str]]:
    """Return the text of a bench description with the kits found, and a line for each change.

    A kit whose MAC the file has gets the port at which it is now; another one gets a name of its own, `kit1` and so on.

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
    names = {str(kit.get("mac", "")).lower(): name for name, kit in kits.items()}
    changes = []
    for one in scanned:
        if one.identity is None:
            continue
        name = names.get(one.identity.mac) or _new_name(set(kits))
        found = {"port": one.port.device, "mac": one.identity.mac, "flash_size": one.identity.flash_size}
        changes += _update(kits, name, {key: found[key] for key in _KNOWN if found[key]})
    return tomlkit.dumps(document), changes


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
