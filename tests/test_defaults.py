"""Values that a job leaves open come from what is configured, and each says from where; none is lost in silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from gt_vpc_nb import LabelingJob, RequestError
from gt_vpc_nb.defaults import Filled, with_defaults
from gt_vpc_nb.local import LocalAws

ROLE = "arn:aws:iam::111122223333:role/{}"
NETWORK = {"subnets": ["subnet-0a"], "security_group_ids": ["sg-0a"]}
OTHER_NETWORK = {"subnets": ["subnet-0b"], "security_group_ids": ["sg-0b"]}
RESOURCE_CONFIG = "labeling_job_resource_config"


def document(**resources: Any) -> dict[str, Any]:
    return {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Resources": resources}}}


def labeling(network: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    algorithms = {"labeling_job_algorithms_config": {RESOURCE_CONFIG: {"vpc_config": network}}} if network else {}
    return {"LabelingJob": {**algorithms, **members}}


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for whose in ("USER", "ADMIN"):
        monkeypatch.delenv(f"SAGEMAKER_{whose}_CONFIG_OVERRIDE", raising=False)


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def write(whose: str, content: Any) -> Path:
        path = tmp_path / f"{whose}.yaml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
        monkeypatch.setenv(f"SAGEMAKER_{whose.upper()}_CONFIG_OVERRIDE", str(path))
        return path

    return write


def fill(job: LabelingJob, **options: Any) -> Filled:
    return with_defaults(job, studio_metadata=options.pop("studio_metadata", Path("/nowhere")), **options)


AUTOMATED = LabelingJob().named("signs").with_automated_labeling()


def test_nothing_configured_fills_in_nothing() -> None:
    filled = fill(AUTOMATED)
    assert filled.job == AUTOMATED and filled.provenance == ()
    assert repr(filled) == "Defaults: none configured"


def test_an_administrators_network_role_and_keys_reach_the_request_which_the_sdk_itself_forgets(configure: Any) -> None:
    path = configure(
        "admin", document(**labeling(NETWORK, role_arn=ROLE.format("Admin"), output_config={"kms_key_id": "key-1"}))
    )
    job = fill(AUTOMATED).job.in_region("us-east-1").task("BoundingBox")
    request = job.to_request()
    assert request["RoleArn"] == ROLE.format("Admin")
    assert request["OutputConfig"]["KmsKeyId"] == "key-1"
    assert request["LabelingJobAlgorithmsConfig"]["LabelingJobResourceConfig"]["VpcConfig"] == {
        "Subnets": ["subnet-0a"],
        "SecurityGroupIds": ["sg-0a"],
    }
    assert f"RoleArn: {ROLE.format('Admin')}, from SageMaker config.yaml (admin): {path}, LabelingJob.role_arn" in repr(
        fill(AUTOMATED)
    )


ORDER = ("call", "magics", "user", "admin", "studio")


@pytest.mark.parametrize("strongest", range(len(ORDER)), ids=ORDER)
def test_the_call_comes_first_then_config_then_the_users_file_then_the_administrators_then_studios(
    strongest: int, configure: Any, tmp_path: Path
) -> None:
    said = ORDER[strongest:]
    for whose in ("user", "admin"):
        if whose in said:
            configure(whose, document(**labeling(role_arn=ROLE.format(whose))))
    studio = tmp_path / "metadata.json"
    studio.write_text(json.dumps({"ExecutionRoleArn": ROLE.format("studio")}), encoding="utf-8")
    job = AUTOMATED.as_role(ROLE.format("call")) if "call" in said else AUTOMATED
    magics = {"role": ROLE.format("magics")} if "magics" in said else {}
    filled = fill(job, magics=magics, studio_metadata=studio)
    assert filled.job.role == ROLE.format(ORDER[strongest])
    assert [row.value for row in filled.not_taken] == [ROLE.format(each) for each in said[1:]]


def test_what_is_said_of_labeling_jobs_comes_before_what_is_said_of_all_jobs(configure: Any) -> None:
    general = {"GlobalDefaults": {"role_arn": ROLE.format("General"), "vpc_config": OTHER_NETWORK}}
    configure("admin", document(**labeling(role_arn=ROLE.format("Labeling")), **general))
    job = fill(AUTOMATED).job
    assert (job.role, job.subnets, job.security_groups) == (ROLE.format("Labeling"), ("subnet-0b",), ("sg-0b",))


def test_subnets_and_security_groups_are_never_mixed_from_two_places(configure: Any) -> None:
    configure("user", document(**labeling({"subnets": ["subnet-0u"]})))
    configure("admin", document(**labeling(NETWORK)))
    filled = fill(AUTOMATED)
    assert (filled.job.subnets, filled.job.security_groups) == (("subnet-0a",), ("sg-0a",))
    assert [row.value for row in filled.not_taken] == [("subnet-0u",)]


def test_a_job_with_a_network_of_its_own_says_whose_network_it_leaves_out(configure: Any) -> None:
    configure("admin", document(**labeling(NETWORK)))
    own = AUTOMATED.in_vpc("vpc-0b", subnets=["subnet-0b"], security_groups=["sg-0b"])
    filled = fill(own)
    assert filled.job == own
    assert {(row.field, row.origin) for row in filled.not_taken} == {
        ("subnets", "overridden"),
        ("security_groups", "overridden"),
    }
    assert "is overridden by subnet-0b" in repr(filled)


def test_a_job_without_automated_labeling_cannot_carry_a_network_and_says_so(configure: Any) -> None:
    configure("admin", document(**labeling(NETWORK)))
    plain = LabelingJob().named("signs")
    filled = fill(plain)
    assert filled.job == plain
    assert {row.origin for row in filled.not_taken} == {"not carried"}


def test_a_template_or_categories_of_the_jobs_own_are_not_replaced(configure: Any) -> None:
    members = {
        "human_task_config": {"ui_config": {"ui_template_s3_uri": "s3://b/t.html"}},
        "label_category_config_s3_uri": "s3://b/c.json",
    }
    configure("user", document(**labeling(**members)))
    job = AUTOMATED.template("<crowd-form></crowd-form>").label_categories(["a", "b"])
    assert fill(job).job == job
    assert fill(AUTOMATED).job.template_file == "s3://b/t.html"


def test_a_file_in_s3_is_read_with_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = LocalAws.example(seed=7)
    session = aws.session(vpc_endpoint=aws.world.vpc_endpoint)
    body = yaml.safe_dump(document(**labeling(role_arn=ROLE.format("InS3"))))
    session.client("s3").put_object(Bucket=aws.world.input_bucket, Key="conf/config.yaml", Body=body)
    for place in ("conf", "conf/", "conf/config.yaml"):
        monkeypatch.setenv("SAGEMAKER_ADMIN_CONFIG_OVERRIDE", f"s3://{aws.world.input_bucket}/{place}")
        assert fill(AUTOMATED, session=session).job.role == ROLE.format("InS3")


def test_a_folder_and_a_file_uri_name_the_file_too(configure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = configure("user", document(**labeling(role_arn=ROLE.format("User"))))
    path = path.rename(path.with_name("config.yaml"))
    for place in (path.parent, path, path.as_uri()):
        monkeypatch.setenv("SAGEMAKER_USER_CONFIG_OVERRIDE", str(place))
        assert fill(AUTOMATED).job.role == ROLE.format("User")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("SageMaker: [", "are not YAML"),
        ("- a list", "are not a mapping, but list"),
        (document(LabelingJob={"role_arn": ["a"]}), r"LabelingJob.role_arn is \['a'\]; a text is wanted"),
        (document(**labeling({"subnets": "subnet-0a"})), "a list of texts is wanted"),
        ("!!python/object/apply:os.system ['true']", "are not YAML"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(content: Any, told: str, configure: Any) -> None:
    configure("user", content)
    with pytest.raises(RequestError, match=told):
        fill(AUTOMATED)


@pytest.mark.parametrize("road", [("PythonSDK", "Resources"), ("Resources",), ()])
def test_what_is_said_of_labeling_jobs_is_not_lost_where_the_sdk_would_not_look_for_it(
    road: Any, configure: Any
) -> None:
    said: dict[str, Any] = labeling({"Subnets": ["subnet-0a"], "SecurityGroupIds": ["sg-0a"]}, RoleArn=ROLE.format("A"))
    for name in reversed(road):
        said = {name: said}
    configure("admin", {"SageMaker": said})
    filled = fill(AUTOMATED).job
    assert (filled.subnets, filled.security_groups, filled.role) == (("subnet-0a",), ("sg-0a",), ROLE.format("A"))


def test_an_override_that_names_no_file_says_which_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGEMAKER_ADMIN_CONFIG_OVERRIDE", "/nowhere/config.yaml")
    with pytest.raises(RequestError, match="SAGEMAKER_ADMIN_CONFIG_OVERRIDE names /nowhere/config.yaml"):
        fill(AUTOMATED)


@pytest.mark.parametrize("content", ["", "SageMaker:\n", "SchemaVersion: '1.0'", "SageMaker: {PythonSDK: [1]}"])
def test_a_file_that_says_nothing_of_labeling_jobs_fills_in_nothing(content: str, configure: Any) -> None:
    configure("admin", content)
    assert fill(AUTOMATED).job == AUTOMATED


def test_a_wrong_name_among_the_magics_values_is_answered_with_the_right_one() -> None:
    with pytest.raises(RequestError, match="did you mean 'output_path'"):
        fill(AUTOMATED, magics={"output_pth": "s3://b/"})


def test_a_hostile_value_is_harmless_when_shown(configure: Any) -> None:
    configure("user", document(**labeling(role_arn="<script>alert(1)</script>")))
    assert "<script>" not in fill(AUTOMATED)._repr_html_()
