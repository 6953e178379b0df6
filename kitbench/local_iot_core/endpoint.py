"""Where the local IoT core is reached; by itself, as the service takes long to load and is an extra."""

from dataclasses import asdict, dataclass, field
from typing import Final

from kitbench.local_iot_core.policies.registry import ACCOUNT, REGION

LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the local IoT core is reached; what `kitbench local-iot-core --json` prints.

    Attributes:
        endpoint_url: of the control plane, for boto3.
        ca_file: PEM of the root that clients of the message broker trust.
        access_key_id, secret_access_key: made at start, worth nothing anywhere else; the WebSocket checks them.
    """

    endpoint_url: str
    mqtt_host: str
    mqtt_port: int
    ca_file: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    region: str = REGION
    account: str = ACCOUNT

    def to_json(self) -> dict[str, str | int]:
        """Return the fields by name."""
        return asdict(self)
