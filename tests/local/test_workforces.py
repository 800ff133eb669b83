"""Workforces, work teams and tags through the door: states, updates, deletion, and what AWS would refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gt_vpc_nb.local.failures import ApiError
from tests.local.test_labeling_api import checked, refused, workforce

VPC = {"VpcId": "vpc-1", "SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
OIDC = {
    "ClientId": "c", "ClientSecret": "hidden", "Issuer": "https://i.example", "AuthorizationEndpoint": "https://i.example/a",
    "TokenEndpoint": "https://i.example/t", "UserInfoEndpoint": "https://i.example/u",
    "LogoutEndpoint": "https://i.example/l", "JwksUri": "https://i.example/j",
}  # fmt: skip


def status(world):
    return checked(world, "DescribeWorkforce", WorkforceName="us")["Workforce"]["Status"]


def test_a_workforce_is_updating_for_a_while_and_nothing_else_is_done_to_it(small_world):
    world = small_world
    checked(world, "CreateWorkforce", **workforce())
    made = world.clock.now()
    told = checked(world, "UpdateWorkforce", WorkforceName="us", SourceIpConfig={"Cidrs": ["10.0.0.0/16"]})
    assert told["Workforce"]["Status"] == status(world) == "Updating"
    assert refused(world, "UpdateWorkforce", WorkforceName="us").code == "ConflictException"
    assert refused(world, "DeleteWorkforce", WorkforceName="us").code == "ConflictException"
    world.clock.advance(minutes=6)
    settled = checked(world, "DescribeWorkforce", WorkforceName="us")["Workforce"]
    assert settled["Status"] == "Active" and settled["SourceIpConfig"] == {"Cidrs": ["10.0.0.0/16"]}
    assert settled["LastUpdatedDate"] == made + timedelta(minutes=5) and settled["CreateDate"] == made


def test_a_vpc_comes_with_an_endpoint_and_goes_with_an_empty_configuration(small_world):
    world = small_world
    checked(world, "CreateWorkforce", **workforce(WorkforceVpcConfig=VPC))
    assert status(world) == "Initializing"
    world.clock.advance(minutes=5)
    there = checked(world, "DescribeWorkforce", WorkforceName="us")["Workforce"]["WorkforceVpcConfig"]
    assert there["VpcEndpointId"].startswith("vpce-") and there["VpcId"] == "vpc-1"
    checked(world, "UpdateWorkforce", WorkforceName="us", WorkforceVpcConfig={})
    world.clock.advance(minutes=5)
    assert "WorkforceVpcConfig" not in checked(world, "DescribeWorkforce", WorkforceName="us")["Workforce"]


def test_the_secret_of_a_provider_is_not_told_again(small_world):
    world = small_world
    checked(world, "CreateWorkforce", WorkforceName="us", OidcConfig=OIDC)
    changed = checked(world, "UpdateWorkforce", WorkforceName="us", OidcConfig={**OIDC, "ClientId": "d"})
    assert changed["Workforce"]["OidcConfig"] == {
        **{k: v for k, v in OIDC.items() if k != "ClientSecret"},
        "ClientId": "d",
    }
    assert "hidden" not in str(world.call("ListWorkforces"))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"SourceIpConfig": {"Cidrs": [f"10.{n}.0.0/16" for n in range(11)]}}, "11 Cidrs; at most 10"),
        ({"SourceIpConfig": {"Cidrs": ["10.0.0.0/99"]}}, "no CIDR|regular expression"),
        ({"WorkforceVpcConfig": {"VpcId": "vpc-1"}}, "lacks SecurityGroupIds"),
        ({"WorkforceVpcConfig": {**VPC, "SecurityGroupIds": ["sg-1"] * 6}}, "less than or equal to 5"),
        ({"OidcConfig": OIDC}, "cannot be given OidcConfig"),
        ({"WorkforceName": "nobody"}, "nobody does not exist"),
    ],
)
def test_an_update_aws_would_not_take_is_a_validation_exception(small_world, change, text):
    small_world.call("CreateWorkforce", **workforce())
    with pytest.raises(ApiError, match=text) as caught:
        small_world.call("UpdateWorkforce", **{"WorkforceName": "us", **change})
    assert caught.value.code == "ValidationException"
    assert status(small_world) == "Active"


def test_a_workforce_with_a_team_keeps_its_provider_and_is_not_deleted(small_world):
    world = small_world
    world.call("CreateWorkforce", WorkforceName="us", OidcConfig=OIDC)
    team = {"WorkteamName": "maps", "WorkforceName": "us", "Description": "us"}
    cognito = {"CognitoMemberDefinition": {"UserPool": "us-east-1_abc", "UserGroup": "g", "ClientId": "c"}}
    assert "OidcMemberDefinition" in refused(world, "CreateWorkteam", **team, MemberDefinitions=[cognito]).message
    world.call("CreateWorkteam", **team, MemberDefinitions=[{"OidcMemberDefinition": {"Groups": ["g"]}}])
    assert "no work teams" in refused(world, "UpdateWorkforce", WorkforceName="us", OidcConfig=OIDC).message
    assert refused(world, "DeleteWorkforce", WorkforceName="us").code == "ResourceInUse"
    world.call("DeleteWorkteam", WorkteamName="maps")
    assert checked(world, "DeleteWorkforce", WorkforceName="us") == {}
    assert status(world) == "Deleting"
    world.clock.advance(minutes=5)
    assert "does not exist" in refused(world, "DescribeWorkforce", WorkforceName="us").message
    world.call("CreateWorkforce", **workforce())


def test_a_work_team_is_changed_where_it_is_told_to(small_world):
    world = small_world
    before = world.call("DescribeWorkteam", WorkteamName="labelers")["Workteam"]
    world.clock.advance(minutes=1)
    changed = checked(world, "UpdateWorkteam", WorkteamName="labelers", Description="them")["Workteam"]
    assert changed["Description"] == "them" and changed["MemberDefinitions"] == before["MemberDefinitions"]
    assert changed["LastUpdatedDate"] > changed["CreateDate"]
    assert "does not exist" in refused(world, "UpdateWorkteam", WorkteamName="nobody").message


def test_tags_come_and_go_with_what_they_are_on(small_world):
    world = small_world
    tags = [{"Key": "team", "Value": "maps"}, {"Key": "cost", "Value": "7"}]
    arns = [
        checked(world, "CreateWorkforce", WorkforceName="us", OidcConfig=OIDC, Tags=tags)["WorkforceArn"],
        checked(
            world, "CreateWorkteam", WorkteamName="maps", Description="us", Tags=tags,
            MemberDefinitions=[{"OidcMemberDefinition": {"Groups": ["g"]}}],
        )["WorkteamArn"],
        checked(
            world, "CreateHumanTaskUi", HumanTaskUiName="look", UiTemplate={"Content": "x"}, Tags=tags
        )["HumanTaskUiArn"],
    ]  # fmt: skip
    for arn in arns:
        assert checked(world, "ListTags", ResourceArn=arn)["Tags"] == tags
        assert checked(world, "DeleteTags", ResourceArn=arn, TagKeys=["cost", "none"]) == {}
        assert checked(world, "ListTags", ResourceArn=arn)["Tags"] == tags[:1]
    world.call("DeleteWorkteam", WorkteamName="maps")
    world.call("DeleteHumanTaskUi", HumanTaskUiName="look")
    for arn in arns[1:]:
        assert refused(world, "ListTags", ResourceArn=arn).code == "ResourceNotFound"
