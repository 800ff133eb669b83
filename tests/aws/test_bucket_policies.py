"""Bucket policies as S3 gives them back, and the labeling jobs that use a bucket."""

from __future__ import annotations

import json

import pytest
from botocore.awsrequest import AWSResponse
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb.aws.bucket_policies import jobs_on, same_policy
from gt_vpc_nb.local import LocalAws

ROOT = "arn:aws:iam::111122223333:root"


def deny(**parts):
    return {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", **parts}]}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (None, None, True),
        (None, deny(), False),
        (deny(), None, False),
        (deny(Action="s3:A"), deny(Action=["s3:A"]), True),
        (deny(Action=["s3:A", "s3:B"]), deny(Action=["s3:B", "s3:A", "s3:A"]), True),
        (deny(Action=["s3:A", "s3:B"]), deny(Action=["s3:A"]), False),
        (deny(Principal={"AWS": "111122223333"}), deny(Principal={"AWS": [ROOT]}), True),
        (deny(Principal={"AWS": "111122223333"}), deny(Principal={"AWS": "111122223334"}), False),
        (deny(Principal={"AWS": "*"}), deny(Principal="*"), False),
        (deny(Condition={"Bool": {"k": False}}), deny(Condition={"Bool": {"k": ["false"]}}), True),
        (deny(Condition={"Bool": {"k": True}}), deny(Condition={"Bool": {"k": "1"}}), False),
        (deny(Condition={"StringEquals": {"k": ROOT}}), deny(Condition={"StringEquals": {"k": "111122223333"}}), False),
        ({"Statement": deny()["Statement"][0]}, deny(), True),
        ({"Statement": [*deny()["Statement"], *deny(Effect="Allow")["Statement"]]}, deny(), False),
    ],
)
def test_two_spellings_of_one_policy_are_the_same(one, other, same):
    texts = [each if each is None else json.dumps(each) for each in (one, other)]
    assert same_policy(*texts) is same and same_policy(*reversed(texts)) is same


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), values), st.none() | st.integers(0, 4))
def test_white_space_and_the_order_of_names_never_matter(document, indent):
    text = json.dumps(dict(reversed(document.items())), indent=indent)
    assert same_policy(json.dumps(document), text)


PLACES = ("InputConfig", "OutputConfig", "UiConfig", "LabelCategoryConfigS3Uri")


def described(name):
    """A labeling job that uses the bucket `signs` only where its name says."""
    bucket = {place: "signs" if place == name else "elsewhere" for place in PLACES}
    return {
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": f"s3://{bucket['InputConfig']}/m"}}},
        "OutputConfig": {"S3OutputPath": f"s3://{bucket['OutputConfig']}/out"},
        "HumanTaskConfig": {"UiConfig": {"UiTemplateS3Uri": f"s3://{bucket['UiConfig']}/t"}},
        "LabelCategoryConfigS3Uri": f"s3://{bucket['LabelCategoryConfigS3Uri']}/c",
    }


@pytest.fixture
def session():
    """A session whose SageMaker knows a job for each place, a page each, in every Region."""

    def answer(model, params, context, **_):
        body = json.loads(params["body"])
        if model.name == "DescribeLabelingJob":
            name = body["LabelingJobName"].partition(":")[2]
            parsed = described(name) if name != "streaming" else {**described(""), "InputConfig": {"DataSource": {}}}
        else:
            page, names = int(body.get("NextToken", 0)), (*PLACES, "none", "streaming")
            name = f"{body['StatusEquals']} in {context['client_region']}:{names[page]}"
            more = {"NextToken": str(page + 1)} if page + 1 < len(names) else {}
            parsed = {"LabelingJobSummaryList": [{"LabelingJobName": name}], **more}
        return AWSResponse("", 200, {}, None), parsed

    session = LocalAws(seed=7).session()
    session.events.register("before-call.sagemaker", answer)
    return session


def test_a_job_counts_by_its_input_output_template_and_categories_in_every_asked_region(session):
    found = list(jobs_on("signs", session, ("us-east-1", "eu-west-1")))
    statuses = ("Initializing", "InProgress", "Stopping")
    assert found == [
        f"{status} in {region}:{place}"
        for region in ("us-east-1", "eu-west-1")
        for status in statuses
        for place in PLACES
    ]
