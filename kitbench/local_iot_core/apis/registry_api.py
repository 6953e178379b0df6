"""moto's IoT API, fixed at the edge: what a request may hold, how lists are paged, what is missing altogether.

The registry behind it is `certificate_issuing`. Sources: AWS IoT API reference, per call; AWS General Reference, "AWS
IoT Core endpoints and quotas".
"""

from collections.abc import Callable
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import get_service_model
from moto.iot.exceptions import (
    InvalidRequestException,
    IoTClientError,
    ResourceNotFoundException,
    VersionConflictException,
)
from moto.iot.responses import IoTResponse

from kitbench.local_iot_core.apis.modelled_operations import require_modelled
from kitbench.local_iot_core.apis.request_constraints import violation
from kitbench.local_iot_core.policies.policy import PolicyError, parse_policy
from kitbench.local_iot_core.policies.policy_simulation import AuthorizationQuestion, simulate
from kitbench.local_iot_core.rules.rule import parse_rule
from kitbench.local_iot_core.rules.syntax import SqlError

#: Key of the WSGI environment under which the call's name goes back to `control_plane`.
OPERATION_KEY: Final = "kitbench.operation"
#: Key of the WSGI environment under which `control_plane` hands over its registry.
BACKEND_KEY: Final = "kitbench.backend"
#: Items of a page that names no size. Source: AWS CLI reference, "list-certificates": "The default value is 25."
_DEFAULT_PAGE: Final = 25
#: List calls that moto does not page → names of the list, of the token asked with, and of the token answered.
_MARKED: Final = ("marker", "nextMarker", "pageSize")
_TOKENED: Final = ("nextToken", "nextToken", "maxResults")
_PAGED: Final[dict[str, tuple[str, tuple[str, str, str]]]] = {
    "ListCertificates": ("certificates", _MARKED),
    "ListPolicies": ("policies", _MARKED),
    "ListAttachedPolicies": ("policies", _MARKED),
    "ListPrincipalPolicies": ("policies", _MARKED),
    "ListPolicyPrincipals": ("principals", _MARKED),
    "ListTargetsForPolicy": ("targets", _MARKED),
    "ListThingPrincipals": ("principals", _TOKENED),
    "ListThingPrincipalsV2": ("thingPrincipalObjects", _TOKENED),
    "ListPrincipalThings": ("things", _TOKENED),
    "ListPrincipalThingsV2": ("principalThingObjects", _TOKENED),
}


class MalformedPolicyError(IoTClientError):
    """The answer to a policy document that AWS does not take."""

    def __init__(self, message: str) -> None:
        self.code = 400
        super().__init__("MalformedPolicyException", message)


class SqlParseError(IoTClientError):
    """The answer to a rule that AWS does not take."""

    def __init__(self, message: str) -> None:
        self.code = 400
        super().__init__("SqlParseException", message)


class RegistryApi(IoTResponse):
    """One call of the control plane."""

    @property
    def iot_backend(self) -> Any:
        """The registry of the control plane that took the call; moto has one for the whole process."""
        return self.normalized_request.environ[BACKEND_KEY]

    def _authenticate_and_authorize_normal_action(self, resource: str = "*") -> None:
        """Refuse parameters that AWS refuses; this is moto's one hook before an action is carried out."""
        super()._authenticate_and_authorize_normal_action(resource)
        name = self._get_action()
        self.normalized_request.environ[OPERATION_KEY] = name
        if name is None:
            raise InvalidRequestException("no call of AWS IoT has this method and path")
        require_modelled("iot", name)
        shape = get_service_model("iot").operation_model(name).input_shape
        for key, member in shape.members.items() if shape is not None else ():
            problem = violation(member, self._parameter(key, member.serialization), key)
            if problem is not None:
                raise InvalidRequestException(problem)

    def _parameter(self, key: str, serialization: dict[str, Any]) -> Any:
        name = serialization.get("name", key)
        return self.headers.get(name) if serialization.get("location") == "header" else self._get_param(name)

    def serialized(self, action_result: ActionResult) -> Any:
        """Cut a list into the page that was asked for; moto sends all of it."""
        paging = _PAGED.get(self._get_action())
        result = action_result.result
        if paging is None or not isinstance(result, dict):
            return super().serialized(action_result)
        key, (token_in, token_out, size_name) = paging
        size = int(self._get_param(size_name) or _DEFAULT_PAGE)
        start = _offset(self._get_param(token_in))
        items = result[key]
        page = {**result, key: items[start : start + size]}
        page[token_out] = _token(start + size) if len(items) > start + size else None
        return super().serialized(ActionResult(page))

    def create_certificate_from_csr(self) -> ActionResult:
        """Read `setAsActive` as a truth value; moto takes the word "false" of the query for true."""
        certificate = self.iot_backend.create_certificate_from_csr(
            self._get_param("certificateSigningRequest"), bool(self._get_bool_param("setAsActive"))
        )
        return ActionResult(
            {
                "certificateId": certificate.certificate_id,
                "certificateArn": certificate.arn,
                "certificatePem": certificate.certificate_pem,
            }
        )

    def create_policy(self) -> ActionResult:
        """Refuse malformed documents, and keep tags; moto takes every text, and no tags."""
        self._check_document()
        result = super().create_policy()
        if tags := self._get_param("tags"):
            self._keep_tags(self.iot_backend.get_policy(self._get_param("policyName")).arn, tags)
        return result

    def create_policy_version(self) -> ActionResult:
        """Refuse policy documents and rules that AWS would call malformed."""
        self._check_document()
        return super().create_policy_version()

    def create_topic_rule(self) -> ActionResult:
        """Refuse what the rules engine does not understand; moto takes every text, and nothing ever happens."""
        self._check_rule()
        return super().create_topic_rule()

    def replace_topic_rule(self) -> ActionResult:
        """Refuse what the rules engine does not understand, and keep the former rule then."""
        self._check_rule()
        return super().replace_topic_rule()

    def _check_rule(self) -> None:
        names = ("sql", "awsIotSqlVersion", "ruleDisabled", "actions", "errorAction")
        try:
            parse_rule(self._get_param("ruleName"), {name: self._get_param(name) for name in names})
        except SqlError as error:
            raise SqlParseError(str(error)) from error

    def delete_thing(self) -> ActionResult:
        """Mind `expectedVersion`, which moto does not read."""
        name, expected = self._get_param("thingName"), self._get_int_param("expectedVersion")
        known = {thing.thing_name: thing.version for thing in self.iot_backend.things.values()}
        if expected is not None and known.get(name, expected) != expected:
            raise VersionConflictException(name)
        self.iot_backend.delete_thing(name)
        return EmptyResult()

    def detach_policy(self) -> ActionResult:
        """Succeed also when nothing was attached: the call has no ResourceNotFoundException."""
        return _succeed_without(super().detach_policy)

    def get_effective_policies(self) -> ActionResult:
        """List the policies that decide for a principal, or for a thing by its principals and groups; moto has none."""
        found = self.iot_backend.effective_policies(self._get_param("principal"), self._get_param("thingName"))
        return ActionResult(
            {
                "effectivePolicies": [
                    {"policyName": one.name, "policyArn": one.arn, "policyDocument": one.document} for one in found
                ]
            }
        )

    def test_authorization(self) -> ActionResult:
        """Let the broker's own policy engine decide; moto has no such call."""
        principal = self._get_param("principal")
        if not principal:
            raise InvalidRequestException("principal is missing; Cognito identities are not modelled")
        documents = {one.name: one.document for one in self.iot_backend.effective_policies(principal, None)}
        for name in self._get_param("policyNamesToSkip") or []:
            documents.pop(name, None)
        for name in self._get_param("policyNamesToAdd") or []:
            documents[name] = self.iot_backend.get_policy(name).document
        question = AuthorizationQuestion(documents, self._get_param("clientId") or "", self._get_param("authInfos"))
        return ActionResult({"authResults": simulate(question, self.iot_backend.variables_of(principal))})

    def update_certificate(self) -> ActionResult:
        """Refuse the states that only AWS itself may set."""
        if (status := self._get_param("newStatus")) in {"PENDING_TRANSFER", "PENDING_ACTIVATION", "REGISTER_INACTIVE"}:
            raise InvalidRequestException(f"status {status} cannot be set by UpdateCertificate")
        return super().update_certificate()

    def tag_resource(self) -> ActionResult:
        """Keep tags of a policy; moto answers 500."""
        self._keep_tags(self._existing(self._get_param("resourceArn")), self._get_param("tags") or [])
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """Drop tags of a policy."""
        kept = self.iot_backend.policy_tags.get(self._existing(self._get_param("resourceArn")), {})
        for key in self._get_param("tagKeys") or []:
            kept.pop(key, None)
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        """List the tags of a policy."""
        kept = self.iot_backend.policy_tags.get(self._existing(self._get_param("resourceArn")), {})
        return ActionResult({"tags": [{"Key": key, "Value": value} for key, value in kept.items()]})

    def _keep_tags(self, arn: str, tags: list[dict[str, str]]) -> None:
        self.iot_backend.policy_tags.setdefault(arn, {}).update({tag["Key"]: tag.get("Value", "") for tag in tags})

    def _existing(self, arn: str) -> str:
        if arn not in {policy.arn for policy in self.iot_backend.policies.values()}:
            # Certificates cannot be tagged on AWS either; other resources are not modelled.
            raise ResourceNotFoundException(f"no taggable resource {arn}")
        return arn

    def _check_document(self) -> None:
        try:
            parse_policy(self._get_param("policyName"), self._get_param("policyDocument") or "")
        except PolicyError as error:
            raise MalformedPolicyError(f"Policy document is malformed: {error}") from error


def _succeed_without(call: Callable[[], ActionResult]) -> ActionResult:
    try:
        return call()
    except ResourceNotFoundException:
        return EmptyResult()


def _token(offset: int) -> str:
    # Looks like AWS's: the model's pattern of a marker is base64.
    return f"{offset:08d}"


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not (len(token) == 8 and token.isdecimal()):
        raise InvalidRequestException("marker is not one that this service gave")
    return int(token)


#: Beside the class of the registry moto looks for these two names.
url_bases: Final = [r"https?://iot\.(.+)\.amazonaws\.com"]
url_paths: Final = {"{0}/.*$": RegistryApi.dispatch}
