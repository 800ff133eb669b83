"""Jobs one after the other on the local AWS: boxes are drawn, the output is cleaned, then corrected and judged."""

from __future__ import annotations

import json

from gt_vpc_nb import LabelingJob, manifest
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.example import lay_out
from gt_vpc_nb.local.workers import workers_from_truth
from tests.local.conftest import grey_png

KEYS = [f"s3://signs-in/{number}.png" for number in range(6)]


def boxes(left):
    return dict.fromkeys(KEYS, ({"label": "car", "left": left, "top": 2, "width": 10, "height": 8},))


def finished(job, aws, session, truth):
    aws.staff("labelers", workers_from_truth(truth, 0.0, 1, 7))
    submitted = job.submit(session)
    aws.clock.advance(days=1)
    assert submitted.status().status == "Completed", submitted.status()
    return submitted


def lines(aws, uri):
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    body = aws.session().client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return [json.loads(line) for line in body.splitlines()]


def test_boxes_are_drawn_then_corrected_then_judged():
    aws = LocalAws(seed=7)
    world, session = lay_out(aws, input_bucket="signs-in", output_bucket="signs-out"), aws.session()
    for number in range(6):
        session.client("s3").put_object(Bucket="signs-in", Key=f"{number}.png", Body=grey_png(9, 40, 30))
    start = LabelingJob().in_region(aws.region).output("s3://signs-out/labels/").as_role(world.role)
    start = start.workers("labelers", per_object=1)
    words = {"title": "Boxes", "description": "Look at the boxes."}

    drawing = start.named("drawn").task("BoundingBox", **words).input(KEYS).label_categories(["car", "bus"])
    drawn = finished(drawing, aws, session, boxes(1))

    cleaned = manifest.clean(
        "s3://signs-out/labels/drawn/manifests/output/output.manifest",
        "s3://signs-out/again/input.manifest",
        "drawn",
        session=session,
    )
    assert cleaned.objects == 6
    # Given as the job that ran: its task type, label attribute and label categories are asked of AWS.
    correcting = start.named("corrected").task("BoundingBox", **words).adjusting(drawn).input(cleaned.uri)
    assert correcting.task_code == "AdjustmentBoundingBox" and correcting.audited == "drawn"
    assert correcting.category_file == "s3://signs-out/labels/drawn/gt-vpc-nb/label-categories.json"
    finished(correcting, aws, session, boxes(5))

    judging = start.named("judged").task("BoundingBox", **words).verifying(correcting).label_categories(["good", "bad"])
    finished(judging, aws, session, {key: {"label": "bad", "comment": "Too small."} for key in KEYS})
    for line in lines(aws, "s3://signs-out/labels/judged/manifests/output/output.manifest"):
        assert line["drawn"]["annotations"][0]["left"] == 1 and line["corrected"]["annotations"][0]["left"] == 5
        assert line["corrected-metadata"]["adjustment-status"] == "adjusted"
        assert line["judged"] == "1" and line["judged-metadata"]["class-name"] == "bad"
        assert line["judged-metadata"]["worker-feedback"] == [{"comment": "Too small."}]
