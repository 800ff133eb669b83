"""Checks of streaming labeling jobs: their topics, the events that feed them, and what they leave behind."""

from __future__ import annotations

import json
from collections.abc import Iterator

from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.case import Case, Outcome, failed, passed, together, undetermined, warned
from gt_vpc_nb.preflight.surroundings import Bucket, Notification, Queue, Unknown
from gt_vpc_nb.preflight.table import Check, fact, offline

#: Characters. Source: SageMaker developer guide, sms-streaming-labeling-job, on duplicate messages.
KEY, ID = 140, 1_024
ID_NAME = "dataset-objectid-attribute-name"
#: Endings of what Ground Truth writes below the output path.
_WRITTEN = (".json", ".manifest", ".jsonl", ".png", ".txt", ".out")


def fed_by_topic(case: Case) -> str | None:
    """A reason not to ask: only a job with an input topic is a streaming one."""
    return None if _topic(case) else "no SNS input topic: this is no streaming job"


def _topic(case: Case) -> str:
    return str(places.member(case.request, places.INPUT_TOPIC) or "")


def _any_topic(case: Case) -> str | None:
    return None if _topic(case) or places.member(case.request, places.OUTPUT_TOPIC) else "no SNS topic is named"


def topics_are_there(case: Case) -> Outcome:
    """Regions of ARNs are SVC-03's, what the role may do is IAM-05's."""
    named = [(_topic(case), "input"), (str(places.member(case.request, places.OUTPUT_TOPIC) or ""), "output")]
    return together((_there(case, arn, purpose) for arn, purpose in named if arn), "no SNS topic is named")


def _there(case: Case, arn: str, purpose: str) -> Outcome:
    topic, region = case.surroundings.topic(arn), (arn.split(":") + [""] * 4)[3]
    if region != case.region:
        return failed(f"the {purpose} topic is in {region}, the job in {case.region}", f"Use a topic in {case.region}.")
    if isinstance(topic.exists, Unknown):
        return undetermined(f"whether the {purpose} topic {arn} is there is not known: {topic.exists.reason}")
    if not topic.exists:
        return failed(f"there is no topic {arn} ({purpose})", f"Create it in {region}, or name one that is there.")
    return passed(f"the {purpose} topic {arn.rpartition(':')[2]} is there")


def output_feeds_no_input(case: Case) -> Outcome:
    """Would what the job writes come back to it as new data objects?"""
    place = places.split_uri(places.member(case.request, places.OUTPUT))
    if place is None:
        return passed("the request names no output")
    bucket = case.bucket(place[0])
    if isinstance(bucket.notifications, Unknown):
        return undetermined(
            f"the event notifications of s3://{bucket.name} are not known: {bucket.notifications.reason}"
        )
    return together(_loops(case, bucket, place[1]), f"s3://{bucket.name} sends no events to the input topic")


def _loops(case: Case, bucket: Bucket, folder: str) -> Iterator[Outcome]:
    for each in _events(case, bucket):
        if not (folder.startswith(each.prefix) or each.prefix.startswith(folder)):
            yield passed(f"s3://{bucket.name}/{each.prefix} feeds the job, and its output is elsewhere")
            continue
        evidence = f"s3://{bucket.name}/{each.prefix}*{each.suffix} feeds the input topic, and the output goes there"
        remedy = "Write to another bucket or folder: .output('s3://…')."
        safe = bool(each.suffix) and not each.suffix.endswith(_WRITTEN)
        yield warned(evidence, remedy) if safe else failed(evidence, remedy)
    yield passed(f"s3://{bucket.name} does not feed the output back")


def _events(case: Case, bucket: Bucket) -> list[Notification]:
    known = () if isinstance(bucket.notifications, Unknown) else bucket.notifications
    return [each for each in known if each.target == _topic(case)]


def events_carry_no_texts(case: Case) -> Outcome:
    """S3 tells the address of an object, which a text task does not open."""
    if case.task is not None and case.task.modality != "text":
        return passed(f"{case.task.code} opens the objects that S3 tells of")
    return together(_texts(case), "no bucket was surveyed")


def _texts(case: Case) -> Iterator[Outcome]:
    for bucket in case.surroundings.buckets:
        if isinstance(bucket.notifications, Unknown):
            yield undetermined(f"the events of s3://{bucket.name} are not known: {bucket.notifications.reason}")
        elif _events(case, bucket) and case.task is not None:
            evidence = f"s3://{bucket.name} sends its events to the input topic, and {case.task.code} reads texts"
            yield warned(evidence, "Publish messages with source to the topic.")
        else:
            yield passed(f"s3://{bucket.name} sends no events to the input topic")


def queue_is_new(case: Case) -> Outcome:
    queue = case.surroundings.queue
    ends = "it stops after 10 days without work, and what waits for 14 days expires"
    if isinstance(queue, Unknown):
        return undetermined(f"whether its queue is there already is not known: {queue.reason}")
    if isinstance(queue, Queue):
        evidence = f"the queue {queue.name} of an earlier job of that name is there"
        return warned(evidence, f"Delete it, or choose another name: aws sqs delete-queue --queue-url {queue.url}")
    return passed(f"{ends}; its queue stays and is to be deleted by hand")


def ids_are_short(case: Case) -> Outcome:
    """The first data objects' ids; what is published later is up to the sender."""
    sent = f"in messages the name of the id has at most {KEY} characters, the id {ID:,}"
    lines = [_line(text) for text in case.manifest.sample] if case.manifest else []
    return together([*(each for number, line in enumerate(lines, 1) for each in _id(number, line)), passed(sent)], "")


def _line(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except ValueError:
        # MAN-01 says so.
        return {}
    return found if isinstance(found, dict) else {}


def _id(number: int, line: dict[str, object]) -> Iterator[Outcome]:
    name = line.get(ID_NAME)
    if name is None:
        return
    if not isinstance(name, str) or not 1 <= len(name) <= KEY:
        yield failed(f"line {number}: {ID_NAME} is no name of 1 to {KEY} characters", "Shorten it.")
    elif name not in line:
        yield failed(f"line {number}: {ID_NAME} is {name[:60]!r}, which the line does not have", f"Add {name[:60]!r}.")
    elif len(str(line[name])) > ID:
        yield failed(f"line {number}: its id has {len(str(line[name])):,} characters, at most {ID:,}", "Shorten it.")


CHECKS = (
    offline("STR-01"),
    Check("STR-02", (), topics_are_there, _any_topic),
    Check("STR-03", (), output_feeds_no_input, fed_by_topic),
    Check("STR-04", ("queue",), queue_is_new, fed_by_topic),
    fact("STR-05", "while a streaming job is Initializing, send it nothing and do not stop it: wait for InProgress"),
    Check("STR-06", (), events_carry_no_texts, fed_by_topic),
    Check("STR-07", (), ids_are_short, fed_by_topic),
)
