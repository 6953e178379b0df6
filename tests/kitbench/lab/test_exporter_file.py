"""What an exporter is told."""

import pytest

from kitbench.errors import UsageError
from kitbench.lab.exporter_file import ExportedKit, exporter_text, place_requests, tags_of
from kitbench.lab.lab_name import parse_lab_name


def test_usb_kits_are_matched_by_their_socket_and_network_kits_by_their_address() -> None:
    kits = [
        ExportedKit("red", "/dev/ttyUSB3", "pci-0000:00:14.0-usb-0:2:1.0"),
        ExportedKit("blue", "/dev/ttyACM0"),
        ExportedKit("far", "rfc2217://[::1]:4000"),
    ]

    assert exporter_text(kits) == (
        "red:\n  USBSerialPort:\n    match:\n"
        '      ID_PATH: "pci-0000:00:14.0-usb-0:2:1.0"\n'
        "blue:\n  USBSerialPort:\n    match:\n"
        '      sys_name: "ttyACM0"  # by the kernel\'s name: another one after it was plugged in anew\n'
        'far:\n  NetworkSerialPort:\n    host: "::1"\n    port: 4000\n    protocol: rfc2217\n'
    )


@pytest.mark.parametrize(
    ("kit", "reason"),
    [
        (ExportedKit("{{ 1 }}", "/dev/ttyUSB0"), "cannot have a kit named"),
        (ExportedKit("red:\n  x", "/dev/ttyUSB0"), "cannot have a kit named"),
        (ExportedKit("-p", "/dev/ttyUSB0"), "cannot have a kit named"),
        (ExportedKit("red", "/dev/ttyUSB0", "{% include '/etc/shadow' %}"), "for a template"),
        (ExportedKit("red", "socket://127.0.0.1:4000"), "no reset lines"),
        (ExportedKit("red", "loop://"), "no reset lines"),
    ],
)
def test_what_a_lab_cannot_have_is_refused(kit: ExportedKit, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        exporter_text([kit])


def test_tags_can_be_asked_for_by_name() -> None:
    tags = tags_of(mac="24:0a:c4:00:00:01", chip="ESP32-S3", flash_size="16MB", secure_element="0123456789abcdef01")

    assert tags == {
        "kind": "attached",
        "board": "esp32-s3",
        "chip": "esp32-s3",
        "mac": "240ac4000001",
        "flash": "16mb",
        "se": "atecc608a",
        "se_serial": "0123456789abcdef01",
    }
    named = "labgrid:" + "+".join(f"{tag}={value}" for tag, value in tags.items())
    assert parse_lab_name(named).tags == tags
    assert place_requests(ExportedKit("red", "/dev/ttyUSB0", tags={"mac": "1"}), "bench-a") == [
        ["-p", "red", "create"],
        ["-p", "red", "add-match", "bench-a/red/*"],
        ["-p", "red", "set-tags", "mac=1"],
    ]


@pytest.mark.parametrize(("element", "tag"), [("", None), ("none", "none")])
def test_unknown_element_has_no_tag_and_an_absent_one_has(element: str, tag: str | None) -> None:
    tags = tags_of(mac="", chip="ESP32", flash_size="", secure_element=element)

    assert (tags.get("se"), "mac" in tags, "flash" in tags, "se_serial" in tags) == (tag, False, False, False)
