"""A project on a virtual kit beside a local core: built as it is, its identity registered, its endpoint led there."""

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from kitbench.bench.bench_cloud import open_cloud
from kitbench.bench.builds.finished_build import own_names_of
from kitbench.bench.builds.firmware_build import FirmwareBuild, build_in
from kitbench.bench.project_run.build_warnings import build_warnings
from kitbench.bench.project_run.carried_identity import CarriedIdentity, carried_by, carried_in
from kitbench.bench.project_run.line_tail import LineTail
from kitbench.bench.project_run.open_run import OpenRun, Reporting, RunOrder, Say
from kitbench.bench.project_run.registration import register
from kitbench.bench.project_run.set_up_remarks import Remark, remark_of_event, remark_of_kit
from kitbench.bench.project_run.stand_in_device import missing_parts, stand_in_overlay
from kitbench.bench.project_run.surroundings import Surroundings
from kitbench.bench.stand_in import running
from kitbench.board.board_file import read_board
from kitbench.cloud.endpoint import Endpoint
from kitbench.firmware.flash_size import flash_size_name
from kitbench.firmware.overlay import Overlay
from kitbench.quoting.aws_environment import FORGET, assignments
from kitbench.virtual_kit.toolchain import build_confined

_KIT_FLASH: Final = "kit_flash.bin"
_KIT_EFUSES: Final = "kit_efuses.bin"
#: Certificates of one firmware that are registered.
_MOST_CERTIFICATES: Final = 4


@contextmanager
def open_virtual_run(order: RunOrder, say: Say, reporting: Reporting) -> Iterator[OpenRun]:
    """Build, register, start core and kit; everything ends with the context.

    Args:
        order: what the user asked for.
        say: takes a line of what was done.
        reporting: opens what is told how far the build is.

    Raises:
        KitError, GapError: the project does not build.
        BenchError, CloudError: kit or core do not start.
    """
    read_board(order.board)  # one that nobody knows is told before anything is built
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kitbench-run-")))
        build = _build(order, order.build_dir or folder / "build", say, reporting)
        carried = carried_by(build)
        led = Surroundings.of(carried.endpoints, own_names_of(build.folder), order.lead)
        cloud = stack.enter_context(open_cloud("local", folder, host_names=led.names, state=order.state))
        _tell_way(led, cloud, say)
        _register(cloud, carried, order, say)
        log = folder / "kit.log"
        size = flash_size_name(build.flash_size)
        ready = stack.enter_context(running("virtual-kit", "--flash-size", size, *_kit_options(order, led, cloud, log)))
        if ready["flash_size"] < build.flash_size:
            say(f"warning: the kit that --state keeps has a smaller flash than {size}: remove {_KIT_FLASH} for another")
        yield OpenRun(build, ready["port"], _remarks(cloud, log, led))


def _build(order: RunOrder, folder: Path, say: Say, reporting: Reporting) -> FirmwareBuild:
    overlay = Overlay(kconfig=dict(order.settings))
    if missing := missing_parts(order.project):
        overlay = stand_in_overlay(order.project, missing, order.state).merged_with(overlay)
        say(f"the project lacks {', '.join(map(str, missing))}: laid over its copy, made for this run")
    say(f"building {order.project}")
    with reporting() as progress:
        built = build_confined(
            order.project,
            folder,
            overlay=overlay,
            variant=order.variant,
            esp_aws_iot=order.esp_aws_iot,
            idf=order.idf,
            progress=progress,
        )
    build = build_in(folder)
    say(f"built {build.app.name}, {build.app.stat().st_size:,} bytes, in {built.seconds:.1f} s")
    for line in build_warnings(build):
        say(f"warning: {line}")
    return build


def _tell_way(led: Surroundings, cloud: Endpoint, say: Say) -> None:
    for name in led.names:
        say(f"{name} is led to the local IoT core at {cloud.mqtt_host}:{cloud.mqtt_port}")
    if not led.names:
        say("the firmware names no endpoint of AWS IoT: its Wi-Fi leads nowhere; see --lead")
    say(f"its control plane, for the AWS CLI: {_environment(cloud)}")


def _environment(cloud: Endpoint) -> str:
    assert cloud.endpoint_url is not None
    assert cloud.credentials is not None
    # Keys of this core alone, which checks them at its WebSocket and is gone with this run.
    keys = (cloud.credentials.access_key_id, cloud.credentials.secret_access_key)
    return f"{FORGET}; export {' '.join(assignments(cloud.endpoint_url, str(cloud.ca_file), cloud.region, keys))}"


def _register(cloud: Endpoint, carried: CarriedIdentity, order: RunOrder, say: Say) -> None:
    certificates = carried.own or carried.devices or carried.candidates
    if order.state is not None and (flash := order.state / _KIT_FLASH).is_file():
        certificates += carried_in(flash.read_bytes()).own
    name = order.project.resolve().name
    for certificate in list(dict.fromkeys(certificates))[:_MOST_CERTIFICATES]:
        say(str(register(cloud, certificate, name)))
    if not certificates:
        say("the firmware carries no certificate of a device: nothing was registered")


def _kit_options(order: RunOrder, led: Surroundings, cloud: Endpoint, log: Path) -> list[str]:
    # Its Wi-Fi is there though the firmware may know no endpoint: this machine's core has a name of its own.
    ways = [*led.access_points(cloud), f"{cloud.mqtt_host}:{cloud.mqtt_port}"]
    options = [word for way in ways for word in ("--access-point", way)]
    board = read_board(order.board)
    options += ["--board", board.name, "--secure-element", board.secure_element_profile]
    options += ["--log", str(log), "--stand-in-root", str(cloud.ca_file)]
    if order.state is not None:
        options += ["--flash", str(order.state / _KIT_FLASH), "--efuses", str(order.state / _KIT_EFUSES)]
    return options


def _remarks(cloud: Endpoint, log: Path, led: Surroundings) -> Callable[[], list[Remark]]:
    assert cloud.events_file is not None
    events, lines, ports = LineTail(cloud.events_file), LineTail(log), led.usual_ports

    def new() -> list[Remark]:
        found = itertools.chain(
            map(remark_of_event, events.new_lines()),
            (remark_of_kit(line, ports) for line in lines.new_lines()),
        )
        return [remark for remark in found if remark is not None]

    return new
