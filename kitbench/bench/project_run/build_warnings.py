"""What ESP-IDF builds all the same and no cloud will take: told at build time, and never a reason not to build."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from kitbench.bench.builds.build_description import read_object
from kitbench.bench.builds.finished_build import SETTINGS
from kitbench.bench.builds.firmware_build import FirmwareBuild
from kitbench.bench.project_run.carried_identity import CarriedIdentity, carried_by
from kitbench.host_name import bare_host

#: Kconfig symbols that name an MQTT endpoint: `AWS_IOT_MQTT_HOST`, `MQTT_BROKER_ENDPOINT`, `BROKER_HOST` …
_ENDPOINT: Final = re.compile(r"(?:.*_)?(?:AWS|IOT|MQTT|BROKER)(?:_.*)?_(?:HOST|HOSTNAME|ENDPOINT)")
_SHOWN: Final = 80


def build_warnings(build: FirmwareBuild) -> list[str]:
    """Return a line for each thing that is wrong with a finished build's identity or endpoint."""
    carried = carried_by(build)
    return [*_of_keys(carried), *_of_endpoint(carried, read_object(build.folder / SETTINGS))]


def _of_keys(carried: CarriedIdentity) -> Iterator[str]:
    if carried.has_closed_key:
        yield "a private key in the image is encrypted: mbedTLS cannot read it without its password"
    if carried.keys and carried.candidates and not carried.own:
        names = ", ".join(one.subject.rfc4514_string()[:_SHOWN] for one in carried.candidates[:3])
        yield (
            f"private key and certificate do not belong together: no key in the image is that of {names}; "
            "the endpoint will refuse the connection: take both files of one download"
        )
    if carried.devices and not carried.authorities:
        yield "the image carries a certificate and no root CA: the endpoint cannot be verified"


def _of_endpoint(carried: CarriedIdentity, settings: Mapping[str, object]) -> Iterator[str]:
    if carried.endpoints:
        return
    named = {name: value for name, value in settings.items() if _ENDPOINT.fullmatch(name) and isinstance(value, str)}
    for name, value in sorted(named.items()):
        if not value.strip():
            yield f"CONFIG_{name} is empty: the firmware has no endpoint to connect to; set it by `idf.py menuconfig`"
        elif bare_host(value) != value.lower():
            yield f"CONFIG_{name} is {value[:_SHOWN]!r}, which is no host name{_instead(value)}"


def _instead(value: str) -> str:
    host = bare_host(value)
    return f": write {host!r}" if host else ""
