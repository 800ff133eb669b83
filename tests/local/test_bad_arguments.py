"""What the local AWS itself is given and cannot use: refused in one sentence, before anything has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.workers import Person, Worker
from tests.local.callers import lay_out_a_job

PRE = "arn:aws:lambda:us-east-1:111122223333:function:SageMaker-pre"


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    return LocalAws.example()


def _staff(aws: LocalAws, workers: Any) -> None:
    assert aws.world is not None
    aws.staff(aws.world.workteam, workers)


def _object(aws: LocalAws, **after: Any) -> object:
    return aws.faults.delete_object("s3://images-in/images/0000.png", **after)


REFUSED: dict[str, tuple[Callable[[LocalAws], object], str]] = {
    "hours as text": (lambda aws: aws.clock.advance(hours="2"), "hours='2' is no time; give a number."),
    "hours without end": (lambda aws: aws.clock.advance(hours=float("inf")), "hours=inf is no time"),
    "hours that are no number": (lambda aws: aws.clock.advance(hours=float("nan")), "hours=nan is no time"),
    "a unit that is none": (lambda aws: aws.clock.advance(fortnights=1), "fortnights is no time; give it as days="),
    "more days than there are": (lambda aws: aws.clock.advance(days=1e12), "longer than the clock goes"),
    "days past the last year": (lambda aws: aws.clock.advance(days=4_000_000), "past the year 9999"),
    "a moment as text": (lambda aws: _object(aws, minutes="5"), "minutes='5' is no time; give a number."),
    "a moment without end": (lambda aws: _object(aws, days=1e12), "longer than the clock goes"),
    "an operation with a slip": (lambda aws: aws.faults.fail("s3:GetObjekt"), "did you mean 'GetObject'?"),
    "a Region that is none": (lambda aws: aws.session(region="mars"), "region='mars' is not the name of a Region"),
    "an account that is none": (lambda aws: aws.session(account="5"), "account='5' is not an AWS account id"),
    "workers as text": (lambda aws: _staff(aws, "ada"), "give a list, like [Person('ada')]"),
    "one person alone": (lambda aws: _staff(aws, Person("ada")), "give a list, like [Person('ada')]"),
    "names in place of people": (lambda aws: _staff(aws, ["ada"]), "'ada' is no worker"),
    "a function as a worker": (lambda aws: _staff(aws, [len]), "is no worker; give Person('ada')"),
    "a function without its ARN": (lambda aws: aws.function("pre", len), "'pre' is not the ARN of a Lambda function"),
    "a function that is none": (lambda aws: aws.function(PRE, 5), "5 cannot be called"),
    "a portal at no place": (lambda aws: aws.portal("x"), "vpc_endpoint='x' is not the id of a VPC endpoint"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_refused_in_one_sentence(aws: LocalAws, case: str) -> None:
    call, part = REFUSED[case]
    before = aws.clock.now(), repr(aws.faults)
    with pytest.raises(LocalAwsError) as caught:
        call(aws)
    sentence = str(caught.value)
    assert part in sentence and sentence[-1] in ".?" and not sentence.endswith("?.") and "\n" not in sentence
    assert (aws.clock.now(), repr(aws.faults)) == before


def test_a_place_of_a_program_names_a_region_too(aws: LocalAws) -> None:
    with aws.serve() as places, pytest.raises(LocalAwsError, match="region='mars' is not the name of a Region"):
        places.env(region="mars")


def test_an_account_may_be_given_as_a_number(aws: LocalAws) -> None:
    told = aws.session(account=999988887777).client("sts").get_caller_identity()  # type: ignore[arg-type]
    assert told["Account"] == "999988887777"


def test_whom_iam_does_not_know_is_told_by_ids_of_the_right_kind(aws: LocalAws) -> None:
    kinds = {"role/Nobody": ("AROA", ":session"), "user/nobody": ("AIDA", "")}
    for name, (beginning, end) in kinds.items():
        told = aws.session(principal=f"arn:aws:iam::111122223333:{name}").client("sts").get_caller_identity()["UserId"]
        assert told.startswith(beginning) and told.endswith(end) and (":" in told) == bool(end)


WORKERS_GONE_WRONG: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], str]] = {
    "an answer that raises": (lambda task: 1 / 0, lambda task: 5, "ada raised ZeroDivisionError: division by zero."),
    "a time that raises": (lambda task: "circle", lambda task: {}["x"], "ada raised KeyError: 'x'."),
    "a time before the beginning": (lambda task: "circle", lambda task: -1, "ada takes -1 seconds"),
    "a time as text": (lambda task: "circle", lambda task: "5", "ada takes '5' seconds"),
    "a time that is no number": (lambda task: "circle", lambda task: float("nan"), "ada takes nan seconds"),
}


@pytest.mark.parametrize("case", WORKERS_GONE_WRONG)
def test_a_worker_who_goes_wrong_ends_the_job_and_not_the_clock(case: str) -> None:
    answer, seconds, part = WORKERS_GONE_WRONG[case]
    aws = LocalAws.example()
    sagemaker = aws.session().client("sagemaker")
    request = lay_out_a_job(aws)
    _staff(aws, [Worker("ada", answer, seconds)])
    sagemaker.create_labeling_job(**request)
    aws.clock.advance(hours=2)
    told = sagemaker.describe_labeling_job(LabelingJobName=request["LabelingJobName"])
    assert told["LabelingJobStatus"] == "Failed" and part in told["FailureReason"]


def test_a_time_without_end_is_a_task_given_up() -> None:
    aws = LocalAws.example()
    sagemaker = aws.session().client("sagemaker")
    request = lay_out_a_job(aws)
    request["HumanTaskConfig"]["NumberOfHumanWorkersPerDataObject"] = 1
    _staff(aws, [Worker("ada", lambda task: "circle", lambda task: float("inf"))])
    sagemaker.create_labeling_job(**request)
    aws.clock.advance(days=1)
    told = sagemaker.describe_labeling_job(LabelingJobName=request["LabelingJobName"])
    assert told["LabelCounters"]["TotalLabeled"] == 0 and told["LabelCounters"]["FailedNonRetryableError"] > 0
