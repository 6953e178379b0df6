"""What to paste into a shell so that boto3 and the AWS CLI talk to a local IoT core, and never to AWS.

Source: AWS SDKs and Tools reference guide, "Service-specific endpoints", "Environment variables support".
"""

from typing import Final

from kitbench.quoting import shell

#: What the shell has of AWS goes first: a profile, a session token or one service's endpoint (`AWS_ENDPOINT_URL_S3`)
#: would win over what is exported here.
FORGET: Final = "unset AWS_PROFILE $(env | grep -o '^AWS_[A-Za-z0-9_]*')"


def assignments(endpoint_url: str, ca_file: str, region: str, keys: tuple[str, str]) -> list[str]:
    """Return words to export, quoted: ``NAME=value``.

    Args:
        endpoint_url: of the control plane.
        ca_file: PEM of the core's root.
        region: of every service.
        keys: access key id and secret access key, which are worth nothing anywhere else.
    """
    variables = {
        # For every service: what this core does not offer is refused there, and never reaches an account of AWS.
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        # Version 1 of the AWS CLI asks Amazon's own host for sqs, whatever AWS_ENDPOINT_URL says: nothing is sent to a
        # host that this core did not certify.
        "AWS_CA_BUNDLE": ca_file,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": keys[0],
        "AWS_SECRET_ACCESS_KEY": keys[1],
    }
    return [f"{name}={shell.word(value)}" for name, value in variables.items()]
