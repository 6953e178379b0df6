"""A device's certificate in the registry of a local core."""

from collections.abc import Iterator

import pytest
from cryptography import x509

from kitbench.bench.project_run.registration import POLICY_NAME, register
from kitbench.cloud.endpoint import Endpoint, local_endpoint
from kitbench.local_iot_core.service import LocalIotCore
from tests.kitbench.bench.project_run.sample_project import make_pair


@pytest.fixture(name="cloud")
def _cloud() -> Iterator[Endpoint]:
    with LocalIotCore() as core:
        yield local_endpoint(core.endpoint.to_json())


def test_new_certificate_gets_thing_and_policy_and_a_known_one_stays_as_it_is(cloud: Endpoint) -> None:
    certificate = x509.load_pem_x509_certificate(make_pair()[1])
    iot = cloud.client("iot")

    first = register(cloud, certificate, "my project!")
    iot.update_certificate(certificateId=first.certificate_id, newStatus="INACTIVE")
    second = register(cloud, certificate, "another name")

    assert (first.is_new, first.things, first.status) == (True, ("my_project_",), "ACTIVE")
    assert (second.is_new, second.things, second.status) == (False, ("my_project_",), "INACTIVE")
    arn = iot.describe_certificate(certificateId=first.certificate_id)["certificateDescription"]["certificateArn"]
    assert [one["policyName"] for one in iot.list_attached_policies(target=arn)["policies"]] == [POLICY_NAME]
    assert str(second) == f"known: certificate {second.certificate_id[:12]}… of thing my_project_, INACTIVE"


def test_two_devices_of_one_name_share_thing_and_policy(cloud: Endpoint) -> None:
    certificates = [x509.load_pem_x509_certificate(make_pair(name)[1]) for name in ("one", "two")]

    assert [register(cloud, one, "project").things for one in certificates] == [("project",), ("project",)]
