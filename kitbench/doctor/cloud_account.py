"""The cloud: who we are there, whether its broker can be reached, whether the clock is right, what is left over."""

import email.utils
import socket
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Final

from kitbench.cloud.billing.meter import FREE_MESSAGES_PER_MONTH
from kitbench.cloud.billing.monthly_usage import USAGE, usage_of_month
from kitbench.cloud.endpoint import Endpoint, aws_endpoint
from kitbench.cloud.things.leftovers import sweep
from kitbench.cloud.things.state_folder import state_folder
from kitbench.doctor.check import Line, State
from kitbench.doctor.cloud_rights import rights_line

#: AWS refuses requests signed with a clock that is off by five minutes (Signature Version 4).
SKEW_MAX_S: Final = 300.0
CONNECT_WITHIN_S: Final = 5.0
#: The part of the free tier below which a bench should look at the bill.
SCARCE: Final = 0.2


def identity() -> Line:
    """Say who we are for AWS, and where."""
    endpoint = _aws()
    return Line("AWS identity", State.OK, f"account {endpoint.account}, {endpoint.region}, {endpoint.mqtt_host}")


def rights() -> Line:
    """Say which of the rights in docs/iam-policy.json are missing; changes nothing."""
    endpoint = _aws()
    return rights_line(endpoint.client, endpoint.region)


def reachable() -> Line:
    """Say whether AWS's message broker can be reached from this machine."""
    endpoint = _aws()
    return reach(endpoint.mqtt_host, endpoint.mqtt_port)


def clock() -> Line:
    """Compare this machine's clock with AWS's; signatures and certificates need it right."""
    url = f"https://iot.{_aws().region}.amazonaws.com/ping"
    with urllib.request.urlopen(url, timeout=CONNECT_WITHIN_S) as answer:
        there = email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp()
    return skew_line(time.time() - there)


def leftovers() -> Line:
    """Say what interrupted runs left in the account."""
    left = [one.name for one in sweep(_aws(), dry_run=True).removed]
    if left:
        return Line("leftovers", State.WARN, f"{len(left)}, such as {left[0]}", "kitbench sweep --cloud aws")
    return Line("leftovers", State.OK, "none")


def usage() -> Line:
    """Say how much of the month's free tier this bench's runs have taken."""
    return usage_line(usage_of_month(state_folder() / USAGE, _aws().cloud_id))


def usage_line(messages: int) -> Line:
    """Return the line for a bench whose runs have cost so many messages this month."""
    left = FREE_MESSAGES_PER_MONTH - messages
    detail = f"{messages} messages by this bench, {max(left, 0)} of the free tier left (others on the account not seen)"
    if left > FREE_MESSAGES_PER_MONTH * SCARCE:
        return Line("this month", State.OK, detail)
    return Line("this month", State.WARN, detail, "AWS's Billing console: Free tier; --budget or bench.toml: budget")


def skew_line(skew_s: float) -> Line:
    """Return the line for a clock that is `skew_s` seconds ahead."""
    if abs(skew_s) < SKEW_MAX_S:
        return Line("clock", State.OK, f"off by {skew_s:.0f} s")
    return Line("clock", State.FAIL, f"off by {skew_s:.0f} s", "sudo timedatectl set-ntp true")


def reach(host: str, port: int) -> Line:
    """Say whether a message broker can be reached: its name has an address, and the port answers."""
    subject = f"TCP {port}"
    try:
        address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]
    except OSError as error:
        return Line(subject, State.FAIL, f"{host} has no address: {error.strerror}", "check DNS and the network")
    try:
        socket.create_connection((host, port), timeout=CONNECT_WITHIN_S).close()
    except OSError as error:
        return Line(subject, State.FAIL, f"{host} ({address}): {error.strerror}", f"let TCP {port} out of the firewall")
    return Line(subject, State.OK, f"{host} ({address}) answers")


def _aws() -> Endpoint:
    with tempfile.TemporaryDirectory() as folder:
        return aws_endpoint(Path(folder))
