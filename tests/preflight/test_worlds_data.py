"""Preflights on the local AWS: a world where a job is sound, and one thing broken in it, a check a row.

All rows share one world. A row brings files of its own, or changes the job by one verb, and what is compared are the
rows of the preflight before and after.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from gt_vpc_nb import LabelingJob, facts
from gt_vpc_nb.templates import worker_template
from tests.preflight.sound_tasks import GROUPS, sequence

CLASSES = ["circle", "square"]
TOLD = {"title": "Which shape?", "description": "Choose the shape that you see."}
NOTED = ("passed", "not applicable", "undetermined")


class Desk:
    """The local AWS with the jobs that are sound in it, and their preflights."""

    def __init__(self) -> None:
        from gt_vpc_nb.local import LocalAws

        self.aws = LocalAws.example(seed=7)
        self.session = self.aws.session()
        self.world = self.aws.world
        self.pictures = sorted(uri for uri in self.aws.truth)
        self.before: dict[str, dict[str, Any]] = {}
        self.s3 = self.session.client("s3")
        self.topic = self.session.client("sns").create_topic(Name="groundtruth-in")["TopicArn"]
        for name, content in self.files().items():
            self.put(name, content)
        for form in ("BoundingBox", "Polygon"):
            earlier = self.job("frames").named(f"drew-{form}").label_categories(CLASSES, annotation_type=form)
            earlier.submit(self.session)

    def files(self) -> dict[str, bytes]:
        texts = [{"source": f"text {number}"} for number in range(5000)]
        many = [{"source-ref": self.pictures[number % 20]} for number in range(1250)]
        return {
            "texts.manifest": lines(texts),
            "few-texts.manifest": lines(texts[:20]),
            "many.manifest": lines(many),
            "clips.manifest": lines([{"source-ref": self.uri("1.mp4")}]),
            "sequences.manifest": lines([{"source-ref": self.uri("1.json")}]),
            "clouds.manifest": lines([{"source-ref": self.uri("1.bin"), "source-ref-metadata": {"unix-timestamp": 1}}]),
            "boxed.manifest": lines({"source-ref": uri, **BOXED} for uri in self.pictures),
            "drawn.manifest": lines([self.drawn("BoundingBox")]),
            "1.mp4": b"clip",
            "1.bin": b"cloud",
            "1.json": json.dumps(sequence(".jpg")).encode(),
        }

    def drawn(self, form: str) -> dict[str, Any]:
        """A manifest line with the labels of an earlier job that drew such forms."""
        told = {"type": "groundtruth/video-object-tracking", "job-name": f"labeling-job/drew-{form}"}
        return {"source-ref": self.uri("1.json"), "drawn-ref": self.uri("labels.json"), "drawn-ref-metadata": told}

    def uri(self, name: str) -> str:
        return f"s3://{self.world.input_bucket}/{name}"

    def put(self, name: str, content: bytes | str) -> str:
        body = content.encode() if isinstance(content, str) else content
        self.s3.put_object(Bucket=self.world.input_bucket, Key=name, Body=body)
        return self.uri(name)

    def manifest(self, name: str, entries: Iterable[Any]) -> str:
        return self.put(f"{name}.manifest", lines(entries))

    def rows(self, job: LabelingJob) -> dict[str, Any]:
        return {row.id: row for row in job.preflight(self.session).rows if row.id.startswith(GROUPS)}

    def sound(self, code: str) -> dict[str, Any]:
        """The preflight of the sound job, made once."""
        if code not in self.before:
            self.before[code] = self.rows(self.job(code))
        return self.before[code]

    def job(self, code: str) -> LabelingJob:
        kind, source = JOBS[code]
        job = (
            LabelingJob.in_vpc(
                self.world.vpc,
                subnets=self.world.subnets,
                security_groups=self.world.security_groups,
                vpc_endpoints=[self.world.vpc_endpoint],
            )
            .named("shapes-1")
            .in_region(self.world.region)
            .task(kind, **TOLD)
            .input(self.uri(source))
            .output(f"s3://{self.world.output_bucket}/labels/")
            .label_categories(CLASSES)
            .workers(self.world.workteam)
            .as_role(self.world.role)
        )
        if code.startswith("automated"):
            job = job.with_automated_labeling()
        if code.startswith("streaming"):
            job = job.stream_from(self.topic)
        return job.adjusting(AUDITED[kind]) if kind in AUDITED else job


BOXED = {
    "boxes": {"annotations": [], "image_size": []},
    "boxes-metadata": {"type": "groundtruth/object-detection", "job-name": "labeling-job/gone"},
}
AUDITED = {"AdjustmentBoundingBox": "boxes", "AdjustmentVideoObjectTracking": "drawn-ref"}
#: A sound job of each kind that rows begin with: its task type and its manifest.
JOBS = {
    "pictures": ("ImageMultiClass", "images.manifest"),
    "boxes": ("BoundingBox", "images.manifest"),
    "boxed": ("AdjustmentBoundingBox", "boxed.manifest"),
    "clips": ("VideoMultiClass", "clips.manifest"),
    "frames": ("VideoObjectTracking", "sequences.manifest"),
    "drawn": ("AdjustmentVideoObjectTracking", "drawn.manifest"),
    "clouds": ("3DPointCloudObjectDetection", "clouds.manifest"),
    "names": ("NamedEntityRecognition", "few-texts.manifest"),
    "automated texts": ("TextMultiClass", "texts.manifest"),
    "automated masks": ("SemanticSegmentation", "many.manifest"),
    "streaming": ("ImageMultiClass", "images.manifest"),
    "streaming texts": ("TextMultiClass", "few-texts.manifest"),
}


def lines(entries: Iterable[Any]) -> bytes:
    texts = (entry if isinstance(entry, str) else json.dumps(entry) for entry in entries)
    return "".join(f"{text}\n" for text in texts).encode()


def png(width: int, height: int) -> bytes:
    """The beginning of a picture of that size: nobody looks at its pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


Break = Callable[[Desk, LabelingJob], LabelingJob]


def from_lines(name: str, *more: Any, first: bool = True) -> Break:
    """The input is a manifest with these lines after that of the first picture."""

    def broken(desk: Desk, job: LabelingJob) -> LabelingJob:
        begun = [{"source-ref": desk.pictures[0]}] if first else []
        return job.input(desk.manifest(name, [*begun, *(each(desk) if callable(each) else each for each in more)]))

    return broken


def one_more(**members: Any) -> Callable[[Desk], dict[str, Any]]:
    return lambda desk: {"source-ref": desk.pictures[1], **members}


def picture_of(width: int, height: int, name: str) -> Break:
    def broken(desk: Desk, job: LabelingJob) -> LabelingJob:
        uri = desk.put(f"{name}.png", png(width, height))
        entries = [{"source-ref": uri}, *({"source-ref": desk.pictures[n % 20]} for n in range(1249))]
        return job.input(desk.manifest(name, entries if job.automated else entries[:20]))

    return broken


def category_file(name: str, content: str) -> Break:
    return lambda desk, job: job.label_categories(desk.put(f"{name}.json", content))


def template_file(name: str, old: str, new: str) -> Break:
    text = worker_template("ImageMultiClass", instructions="Choose.")
    assert old in text
    return lambda desk, job: job.template(desk.put(f"{name}.liquid.html", text.replace(old, new)))


def labels(count: int) -> Break:
    return lambda desk, job: job.label_categories([f"l{number}" for number in range(count)])


def with_sequence(name: str, **changes: Any) -> Break:
    def broken(desk: Desk, job: LabelingJob) -> LabelingJob:
        uri = desk.put(f"{name}.json", json.dumps({**sequence(".jpg"), **changes}))
        return job.input(desk.manifest(name, [{"source-ref": uri}]))

    return broken


def taken_name(desk: Desk, job: LabelingJob) -> LabelingJob:
    taken = job.named("taken-1")
    taken.submit(desk.session)
    desk.s3.delete_object(Bucket=desk.world.output_bucket, Key="labels/taken-1/x")
    return taken


def left_over(desk: Desk, job: LabelingJob) -> LabelingJob:
    desk.s3.put_object(Bucket=desk.world.output_bucket, Key="labels/left-1/manifests/old.json", Body=b"{}")
    return job.named("left-1")


def fed_by_its_output(desk: Desk, job: LabelingJob) -> LabelingJob:
    desk.s3.create_bucket(Bucket="looping-out")
    event = {"TopicArn": desk.topic, "Events": ["s3:ObjectCreated:*"]}
    desk.s3.put_bucket_notification_configuration(
        Bucket="looping-out", NotificationConfiguration={"TopicConfigurations": [event]}
    )
    return job.output("s3://looping-out/labels/")


def old_queue(desk: Desk, job: LabelingJob) -> LabelingJob:
    desk.session.client("sqs").create_queue(QueueName="GroundTruth-old-1")
    return job.named("old-1")


def algorithm_of(code: str) -> Break:
    arn = facts.task_type(code).algorithm_arn("us-east-1")
    return lambda desk, job: job.with_raw(LabelingJobAlgorithmsConfig={"LabelingJobAlgorithmSpecificationArn": arn})


FRAMED = {"documentVersion": "2020-03-01", "labels": [{"label": "car"}]}
LONG = "x" * 19_000
#: id, the sound job, what is broken, words of the evidence, other rows that the same cause changes
BROKEN: list[tuple[str, str, Break, str, set[str]]] = [
    ("AUTO-01", "names", lambda desk, job: job.with_automated_labeling(), "does not exist", {"AUTO-02", "AUTO-03"}),
    ("AUTO-02", "automated texts", algorithm_of("BoundingBox"), "object-detection", set()),
    (
        "AUTO-03",
        "automated texts",
        lambda desk, job: job.input(desk.uri("few-texts.manifest")),
        "20 data objects",
        set(),
    ),
    ("AUTO-04", "automated masks", lambda desk, job: job.input(desk.uri("many.manifest")), "1,250", set()),
    ("AUTO-05", "automated texts", lambda desk, job: job.stream_from(desk.topic), "stream", set()),
    ("AUTO-06", "automated masks", picture_of(1921, 100, "wide"), "1921 x 100", set()),
    ("AUTO-07", "automated masks", labels(21), "at most 20", set()),
    ("STR-02", "streaming", lambda desk, job: job.stream_from(desk.topic + "-2"), "no topic", set()),
    ("STR-03", "streaming", fed_by_its_output, "looping-out", set()),
    ("STR-04", "streaming", old_queue, "GroundTruth-old-1", set()),
    (
        "STR-07",
        "streaming",
        from_lines("id", one_more(**{"dataset-objectid-attribute-name": "id"})),
        "does not have",
        set(),
    ),
    ("MAN-01", "pictures", from_lines("no-json", "{"), "Line 2", set()),
    (
        "MAN-02",
        "pictures",
        from_lines("long-line", one_more(**{f"a{n}": LONG for n in range(6)})),
        "at most 100,000",
        set(),
    ),
    ("MAN-03", "pictures", from_lines("long-value", one_more(a="x" * 20_001)), "20,001", set()),
    ("MAN-04", "pictures", from_lines("dollar", one_more(**{"$id": 1})), "$id", set()),
    ("MAN-05", "pictures", from_lines("no-source", {"colour": "red"}), "Line 2", set()),
    ("MAN-07", "pictures", picture_of(20_000, 5_001, "vast"), "100,000,000", set()),
    (
        "MAN-08",
        "clips",
        from_lines("avi", lambda desk: {"source-ref": desk.put("1.avi", b"clip")}, first=False),
        "1.avi",
        set(),
    ),
    ("MAN-09", "frames", with_sequence("short", **{"number-of-frames": 9}), "lists 2", set()),
    (
        "MAN-10",
        "clouds",
        from_lines("timeless", lambda desk: {"source-ref": desk.uri("1.bin")}, first=False),
        "unix-timestamp",
        set(),
    ),
    (
        "MAN-11",
        "pictures",
        from_lines("gone", lambda desk: {"source-ref": desk.uri("images/gone.png")}),
        "gone.png",
        set(),
    ),
    ("MAN-12", "pictures", from_lines("done", one_more(**{"shapes-1": 0})), "1 of 2", set()),
    ("MAN-12", "boxed", lambda desk, job: job.input(desk.uri("images.manifest")), "no line has 'boxes'", set()),
    ("MAN-13", "pictures", from_lines("twins", lambda desk: {"source-ref": desk.pictures[0]}), "earlier line", set()),
    (
        "LAB-01",
        "pictures",
        category_file("no-comma", '{"document-version": "2018-11-28" "labels": []}'),
        "not JSON",
        set(),
    ),
    ("LAB-02", "pictures", labels(1), "2 or more", set()),
    ("LAB-03", "boxes", labels(51), "at most 50", set()),
    ("LAB-04", "pictures", lambda desk, job: job.label_categories(["a", "a"]), "2 times", set()),
    (
        "LAB-05",
        "names",
        category_file("no-words", json.dumps({"document-version": "2018-11-28", "labels": FRAMED["labels"]})),
        "shortInstruction",
        set(),
    ),
    (
        "LAB-06",
        "frames",
        category_file("odd", json.dumps({**FRAMED, "frameAttributes": [{"name": "a", "type": "text"}]})),
        "string or number",
        set(),
    ),
    ("LAB-07", "frames", category_file("cuboid", json.dumps({**FRAMED, "annotationType": "Cuboid"})), "Cuboid", set()),
    (
        "LAB-07",
        "drawn",
        from_lines("polygons", lambda desk: desk.drawn("Polygon"), first=False),
        "drew-Polygon drew Polygon",
        set(),
    ),
    (
        "TPL-01",
        "pictures",
        lambda desk, job: job.with_raw(
            HumanTaskConfig={
                "UiConfig": {"HumanTaskUiArn": facts.task_type("VideoObjectTracking").human_task_ui_arn("us-east-1")}
            }
        ),
        "both",
        set(),
    ),
    ("TPL-02", "pictures", template_file("formless", "crowd-form", "form"), "no <crowd-form>", set()),
    ("TPL-03", "pictures", template_file("ungranted", " | grant_read_access", ""), "grant_read_access", set()),
    (
        "TPL-04",
        "pictures",
        template_file("insecure", "</crowd-form>", '</crowd-form><script src="http://a.example/b.js"></script>'),
        "https page",
        set(),
    ),
    (
        "TPL-05",
        "pictures",
        lambda desk, job: from_lines("longest", one_more(**{f"a{n}": LONG for n in range(5)}))(
            desk,
            category_file(
                "spacious",
                json.dumps({"document-version": "2018-11-28", "labels": [{"label": "a"}, {"label": "b"}]})
                + " " * 40_000,
            )(desk, job),
        ),
        "128,000",
        set(),
    ),
    ("REQ-01", "pictures", taken_name, "taken-1", {"REQ-11"}),
    ("REQ-02", "pictures", lambda desk, job: job.label_attribute("shape-metadata"), "-metadata", set()),
    ("REQ-03", "pictures", lambda desk, job: job.workers(desk.world.workteam, per_object=10), "1 to 9", set()),
    ("REQ-04", "pictures", lambda desk, job: job.workers(desk.world.workteam, time_limit=28_801), "28800", set()),
    (
        "REQ-05",
        "pictures",
        lambda desk, job: job.workers(desk.world.workteam, availability=2_592_001),
        "2592000",
        set(),
    ),
    (
        "REQ-06",
        "pictures",
        lambda desk, job: job.task("ImageMultiClass", title="x" * 129, description="y"),
        "129",
        set(),
    ),
    ("REQ-07", "pictures", lambda desk, job: job.with_tags({f"k{n}": "" for n in range(51)}), "51", set()),
    ("REQ-11", "pictures", left_over, "old.json", set()),
]


@pytest.mark.parametrize(
    ("id", "sound", "breaking", "evidence", "also"), BROKEN, ids=lambda value: value if isinstance(value, str) else ""
)
def test_one_broken_thing_changes_the_row_of_its_check(desk, id, sound, breaking, evidence, also):
    before = desk.sound(sound)
    after = desk.rows(breaking(desk, desk.job(sound)))
    worse = {
        name for name, row in after.items() if row.status in ("failed", "warned") and row.status != before[name].status
    }
    assert worse - also == ({id} if before[id].status in NOTED else set())
    assert after[id].status in ("failed", "warned")
    assert evidence in after[id].evidence
    assert after[id].remedy


@pytest.mark.parametrize("code", JOBS)
def test_a_sound_job_fails_no_check(desk, code):
    assert [row for row in desk.sound(code).values() if row.status == "failed"] == []


def test_enough_checks_are_tried_on_worlds():
    assert len({row[0] for row in BROKEN}) >= 40
