"""The queue and the topics of a streaming labeling job, which stand behind the door in SQS and SNS."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote_plus

from botocore.exceptions import ClientError

from gt_vpc_nb.local.dataset import BadInput
from gt_vpc_nb.local.job import Job

#: What the execution role needs (managed policy for Ground Truth execution, rule IAM-05).
_QUEUE_ACTIONS = (
    "CreateQueue", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ReceiveMessage", "SendMessage",
    "SetQueueAttributes",
)  # fmt: skip
#: How long a message is hidden behind the door while its object waits for a worker: as long as SQS allows.
_HIDDEN = 43_200


@dataclass(frozen=True)
class Arrival:
    """One data object that was sent: its line, what identifies it, and how to take it off the queue."""

    line: Mapping[str, Any]
    identity: str
    receipt: str


class Stream(Protocol):
    """What a streaming job needs of the world outside; everything may raise BadInput."""

    def open(self) -> None: ...

    def arrivals(self) -> list[Arrival]: ...

    def done_with(self, receipt: str) -> None: ...

    def publish(self, line: Mapping[str, Any]) -> None: ...


class Topics:
    """The stream of one job. `allows(action, resource, context)` says what its execution role may do.

    Every method raises BadInput, with the action and the ARN, for what the role may not do, and for a topic or a queue
    that is not there [guess: texts].
    """

    def __init__(self, job: Job, backstage: Any, allows: Callable[[str, str, Mapping[str, str]], bool]) -> None:
        self._job, self._allows = job, allows
        self._sns = backstage("sns", job.account, job.region)
        self._sqs = backstage("sqs", job.account, job.region)
        self.queue = f"GroundTruth-{job.name.lower()}"
        self._queue_arn = f"arn:aws:sqs:{job.region}:{job.account}:{self.queue}"
        self._url = ""

    def open(self) -> None:
        """Makes the queue GroundTruth-<job name> and subscribes it to the input topic."""
        topic = self._job.topic
        assert topic is not None
        for action in _QUEUE_ACTIONS:
            self._need(f"sqs:{action}", self._queue_arn)
        self._need("sns:Subscribe", topic, {"sns:Protocol": "sqs", "sns:Endpoint": self._queue_arn})
        try:
            self._url = self._sqs.create_queue(QueueName=self.queue, Attributes={"MessageRetentionPeriod": "1209600"})[
                "QueueUrl"
            ]
            self._sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self._queue_arn)
        except ClientError as error:
            raise BadInput(f"ClientError: Unable to subscribe {self.queue} to {topic}. {_said(error)}") from error

    def arrivals(self) -> list[Arrival]:
        """The data objects that were sent since last time. What is no data object is dropped [guess]."""
        found: list[Arrival] = []
        try:
            while messages := self._received():
                for message in messages:
                    read = list(_read(message))
                    found += read
                    if not read:
                        self.done_with(message["ReceiptHandle"])
        except ClientError as error:
            raise BadInput(f"ClientError: Unable to read the queue {self.queue}. {_said(error)}") from error
        return found

    def _received(self) -> list[dict[str, Any]]:
        # A queue that somebody else made carries the texts of SNS as it was subscribed: wrapped in a notification.
        answer = self._sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10, VisibilityTimeout=_HIDDEN, WaitTimeSeconds=0
        )
        return answer.get("Messages", [])

    def done_with(self, receipt: str) -> None:
        """Takes a message off the queue; an event with several objects is one message."""
        with contextlib.suppress(ClientError):
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=receipt)

    def publish(self, line: Mapping[str, Any]) -> None:
        """Tells the output topic, if there is one, what an object's line has become."""
        topic = self._job.request["OutputConfig"].get("SnsTopicArn")
        if topic is None:
            return
        self._need("sns:Publish", topic)
        try:
            self._sns.publish(TopicArn=topic, Message=json.dumps(line, ensure_ascii=False))
        except ClientError as error:
            raise BadInput(f"ClientError: Unable to publish to {topic}. {_said(error)}") from error

    def _need(self, action: str, resource: str, context: Mapping[str, str] | None = None) -> None:
        if not self._allows(action, resource, context or {}):
            raise BadInput(f"ClientError: Access Denied: {action} on {resource}.")


def _read(message: Mapping[str, Any]) -> Iterator[Arrival]:
    """The data objects of one message: a line of a manifest that was published, or the records of an S3 event."""
    receipt = message["ReceiptHandle"]
    try:
        notification = json.loads(message["Body"])
        line = json.loads(notification["Message"])
    except (ValueError, KeyError, TypeError):
        return
    if not isinstance(line, dict):
        return
    if "Records" in line:
        yield from _of_s3(line["Records"], receipt)
    elif isinstance(line.get("source"), str) or isinstance(line.get("source-ref"), str):
        key = line.get("dataset-objectid-attribute-name")
        yield Arrival(line, str(line[key]) if key in line else notification["MessageId"], receipt)


def _of_s3(records: Any, receipt: str) -> Iterator[Arrival]:
    for record in records:
        name, place = record["s3"]["bucket"]["name"], record["s3"]["object"]
        uri = f"s3://{name}/{unquote_plus(place['key'])}"
        sequencer = str(place.get("sequencer", ""))
        yield Arrival({"source-ref": uri, "$sequencer": sequencer}, f"{uri} {sequencer}", receipt)


def _said(error: ClientError) -> str:
    told = error.response.get("Error", {})
    return f"{told.get('Code')}: {str(told.get('Message', '')).rstrip('.')}."
