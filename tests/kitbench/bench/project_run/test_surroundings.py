"""Where a firmware's names lead."""

from pathlib import Path

import pytest

from kitbench.bench.project_run.surroundings import Surroundings, parse_way
from kitbench.cloud.endpoint import Endpoint
from kitbench.errors import UsageError
from kitbench.firmware.own_endpoint import OwnEndpoint

CLOUD = Endpoint("local", "us-east-1", "0", "localhost", 4321, Path("ca.pem"))
AMAZON = "abc-ats.iot.eu-west-1.amazonaws.com"


def test_amazons_name_answers_at_amazons_ports_whatever_the_project_asks() -> None:
    ways = Surroundings.of([AMAZON], OwnEndpoint(AMAZON, 1883), ()).access_points(CLOUD)

    assert list(ways) == [f"{AMAZON}:8883=127.0.0.1:4321", f"{AMAZON}:443=127.0.0.1:4321"]


def test_another_servers_name_answers_at_the_projects_port() -> None:
    led = Surroundings.of([], OwnEndpoint("lab.example", 8884), ())

    assert list(led.access_points(CLOUD)) == ["lab.example:8884=127.0.0.1:4321"]
    assert led.usual_ports == {"lab.example": 8884}


def test_user_leads_further_servers() -> None:
    led = Surroundings.of([AMAZON], OwnEndpoint(), [("x.example", 1), (AMAZON, 8884)])

    assert led.names == {AMAZON: (8883, 443, 8884), "x.example": (1,)}


def test_project_without_an_endpoint_leads_nowhere() -> None:
    assert not list(Surroundings.of([], OwnEndpoint(), ()).access_points(CLOUD))


def test_way_has_a_port_or_the_usual_one() -> None:
    assert parse_way("Lab.example") == ("lab.example", 8883)
    assert parse_way("lab.example:8884") == ("lab.example", 8884)


@pytest.mark.parametrize("text", ["", ":1", "a b", "x:0", "x:70000", "x:y", "mqtts://x:1", "x=y:1"])
def test_what_is_no_way_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not HOST or HOST:PORT"):
        parse_way(text)
