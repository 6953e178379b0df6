"""Parameters of modelled operations, given by boto3: each has its effect, or is refused in words."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from tests.conformance.local_iot_core_process import ARN, running_local_iot_core

ALLOWS_ALL: Final = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}
)
TAGS: Final = [{"Key": "room", "Value": "E 12"}]


@pytest.fixture(name="iot", scope="module")
def _iot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with running_local_iot_core(tmp_path_factory.mktemp("core") / "events.jsonl") as core:
        trust = {"Effect": "Allow", "Principal": {"Service": "iot.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        core.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=document)
        yield core.client()


def error_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def rule(sql: str, **more: Any) -> dict[str, Any]:
    action = {"republish": {"roleArn": "arn:aws:iam::000000000000:role/r", "topic": "out"}}
    return {"sql": sql, "actions": [action], **more}


class TestFilters:
    def test_things_by_the_beginning_of_an_attribute_and_page_by_page(self, iot: Any) -> None:
        for number in range(12):
            attributes = {"attributes": {"shelf": f"s{number}"}}
            iot.create_thing(thingName=f"shelved-{number:02}", attributePayload=attributes)
        exact = iot.list_things(attributeName="shelf", attributeValue="s1")["things"]
        by_prefix = iot.list_things(attributeName="shelf", attributeValue="s1", usePrefixAttributeValue=True)["things"]
        pages = iot.get_paginator("list_things").paginate(attributeName="shelf", PaginationConfig={"PageSize": 5})
        numbers = [len(page["things"]) for page in pages if page["things"]]

        assert [one["thingName"] for one in exact] == ["shelved-01"]
        assert [one["thingName"] for one in by_prefix] == ["shelved-01", "shelved-10", "shelved-11"]
        assert (numbers[:2], sum(numbers)) == ([5, 5], 12)

    def test_groups_things_and_policies_through_levels(self, iot: Any) -> None:
        iot.create_thing(thingName="deep")
        above = iot.create_thing_group(thingGroupName="above")["thingGroupArn"]
        below = iot.create_thing_group(thingGroupName="below", parentGroupName="above")["thingGroupArn"]
        iot.add_thing_to_thing_group(thingGroupName="below", thingName="deep")
        iot.create_policy(policyName="of-above", policyDocument=ALLOWS_ALL)
        iot.attach_policy(policyName="of-above", target=above)

        assert iot.list_things_in_thing_group(thingGroupName="above")["things"] == []
        assert iot.list_things_in_thing_group(thingGroupName="above", recursive=True)["things"] == ["deep"]
        assert iot.list_attached_policies(target=below)["policies"] == []
        found = iot.list_attached_policies(target=below, recursive=True)["policies"]
        assert [one["policyName"] for one in found] == ["of-above"]

    def test_rules_by_topic_by_state_and_page_by_page(self, iot: Any) -> None:
        iot.create_topic_rule(ruleName="on", topicRulePayload=rule("SELECT * FROM 'lab/+/t'"))
        iot.create_topic_rule(ruleName="off", topicRulePayload=rule("SELECT * FROM 'other'", ruleDisabled=True))

        def names(**given: Any) -> list[str]:
            return [one["ruleName"] for one in iot.list_topic_rules(**given)["rules"]]

        first = iot.list_topic_rules(maxResults=1)
        second = names(maxResults=1, nextToken=first["nextToken"])
        assert (names(topic="lab/7/t"), names(topic="lab/7")) == (["on"], [])
        assert (names(ruleDisabled=True), names(ruleDisabled=False)) == (["off"], ["on"])
        assert ([one["ruleName"] for one in first["rules"]], second) == (["on"], ["off"])

    def test_order_of_policies_is_the_one_asked_for(self, iot: Any) -> None:
        for name in ("order-1", "order-2"):
            iot.create_policy(policyName=name, policyDocument=ALLOWS_ALL)

        def order(**given: Any) -> list[str]:
            names = (one["policyName"] for one in iot.list_policies(pageSize=250, **given)["policies"])
            return [name for name in names if name.startswith("order-")]

        assert order(ascendingOrder=True) == ["order-1", "order-2"]
        assert order(ascendingOrder=False) == ["order-2", "order-1"]

    def test_search_is_cut_into_pages(self, iot: Any) -> None:
        for number in range(3):
            iot.create_thing(thingName=f"indexed-{number}")
        first = iot.search_index(queryString="thingName:indexed-*", maxResults=2)
        rest = iot.search_index(queryString="thingName:indexed-*", maxResults=2, nextToken=first["nextToken"])

        assert [len(answer["things"]) for answer in (first, rest)] == [2, 1]


class TestVersions:
    def test_unexpected_version_changes_nothing(self, iot: Any) -> None:
        iot.create_thing(thingName="versioned")
        iot.create_thing_group(thingGroupName="versioned")
        iot.create_billing_group(billingGroupName="versioned")
        attributes = {"attributes": {"a": "1"}}
        errors = [
            error_of(iot.update_thing, thingName="versioned", attributePayload=attributes, expectedVersion=7),
            error_of(iot.delete_thing_group, thingGroupName="versioned", expectedVersion=7),
            error_of(iot.delete_billing_group, billingGroupName="versioned", expectedVersion=7),
        ]

        assert [error.partition(":")[0] for error in errors] == ["VersionConflictException"] * 3
        assert iot.describe_thing(thingName="versioned")["attributes"] == {}
        iot.update_thing(thingName="versioned", attributePayload=attributes, expectedVersion=1)
        iot.delete_thing_group(thingGroupName="versioned", expectedVersion=1)
        iot.delete_billing_group(billingGroupName="versioned", expectedVersion=1)
        assert iot.describe_thing(thingName="versioned")["attributes"] == {"a": "1"}
        assert error_of(iot.describe_thing_group, thingGroupName="versioned").startswith("ResourceNotFound")
        assert error_of(iot.describe_billing_group, billingGroupName="versioned").startswith("ResourceNotFound")

    def test_type_is_deleted_only_once_it_is_deprecated(self, iot: Any) -> None:
        iot.create_thing_type(thingTypeName="in-use")
        refused = error_of(iot.delete_thing_type, thingTypeName="in-use")
        iot.deprecate_thing_type(thingTypeName="in-use")
        iot.deprecate_thing_type(thingTypeName="in-use", undoDeprecate=True)
        again = error_of(iot.delete_thing_type, thingTypeName="in-use")
        iot.deprecate_thing_type(thingTypeName="in-use")
        iot.delete_thing_type(thingTypeName="in-use")

        assert refused == again
        assert refused.startswith("InvalidRequestException: thing type in-use must be deprecated")


class TestTags:
    def test_tags_are_kept_with_whatever_can_be_tagged(self, iot: Any) -> None:
        made = [
            iot.create_policy(policyName="tagged", policyDocument=ALLOWS_ALL, tags=TAGS)["policyArn"],
            iot.create_thing_group(thingGroupName="tagged", tags=TAGS)["thingGroupArn"],
            iot.create_thing_type(thingTypeName="tagged", tags=TAGS)["thingTypeArn"],
            iot.create_billing_group(billingGroupName="tagged", tags=TAGS)["billingGroupArn"],
        ]
        iot.create_topic_rule(ruleName="tagged", topicRulePayload=rule("SELECT * FROM 'x'"), tags="room=E%2012")
        made.append(f"{ARN}:rule/tagged")

        assert [iot.list_tags_for_resource(resourceArn=arn)["tags"] for arn in made] == [TAGS] * 5
        for arn in made:
            iot.untag_resource(resourceArn=arn, tagKeys=["room"])
            iot.tag_resource(resourceArn=arn, tags=[{"Key": "kit", "Value": "7"}])
        assert [iot.list_tags_for_resource(resourceArn=arn)["tags"] for arn in made] == [
            [{"Key": "kit", "Value": "7"}]
        ] * 5

    def test_what_is_made_anew_does_not_inherit_tags(self, iot: Any) -> None:
        iot.create_thing_group(thingGroupName="phoenix", tags=TAGS)
        iot.delete_thing_group(thingGroupName="phoenix")
        arn = iot.create_thing_group(thingGroupName="phoenix")["thingGroupArn"]

        assert iot.list_tags_for_resource(resourceArn=arn)["tags"] == []

    def test_things_cannot_be_tagged(self, iot: Any) -> None:
        arn = iot.create_thing(thingName="untagged")["thingArn"]

        assert error_of(iot.tag_resource, resourceArn=arn, tags=TAGS).startswith("ResourceNotFoundException")


class TestWithoutEffect:
    @pytest.mark.parametrize(
        ("operation", "given", "named"),
        [
            (
                "attach_thing_principal",
                {"thingName": "t", "principal": "p", "thingPrincipalType": "EXCLUSIVE_THING"},
                "thingPrincipalType",
            ),
            (
                "create_thing_type",
                {
                    "thingTypeName": "t",
                    "thingTypeProperties": {
                        "mqtt5Configuration": {
                            "propagatingAttributes": [{"userPropertyKey": "k", "thingAttribute": "a"}]
                        }
                    },
                },
                "mqtt5Configuration",
            ),
            ("get_effective_policies", {"cognitoIdentityPoolId": "us-east-1:a"}, "cognitoIdentityPoolId"),
            ("search_index", {"queryString": "shadow.reported.on:true"}, "shadow.reported.on:true"),
            ("search_index", {"queryString": "thingName:a AND attributes.n>5"}, "attributes.n>5"),
            ("search_index", {"queryString": "thingGroupName:a", "indexName": "AWS_ThingGroups"}, "indexName"),
            (
                "update_indexing_configuration",
                {"thingIndexingConfiguration": {"thingIndexingMode": "REGISTRY_AND_SHADOW"}},
                "thingIndexingMode",
            ),
            (
                "update_indexing_configuration",
                {"thingGroupIndexingConfiguration": {"thingGroupIndexingMode": "ON"}},
                "thingGroupIndexingMode",
            ),
            ("register_ca_certificate", {"caCertificate": "x", "allowAutoRegistration": True}, "allowAutoRegistration"),
            (
                "update_ca_certificate",
                {"certificateId": "a" * 64, "newAutoRegistrationStatus": "ENABLE"},
                "newAutoRegistrationStatus",
            ),
        ],
    )
    def test_it_is_refused_by_name(self, iot: Any, operation: str, given: dict[str, Any], named: str) -> None:
        error = error_of(getattr(iot, operation), **given)

        assert error.startswith("NotImplementedException")
        assert named in error
        assert "not modelled" in error

    def test_the_kind_of_attachment_is_told(self, iot: Any) -> None:
        arn = iot.create_keys_and_certificate(setAsActive=True)["certificateArn"]
        iot.create_thing(thingName="attached")
        iot.attach_thing_principal(thingName="attached", principal=arn, thingPrincipalType="NON_EXCLUSIVE_THING")
        [told] = iot.list_thing_principals_v2(thingName="attached")["thingPrincipalObjects"]
        exclusive = iot.list_principal_things_v2(principal=arn, thingPrincipalType="EXCLUSIVE_THING")

        assert told == {"principal": arn, "thingPrincipalType": "NON_EXCLUSIVE_THING"}
        assert exclusive["principalThingObjects"] == []
