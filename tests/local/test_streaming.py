"""Streaming labeling jobs, with SNS and SQS behind the door, as a user sends and receives."""

from __future__ import annotations

import json

import pytest

from gt_vpc_nb.facts import task_type
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.example import lay_out
from gt_vpc_nb.local.workers import Worker

STREAM = {
    "Effect": "Allow",
    "Action": ["sqs:*", "sns:Subscribe", "sns:Publish"],
    "Resource": ["arn:aws:sqs:*:*:GroundTruth-*", "arn:aws:sns:*:*:*"],
}


class Stream:
    """A local AWS with a streaming job of texts or pictures; `labels()` is what the output topic told."""

    def __init__(self, *, text=True, allowed=STREAM, lines=None, most=1000, topic=None, seconds=5, job="Flow"):
        self.aws = LocalAws(seed=7)
        self.world, self.session = lay_out(self.aws), self.aws.session()
        self.sns, self.sqs, self.s3 = (self.session.client(name) for name in ("sns", "sqs", "s3"))
        document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
        self.session.client("iam").put_role_policy(
            RoleName="GroundTruthExecution", PolicyName="stream", PolicyDocument=document
        )
        self.topic = topic or self.sns.create_topic(Name="groundtruth-in")["TopicArn"]
        out = self.sns.create_topic(Name="groundtruth-out")["TopicArn"]
        self.told = self.sqs.create_queue(QueueName="told")["QueueUrl"]
        self.sns.subscribe(TopicArn=out, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:111122223333:told")
        self._put("labels.json", {"labels": [{"label": "a"}, {"label": "b"}]})
        self._put("t.html", {})
        source = {"SnsDataSource": {"SnsTopicArn": self.topic}}
        if lines:
            self.s3.put_object(Bucket="images-in", Key="m", Body="".join(json.dumps(each) + "\n" for each in lines))
            source["S3DataSource"] = {"ManifestS3Uri": "s3://images-in/m"}
        self.aws.staff(self.world.workteam, [Worker("ann", lambda task: "a", lambda task: seconds)])
        self.client, self.name = self.session.client("sagemaker"), job
        self.client.create_labeling_job(**self._request(source, out, text, most))
        self.aws.clock.advance(minutes=2)

    def _put(self, key, document):
        self.s3.put_object(Bucket="images-in", Key=key, Body=json.dumps(document))

    def _request(self, source, out, text, most):
        kind = task_type("TextMultiClass" if text else "ImageMultiClass")
        return {
            "LabelingJobName": self.name,
            "LabelAttributeName": "kind",
            "InputConfig": {"DataSource": source},
            "OutputConfig": {"S3OutputPath": "s3://labels-out/x", "SnsTopicArn": out},
            "RoleArn": self.world.role,
            "LabelCategoryConfigS3Uri": "s3://images-in/labels.json",
            "HumanTaskConfig": {
                "WorkteamArn": self.world.workteam,
                "UiConfig": {"UiTemplateS3Uri": "s3://images-in/t.html"},
                "PreHumanTaskLambdaArn": kind.pre_lambda("us-east-1"),
                "TaskTitle": "t",
                "TaskDescription": "d",
                "NumberOfHumanWorkersPerDataObject": 1,
                "TaskTimeLimitInSeconds": 3600,
                "MaxConcurrentTaskCount": most,
                "AnnotationConsolidationConfig": {
                    "AnnotationConsolidationLambdaArn": kind.consolidation_lambda("us-east-1")
                },
            },
        }

    def send(self, line):
        self.sns.publish(TopicArn=self.topic, Message=line if isinstance(line, str) else json.dumps(line))

    def describe(self):
        return self.client.describe_labeling_job(LabelingJobName=self.name)

    def labels(self):
        found = []
        while messages := self.sqs.receive_message(QueueUrl=self.told, MaxNumberOfMessages=10).get("Messages"):
            found += [json.loads(json.loads(each["Body"])["Message"]) for each in messages]
        return found

    def manifest(self):
        key = f"x/{self.name}/manifests/output/output.manifest"
        body = self.s3.get_object(Bucket="labels-out", Key=key)["Body"].read()
        return [json.loads(line) for line in body.splitlines()]


def test_what_is_sent_is_labeled_and_told_while_the_job_goes_on():
    stream = Stream(lines=[{"source": "from the manifest"}])
    stream.send({"source": "Zoë's text"})
    stream.send({"source": "another"})
    stream.aws.clock.advance(minutes=1)
    assert [each["source"] for each in stream.labels()] == ["from the manifest", "Zoë's text", "another"]
    assert [each["source"] for each in stream.manifest()] == ["from the manifest", "Zoë's text", "another"]
    assert stream.describe()["LabelingJobStatus"] == "InProgress"
    assert stream.describe()["LabelCounters"]["HumanLabeled"] == 3
    stream.send({"source": "later"})
    stream.aws.clock.advance(minutes=1)
    assert [each["source"] for each in stream.labels()] == ["later"]
    assert len(stream.manifest()) == 4


def test_the_queue_has_the_documented_name_and_stays_when_the_job_ends():
    stream = Stream()
    stream.client.stop_labeling_job(LabelingJobName="Flow")
    stream.aws.clock.advance(minutes=5)
    assert stream.describe()["LabelingJobStatus"] == "Stopped"
    assert stream.sqs.get_queue_url(QueueName="GroundTruth-flow")


@pytest.mark.parametrize(
    ("sent", "kept", "key"),
    [
        ([{"source": "x", "dataset-objectid-attribute-name": "id", "id": "1"}] * 3, 1, "id"),
        ([{"source": "x", "dataset-objectid-attribute-name": "source"}] * 2, 1, "source"),
        ([{"source": "x"}] * 2, 2, "$kind-object-id"),
    ],
)
def test_an_object_is_labeled_once_by_its_id(sent, kept, key):
    stream = Stream()
    for line in sent:
        stream.send(line)
    stream.aws.clock.advance(minutes=1)
    told = stream.labels()
    assert len(told) == kept == stream.describe()["LabelCounters"]["HumanLabeled"]
    assert told[0]["dataset-objectid-attribute-name"] == key and key in told[0]


@pytest.mark.parametrize("nonsense", ["no json", "[1]", '{"other": 1}', '{"Event": "s3:TestEvent"}'])
def test_what_is_no_data_object_is_dropped(nonsense):
    stream = Stream()
    stream.send(nonsense)
    stream.send({"source": "right"})
    stream.aws.clock.advance(minutes=1)
    counters = stream.describe()["LabelCounters"]
    assert (counters["HumanLabeled"], counters["FailedNonRetryableError"], counters["Unlabeled"]) == (1, 0, 0)


def test_an_event_of_s3_brings_the_object_that_was_put():
    stream = Stream(text=False)
    stream.s3.put_object(Bucket="images-in", Key="new/a b.png", Body=b"png")
    record = {"s3": {"bucket": {"name": "images-in"}, "object": {"key": "new/a+b.png", "sequencer": "0055AED6"}}}
    for _ in range(2):
        stream.send({"Records": [record]})
    stream.aws.clock.advance(minutes=1)
    (told,) = stream.labels()
    assert told["source-ref"] == "s3://images-in/new/a b.png" and told["$sequencer"] == "0055AED6"


def test_a_bucket_tells_the_topic_of_each_new_object():
    stream = Stream(text=False)
    events = {"TopicConfigurations": [{"TopicArn": stream.topic, "Events": ["s3:ObjectCreated:*"]}]}
    stream.s3.put_bucket_notification_configuration(Bucket="images-in", NotificationConfiguration=events)
    for name in ("one.png", "two.png"):
        stream.s3.put_object(Bucket="images-in", Key=name, Body=b"png")
    stream.aws.clock.advance(minutes=1)
    assert [each["source-ref"] for each in stream.labels()] == ["s3://images-in/one.png", "s3://images-in/two.png"]


def test_objects_wait_when_as_many_tasks_are_open_as_may_be():
    stream = Stream(most=2, seconds=600)
    for number in range(5):
        stream.send({"source": f"text {number}"})
    counters = stream.describe()["LabelCounters"]
    assert counters["Unlabeled"] == 5
    stream.aws.clock.advance(hours=2)
    assert stream.describe()["LabelCounters"]["HumanLabeled"] == 5


def test_an_object_that_nobody_gets_for_fourteen_days_expires():
    stream = Stream(most=1)
    stream.aws.staff(stream.world.workteam, [])
    stream.send({"source": "first"})
    stream.send({"source": "second"})
    stream.aws.clock.advance(days=15)
    stream.aws.staff(stream.world.workteam, [Worker("ben", lambda task: "b", lambda task: 5)])
    stream.aws.clock.advance(days=20)
    counters = stream.describe()["LabelCounters"]
    assert (counters["HumanLabeled"], counters["FailedNonRetryableError"]) == (1, 1)


def test_ten_idle_days_stop_the_job():
    stream = Stream()
    stream.aws.clock.advance(days=9)
    stream.send({"source": "x"})
    stream.aws.clock.advance(days=9)
    assert stream.describe()["LabelingJobStatus"] == "InProgress"
    stream.aws.clock.advance(days=2)
    assert stream.describe()["LabelingJobStatus"] == "Stopped"
    assert len(stream.manifest()) == 1


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"allowed": {**STREAM, "Action": ["sqs:*", "sns:Publish"]}}, "sns:Subscribe on arn:aws:sns"),
        ({"allowed": {**STREAM, "Action": "sns:*"}}, "sqs:CreateQueue on arn:aws:sqs"),
        ({"topic": "arn:aws:sns:us-east-1:111122223333:nobody"}, "Unable to subscribe"),
    ],
)
def test_a_job_that_cannot_subscribe_fails(options, reason):
    stream = Stream(**options)
    assert stream.describe()["LabelingJobStatus"] == "Failed"
    assert reason in stream.describe()["FailureReason"]


def test_a_job_that_may_not_publish_fails_at_its_first_label():
    stream = Stream(allowed={**STREAM, "Action": ["sqs:*", "sns:Subscribe"]})
    stream.send({"source": "x"})
    stream.aws.clock.advance(minutes=1)
    assert "sns:Publish on" in stream.describe()["FailureReason"]
