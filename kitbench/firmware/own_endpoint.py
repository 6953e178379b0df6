"""What a project itself is configured for: its endpoint, port, client id and topic, as far as its files say.

Read before it is built, and only to leave the firmware its own surroundings: what cannot be read is left out.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.firmware.sdkconfig import MAX_SIZE
from kitbench.firmware.setting_names import CLIENT_ID, HOST, PORT, TOPIC
from kitbench.host_name import bare_host

USUAL_PORT: Final = 8883
#: In the order in which one wins over the next.
_FILES: Final = ("sdkconfig", "sdkconfig.defaults", "main/Kconfig.projbuild")
#: What AWS IoT and a policy take literally in a client id.
_PLAIN_ID: Final = re.compile(r"[A-Za-z0-9_:.-]{1,64}")
#: The same of a topic; one that begins with $ is AWS's.
_PLAIN_TOPIC: Final = re.compile(r"[A-Za-z0-9_:.-][A-Za-z0-9_:./-]{0,127}")


@dataclass(frozen=True, slots=True)
class OwnEndpoint:
    """Host, port, client id and topic; "" where the project's files do not say any that can be used."""

    host: str = ""
    port: int = USUAL_PORT
    client_id: str = ""
    topic: str = ""


def own_endpoint(project: Path) -> OwnEndpoint:
    """Return what a project is configured for."""
    return own_endpoint_of(lambda symbol: _value(project, symbol))


def own_endpoint_of(value_of: Callable[[str], str]) -> OwnEndpoint:
    """Return what settings say, by the value of each Kconfig symbol, "" for one that is not set."""
    host, port, client_id, topic = (_first(value_of, names) for names in (HOST, PORT, CLIENT_ID, TOPIC))
    return OwnEndpoint(
        host=bare_host(host),
        port=int(port) if port.isdecimal() and 0 < int(port[:6]) < 65536 else USUAL_PORT,
        client_id=client_id if _PLAIN_ID.fullmatch(client_id) else "",
        topic=topic if _PLAIN_TOPIC.fullmatch(topic) else "",
    )


def _first(value_of: Callable[[str], str], names: Iterable[str]) -> str:
    return next(filter(None, map(value_of, names)), "")


def _value(project: Path, symbol: str) -> str:
    return next((value for text in _texts(project) for value in _assigned(text, symbol)), "")


def _texts(project: Path) -> Iterator[str]:
    for name in _FILES:
        path = project / name
        if path.is_file() and path.stat().st_size <= MAX_SIZE:
            yield path.read_text(encoding="utf-8", errors="replace")


def _assigned(text: str, symbol: str) -> Iterator[str]:
    """Yield what a text gives a symbol: the last assignment of an sdkconfig, or the default of a menu."""
    assigned, in_menu = "", False
    for line in text.splitlines():
        words = line.split(maxsplit=1)
        if line.startswith(f"CONFIG_{symbol}="):
            assigned = line.partition("=")[2]
        elif words[:1] == ["default"] and in_menu:
            assigned, in_menu = words[1] if len(words) > 1 else "", False
        elif words and words[0] in {"config", "menuconfig", "endmenu"}:
            in_menu = words[1:] == [symbol]
    bare = assigned.strip().removeprefix('"').removesuffix('"')
    if bare.strip():
        yield bare
