"""The worker portal, as a browser talks to it: pages, pictures, answers, and what is not let in."""

from __future__ import annotations

import http.client
import json
import re
from html import unescape
from urllib.parse import urlencode, urlsplit

import pytest

from gt_vpc_nb.facts import task_type
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.workers import Person
from tests.local.scenes import LABELS

pytestmark = pytest.mark.sockets

HOSTILE = '</script><script>alert("1")</script>\u202e'


class Browser:
    def __init__(self, portal):
        self.host, self.base = urlsplit(portal.url).netloc, urlsplit(portal.url).path

    def get(self, path="", **query):
        return self.ask("GET", self.base + path + (f"?{urlencode(query)}" if query else ""))

    def post(self, **form):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", f"{self.base}submit", urlencode(form), headers)

    def ask(self, method, target, body=None, headers=None):
        connection = http.client.HTTPConnection(self.host, timeout=20)
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode("utf-8", "replace")


def world(code="ImageMultiClass", *, people=("ada",), labels=("circle", "square"), title="Name it", texts=(), lines=()):
    """The example's pictures, or some texts, with a job of real people that is in progress."""
    aws = LocalAws.example(seed=7)
    made, session, kind = aws.world, aws.session(), task_type(code)
    s3 = session.client("s3")
    document = {"labels": [{"label": name} for name in labels]}
    s3.put_object(Bucket=made.input_bucket, Key="labels.json", Body=json.dumps(document))
    s3.put_object(Bucket=made.input_bucket, Key="t.html", Body=b"<crowd-form></crowd-form>")
    if lines := lines or [{"source": text} for text in texts]:
        body = "".join(json.dumps(line) + "\n" for line in lines)
        s3.put_object(Bucket=made.input_bucket, Key="images.manifest", Body=body)
    aws.staff(made.workteam, [Person(name) for name in people])
    ui = {"HumanTaskUiArn": kind.human_task_ui_arn("us-east-1")} if kind.ui != "template" else None
    session.client("sagemaker").create_labeling_job(
        LabelingJobName="job", LabelAttributeName="label", RoleArn=made.role,
        InputConfig={"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://images-in/images.manifest"}}},
        OutputConfig={"S3OutputPath": "s3://labels-out/x"}, LabelCategoryConfigS3Uri="s3://images-in/labels.json",
        HumanTaskConfig={
            "WorkteamArn": made.workteam, "UiConfig": ui or {"UiTemplateS3Uri": "s3://images-in/t.html"},
            "PreHumanTaskLambdaArn": kind.pre_lambda("us-east-1"), "TaskTitle": title, "TaskDescription": "Look.",
            "NumberOfHumanWorkersPerDataObject": 1, "TaskTimeLimitInSeconds": 3600,
            "AnnotationConsolidationConfig":
                {"AnnotationConsolidationLambdaArn": kind.consolidation_lambda("us-east-1")},
        },
    )  # fmt: skip
    aws.clock.advance(minutes=2)
    return aws


@pytest.fixture
def opened():
    """Opens a portal to a world and closes it after the test."""
    portals = []

    def open_one(aws, **options):
        portals.append(aws.portal(**options))
        return Browser(portals[-1])

    yield open_one
    for portal in portals:
        portal.close()


def first_key(browser, person="ada"):
    page = browser.get(person=person)[2]
    return re.search(r'key=([^"&]+)"', unescape(page))[1]


def known(page):
    return json.loads(re.search(r'id="task">(.*?)</script>', page, re.S)[1])


def test_a_person_finds_a_task_sees_the_picture_and_answers_it(opened):
    aws = world()
    browser = opened(aws)
    assert "person=ada" in browser.get()[2]
    status, _, listing = browser.get(person="ada")
    assert status == 200 and listing.count("<li>") == 10
    asked = {"person": "ada", "job": "job", "key": "s3://images-in/images/0000.png"}
    page = browser.get("task", **asked)[2]
    assert known(page)["control"] == "one" and 'value="circle"' in page and 'role="alert"' not in page
    status, headers, body = browser.get("object", **asked)
    assert (status, headers["Content-Type"]) == (200, "image/png") and "PNG" in body
    status, headers, _ = browser.post(**asked, value='"circle"', spent="12", do="submit")
    assert status == 303 and "Submitted." in browser.ask("GET", headers["Location"])[2]
    job = aws.session().client("sagemaker").describe_labeling_job(LabelingJobName="job")
    assert job["LabelCounters"]["HumanLabeled"] == 1


def test_everything_answered_completes_the_job_and_the_clock_went_on(opened):
    aws = world()
    browser, began = opened(aws), aws.clock.now()
    while "<li>" in browser.get(person="ada")[2]:
        key = re.search(r"key=([^\"&]+)", unescape(browser.get(person="ada")[2]))[1].replace("%3A", ":")
        asked = {"person": "ada", "job": "job", "key": key.replace("%2F", "/")}
        assert browser.post(**asked, value='"square"', spent="3", do="submit")[0] == 303
    job = aws.session().client("sagemaker").describe_labeling_job(LabelingJobName="job")
    assert (job["LabelingJobStatus"], job["LabelCounters"]["HumanLabeled"]) == ("Completed", 20)
    assert (aws.clock.now() - began).total_seconds() == 60


def test_a_browser_outside_of_a_locked_bucket_is_told_why_it_sees_nothing(opened):
    aws = world()
    s3 = aws.session(vpc_endpoint=aws.world.vpc_endpoint).client("s3")
    deny = {
        "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::images-in/*",
        "Condition": {"StringNotEquals": {"aws:SourceVpce": [aws.world.vpc_endpoint, "vpce-0d7f1d2b7e4a0f3ab"]}},
    }  # fmt: skip
    s3.put_bucket_policy(Bucket="images-in", Policy=json.dumps({"Version": "2012-10-17", "Statement": deny}))
    asked = {"person": "ada", "job": "job", "key": "s3://images-in/images/0000.png"}
    outside, inside = opened(aws), opened(aws, vpc_endpoint=aws.world.vpc_endpoint)
    assert "S3 answered 403" in outside.get("task", **asked)[2]
    assert outside.get("object", **asked)[0] == 403
    assert "S3 answered" not in inside.get("task", **asked)[2]
    assert inside.get("object", **asked)[0] == 200


@pytest.mark.parametrize(
    ("code", "control", "value", "told"),
    [
        ("TextMultiClass", "one", "car", "Submitted."),
        ("TextMultiClassMultiLabel", "several", ["car", "bus"], "Submitted."),
        ("NamedEntityRecognition", "spans", [{"label": "car", "start": 0, "end": 3}], "Submitted."),
        ("NamedEntityRecognition", "spans", [{"label": "car", "start": 3, "end": 3}], "is no NamedEntity"),
        ("PassThrough", "words", {"answer": "A car."}, "Submitted."),
        ("TextMultiClass", "one", "plane", "which is no TextMultiClass label"),
        ("TextMultiClass", "one", None, "Nothing was chosen"),
    ],
)
def test_texts_are_answered_in_the_form_of_their_task_type(opened, code, control, value, told):
    texts = ("Zoë's 🚗", "two")
    browser = opened(world(code, labels=LABELS, texts=texts))
    asked = {"person": "ada", "job": "job", "key": texts[0]}
    page = browser.get("task", **asked)[2]
    assert known(page)["control"] == control and "Zoë&#x27;s 🚗</blockquote>" in page
    _, headers, _ = browser.post(**asked, value=json.dumps(value), spent="2", do="submit")
    assert told in unescape(browser.ask("GET", headers["Location"])[2])


def test_a_box_is_drawn_in_pixels_of_the_picture(opened):
    aws = world("BoundingBox")
    browser = opened(aws)
    asked = {"person": "ada", "job": "job", "key": "s3://images-in/images/0000.png"}
    assert "<canvas></canvas>" in browser.get("task", **asked)[2]
    box = {"label": "circle", "left": 6, "top": 6, "width": 50, "height": 50}
    _, headers, _ = browser.post(**asked, value=json.dumps([box]), spent="2", do="submit")
    assert "Submitted." in browser.ask("GET", headers["Location"])[2]


def test_a_verifier_sees_the_boxes_and_may_say_what_is_wrong(opened):
    line = {"source-ref": "s3://images-in/images/0000.png"}
    box = {"class_id": 1, "left": 3, "top": 4, "width": 20, "height": 10}
    line |= {"boxes": {"annotations": [box]}, "boxes-metadata": {"class-map": {"1": HOSTILE}}}
    aws = world("VerificationBoundingBox", labels=("good", "bad"), lines=[line])
    browser = opened(aws)
    asked = {"person": "ada", "job": "job", "key": line["source-ref"]}
    page = browser.get("task", **asked)[2]
    assert known(page)["control"] == "opinion" and known(page)["prior"] == [{**box, "label": HOSTILE}]
    assert "left 3, top 4, width 20, height 10" in page and "<script>alert" not in page
    assert 'name="comment"' in page and "<canvas>" in page
    told = {"label": "bad", "comment": "Too wide."}
    assert browser.post(**asked, value=json.dumps(told), spent="9", do="submit")[0] == 303
    s3 = aws.session().client("s3")
    aws.clock.advance(minutes=5)
    body = s3.get_object(Bucket="labels-out", Key="x/job/manifests/output/output.manifest")["Body"].read()
    written = json.loads(body)
    assert written["label"] == "1" and written["label-metadata"]["worker-feedback"] == [{"comment": "Too wide."}]


def test_a_person_may_decline(opened):
    aws = world()
    browser = opened(aws)
    asked = {"person": "ada", "job": "job", "key": "s3://images-in/images/0000.png"}
    _, headers, _ = browser.post(**asked, value="null", spent="1", do="decline")
    assert "Declined." in browser.ask("GET", headers["Location"])[2]
    assert browser.get("task", **asked)[0] == 400


def test_hostile_names_texts_and_labels_stay_text(opened):
    aws = world("TextMultiClass", people=[HOSTILE], labels=("<b>", HOSTILE), title=f"T {HOSTILE}", texts=[HOSTILE, "b"])
    browser = opened(aws)
    asked = {"person": HOSTILE, "job": "job", "key": HOSTILE}
    pages = [browser.get(), browser.get(person=HOSTILE), browser.get(person=HOSTILE, told=HOSTILE),
             browser.get("task", **asked)]  # fmt: skip
    for status, headers, page in pages:
        assert status == 200 and "<script>alert" not in page
        assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert known(pages[-1][2])["labels"][1] == HOSTILE


@pytest.mark.parametrize(
    ("method", "target", "headers", "status"),
    [
        ("GET", "/", {}, 404),
        ("GET", "/wrong-secret/", {}, 404),
        ("POST", "/wrong-secret/submit", {}, 404),
        ("GET", "{base}", {"Host": "evil.example"}, 403),
        ("POST", "{base}submit", {"Host": "evil.example"}, 403),
        ("DELETE", "{base}", {}, 404),
        ("GET", "{base}../../etc/passwd", {}, 404),
        ("GET", "{base}task", {}, 400),
        ("GET", "{base}object?person=ada&job=job&key=s3://images-in/labels.json", {}, 400),
        ("POST", "{base}submit", {}, 400),
    ],
)
def test_nobody_else_gets_in_and_nothing_else_is_read(opened, method, target, headers, status):
    browser = opened(world())
    assert browser.ask(method, target.format(base=browser.base), "", headers)[0] == status
