"""A labeling job as a value: what was asked for, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gt_vpc_nb.facts import TaskType
from gt_vpc_nb.local.dataset import bucket_and_key

#: A job in one of these does nothing any more.
TERMINAL = ("Completed", "Failed", "Stopped")


@dataclass(frozen=True)
class Job:
    """One labeling job. `request` is the CreateLabelingJob request; times are simulated (UTC)."""

    account: str
    region: str
    request: Mapping[str, Any] = field(repr=False)
    task_type: TaskType = field(repr=False)
    created: datetime
    modified: datetime
    reference_code: str
    status: str = "Initializing"
    failure_reason: str | None = None
    output: str | None = None
    model_arn: str | None = None

    @property
    def name(self) -> str:
        return self.request["LabelingJobName"]

    @property
    def key(self) -> tuple[str, str, str]:
        """Names are unique in an account and Region, whatever their case."""
        return (self.account, self.region, self.name.lower())

    @property
    def arn(self) -> str:
        return f"arn:aws:sagemaker:{self.region}:{self.account}:labeling-job/{self.name.lower()}"

    @property
    def team(self) -> str:
        return self.request["HumanTaskConfig"]["WorkteamArn"]

    @property
    def attribute(self) -> str:
        return self.request["LabelAttributeName"]

    @property
    def automated(self) -> bool:
        return "LabelingJobAlgorithmsConfig" in self.request

    @property
    def initial_model(self) -> str | None:
        """The ARN of the model of an earlier job that automated labeling begins with."""
        return self.request.get("LabelingJobAlgorithmsConfig", {}).get("InitialActiveLearningModelArn")

    @property
    def subnets(self) -> tuple[str, ...] | None:
        """The subnets of the training containers, or None when they run outside of any VPC of the customer."""
        algorithms = self.request.get("LabelingJobAlgorithmsConfig", {})
        config = algorithms.get("LabelingJobResourceConfig", {}).get("VpcConfig")
        return tuple(config["Subnets"]) if config else None

    @property
    def output_key(self) -> str | None:
        """The KMS key that the outputs are encrypted with; None leaves it to the bucket."""
        return self.request["OutputConfig"].get("KmsKeyId") or None

    @property
    def folder(self) -> tuple[str, str]:
        """The bucket and the key prefix, with a slash at its end, of everything the job writes."""
        uri = self.request["OutputConfig"]["S3OutputPath"].rstrip("/")
        return bucket_and_key(f"{uri}/{self.name}/")

    @property
    def manifest_uri(self) -> str | None:
        """The input manifest; a streaming job may have none."""
        return self.request["InputConfig"]["DataSource"].get("S3DataSource", {}).get("ManifestS3Uri")

    @property
    def topic(self) -> str | None:
        """The SNS topic that a streaming job takes its data objects from."""
        return self.request["InputConfig"]["DataSource"].get("SnsDataSource", {}).get("SnsTopicArn")


@dataclass
class Counters:
    """How many data objects are where; they always add up to `total`."""

    total: int = 0
    human: int = 0
    machine: int = 0
    failed: int = 0
    offered: int = 0

    def label_counters(self) -> dict[str, int]:
        """The LabelCounters of DescribeLabelingJob."""
        labeled = self.human + self.machine
        return {
            "TotalLabeled": labeled,
            "HumanLabeled": self.human,
            "MachineLabeled": self.machine,
            "FailedNonRetryableError": self.failed,
            "Unlabeled": self.total - labeled - self.failed,
        }

    def workteam_counters(self) -> dict[str, int]:
        """The LabelCountersForWorkteam of ListLabelingJobsForWorkteam."""
        return {"HumanLabeled": self.human, "PendingHuman": self.offered, "Total": self.total}
