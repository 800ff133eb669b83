"""The mistakes a newcomer makes first: each is answered by one clear sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from gt_vpc_nb import (
    GtVpcError,
    LabelingJob,
    ManifestError,
    Perimeter,
    RequestError,
    Surroundings,
    audit,
    grant,
    labeling_jobs,
    labels,
    lint,
    manifest,
    rollback,
)
from gt_vpc_nb import survey as surveyed
from gt_vpc_nb.errors import AwsError
from gt_vpc_nb.local import LocalAws

ROLE = "arn:aws:iam::111122223333:role/Labeler"


@pytest.fixture(scope="module")
def aws():
    return LocalAws(seed=7)


def said(error, call):
    with pytest.raises(error) as caught:
        call()
    return str(caught.value)


def test_an_unknown_task_type_is_answered_with_the_nearest_one():
    sentence = said(RequestError, lambda: LabelingJob().task("imagemulticlass", title="t", description="d"))
    assert sentence == "task_type 'imagemulticlass' is not known; did you mean 'ImageMultiClass'?"


def test_a_region_without_ground_truth_is_answered_with_those_that_have_it():
    sentence = said(RequestError, lambda: Perimeter(ground_truth="eu-north-1"))
    assert "eu-north-1" in sentence and "us-east-1" in sentence and "\n" not in sentence


def test_a_malformed_line_of_an_output_manifest_is_named_by_its_number(tmp_path):
    path = tmp_path / "output.manifest"
    path.write_text('{"source-ref": "s3://images/1.png"}\n{"source-ref": \n')
    sentence = said(ManifestError, lambda: labels.read(path, "digit"))
    assert "Line 2" in sentence and "\n" not in sentence


def test_a_malformed_line_of_an_input_manifest_is_a_problem_with_its_number(tmp_path):
    path = tmp_path / "input.manifest"
    path.write_text('{"source-ref": "s3://images/1.png"}\n{"source-ref" "s3://images/2.png"}\n')
    problems = manifest.validate(path, "ImageMultiClass").problems
    assert [(problem.line, problem.code) for problem in problems] == [(2, "MAN-01")]


def test_a_missing_bucket_is_a_row_of_the_audit_and_a_sentence_of_the_grant(aws):
    perimeter = Perimeter(ground_truth="us-east-1", execution_role=ROLE)
    table = audit("nowhere-at-all", perimeter, aws.session()).buckets
    assert table["verdict"].tolist() == ["unreadable"]
    assert "there is no bucket nowhere-at-all" in table["error"].iloc[0].lower()
    sentence = said(AwsError, lambda: grant("nowhere-at-all", perimeter, aws.session()))
    assert "nowhere-at-all" in sentence and "\n" not in sentence


@pytest.mark.parametrize(("module", "package"), [("moto", "moto"), ("sklearn", "scikit-learn"), ("PIL", "Pillow")])
def test_without_the_local_extra_the_command_says_the_line_that_installs_it(module, package):
    code = f"import sys; sys.modules['{module}'] = None; from gt_vpc_nb.cli import main; sys.exit(main(['tour']))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 2 and ran.stdout == ""
    assert ran.stderr == f"The local AWS needs {package}; install it with: pip install 'gt-vpc-nb[local]'\n"


JOB = LabelingJob.example("BoundingBox")
NOT_WHAT_A_VERB_TAKES = {
    "a VPC that is a number": (lambda: LabelingJob.in_vpc(5), "vpc is 5; give it as text"),
    "subnets that are a number": (lambda: LabelingJob.in_vpc(subnets=5), "subnets is 5; give a list"),
    "no input": (lambda: JOB.input(None), "NoneType; give the s3:// URI of a manifest"),
    "one row as the input": (lambda: JOB.input({"source": "a text"}), "a list of data objects"),
    "bytes as the input": (lambda: JOB.input(b"text"), "a list of data objects"),
    "a file of this machine as the input": (lambda: JOB.input(Path("in.manifest")), "put it into S3"),
    "a file of this machine as the template": (lambda: JOB.template(Path("ui.html")), "path.read_text()"),
    "no template": (lambda: JOB.template(None), "give its s3:// URI, or its text"),
    "no label categories": (lambda: JOB.label_categories(None), "categories is None; give a list"),
    "tags as a list": (lambda: JOB.with_tags([{"Key": "team", "Value": "maps"}]), "give a mapping"),
    "tags as a list in YAML": (lambda: LabelingJob.from_yaml("tags: [a]"), "give a mapping"),
    "a member that is an object": (lambda: JOB.with_raw(RoleArn=object()), "texts, numbers, lists and mappings"),
    "a difference to nothing": (lambda: JOB.diff(None), "a dict, not NoneType"),
    "prices as a list": (lambda: JOB.estimate(prices=["0.08"]), "The prices are list; give a mapping"),
    "a survey as text": (lambda: JOB.preflight(surroundings="{}"), "Surroundings.from_json(text)"),
    "a picture of text": (lambda: JOB.picture(surroundings="{}"), "Surroundings.from_json(text)"),
    "a survey of a request": (lambda: surveyed(JOB.to_request()), "LabelingJob.from_request"),
    "a survey without its mark": (lambda: Surroundings.from_json("{}"), "not a survey's JSON"),
}


@pytest.mark.parametrize("case", NOT_WHAT_A_VERB_TAKES)
def test_what_a_verb_does_not_take_is_refused_in_one_sentence(case):
    call, part = NOT_WHAT_A_VERB_TAKES[case]
    sentence = said(RequestError, call)
    assert part in sentence and sentence.endswith(".") and "\n" not in sentence


def test_a_part_that_no_survey_has_is_named():
    text = json.dumps({"gt_vpc_nb_surroundings": 2, "bukets": []})
    assert "no part 'bukets'" in said(RequestError, lambda: Surroundings.from_json(text))


def test_a_difference_may_be_to_a_request_as_it_is_at_hand():
    assert JOB.diff(JOB.named("boxes-2").to_request()).rows == JOB.diff(JOB.named("boxes-2")).rows != ()


@pytest.mark.parametrize("body", ["name: a\nname: b", "workers:\n  team: a\n  team: b", "tags: {a: x, a: y}"])
def test_a_key_that_stands_twice_in_the_yaml_of_a_job_is_refused_with_its_line(body):
    sentence = said(RequestError, lambda: LabelingJob.from_yaml(body))
    assert "is given twice; only one of the two can count." in sentence and sentence.startswith("Line ")


def test_what_a_merge_of_yaml_brings_gives_way_to_the_mappings_own_keys():
    body = "workers: &all {team: a, per_object: 3}\nraw: {HumanTaskConfig: {<<: *all, team: b}}"
    job = LabelingJob.from_yaml(body)
    assert job.team == "a" and json.loads(job.raw)["HumanTaskConfig"] == {"team": "b", "per_object": 3}


TO_THE_OTHER_DOORS = {
    "files that are none": (lambda aws: lint(None), GtVpcError, "was given None; write lint('label.py')"),
    "files as a number": (lambda aws: lint([5]), GtVpcError, "was given 5"),
    "a policy of several buckets": (lambda aws: grant(["a", "b"], WHO, aws.session()), RequestError, "one bucket"),
    "a policy of no bucket": (lambda aws: rollback(None, aws.session()), RequestError, "None is no name of one"),
    "a URI as a bucket": (lambda aws: grant("s3://signs", WHO, aws.session()), RequestError, "write it as in"),
    "a Region with a slip": (
        lambda aws: grant("signs-in", WHO, aws.session(), regions=["us-east-9"]), RequestError, "did you mean",
    ),
    "no perimeter": (lambda aws: grant("signs-in", None, aws.session()), RequestError, "not NoneType"),
    "a manifest of nothing": (lambda aws: manifest.build(None, "a"), ManifestError, "NoneType; give an s3:// prefix"),
    "a manifest of one row": (lambda aws: manifest.build({"source": "a"}, "a"), ManifestError, "a list of URIs"),
    "a manifest to nowhere": (lambda aws: manifest.build(["a"], None), RequestError, "None is neither a path nor"),
    "a row without data": (lambda aws: manifest.build([{"w": 1}], "a"), ManifestError, "Object 1 has w, but no data"),
    "an input without data": (lambda aws: JOB.input(["a", {"w": 1}]), RequestError, "object 2 has w, but no data"),
    "a manifest that is none": (lambda aws: manifest.validate(None, "BoundingBox"), RequestError, "neither a path"),
    "labels of nothing": (lambda aws: labels.read(None, "sign"), RequestError, "None is neither a path nor"),
    "answers of a number": (lambda aws: labels.workers(5), RequestError, "5 is neither a path nor"),
    "a path to show": (lambda aws: labels.show("out.manifest"), RequestError, "labels.read(place, name)"),
}  # fmt: skip
WHO = Perimeter(ground_truth="us-east-1", execution_role=ROLE)


@pytest.mark.parametrize("case", TO_THE_OTHER_DOORS)
def test_what_a_door_does_not_take_is_refused_in_one_sentence(case, aws, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, error, part = TO_THE_OTHER_DOORS[case]
    sentence = said(error, lambda: call(aws))
    assert part in sentence and "\n" not in sentence and not list(tmp_path.iterdir())


def test_rows_of_a_table_without_data_are_named_by_their_number(tmp_path):
    table = pd.DataFrame({"source-ref": ["s3://signs/1.png", None]})
    with pytest.raises(ManifestError, match="Object 2 has nothing, but no data object"):
        manifest.build(table, tmp_path / "in.manifest")


def test_a_grant_looks_for_jobs_in_one_region_given_as_text(aws):
    aws.session().client("s3").create_bucket(Bucket="signs-in")
    plan = grant("signs-in", WHO, aws.session(), regions="eu-west-1")
    assert plan.regions == ("eu-west-1",)


def test_a_perimeter_takes_none_for_nobody_and_names_what_is_no_list():
    assert Perimeter(vpcs=None, administrators=None) == Perimeter()
    assert "vpcs: 5 is not an id" in said(RequestError, lambda: Perimeter(vpcs=5))


def test_a_region_with_a_slip_is_no_region_without_labeling_jobs(aws):
    jobs = labeling_jobs(aws.session(), regions=["us-east-1", "us-east-9"])
    assert "does not run in Region 'us-east-9'" in jobs.note
    assert "did you mean" in said(AwsError, lambda: labeling_jobs(aws.session(), regions=["us-east-9"]))


ADDRESSES = {
    "https://signs-in.s3.amazonaws.com/a.manifest": "s3://signs-in/a.manifest",
    "https://signs.in.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC.manifest": "s3://signs.in/a b/ü.manifest",
    "https://s3.eu-west-1.amazonaws.com/signs-in/a.manifest": "s3://signs-in/a.manifest",
    "https://s3-eu-west-1.amazonaws.com/signs-in/a.manifest": "s3://signs-in/a.manifest",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_https_address_of_an_object_is_its_s3_uri(address):
    assert JOB.input(address).manifest == ADDRESSES[address]


@pytest.mark.parametrize("address", ["https://example.com/a.manifest", "https://signs-in.s3.example.com/a", "https://"])
def test_an_address_outside_of_s3_is_refused(address):
    assert "is not an s3:// URI" in said(RequestError, lambda: JOB.input(address))


def test_an_address_in_a_request_stays_and_is_warned_of_and_nothing_is_written_beside_it():
    request = JOB.to_request() | {"OutputConfig": {"S3OutputPath": "https://signs-out.s3.amazonaws.com/labels/"}}
    job = LabelingJob.from_request(request)
    assert job.to_request() == request
    assert [(each.code, each.severity) for each in job.problems()] == [("REQ-06", "warning")]
    assert "write it as s3://bucket/key" in said(RequestError, job.label_categories(["sign"]).files)


def test_a_bucket_in_the_place_of_an_object_is_a_problem():
    found = JOB.input("s3://signs-in").problems()
    assert [(each.code, each.severity, each.remedy) for each in found if each.severity == "error"] == [
        ("REQ-06", "error", "Write s3://bucket/key.")
    ]
