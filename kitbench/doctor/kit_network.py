"""Reset, and the network as the kit sees it, by what the kit prints: Wi-Fi, name service, the broker's port.

Only the kit can tell. It is restarted and listened to for a moment; nothing is flashed. Texts: `docs/log-lines.md`, and
of ESP-IDF v5.1.4 and v5.5 esp_netif_handlers.c, esp_tls.c, esp_tls_mbedtls.c. Unverified with a real access point.
"""

import re
import time
from collections.abc import Mapping
from typing import Final

import serial

from kitbench.doctor.check import Line, State
from kitbench.kit.console_on_port import KEPT, PortLine
from kitbench.kit.serial_port import use_quick_rfc2217

LISTENS_FOR_S: Final = 10.0
READ_EVERY_S: Final = 0.1
RESET: Final = "reset"
NETWORK: Final = "Wi-Fi from the kit"
BROKER: Final = "broker from the kit"

#: The boot ROM's line about a start by power or EN: `POWERON_RESET` of an ESP32, `POWERON` of later chips.
STARTED: Final = re.compile(r"rst:0x1 \(POWERON")
ADDRESS: Final = re.compile(r"(?:Connected with IP Address:|(?:sta|eth) ip: )(\d+\.\d+\.\d+\.\d+)")
NOT_JOINED: Final = re.compile(r"disconnected \(reason (\d+)\)")
CONNECTED: Final = "MQTT connected"
NO_NAME: Final = re.compile(r"couldn't get hostname for :([^:\s]+):")
NO_HANDSHAKE: Final = re.compile(r"mbedtls_ssl_handshake returned (-0x[0-9A-Fa-f]+)")
NO_TCP: Final = re.compile(r"\[sock=\d+\] ((?:delayed connect|connect\(\)|select\(\)) (?:error: .{1,60}|timeout))")
FAILED: Final = re.compile(r"Error\((-?\d+)\) connecting to (\S+)")
#: `wifi_err_reason_t`, esp_wifi_types.h: those that a wrong description of the lab causes.
REASONS: Final[Mapping[int, str]] = {
    15: "wrong password",
    201: "no such network in reach",
    202: "wrong password",
    204: "wrong password",
}
FLASH_IT: Final = "flash firmware that connects, then look again: pytest -m hardware -k mutual_authentication"


def network(port: str) -> list[Line]:
    """Return what a port's kit says after a reset, of that and of its network; raises serial.SerialException."""
    use_quick_rfc2217()
    with serial.serial_for_url(port, baudrate=115200, timeout=READ_EVERY_S) as opened:
        PortLine(opened).restart()
        deadline, log = time.monotonic() + LISTENS_FOR_S, b""
        while CONNECTED.encode() not in log and time.monotonic() < deadline:
            log = (log + opened.read(max(1, opened.in_waiting)))[-KEPT:]
    text = log.decode("utf-8", "replace")
    return [judge_reset(text), *judge(text)]


def judge_reset(log: str) -> Line:
    """Return the line for a serial log from the moment on when EN was released."""
    if STARTED.search(log):
        return Line(RESET, State.OK, "the kit starts over when EN is pulsed")
    said = "something else" if log.strip() else "nothing"
    return Line(
        RESET, State.FAIL, f"after a pulse on EN the kit printed {said}", "check the auto-reset circuit (RTS, EN)"
    )


def judge(log: str) -> list[Line]:
    """Return the lines for a serial log from the kit's start on."""
    address = ADDRESS.search(log)
    if address is None:
        return [_not_joined(log)]
    return [Line(NETWORK, State.OK, f"joined, address {address[1]}"), _broker(log)]


def _not_joined(log: str) -> Line:
    reason = NOT_JOINED.search(log)
    if reason is None:
        return Line(NETWORK, State.WARN, "the firmware on the kit says nothing of a network", FLASH_IT)
    meaning = REASONS.get(int(reason[1]), "see wifi_err_reason_t")
    return Line(NETWORK, State.FAIL, f"not joined, reason {reason[1]}: {meaning}", "correct [wifi] in bench.toml")


def _broker(log: str) -> Line:
    if CONNECTED in log:
        return Line(BROKER, State.OK, "connected, with TLS and MQTT")
    if name := NO_NAME.search(log):
        return Line(BROKER, State.FAIL, f"{name[1]} has no address", "check the DNS of the kit's network")
    if tcp := NO_TCP.search(log):
        return Line(BROKER, State.FAIL, tcp[1], "let TCP 8883 out of the kit's network")
    if code := NO_HANDSHAKE.search(log) or FAILED.search(log):
        detail = f"answers, but refuses the kit ({code[1]}): its certificate is of a run that is over, most likely"
        return Line(BROKER, State.WARN, detail, FLASH_IT)
    return Line(BROKER, State.WARN, f"not connected within {LISTENS_FOR_S:g} s, and no reason is told", FLASH_IT)
