"""`bench.toml`: what a bench has. The command line wins over it; secrets stand elsewhere and are named here.

[bench]
kit = "red"                      # auto, virtual, a port, or the name of a kit below
cloud = "aws"
budget = 2000                    # messages a run may cost
board = "course"                 # or a file: what is wired to the pins
relay = "192.168.1.20"           # this machine on the kits' network: attached kits reach their cloud by it

[wifi]
ssid = "lab"
password_file = "~/.lab-wifi"    # or password_env = "LAB_WIFI"

[kits.red]
port = "/dev/ttyUSB0"
mac = "24:0a:c4:00:00:01"
flash_size = "4MB"
secure_element = "0123456789abcdef01"
secure_element_sda = 16          # where the board has it, if not where the firmware expects it
secure_element_scl = 17
secure_element_address = 0xC0
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kitbench.bench.lab_address import LabAddress, parse_lab_address
from kitbench.errors import UsageError

MAC: Final = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
SERIAL: Final = re.compile(r"[0-9a-f]{18}")
#: Where the description is looked for; it need not be there, unlike one that was named.
USUAL_FILE: Final = "bench.toml"
CLOUDS: Final = ("local", "aws")
KEYS: Final[Mapping[str, Mapping[str, type]]] = {
    "bench": {"kit": str, "cloud": str, "budget": int, "board": str, "relay": str},
    "wifi": {"ssid": str, "password_file": str, "password_env": str},
    "kit": {
        "port": str,
        "mac": str,
        "flash_size": str,
        "secure_element": str,
        "secure_element_sda": int,
        "secure_element_scl": int,
        "secure_element_address": int,
    },
}
#: How a board has its secure element: Kconfig symbols of esp-cryptoauthlib, and what an ESP32 can drive.
WIRING: Final[Mapping[str, tuple[str, range]]] = {
    "secure_element_sda": ("ATCA_I2C_SDA_PIN", range(34)),
    "secure_element_scl": ("ATCA_I2C_SCL_PIN", range(34)),
    "secure_element_address": ("ATCA_I2C_ADDRESS", range(2, 256)),
}
FLASH_SIZE: Final = re.compile(r"[1-9][0-9]{0,2}MB")
TYPES: Final[Mapping[type, str]] = {str: "a text in quotes", int: "a whole number"}


@dataclass(frozen=True, slots=True)
class NamedKit:
    """A kit that the bench knows.

    Attributes:
        port: what esptool's `--port` takes; "" for a kit that is not attached at the moment.
        mac: twelve lower-case hex digits with colons; "" when it is not checked.
        secure_element: the chip's serial, 18 hex digits; "" when it is not checked.
        flash_size: such as ``"4MB"``; "" when it is not checked.
        wiring: Kconfig symbols and values of the secure element's pins and address, laid over every project.
    """

    port: str
    mac: str = ""
    secure_element: str = ""
    flash_size: str = ""
    wiring: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BenchFile:
    """A bench's description; all of it is optional.

    Attributes:
        relay: where attached kits come in, None where they go their own way.
        wifi: Kconfig symbols of the lab's Wi-Fi, laid over every project; the password never shows.
    """

    kit: str | None = None
    cloud: str | None = None
    budget: int | None = None
    board: str | None = None
    relay: LabAddress | None = None
    wifi: Mapping[str, str] = field(default_factory=dict, repr=False)
    kits: Mapping[str, NamedKit] = field(default_factory=dict)


def read_bench_file(path: Path, *, is_named: bool = True) -> BenchFile:
    """Return the description; an empty one when none was named and there is none.

    Raises:
        UsageError: it cannot be read, is no TOML, has keys or values that nobody knows, or names a secret that is not
            there.
    """
    if not is_named and not path.exists():
        return BenchFile()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return parse_bench(tables)
    except (ValueError, RecursionError) as error:  # also for a number of more digits than Python reads
        raise UsageError(f"{path}: {error}", stage="options") from error
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", stage="options", fix="see --bench") from error
    except UsageError as error:
        raise UsageError(f"{path}: {error.message}", stage="options", fix=error.fix) from error


def parse_bench(tables: Mapping[str, Any]) -> BenchFile:
    """Return the description that the tables give; raises UsageError."""
    unknown = set(tables) - {"bench", "wifi", "kits"}
    if unknown:
        raise UsageError(f"unknown table [{min(unknown)}]", fix="expected [bench], [wifi], [kits.NAME]")
    bench = _table(tables, "bench", KEYS["bench"])
    if bench.get("cloud") not in (None, *CLOUDS):
        raise UsageError(f"cloud is {bench['cloud']!r}, expected 'local' or 'aws'")
    if bench.get("budget", 1) < 1:
        raise UsageError(f"budget is {bench['budget']}, expected one message at least")
    kits = _table(tables, "kits", None)
    return BenchFile(
        kit=bench.get("kit"),
        cloud=bench.get("cloud"),
        budget=bench.get("budget"),
        board=bench.get("board"),
        relay=parse_lab_address(bench["relay"]) if "relay" in bench else None,
        wifi=_wifi(_table(tables, "wifi", KEYS["wifi"])),
        kits={name: _kit(name, _table(kits, name, KEYS["kit"])) for name in kits},
    )


def _table(tables: Mapping[str, Any], name: str, keys: Mapping[str, type] | None) -> dict[str, Any]:
    table = tables.get(name, {})
    if not isinstance(table, dict):
        raise UsageError(f"{name} is no table")
    if keys is None:
        return table
    for key, value in table.items():
        if key not in keys:
            raise UsageError(f"[{name}] has an unknown key {key!r}", fix=f"expected {', '.join(sorted(keys))}")
        if type(value) is not keys[key]:  # a truth value is an int, too
            raise UsageError(f"[{name}] {key} is {value!r}, expected {TYPES[keys[key]]}")
    return table


def _kit(name: str, table: Mapping[str, Any]) -> NamedKit:
    kit = NamedKit(
        port=table.get("port", ""),
        mac=table.get("mac", "").lower(),
        secure_element=table.get("secure_element", "").lower(),
        flash_size=table.get("flash_size", ""),
        wiring=tuple(_wire(name, key, table[key]) for key in WIRING if key in table),
    )
    if "port" not in table:
        raise UsageError(f"kit {name!r} has no port")
    if kit.mac and not MAC.fullmatch(kit.mac):
        raise UsageError(f"kit {name!r} has the MAC {kit.mac!r}, expected six bytes such as 24:0a:c4:00:00:01")
    if kit.secure_element and not SERIAL.fullmatch(kit.secure_element):
        raise UsageError(f"kit {name!r}: a secure element's serial is 18 hex digits, not {kit.secure_element!r}")
    if kit.flash_size and not FLASH_SIZE.fullmatch(kit.flash_size):
        raise UsageError(f"kit {name!r} has a flash of {kit.flash_size!r}, expected a size such as 4MB")
    return kit


def _wire(kit: str, key: str, value: int) -> tuple[str, str]:
    symbol, allowed = WIRING[key]
    if value not in allowed:
        raise UsageError(f"kit {kit!r}: {key} is {value}, expected {allowed[0]} to {allowed[-1]}")
    return symbol, hex(value) if symbol == "ATCA_I2C_ADDRESS" else str(value)


def _wifi(table: Mapping[str, Any]) -> dict[str, str]:
    if not table:
        return {}
    if "ssid" not in table:
        raise UsageError("[wifi] has no ssid")
    return {"WIFI_SSID": table["ssid"], "WIFI_PASSWORD": _password(table)}


def _password(table: Mapping[str, Any]) -> str:
    if "password_env" in table:
        name = table["password_env"]
        if name not in os.environ:
            raise UsageError(f"[wifi] the environment has no {name}", fix=f"export {name}")
        return os.environ[name]
    if "password_file" in table:
        file = Path(table["password_file"]).expanduser()
        try:
            return file.read_text(encoding="utf-8").rstrip("\n")
        except OSError as error:
            raise UsageError(f"[wifi] cannot read {file}: {error.strerror}") from error
    return ""
