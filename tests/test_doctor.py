"""`%gt_vpc doctor`: one block to copy, on the local AWS, without a network, and without credentials."""

from __future__ import annotations

import threading
import time
from typing import Any

import boto3
import pytest

from gt_vpc_nb import doctor_services
from gt_vpc_nb.doctor import examined
from gt_vpc_nb.doctor_services import SERVICES, within
from gt_vpc_nb.local import LocalAws

NAMES = [each.shown for each in SERVICES]


@pytest.fixture
def session() -> Any:
    return LocalAws(seed=7).session()


def test_on_the_local_aws_every_service_answers(session: Any) -> None:
    found = examined(session=session)
    assert found.well and [each.service.shown for each in found.answers] == NAMES
    assert repr(found).startswith("doctor: every service answers\n")
    assert found.row("place") == "local AWS" and "with Ground Truth" in found.row("Region")
    assert found.row("caller").startswith("arn:aws:") and found.row("account") == "111122223333"


def test_the_block_has_versions_and_defaults_and_no_secret(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-to-be-shown")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "neither-this")
    text = repr(examined({"role": "arn:aws:iam::111122223333:role/R"}, session))
    assert "gt-vpc-nb " in text and "botocore " in text and "Python" in text
    assert "role" in text and "from %config GtVpcMagics.role" in text
    assert "not-to-be-shown" not in text and "neither-this" not in text


def test_a_refusal_is_an_answer(session: Any) -> None:
    aws = LocalAws(seed=7)
    aws.faults.fail("sagemaker:ListLabelingJobs", code="AccessDeniedException", status=400)
    found = examined(session=aws.session())
    assert found.well and "refused" in found.row("SageMaker") and "AccessDenied" in found.row("SageMaker")


def test_without_network_and_credentials_each_service_says_so(
    no_sockets: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    start = time.monotonic()
    found = examined(session=boto3.Session(region_name="eu-west-1"))
    assert time.monotonic() - start < 30
    assert [each.state for each in found.answers] == ["silent"] * len(SERVICES)
    assert repr(found).startswith("doctor: STS silent, S3 silent")
    assert "no credentials" in found.row("caller") and "VPC endpoint or a NAT" in found.row("S3")
    assert no_sockets, "the services were not even tried"
    no_sockets.clear()


def test_without_a_region_the_services_of_a_region_are_not_asked(no_sockets: list[str]) -> None:
    found = examined(session=boto3.Session())
    states = {each.service.shown: each.state for each in found.answers}
    assert states == {"STS": "silent", "S3": "silent", "SageMaker": "not asked", "EC2": "not asked", "IAM": "silent"}
    assert "none is named" in found.row("Region")
    no_sockets.clear()


def test_a_region_without_ground_truth_is_told() -> None:
    aws = LocalAws(seed=7)
    assert "WITHOUT Ground Truth" in examined(session=aws.session(region="eu-north-1")).row("Region")


def test_what_is_no_session_is_told_and_nothing_is_asked() -> None:
    found = examined(session="a text")
    assert not found.well and "makes no AWS clients" in repr(found) and found.answers == ()


def test_a_service_that_never_answers_does_not_hold_up_the_others(
    session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    examined(session=session)
    monkeypatch.setattr(doctor_services, "GIVE_UP", 15.0)
    held = threading.Event()

    class Slow:
        """A session in which one service hangs, as a name does that nobody resolves."""

        region_name = session.region_name
        get_credentials = session.get_credentials

        def client(self, name: str, **options: Any) -> Any:
            client = session.client(name, **options)
            if name == "ec2":
                client.meta.events.register("before-call", lambda **_: held.wait(90) and None)
            return client

    start = time.monotonic()
    found = examined(session=Slow())
    states = {each.service.shown: each.state for each in found.answers}
    held.set()
    assert states["EC2"] == "silent" and states["STS"] == states["SageMaker"] == "answers"
    assert time.monotonic() - start < 60


def test_work_that_fails_or_takes_too_long_gives_what_was_to_be_given_then() -> None:
    held = threading.Event()
    assert within(5, lambda: 1, None) == 1
    assert within(5, lambda: 1 / 0, "failed") == "failed"
    assert within(0.05, lambda: held.wait(5), "late") == "late"
    held.set()


def test_a_broken_file_of_defaults_is_told_and_hostile_text_is_harmless(
    session: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("SageMaker: [<script>", encoding="utf-8")
    monkeypatch.setenv("SAGEMAKER_USER_CONFIG_OVERRIDE", str(path))
    found = examined({"role": "<script>"}, session)
    assert "are not YAML" in repr(found) and "SAGEMAKER_USER_CONFIG_OVERRIDE" in repr(found)
    assert "<script>" not in found._repr_html_()
