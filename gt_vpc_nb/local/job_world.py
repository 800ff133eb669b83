"""The local AWS as a labeling job sees it: S3 for its role, its endpoints, its functions, its topics."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gt_vpc_nb.local.clock import Clock
from gt_vpc_nb.local.dataset import BadInput, bucket_and_key
from gt_vpc_nb.local.failures import ApiError, Refused
from gt_vpc_nb.local.functions import FunctionFailed, called
from gt_vpc_nb.local.job import Job
from gt_vpc_nb.local.networks import endpoint_of
from gt_vpc_nb.local.origin import Caller, Origin
from gt_vpc_nb.local.patience import PatientView
from gt_vpc_nb.local.principals import Principal
from gt_vpc_nb.local.topics import Topics
from gt_vpc_nb.local.views import View

if TYPE_CHECKING:
    from gt_vpc_nb.local.door import LocalAws

GROUND_TRUTH = "sagemaker.amazonaws.com"


class JobWorld:
    """What labeling jobs need of a local AWS, and nothing else of it."""

    def __init__(self, aws: LocalAws) -> None:
        self._aws = aws
        self.seed, self.account, self.region = aws.seed, aws.account, aws.region

    @property
    def clock(self) -> Clock:
        """The simulated time."""
        return self._aws.clock

    def view(self, role_arn: str, origin: Origin, region: str, kms_key: str | None = None) -> PatientView:
        """S3 as Ground Truth sees it at work for a role, from `origin`; outputs are encrypted with `kms_key`.

        Raises Refused when the role is missing or its trust policy does not let SageMaker assume it.
        """
        if not self._aws.identities.trusts(role_arn, GROUND_TRUTH):
            reason = f"the role does not exist, or its trust policy does not let {GROUND_TRUTH} assume it"
            raise Refused("sts:AssumeRole", role_arn, reason)
        session = Principal.session_of(role_arn, "SageMaker")
        caller = Caller(session.arn, session.account, region, origin)
        return PatientView(View(self._aws.gate, caller, kms_key), self._aws.faults)

    def presigned(self, role_arn: str, region: str) -> Callable[[str], str]:
        """What makes an S3 URI into a link that works for an hour with the permissions of a role, anywhere.

        Raises ApiError for a role that Ground Truth could not assume, and the function it returns for no S3 URI.
        """
        if not self._aws.identities.trusts(role_arn, GROUND_TRUTH):
            raise ApiError("ValidationException", f"Could not assume role {role_arn}; it must trust {GROUND_TRUTH}.")
        s3 = self._aws.session(principal=role_arn, region=region).client("s3")

        def link(uri: object) -> str:
            try:
                bucket, key = bucket_and_key(str(uri))
            except BadInput as error:
                raise ValueError(str(error)) from None
            return s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=3600)

        return link

    def vpc_endpoint_for(self, subnet_ids: Sequence[str], region: str) -> Origin | None:
        """The S3 gateway endpoint on the route tables of all the subnets, or None when one of them has none."""
        return endpoint_of(self._aws.backstage("ec2", self._aws.account, region), subnet_ids, region)

    def invoke(self, arn: str, event: Mapping[str, Any], role_arn: str) -> Any:
        """Calls a Lambda function for a role: a Python function of that ARN, or one that stands behind the door.

        Raises FunctionFailed with the error of the function, when there is none, and when the role may not call it.
        """
        if not self._aws.identities.allows(role_arn, "lambda:InvokeFunction", arn):
            raise FunctionFailed(f"no identity-based policy of {role_arn} allows lambda:InvokeFunction on it")
        ask = functools.partial(called, self._aws.functions.get(arn), arn, backstage=self._aws.backstage)
        return self._aws.history.function(arn, ask, FunctionFailed)(event)

    def stream(self, job: Job) -> Topics:
        """The queue and the topics of a streaming labeling job."""
        allows = functools.partial(self._aws.identities.allows, job.request["RoleArn"])
        return Topics(job, self._aws.backstage, allows)
