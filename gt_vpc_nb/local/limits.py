"""What the local AWS leaves out, does in part, and had to guess: one table, and the services that it answers for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["left out", "in part", "guess"]

#: Services by the name that a request is signed for; requests to every other one are refused.
SERVICES = frozenset({"cognito-idp", "ec2", "iam", "kms", "lambda", "s3", "sagemaker", "sns", "sqs", "sts"})
#: The operations of SageMaker that are Ground Truth's, and tags.
OPERATIONS = frozenset(
    {
        "CreateLabelingJob", "DescribeLabelingJob", "ListLabelingJobs", "ListLabelingJobsForWorkteam",
        "StopLabelingJob", "CreateWorkteam", "DescribeWorkteam", "ListWorkteams", "DeleteWorkteam",
        "UpdateWorkteam", "CreateWorkforce", "DescribeWorkforce", "ListWorkforces", "UpdateWorkforce",
        "DeleteWorkforce", "CreateHumanTaskUi", "DescribeHumanTaskUi", "ListHumanTaskUis", "DeleteHumanTaskUi",
        "RenderUiTemplate", "AddTags", "ListTags", "DeleteTags",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Limit:
    """One thing that AWS does and the local AWS does not, or not like it.

    `kind` is ``left out`` (asking for it is an error, as `here` says), ``in part`` (`here` says what happens instead)
    or ``guess`` (AWS publishes nothing about it, and `here` is what was chosen).
    """

    name: str
    kind: Kind
    here: str
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {self.here} ({self.why})"


class Limits(tuple[Limit, ...]):
    """All limits, in the order of a reader's interest; printed, a line each under its kind."""

    def of(self, kind: Kind) -> tuple[Limit, ...]:
        """Those of one kind."""
        return tuple(each for each in self if each.kind == kind)

    def to_markdown(self) -> str:
        """One table for a document: name, kind, what happens, why."""
        rows = [(each.name, each.kind, each.here, each.why) for each in self]
        lines = [("What", "Kind", "What happens here", "Why"), ("---",) * 4, *rows]
        return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"

    def __repr__(self) -> str:
        kinds: tuple[Kind, ...] = ("left out", "in part", "guess")
        parts = [f"{kind}:\n" + "\n".join(f"  {each}" for each in self.of(kind)) for kind in kinds]
        return "\n".join(parts)


def _rows(kind: Kind, *told: tuple[str, str, str]) -> tuple[Limit, ...]:
    return tuple(Limit(name, kind, here, why) for name, here, why in told)


_LEFT_OUT = _rows(
    "left out",
    (
        "other services, CloudWatch, CloudWatch Logs and Organizations among them",
        "every request to one is answered UnsupportedOperation; control policies of an organization are given with "
        "`aws.control_policies`",
        "labeling jobs leave nothing there, and an empty answer would say that nothing happened",
    ),
    (
        "SageMaker besides Ground Truth: training jobs, models, Studio, human review workflows",
        "UnsupportedOperation; the training of automated labeling happens inside of the job",
        "nothing stands behind a model's or a training job's ARN",
    ),
    (
        "public and vendor work teams",
        "CreateLabelingJob with one, and the operations on subscribed teams, are answered UnsupportedOperation",
        "there is no crowd behind them, and no price to pay",
    ),
    (
        "S3 access points, S3 Control, account-wide Block Public Access, S3 Select, websites, replication, inventories",
        "NotImplemented",
        "the permission such a request needs is not in the gate's table",
    ),
    (
        "IAM's policy simulator besides SimulatePrincipalPolicy by a principal's own policies",
        "UnsupportedOperation; `evaluate` of this package decides a request, and `aws.log` has every decision",
        "the survey of a job asks the simulator what the caller may do, and nothing else",
    ),
    (
        "STS besides GetCallerIdentity and AssumeRole; session policies, session tags and MFA of AssumeRole",
        "UnsupportedOperation",
        "what would narrow a session must not be dropped silently",
    ),
    (
        "policies that AWS manages, like AmazonSageMakerFullAccess",
        "UnsupportedOperation where one is attached, read or set as a boundary; put the statements that you need as a "
        "policy of your own",
        "AWS changes their texts, and a copy would decide as AWS once did",
    ),
    (
        "DryRun of EC2",
        "UnsupportedOperation",
        "it asks for a permission, and permissions are not decided for EC2",
    ),
    (
        "polygons, polylines and key points in video frames",
        "the labeling job fails, and its FailureReason names the tool",
        "the published page cuts off how they are written",
    ),
    (
        "Lambda functions without Docker",
        "the labeling job fails, or its objects do; `aws.function(arn, handler)` gives a Python function instead",
        "moto runs a function in a container",
    ),
)
_IN_PART = _rows(
    "in part",
    (
        "who may do what",
        "policies decide S3 requests and the KMS keys of its objects, sts:AssumeRole, and what a labeling job asks of "
        "S3, KMS, SNS, SQS and Lambda; every other request is answered to whoever has a key",
        "the package is about buckets",
    ),
    (
        "signatures",
        "they are not verified: an access key says who calls, and it cannot be guessed",
        "nothing leaves this machine",
    ),
    (
        "KMS grants, and keys of the volumes of training",
        "grants and VolumeKmsKeyId are kept and let nobody in or out; the keys of objects in S3 count",
        "nothing is stored on a volume",
    ),
    (
        "machine images of EC2",
        "DescribeImages has those that you register, and none of AWS's",
        "a labeling job has no machines of yours",
    ),
    (
        "ACLs of S3",
        "they are kept and read back, and let nobody in",
        "new buckets have them disabled since April 2023",
    ),
    (
        "sign-in of workers",
        "people are known by the name they are put into a team with; Cognito and OIDC are kept as they were given",
        "the portal is for people at this machine",
    ),
    (
        "where workers are",
        "the source addresses and the VPC of a workforce are kept and read back; the portal stands where it is told to",
        "every browser comes from 127.0.0.1",
    ),
    (
        "human task UIs",
        "they are kept, described without the Url of their template, and rendered in Liquid's basic tags and filters; "
        "AWS's own interfaces are not rendered",
        "the crowd elements are drawn by a script of AWS's",
    ),
    (
        "interface endpoints of S3",
        "they are places to call from; training containers find gateway endpoints alone",
        "private DNS is not simulated",
    ),
    (
        "time in S3",
        "LastModified is this machine's time; labeling jobs, policies and credentials follow the simulated clock",
        "moto has one clock",
    ),
    (
        "lifecycle rules and other work in the background of S3",
        "they are kept and read back, and delete nothing",
        "only labeling jobs live on the simulated clock",
    ),
    (
        "notifications to workers, events, metrics and log files of a labeling job",
        "none is written",
        "their text is not published as a whole",
    ),
)
_GUESSES = _rows(
    "guess",
    (
        "FailureReason and ValidationException texts of labeling jobs",
        "they name the action and the ARN; the order of the checks of CreateLabelingJob is ours",
        "AWS does not publish them",
    ),
    (
        "times",
        "Initializing takes 60 to 90 s, Stopping a minute, a round of training 20 minutes, a workforce's change 5",
        "AWS gives no figures",
    ),
    (
        "automated labeling",
        "scikit-learn's models; a fifth or a tenth is set aside for validation, a round labels a twentieth",
        "AWS's models and the sizes of its rounds are not published",
    ),
    (
        "consolidation",
        "a vote weighted by how often a worker agreed; boxes, masks and spans are merged where they overlap",
        "AWS names the methods and not their parameters",
    ),
    (
        "how workers of built-in task types submit",
        "the raw answers of frames and point clouds are the label as it was drawn",
        "AWS publishes the consolidated format alone",
    ),
    (
        "the type of video classification, and the palette of masks",
        "groundtruth/video-classification; fixed colours, the first classes first",
        "no document gives them",
    ),
    (
        "limits and pages",
        "50 labeling jobs at work in an account and Region; 100 rows a page",
        "not every default of a list is published",
    ),
)
#: Everything, as `LocalAws.not_simulated` shows it.
NOT_SIMULATED = Limits((*_LEFT_OUT, *_IN_PART, *_GUESSES))
