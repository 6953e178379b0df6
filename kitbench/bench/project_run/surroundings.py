"""Where a firmware's endpoints lead in a run: by name to the local core, and nowhere else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from kitbench.bench.project_run.set_up_remarks import AWS_PORTS
from kitbench.cloud.endpoint import Endpoint
from kitbench.errors import UsageError
from kitbench.firmware.own_endpoint import USUAL_PORT, OwnEndpoint
from kitbench.host_name import bare_host

#: How an endpoint of AWS's ends, also in China's partition.
_AMAZON: Final = (".amazonaws.com", ".amazonaws.com.cn")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Names that a firmware knows, and the ports at which they answer.

    Attributes:
        names: host → ports.
    """

    names: dict[str, tuple[int, ...]]

    @classmethod
    def of(cls, endpoints: Iterable[str], own: OwnEndpoint, further: Iterable[tuple[str, int]]) -> "Surroundings":
        """Return the surroundings of a firmware.

        Args:
            endpoints: of AWS IoT, that it carries; they answer at AWS's ports, whatever it asks.
            own: what its project is configured for; another server's name answers at the project's own port.
            further: hosts and ports that the user names.
        """
        names: dict[str, tuple[int, ...]] = dict.fromkeys(endpoints, AWS_PORTS)
        if own.host and own.host not in names:
            names[own.host] = AWS_PORTS if own.host.endswith(_AMAZON) else (own.port,)
        for host, port in further:
            names[host] = (*names.get(host, ()), port)
        return cls(names)

    def access_points(self, cloud: Endpoint) -> Iterator[str]:
        """Yield each way as `kitbench virtual-kit --access-point` takes it."""
        for name, ports in self.names.items():
            yield from (f"{name}:{port}=127.0.0.1:{cloud.mqtt_port}" for port in dict.fromkeys(ports))

    @property
    def usual_ports(self) -> dict[str, int]:
        """The first port of each name."""
        return {name: ports[0] for name, ports in self.names.items()}


def parse_way(text: str) -> tuple[str, int]:
    """Return host and port of ``HOST`` or ``HOST:PORT``.

    Raises:
        UsageError: it is neither.
    """
    head, colon, tail = text.rpartition(":")
    host, port = (head, tail) if colon else (text, str(USUAL_PORT))
    if bare_host(host) != host.lower() or not host or not port.isdecimal() or not 0 < int(port[:6]) < 65536:
        raise UsageError(f"--lead {text[:80]!r} is not HOST or HOST:PORT", stage="run")
    return host.lower(), int(port)
