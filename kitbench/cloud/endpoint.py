"""Where the cloud is: AWS by the ordinary credential chain, or a local IoT core by the line it prints.

Nothing above this module asks which of the two it has.
"""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import boto3
from botocore.config import Config

from kitbench.cloud.failure import CREDENTIALS_FIX, cloud_errors
from kitbench.cloud.root_ca import amazon_root_ca_1
from kitbench.errors import CloudError, UsageError

#: MQTT over TLS with a client certificate; AWS's other port, 443, needs ALPN.
MQTT_PORT: Final = 8883
#: botocore's own retries: jittered exponential back-off on throttling, 5xx, time-outs and lost connections.
RETRIES: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 6},
    connect_timeout=5,
    read_timeout=20,
)
#: CloudTrail shows an event "within an average of about 5 minutes" of the call; not guaranteed, hence four times that.
_CLOUDTRAIL_DELAY_S: Final = 1200.0
#: A request whose client was killed may still be worked at.
_LOCAL_AUDIT_DELAY_S: Final = 2.0
#: AWS answers `describe-endpoint` fast or not at all: no credentials must not cost minutes.
_PROBE: Final = Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=5, read_timeout=10)
_MAKING_CLIENTS: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials given outright, as a local IoT core prints them; AWS's come from its own chain."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One cloud account in one region: control plane, MQTT host and port, and the CA that vouches for it.

    Attributes:
        ca_file: PEM of the root that the MQTT endpoint's certificate chains to.
        endpoint_url: of the control plane; None is boto3's own choice.
        audit_delay_s: how long the account's audit trail may lag behind.
        events_file: where the cloud writes down whom it refused, and why; None for one that does not tell.
    """

    kind: Literal["aws", "local"]
    region: str
    account: str
    mqtt_host: str
    mqtt_port: int
    ca_file: Path
    partition: str = "aws"
    endpoint_url: str | None = None
    profile: str | None = None
    credentials: Credentials | None = None
    audit_delay_s: float = 0.0
    websocket_port: int = 443
    events_file: Path | None = None

    @property
    def cloud_id(self) -> str:
        """Which account and region this is: a ledger written for one is never played on another."""
        where = f"@{self.endpoint_url}" if self.endpoint_url else ""
        return f"{self.partition}:{self.account}:{self.region}{where}"

    def arn(self, resource: str) -> str:
        """Return the ARN of an IoT resource, such as ``"client/kitbench-…"``."""
        return f"arn:{self.partition}:iot:{self.region}:{self.account}:{resource}"

    def client(self, service: str, *, config: Config = RETRIES) -> Any:
        """Return a new boto3 client of a service, such as ``"iot"``.

        Raises:
            UsageError: no credentials or no region.
        """
        # A boto3 session is not thread-safe while it makes clients; the clients are.
        with _MAKING_CLIENTS, cloud_errors("provision", f"make a client of {service}"):
            session: Any = self.session()
            return session.client(service, endpoint_url=self.endpoint_url, config=config)

    def session(self) -> boto3.Session:
        """Return the boto3 session that clients and the signing of WebSocket requests share."""
        return _session(self.profile, self.region, self.credentials)


@lru_cache(maxsize=8)
def _session(profile: str | None, region: str | None, credentials: Credentials | None) -> boto3.Session:
    if credentials is None:
        return boto3.Session(profile_name=profile, region_name=region)
    return boto3.Session(
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        region_name=region,
    )


def aws_endpoint(ca_folder: Path, *, region: str | None = None, profile: str | None = None) -> Endpoint:
    """Find the account's endpoint; fail at once and clearly without credentials.

    Args:
        ca_folder: existing folder that gets `aws-root-ca.pem`.
        region: by default the profile's, or AWS_REGION.
        profile: of `~/.aws/config`, by default AWS_PROFILE.

    Raises:
        UsageError: no credentials, no region or no such profile; the line says what to do.
        CloudError: AWS cannot be reached or refuses.
    """
    session = require_credentials(region=region, profile=profile)
    with cloud_errors("endpoint", "ask AWS who we are"):
        caller = session.client("sts", config=_PROBE).get_caller_identity()
    with cloud_errors("endpoint", "find the account's IoT endpoint"):
        answer = session.client("iot", config=_PROBE).describe_endpoint(endpointType="iot:Data-ATS")
    ca_file = ca_folder / "aws-root-ca.pem"
    ca_file.write_bytes(amazon_root_ca_1())
    return Endpoint(
        kind="aws",
        region=session.region_name,
        account=caller["Account"],
        partition=caller["Arn"].split(":")[1],
        mqtt_host=answer["endpointAddress"],
        mqtt_port=MQTT_PORT,
        ca_file=ca_file,
        profile=profile,
        audit_delay_s=_CLOUDTRAIL_DELAY_S,
    )


def require_credentials(*, region: str | None = None, profile: str | None = None) -> boto3.Session:
    """Return a session with credentials and region, without asking AWS anything.

    Raises:
        UsageError: no credentials, no region or no such profile; the line says what to do.
    """
    # boto3 itself knows AWS_DEFAULT_REGION alone; the other AWS tools know both.
    region = region or os.environ.get("AWS_REGION")
    with cloud_errors("endpoint", "find AWS credentials"):
        session = _session(profile, region, None)
        credentials = session.get_credentials()
    if credentials is None:
        raise UsageError("no AWS credentials found", stage="endpoint", fix=CREDENTIALS_FIX)
    if session.region_name is None:
        raise UsageError("no AWS region given", stage="endpoint", fix="set AWS_REGION or `--region`")
    return session


def local_endpoint(description: str | Mapping[str, Any]) -> Endpoint:
    """Return the endpoint of a local IoT core from the line that `kitbench local-iot-core --json` prints.

    Raises:
        CloudError: the line lacks something.
    """
    try:
        given = json.loads(description) if isinstance(description, str) else dict(description)
        return Endpoint(
            kind="local",
            region=str(given["region"]),
            account=str(given.get("account", "000000000000")),
            mqtt_host=str(given["mqtt_host"]),
            mqtt_port=int(given["mqtt_port"]),
            ca_file=Path(given["ca_file"]),
            websocket_port=int(given.get("websocket_port", given["mqtt_port"])),
            audit_delay_s=_LOCAL_AUDIT_DELAY_S,
            endpoint_url=str(given["endpoint_url"]),
            credentials=Credentials(
                str(given.get("access_key_id", "local")), str(given.get("secret_access_key", "local"))
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CloudError(f"the local IoT core's description lacks or spoils {error}", stage="endpoint") from error
