"""Where in the USB tree a serial port is, by udev's words for it."""

from pathlib import Path
from typing import Final

BY_PATH: Final = Path("/dev/serial/by-path")


def usb_path_of(device: str, by_path: Path = BY_PATH) -> str:
    """Return udev's `ID_PATH` of a port, which stays with its socket; "" where udev has no link for it.

    The link is `ID_PATH` and `-port0`, udev's number of the interface's ports.
    """
    target = Path(device).resolve()
    links = sorted(by_path.iterdir()) if by_path.is_dir() else []
    found = next((link.name for link in links if link.resolve() == target), "")
    # Newer udev also writes links that begin with pci-…-usbv2-…: the shorter, older one is ID_PATH.
    return found.rpartition("-port")[0]
