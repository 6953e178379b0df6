"""One line for every failure, with whose fault it is."""

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ReadTimeoutError,
    UnauthorizedSSOTokenError,
)

from kitbench.cloud.failure import FIXES, cloud_errors, code_of
from kitbench.errors import CloudError, KitbenchError, UsageError


def _client_error(code: str, message: str = "", **metadata: int) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "CreateThing")  # type: ignore[typeddict-item]  # as much of it as is read


@pytest.mark.parametrize(
    ("raised", "expected", "text"),
    [
        (NoCredentialsError(), UsageError, "`aws configure`"),
        (NoRegionError(), UsageError, "set AWS_REGION"),
        (UnauthorizedSSOTokenError(), UsageError, "`aws configure`"),
        (EndpointConnectionError(endpoint_url="https://x"), CloudError, "check network"),
        (ReadTimeoutError(endpoint_url="https://x"), CloudError, "Read timeout"),
        (BotoCoreError(), CloudError, "unspecified error"),
        (_client_error("ThrottlingException", "Rate exceeded", RetryAttempts=7), CloudError, "after 8 attempts: Rate"),
        (_client_error("", ""), CloudError, "unknown error"),
    ],
)
def test_error_of_botocore_becomes_one_line(raised: Exception, expected: type[KitbenchError], text: str) -> None:
    with pytest.raises(expected, match=text) as caught, cloud_errors("provision", "create thing x"):
        raise raised

    assert str(caught.value).startswith("provision: cannot create thing x")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("code", FIXES)
def test_known_code_says_what_to_do(code: str) -> None:
    with pytest.raises(CloudError) as caught, cloud_errors("provision", "do it"):
        raise _client_error(code)

    assert caught.value.fix == FIXES[code]


def test_long_and_many_lined_messages_are_shortened() -> None:
    with pytest.raises(CloudError) as caught, cloud_errors("provision", "do it"):
        raise _client_error("InvalidRequestException", "line\n" * 500)

    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


def test_our_own_errors_pass() -> None:
    with pytest.raises(ZeroDivisionError), cloud_errors("provision", "do it"):
        raise ZeroDivisionError


def test_code_of_an_error_without_one() -> None:
    assert code_of(ClientError({}, "X")) == "unknown error"
