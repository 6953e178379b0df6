"""Missing rights are named; nothing is called that could change anything."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kitbench.doctor.check import State
from kitbench.doctor.cloud_rights import READING, SIMULATED, principal_of, rights_line

USER = "arn:aws:iam::123456789012:user/bench"
CHANGING = ("create", "delete", "attach", "detach", "update", "put", "register", "set")


class Account:
    """An account that denies some rights; remembers what was called."""

    def __init__(self, *denied: str, simulator: bool = True) -> None:
        self.denied = denied
        self.simulator = simulator
        self.called: list[str] = []

    def client(self, service: str) -> "Service":
        return Service(self, service)


class Service:
    """One service of the account, any call of it."""

    def __init__(self, account: Account, name: str) -> None:
        self._account, self._name = account, name

    def __getattr__(self, call: str) -> Any:
        def answer(**arguments: Any) -> dict[str, Any]:
            self._account.called.append(call)
            if call == "get_caller_identity":
                return {"Arn": USER}
            if call == "simulate_principal_policy":
                return self._simulate(arguments["ActionNames"])
            right = next(right for right, (_, name, _) in READING.items() if name == call)
            code = "AccessDeniedException" if right in self._account.denied else "ResourceNotFoundException"
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, call)

        return answer

    def _simulate(self, actions: list[str]) -> dict[str, Any]:
        if not self._account.simulator:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "SimulatePrincipalPolicy")
        decided = [(name, "implicitDeny" if name in self._account.denied else "allowed") for name in actions]
        return {"EvaluationResults": [{"EvalActionName": name, "EvalDecision": decision} for name, decision in decided]}


def test_all_rights_are_ok_and_nothing_was_changed() -> None:
    account = Account()

    assert rights_line(account.client, "eu-west-1").state is State.OK
    assert account.called
    assert not [call for call in account.called if call.startswith(CHANGING)]


@pytest.mark.parametrize("right", [*READING, *(right for rights in SIMULATED.values() for right in rights)])
def test_each_missing_right_is_named(right: str) -> None:
    line = rights_line(Account(right).client, "eu-west-1")

    assert (line.state, line.detail) == (State.FAIL, f"missing: {right}")
    assert "iam-policy.json" in line.fix


def test_every_right_of_the_policy_is_asked_for() -> None:
    document = json.loads((Path(__file__).parents[3] / "docs" / "iam-policy.json").read_text(encoding="utf-8"))
    granted = {action for statement in document["Statement"] for action in statement["Action"]}
    seen_by_identity = {"sts:GetCallerIdentity", "iot:DescribeEndpoint"}

    assert {*READING, *(right for rights in SIMULATED.values() for right in rights)} == granted - seen_by_identity


def test_without_the_simulator_it_says_what_stays_open() -> None:
    assert "may read; whether it may write shows" in rights_line(Account(simulator=False).client, "eu-west-1").detail


def test_session_of_an_assumed_role_stands_for_the_role() -> None:
    assert principal_of("arn:aws:sts::123456789012:assumed-role/bench/i-1") == "arn:aws:iam::123456789012:role/bench"
    assert principal_of(USER) == USER
