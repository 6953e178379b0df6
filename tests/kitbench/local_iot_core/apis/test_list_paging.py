from typing import Any

import pytest
from moto.iot.exceptions import InvalidRequestException

from kitbench.local_iot_core.apis.list_paging import page_of

RULES: Any = {"rules": [{"ruleName": name} for name in "abc"]}


def given(**parameters: Any) -> Any:
    return parameters.get


def test_pages_hold_all_once_and_in_order() -> None:
    first = page_of("ListTopicRules", RULES, given(maxResults="2"))
    second = page_of("ListTopicRules", RULES, given(maxResults="2", nextToken=first["nextToken"]))

    assert first["rules"] + second["rules"] == RULES["rules"]
    assert second["nextToken"] is None


def test_newest_come_first_where_that_is_asked_for() -> None:
    page = page_of("ListPolicies", {"policies": [1, 2, 3]}, given(isAscendingOrder="false"))

    assert page["policies"] == [3, 2, 1]


def test_result_of_another_call_is_left_as_it_is() -> None:
    assert page_of("GetTopicRule", RULES, given()) is RULES


@pytest.mark.parametrize("token", ["1", "0000000x", "000000001"])
def test_foreign_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidRequestException):
        page_of("ListTopicRules", RULES, given(nextToken=token))
