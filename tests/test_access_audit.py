"""The audit of many buckets: read at once, failures as rows, tables that answer, reports for other tools."""

from __future__ import annotations

import io
import json
import threading
from collections import Counter

import pandas as pd
import pytest
from botocore.awsrequest import AWSResponse

from gt_vpc_nb import AwsError, Perimeter, Policy, RequestError, audit, evaluate
from gt_vpc_nb.access_audit import BUCKETS, FINDINGS, OPENINGS, ROWS, Audit
from gt_vpc_nb.access_findings import bucket_findings
from gt_vpc_nb.access_verdicts import judged
from gt_vpc_nb.aws.reading_buckets import ReadBucket, read_buckets
from gt_vpc_nb.aws.sessions import Standing
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.preflight.surroundings import Bucket, CorsRule, Unknown

ACCOUNT, ENDPOINT = "111122223333", "vpce-08408e335ebf95b40"
ROLE, ADMIN = f"arn:aws:iam::{ACCOUNT}:role/R", f"arn:aws:iam::{ACCOUNT}:role/Admin"
INSIDE = Perimeter(["vpc-0mine"], ["vpce-0mine"], ground_truth="us-east-1", execution_role=ROLE, administrators=[ADMIN])
WHERE = Standing("local AWS", "us-east-1", ACCOUNT)
BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
HOSTILE = "<script>alert(1)</script>|\n\u202e"


def closed(bucket, *, endpoints=("vpce-0mine", ENDPOINT), action="s3:*", sid="Closed"):
    statement = {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {
            "StringNotEquals": {"aws:SourceVpce": list(endpoints), "aws:SourceVpc": "vpc-0mine"},
            "ArnNotEquals": {"aws:PrincipalArn": ADMIN},
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=1)


def read(name="b", policy=None, **more):
    given = {"block": BLOCK, "ownership": "BucketOwnerEnforced", **more}
    cors = (CorsRule(("*",), ("GET",)),)
    return ReadBucket(Bucket(name, "us-east-1", policy=policy, cors=cors), WHERE, **given)


def shown(*reads, perimeter=INSIDE):
    return Audit(tuple(judged(each, perimeter) for each in reads), str(WHERE))


@pytest.mark.parametrize(
    ("policy", "perimeter", "verdict", "why", "to_do"),
    [
        (closed("b"), INSIDE, "closed-and-working", "proven under the documented semantics", ""),
        (closed("b", endpoints=["vpce-0mine"]), INSIDE, "closed-but-blocks-ground-truth", "by 'Closed'", "grant("),
        (closed("b", action="s3:GetObject"), INSIDE, "open", "the internet: no statement denies it", ".openings"),
        (None, INSIDE, "open", "has no policy", "fresh_bucket_policy"),
        (closed("b"), Perimeter(["vpc-0mine"], ["vpce-0mine", ENDPOINT], administrators=[ADMIN]), "undetermined",
         "names no Region", "Region"),
        (closed("b").replace("ArnNotEquals", "ArnNotEqualz"), INSIDE, "undetermined", "ArnNotEqualz", ".findings"),
        ("{", INSIDE, "unreadable", "cannot be understood", "Policy.lint"),
        (Unknown("AccessDenied on s3:GetBucketPolicy"), INSIDE, "unreadable", "AccessDenied", "may read it"),
    ],
)  # fmt: skip
def test_a_verdict_says_why_and_what_to_do(policy, perimeter, verdict, why, to_do):
    summary = judged(read(policy=policy), perimeter).summary
    assert summary["verdict"] == verdict
    assert why in summary["why"] and to_do in summary["to do"]


@pytest.mark.parametrize(
    ("more", "code", "kind"),
    [
        ({"block": None}, "BLOCK_PUBLIC_ACCESS_OFF", "WARNING"),
        ({"block": {**BLOCK, "RestrictPublicBuckets": False}}, "BLOCK_PUBLIC_ACCESS_OFF", "WARNING"),
        ({"ownership": "ObjectWriter"}, "ACLS_ENABLED", "WARNING"),
        ({"ownership": None}, "ACLS_ENABLED", "WARNING"),
    ],
)
def test_what_is_open_beside_the_policy_is_a_finding(more, code, kind):
    found = shown(read(policy=closed("b"), **more)).findings
    assert [kind] == found.loc[found["issue_code"] == code, "type"].tolist()
    assert "b" in set(found["bucket"])


def test_a_public_policy_makes_it_a_security_warning():
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    found = shown(read(policy=json.dumps({"Version": "2012-10-17", "Statement": public}), block=None)).findings
    assert "SECURITY_WARNING" in found.loc[found["issue_code"] == "BLOCK_PUBLIC_ACCESS_OFF", "type"].tolist()


def test_what_may_not_be_read_is_said_to_be_unread_and_never_to_be_off():
    may_not = Unknown("AccessDenied on s3:GetBucketPublicAccessBlock")
    found = shown(read(policy=closed("b"), block=may_not, ownership=may_not)).findings
    assert not {"BLOCK_PUBLIC_ACCESS_OFF", "ACLS_ENABLED"} & set(found["issue_code"])
    (told,) = found.loc[found["issue_code"] == "NOT_READ", "message"]
    assert told.count("AccessDenied on s3:GetBucketPublicAccessBlock") == 2 and "object ownership" in told


PUBLIC = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
    }
)
NO_ANSWER = Unknown("AccessDenied on s3:GetBucketPublicAccessBlock")


@pytest.mark.parametrize(
    ("policy", "block", "cors", "codes"),
    [
        (closed("b"), BLOCK, (CorsRule(("*",), ("GET",)),), []),
        (None, BLOCK, (CorsRule(("*",), ("GET",)),), [("WARNING", "NO_BUCKET_POLICY")]),
        (PUBLIC, BLOCK, (CorsRule(("*",), ("GET",)),), [("WARNING", "PUBLIC_POLICY")]),
        (PUBLIC, NO_ANSWER, (CorsRule(("*",), ("GET",)),),
         [("SECURITY_WARNING", "PUBLIC_POLICY"), ("SUGGESTION", "NOT_READ")]),
        (PUBLIC, None, (), [("SECURITY_WARNING", "PUBLIC_POLICY"), ("SECURITY_WARNING", "BLOCK_PUBLIC_ACCESS_OFF"),
                            ("SUGGESTION", "NO_CORS_FOR_WORKERS")]),
        (closed("b"), BLOCK, (CorsRule(("https://a.example",), ("GET",)),), [("SUGGESTION", "NO_CORS_FOR_WORKERS")]),
        (closed("b"), BLOCK, Unknown("AccessDenied on s3:GetBucketCORS"), [("SUGGESTION", "NOT_READ")]),
    ],
)  # fmt: skip
def test_the_bucket_itself_has_findings(policy, block, cors, codes):
    given = ReadBucket(Bucket("b", "us-east-1", policy=policy, cors=cors), WHERE, block, "BucketOwnerEnforced")
    parsed = Policy.parse(policy) if policy else None
    assert [(each.type, each.issue_code) for each in bucket_findings(given, parsed)] == codes


def test_a_bucket_without_a_policy_has_a_way_in_with_a_witness():
    (way,) = judged(read(), INSIDE).ways
    assert evaluate(None, way.witness, account=ACCOUNT).decision == "notDenied"


def test_a_finding_names_its_statement_and_its_line():
    text = closed("b", endpoints=["vpc-0mine", ENDPOINT])
    found = shown(read(policy=text)).findings.set_index("issue_code")
    (row,) = found.loc[found["path"].str.endswith("aws:SourceVpce")].to_dict("records")
    assert row["statement"] == "Closed" and "SourceVpce" in text.splitlines()[row["line"] - 1]


LOCKING = closed("b").replace(ADMIN, f"{ADMIN}istratorOfOld")


def test_a_lock_out_is_told_with_what_to_do_though_everything_else_works():
    summary = judged(read(policy=LOCKING), INSIDE).summary
    assert summary["lockout_risk"] is True and "cannot repair" in summary["why"]
    assert "exempting_administrators" in summary["to do"]


def test_what_cannot_be_decided_is_not_said_to_stop_ground_truth():
    undecidable = json.loads(closed("b"))
    undecidable["Statement"][0]["Condition"] = {"NumericLessThan": {"aws:SourceVpce": "vpce-0mine"}}
    summary = judged(read(policy=json.dumps(undecidable)), INSIDE).summary
    assert "stopped by" not in summary["why"]


def test_several_endpoints_and_people_are_rows_of_their_own():
    wide = Perimeter(["vpc-0mine"], ["vpce-0mine", "vpce-0late"], principals=[f"{ROLE}2"], ground_truth="us-east-1",
                     execution_role=ROLE, administrators=[ADMIN])  # fmt: skip
    text = closed("b", endpoints=["vpce-0mine", ENDPOINT]).replace('aws:SourceVpc"', 'aws:SourceVpcArn"')
    found = shown(read(policy=text), perimeter=wide)
    rows = found.to_frame()
    mine = rows[(rows["origin"] == "your-endpoint") & (rows["action"] == "s3:GetObject")]
    assert mine["decision"].tolist() == ["notDenied", "explicitDeny"] and "vpce-0late in" in mine["reason"].iloc[1]
    others = rows[(rows["origin"] == "other-principal") & (rows["action"] == "s3:GetObject")]
    assert others["principal"].tolist()[1:] == [f"{ROLE}2"]
    assert "your-endpoint (vpce-0late in vpc-0mine)" in found._repr_html_()


def test_the_tables_have_the_columns_of_the_contract():
    found = shown(read(policy=closed("b")), read("c", closed("c", action="s3:GetObject")), read("d", "{"))
    assert tuple(found.buckets.columns) == BUCKETS and tuple(found.to_frame().columns) == ROWS
    assert tuple(found.findings.columns) == FINDINGS and tuple(found.openings.columns) == OPENINGS
    assert found.buckets["findings"].tolist()[2] == (found.findings["bucket"] == "d").sum() == 1
    assert found.buckets["openings"].tolist()[1] == (found.openings["bucket"] == "c").sum()
    assert found.buckets["closed"].isna().tolist() == [False, False, True]
    assert found.findings["line"].dtype == "Int64"


def test_the_answer_stands_first_worst_first_and_in_markdown():
    found = shown(read("fine", closed("fine")), read("bad", closed("bad", action="s3:GetObject")), read("broken", "{"))
    text = repr(found)
    assert text.startswith("Audit — 1 open, 1 unreadable, 1 closed-and-working (local AWS")
    assert text.index("bad") < text.index("broken") < text.index("fine")
    assert found.to_markdown().startswith("**Audit**: 1 open, 1 unreadable, 1 closed-and-working")


def test_an_audit_of_nothing_says_so():
    aws = LocalAws.example(seed=7)
    nothing = audit([], INSIDE, aws.session())
    assert len(nothing.buckets) == 0 and "no bucket was given" in repr(nothing)
    assert json.loads(nothing.to_json())["rows"] == [] and json.loads(nothing.to_sarif())["runs"][0]["results"] == []


def test_hostile_text_is_harmless_in_every_view():
    found = shown(read("b", closed("b", sid=HOSTILE, action="s3:GetObject", endpoints=[HOSTILE])), read("c", HOSTILE))
    for view in (found, found.buckets, found.findings, found.openings, found.to_frame()):
        assert "<script>" not in view._repr_html_()
    assert "<script>" not in found.to_markdown()
    assert json.loads(found.to_sarif()) and json.loads(found.to_json())


def test_ten_thousand_buckets_are_shown_in_less_than_200_kb():
    one = judged(read("bucket", closed("bucket", action="s3:GetObject")), INSIDE)
    many = Audit((one,) * 10_000, str(WHERE))
    assert len(many._repr_html_().encode()) < 200_000
    assert all(len(each._repr_html_().encode()) < 200_000 for each in (many.buckets, many.findings, many.to_frame()))
    assert len(repr(many)) < 20_000 and "+9,980 rows" in repr(many) and len(many.buckets) == 10_000


def test_sarif_has_what_the_format_requires():
    log = json.loads(shown(read("b", closed("b", action="s3:GetObject"), block=None), read("c", "{\n1}")).to_sarif())
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert log["version"] == "2.1.0" and len(rules) == len(set(rules)) > 2 and run["tool"]["driver"]["name"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"] and result["message"]["text"]
        assert result["level"] in ("error", "warning", "note")
        (place,) = result["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"] in ("s3://b?policy", "s3://c?policy")
    syntax = next(each for each in run["results"] if each["ruleId"] == "JSON_SYNTAX_ERROR")
    assert syntax["locations"][0]["physicalLocation"]["region"]["startLine"] == 2


def local_buckets(session, policies):
    s3 = session.client("s3")
    for name, policy in policies.items():
        region = session.region_name
        more = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **more)
        if policy:
            s3.put_bucket_policy(Bucket=name, Policy=policy)


def test_buckets_of_several_regions_and_names_that_are_none_are_read_at_once():
    aws = LocalAws(seed=7)
    names = [f"bucket-{number}" for number in range(120)]
    policies = {name: closed(name, action="s3:GetObject") for name in names[:60]}
    local_buckets(aws.session(region="us-east-1"), policies)
    local_buckets(aws.session(region="eu-west-1"), dict.fromkeys(names[60:]))
    found = audit([*names, "no-such-bucket", "<b>", names[0]], INSIDE, aws.session(region="us-east-1")).buckets
    assert found["bucket"].tolist() == [*names, "no-such-bucket", "<b>"]
    assert found["region"].tolist() == ["us-east-1"] * 60 + ["eu-west-1"] * 60 + [pd.NA] * 2
    assert found["verdict"].tolist() == ["open"] * 120 + ["unreadable"] * 2
    assert "account" not in found.columns


def test_each_bucket_can_be_asked_with_the_session_of_its_account():
    aws = LocalAws(seed=1)
    mine, theirs = aws.session(region="us-east-1"), aws.session(region="us-east-1", account="444455556666")
    local_buckets(mine, {"mine": closed("mine", action="s3:GetObject")})
    local_buckets(theirs, {"theirs": None})
    found = audit({"mine": mine, "theirs": theirs}, INSIDE)
    assert found.buckets["verdict"].tolist() == ["open", "open"]
    assert ACCOUNT in repr(found) and "444455556666" in repr(found)
    for each in (found.buckets, found.findings, found.openings, found.to_frame()):
        assert dict(zip(each["bucket"], each["account"], strict=True)) == {"mine": ACCOUNT, "theirs": "444455556666"}
    swapped = audit({"mine": theirs, "theirs": mine}, INSIDE)
    assert swapped.buckets["verdict"].tolist() == ["unreadable", "unreadable"]


def test_a_session_that_aws_does_not_know_costs_only_its_own_buckets():
    aws = LocalAws(seed=1)
    good = aws.session(region="us-east-1")
    bad = aws.session(region="us-east-1")
    local_buckets(good, {"mine": closed("mine", action="s3:GetObject")})
    bad.events.register_first("before-send.sts", refuse)
    found = audit({"theirs": bad, "mine": good}, INSIDE).buckets
    assert found["verdict"].tolist() == ["unreadable", "open"] and "ExpiredToken" in found["error"].iloc[0]
    with pytest.raises(AwsError, match="ExpiredToken"):
        audit({"theirs": bad}, INSIDE)


def refuse(request, **_):
    text = "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>It is old</Message></Error></ErrorResponse>"
    body = RawAnswer(text.encode())
    return AWSResponse(request.url, 403, {"content-type": "text/xml"}, body)


class RawAnswer(io.BytesIO):
    """The body of an answer as botocore reads it."""

    def stream(self, **_):
        yield self.read()


@pytest.mark.parametrize(
    ("question", "verdict", "told"),
    [("?cors", "open", " on s3:GetBucketCORS"), ("?policy", "unreadable", "not JSON")],
)
def test_an_answer_that_is_not_s3s_is_told_where_it_was_given(question, verdict, told):
    aws = LocalAws(seed=7)
    session = aws.session(region="us-east-1")
    local_buckets(session, {"one": None, "two": None})

    def proxy(request, **_):
        page = RawAnswer(b"<html><p>Sign in!")
        asked = "two" in request.url and question in request.url
        return AWSResponse(request.url, 200, {"content-type": "text/html"}, page) if asked else None

    session.events.register_first("before-send.s3", proxy)
    found = audit(["one", "two"], INSIDE, session)
    assert found.buckets["verdict"].tolist() == ["open", verdict]
    assert any(told in each for each in found.findings.loc[found.findings["bucket"] == "two", "message"])


def test_three_hundred_buckets_of_all_kinds_come_back_in_order_and_in_silence(capfd):
    aws = LocalAws(seed=7)
    owner = aws.session(region="us-east-1")
    names = [f"many-{number:03}" for number in range(300)]
    kinds = [lambda name: closed(name, action="s3:GetObject"), lambda name: closed(name),
             lambda name: closed(name, endpoints=["vpce-0mine"]), lambda name: None]  # fmt: skip
    local_buckets(owner, {name: kinds[number % 4](name) for number, name in enumerate(names)})
    order = [*names[::-1], "nowhere", *names[:5]]
    found = audit(order, INSIDE, aws.session(vpc_endpoint=ENDPOINT, region="us-east-1"))
    assert found.buckets["bucket"].tolist() == order[:301]
    told = found.buckets["verdict"].value_counts().to_dict()
    assert sum(told.values()) == 301 and told["unreadable"] >= 1 and len(told) >= 3
    assert len(found.to_frame()) == (301 - told["unreadable"]) * len(found.to_frame().groupby(["origin", "action"]))
    assert capfd.readouterr().out == "" and len(found._repr_html_().encode()) < 200_000


def test_whoever_stops_an_audit_leaves_the_rest_unread():
    aws = LocalAws(seed=7)
    session = aws.session(region="us-east-1")
    asked = Counter()
    session.events.register_first("before-send.s3", lambda request, **_: asked.update([request.url.split("?")[0]]))
    names = [f"unread-{number}" for number in range(400)]
    reading = read_buckets([(name, session) for name in names])
    assert next(reading).bucket.name == "unread-0"
    reading.close()
    left = [each for each in threading.enumerate() if each.name.startswith("gt-vpc-nb-audit")]
    for each in left:
        each.join(20)
    assert 0 < len(asked) < 400


def test_a_call_that_gets_no_answer_is_told_in_its_own_row():
    aws = LocalAws(seed=7)
    session = aws.session(region="us-east-1")
    local_buckets(session, {"one": None, "two": None})

    def drop(request, **_):
        if "/two" in request.url or "//two." in request.url:
            from botocore.exceptions import ReadTimeoutError

            raise ReadTimeoutError(endpoint_url=request.url)

    session.events.register_first("before-send.s3", drop)
    one, two = read_buckets([("one", session), ("two", session)])
    assert not one.failed and "ead timeout" in two.failed
    row = judged(two, INSIDE).summary
    assert (row["verdict"], row["error"]) == ("unreadable", two.failed)


@pytest.mark.parametrize(
    ("buckets", "perimeter", "sentence"),
    [
        (None, INSIDE, "given None"),
        (5, INSIDE, "given 5"),
        (["b", 5], INSIDE, "given 5"),
        ("b", None, "Perimeter"),
    ],
)
def test_what_cannot_be_audited_is_one_sentence_before_anything_is_asked(buckets, perimeter, sentence):
    with pytest.raises(RequestError, match=sentence):
        audit(buckets, perimeter, object())


@pytest.mark.parametrize("name", ["s3://images-in/", "arn:aws:s3:::images-in", "s3://images-in/a/b"])
def test_an_address_in_place_of_a_name_is_told_the_name(name):
    (error,) = audit([name], INSIDE, LocalAws.example(seed=7).session()).buckets["error"]
    assert error.endswith("; write 'images-in'.")
