"""moto's IoT API, fixed at the edge: what a request may hold, how lists are paged, what is missing altogether.

The registry behind it is `certificate_issuing`. Sources: AWS IoT API reference, per call; AWS General Reference, "AWS
IoT Core endpoints and quotas".
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import get_service_model
from moto.iot.exceptions import (
    InvalidRequestException,
    IoTClientError,
    ResourceNotFoundException,
    VersionConflictException,
)

from kitbench.local_iot_core.apis.list_paging import page_of
from kitbench.local_iot_core.apis.lists_api import ListsApi
from kitbench.local_iot_core.apis.modelled_operations import require_modelled
from kitbench.local_iot_core.apis.request_constraints import violation
from kitbench.local_iot_core.apis.tagging_api import TaggingApi
from kitbench.local_iot_core.apis.unmodelled_parameters import refuse_unmodelled
from kitbench.local_iot_core.policies.iam_role import why_not_assumed
from kitbench.local_iot_core.policies.policy import PolicyError, parse_policy
from kitbench.local_iot_core.policies.policy_simulation import AuthorizationQuestion, simulate
from kitbench.local_iot_core.rules.rule import parse_rule
from kitbench.local_iot_core.rules.syntax import SqlError

#: Key of the WSGI environment under which the call's name goes back to `control_plane`.
OPERATION_KEY: Final = "kitbench.operation"
#: Key of the WSGI environment under which `control_plane` hands over its registry.
BACKEND_KEY: Final = "kitbench.backend"


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


class RegistryApi(TaggingApi, ListsApi):
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
            given = self._parameter(key, member.serialization)
            problem = violation(member, given, key)
            if problem is not None:
                raise InvalidRequestException(problem)
            refuse_unmodelled(name, key, given)

    def _parameter(self, key: str, serialization: dict[str, Any]) -> Any:
        name = serialization.get("name", key)
        return self.headers.get(name) if serialization.get("location") == "header" else self._get_param(name)

    def serialized(self, action_result: ActionResult) -> Any:
        """Cut a list into the page that was asked for; moto sends all of it."""
        page = page_of(self._get_action(), action_result.result, self._get_param)
        return super().serialized(ActionResult(page) if page is not action_result.result else action_result)

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
        return self._tagged(super().create_policy(), "policyArn")

    def create_policy_version(self) -> ActionResult:
        """Refuse policy documents and rules that AWS would call malformed."""
        self._check_document()
        return super().create_policy_version()

    def create_topic_rule(self) -> ActionResult:
        """Refuse what the rules engine does not understand; moto takes every text, and nothing ever happens."""
        self._check_rule()
        result = super().create_topic_rule()
        self._begin_tags(self.iot_backend.rules[self._get_param("ruleName")].arn, self._rule_tags())
        return result

    def replace_topic_rule(self) -> ActionResult:
        """Refuse what the rules engine does not understand, and keep the former rule then."""
        self._check_rule()
        return super().replace_topic_rule()

    def _check_rule(self) -> None:
        names = ("sql", "awsIotSqlVersion", "ruleDisabled", "actions", "errorAction")
        try:
            rule = parse_rule(self._get_param("ruleName"), {name: self._get_param(name) for name in names})
        except SqlError as error:
            raise SqlParseError(str(error)) from error
        for role in rule.role_arns:
            if problem := why_not_assumed(role):
                # The words before the colon are AWS's own.
                words = f"iot.amazonaws.com is unable to perform: sts:AssumeRole on resource: {role}"
                raise InvalidRequestException(f"{words}: {problem}")

    def delete_thing(self) -> ActionResult:
        """Mind `expectedVersion`, which moto does not read."""
        name = self._get_param("thingName")
        self._check_version(name, {thing.thing_name: thing.version for thing in self.iot_backend.things.values()})
        self.iot_backend.delete_thing(name)
        return EmptyResult()

    def update_thing(self) -> ActionResult:
        """Mind `expectedVersion`, which moto does not read."""
        name = self._get_param("thingName")
        self._check_version(name, {name: self.iot_backend.describe_thing(name).version})
        return super().update_thing()

    def delete_thing_group(self) -> ActionResult:
        """Mind `expectedVersion`, which moto does not read."""
        versions = {group.thing_group_name: group.version for group in self.iot_backend.thing_groups.values()}
        self._check_version(self._get_param("thingGroupName"), versions)
        return super().delete_thing_group()

    def delete_billing_group(self) -> ActionResult:
        """Mind `expectedVersion`, which moto does not read."""
        versions = {group.billing_group_name: group.version for group in self.iot_backend.billing_groups.values()}
        self._check_version(self._get_param("billingGroupName"), versions)
        return super().delete_billing_group()

    def _check_version(self, name: str, versions: Mapping[str, int]) -> None:
        expected = self._get_int_param("expectedVersion")
        if expected is not None and versions.get(name, expected) != expected:
            raise VersionConflictException(name)

    def delete_thing_type(self) -> ActionResult:
        """Refuse a type that is in use still; moto deletes it. AWS wants it deprecated for five minutes, too."""
        name = self._get_param("thingTypeName")
        if not self.iot_backend.describe_thing_type(name).metadata["deprecated"]:
            raise InvalidRequestException(f"thing type {name} must be deprecated before it is deleted")
        return super().delete_thing_type()

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


#: Beside the class of the registry moto looks for these two names.
url_bases: Final = [r"https?://iot\.(.+)\.amazonaws\.com"]
url_paths: Final = {"{0}/.*$": RegistryApi.dispatch}
