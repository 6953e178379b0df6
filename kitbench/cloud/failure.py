"""Whose fault a failed call is, and one line about it.

What botocore's own retries (mode "standard": throttling, 5xx, time-outs, lost connections, with jitter) did not fix
ends here. The texts never hold a request or a response, so no key can get into them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
)

from kitbench.errors import CloudError, UsageError

#: What somebody without credentials has to do.
CREDENTIALS_FIX: Final = "run `aws configure` or set AWS_PROFILE, or take `--cloud local`"

#: Error code of AWS → what to do about it. Sources: "Common Error Types" of the AWS IoT API reference; STS.
FIXES: Final = {
    "AccessDeniedException": "give the bench's user the rights of docs/iam-policy.json",
    "UnauthorizedException": "give the bench's user the rights of docs/iam-policy.json",
    "ExpiredToken": "log in again: `aws sso login`, or renew the session token",
    "ExpiredTokenException": "log in again: `aws sso login`, or renew the session token",
    "RequestExpired": "set the bench's clock: `timedatectl set-ntp true`",
    "RequestTimeTooSkewed": "set the bench's clock: `timedatectl set-ntp true`",
    "InvalidSignatureException": "set the bench's clock and check the secret access key",
    "SignatureDoesNotMatch": "set the bench's clock and check the secret access key",
    "UnrecognizedClientException": "check access key and region: the key is unknown there",
    "InvalidClientTokenId": "check the access key: it is unknown",
    "LimitExceededException": "delete what is no longer needed: `kitbench sweep`",
    "ThrottlingException": "wait a minute, or let fewer benches run at once",
    "TooManyRequestsException": "wait a minute, or let fewer benches run at once",
}

_CALLERS_FAULT: Final = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    ProfileNotFound,
    NoRegionError,
    SSOError,
)
_CALLERS_FIXES: Final[dict[type[Exception], str]] = {
    NoRegionError: "set AWS_REGION or `--region`",
    ProfileNotFound: "see `aws configure list-profiles`",
}


def code_of(error: ClientError) -> str:
    """Return AWS's name of the error, such as ``"ResourceNotFoundException"``."""
    return str(error.response.get("Error", {}).get("Code", "")) or "unknown error"


@contextmanager
def cloud_errors(stage: str, what: str) -> Iterator[None]:
    """Turn botocore's errors into ours: UsageError for missing credentials or region, else CloudError.

    Args:
        stage: of the run, such as ``"provision"``.
        what: was being done, such as ``"create thing kitbench-…"``.
    """
    try:
        yield
    except _CALLERS_FAULT as error:
        fix = _CALLERS_FIXES.get(type(error), CREDENTIALS_FIX)
        raise UsageError(f"cannot {what}: {_text(error)}", stage=stage, fix=fix) from error
    except ClientError as error:
        raise _refused(error, stage, what) from error
    except (EndpointConnectionError, HTTPClientError) as error:
        fix = "check network, proxy and region"
        raise CloudError(f"cannot {what}: {_text(error)}", stage=stage, fix=fix) from error
    except BotoCoreError as error:
        raise CloudError(f"cannot {what}: {_text(error)}", stage=stage) from error


def _refused(error: ClientError, stage: str, what: str) -> CloudError:
    code = code_of(error)
    attempts = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
    after = f" after {attempts + 1} attempts" if attempts else ""
    message = str(error.response.get("Error", {}).get("Message", ""))
    detail = f": {_shortened(message)}" if message else ""
    return CloudError(f"cannot {what}: {code}{after}{detail}", stage=stage, fix=FIXES.get(code, ""))


def _text(error: Exception) -> str:
    return _shortened(str(error))


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:199]}…"
