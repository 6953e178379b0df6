"""Which operations of AWS are modelled; every other one is refused in words, so that nothing succeeds without effect.

*Modelled* means that the effect of an operation is seen through another one or on the wire. The page
docs/fidelity/local-iot-core-operations.md has a row for each operation of each service, with the test that sees it.
"""

from collections.abc import Mapping
from typing import Final

_IOT: Final = """
AddThingToBillingGroup AddThingToThingGroup AttachPolicy AttachPrincipalPolicy AttachThingPrincipal CreateBillingGroup
CreateCertificateFromCsr CreateKeysAndCertificate CreatePolicy CreatePolicyVersion CreateThing CreateThingGroup
CreateThingType DeleteBillingGroup DeleteCACertificate DeleteCertificate DeletePolicy DeletePolicyVersion DeleteThing
DeleteThingGroup DeleteThingType DeprecateThingType DescribeBillingGroup DescribeCACertificate DescribeCertificate
DescribeEndpoint DescribeThing DescribeThingGroup DescribeThingType DetachPolicy DetachPrincipalPolicy
DetachThingPrincipal GetEffectivePolicies GetIndexingConfiguration GetPolicy GetPolicyVersion ListAttachedPolicies
ListBillingGroups ListCertificates ListCertificatesByCA ListPolicies ListPolicyPrincipals ListPolicyVersions
ListPrincipalPolicies ListPrincipalThings ListPrincipalThingsV2 ListTagsForResource ListTargetsForPolicy ListThingGroups
ListThingGroupsForThing ListThingPrincipals ListThingPrincipalsV2 ListThingTypes ListThings ListThingsInBillingGroup
ListThingsInThingGroup RegisterCACertificate RegisterCertificate RegisterCertificateWithoutCA
RemoveThingFromBillingGroup RemoveThingFromThingGroup SearchIndex SetDefaultPolicyVersion TagResource TestAuthorization
UntagResource UpdateBillingGroup UpdateCACertificate UpdateCertificate UpdateIndexingConfiguration UpdateThing
UpdateThingGroup UpdateThingGroupsForThing
CreateTopicRule DeleteTopicRule DisableTopicRule EnableTopicRule GetTopicRule ListTopicRules ReplaceTopicRule
AssociateTargetsWithJob CancelJob CancelJobExecution CreateJob DeleteJob DeleteJobExecution DescribeJob
DescribeJobExecution GetJobDocument ListJobExecutionsForJob ListJobExecutionsForThing ListJobs UpdateJob
CreateProvisioningTemplate CreateProvisioningTemplateVersion DeleteProvisioningTemplate
DeleteProvisioningTemplateVersion DescribeProvisioningTemplate DescribeProvisioningTemplateVersion
ListProvisioningTemplateVersions ListProvisioningTemplates UpdateProvisioningTemplate
"""
_IOT_DATA: Final = """
DeleteThingShadow GetRetainedMessage GetThingShadow ListNamedShadowsForThing ListRetainedMessages Publish
UpdateThingShadow
"""
_IOT_JOBS_DATA: Final = """
DescribeJobExecution GetPendingJobExecutions StartNextPendingJobExecution UpdateJobExecution
"""
_ADVISOR: Final = """
CreateSuiteDefinition DeleteSuiteDefinition GetEndpoint GetSuiteDefinition GetSuiteRun GetSuiteRunReport
ListSuiteDefinitions ListSuiteRuns ListTagsForResource StartSuiteRun StopSuiteRun TagResource UntagResource
UpdateSuiteDefinition
"""

#: Service, by botocore's name → its operations that are modelled. STS, DynamoDB and IAM are moto's as they are.
MODELLED: Final[Mapping[str, frozenset[str]]] = {
    "iot": frozenset(_IOT.split()),
    "iot-data": frozenset(_IOT_DATA.split()),
    "iot-jobs-data": frozenset(_IOT_JOBS_DATA.split()),
    "iotdeviceadvisor": frozenset(_ADVISOR.split()),
}


def require_modelled(service: str, operation: str) -> None:
    """Let an operation pass that is modelled.

    Raises:
        NotImplementedError: it is not, in words for the caller.
    """
    if operation not in MODELLED[service]:
        raise NotImplementedError(
            f"{operation} of {service} is not modelled by the local IoT core: here it would have no effect; "
            "docs/fidelity/local-iot-core-operations.md lists what is modelled; use an account of AWS for it"
        )
