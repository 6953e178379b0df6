"""`kitbench local-iot-core`: AWS IoT Core on this machine until it is interrupted."""

import contextlib
import ipaddress
import json
import os
import re
import resource
import signal
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import click

from kitbench.errors import BenchError, UsageError
from kitbench.exit_status import ExitStatus
from kitbench.extras import Extra, require
from kitbench.local_iot_core.endpoint import LOOPBACK, Endpoint
from kitbench.quoting.aws_environment import FORGET, assignments

#: How often the parent is looked at, in seconds.
_PARENT_CHECK_S: Final = 0.5
#: Open files wanted: one for each connection.
_FILES: Final = 65_536

#: Labels of a host name, or an address of IPv4 (RFC 1123, 2.1).
HOST_NAME: Final = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\.[A-Za-z0-9][A-Za-z0-9-]{0,62})*")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line when ready, and nothing else.")
@click.option("--listen", default=LOOPBACK, metavar="ADDRESS", help="Let kits of the lab's network in at ADDRESS.")
@click.option(
    "--port", default=0, type=click.IntRange(0, 65535), help="Port of the message broker; default a free one."
)
@click.option(
    "--host-name", "host_names", multiple=True, metavar="NAME", help="A further name or address of this machine."
)
@click.option("--console", is_flag=True, help="Serve the MQTT test client as a page, for a browser on this machine.")
@click.option("--events", type=click.Path(dir_okay=False, path_type=Path), help="Record what happens, and why, here.")
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the CA, things, certificates, policies and rules in this folder, and begin with what it has.",
)
@click.option("--die-with-parent", is_flag=True, help="End when the process that started this one ends.")
def command(  # noqa: PLR0913 - one argument per option
    *,
    as_json: bool,
    listen: str,
    port: int,
    host_names: tuple[str, ...],
    console: bool,
    events: Path | None,
    state: Path | None,
    die_with_parent: bool,
) -> int:
    """Run a local stand-in of AWS IoT Core until SIGINT or SIGTERM.

    \b
    Examples:
      kitbench local-iot-core                        prints the environment for boto3 and the AWS CLI
      kitbench local-iot-core --console              the MQTT test client as a page, for a browser on this machine
      kitbench local-iot-core --state my_cloud       remembers things, certificates, policies, rules
      kitbench local-iot-core --json                 one line: endpoint_url, mqtt_host, mqtt_port, ca_file, region
      kitbench local-iot-core --listen 192.168.1.10  real kits may connect: read the warning

    \b
    Exit status: 0 ended by a signal, 2 it cannot run (port in use, …), 3 usage.
    """  # noqa: D301 - click wants the very character
    require(Extra.LOCAL)
    _check_listen(listen, events)
    _check_names(host_names)
    parent = os.getppid()
    _clean_environment()
    _raise_file_limit()
    from kitbench.local_iot_core.service import LocalIotCore  # noqa: PLC0415 - it is an extra, and --help is not

    console_port = 0 if console else None
    try:
        core = LocalIotCore(
            listen=listen,
            port=port,
            events_path=events,
            host_names=host_names,
            console_port=console_port,
            state=state,
        )
    except OSError as error:
        raise BenchError(f"cannot write {error.filename}: {error.strerror}", stage="cloud") from error
    with _stop_on_signals() as stop, core:
        shown = {"console_url": core.console_url} if console else {}
        click.echo(json.dumps(core.endpoint.to_json() | shown) if as_json else _environment(core.endpoint))
        if console and not as_json:
            click.echo(f"# MQTT test client, keep the address to yourself: {core.console_url}")
        if listen != LOOPBACK:
            click.echo(_warning(core.endpoint), err=True)
        while not stop.wait(_PARENT_CHECK_S if die_with_parent else None):
            if os.getppid() != parent:
                break
    return ExitStatus.GOOD


def _clean_environment() -> None:
    """Forget what would make botocore or moto look for somebody's profile or account."""
    for name in [*os.environ]:
        if name.startswith("MOTO_") or name in {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}:
            del os.environ[name]


def _raise_file_limit() -> None:
    """Allow as many connections as the system does; the usual soft limit ends at a thousand."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextlib.contextmanager
def _stop_on_signals() -> Iterator[threading.Event]:
    """Yield an event that SIGINT and SIGTERM set; put back afterwards what they did before."""
    stop = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    former = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        yield stop
    finally:
        for number, handler in zip(numbers, former, strict=True):
            signal.signal(number, handler)


def _check_listen(listen: str, events: Path | None) -> None:
    try:
        address = ipaddress.ip_address(listen)
    except ValueError as error:
        raise UsageError(f"--listen {listen!r} is no IP address", fix="give an address of this machine") from error
    if address.is_unspecified:
        raise UsageError(f"--listen {listen!r} is every address", fix="give the one that the kits are to use")
    if events is not None and not events.parent.is_dir():
        raise UsageError(f"--events {str(events)!r}: no such folder", fix="make the folder first")


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if not HOST_NAME.fullmatch(name):
            raise UsageError(f"--host-name {name[:80]!r} is no host name", fix="give a name or an IPv4 address")


def _environment(endpoint: Endpoint) -> str:
    """Return what to paste into a shell, and what to configure a client with."""
    keys = (endpoint.access_key_id, endpoint.secret_access_key)
    words = assignments(endpoint.endpoint_url, endpoint.ca_file, endpoint.region, keys)
    return "\n".join(
        [
            "# The local IoT core runs until Ctrl-C. For boto3 and the AWS CLI:",
            FORGET,
            *(f"export {word}" for word in words),
            f"# MQTT over TLS: {endpoint.mqtt_host}:{endpoint.mqtt_port}, root CA {endpoint.ca_file}",
            "# Try: aws iot list-things; for sqs, version 1 of the AWS CLI needs --endpoint-url $AWS_ENDPOINT_URL",
        ]
    )


def _warning(endpoint: Endpoint) -> str:
    return (
        f"WARNING: the message broker listens on {endpoint.mqtt_host}:{endpoint.mqtt_port}. Whoever reaches it "
        "can try to connect: certificates and policies are checked as on AWS, but this is a test stand-in, without "
        "AWS's protection against overload. The control plane, which hands out certificates to anybody, stays on "
        f"{endpoint.endpoint_url} of this machine. Use it on a lab network only, and stop it afterwards."
    )
