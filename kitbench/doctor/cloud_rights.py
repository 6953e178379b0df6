"""Which rights of docs/iam-policy.json the bench lacks on AWS: asked by calls that change nothing.

Reading calls are made, for things that do not exist where they need a name. What creates or deletes, what needs a
certificate's ARN, and MQTT's packets are only put to AWS's policy simulator, which needs `iam:SimulatePrincipalPolicy`;
where that is not granted, they stay open.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from kitbench.doctor.check import Line, State

#: A name that no run uses: the answer is "not found" or "not allowed".
NOBODY: Final = "kitbench-doctor-asks"
FIX: Final = "attach docs/iam-policy.json to the user or role"
DENIED: Final = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorizedException")
#: Right → service, call and arguments.
READING: Final[Mapping[str, tuple[str, str, Mapping[str, Any]]]] = {
    "iot:ListThings": ("iot", "list_things", {"maxResults": 1}),
    "iot:ListPolicies": ("iot", "list_policies", {"pageSize": 1}),
    "iot:ListCertificates": ("iot", "list_certificates", {"pageSize": 1}),
    "iot:DescribeThing": ("iot", "describe_thing", {"thingName": NOBODY}),
    "iot:ListThingPrincipals": ("iot", "list_thing_principals", {"thingName": NOBODY}),
    "iot:ListTargetsForPolicy": ("iot", "list_targets_for_policy", {"policyName": NOBODY}),
    "cloudtrail:LookupEvents": ("cloudtrail", "lookup_events", {"MaxResults": 1}),
}
#: Resource → rights; the simulator must be asked for resources that the policy names.
SIMULATED: Final[Mapping[str, tuple[str, ...]]] = {
    f"thing/{NOBODY}": (
        "iot:CreateThing",
        "iot:UpdateThing",
        "iot:DeleteThing",
        "iot:AttachThingPrincipal",
        "iot:DetachThingPrincipal",
    ),
    f"policy/{NOBODY}": ("iot:CreatePolicy", "iot:DeletePolicy"),
    "cert/0123456789abcdef": (
        "iot:CreateKeysAndCertificate",
        "iot:CreateCertificateFromCsr",
        "iot:UpdateCertificate",
        "iot:DeleteCertificate",
        "iot:AttachPolicy",
        "iot:DetachPolicy",
        "iot:DescribeCertificate",
        "iot:ListAttachedPolicies",
        "iot:ListPrincipalThings",
    ),
    f"client/{NOBODY}": ("iot:Connect",),
    f"topic/kitbench/{NOBODY}": ("iot:Publish", "iot:Receive"),
    f"topicfilter/kitbench/{NOBODY}": ("iot:Subscribe",),
}


#: Makes a boto3 client of a service.
MakeClient = Callable[[str], Any]


def rights_line(make_client: MakeClient, region: str) -> Line:
    """Say which rights are missing; raises what boto3 raises when AWS cannot be reached."""
    missing = missing_to_read(make_client)
    writing = missing_when_simulated(make_client, region)
    missing += writing or []
    if missing:
        return Line("AWS rights", State.FAIL, f"missing: {', '.join(missing)}", FIX)
    if writing is None:
        return Line("AWS rights", State.OK, "may read; whether it may write shows in a run (no policy simulator)")
    return Line("AWS rights", State.OK, "may read and write")


def missing_to_read(make_client: MakeClient) -> list[str]:
    """Return the rights that AWS denied for calls that read."""
    clients = {service: make_client(service) for service, _, _ in READING.values()}
    return [
        right for right, (service, call, arguments) in READING.items() if _is_denied(clients[service], call, arguments)
    ]


def missing_when_simulated(make_client: MakeClient, region: str) -> list[str] | None:
    """Return the rights that the policy simulator denies, None where it cannot be asked."""
    caller = make_client("sts").get_caller_identity()["Arn"]
    simulator = make_client("iam")
    missing = []
    for resource, rights in SIMULATED.items():
        arn = f"arn:{caller.split(':')[1]}:iot:{region}:{caller.split(':')[4]}:{resource}"
        try:
            answer = simulator.simulate_principal_policy(
                PolicySourceArn=principal_of(caller), ActionNames=list(rights), ResourceArns=[arn]
            )
        except ClientError:  # not allowed, or an identity that the simulator does not know, such as a federated one
            return None
        missing += [one["EvalActionName"] for one in answer["EvaluationResults"] if one["EvalDecision"] != "allowed"]
    return missing


def principal_of(caller: str) -> str:
    """Return the ARN that policies hang on: an assumed role's session stands for its role."""
    head, *rest = caller.split("/")
    if not head.endswith(":assumed-role") or not rest:
        return caller
    return f"{head.replace(':sts:', ':iam:').removesuffix('assumed-role')}role/{rest[0]}"


def is_denial(error: ClientError) -> bool:
    """Say whether AWS refused for want of a right."""
    return str(error.response.get("Error", {}).get("Code", "")) in DENIED


def _is_denied(client: Any, call: str, arguments: Mapping[str, Any]) -> bool:
    try:
        getattr(client, call)(**arguments)
    except ClientError as error:
        return is_denial(error)  # any other answer, such as "not found", was allowed
    return False
