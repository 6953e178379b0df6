"""Every operation of the services that the local IoT core offers, called by boto3: modelled, or refused in words."""

import base64
import datetime as dt
import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kitbench.local_iot_core.apis.modelled_operations import MODELLED
from tests.conformance.local_iot_core_process import ARN, LocalCore, running_local_iot_core
from tests.conformance.mqtt_client import MqttClient

PAGE: Final = Path(__file__).parents[2] / "docs" / "fidelity" / "local-iot-core-operations.md"


@pytest.fixture(name="core", scope="module")
def _core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCore]:
    with running_local_iot_core(tmp_path_factory.mktemp("core") / "events.jsonl") as core:
        yield core


@pytest.fixture(name="iot", scope="module")
def _iot(core: LocalCore) -> Any:
    return core.client()


@pytest.fixture(name="data", scope="module")
def _data(core: LocalCore) -> Any:
    return core.client("iot-data")


def error_of(call: Any, **arguments: Any) -> str:
    """Return code and message of the error that a call is answered with."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def code_of(core: LocalCore, service: str, name: str) -> str:
    """Call an operation with the smallest arguments; return the code of its error, or "" without one."""
    client = core.client(service)
    shape = client.meta.service_model.operation_model(name).input_shape
    try:
        getattr(client, snake_case(name))(**(example(shape) if shape is not None else {}))
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def example(shape: Any) -> Any:
    """Return the smallest value of a shape that botocore lets pass."""
    least = shape.metadata.get("min", 1)
    if shape.type_name == "structure":
        names = shape.required_members or (list(shape.members)[:1] if shape.metadata.get("union") else [])
        return {name: example(shape.members[name]) for name in names}
    if shape.type_name == "list":
        return [example(shape.member)] * shape.metadata.get("min", 0)
    if shape.type_name == "string":
        return (shape.enum or ["x" * max(1, least)])[0]
    fixed = {"map": {}, "boolean": False, "blob": b"x", "timestamp": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}
    return fixed.get(shape.type_name, max(1, least))


def operations() -> list[tuple[str, str]]:
    import botocore.session  # noqa: PLC0415 - for the names of the parameters

    session = botocore.session.get_session()
    return [(name, one) for name in MODELLED for one in session.get_service_model(name).operation_names]


def snake_case(name: str) -> str:
    from botocore import xform_name  # noqa: PLC0415

    return str(xform_name(name))


class TestEveryOperation:
    def test_page_has_a_row_for_each_and_says_what_the_code_says(self) -> None:
        rows = [line.split("|")[1:5] for line in PAGE.read_text().splitlines() if line.startswith("| `")]
        stated = {(service.strip(), name.strip(" `")): what.strip() for name, service, what, _ in rows}

        assert stated == {
            (service, name): "modelled" if name in MODELLED[service] else "refused" for service, name in operations()
        }

    def test_what_is_not_modelled_is_refused_in_words_at_once(self, core: LocalCore) -> None:
        clients = {service: core.client(service) for service in MODELLED}
        silent = []
        refused = [(service, name) for service, name in operations() if name not in MODELLED[service]]
        for service, name in refused:
            model = clients[service].meta.service_model.operation_model(name)
            arguments = example(model.input_shape) if model.input_shape is not None else {}
            error = error_of(getattr(clients[service], snake_case(name)), **arguments)
            if not (error.startswith("NotImplementedException") and f"{name} of {service} is not modelled" in error):
                silent.append((service, name, error))

        assert silent == []
        assert len(refused) > 150

    def test_what_is_modelled_is_not_refused_as_unmodelled(self, core: LocalCore) -> None:
        codes = {(service, name): code_of(core, service, name) for service, names in MODELLED.items() for name in names}

        assert {
            key for key, code in codes.items() if code in {"NotImplementedException", "InternalFailureException"}
        } == set()


class TestGroups:
    def test_members_come_and_go(self, iot: Any) -> None:
        iot.create_thing(thingName="member")
        iot.create_thing_group(thingGroupName="parent")
        iot.create_thing_group(thingGroupName="group", parentGroupName="parent")
        iot.add_thing_to_thing_group(thingName="member", thingGroupName="group")
        inside = [*iot.list_things_in_thing_group(thingGroupName="group")["things"]]
        groups = [one["groupName"] for one in iot.list_thing_groups_for_thing(thingName="member")["thingGroups"]]
        iot.update_thing_groups_for_thing(
            thingName="member", thingGroupsToRemove=["group"], thingGroupsToAdd=["parent"]
        )
        moved = [one["groupName"] for one in iot.list_thing_groups_for_thing(thingName="member")["thingGroups"]]
        iot.remove_thing_from_thing_group(thingName="member", thingGroupName="parent")

        assert (inside, groups, moved) == (["member"], ["group"], ["parent"])
        assert iot.list_things_in_thing_group(thingGroupName="parent")["things"] == []

    def test_group_is_described_updated_and_deleted(self, iot: Any) -> None:
        iot.create_thing_group(thingGroupName="described")
        properties = {"thingGroupDescription": "second floor"}
        iot.update_thing_group(thingGroupName="described", thingGroupProperties=properties)
        described = iot.describe_thing_group(thingGroupName="described")
        iot.delete_thing_group(thingGroupName="described")

        assert described["thingGroupProperties"]["thingGroupDescription"] == "second floor"
        assert "described" not in [one["groupName"] for one in iot.list_thing_groups()["thingGroups"]]

    def test_policy_of_a_group_lets_its_members_connect(self, core: LocalCore, iot: Any) -> None:
        device = core.provision(statements=[{"Effect": "Allow", "Action": "iot:Publish", "Resource": "*"}])
        group = iot.create_thing_group(thingGroupName="admitted")["thingGroupArn"]
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}
        iot.create_policy(policyName="admits", policyDocument=json.dumps(document))
        iot.attach_policy(policyName="admits", target=group)
        with MqttClient(core, device) as outside:
            before = outside.is_connected
        iot.add_thing_to_thing_group(thingName=device.name, thingGroupName="admitted")
        time.sleep(1.1)  # one CONNECT a second of one client id
        with MqttClient(core, device) as inside:
            after = inside.is_connected

        assert (before, after) == (False, True)

    def test_billing_group_has_members(self, iot: Any) -> None:
        iot.create_thing(thingName="billed")
        iot.create_billing_group(billingGroupName="budget")
        iot.add_thing_to_billing_group(billingGroupName="budget", thingName="billed")
        inside = iot.list_things_in_billing_group(billingGroupName="budget")["things"]
        iot.remove_thing_from_billing_group(billingGroupName="budget", thingName="billed")
        properties = {"billingGroupDescription": "lab 2"}
        iot.update_billing_group(billingGroupName="budget", billingGroupProperties=properties)
        described = iot.describe_billing_group(billingGroupName="budget")
        listed = [one["groupName"] for one in iot.list_billing_groups()["billingGroups"]]
        iot.delete_billing_group(billingGroupName="budget")

        assert inside == ["billed"]
        assert described["billingGroupProperties"]["billingGroupDescription"] == "lab 2"
        assert "budget" in listed
        assert "budget" not in [one["groupName"] for one in iot.list_billing_groups()["billingGroups"]]


class TestTypes:
    def test_type_is_kept_deprecated_and_deleted(self, iot: Any) -> None:
        iot.create_thing_type(thingTypeName="esp32")
        iot.create_thing(thingName="typed", thingTypeName="esp32")
        described = iot.describe_thing(thingName="typed")["thingTypeName"]
        iot.deprecate_thing_type(thingTypeName="esp32")
        deprecated = iot.describe_thing_type(thingTypeName="esp32")["thingTypeMetadata"]["deprecated"]
        listed = [one["thingTypeName"] for one in iot.list_thing_types()["thingTypes"]]
        iot.delete_thing(thingName="typed")
        iot.delete_thing_type(thingTypeName="esp32")

        assert (described, deprecated) == ("esp32", True)
        assert "esp32" in listed
        assert error_of(iot.describe_thing_type, thingTypeName="esp32").startswith("ResourceNotFoundException")


class TestIndex:
    def test_search_finds_a_thing_by_its_group(self, iot: Any) -> None:
        iot.create_thing(thingName="found")
        iot.create_thing_group(thingGroupName="searched")
        iot.add_thing_to_thing_group(thingName="found", thingGroupName="searched")

        [thing] = iot.search_index(queryString="thingGroupNames:searched")["things"]

        assert (thing["thingName"], thing["thingGroupNames"]) == ("found", ["searched"])

    def test_connectivity_is_that_of_the_broker(self, core: LocalCore, iot: Any) -> None:
        device = core.provision()
        query = f"thingName:{device.name}"
        unindexed = iot.search_index(queryString=query)["things"][0]
        status = {"thingIndexingMode": "REGISTRY", "thingConnectivityIndexingMode": "STATUS"}
        iot.update_indexing_configuration(thingIndexingConfiguration=status)
        kept = iot.get_indexing_configuration()["thingIndexingConfiguration"]["thingConnectivityIndexingMode"]
        away = iot.search_index(queryString=query)["things"][0]
        with MqttClient(core, device) as client:
            assert client.is_connected
            there = iot.search_index(queryString=query)["things"][0]

        assert kept == "STATUS"
        assert "connectivity" not in unindexed
        assert (away["connectivity"]["connected"], there["connectivity"]["connected"]) == (False, True)


class TestPolicies:
    def test_versions_and_attachments_are_told(self, core: LocalCore, iot: Any) -> None:
        device = core.provision()
        arn, name = device.certificate_arn, device.policy_name
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iot:*", "Resource": "*"}]}
        iot.create_policy_version(policyName=name, policyDocument=json.dumps(document), setAsDefault=False)
        iot.set_default_policy_version(policyName=name, policyVersionId="2")

        assert json.loads(iot.get_policy(policyName=name)["policyDocument"]) == document
        assert iot.get_policy_version(policyName=name, policyVersionId="2")["isDefaultVersion"]
        assert [v["versionId"] for v in iot.list_policy_versions(policyName=name)["policyVersions"]] == ["1", "2"]
        assert [one["policyName"] for one in iot.list_attached_policies(target=arn)["policies"]] == [name]
        assert iot.list_targets_for_policy(policyName=name)["targets"] == [arn]
        assert iot.list_policy_principals(policyName=name)["principals"] == [arn]
        iot.detach_principal_policy(policyName=name, principal=arn)
        assert iot.list_principal_policies(principal=arn)["policies"] == []
        iot.attach_principal_policy(policyName=name, principal=arn)
        assert [one["policyName"] for one in iot.list_principal_policies(principal=arn)["policies"]] == [name]
        with MqttClient(core, device) as client:
            assert not client.is_connected

    def test_attachments_of_things_are_told(self, core: LocalCore, iot: Any) -> None:
        device = core.provision()
        arn, name = device.certificate_arn, device.name

        assert iot.list_principal_things(principal=arn)["things"] == [name]
        assert [one["thingName"] for one in iot.list_principal_things_v2(principal=arn)["principalThingObjects"]] == [
            name
        ]
        assert iot.list_thing_principals(thingName=name)["principals"] == [arn]
        assert [one["principal"] for one in iot.list_thing_principals_v2(thingName=name)["thingPrincipalObjects"]] == [
            arn
        ]


class TestPermissions:
    def test_decision_is_that_of_the_policy_engine(self, core: LocalCore, iot: Any) -> None:
        device = core.provision()
        question = {"actionType": "PUBLISH", "resources": [f"{ARN}:topic/{device.name}/a"]}
        other = {"actionType": "PUBLISH", "resources": [f"{ARN}:topic/elsewhere"]}

        answers = iot.test_authorization(
            principal=device.certificate_arn, clientId=device.name, authInfos=[question, other]
        )["authResults"]

        assert [one["authDecision"] for one in answers] == ["ALLOWED", "IMPLICIT_DENY"]
        assert answers[0]["allowed"]["policies"][0]["policyName"] == device.policy_name

    def test_denying_policy_that_is_added_is_named(self, core: LocalCore, iot: Any) -> None:
        device = core.provision()
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iot:*", "Resource": "*"}]}
        iot.create_policy(policyName="denies", policyDocument=json.dumps(document))
        question = {"actionType": "CONNECT", "resources": [f"{ARN}:client/{device.name}"]}

        [answer] = iot.test_authorization(
            principal=device.certificate_arn, authInfos=[question], policyNamesToAdd=["denies"]
        )["authResults"]

        assert answer["authDecision"] == "EXPLICIT_DENY"
        assert [one["policyName"] for one in answer["denied"]["explicitDeny"]["policies"]] == ["denies"]

    def test_effective_policies_are_those_of_certificate_and_groups(self, core: LocalCore, iot: Any) -> None:
        device = core.provision()
        group = iot.create_thing_group(thingGroupName="effective")["thingGroupArn"]
        iot.create_policy(
            policyName="of-the-group",
            policyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"}]}
            ),
        )
        iot.attach_policy(policyName="of-the-group", target=group)
        iot.add_thing_to_thing_group(thingName=device.name, thingGroupName="effective")

        found = iot.get_effective_policies(thingName=device.name)["effectivePolicies"]

        assert [one["policyName"] for one in found] == sorted([device.policy_name, "of-the-group"])

    def test_endpoint_at_which_nobody_answers_is_refused(self, iot: Any) -> None:
        assert error_of(iot.describe_endpoint, endpointType="iot:CredentialProvider").startswith("NotImplemented")
        assert error_of(iot.describe_endpoint, endpointType="iot:Nonsense").startswith("InvalidRequestException")


class TestAuthorities:
    def test_certificate_of_a_registered_authority_is_registered_once(self, iot: Any) -> None:
        authority_key, authority = make_certificate("lab CA")
        _, device = make_certificate("kit", authority=(authority_key, authority))
        authority_pem, device_pem = pem_of(authority), pem_of(device)
        ca_id = iot.register_ca_certificate(caCertificate=authority_pem, setAsActive=True)["certificateId"]
        given = {"certificatePem": device_pem, "caCertificatePem": authority_pem, "setAsActive": True}
        registered = iot.register_certificate(**given)["certificateId"]
        listed = [one["certificateId"] for one in iot.list_certificates_by_ca(caCertificateId=ca_id)["certificates"]]
        iot.update_ca_certificate(certificateId=ca_id, newStatus="INACTIVE")
        status = iot.describe_ca_certificate(certificateId=ca_id)["certificateDescription"]["status"]
        twice = error_of(iot.register_certificate, **given)
        iot.delete_ca_certificate(certificateId=ca_id)

        assert listed == [registered]
        assert status == "INACTIVE"
        assert twice.startswith("ResourceAlreadyExistsException")
        assert error_of(iot.describe_ca_certificate, certificateId=ca_id).startswith("ResourceNotFoundException")


class TestRules:
    def test_reading_goes_by_the_rule_into_the_table(self, core: LocalCore, iot: Any, data: Any) -> None:
        table, role = make_table(core, "readings"), make_role(core, "writes", "dynamodb:PutItem", "*")
        sql = "SELECT topic(2) AS device, temperature, timestamp() AS at FROM 'sensors/+' WHERE temperature > 20"
        action = {"dynamoDBv2": {"roleArn": role, "putItem": {"tableName": "readings"}}}
        iot.create_topic_rule(
            ruleName="to_table",
            topicRulePayload={"sql": sql, "actions": [action], "awsIotSqlVersion": "2016-03-23"},
        )
        data.publish(topic="sensors/cold", payload=b'{"temperature": 3}')
        data.publish(topic="sensors/kit-1", payload=b'{"temperature": 31.5}')
        items = wait_for(lambda: table.scan(TableName="readings")["Items"])

        assert [(one["device"], one["temperature"]) for one in items] == [({"S": "kit-1"}, {"N": "31.5"})]

    def test_rule_reads_the_headers_of_a_message(self, core: LocalCore, iot: Any, data: Any) -> None:
        device = core.provision()
        role = make_role(core, "reads_headers", "iot:Publish", "*")
        sql = "SELECT get_mqtt_property('content_type') AS kind, get_mqtt_property('response_topic') AS answer FROM 'h'"
        action = {"republish": {"topic": f"{device.name}/headers", "roleArn": role}}
        iot.create_topic_rule(ruleName="headers", topicRulePayload={"sql": sql, "actions": [action]})
        with MqttClient(core, device, subscribe=f"{device.name}/headers") as client:
            data.publish(topic="h", payload=b"{}", contentType="text/x", responseTopic="back")

            assert json.loads(client.next_payload()) == {"kind": "text/x", "answer": "back"}

    def test_rule_is_told_switched_off_replaced_and_deleted(self, core: LocalCore, iot: Any, data: Any) -> None:
        device = core.provision()
        role = make_role(core, "republishes", "iot:Publish", "*")
        action = {"republish": {"topic": f"{device.name}/out", "roleArn": role}}
        rule = {"sql": "SELECT a FROM 'in'", "actions": [action]}
        iot.create_topic_rule(ruleName="again", topicRulePayload=rule)
        told = iot.get_topic_rule(ruleName="again")["rule"]
        listed = [one["ruleName"] for one in iot.list_topic_rules()["rules"]]
        with MqttClient(core, device, subscribe=f"{device.name}/out") as client:
            iot.disable_topic_rule(ruleName="again")
            data.publish(topic="in", payload=b'{"a": "while it is off"}')
            iot.enable_topic_rule(ruleName="again")
            data.publish(topic="in", payload=b'{"a": "on"}')
            first = client.next_payload()
            iot.replace_topic_rule(ruleName="again", topicRulePayload=rule | {"sql": "SELECT b FROM 'in'"})
            data.publish(topic="in", payload=b'{"a": 1, "b": 2}')
            second = client.next_payload()
        iot.delete_topic_rule(ruleName="again")

        assert (told["sql"], told["ruleDisabled"]) == ("SELECT a FROM 'in'", False)
        assert "again" in listed
        assert (first, second) == (b'{"a":"on"}', b'{"b":2}')
        assert "again" not in [one["ruleName"] for one in iot.list_topic_rules()["rules"]]

    def test_role_without_the_right_writes_nothing_and_the_reason_is_recorded(
        self, core: LocalCore, iot: Any, data: Any
    ) -> None:
        table, role = make_table(core, "closed"), make_role(core, "reads", "dynamodb:GetItem", "*")
        action = {"dynamoDBv2": {"roleArn": role, "putItem": {"tableName": "closed"}}}
        iot.create_topic_rule(ruleName="may_not", topicRulePayload={"sql": "SELECT * FROM 'c'", "actions": [action]})
        data.publish(topic="c", payload=b'{"device": "kit"}')
        failed = wait_for(
            lambda: [one for one in core.events() if one["event"] == "rule_failed" and one["rule"] == "may_not"]
        )

        assert "does not allow dynamodb:PutItem" in failed[0]["reason"]
        assert table.scan(TableName="closed")["Items"] == []

    def test_object_notification_and_message_come_by_their_actions(self, core: LocalCore, iot: Any, data: Any) -> None:
        s3, sns, sqs = (core.client(name) for name in ("s3", "sns", "sqs"))
        s3.create_bucket(Bucket="readings")
        topic = sns.create_topic(Name="alarms")["TopicArn"]
        raw, told = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("raw", "told"))
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:000000000000:{name_of(told)}")
        role = make_role(core, "writes_all", "*", "*")
        actions = [
            {"s3": {"roleArn": role, "bucketName": "readings", "key": "${topic(2)}/${a}.json"}},
            {"sns": {"roleArn": role, "targetArn": topic}},
            {"sqs": {"roleArn": role, "queueUrl": raw, "useBase64": True}},
        ]
        iot.create_topic_rule(ruleName="all", topicRulePayload={"sql": "SELECT a FROM 'to/+'", "actions": actions})
        told_rule = iot.get_topic_rule(ruleName="all")["rule"]
        data.publish(topic="to/kit 1", payload=b'{"a": 5, "b": 6}')
        keys = wait_for(lambda: [one["Key"] for one in s3.list_objects_v2(Bucket="readings").get("Contents", [])])
        [notified] = wait_for(lambda: sqs.receive_message(QueueUrl=told).get("Messages"))
        [message] = wait_for(lambda: sqs.receive_message(QueueUrl=raw).get("Messages"))

        assert told_rule["actions"] == actions
        assert keys == ["kit 1/5.json"]
        assert s3.get_object(Bucket="readings", Key="kit 1/5.json")["Body"].read() == b'{"a":5}'
        assert json.loads(notified["Body"])["Message"] == '{"a":5}'
        assert base64.b64decode(message["Body"]) == b'{"a":5}'

    @pytest.mark.parametrize(
        ("kind", "needed", "parameters"),
        [
            ("s3", "s3:PutObject", {"bucketName": "b", "key": "k"}),
            ("sns", "sns:Publish", {"targetArn": "arn:aws:sns:us-east-1:000000000000:t"}),
            ("sqs", "sqs:SendMessage", {"queueUrl": "http://127.0.0.1/000000000000/q"}),
        ],
    )
    def test_role_has_to_allow_the_action_and_the_error_action_hears_why_not(
        self, core: LocalCore, iot: Any, data: Any, kind: str, needed: str, parameters: dict[str, str]
    ) -> None:
        sqs = core.client("sqs")
        errors = sqs.create_queue(QueueName=f"errors-{kind}")["QueueUrl"]
        weak, strong = (
            make_role(core, f"{kind}_{what}", action, "*")
            for what, action in (("reads", "dynamodb:GetItem"), ("reports", "sqs:SendMessage"))
        )
        rule = {
            "sql": f"SELECT * FROM 'err/{kind}'",
            "actions": [{kind: {"roleArn": weak, **parameters}}],
            "errorAction": {"sqs": {"roleArn": strong, "queueUrl": errors}},
        }
        iot.create_topic_rule(ruleName=f"weak_{kind}", topicRulePayload=rule)
        data.publish(topic=f"err/{kind}", payload=b"{}")
        [message] = wait_for(lambda: sqs.receive_message(QueueUrl=errors).get("Messages"))
        [failure] = json.loads(message["Body"])["failures"]

        assert failure["failedAction"] == kind
        assert f"does not allow {needed}" in failure["errorMessage"]

    def test_what_is_not_there_is_told_in_the_service_s_words(self, core: LocalCore, iot: Any, data: Any) -> None:
        role = make_role(core, "may_all", "*", "*")
        missing = {
            "s3": ({"bucketName": "nowhere", "key": "k"}, "NoSuchBucket"),
            "sns": ({"targetArn": "arn:aws:sns:us-east-1:000000000000:nowhere"}, "NotFound"),
            "sqs": ({"queueUrl": "http://127.0.0.1/000000000000/nowhere"}, "QueueDoesNotExist"),
        }
        actions = [{kind: {"roleArn": role, **parameters}} for kind, (parameters, _) in missing.items()]
        iot.create_topic_rule(
            ruleName="into_nothing", topicRulePayload={"sql": "SELECT * FROM 'n'", "actions": actions}
        )
        data.publish(topic="n", payload=b"{}")

        def failures() -> list[str]:
            found = [str(one["reason"]) for one in core.events() if one.get("rule") == "into_nothing"]
            return found if len(found) == len(missing) else []

        failed = wait_for(failures)

        assert [word for (_, word), why in zip(missing.values(), failed, strict=True) if word not in why] == []

    def test_what_the_engine_does_not_know_is_refused_when_the_rule_is_made(self, iot: Any) -> None:
        action = {"republish": {"topic": "b", "roleArn": "arn:aws:iam::000000000000:role/r"}}
        bad = {"sql": "SELECT nonsense(", "actions": [action]}
        unmodelled = {"sql": "SELECT * FROM 'a'", "actions": [{"lambda": {"functionArn": "arn:aws:lambda:::f"}}]}

        assert error_of(iot.create_topic_rule, ruleName="bad", topicRulePayload=bad).startswith("SqlParseException")
        assert error_of(iot.create_topic_rule, ruleName="bad", topicRulePayload=unmodelled).startswith("NotImplemented")

    def test_role_that_aws_iot_cannot_assume_is_refused_when_the_rule_is_made_or_replaced(
        self, core: LocalCore, iot: Any
    ) -> None:
        iam, good = core.client("iam"), make_role(core, "good", "iot:Publish", "*")
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        others = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        other = iam.create_role(RoleName="of_lambda", AssumeRolePolicyDocument=others)["Role"]["Arn"]

        def rule(role: str, of_errors: str = good) -> dict[str, Any]:
            actions = {name: {"republish": {"topic": "b", "roleArn": arn}} for name, arn in ((0, role), (1, of_errors))}
            return {"sql": "SELECT * FROM 'a'", "actions": [actions[0]], "errorAction": actions[1]}

        wrong = (rule(f"{good}x"), rule(other), rule(good, f"{good}x"))
        errors = [error_of(iot.create_topic_rule, ruleName="roles", topicRulePayload=one) for one in wrong]
        named = [one["ruleName"] for one in iot.list_topic_rules()["rules"]]
        iot.create_topic_rule(ruleName="roles", topicRulePayload=rule(good))
        errors += [error_of(iot.replace_topic_rule, ruleName="roles", topicRulePayload=one) for one in wrong]

        words = "InvalidRequestException: iot.amazonaws.com is unable to perform: sts:AssumeRole on resource: arn:aws:"
        assert all(error.startswith(words) for error in errors), errors
        assert "there is no role" in errors[0]
        assert "role of_lambda does not let iot.amazonaws.com assume it" in errors[1]
        assert "roles" not in named
        assert iot.get_topic_rule(ruleName="roles")["rule"]["actions"] == rule(good)["actions"]


def name_of(queue_url: str) -> str:
    return queue_url.rpartition("/")[2]


def wait_for(question: Callable[[], Any]) -> Any:
    """Return the first true answer."""
    until = time.monotonic() + 20
    while not (answer := question()) and time.monotonic() < until:
        time.sleep(0.05)
    return answer


def make_table(core: LocalCore, name: str) -> Any:
    client = core.client("dynamodb")
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "device", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "device", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


def make_role(core: LocalCore, name: str, action: str, resource: str) -> str:
    iam = core.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "iot.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allowed = {"Effect": "Allow", "Action": action, "Resource": resource}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy_of(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy_of(allowed))
    return str(role)


def policy_of(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class TestData:
    def test_published_message_arrives_at_a_subscriber(self, core: LocalCore, data: Any) -> None:
        device = core.provision()
        topic = f"{device.name}/a b/c"
        with MqttClient(core, device, subscribe=topic) as client:
            data.publish(topic=topic, qos=1, payload=b"over HTTPS", contentType="text/plain")
            arrived = client.next_payload()

        assert arrived == b"over HTTPS"

    def test_retained_message_is_told_and_goes(self, core: LocalCore, data: Any) -> None:
        data.publish(topic="kept/one", qos=1, retain=True, payload=b"last words")
        kept = data.get_retained_message(topic="kept/one")
        listed = data.list_retained_messages()["retainedTopics"]
        data.publish(topic="kept/one", retain=True, payload=b"")

        assert (kept["payload"], kept["qos"]) == (b"last words", 1)
        assert kept["lastModifiedTime"] == pytest.approx(time.time() * 1000, abs=60_000)
        assert [(one["topic"], one["payloadSize"]) for one in listed] == [("kept/one", 10)]
        assert error_of(data.get_retained_message, topic="kept/one").startswith("ResourceNotFoundException")

    @pytest.mark.parametrize("topic", ["$aws/events/x", "a/" * 8 + "b", "wild/+"])
    def test_topic_that_is_not_for_clients_is_refused(self, data: Any, topic: str) -> None:
        assert error_of(data.publish, topic=topic, payload=b"").startswith("InvalidRequestException")

    def test_too_large_payload_is_refused(self, data: Any) -> None:
        assert "RequestEntityTooLarge" in error_of(data.publish, topic="a", payload=b"x" * (128 * 1024 + 1))

    def test_shadow_is_that_of_mqtt(self, core: LocalCore, data: Any) -> None:
        device = core.provision(statements=[{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}])
        base = f"$aws/things/{device.name}/shadow"
        with MqttClient(core, device, subscribe=f"{base}/update/delta") as client:
            state = {"state": {"desired": {"led": 1}, "reported": {"led": 0}}}
            accepted = json.load(data.update_thing_shadow(thingName=device.name, payload=json.dumps(state))["payload"])
            delta = json.loads(client.next_payload())
        got = json.load(data.get_thing_shadow(thingName=device.name)["payload"])
        data.delete_thing_shadow(thingName=device.name)

        assert (accepted["version"], delta["state"], got["state"]["delta"]) == (1, {"led": 1}, {"led": 1})
        assert error_of(data.get_thing_shadow, thingName=device.name).startswith("ResourceNotFoundException")

    def test_named_shadows_are_listed(self, data: Any) -> None:
        for name in ("b", "a"):
            payload = io.BytesIO(b'{"state": {"reported": {"x": 1}}}')
            data.update_thing_shadow(thingName="many", shadowName=name, payload=payload)

        assert data.list_named_shadows_for_thing(thingName="many")["results"] == ["a", "b"]

    def test_conflicting_version_is_a_conflict(self, data: Any) -> None:
        data.update_thing_shadow(thingName="versioned", payload=b'{"state": {"reported": {"x": 1}}}')
        late = b'{"state": {"reported": {"x": 2}}, "version": 7}'

        assert error_of(data.update_thing_shadow, thingName="versioned", payload=late).startswith("ConflictException")


def make_certificate(
    name: str, authority: tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None = None
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer, issuer = (key, subject) if authority is None else (authority[0], authority[1].subject)
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
    )
    return key, builder.sign(signer, hashes.SHA256())


def pem_of(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
