"""Policy documents: what is read, what is refused, what is decided."""

import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.local_iot_core.policies.policy import Authorizer, PolicyError, parse_policy
from tests.kitbench.local_iot_core.broker_rig import arn

VARIABLES = {
    "iot:ClientId": "kit-1",
    "iot:Connection.Thing.ThingName": "kit-1",
    "iot:Connection.Thing.IsAttached": "true",
    "iot:Connection.Thing.Attributes[room]": "lab",
    "iot:Certificate.Subject.CommonName": "name",
    "aws:SourceIp": "192.0.2.7",
}


def statement(effect: str = "Allow", action: Any = "iot:Publish", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def is_allowed(text: str, resource: str, action: str = "iot:Publish", **variables: str) -> bool:
    authorizer = Authorizer([parse_policy("p", text)], VARIABLES | variables)
    return authorizer.decide(action, arn(resource)).allowed


class TestDecision:
    def test_nothing_is_allowed_without_a_policy(self) -> None:
        assert not Authorizer([], VARIABLES).decide("iot:Publish", arn("topic/a")).allowed

    def test_deny_wins_whatever_the_order(self) -> None:
        allow, deny = statement(), statement("Deny", resource=arn("topic/a"))

        for text in (document(allow, deny), document(deny, allow)):
            assert not is_allowed(text, "topic/a")
            assert is_allowed(text, "topic/b")

    def test_deny_of_another_policy_wins(self) -> None:
        policies = [parse_policy("one", document(statement())), parse_policy("two", document(statement("Deny")))]

        decision = Authorizer(policies, VARIABLES).decide("iot:Publish", arn("topic/a"))

        assert (decision.allowed, decision.reason) == (False, f"policy two denies iot:Publish on {arn('topic/a')}")

    @pytest.mark.parametrize(
        ("action", "covers"),
        [
            ("iot:Publish", True),
            ("iot:*", True),
            ("*", True),
            ("iot:Pub*", True),
            ("iot:publish", True),
            ("iot:Receive", False),
            ("iot:Publis", False),
        ],
    )
    def test_action_patterns(self, action: str, *, covers: bool) -> None:
        assert is_allowed(document(statement(action=action)), "topic/a") is covers

    @pytest.mark.parametrize(
        ("pattern", "resource", "covers"),
        [
            ("topic/a", "topic/a", True),
            ("topic/a", "topic/a/b", False),
            ("topic/a/*", "topic/a/b/c", True),
            ("topic/a/*", "topic/a", False),
            ("topic/*/c", "topic/a/b/c", True),
            ("topic/?", "topic/a", True),
            ("topic/?", "topic/ab", False),
            ("topicfilter/a/+", "topicfilter/a/+", True),
            ("topicfilter/a/+", "topicfilter/a/b", False),
            ("topic/${iot:ClientId}/x", "topic/kit-1/x", True),
            ("topic/${iot:ClientId}/x", "topic/kit-2/x", False),
            ("topic/${IOT:clientid}", "topic/kit-1", True),
            ("topic/${iot:Connection.Thing.Attributes[room]}", "topic/lab", True),
            ("topic/${iot:Connection.Thing.Attributes[floor]}", "topic/", False),
            ("topic/${iot:Certificate.Subject.CommonName}/*", "topic/name/x", True),
            ("topic/${*}", "topic/*", True),
            ("topic/${*}", "topic/a", False),
        ],
    )
    def test_resource_patterns(self, pattern: str, resource: str, *, covers: bool) -> None:
        assert is_allowed(document(statement(resource=arn(pattern))), resource) is covers

    def test_value_of_a_variable_is_no_pattern(self) -> None:
        text = document(statement(resource=arn("topic/${iot:ClientId}")))

        variables = {"iot:ClientId": "*"}
        authorizer = Authorizer([parse_policy("p", text)], variables)
        assert not authorizer.decide("iot:Publish", arn("topic/a")).allowed
        assert authorizer.decide("iot:Publish", arn("topic/*")).allowed

    def test_lists_mean_any(self) -> None:
        text = document(statement(action=["iot:Receive", "iot:Publish"], resource=[arn("topic/a"), arn("topic/b")]))

        assert is_allowed(text, "topic/b")

    def test_decisions_are_remembered_in_bounded_number(self) -> None:
        authorizer = Authorizer([parse_policy("p", document(statement()))], VARIABLES)

        for number in range(3 * Authorizer.REMEMBERED):
            assert authorizer.decide("iot:Publish", arn(f"topic/{number}")).allowed

        assert len(authorizer._decisions) <= Authorizer.REMEMBERED


class TestConditions:
    @pytest.mark.parametrize(
        ("condition", "holds"),
        [
            ({"StringEquals": {"iot:ClientId": "kit-1"}}, True),
            ({"StringEquals": {"iot:ClientId": ["kit-0", "kit-1"]}}, True),
            ({"StringEquals": {"iot:ClientId": "KIT-1"}}, False),
            ({"StringEqualsIgnoreCase": {"iot:ClientId": "KIT-1"}}, True),
            ({"StringNotEquals": {"iot:ClientId": "kit-1"}}, False),
            ({"StringNotEquals": {"iot:ClientId": ["kit-0", "kit-1"]}}, False),
            ({"StringLike": {"iot:ClientId": "kit-*"}}, True),
            ({"StringNotLike": {"iot:ClientId": "kit-*"}}, False),
            ({"Bool": {"iot:Connection.Thing.IsAttached": True}}, True),
            ({"Bool": {"iot:Connection.Thing.IsAttached": ["false"]}}, False),
            ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, True),
            ({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, False),
            ({"IpAddress": {"aws:SourceIp": "no address"}}, False),
            ({"StringEquals": {"iot:Unknown": "x"}}, False),
            ({"StringEqualsIfExists": {"iot:Unknown": "x"}}, True),
            ({"StringNotEquals": {"iot:Unknown": "x"}}, True),
            ({"Null": {"iot:Unknown": "true"}}, True),
            ({"Null": {"iot:ClientId": "true"}}, False),
            ({"ForAnyValue:StringEquals": {"iot:ClientId": "kit-1"}}, True),
            ({"StringEquals": {"iot:ClientId": "${iot:Connection.Thing.ThingName}"}}, True),
            ({"StringEquals": {"iot:ClientId": "kit-1"}, "Bool": {"iot:Connection.Thing.IsAttached": "false"}}, False),
            ({"NumericLessThan": {"iot:ClientId": "5"}}, False),
        ],
    )
    def test_condition(self, condition: dict[str, Any], *, holds: bool) -> None:
        assert is_allowed(document(statement(Condition=condition)), "topic/a") is holds

    @pytest.mark.parametrize(
        ("operator", "wanted", "attributes", "holds"),
        [
            ("ForAllValues:StringEquals", ["PersistentConnect"], ("PersistentConnect",), True),
            ("ForAllValues:StringEquals", ["PersistentConnect"], (), True),
            ("ForAllValues:StringEquals", ["PersistentConnect"], ("PersistentConnect", "LastWill"), False),
            ("ForAllValues:StringEquals", [], ("LastWill",), False),
            ("ForAllValues:StringEquals", [], (), True),
            ("ForAllValues:StringNotEquals", ["PersistentConnect"], ("LastWill",), True),
            ("ForAllValues:StringNotEquals", ["PersistentConnect"], ("PersistentConnect",), False),
            ("ForAnyValue:StringEquals", ["PersistentConnect"], ("PersistentConnect", "LastWill"), True),
            ("ForAnyValue:StringEquals", ["PersistentConnect"], (), False),
        ],
    )
    def test_connect_attributes(
        self, operator: str, wanted: list[str], attributes: tuple[str, ...], *, holds: bool
    ) -> None:
        """The examples of "Connect policy examples"."""
        text = document(statement(action="iot:Connect", Condition={operator: {"iot:ConnectAttributes": wanted}}))
        authorizer = Authorizer([parse_policy("p", text)], VARIABLES, {"iot:ConnectAttributes": attributes})

        assert authorizer.decide("iot:Connect", arn("client/kit-1")).allowed is holds


class TestMalformed:
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "not JSON"),
            ("[" * 2000, "not JSON"),
            ("[]", "not a JSON object"),
            ('{"Version": "2020-01-01", "Statement": []}', "version"),
            ('{"Statement": []}', "no statement"),
            ('{"Statement": [1]}', "not a JSON object"),
            ('{"Statment": []}', "unknown element"),
            (document(statement(Principal="*")), "unknown element"),
            (document(statement("allow")), "effect"),
            (document(statement(action="s3:GetObject")), "not one of iot"),
            (document(statement(action=[])), "no Action"),
            (document(statement(resource="topic/a")), "no ARN"),
            (document(statement(Condition=[])), "condition"),
            (document(statement(Condition={"StringSimilar": {"a": "b"}})), "unknown"),
            (document(statement(Condition={"StringEquals": {}})), "names no key"),
            (document(statement(Condition={"StringEquals": {"a": [{}]}})), "no values"),
            (document(statement(resource=arn("topic/" + "x" * 2048))), "at most 2048"),
        ],
    )
    def test_document_is_refused_with_the_reason(self, text: str, reason: str) -> None:
        with pytest.raises(PolicyError, match=reason):
            parse_policy("p", text)

    @given(
        st.text(max_size=300)
        | st.recursive(
            st.none() | st.booleans() | st.integers() | st.sampled_from(["Allow", "iot:*", "*", "arn:a", "2012-10-17"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["Version", "Statement", "Effect", "Action", "Resource", "Condition", "StringLike", "Bool"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=12,
        ).map(json.dumps)
    )
    def test_any_text_is_a_policy_or_refused(self, text: str) -> None:
        with contextlib.suppress(PolicyError):
            Authorizer([parse_policy("p", text)], VARIABLES).decide("iot:Publish", arn("topic/a"))

    def test_hostile_pattern_takes_no_exponential_time(self) -> None:
        pattern = arn("topic/" + "a*" * 300 + "?b")
        authorizer = Authorizer([parse_policy("p", document(statement(resource=pattern)))], VARIABLES)

        begin = time.process_time()
        decision = authorizer.decide("iot:Publish", arn("topic/" + "a" * 250))

        # A backtracking matcher would need years; the bound only tells the two apart.
        assert time.process_time() - begin < 5
        assert not decision.allowed
