"""The mistakes a newcomer makes first: each is answered by one clear sentence."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gt_vpc_nb import LabelingJob, ManifestError, Perimeter, RequestError, audit, grant, labels, manifest
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
