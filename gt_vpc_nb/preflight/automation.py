"""Checks of automated labeling beside its data and its network: its instances, and the model it begins with."""

from __future__ import annotations

from collections.abc import Iterator

from gt_vpc_nb.preflight.case import Case, Outcome, failed, not_applicable, passed, together, undetermined, warned
from gt_vpc_nb.preflight.surroundings import Quota, Unknown
from gt_vpc_nb.preflight.table import Check, automated, fact, offline

#: Objects from which on the validation set is a tenth of them instead of a fifth.
MANY = 5_000
_CONSOLE = "Look in the Service Quotas console, under Amazon SageMaker, and ask for it there."


def instance_quotas(case: Case) -> Outcome:
    """Are the instances that automated labeling trains and infers on within the account's quotas?"""
    assert case.task is not None
    quotas, names = case.surroundings.quotas, case.task.instance_quotas(case.region)
    if isinstance(quotas, Unknown):
        return undetermined(f"the quotas of {' and '.join(names)} are not known: {quotas.reason}", _CONSOLE)
    return together((_granted(name, quotas) for name in names), "")


def _granted(name: str, quotas: tuple[Quota, ...]) -> Outcome:
    found = next((each for each in quotas if each.name.casefold() == name.casefold()), None)
    if found is None:
        return undetermined(f"the quota of {name} was not found", _CONSOLE)
    if found.value < 1:
        return failed(f"the quota of {name} is {found.value:g}", f"Ask for 1 or more of {name} in Service Quotas.")
    return passed(f"{found.value:g} {name}")


def _learnable(case: Case) -> str | None:
    if automated(case):
        return automated(case)
    able = case.task is not None and case.task.instances(case.region) is not None
    return None if able else "nothing can be labeled automatically, see AUTO-01"


def starting_model(case: Case) -> Outcome:
    """The model of an earlier job, with which automated labeling begins."""
    model = case.surroundings.initial_model
    if model is None:
        return passed("no earlier model: the first round is learned from scratch")
    if isinstance(model.exists, Unknown):
        return undetermined(f"whether {model.arn} is there is not known: {model.exists.reason}")
    if not model.exists:
        remedy = "Take the FinalActiveLearningModelArn of an earlier job: labeling_job('…').status()."
        return failed(f"there is no model {model.arn}", remedy)
    return together(_from_earlier(case, model.arn), f"{model.arn} is there")


def _from_earlier(case: Case, arn: str) -> Iterator[Outcome]:
    makers = [each for each in case.surroundings.earlier_jobs if each.final_model == arn]
    for job in makers:
        code = job.pre_lambda.rpartition(":PRE-")[2]
        if case.task is not None and code and code != case.task.code:
            evidence = f"the model is of {job.name}, a job of {code}, and this one is {case.task.code}"
            yield warned(evidence, "Begin with the model of a job of the same task type, or with none.")
        else:
            yield passed(f"the model is that of {job.name}")
    if not makers:
        yield passed(f"{arn} is there")


def validation_set(case: Case) -> Outcome:
    """How much is kept for validation, and what the machine has to reach: worth knowing, nothing to check."""
    if case.manifest is None:
        return not_applicable("a fifth of the objects validates the model, a tenth from 5,000 objects on")
    share = 10 if case.manifest.objects >= MANY else 20
    count = case.manifest.objects * share // 100
    return not_applicable(
        f"about {count:,} of {case.manifest.objects:,} objects ({share} %) validate the model; it labels what it is "
        "sure of to 95 % (classification), to a mean IoU of 0.6 (boxes) or of 0.7 (segmentation)"
    )


CHECKS = (
    offline("AUTO-01", automated),
    offline("AUTO-02", automated),
    offline("AUTO-05", automated),
    Check("AUTO-08", (), instance_quotas, _learnable),
    fact(
        "AUTO-09",
        "the job ends when more than 10 % of its first random sample fails: watch the failed objects of the first "
        "batches with .watch()",
    ),
    Check("AUTO-10", (), validation_set, automated),
    Check("AUTO-11", (), starting_model, automated),
)
