"""udev's path of a port."""

from pathlib import Path

from kitbench.kit.usb_path import usb_path_of


def test_path_is_the_links_name_without_the_port(tmp_path: Path) -> None:
    devices, links = tmp_path / "dev", tmp_path / "by-path"
    devices.mkdir()
    links.mkdir()
    for number, socket in ((0, "0:1.4:1.0"), (1, "0:2:1.0")):
        (devices / f"ttyUSB{number}").touch()
        (links / f"pci-0000:00:14.0-usb-{socket}-port0").symlink_to(devices / f"ttyUSB{number}")

    assert usb_path_of(str(devices / "ttyUSB1"), links) == "pci-0000:00:14.0-usb-0:2:1.0"
    assert usb_path_of(str(devices / "ttyUSB0"), links) == "pci-0000:00:14.0-usb-0:1.4:1.0"
    assert usb_path_of(str(devices / "ttyUSB2"), links) == ""
    assert usb_path_of("/dev/ttyUSB0", tmp_path / "none") == ""
