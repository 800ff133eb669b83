"""Each check of data, labels, templates, streams and fields passes on one survey and fails on one changed thing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gt_vpc_nb import facts
from gt_vpc_nb.label_category_rules import category_file_problems
from gt_vpc_nb.preflight import run
from gt_vpc_nb.preflight.checks import CHECKS
from gt_vpc_nb.preflight.surroundings import (
    Attribute,
    Count,
    DataObject,
    EarlierJob,
    JobInProgress,
    LambdaFunction,
    ManifestProblem,
    Missing,
    Model,
    Notification,
    Queue,
    Rendered,
    RenderProblem,
    Surroundings,
    TextFile,
    Topic,
    Unknown,
)
from tests.preflight.sound import (
    CATEGORIES,
    GOOD,
    LINE,
    MANIFEST,
    OUT,
    PICTURE,
    QUOTAS,
    REGION,
    REQUEST,
    TEMPLATE,
    request_for,
)
from tests.preflight.sound_tasks import (
    BEFORE,
    GROUPS,
    STREAMING,
    TOPIC,
    categories_for,
    sequence,
    streaming_request,
    surroundings_for,
    tell,
)

TASKS = [kind.code for kind in facts.task_types()]


@pytest.mark.parametrize("code", TASKS)
def test_nothing_is_said_against_a_sound_job_of_any_task_type(code):
    assert tell(surroundings_for(code), request_for(code)) == {}


def test_nothing_is_said_against_a_sound_streaming_job():
    assert tell(STREAMING, streaming_request()) == {}


def manifest(**changes: Any) -> Surroundings:
    return replace(GOOD, manifest=replace(MANIFEST, **changes))


def line_broken(code: str, severity: str = "error", lines: int = 7) -> Surroundings:
    """The manifest as a survey of all its lines tells it, with a rule broken on some."""
    problem = ManifestProblem(code, severity, 412, f"Line 412: {code} is broken.", "Mend it.")
    return manifest(problems=(problem,), problem_counts=(Count(code, lines),))


def picture(**changes: Any) -> Surroundings:
    return replace(GOOD, data_objects=(replace(PICTURE, **changes),))


def categories(code: str, **changes: Any) -> Surroundings:
    document = {**categories_for(facts.task_type(code)), **changes}
    return replace(surroundings_for(code), category_file=TextFile(CATEGORIES.uri, json.dumps(document)))


def template(old: str, new: str) -> Surroundings:
    assert old in TEMPLATE.text
    return replace(GOOD, template=TextFile(TEMPLATE.uri, TEMPLATE.text.replace(old, new)))


def with_sequence(code: str, **changes: Any) -> Surroundings:
    before = surroundings_for(code)
    document = {**json.loads(before.sequence_files[0].text), **changes}
    return replace(before, sequence_files=(TextFile("s3://signs-in/1.json", json.dumps(document)),))


def of(code: str, **changes: Any) -> Surroundings:
    """The manifest of a sound job of a task type, with changes."""
    before = surroundings_for(code)
    return replace(before, manifest=replace(before.manifest, **changes))


def labeled(code: str, lines: int, type: str | None = None) -> Surroundings:
    attributes = surroundings_for(code).manifest.attributes
    changed = [
        replace(each, lines=lines, type=each.type if type is None else type) if each.name == BEFORE else each
        for each in attributes
    ]
    return of(code, attributes=tuple(changed))


def drew(form: str | Unknown) -> Surroundings:
    """A sound job on video frames whose earlier job drew something else."""
    before = surroundings_for(REFRAME)
    return replace(before, earlier_jobs=(replace(before.earlier_jobs[0], annotation_type=form),))


def feeding(prefix: str, suffix: str = "") -> Surroundings:
    event = Notification(TOPIC, ("s3:ObjectCreated:*",), prefix, suffix)
    return replace(STREAMING, buckets=(STREAMING.buckets[0], replace(OUT, notifications=(event,))))


def streamed(**attributes: Any) -> Surroundings:
    line = json.dumps({"source-ref": "s3://signs-in/1.png", **attributes})
    return replace(STREAMING, manifest=replace(MANIFEST, sample=(line,)))


def own_functions() -> dict:
    request = request_for("PassThrough")
    human = dict(request["HumanTaskConfig"])
    arn = f"arn:aws:lambda:{REGION}:111122223333:function:LabelingFunction-"
    human["PreHumanTaskLambdaArn"] = f"{arn}pre"
    human["AnnotationConsolidationConfig"] = {"AnnotationConsolidationLambdaArn": f"{arn}post"}
    return {**request, "HumanTaskConfig": human}


OWN = own_functions()
OWN_PRE = OWN["HumanTaskConfig"]["PreHumanTaskLambdaArn"]
WITH_MODEL = json.loads(json.dumps(REQUEST))
WITH_MODEL["LabelingJobAlgorithmsConfig"]["InitialActiveLearningModelArn"] = (
    f"arn:aws:sagemaker:{REGION}:111122223333:model/m"
)
MODEL = Model(WITH_MODEL["LabelingJobAlgorithmsConfig"]["InitialActiveLearningModelArn"], True)
SEGMENTS = "SemanticSegmentation"
VIDEO, CLOUDS, FRAMES = "VideoObjectTracking", "3DPointCloudObjectTracking", "3DPointCloudObjectDetection"
REFINE, REFRAME = "AdjustmentBoundingBox", "AdjustmentVideoObjectTracking"
MANY = [{"label": f"l{n}"} for n in range(51)]

#: id, what the survey found, the request, words of the evidence, words of the remedy
FAILING = [
    ("AUTO-03", manifest(objects=1249), REQUEST, "1,249", "Add data"),
    ("AUTO-06", picture(width=3841, height=2160), REQUEST, "3841 x 2160", "smaller"),
    ("AUTO-06", picture(width=2161, height=3000), REQUEST, "2161 x 3000", "smaller"),
    (
        "AUTO-06",
        replace(surroundings_for(SEGMENTS), data_objects=(replace(PICTURE, width=1921),)),
        request_for(SEGMENTS),
        "1920 x 1080",
        "smaller",
    ),
    ("AUTO-07", categories(SEGMENTS, labels=MANY[:21]), request_for(SEGMENTS), "at most 20", "Leave some out"),
    ("STR-02", replace(STREAMING, topics=(Topic(TOPIC, False),)), streaming_request(), "no topic", "Create it"),
    ("STR-03", feeding("labels/"), streaming_request(), "feeds the input topic", ".output("),
    ("STR-03", feeding(""), streaming_request(), "feeds the input topic", ".output("),
    ("STR-03", feeding("labels/street-signs-1/", ".json"), streaming_request(), ".json", ".output("),
    ("STR-07", streamed(**{"dataset-objectid-attribute-name": "id"}), streaming_request(), "does not have", "Add 'id'"),
    (
        "STR-07",
        streamed(**{"dataset-objectid-attribute-name": "id", "id": "x" * 1025}),
        streaming_request(),
        "1,025",
        "Shorten",
    ),
    ("STR-07", streamed(**{"dataset-objectid-attribute-name": "x" * 141}), streaming_request(), "1 to 140", "Shorten"),
    ("MAN-01", line_broken("MAN-01"), REQUEST, "Line 412", "Mend it"),
    ("MAN-01", manifest(encoding="UTF-16"), REQUEST, "UTF-16", "without a byte order mark"),
    ("MAN-01", manifest(sample=(LINE, "{")), REQUEST, "Line 2", "one JSON object"),
    ("MAN-01", manifest(sample=(LINE, "\udcff")), REQUEST, "not UTF-8", "one JSON object"),
    ("MAN-02", line_broken("MAN-02"), REQUEST, "Line 412", "Mend it"),
    ("MAN-02", manifest(longest_line=100_001), REQUEST, "100,001", "object in S3"),
    ("MAN-03", line_broken("MAN-03"), REQUEST, "Line 412", "Mend it"),
    ("MAN-03", manifest(longest_attribute=20_001), REQUEST, "20,001", "object in S3"),
    ("MAN-04", line_broken("MAN-04"), REQUEST, "Line 412", "Mend it"),
    ("MAN-04", manifest(attributes=(Attribute("$id", 3),)), REQUEST, "'$id' on 3 lines", "Rename"),
    ("MAN-05", line_broken("MAN-05"), REQUEST, "Line 412", "Mend it"),
    ("MAN-05", manifest(sample=("{}",)), REQUEST, "Line 1", "source-ref"),
    (
        "MAN-05",
        of("BoundingBox", objects=0),
        {**request_for("BoundingBox"), "LabelingJobAlgorithmsConfig": None},
        "no data object",
        "one data object",
    ),
    ("MAN-06", manifest(objects=100_001), REQUEST, "100,001", "Split"),
    ("MAN-06", of(SEGMENTS, objects=20_001), request_for(SEGMENTS), "at most 20,000", "Split"),
    ("MAN-07", picture(size=41 << 20), REQUEST, "41.0 MB", "smaller"),
    (
        "MAN-07",
        replace(
            surroundings_for("ImageMultiClassMultiLabel"), data_objects=(replace(PICTURE, width=20_000, height=5_001),)
        ),
        request_for("ImageMultiClassMultiLabel"),
        "100,000,000",
        "smaller",
    ),
    ("MAN-07", picture(width=None, height=None), REQUEST, "not a picture", "JPEG"),
    ("MAN-09", of(VIDEO, objects=11), request_for(VIDEO), "at most 10", "ten sequences"),
    (
        "MAN-09",
        with_sequence(VIDEO, prefix="s3://signs-in/a"),
        request_for(VIDEO),
        "1.json: Its prefix",
        "s3://signs-in/a/",
    ),
    ("MAN-09", with_sequence(VIDEO, **sequence(".jpg", 2001)), request_for(VIDEO), "2,001 frames", "Split"),
    ("MAN-10", with_sequence(CLOUDS, **sequence(".bin", 501)), request_for(CLOUDS), "501 frames", "Split"),
    ("MAN-10", of(FRAMES, without_timestamp=3), request_for(FRAMES), "3 lines have no", "unix-timestamp"),
    ("MAN-10", of(FRAMES, most_images=9), request_for(FRAMES), "9 camera images", "Leave some out"),
    ("MAN-11", replace(GOOD, data_objects=(DataObject(PICTURE.uri, False),)), REQUEST, "1.png", "upload"),
    ("LAB-01", replace(GOOD, category_file=TextFile(CATEGORIES.uri, "{")), REQUEST, "not JSON", "Correct"),
    (
        "LAB-01",
        replace(GOOD, category_file=TextFile(CATEGORIES.uri, Missing("there is no object labels.json"))),
        REQUEST,
        "no object",
        "Write the label",
    ),
    ("LAB-01", categories("ImageMultiClass", labels="stop"), REQUEST, "no labels", "Add labels"),
    ("LAB-02", categories("ImageMultiClass", labels=MANY[:1]), REQUEST, "2 or more", "Add"),
    ("LAB-03", categories("BoundingBox", labels=MANY), request_for("BoundingBox"), "at most 50", "Leave"),
    ("LAB-04", categories("ImageMultiClass", labels=[{"label": "a"}, {"label": "a"}]), REQUEST, "2 times", "once"),
    (
        "LAB-05",
        categories(VIDEO, instructions={"shortInstruction": "a" * 255, "fullInstruction": "a"}),
        request_for(VIDEO),
        "at most 254",
        "Shorten",
    ),
    (
        "LAB-06",
        categories(VIDEO, frameAttributes=[{"name": "a", "type": "string"}]),
        request_for(VIDEO),
        "no description",
        "Describe",
    ),
    ("LAB-07", categories(VIDEO, annotationType="Cuboid"), request_for(VIDEO), "Cuboid", "one of these"),
    (
        "LAB-07",
        replace(
            surroundings_for(REFRAME),
            earlier_jobs=(
                EarlierJob("before", "Completed", BEFORE, facts.task_type("VideoObjectDetection").pre_lambda(REGION)),
            ),
        ),
        request_for(REFRAME),
        "before was VideoObjectDetection",
        "Adjustment",
    ),
    ("TPL-02", template("crowd-form", "form"), REQUEST, "no <crowd-form>", "<crowd-form>"),
    ("LAB-07", drew("Polygon"), request_for(REFRAME), "before drew Polygon", "'annotationType': 'Polygon'"),
    (
        "TPL-02",
        replace(GOOD, template=TextFile(TEMPLATE.uri, Missing("there is no object ui"))),
        REQUEST,
        "no object",
        "worker template",
    ),
    (
        "TPL-03",
        template("taskObject | grant_read_access", "taskObject"),
        REQUEST,
        "grant_read_access",
        "grant_read_access",
    ),
    (
        "TPL-03",
        replace(GOOD, rendered=Rendered((RenderProblem("SyntaxError", "Unknown tag"),))),
        REQUEST,
        "Unknown tag",
        "Correct",
    ),
    (
        "TPL-05",
        replace(manifest(longest_line=99_000), category_file=TextFile(CATEGORIES.uri, CATEGORIES.text + " " * 30_000)),
        REQUEST,
        "128,000",
        "Shorten",
    ),
    ("REQ-01", replace(GOOD, same_name_job="Completed"), REQUEST, "Completed", "another name"),
    (
        "REQ-10",
        replace(
            surroundings_for("PassThrough"), functions=(LambdaFunction(OWN_PRE, Missing("there is no function pre")),)
        ),
        OWN,
        "no function",
        "custom_workflow",
    ),
    (
        "REQ-10",
        replace(surroundings_for("PassThrough"), functions=(LambdaFunction(OWN_PRE, "Failed"),)),
        OWN,
        "is Failed",
        "repair",
    ),
]


@pytest.mark.parametrize(("id", "surroundings", "request_", "evidence", "remedy"), FAILING)
def test_one_changed_thing_fails_its_check_and_no_other(id, surroundings, request_, evidence, remedy):
    found = tell(surroundings, {name: value for name, value in request_.items() if value is not None})
    assert {name: row.status for name, row in found.items()} == {id: "failed"}
    assert evidence in found[id].evidence
    assert remedy in found[id].remedy


#: Checks of what AWS advises, or says only in passing: they warn.
WARNING = [
    ("AUTO-04", manifest(objects=1797), REQUEST, "recommends 5,000", "fewer labels"),
    (
        "AUTO-08",
        replace(GOOD, quotas=tuple(replace(each, value=0.0) if "p3" in each.name else each for each in QUOTAS)),
        REQUEST,
        "ml.p3.2xlarge",
        "Service Quotas",
    ),
    (
        "AUTO-11",
        replace(GOOD, initial_model=replace(MODEL, exists=False)),
        WITH_MODEL,
        "no model",
        "FinalActiveLearningModelArn",
    ),
    (
        "AUTO-11",
        replace(
            GOOD,
            initial_model=MODEL,
            earlier_jobs=(
                EarlierJob(
                    "old",
                    "Completed",
                    pre_lambda=facts.task_type("BoundingBox").pre_lambda(REGION),
                    final_model=MODEL.arn,
                ),
            ),
        ),
        WITH_MODEL,
        "a job of BoundingBox",
        "same task type",
    ),
    ("STR-03", feeding("labels/", ".jpg"), streaming_request(), ".jpg", ".output("),
    (
        "STR-04",
        replace(STREAMING, queue=Queue("GroundTruth-street-signs-1", "https://sqs/q")),
        streaming_request(),
        "of an earlier job",
        "delete-queue",
    ),
    (
        "STR-06",
        replace(surroundings_for("TextMultiClass"), topics=(Topic(TOPIC, True),), buckets=feeding("texts/").buckets),
        streaming_request("TextMultiClass"),
        "reads texts",
        "Publish",
    ),
    ("MAN-07", manifest(sample=('{"source-ref": "s3://signs-in/1.bmp"}',)), REQUEST, "1.bmp", ".jpg"),
    (
        "MAN-08",
        of("VideoMultiClass", sample=('{"source-ref": "s3://signs-in/1.avi"}',)),
        request_for("VideoMultiClass"),
        "1.avi",
        ".mp4",
    ),
    (
        "MAN-12",
        manifest(attributes=(Attribute("source-ref", 5000), Attribute("street-signs-1", 5000))),
        REQUEST,
        "nothing is left",
        "label_attribute",
    ),
    ("MAN-12", manifest(attributes=(Attribute("street-signs-1", 12),)), REQUEST, "4,988", "label_attribute"),
    ("MAN-12", labeled(REFINE, 4990), request_for(REFINE), "10 of 5,000", "manifest.clean("),
    ("MAN-12", labeled(REFINE, 0), request_for(REFINE), "no line has 'boxes'", "manifest.clean("),
    (
        "MAN-12",
        labeled(REFINE, 5000, "groundtruth/semantic-segmentation"),
        request_for(REFINE),
        "semantic-segmentation",
        "Adjustment",
    ),
    (
        "MAN-12",
        surroundings_for(REFINE),
        request_for(REFINE, LabelAttributeName=BEFORE),
        "write its labels over",
        "label_attribute",
    ),
    ("MAN-13", manifest(duplicates=2), REQUEST, "2 lines have", "twice"),
    ("LAB-01", categories("ImageMultiClass", labells=[]), REQUEST, "did you mean 'labels'", "Rename"),
    (
        "TPL-04",
        template("</crowd-form>", '</crowd-form><script src="http://example.com/a.js"></script>'),
        REQUEST,
        "https page",
        "https",
    ),
    ("REQ-11", replace(GOOD, leftovers=("labels/street-signs-1/old.json",)), REQUEST, "old.json", "another name"),
    (
        "RUN-11",
        replace(GOOD, jobs_in_progress=tuple(JobInProgress(f"j{n}", "InProgress") for n in range(20))),
        REQUEST,
        "20 labeling jobs",
        "Wait",
    ),
]


@pytest.mark.parametrize(("id", "surroundings", "request_", "evidence", "remedy"), WARNING)
def test_what_aws_only_advises_warns(id, surroundings, request_, evidence, remedy):
    found = tell(surroundings, request_)
    assert {name: row.status for name, row in found.items()} == {id: "warned"}
    assert evidence in found[id].evidence
    assert remedy in found[id].remedy


NO = Unknown("AccessDenied on the:Call (no)")
MANIFEST_RULES = {f"MAN-{n:02}" for n in (1, 2, 3, 4, 5, 6, 7, 12, 13)} | {"AUTO-03", "AUTO-04", "AUTO-06"}
LABEL_RULES = {"LAB-01", "LAB-02", "LAB-03", "LAB-04"}
#: What could not be read, the request, the rules that stay open.
UNREAD = [
    (replace(GOOD, manifest=NO), REQUEST, MANIFEST_RULES | {"MAN-11", "TPL-05"}),
    (replace(GOOD, data_objects=(DataObject(PICTURE.uri, NO),)), REQUEST, {"MAN-11"}),
    (picture(size=NO), REQUEST, {"MAN-07"}),
    (picture(width=NO), REQUEST, {"MAN-07", "AUTO-06"}),
    (replace(GOOD, category_file=TextFile(CATEGORIES.uri, NO)), REQUEST, LABEL_RULES),
    (replace(GOOD, template=TextFile(TEMPLATE.uri, NO)), REQUEST, {"TPL-02", "TPL-03", "TPL-04"}),
    (replace(GOOD, same_name_job=NO), REQUEST, {"REQ-01"}),
    (replace(GOOD, leftovers=NO), REQUEST, {"REQ-11"}),
    (replace(GOOD, quotas=NO), REQUEST, {"AUTO-08", "RUN-11"}),
    (replace(GOOD, quotas=()), REQUEST, {"AUTO-08", "RUN-11"}),
    (replace(GOOD, jobs_in_progress=NO), REQUEST, {"RUN-11"}),
    (replace(GOOD, initial_model=replace(MODEL, exists=NO)), WITH_MODEL, {"AUTO-11"}),
    (replace(STREAMING, topics=(Topic(TOPIC, NO),)), streaming_request(), {"STR-02"}),
    (replace(STREAMING, buckets=(GOOD.buckets[0], replace(OUT, notifications=NO))), streaming_request(), {"STR-03"}),
    (replace(STREAMING, queue=NO), streaming_request(), {"STR-04"}),
    (
        replace(surroundings_for(VIDEO), sequence_files=(TextFile("s3://signs-in/1.json", NO),)),
        request_for(VIDEO),
        {"MAN-09"},
    ),
    (replace(surroundings_for(VIDEO), sequence_files=()), request_for(VIDEO), {"MAN-09"}),
    (
        replace(surroundings_for(CLOUDS), sequence_files=(TextFile("s3://signs-in/1.json", NO),)),
        request_for(CLOUDS),
        {"MAN-10"},
    ),
    (replace(surroundings_for(REFRAME), earlier_jobs=(EarlierJob("before", NO),)), request_for(REFRAME), {"LAB-07"}),
    (drew(NO), request_for(REFRAME), {"LAB-07"}),
    (
        replace(surroundings_for(REFINE), template=TextFile(TEMPLATE.uri, NO)),
        request_for(REFINE),
        {"TPL-02", "TPL-03", "TPL-04", "MAN-12"},
    ),
    (replace(surroundings_for("PassThrough"), functions=(LambdaFunction(OWN_PRE, NO),)), OWN, {"REQ-10"}),
]


@pytest.mark.parametrize(("surroundings", "request_", "ids"), UNREAD)
def test_what_could_not_be_read_is_undetermined_with_its_reason(surroundings, request_, ids):
    found = tell(surroundings, request_)
    assert {name: row.status for name, row in found.items()} == dict.fromkeys(ids, "undetermined")
    assert all(row.evidence and row.remedy for row in found.values())


def test_nothing_surveyed_is_never_taken_for_good():
    bare = Surroundings("AWS", REGION, "111122223333")
    rows = {row.id: row.status for row in run(REQUEST, bare).rows if row.id.startswith(GROUPS)}
    assert rows["LAB-01"] == rows["TPL-02"] == rows["REQ-11"] == rows["AUTO-08"] == "undetermined"


def test_rendering_that_is_not_allowed_only_takes_nothing_away():
    row = run(REQUEST, replace(GOOD, rendered=NO)).row("TPL-03")
    assert row.status == "passed" and "AccessDenied" in row.evidence


def test_every_problem_of_a_line_is_counted_and_a_few_are_told():
    problems = tuple(
        ManifestProblem("MAN-05", "error", n, f"Line {n}: it has no source-ref.", "Give it.") for n in range(5)
    )
    row = run(REQUEST, manifest(problems=problems, problem_counts=(Count("MAN-05", 1234),))).row("MAN-05")
    assert row.evidence == (
        "Line 0: it has no source-ref; Line 1: it has no source-ref; Line 2: it has no source-ref; and 1,231 more"
    )


def test_a_file_that_the_job_brings_is_not_judged_twice():
    broken = categories("ImageMultiClass", labels=MANY[:1])
    problems = category_file_problems(broken.category_file.text, facts.task_type("ImageMultiClass"))
    row = run(REQUEST, broken, problems=problems).row("LAB-02")
    assert row.evidence.count("2 or more") == 1


#: Facts, and rules that `LabelingJob.problems()` decides: they are tried with the request's own tests.
KNOWN_OFFLINE = {"AUTO-01", "AUTO-02", "AUTO-05", "STR-01", "TPL-01", "REQ-09", *(f"REQ-0{n}" for n in range(2, 8))}
FACTS = {"AUTO-09", "AUTO-10", "STR-05", "REQ-08", "RUN-09", *(f"RUN-{n:02}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 10))}


def test_every_rule_of_these_groups_is_a_check_and_is_seen_failing_or_is_known_otherwise():
    ours = {id for id in facts.rules() if id.startswith(GROUPS)}
    assert ours == {check.id for check in CHECKS if check.id.startswith(GROUPS)}
    assert ours == {row[0] for row in (*FAILING, *WARNING)} | KNOWN_OFFLINE | FACTS
