"""Fleet provisioning judged by boto3 and by the identity clients of AWS's own SDK, unmodified."""

import hashlib
import json
import queue
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from awscrt import mqtt, mqtt5, mqtt_request_response
from awsiot import V2ServiceException, iotidentity, mqtt5_client_builder, mqtt_connection_builder
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kitbench.local_iot_core.provisioning import cbor
from tests.conformance.local_iot_core_process import ARN, Device, LocalCore, running_local_iot_core
from tests.conformance.mqtt_client import MqttClient

TIMEOUT_S = 20
#: What AWS's documentation lets a claim do.
CLAIM: list[dict[str, Any]] = [
    {"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"},
    {
        "Effect": "Allow",
        "Action": ["iot:Publish", "iot:Receive"],
        "Resource": [f"{ARN}:topic/$aws/certificates/*", f"{ARN}:topic/$aws/provisioning-templates/*"],
    },
    {
        "Effect": "Allow",
        "Action": "iot:Subscribe",
        "Resource": [f"{ARN}:topicfilter/$aws/certificates/*", f"{ARN}:topicfilter/$aws/provisioning-templates/*"],
    },
]
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}],
}

#: Resources of a template for just-in-time provisioning, which brings a certificate along.
OWN_CERTIFICATE = {"c": {"Type": "AWS::IoT::Certificate", "Properties": {"CertificatePem": "x"}}}


def template_body(**changes: Any) -> dict[str, Any]:
    """Return a template as AWS's documentation has one: a thing, the certificate, a policy, and a configuration."""
    return {
        "Parameters": {"SerialNumber": {"Type": "String"}, "Room": {"Type": "String", "Default": "lab"}},
        "Mappings": {"Rooms": {"lab": {"Url": "https://lab.example"}, "hall": {"Url": "https://hall.example"}}},
        "Resources": {
            "thing": {
                "Type": "AWS::IoT::Thing",
                "Properties": {
                    "ThingName": {"Fn::Join": ["", ["kit_", {"Ref": "SerialNumber"}]]},
                    "AttributePayload": {"room": {"Ref": "Room"}},
                },
            },
            "certificate": {
                "Type": "AWS::IoT::Certificate",
                "Properties": {"CertificateId": {"Ref": "AWS::IoT::Certificate::Id"}, "Status": "Active"},
            },
            "policy": {"Type": "AWS::IoT::Policy", "Properties": {"PolicyDocument": json.dumps(DOCUMENT)}},
        },
        "DeviceConfiguration": {"Url": {"Fn::FindInMap": ["Rooms", {"Ref": "Room"}, "Url"]}},
    } | changes


@pytest.fixture(name="core", scope="module")
def _core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCore]:
    with running_local_iot_core(tmp_path_factory.mktemp("core") / "events.jsonl") as core:
        yield core


@pytest.fixture(name="iot", scope="module")
def _iot(core: LocalCore) -> Any:
    return core.client()


@pytest.fixture(name="role", scope="module")
def _role(core: LocalCore) -> str:
    """Return a role with the policy of AWS's own that its documentation names."""
    iam = core.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "iot.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName="provisions", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    policy = "arn:aws:iam::aws:policy/service-role/AWSIoTThingsRegistration"
    iam.attach_role_policy(RoleName="provisions", PolicyArn=policy)
    return str(arn)


def new_template(iot: Any, role: str, body: dict[str, Any] | None = None, **given: Any) -> str:
    name = f"template-{uuid.uuid4().hex[:8]}"
    text = json.dumps(template_body() if body is None else body)
    arguments = {"templateName": name, "templateBody": text, "provisioningRoleArn": role, "enabled": True}
    iot.create_provisioning_template(**arguments | given)
    return name


def code_of(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


class Claim:
    """An identity client of the SDK's second generation, connected with a claim certificate over MQTT 5."""

    def __init__(self, core: LocalCore, device: Device) -> None:
        connected: queue.Queue[Any] = queue.Queue()
        self.mqtt = mqtt5_client_builder.mtls_from_bytes(
            device.certificate_pem.encode(),
            device.key_pem.encode(),
            endpoint="localhost",
            port=core.port,
            ca_filepath=core.ca_file,
            connect_options=mqtt5.ConnectPacket(client_id=device.name),
            on_lifecycle_connection_success=connected.put,
        )
        self.mqtt.start()
        connected.get(timeout=TIMEOUT_S)
        options = mqtt_request_response.ClientOptions(
            max_request_response_subscriptions=2, max_streaming_subscriptions=2
        )
        options.operation_timeout_in_seconds = TIMEOUT_S
        self.client = iotidentity.IotIdentityClientV2(self.mqtt, options)

    def create(self) -> Any:
        request = iotidentity.CreateKeysAndCertificateRequest()
        return self.client.create_keys_and_certificate(request).result(TIMEOUT_S)

    def register(self, template: str, token: str, **parameters: str) -> Any:
        request = iotidentity.RegisterThingRequest(
            template_name=template, certificate_ownership_token=token, parameters=parameters
        )
        return self.client.register_thing(request).result(TIMEOUT_S)

    def refusal(self, template: str, token: str, **parameters: str) -> tuple[int, str]:
        with pytest.raises(V2ServiceException) as caught:
            self.register(template, token, **parameters)
        error = caught.value.modeled_error
        return error.status_code, error.error_code


@pytest.fixture(name="claim")
def _claim(core: LocalCore) -> Iterator[Claim]:
    claim = Claim(core, core.provision(statements=CLAIM))
    yield claim
    claim.mqtt.stop()


class TestTemplates:
    def test_template_is_described_listed_updated_and_deleted(self, iot: Any, role: str) -> None:
        name = new_template(iot, role, description="kits", enabled=False)
        described = iot.describe_provisioning_template(templateName=name)
        listed = [one["templateName"] for one in iot.list_provisioning_templates()["templates"]]
        iot.update_provisioning_template(templateName=name, enabled=True, description="kits of room 2")
        updated = iot.describe_provisioning_template(templateName=name)
        iot.delete_provisioning_template(templateName=name)

        assert json.loads(described["templateBody"]) == template_body()
        assert (described["enabled"], described["provisioningRoleArn"]) == (False, role)
        assert name in listed
        assert (updated["enabled"], updated["description"]) == (True, "kits of room 2")
        assert code_of(iot.describe_provisioning_template, templateName=name) == "ResourceNotFoundException"

    def test_versions_are_made_chosen_and_deleted(self, iot: Any, role: str) -> None:
        name = new_template(iot, role)
        other = json.dumps(template_body(DeviceConfiguration={}))
        made = iot.create_provisioning_template_version(templateName=name, templateBody=other)
        read = iot.describe_provisioning_template_version(templateName=name, versionId=2)
        in_use = code_of(iot.delete_provisioning_template_version, templateName=name, versionId=1)
        several = code_of(iot.delete_provisioning_template, templateName=name)
        iot.update_provisioning_template(templateName=name, defaultVersionId=2)
        iot.delete_provisioning_template_version(templateName=name, versionId=1)
        listed = iot.list_provisioning_template_versions(templateName=name)["versions"]

        assert (made["versionId"], made["isDefaultVersion"]) == (2, False)
        assert json.loads(read["templateBody"]) == template_body(DeviceConfiguration={})
        assert (in_use, several) == ("DeleteConflictException", "DeleteConflictException")
        assert [(one["versionId"], one["isDefaultVersion"]) for one in listed] == [(2, True)]

    def test_sixth_version_is_refused(self, iot: Any, role: str) -> None:
        name = new_template(iot, role)
        given = {"templateName": name, "templateBody": json.dumps(template_body())}
        for _ in range(4):
            iot.create_provisioning_template_version(**given)

        assert code_of(iot.create_provisioning_template_version, **given) == "VersionsLimitExceededException"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"templateBody": "no JSON"}, "InvalidRequestException"),
            ({"templateBody": json.dumps(template_body(Resources={}))}, "InvalidRequestException"),
            ({"templateBody": json.dumps(template_body(Outputs={}))}, "InvalidRequestException"),
            ({"templateBody": json.dumps({"Resources": OWN_CERTIFICATE})}, "NotImplementedException"),
            (
                {"preProvisioningHook": {"targetArn": "arn:aws:lambda:us-east-1:0:function:f"}},
                "NotImplementedException",
            ),
            ({"type": "JITP"}, "NotImplementedException"),
            ({"provisioningRoleArn": "arn:aws:iam::000000000000:role/nobody"}, "InvalidRequestException"),
        ],
    )
    def test_bad_template_is_refused(self, iot: Any, role: str, change: dict[str, Any], code: str) -> None:
        given = {"templateName": "bad", "templateBody": json.dumps(template_body()), "provisioningRoleArn": role}

        assert code_of(iot.create_provisioning_template, **given | change) == code
        assert code_of(iot.describe_provisioning_template, templateName="bad") == "ResourceNotFoundException"


class TestClaim:
    def test_device_gets_certificate_thing_and_policy_and_connects(
        self, core: LocalCore, iot: Any, role: str, claim: Claim
    ) -> None:
        template = new_template(iot, role)
        created = claim.create()
        status = iot.describe_certificate(certificateId=created.certificate_id)["certificateDescription"]["status"]
        registered = claim.register(template, created.certificate_ownership_token, SerialNumber="7", Room="hall")
        arn = f"{ARN}:cert/{created.certificate_id}"
        device = Device(
            registered.thing_name, created.certificate_id, arn, created.certificate_pem, created.private_key, ""
        )
        with MqttClient(core, device) as client:
            is_connected = client.is_connected

        assert status == "PENDING_ACTIVATION"
        assert (registered.thing_name, registered.device_configuration) == ("kit_7", {"Url": "https://hall.example"})
        assert iot.describe_thing(thingName="kit_7")["attributes"] == {"room": "hall"}
        assert iot.list_thing_principals(thingName="kit_7")["principals"] == [arn]
        name = hashlib.sha256(json.dumps(DOCUMENT).encode()).hexdigest()
        assert [one["policyName"] for one in iot.list_attached_policies(target=arn)["policies"]] == [name]
        assert is_connected

    def test_private_key_of_a_claim_is_in_no_event(self, core: LocalCore, claim: Claim) -> None:
        created = claim.create()

        assert "PRIVATE KEY" in created.private_key
        assert "PRIVATE KEY" not in core.events_path.read_text()

    def test_csr_keeps_its_key(self, iot: Any, role: str, claim: Claim) -> None:
        template, key = new_template(iot, role), ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kit 8")])
        csr = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
        request = iotidentity.CreateCertificateFromCsrRequest(
            certificate_signing_request=csr.public_bytes(serialization.Encoding.PEM).decode()
        )
        created = claim.client.create_certificate_from_csr(request).result(TIMEOUT_S)
        registered = claim.register(template, created.certificate_ownership_token, SerialNumber="8")

        assert x509.load_pem_x509_certificate(created.certificate_pem.encode()).public_key() == key.public_key()
        assert registered.thing_name == "kit_8"

    def test_bad_csr_is_refused(self, claim: Claim) -> None:
        request = iotidentity.CreateCertificateFromCsrRequest(certificate_signing_request="garbage")
        with pytest.raises(V2ServiceException) as caught:
            claim.client.create_certificate_from_csr(request).result(TIMEOUT_S)

        assert caught.value.modeled_error.error_code == "InvalidCsr"

    def test_refusals_make_nothing(self, core: LocalCore, iot: Any, role: str, claim: Claim) -> None:
        template, off = new_template(iot, role), new_template(iot, role, enabled=False)
        token = claim.create().certificate_ownership_token

        assert claim.refusal(template, "forged", SerialNumber="9") == (400, "InvalidCertificateOwnershipToken")
        assert claim.refusal(template, token) == (400, "InvalidParameters")
        assert claim.refusal(template, token, SerialNumber="9", Room="cellar") == (400, "InvalidParameters")
        assert claim.refusal(template, token, SerialNumber="a b") == (400, "InvalidParameters")
        assert claim.refusal(off, token, SerialNumber="9") == (403, "AccessDenied")
        assert claim.refusal("nowhere", token, SerialNumber="9") == (404, "ResourceNotFoundException")
        assert [one["thingName"] for one in iot.list_things()["things"] if one["thingName"].startswith("kit_9")] == []
        assert any("SerialNumber has no value" in str(one.get("reason")) for one in core.events())

    def test_role_without_the_right_makes_nothing(self, core: LocalCore, iot: Any, claim: Claim) -> None:
        iam = core.client("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": "iot.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        weak = iam.create_role(RoleName="weak", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        template = new_template(iot, weak)
        token = claim.create().certificate_ownership_token

        assert claim.refusal(template, token, SerialNumber="10") == (403, "AccessDenied")
        assert code_of(iot.describe_thing, thingName="kit_10") == "ResourceNotFoundException"

    @pytest.mark.parametrize(
        ("how", "room"), [("DO_NOTHING", "old"), ("REPLACE", "lab"), ("MERGE", "lab"), ("FAIL", "old")]
    )
    def test_thing_that_is_there_is_treated_as_the_template_says(
        self, iot: Any, role: str, claim: Claim, how: str, room: str
    ) -> None:
        name = f"kit_{how}"
        iot.create_thing(thingName=name, attributePayload={"attributes": {"room": "old", "owner": "ann"}})
        body = template_body()
        body["Resources"]["thing"]["OverrideSettings"] = {"AttributePayload": how}
        template, token = new_template(iot, role, body), claim.create().certificate_ownership_token
        if how == "FAIL":
            assert claim.refusal(template, token, SerialNumber=how) == (409, "ResourceConflictsException")
        else:
            claim.register(template, token, SerialNumber=how)
        attributes = iot.describe_thing(thingName=name)["attributes"]

        assert attributes == {"room": room} | ({} if how == "REPLACE" else {"owner": "ann"})

    def test_policy_of_the_registry_groups_and_type_are_used(self, iot: Any, role: str, claim: Claim) -> None:
        iot.create_policy(policyName="named", policyDocument=json.dumps(DOCUMENT))
        iot.create_thing_group(thingGroupName="kits")
        iot.create_thing_type(thingTypeName="esp32")
        body = template_body()
        body["Resources"]["policy"]["Properties"] = {"PolicyName": "named"}
        body["Resources"]["thing"]["Properties"] |= {"ThingGroups": ["kits"], "ThingTypeName": "esp32"}
        created = claim.create()
        claim.register(new_template(iot, role, body), created.certificate_ownership_token, SerialNumber="11")
        policies = iot.list_attached_policies(target=f"{ARN}:cert/{created.certificate_id}")["policies"]

        assert [one["policyName"] for one in policies] == ["named"]
        assert iot.list_things_in_thing_group(thingGroupName="kits")["things"] == ["kit_11"]
        assert iot.describe_thing(thingName="kit_11")["thingTypeName"] == "esp32"


class TestMessages:
    def test_client_of_the_first_generation_gets_its_certificate(self, core: LocalCore) -> None:
        device = core.provision(statements=CLAIM)
        connection = mqtt_connection_builder.mtls_from_bytes(
            device.certificate_pem.encode(),
            device.key_pem.encode(),
            endpoint="localhost",
            port=core.port,
            ca_filepath=core.ca_file,
            client_id=device.name,
            clean_session=True,
        )
        connection.connect().result(TIMEOUT_S)
        client, accepted = iotidentity.IotIdentityClient(connection), queue.Queue[Any]()
        client.subscribe_to_create_keys_and_certificate_accepted(
            iotidentity.CreateKeysAndCertificateSubscriptionRequest(), mqtt.QoS.AT_LEAST_ONCE, accepted.put
        )[0].result(TIMEOUT_S)
        client.publish_create_keys_and_certificate(
            iotidentity.CreateKeysAndCertificateRequest(), mqtt.QoS.AT_LEAST_ONCE
        ).result(TIMEOUT_S)
        created = accepted.get(timeout=TIMEOUT_S)
        connection.disconnect().result(TIMEOUT_S)

        assert len(created.certificate_id) == 64

    def test_key_reaches_who_asked_and_has_subscribed_and_nobody_else(self, core: LocalCore) -> None:
        asker, spy = core.provision(statements=CLAIM), core.provision(statements=CLAIM)
        topic = "$aws/certificates/create/json"
        with MqttClient(core, spy, subscribe=f"{topic}/+") as other, MqttClient(core, asker) as client:
            client.publish(topic, b"{}")
            time.sleep(1)
            with MqttClient(core, core.provision(statements=CLAIM), subscribe=f"{topic}/accepted") as subscribed:
                subscribed.publish(topic, b"{}")
                answered = json.loads(subscribed.next_payload())

            assert "privateKey" in answered
            assert (client.unread, other.unread) == (0, 0)

    def test_cbor_is_answered_in_cbor(self, core: LocalCore) -> None:
        topic = "$aws/provisioning-templates/none/provision/cbor"
        with MqttClient(core, core.provision(statements=CLAIM), subscribe=f"{topic}/+") as client:
            client.publish(topic, cbor.encode({"certificateOwnershipToken": "x", "parameters": {}}))
            answered = cbor.decode(client.next_payload())

        assert (answered["statusCode"], answered["errorCode"]) == (404, "ResourceNotFoundException")
