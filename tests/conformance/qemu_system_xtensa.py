"""A stand-in of Espressif's `qemu-system-xtensa`: its command line, its monitor, and the virtual kit as the machine.

It takes the arguments that `-machine esp32` takes and refuses others, boots from the very flash image that it is given,
has UART0 on standard input and output, and the host's loopback at 10.0.2.2. What it cannot do as QEMU does fails.
Sources: espressif/qemu hw/xtensa/esp32.c; QEMU's qapi/misc.json and its "QMP specification".
"""

import contextlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

import serial

from kitbench.kit.serial_port import use_quick_rfc2217
from kitbench.virtual_kit.kit import KitOptions, VirtualKit

VERSION: Final = "QEMU emulator version 9.0.0 (esp_stand_in_of_kitbench)"
HOST: Final = "10.0.2.2"
FLASH_SIZES: Final = (2 << 20, 4 << 20, 8 << 20, 16 << 20)
EFUSE_SIZE: Final = 124
#: Properties that the machine has, of those that anybody sets.
GLOBALS: Final = {
    ("nvram.esp32.efuse", "drive"),
    ("esp32.gpio", "strap_mode"),
    ("timer.esp32.timg", "wdt_disable"),
}
FLASH_BOOT: Final = ("0x12", "0x13")


def die(message: str) -> NoReturn:
    """End as QEMU does when it does not start."""
    sys.stderr.write(f"qemu-system-xtensa: {message}\n")
    raise SystemExit(1)


def options_of(text: str) -> dict[str, str]:
    """Return QEMU's `key=value,…`; two commas are one, a word without a value is an empty one."""
    words = text.replace(",,", "\0").split(",")
    pairs = (word.replace("\0", ",").partition("=") for word in words)
    return {key: value for key, _, value in pairs}


@dataclass
class CommandLine:
    """What was asked for."""

    switches: set[str] = field(default_factory=set)
    values: dict[str, list[str]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """Return the value of an option that is there once."""
        given = self.values.get(name, [])
        return given[0] if len(given) == 1 else die(f"{name}: given {len(given)} times")


def parse(arguments: Sequence[str]) -> CommandLine:
    """Return the options; end for one that is not known here."""
    line, words = CommandLine(), iter(arguments)
    for word in words:
        if word == "-nographic":
            line.switches.add(word)
        elif word in ("-machine", "-nic", "-drive", "-global", "-qmp"):
            line.values.setdefault(word, []).append(next(words, ""))
        else:
            die(f"{word}: invalid option")
    return line


def flash_of(line: CommandLine) -> Path:
    """Return the flash image after checking all that the machine is made of."""
    if line.one("-machine") != "esp32":
        die(f"unsupported machine type: {line.one('-machine')!r}")
    if "-nographic" not in line.switches:
        die("gtk initialization failed")
    if line.one("-nic") != "user,model=open_eth":
        die(f"-nic {line.one('-nic')}: the machine has open_eth only")
    drives = [options_of(text) for text in line.values.get("-drive", [])]
    if any(drive.get("format") != "raw" for drive in drives):
        die("a drive without format=raw: its first block could not be written")
    check_efuses(line, [drive for drive in drives if drive.get("if") == "none"])
    flashes = [Path(drive["file"]) for drive in drives if drive.get("if") == "mtd"]
    if len(flashes) != 1 or not flashes[0].is_file():
        die(f"-drive: no flash image in {[str(flash) for flash in flashes]}")
    if flashes[0].stat().st_size not in FLASH_SIZES:
        die("Error: only 2, 4, 8, 16 MB flash images are supported")
    return flashes[0]


def check_efuses(line: CommandLine, drives: list[dict[str, str]]) -> None:
    """Make sure that the eFuse file is there, and tied to the eFuses; that the chip is strapped for its flash."""
    settings = {}
    for text in line.values.get("-global", []):
        given = options_of(text)
        key = (given.get("driver", ""), given.get("property", ""))
        if key not in GLOBALS:
            die(f"-global {text}: nobody has that property")
        settings[key] = given.get("value", "")
    named = {drive.get("id", ""): Path(drive["file"]) for drive in drives}
    if set(named) != {value for key, value in settings.items() if key == ("nvram.esp32.efuse", "drive")}:
        die(f"machine type does not support if=none for drives {sorted(named)}")
    if any(path.stat().st_size != EFUSE_SIZE for path in named.values()):
        die("the eFuse file has not the size of an ESP32's eFuses")
    if settings.get(("esp32.gpio", "strap_mode"), FLASH_BOOT[0]) not in FLASH_BOOT:
        die("the strapping pins do not boot from flash, and nothing else is modelled")


class Machine:
    """The kit: EN is what `stop` and `system_reset` are made of."""

    def __init__(self, port: Any) -> None:
        self._port = port
        self._is_running = True
        self._may_go_on = True
        self.ended = threading.Event()

    def execute(self, command: str) -> dict[str, Any]:
        """Carry out a command of the monitor; return its answer."""
        match command:
            case "qmp_capabilities":
                pass
            case "query-status":
                return {"return": {"running": self._is_running, "status": "running" if self._is_running else "paused"}}
            case "stop":
                self._port.rts, self._is_running, self._may_go_on = True, False, False
            case "system_reset":
                self._port.rts = True
                self._port.rts = not self._is_running
                self._may_go_on = True
            case "cont" if not self._may_go_on:
                # The kit cannot be frozen: it is in reset, and what ran before is gone.
                return {"error": {"class": "GenericError", "desc": "the stand-in goes on only after system_reset"}}
            case "cont":
                self._port.rts, self._is_running = False, True
            case "quit":
                self.ended.set()
            case _:
                return {"error": {"class": "CommandNotFound", "desc": f"The command {command} has not been found"}}
        return {"return": {}}


def serve_monitor(listener: socket.socket, machine: Machine) -> None:
    """Serve one client of the monitor after the other."""
    while True:
        client, _ = listener.accept()
        with client, contextlib.suppress(OSError):
            version = {"qemu": {"major": 9, "minor": 0, "micro": 0}, "package": "stand-in"}
            tell(client, {"QMP": {"version": version, "capabilities": []}})
            for request in requests(client):
                answer = machine.execute(request["execute"])
                tell(client, answer | ({"id": request["id"]} if "id" in request else {}))


def requests(client: socket.socket) -> Iterator[dict[str, Any]]:
    """Yield what a client asks: JSON objects, which need no line ends between them."""
    text, decoder = "", json.JSONDecoder()
    while received := client.recv(4096):
        text = (text + received.decode()).lstrip()
        while text:
            try:
                request, end = decoder.raw_decode(text)
            except ValueError:
                break
            text = text[end:].lstrip()
            yield request


def tell(client: socket.socket, message: dict[str, Any]) -> None:
    """Send one message."""
    client.sendall(json.dumps(message).encode() + b"\r\n")


def monitor_of(line: CommandLine) -> socket.socket:
    """Open the monitor's port."""
    address, *rest = line.one("-qmp").split(",")
    kind, host, port = address.split(":")
    if kind != "tcp" or "server" not in rest or not {"wait=off", "nowait"} & set(rest):
        die(f"-qmp {line.one('-qmp')}: not a server that starts at once")
    return socket.create_server((host, int(port)))


def use_user_mode_network() -> tuple[tuple[str, int], ...]:
    """Let this process find the host's loopback at 10.0.2.2; return all that the kit can reach there."""
    find = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        return find("127.0.0.1" if host == HOST else host, *arguments, **options)

    socket.getaddrinfo = getaddrinfo
    return tuple((HOST, port) for port in range(1, 65536))


@contextlib.contextmanager
def uart(kit: VirtualKit) -> Iterator[Any]:
    """Yield the kit's UART, its EN low until now."""
    use_quick_rfc2217()
    with serial.serial_for_url(kit.url, baudrate=115200, timeout=0.05) as port:
        port.dtr, port.rts = False, True
        port.reset_input_buffer()
        port.rts = False
        yield port


def copy_in(port: Any, machine: Machine) -> None:
    """Copy standard input to the UART; the end of it is the end of whoever started this."""
    while data := os.read(0, 4096):
        port.write(data)
    machine.ended.set()


def main(arguments: Sequence[str]) -> int:
    """Run the machine until the monitor, a signal or the end of standard input ends it."""
    if list(arguments) == ["--version"]:
        sys.stdout.write(f"{VERSION}\n")
        return 0
    line = parse(arguments)
    flash = flash_of(line)
    listener = monitor_of(line)
    sys.stdout.write("Adding SPI flash device\n")
    sys.stdout.flush()
    options = KitOptions(name="qemu", flash_file=flash, access_point=use_user_mode_network())
    with VirtualKit(options) as kit, uart(kit) as port:
        machine = Machine(port)
        signal.signal(signal.SIGTERM, lambda *_: machine.ended.set())
        for target, given in ((serve_monitor, (listener, machine)), (copy_in, (port, machine))):
            threading.Thread(target=target, args=given, daemon=True).start()
        while not machine.ended.is_set():
            sys.stdout.buffer.write(port.read(max(1, port.in_waiting)))
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))  # the thread that waits for input would keep the interpreter
