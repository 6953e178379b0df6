"""Which kit: the one place that knows that a kit may be a stand-in."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from kitbench.bench.builds.variant import Variant
from kitbench.bench.kits.bench_file import NamedKit
from kitbench.bench.kits.run_options import RunOptions
from kitbench.board.door import door_of
from kitbench.errors import BenchError, UsageError
from kitbench.extras import Extra, require
from kitbench.kit import qemu
from kitbench.kit.line_signature import signature_of
from kitbench.kit.serial_port import attached_ports, canonical, find_one_kit, is_there
from kitbench.kit_list import QEMU, STAND_INS, VIRTUAL
from kitbench.lab.lab_name import LabName, is_lab_name, parse_lab_name
from kitbench.lab.labgrid_client import find_client
from kitbench.lab.lease import leased

#: The one attached.
AUTO: Final = "auto"
#: Kits that are started: each worker has its own.
STARTED: Final = STAND_INS
#: Why a kind of kit cannot have a variant.
LACKS: Final[Mapping[tuple[str, Variant], str]] = {
    (QEMU, Variant.ATECC608A): "QEMU has no ATECC608A",
}

#: What a virtual kit says that it is, by RFC 2217.
SIGNATURE: Final = "kitbench virtual kit"
#: In `bench.toml`'s order.
ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class KitChoice:
    """A kit that is there, or can be started.

    Attributes:
        kind: `virtual`, `qemu` or `attached`.
        port: what esptool's `--port` takes; "" for a kit that is started, which has none before it runs. A virtual kit
            that somebody else started has one.
        mac: the MAC that it must have, "" when any will do.
        secure_element: the serial that its secure element must have, "" when any will do.
        flash_size: that it must have, such as ``"4MB"``; "" when any will do.
        wiring: Kconfig symbols and values for how its board has the secure element.
        lab: its place or its tags, where it is a lab's and has no port before it is leased.
    """

    kind: str
    port: str = ""
    mac: str = ""
    secure_element: str = ""
    flash_size: str = ""
    wiring: tuple[tuple[str, str], ...] = ()
    lab: LabName | None = None

    @property
    def is_started(self) -> bool:
        """Whether the run starts the kit itself, so that each worker has its own."""
        return self.kind in STARTED and not self.port

    @property
    def where(self) -> str:
        """Its port, or its name in a lab."""
        return self.port or str(self.lab)

    @property
    def host_names(self) -> tuple[str, ...]:
        """By which names the kit knows this machine's loopback, beyond those that the machine has for it."""
        return (qemu.HOST,) if self.kind == QEMU else ()


@dataclass(frozen=True, slots=True)
class Worker:
    """The process that runs tests: the only one, or one of those that pytest-xdist spreads them over."""

    number: int = 0
    count: int = 1
    is_spread: bool = False

    @property
    def name(self) -> str:
        """pytest-xdist's name of it, "" for the only one."""
        return f"gw{self.number}" if self.is_spread else ""


def choose_kits(options: RunOptions) -> tuple[KitChoice, ...]:
    """Return the kits that a run's `--kit` means.

    Raises:
        UsageError: as `kits_meant` does; or a variant was asked for that they cannot have.
    """
    for variant in options.variants:
        if reason := LACKS.get((options.kit, variant)):
            raise UsageError(f"--variant {variant}: {reason}", stage="kit", fix="use --kit virtual, or a real one")
    return kits_meant(options.kit, options.bench.kits, with_lab=True)


def kits_meant(kit: str, named: Mapping[str, NamedKit], *, with_lab: bool = False) -> tuple[KitChoice, ...]:
    """Return the kits that `--kit` means; `auto` is the one attached and never a virtual one.

    Args:
        kit: as it was given.
        named: the kits of `bench.toml`.
        with_lab: whoever asks leases a lab's kits before they are used.

    Raises:
        UsageError: no kit is attached, or several are and none was chosen; a kit is named twice or not in `bench.toml`;
            QEMU, or what the virtual kit needs, is not installed.
    """
    if kit == QEMU:
        qemu.find_qemu()
    if kit == VIRTUAL:
        require(Extra.VIRTUAL)
    if kit in STARTED:
        return (KitChoice(kit),)
    if kit == AUTO:
        return (KitChoice("attached", find_one_kit(attached_ports())),)
    names = names_meant(kit, named)
    kits = tuple(_kit_of(name, named, with_lab=with_lab) for name in names)
    certain = [one.where for one in kits if one.lab is None or one.lab.place]
    if len(set(certain)) < len(certain):
        raise UsageError(f"--kit {kit} has a kit twice", stage="kit")
    return kits


def names_meant(kit: str, named: Mapping[str, NamedKit]) -> list[str]:
    """Return the names and ports of a list; `all` means those of `bench.toml` that are attached.

    Raises:
        UsageError: `all`, and there is none.
    """
    if kit != ALL:
        return [name.strip() for name in kit.split(",")]
    names = [name for name, one in named.items() if one.port]
    if not names:
        fix = "name its kits there: kitbench kits scan --write"
        raise UsageError("bench.toml has no [kits.NAME] with a port", stage="kit", fix=fix)
    return names


def _kit_of(name: str, named: Mapping[str, NamedKit], *, with_lab: bool) -> KitChoice:
    if not is_lab_name(name):
        return _named_or_port(name, named)
    if not with_lab:
        fix = "acquire it (labgrid-client -p PLACE acquire) and give its port: rfc2217://HOST:PORT"
        raise UsageError(f"--kit {name}: only pytest and `kitbench grade` lease a lab's kits", stage="kit", fix=fix)
    find_client()
    return KitChoice("attached", lab=parse_lab_name(name))


@contextmanager
def at_hand(kit: KitChoice, tell: Callable[[str], None]) -> Iterator[KitChoice]:
    """Yield the kit with its port; one of a lab is leased until the end.

    Args:
        kit: as `choose_kits` returns it.
        tell: is told who has the lab's kit, while it is waited for.

    Raises:
        BenchError: it cannot be leased.
    """
    if kit.lab is None:
        yield kit
        return
    with leased(kit.lab, find_client(), tell=tell) as lease:
        port = canonical(lease.port)
        kind = _kind_on(port)
        if kind != VIRTUAL:
            _require_real(port, lease.place)
        yield replace(kit, kind=kind, port=port, lab=LabName(lease.place))


def _named_or_port(name: str, named: Mapping[str, NamedKit]) -> KitChoice:
    if name in named:
        kit = named[name]
        if not kit.port:
            fix = "plug it in, and run: kitbench kits scan --write"
            raise UsageError(f"the kit {name!r} has no port: it was not attached", stage="kit", fix=fix)
        port = canonical(kit.port)
        return KitChoice(_kind_on(port), port, kit.mac, kit.secure_element, kit.flash_size, kit.wiring)
    if name in ("", AUTO, *STARTED, ALL):
        raise UsageError(
            f"{name!r} cannot be one of several kits", stage="kit", fix="name ports, or kits of bench.toml"
        )
    port = canonical(name)
    return KitChoice(_kind_on(port), port)


def _kind_on(port: str) -> str:
    """Return what is on a port: a virtual kit of this user's says so, every other kit counts as a real one."""
    return VIRTUAL if "://" in port and door_of(port) is not None else "attached"


def _require_real(port: str, place: str) -> None:
    """Make sure that a lab's kit, which is no virtual one of this user's, is none of anybody's.

    Raises:
        BenchError: it says on the wire that it is one: firmware for a real kit does not run on it, and only who started
            it can lead its Wi-Fi to a cloud.
    """
    if signature_of(port) == SIGNATURE:
        raise BenchError(
            f"the place {place} has a virtual kit of another user or machine: its Wi-Fi cannot be led from here",
            stage="kit",
            fix="run where it runs, as the user who started it; or --kit virtual",
        )


def share_of(kits: tuple[KitChoice, ...], worker: Worker) -> tuple[KitChoice, ...]:
    """Return a worker's own kits, its first choice first; of those that are started each worker starts its own.

    Raises:
        UsageError: there are more workers than kits.
    """
    if kits[0].is_started:
        return kits
    if worker.count > len(kits):
        raise UsageError(
            f"{worker.count} workers, but only {len(kits)} kits: {', '.join(kit.where for kit in kits)}",
            stage="kit",
            fix=f"pytest -n {len(kits)}",
        )
    return kits[worker.number :: worker.count]


def require_alike(kits: tuple[KitChoice, ...]) -> None:
    """Make sure that one build does for all kits of a pool.

    Raises:
        UsageError: they are of several kinds, or wired in several ways.
    """
    ways = {(kit.kind, kit.wiring) for kit in kits}
    if len(ways) > 1:
        found = ", ".join(sorted({f"{kind}{' with wiring of its own' if wiring else ''}" for kind, wiring in ways}))
        raise UsageError(
            f"the kits of a pool are not alike: {found}", stage="kit", fix="grade with one kind after the other"
        )


def require_port(kits: tuple[KitChoice, ...]) -> None:
    """Make sure that one of a worker's kits may be there; which of them is fit shows when they are asked.

    Raises:
        UsageError: none of their ports exists.
    """
    if any(kit.is_started or kit.lab or is_there(kit.port) for kit in kits):
        return
    seen = ", ".join(port.device for port in attached_ports()) or "no serial port at all"
    raise UsageError(
        f"there is no {' and no '.join(kit.port for kit in kits)} (seen: {seen})",
        stage="kit",
        fix="check cable and name; --kit takes ports, or names of bench.toml",
    )


def require_cloud(options: RunOptions) -> str:
    """Return the cloud that was chosen.

    Raises:
        UsageError: nobody chose one, there is no default since it may cost money; or it is AWS and there are no
            credentials; or it is the local one, and what that needs is not installed.
    """
    if options.cloud is None:
        raise UsageError(
            "no cloud was chosen",
            stage="cloud",
            fix="add --cloud local (free, this machine) or --cloud aws (costs messages), or cloud = … in bench.toml",
        )
    if options.cloud == "aws":
        from kitbench.cloud.endpoint import require_credentials  # noqa: PLC0415 - boto3 is slow to load

        require_credentials()
    else:
        require(Extra.LOCAL)
    return options.cloud
