"""What is true of every job that runs: nothing to check beforehand, and worth knowing; and how many may run."""

from __future__ import annotations

from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.case import Case, Outcome, not_applicable, passed, undetermined, warned
from gt_vpc_nb.preflight.surroundings import Unknown
from gt_vpc_nb.preflight.table import Check, fact

_WORKERS = "HumanTaskConfig.NumberOfHumanWorkersPerDataObject"
_CONSOLE = "Look for labeling in the Service Quotas console, under Amazon SageMaker."


def tasks_to_pay(case: Case) -> Outcome:
    """How much work there is: what a job costs is counted in objects and worker tasks."""
    workers = places.member(case.request, _WORKERS)
    if case.manifest is None or not isinstance(workers, int):
        return not_applicable("AWS charges each labeled object, and a vendor or Mechanical Turk each task besides")
    return passed(
        f"at most {case.manifest.objects:,} labeled objects and {case.manifest.objects * workers:,} worker tasks"
        + (", and instance-hours for automated labeling" if case.automated else "")
    )


def jobs_at_once(case: Case) -> Outcome:
    """AWS publishes no figure; an account's own list of quotas may have one."""
    quotas, running = case.surroundings.quotas, case.surroundings.jobs_in_progress
    for gap in (quotas, running):
        if isinstance(gap, Unknown):
            return undetermined(
                f"AWS publishes no quota of labeling jobs, and yours is not known: {gap.reason}", _CONSOLE
            )
    assert not isinstance(quotas, Unknown) and not isinstance(running, Unknown)
    named = [each for each in quotas if "labeling job" in each.name.casefold()]
    if not named:
        return undetermined("no quota of labeling jobs is listed, and AWS publishes none", _CONSOLE)
    least = min(named, key=lambda each: each.value)
    if len(running) >= least.value:
        evidence = f"{len(running)} labeling jobs are in progress, and the quota {least.name!r} is {least.value:g}"
        return warned(evidence, "Wait for one to end, stop one, or ask for more in Service Quotas.")
    return passed(f"{len(running)} of {least.value:g} ({least.name})")


CHECKS = (
    fact(
        "RUN-01",
        "a job is Initializing, InProgress, then Completed, Failed, or Stopping and Stopped; a stopped job cannot be "
        "started again",
    ),
    fact(
        "RUN-02", "TotalLabeled is HumanLabeled and MachineLabeled; FailedNonRetryableError and Unlabeled are the rest"
    ),
    fact("RUN-03", "boto3 has no waiter for labeling jobs: .wait() and .watch() poll, each 30 seconds or more"),
    fact("RUN-04", "listing comes in pages of at most 100 and is throttled: labeling_jobs() reads all, with retries"),
    fact(
        "RUN-05",
        "labels are written to <output>/<job name>/manifests/output/output.manifest, what each worker said to "
        "annotations/; .labels() reads them",
    ),
    fact(
        "RUN-06",
        "CloudWatch counts objects by DatasetObjectsHumanAnnotated, …AutoAnnotated and …LabelingFailed for the "
        "LabelingJobName; worker metrics are in AWS/SageMaker/Workteam",
    ),
    fact(
        "RUN-07",
        "the log group is /aws/sagemaker/LabelingJobs, its stream the job's name; EventBridge tells of each change of "
        "state from aws.sagemaker",
    ),
    fact(
        "RUN-08",
        "AWS's pages disagree whether one worker or all of an object's workers make it labeled; as many declines as "
        "workers expire it, and what is unlabeled at the end of its time counts as failed",
    ),
    Check("RUN-09", (), tasks_to_pay),
    fact(
        "RUN-10", "CreateLabelingJob answers ResourceInUse for a name that is taken, ResourceLimitExceeded for a quota"
    ),
    Check("RUN-11", (), jobs_at_once),
)
