"""The Lambda functions of a workflow of one's own: before a task goes to people, and after they have answered.

Events and answers: developer guide, sms-custom-templates-step3-lambda-requirements.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.answers import json_answer
from gt_vpc_nb.local.behind import Answer
from gt_vpc_nb.local.dataset import BadInput, DataObject
from gt_vpc_nb.local.job import Job

_VERSION = "2018-10-16"
_CONFIGURATION = re.compile(r"/[0-9-]{10}/functions/([^/]+)/configuration")
#: What stands for the local AWS: calls a function, by its ARN, with an event for a role; or FunctionFailed.
Invoke = Callable[[str, Mapping[str, Any], str], Any]


class FunctionFailed(Exception):
    """A Lambda function raised an error; the text is the error's."""


@dataclass(frozen=True)
class Functions:
    """The functions of one job by ARN; None where AWS's own do the work, or none is wanted."""

    job: Job
    invoke: Invoke
    before: str | None = None
    after: str | None = None

    @property
    def consolidates(self) -> bool:
        """Whether a function makes the labels."""
        return self.after is not None

    def prepare(self, data: DataObject) -> bool:
        """Asks the pre-annotation function what the template gets; False when no person is to see the object.

        Raises BadInput, which fails the object [guess], when the function breaks down or answers something else.
        """
        if self.before is None:
            return True
        event = {"version": _VERSION, "labelingJobArn": self.job.arn, "dataObject": data.line}
        answer = self._called(self.before, event)
        if not isinstance(answer, Mapping) or not isinstance(answer.get("taskInput"), Mapping):
            raise BadInput(f"ClientError: {self.before} answered no taskInput for {data.key}.")
        data.input = answer["taskInput"]
        return str(answer.get("isHumanAnnotationRequired", True)).lower() != "false"

    def consolidate(self, uri: str, labels: Sequence[str]) -> dict[int, dict[str, Any]]:
        """The new members of each object's line by its number; `uri` is the file with everybody's answers."""
        assert self.after is not None
        event = {
            "version": _VERSION,
            "labelingJobArn": self.job.arn,
            "labelAttributeName": self.job.attribute,
            "roleArn": self.job.request["RoleArn"],
            "payload": {"s3Uri": uri},
        }
        answer = self._called(self.after, event | ({"labelCategories": list(labels)} if labels else {}))
        try:
            return {
                int(each["datasetObjectId"]): dict(each["consolidatedAnnotation"]["content"])
                for each in (answer if isinstance(answer, list) else [answer])
            }
        except (KeyError, TypeError, ValueError):
            raise BadInput(
                f"ClientError: {self.after} did not answer a list of datasetObjectId and consolidatedAnnotation."
            ) from None

    def _called(self, arn: str, event: Mapping[str, Any]) -> Any:
        try:
            return self.invoke(arn, event, self.job.request["RoleArn"])
        except FunctionFailed as failed:
            raise BadInput(f"ClientError: The Lambda function {arn} failed: {failed}") from failed


def functions_of(job: Job, invoke: Invoke) -> Functions:
    """The functions that a request names and that are not AWS's own."""
    task = job.request["HumanTaskConfig"]
    after = task.get("AnnotationConsolidationConfig", {}).get("AnnotationConsolidationLambdaArn")
    return Functions(job, invoke, _own(task.get("PreHumanTaskLambdaArn")), _own(after))


def checked_function(arn: str, handler: Any) -> Callable[[Mapping[str, Any], Any], Any]:
    """A Python function that can stand for a Lambda function. Raises LocalAwsError for another name or thing."""
    if not re.fullmatch(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:.+", str(arn)):
        like = "arn:aws:lambda:us-east-1:111122223333:function:SageMaker-pre"
        raise LocalAwsError(f"{arn!r} is not the ARN of a Lambda function; give one like {like}.")
    if not callable(handler):
        raise LocalAwsError(f"{handler!r} cannot be called; give a function of an event and a context.")
    return handler


def standing_in(functions: Collection[str], request: AWSPreparedRequest) -> Answer | None:
    """What Lambda tells of a Python function that stands for one of its own: that it is there, and active."""
    asked = _CONFIGURATION.fullmatch(urlsplit(request.url).path)
    arn = unquote(asked[1]) if asked and request.method == "GET" else ""
    if arn not in functions:
        return None
    return json_answer({"FunctionName": arn.rpartition(":function:")[2], "FunctionArn": arn, "State": "Active"})


def called(handler: Callable[[Any, None], Any] | None, arn: str, event: Mapping[str, Any], backstage: Any) -> Any:
    """The answer of a function to an event, both as JSON carries them.

    Without a Python function for it, Lambda behind the door is asked, which needs Docker. Raises FunctionFailed.
    """
    if handler is None:
        return _behind_the_door(arn, event, backstage)
    try:
        return json.loads(json.dumps(handler(json.loads(json.dumps(event)), None)))
    except Exception as error:
        raise FunctionFailed(f"{type(error).__name__}: {error}") from error


def _behind_the_door(arn: str, event: Mapping[str, Any], backstage: Any) -> Any:
    _, _, _, region, account, _, name = arn.split(":", 6)
    lambdas = backstage("lambda", account, region)
    try:
        answer = lambdas.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        told = json.loads(answer["Payload"].read() or b"null")
    except Exception as error:  # moto breaks down in its own ways where there is no Docker
        raise FunctionFailed(f"{error}; or give a Python function: aws.function('{arn}', handler)") from error
    if answer.get("FunctionError"):
        raise FunctionFailed(str(told))
    return told


def _own(arn: str | None) -> str | None:
    return arn if arn and not is_aws_function(arn) else None


def is_aws_function(arn: str) -> bool:
    """Whether a function is one that AWS provides with a built-in task type."""
    return arn.split(":function:")[-1].startswith(("PRE-", "ACS-"))
