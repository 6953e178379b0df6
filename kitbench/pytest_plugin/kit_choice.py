"""Which kit: the one place that knows that a kit may be a stand-in."""

from dataclasses import dataclass
from typing import Final

from kitbench.errors import UsageError
from kitbench.kit.serial_port import attached_ports, find_one_kit
from kitbench.pytest_plugin.options import RunOptions

VIRTUAL: Final = "virtual"


@dataclass(frozen=True, slots=True)
class KitChoice:
    """A kit that is there, or can be started.

    Attributes:
        kind: `virtual` or `attached`.
        port: what esptool's `--port` takes; "" for a virtual kit, which has none before it runs.
        mac: the MAC that it must have, "" when any will do.
        secure_element: the serial that its secure element must have, "" when any will do.
    """

    kind: str
    port: str = ""
    mac: str = ""
    secure_element: str = ""


def choose_kit(options: RunOptions) -> KitChoice:
    """Return the kit that `--kit` means; `auto` is the one attached and never a virtual one.

    Raises:
        UsageError: no kit is attached, or several are.
    """
    if options.kit == VIRTUAL:
        return KitChoice(VIRTUAL)
    if options.kit == "auto":
        return KitChoice("attached", find_one_kit(attached_ports()))
    named = options.bench.kits.get(options.kit)
    if named is not None:
        return KitChoice("attached", named.port, named.mac, named.secure_element)
    return KitChoice("attached", options.kit)


def require_cloud(options: RunOptions) -> str:
    """Return the cloud that was chosen.

    Raises:
        UsageError: nobody chose one, there is no default since it may cost money; or it is AWS and there are no
            credentials.
    """
    if options.cloud is None:
        raise UsageError(
            "no cloud was chosen",
            stage="cloud",
            mend="add --cloud local (free, this machine) or --cloud aws (costs messages), or cloud = … in bench.toml",
        )
    if options.cloud == "aws":
        from kitbench.cloud.endpoint import require_credentials  # noqa: PLC0415 - boto3 is slow to load

        require_credentials()
    return options.cloud
