"""The two ends of the wire, opened: a kit's port with its build tool, and a cloud's endpoint.

With `kit_choice` this is the only place that knows stand-ins; what it returns tells nobody.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from kitbench.cloud.endpoint import Endpoint, aws_endpoint, local_endpoint
from kitbench.firmware.overlay import Overlay
from kitbench.kit.esp_idf import find_esp_idf
from kitbench.kit.serial_port import use_quick_rfc2217
from kitbench.pytest_plugin.firmware_build import FirmwareBuild, FirmwareSource, build_in
from kitbench.pytest_plugin.kit_choice import VIRTUAL, KitChoice
from kitbench.pytest_plugin.kit_health import first_healthy
from kitbench.pytest_plugin.options import Variant
from kitbench.pytest_plugin.stand_in import running
from kitbench.virtual_kit.toolchain import build_project


class Builder(Protocol):
    """Builds a project for a kind of kit."""

    def __call__(self, source: FirmwareSource, folder: Path, variant: Variant, overlay: Overlay) -> FirmwareBuild:
        """Build into `folder`; raise KitError where the project is at fault."""


@dataclass(frozen=True, slots=True)
class BenchKit:
    """A kit that can be flashed.

    Attributes:
        port: what esptool's `--port` takes.
        build: the build tool for it.
        description: what the run report says of it.
        secure_element: the serial that its secure element must have, "" when any will do.
    """

    port: str
    build: Builder
    description: dict[str, Any] = field(default_factory=dict)
    secure_element: str = ""


@contextmanager
def open_kit(
    choice: KitChoice,
    reachable: Iterable[tuple[str, int]],
    log: Path,
    *,
    clock_factor: float = 1.0,
    spares: tuple[KitChoice, ...] = (),
) -> Iterator[BenchKit]:
    """Yield the kit; a virtual one is started, with an access point that leads to `reachable` (host, port) alone.

    Raises:
        BenchError: neither the kit nor a spare one is fit.
    """
    use_quick_rfc2217()
    if choice.kind != VIRTUAL:
        kit = first_healthy((choice, *spares))
        description: dict[str, Any] = {"kind": kit.choice.kind, "port": kit.choice.port, "chip": kit.identity.chip}
        description |= {"mac": kit.identity.mac} | ({"put_aside": dict(kit.put_aside)} if kit.put_aside else {})
        yield BenchKit(kit.choice.port, _build_with_esp_idf, description, kit.choice.secure_element)
        return
    access_points = [option for host, port in reachable for option in ("--access-point", f"{host}:{port}")]
    options = ("--secure-element", "tcustom_locked", "--clock-factor", str(clock_factor), "--log", str(log))
    with running("virtual-kit", *access_points, *options) as ready:
        yield BenchKit(ready["port"], _build_for_virtual_kit, {"kind": choice.kind} | ready)


@contextmanager
def open_cloud(kind: str, folder: Path) -> Iterator[Endpoint]:
    """Yield the endpoint; a local IoT core is started, AWS is asked where it is."""
    if kind == "aws":
        yield aws_endpoint(folder)
        return
    with running("local-iot-core", "--events", str(folder / "local_iot_core_events.jsonl")) as ready:
        yield local_endpoint(ready)


def _build_for_virtual_kit(source: FirmwareSource, folder: Path, variant: Variant, overlay: Overlay) -> FirmwareBuild:
    build_project(source.project, folder, variant=variant.firmware, overlay=overlay, esp_aws_iot=source.esp_aws_iot)
    return build_in(folder)


def _build_with_esp_idf(source: FirmwareSource, folder: Path, variant: Variant, overlay: Overlay) -> FirmwareBuild:
    return build_in(find_esp_idf().build(source.project, folder, variant.firmware, overlay))
