"""`bench.toml`: what a bench has. The command line wins over it; secrets stand elsewhere and are named here.

[bench]
kit = "red"                      # auto, virtual, a port, or the name of a kit below
cloud = "aws"
budget = 2000                    # messages a run may cost

[wifi]
ssid = "lab"
password_file = "~/.lab-wifi"    # or password_env = "LAB_WIFI"

[kits.red]
port = "/dev/ttyUSB0"
mac = "24:0a:c4:00:00:01"
secure_element = "0123456789abcdef01"
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kitbench.errors import UsageError

MAC: Final = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
SERIAL: Final = re.compile(r"[0-9a-f]{18}")
KEYS: Final = {
    "bench": {"kit", "cloud", "budget"},
    "wifi": {"ssid", "password_file", "password_env"},
    "kit": {"port", "mac", "secure_element"},
}


@dataclass(frozen=True, slots=True)
class NamedKit:
    """A kit that the bench knows.

    Attributes:
        port: what esptool's `--port` takes.
        mac: twelve lower-case hex digits with colons; "" when it is not checked.
        secure_element: the chip's serial, 18 hex digits; "" when it is not checked.
    """

    port: str
    mac: str = ""
    secure_element: str = ""


@dataclass(frozen=True, slots=True)
class BenchFile:
    """A bench's description; all of it is optional.

    Attributes:
        wifi: Kconfig symbols of the lab's Wi-Fi, laid over every project; the password never shows.
    """

    kit: str | None = None
    cloud: str | None = None
    budget: int | None = None
    wifi: Mapping[str, str] = field(default_factory=dict, repr=False)
    kits: Mapping[str, NamedKit] = field(default_factory=dict)


def read_bench_file(path: Path) -> BenchFile:
    """Return the description; an empty one when there is no such file.

    Raises:
        UsageError: it is no TOML, has keys that nobody knows, or names a secret that is not there.
    """
    if not path.is_file():
        return BenchFile()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return parse_bench(tables)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}", stage="options") from error
    except UsageError as error:
        raise UsageError(f"{path}: {error.message}", stage="options", mend=error.mend) from error


def parse_bench(tables: Mapping[str, Any]) -> BenchFile:
    """Return the description that the tables give; raises UsageError."""
    unknown = set(tables) - {"bench", "wifi", "kits"}
    if unknown:
        raise UsageError(f"unknown table [{min(unknown)}]", mend="expected [bench], [wifi], [kits.NAME]")
    bench = _table(tables, "bench", KEYS["bench"])
    kits = _table(tables, "kits", None)
    return BenchFile(
        kit=bench.get("kit"),
        cloud=bench.get("cloud"),
        budget=bench.get("budget"),
        wifi=_wifi(_table(tables, "wifi", KEYS["wifi"])),
        kits={name: _kit(name, _table(kits, name, KEYS["kit"])) for name in kits},
    )


def _table(tables: Mapping[str, Any], name: str, keys: set[str] | None) -> dict[str, Any]:
    table = tables.get(name, {})
    if not isinstance(table, dict):
        raise UsageError(f"{name} is no table")
    unknown = set(table) - keys if keys is not None else set()
    if unknown:
        raise UsageError(
            f"[{name}] has an unknown key {min(unknown)!r}", mend=f"expected {', '.join(sorted(keys or ()))}"
        )
    return table


def _kit(name: str, table: Mapping[str, Any]) -> NamedKit:
    kit = NamedKit(
        port=str(table.get("port", "")),
        mac=str(table.get("mac", "")).lower(),
        secure_element=str(table.get("secure_element", "")).lower(),
    )
    if not kit.port:
        raise UsageError(f"kit {name!r} has no port")
    if kit.mac and not MAC.fullmatch(kit.mac):
        raise UsageError(f"kit {name!r} has the MAC {kit.mac!r}, expected six bytes such as 24:0a:c4:00:00:01")
    if kit.secure_element and not SERIAL.fullmatch(kit.secure_element):
        raise UsageError(f"kit {name!r}: a secure element's serial is 18 hex digits, not {kit.secure_element!r}")
    return kit


def _wifi(table: Mapping[str, Any]) -> dict[str, str]:
    if not table:
        return {}
    if "ssid" not in table:
        raise UsageError("[wifi] has no ssid")
    return {"WIFI_SSID": str(table["ssid"]), "WIFI_PASSWORD": _password(table)}


def _password(table: Mapping[str, Any]) -> str:
    if "password_env" in table:
        name = str(table["password_env"])
        if name not in os.environ:
            raise UsageError(f"[wifi] the environment has no {name}", mend=f"export {name}")
        return os.environ[name]
    if "password_file" in table:
        file = Path(str(table["password_file"])).expanduser()
        try:
            return file.read_text(encoding="utf-8").rstrip("\n")
        except OSError as error:
            raise UsageError(f"[wifi] cannot read {file}: {error.strerror}") from error
    return ""
