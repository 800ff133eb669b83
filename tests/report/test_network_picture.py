"""The network picture: what stops whom is drawn, written beside the line, and in the table below."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from gt_vpc_nb import LabelingJob, Perimeter, Policy, audit, survey
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.preflight.surroundings import Bucket, Surroundings, Unknown
from gt_vpc_nb.report.network_arrows import Arrow, arrows, decided_of
from gt_vpc_nb.report.network_of_job import picture_of
from gt_vpc_nb.report.network_picture import BUCKETS, LANES, NetworkPicture

ACCOUNT, ENDPOINT = "111122223333", "vpce-08408e335ebf95b40"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/R"
INSIDE = Perimeter(["vpc-0mine"], ["vpce-0mine"], ground_truth="us-east-1", execution_role=ROLE)


def closed(*endpoints: str, action: str = "s3:*") -> Policy:
    statement = {
        "Sid": "OnlyMine",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        "Condition": {"StringNotEquals": {"aws:SourceVpce": list(endpoints)}},
    }
    return Policy.parse({"Version": "2012-10-17", "Statement": [statement]})


def drawn(policy: Policy | None) -> dict[str, Arrow]:
    return {each.who: each for each in arrows(decided_of("b", policy, INSIDE, ACCOUNT))}


@pytest.mark.parametrize(
    ("policy", "who", "state", "words"),
    [
        (closed("vpce-0mine"), "Ground Truth", "stopped", "stopped by 'OnlyMine'"),
        (closed("vpce-0mine", action="s3:PutObject"), "Ground Truth", "partly", "partly stopped by 'OnlyMine'"),
        (closed("vpce-0mine", ENDPOINT), "Ground Truth", "gets in", "gets in"),
        (closed("vpce-0mine", ENDPOINT), "Another role", "kept out", "kept out by 'OnlyMine'"),
        (closed("vpce-0mine", ENDPOINT), "Anyone, unsigned", "kept out", "kept out by 'OnlyMine'"),
        (None, "Another role", "open", "gets in from outside"),
        (None, "Anyone, unsigned", "kept out", "kept out: no statement lets it in"),
    ],
)
def test_an_arrow_says_what_comes_through_and_what_stops_it(
    policy: Policy | None, who: str, state: str, words: str
) -> None:
    assert (drawn(policy)[who].state, drawn(policy)[who].words) == (state, words)


def test_an_arrow_names_the_actions_that_are_stopped_and_the_way_they_take() -> None:
    found = drawn(closed("vpce-0mine", action="s3:PutObject"))["Ground Truth"]
    assert found.actions == ("PutObject",) and found.through == f"AWS's own endpoint {ENDPOINT}"
    assert drawn(None)["Your notebooks and tools"].through == "vpce-0mine in vpc-0mine"


def test_whom_the_perimeter_names_is_meant_to_come_in() -> None:
    perimeter = Perimeter(principals=[ROLE])
    found = {each.principal: each.state for each in arrows(decided_of("b", None, perimeter, ACCOUNT), [ROLE])}
    assert found[ROLE] == "gets in" and set(found.values()) == {"gets in", "open", "kept out"}


def test_the_picture_is_well_formed_and_says_in_words_what_it_draws() -> None:
    picture = NetworkPicture(arrows(decided_of("b", closed("vpce-0mine"), INSIDE, ACCOUNT)), "local AWS")
    root = ElementTree.fromstring(picture.svg)
    assert root.get("role") == "img" and root.get("aria-label") == picture.summary
    first, second = list(root)[:2]
    assert first.tag.endswith("title") and second.tag.endswith("desc") and "by 'OnlyMine'" in str(second.text)
    shown = picture._repr_html_()
    assert "✗ stopped by &#x27;OnlyMine&#x27;" in shown and "<caption>Who reaches which bucket" in shown
    assert repr(picture).startswith(picture.summary) and "stopped" in picture.summary
    assert "Ground Truth (arn:aws:iam::111122223333:role/R) through AWS's own endpoint" in repr(picture)


def test_many_buckets_and_many_arrows_are_counted_and_stand_in_the_table() -> None:
    many = tuple(Arrow(f"bucket-{at // 20}", f"who {at}", "p", "the internet", "gets in") for at in range(200))
    picture = NetworkPicture(many)
    assert f"+{10 - BUCKETS} buckets, in the table" in picture.svg
    assert f"+{20 - LANES} arrows, in the table" in picture.svg
    assert "who 199" not in picture.svg.partition("</desc>")[2] and "who 199" in picture._repr_html_()


def test_an_audit_and_a_job_draw_the_same_policy() -> None:
    aws = LocalAws.example(seed=7)
    world, session = aws.world, aws.session(vpc_endpoint=aws.world.vpc_endpoint)
    only = {"StringNotEquals": {"aws:SourceVpc": world.vpc}}
    resource = [f"arn:aws:s3:::{world.input_bucket}", f"arn:aws:s3:::{world.input_bucket}/*"]
    statement = {"Sid": "Mine", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": resource}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Condition": only}]})
    session.client("s3").put_bucket_policy(Bucket=world.input_bucket, Policy=policy)
    inside = Perimeter([world.vpc], [world.vpc_endpoint], ground_truth=aws.region, execution_role=world.role)
    of_audit = audit([world.input_bucket], inside, session).picture()
    job = (
        LabelingJob.example("BoundingBox")
        .in_vpc(world.vpc, vpc_endpoints=[world.vpc_endpoint])
        .input(f"s3://{world.input_bucket}/in.manifest")
        .output(f"s3://{world.output_bucket}/labels")
        .as_role(world.role)
    )
    of_job = job.picture(surroundings=survey(job, session))
    mine = [each for each in of_job.arrows if each.bucket == world.input_bucket]
    assert mine == list(of_audit.arrows)
    assert any(each.who == "Ground Truth" and each.words == "partly stopped by 'Mine'" for each in mine)


def test_a_policy_that_was_not_read_is_said_and_not_drawn() -> None:
    buckets = (
        Bucket("unread", "us-east-1", policy=Unknown("AccessDenied")),
        Bucket("broken", "us-east-1", policy="{"),
        Bucket("bare", "us-east-1"),
    )
    picture = picture_of(Surroundings("local AWS", "us-east-1", ACCOUNT, buckets=buckets), role=ROLE)
    assert {each.bucket for each in picture.arrows} == {"bare"}
    assert [note.split(":")[0] for note in picture.notes[:2]] == ["unread", "broken"] and "AccessDenied" in repr(
        picture
    )
