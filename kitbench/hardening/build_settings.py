"""The configuration of a build, by the names of Kconfig without `CONFIG_`. Pure but for reading the file."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from kitbench.errors import UsageError

Settings: TypeAlias = Mapping[str, Any]

_LARGEST: Final = 4 << 20
#: Where a build of ESP-IDF, or its project, has its configuration.
_PLACES: Final = ("config/sdkconfig.json", "sdkconfig", "../sdkconfig", "sdkconfig.json")
_PREFIX: Final = "CONFIG_"
#: Names of settings that give access: a Wi-Fi password in most projects.
_SECRET: Final = re.compile(r"PASSWORD|PASSWD|PASSPHRASE|(?:^|_)(?:PASS|PSK|TOKEN|SECRET|API_?KEY)(?:_|$)")
#: Shorter values stand in any app by chance.
_SHORTEST_SECRET: Final = 6


def read_settings(path: Path) -> Settings:
    """Return the settings of a build folder, a project, an `sdkconfig`, or an `sdkconfig.json`.

    Raises:
        UsageError: there is none, or it cannot be read.
    """
    candidates = [path / place for place in _PLACES] if path.is_dir() else [path]
    file = next((one for one in candidates if one.is_file()), None)
    if file is None:
        raise UsageError(f"{path} has no sdkconfig", stage="hardening", fix="name a build folder or an sdkconfig")
    try:
        if file.stat().st_size > _LARGEST:
            raise UsageError(f"{file} is larger than any sdkconfig", stage="hardening")
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}", stage="hardening") from error
    return parse_settings(text)


def secrets_of(settings: Settings) -> dict[str, bytes]:
    """Return the passwords and tokens that a build was configured with, by the name of their setting."""
    return {
        name: value.encode()
        for name, value in settings.items()
        if isinstance(value, str) and len(value) >= _SHORTEST_SECRET and _SECRET.search(name)
    }


def parse_settings(text: str) -> Settings:
    """Return the settings in the text of an `sdkconfig` or `sdkconfig.json`.

    Raises:
        UsageError: there are none in it.
    """
    settings = _from_json(text) if text.lstrip().startswith("{") else _from_lines(text)
    if not settings:
        raise UsageError("no settings of ESP-IDF in the file", stage="hardening", fix="name an sdkconfig")
    return settings


def _from_json(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return {str(key).removeprefix(_PREFIX): value for key, value in document.items()}


def _from_lines(text: str) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for line in text.splitlines():
        name, is_given, value = line.strip().partition("=")
        if line.startswith(f"# {_PREFIX}") and line.rstrip().endswith(" is not set"):
            settings[line.split()[1].removeprefix(_PREFIX)] = False
        elif is_given and name.startswith(_PREFIX):
            settings[name.removeprefix(_PREFIX)] = _value(value)
    return settings


def _value(text: str) -> Any:
    if text in {"y", "n"}:
        return text == "y"
    if text.startswith('"'):
        return text.strip('"')
    try:
        return int(text, 0)
    except ValueError:
        return text
