"""Each check finds what it is for, and leaves the right form alone."""

from __future__ import annotations

import json
import time

import pytest

from gt_vpc_nb.facts import regions
from gt_vpc_nb.policy import Policy
from gt_vpc_nb.policy.findings import CHECKS
from gt_vpc_nb.policy.operators import NAMES

ROLE = "arn:aws:iam::111122223333:role/team/GroundTruth"
ADMIN = "arn:aws:iam::111122223333:role/Admin"
FIVE = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:GetBucketLocation"]
BOTH = ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]
VPC, ENDPOINT, GROUND_TRUTH = "vpc-0mine", "vpce-0mine", "vpce-08408e335ebf95b40"
NETWORK = {"StringNotEquals": {"aws:SourceVpc": VPC, "aws:SourceVpce": [ENDPOINT, GROUND_TRUTH]}}


def deny(condition=NETWORK, **changes):
    return made({"Effect": "Deny", "Principal": "*", "Action": FIVE, "Resource": BOTH, "Condition": condition}, changes)


def allow(condition=None, **changes):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ROLE},
        "Action": FIVE,
        "Resource": BOTH,
        "Condition": condition,
    }
    return made(statement, changes)


def made(statement, changes):
    return {key: value for key, value in {**statement, **changes}.items() if value is not None}


def policy(*statements, **changes):
    document = {"Version": "2012-10-17", "Statement": list(statements), **changes}
    return Policy.parse({key: value for key, value in document.items() if value is not None})


def denied(operator, key, values):
    return policy(deny({operator: {key: values}}), allow())


def allowed(operator, key, values, **changes):
    return policy(deny(), allow({operator: {key: values}}, **changes))


def codes(policy, **known):
    return [each.issue_code for each in policy.findings(**known)]


EXEMPT_ADMIN = {"StringNotEquals": NETWORK["StringNotEquals"], "ArnNotLike": {"aws:PrincipalArn": ADMIN}}
INSECURE = {"Bool": {"aws:SecureTransport": "false"}}
# An id, a policy that the check is for, and the right form beside it.
TABLE = [
    (
        "INVALID_CONDITION_OPERATOR",
        denied("StringNotEqual", "aws:SourceVpc", VPC),
        denied("stringnotequals", "aws:SourceVpc", VPC),
    ),
    ("NULL_WITH_IF_EXISTS", denied("NullIfExists", "aws:SourceVpc", "true"), denied("Null", "aws:SourceVpc", "true")),
    (
        "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
        denied("ForAllValues:StringNotEquals", "aws:sourceVpce", ENDPOINT),
        denied("ForAllValues:StringNotEquals", "aws:TagKeys", "a"),
    ),
    (
        "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
        allowed("ForAllValues:StringEquals", "aws:SourceVpce", ENDPOINT),
        allowed("StringEquals", "aws:SourceVpce", ENDPOINT),
    ),
    (
        "FORANYVALUE_WITH_SINGLE_VALUED_KEY",
        denied("ForAnyValue:StringNotEquals", "aws:SourceVpce", ENDPOINT),
        denied("StringNotEquals", "aws:SourceVpce", ENDPOINT),
    ),
    (
        "FORANYVALUE_WITH_SINGLE_VALUED_KEY",
        allowed("ForAnyValue:StringEquals", "aws:PrincipalOrgID", "o-a"),
        allowed("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a/*"),
    ),
    (
        "MISSING_QUALIFIER",
        allowed("StringLike", "aws:PrincipalOrgPaths", "o-a/*"),
        allowed("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a/*"),
    ),
    (
        "INVALID_CONDITION_KEY_FORMAT",
        denied("StringNotEquals", "SourceVpc", VPC),
        denied("StringNotEquals", "aws:SourceVpc", VPC),
    ),
    (
        "INVALID_GLOBAL_CONDITION_KEY",
        denied("StringNotEquals", "aws:SourceVpcEndpoint", ENDPOINT),
        allowed("StringEquals", "aws:PrincipalTag/team", "a"),
    ),
    (
        "INVALID_SERVICE_CONDITION_KEY",
        allowed("StringEquals", "s3:prefx", "a"),
        allowed("StringEquals", "s3:ExistingObjectTag/a", "a"),
    ),
    (
        "REDUNDANT_IF_EXISTS",
        denied("StringNotEqualsIfExists", "aws:SourceVpc", VPC),
        denied("BoolIfExists", "aws:MultiFactorAuthPresent", "false"),
    ),
    (
        "ALLOW_WITHOUT_CONDITION_KEY",
        allowed("StringEqualsIfExists", "aws:SourceVpce", ENDPOINT),
        allowed("StringEqualsIfExists", "s3:x-amz-acl", "private"),
    ),
    (
        "ALLOW_WITHOUT_CONDITION_KEY",
        allowed("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
        policy(
            deny(),
            allow({"IpAddress": {"aws:SourceIp": "54.0.0.0/16"}, "NotIpAddress": {"aws:SourceIp": "54.0.1.0/24"}}),
        ),
    ),
    (
        "TYPE_MISMATCH_NUMBER",
        denied("NumericLessThan", "s3:TlsVersion", "one"),
        denied("NumericLessThan", "s3:TlsVersion", 1.2),
    ),
    (
        "INVALID_DATE_VALUE",
        denied("DateLessThan", "aws:CurrentTime", "tomorrow"),
        denied("DateLessThan", "aws:CurrentTime", "2030-01-31T12:00:00Z"),
    ),
    (
        "TYPE_MISMATCH_IP_RANGE",
        allowed("IpAddress", "aws:SourceIp", "203.0.113.0/240"),
        allowed("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ),
    (
        "TYPE_MISMATCH_BOOLEAN",
        denied("Bool", "aws:SecureTransport", "no"),
        denied("Bool", "aws:SecureTransport", "False"),
    ),
    ("TYPE_MISMATCH_BOOLEAN", denied("Null", "aws:SourceVpc", "yes"), denied("Null", "aws:SourceVpc", "true")),
    ("TYPE_MISMATCH_BINARY", denied("BinaryEquals", "s3:prefix", "?"), denied("BinaryEquals", "s3:prefix", "QUJD")),
    (
        "INVALID_VARIABLE_FOR_OPERATOR",
        allowed("IpAddress", "aws:SourceIp", "${aws:SourceIp}"),
        allowed("StringLike", "s3:prefix", "${aws:username}/*"),
    ),
    (
        "INVALID_CONDITION_MULTIPLE_BOOLEAN",
        denied("Null", "aws:SourceVpc", ["true", "false"]),
        denied("Null", "aws:SourceVpc", "true"),
    ),
    (
        "EMPTY_ARRAY_CONDITION",
        denied("StringNotEquals", "aws:SourceVpc", []),
        denied("StringNotEquals", "aws:SourceVpc", [VPC]),
    ),
    ("EMPTY_CONDITION_VALUE", denied("StringNotEquals", "aws:SourceVpc", ""), allowed("StringEquals", "s3:prefix", "")),
    (
        "WILDCARD_WITHOUT_LIKE_OPERATOR",
        denied("StringNotEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"),
        denied("StringNotLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"),
    ),
    (
        "WILDCARD_WITHOUT_LIKE_OPERATOR",
        allowed("StringEquals", "s3:prefix", "home/*"),
        allowed("StringEquals", "s3:prefix", "home/${*}"),
    ),
    (
        "ARN_OPERATOR_WITHOUT_ARN",
        denied("ArnNotEquals", "aws:PrincipalArn", "111122223333"),
        denied("ArnNotEquals", "aws:PrincipalArn", ROLE),
    ),
    (
        "SESSION_ARN_UNDER_PRINCIPAL_ARN",
        denied("StringNotEquals", "aws:PrincipalArn", "arn:aws:sts::111122223333:assumed-role/R/s"),
        denied("StringNotEquals", "aws:PrincipalArn", ROLE),
    ),
    (
        "ROOT_ARN_UNDER_PRINCIPAL_ARN",
        denied("StringNotEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:root"),
        denied("StringNotEquals", "aws:PrincipalAccount", "111122223333"),
    ),
    (
        "ACCOUNT_ID_FORMAT",
        denied("StringNotEquals", "aws:PrincipalAccount", "11112222333"),
        denied("StringNotEquals", "aws:PrincipalAccount", "111122223333"),
    ),
    (
        "PLACEHOLDER_LEFT",
        denied("StringNotEquals", "aws:SourceVpc", "<vpc>"),
        denied("StringNotEquals", "aws:SourceVpc", VPC),
    ),
    ("PLACEHOLDER_LEFT", policy(deny(Resource="arn:aws:s3:::{{bucket}}/*"), allow()), policy(deny(), allow())),
    ("PLACEHOLDER_LEFT", policy(deny(), allow(Principal={"AWS": "<role>"})), policy(deny(), allow())),
    (
        "VARIABLES_WITHOUT_VERSION",
        policy(deny(), allow({"StringLike": {"s3:prefix": "${aws:username}"}}), Version=None),
        policy(deny(), allow({"StringLike": {"s3:prefix": "${aws:username}"}})),
    ),
    (
        "VARIABLES_WITHOUT_VERSION",
        policy(deny(), allow(Resource=[*BOTH, "arn:aws:s3:::b/${aws:username}"]), Version="2008-10-17"),
        policy(deny(), allow(Resource=[*BOTH, "arn:aws:s3:::b/${aws:username}"])),
    ),
    (
        "VPC_ID_UNDER_SOURCE_VPCE",
        denied("StringNotEquals", "aws:sourceVpce", [ENDPOINT, VPC]),
        denied("StringNotEquals", "aws:sourceVpce", [ENDPOINT]),
    ),
    (
        "VPCE_ID_UNDER_SOURCE_VPC",
        denied("StringNotEquals", "aws:SourceVpc", ENDPOINT),
        denied("StringNotEquals", "aws:SourceVpc", VPC),
    ),
    (
        "NOT_A_VPC_ENDPOINT_ID",
        denied("StringNotEquals", "aws:SourceVpce", "com.amazonaws.s3"),
        denied("StringNotLike", "aws:SourceVpce", "vpce-0*"),
    ),
    (
        "NOT_A_VPC_ID",
        denied("StringNotEquals", "aws:SourceVpc", "10.0.0.0/16"),
        denied("StringNotLike", "aws:SourceVpc", "*"),
    ),
    (
        "ALLOW_BY_SHARED_ENDPOINT",
        allowed("StringEquals", "aws:SourceVpce", GROUND_TRUTH, Principal="*"),
        allowed("StringEquals", "aws:SourceVpce", GROUND_TRUTH),
    ),
    (
        "GROUND_TRUTH_ENDPOINTS_OF_SEVERAL_REGIONS",
        denied("StringNotEquals", "aws:SourceVpce", [GROUND_TRUTH, "vpce-02569ba1c40aad0bc"]),
        denied("StringNotEquals", "aws:SourceVpce", [GROUND_TRUTH, ENDPOINT]),
    ),
    (
        "PRIVATE_RANGE_UNDER_SOURCE_IP",
        allowed("IpAddress", "aws:SourceIp", ["10.1.0.0/16"]),
        allowed("IpAddress", "aws:VpcSourceIp", ["10.1.0.0/16"]),
    ),
    (
        "SOURCE_IP_DENIES_VPC_ENDPOINTS",
        denied("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
        policy(deny({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}, **NETWORK}), allow()),
    ),
    (
        "INVALID_ACTION",
        policy(deny(), allow(Action="s3:GetObjct")),
        policy(deny(), allow(Action=["S3:getobject", "s3:ListBucket"])),
    ),
    ("INVALID_ACTION", policy(deny(), allow(Action="s3:HeadObject")), policy(deny(), allow(Action="s3:*"))),
    ("INVALID_ACTION", policy(deny(), allow(Action="s3:Fetch*")), policy(deny(), allow(Action="s3:Get*"))),
    ("UNSUPPORTED_ACTION_IN_POLICY", policy(deny(), allow(Action="sagemaker:*")), policy(deny(), allow(Action="*"))),
    (
        "UNSUPPORTED_ACTION_IN_POLICY",
        policy(deny(), allow(Action=[*FIVE, "s3:ListAllMyBuckets"])),
        policy(deny(), allow(Action=[*FIVE, "s3:List*"])),
    ),
    (
        "ACTION_WITHOUT_MATCHING_RESOURCE",
        policy(deny(), allow(Action="s3:GetObject", Resource="arn:aws:s3:::b")),
        policy(deny(), allow(Action="s3:GetObject", Resource="arn:aws:s3:::b*")),
    ),
    (
        "ACTION_WITHOUT_MATCHING_RESOURCE",
        policy(deny(), allow(Action=["s3:ListBucket", "s3:GetObject"], Resource="arn:aws:s3:::b/*")),
        policy(deny(), allow(Action=["s3:ListBucket"], Resource="arn:aws:s3:::b")),
    ),
    (
        "DENY_ON_ONE_KIND_OF_RESOURCE",
        policy(deny(EXEMPT_ADMIN, Action="s3:*", Resource="arn:aws:s3:::b/*"), allow()),
        policy(deny(EXEMPT_ADMIN, Action="s3:*"), allow()),
    ),
    ("REDUNDANT_RESOURCE", policy(deny(Action=["s3:GetObject"]), allow()), policy(deny(Action=["s3:Get*"]), allow())),
    ("INVALID_ARN_RESOURCE", policy(deny(Resource="*"), allow()), policy(deny(), allow())),
    (
        "INVALID_ARN_RESOURCE",
        policy(deny(), allow(Resource="s3://b/")),
        policy(deny(), allow(Resource="arn:aws-cn:s3:::b*")),
    ),
    ("INVALID_ROLE_REFERENCE", policy(deny(), allow(Principal={"AWS": "AROAEXAMPLEID"})), policy(deny(), allow())),
    ("INVALID_USER_REFERENCE", policy(deny(), allow(Principal={"AWS": "AIDAEXAMPLEID"})), policy(deny(), allow())),
    (
        "UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        policy(deny(), allow(Principal={"AWS": "arn:aws:iam::111122223333:role/*"})),
        policy(deny(), allow({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/a*"}})),
    ),
    (
        "INVALID_PRINCIPAL_FORMAT",
        policy(deny(), allow(Principal={"AWS": "GroundTruth"})),
        policy(deny(), allow(Principal={"AWS": "111122223333"})),
    ),
    (
        "INVALID_PRINCIPAL_FORMAT",
        policy(deny(), allow(Principal={"Service": "sagemaker"})),
        policy(deny(), allow(Principal={"Service": "logging.s3.amazonaws.com"})),
    ),
    (
        "ALLOW_WITH_NOT_PRINCIPAL",
        policy(deny(), allow(Principal=None, NotPrincipal={"AWS": ROLE})),
        policy(deny(), allow()),
    ),
    (
        "DENY_WITH_NOT_PRINCIPAL",
        policy(deny(Principal=None, NotPrincipal={"AWS": ROLE}), allow()),
        policy(deny(), allow()),
    ),
    (
        "PUBLIC_ACCESS",
        policy(deny(), allow(Principal="*")),
        allowed("StringEquals", "aws:SourceVpce", ENDPOINT, Principal="*"),
    ),
    ("PUBLIC_ACCESS", allowed("StringLike", "aws:PrincipalArn", "*", Principal={"AWS": "*"}), policy(deny(), allow())),
    (
        "DENY_LOCKS_OUT_ADMINISTRATOR",
        policy(deny(None, Action="s3:*"), allow()),
        policy(deny(INSECURE, Action="s3:*"), allow()),
    ),
    (
        "DENY_LOCKS_OUT_ADMINISTRATOR",
        policy(deny(Action="s3:*"), allow()),
        policy(deny(EXEMPT_ADMIN, Action="s3:*"), allow()),
    ),
    (
        "DENY_LOCKS_OUT_ADMINISTRATOR",
        policy(deny(Action="s3:PutBucketPolicy"), allow()),
        policy(deny(Action="s3:GetObject"), allow()),
    ),
    (
        "ROLE_EXEMPT_FROM_EVERY_NETWORK",
        policy(deny(EXEMPT_ADMIN), allow()),
        denied("ArnNotLike", "aws:PrincipalArn", ADMIN),
    ),
    ("MISSING_VERSION", policy(deny(), allow(), Version=None), policy(deny(), allow())),
    ("OLD_VERSION", policy(deny(), allow(), Version="2008-10-17"), policy(deny(), allow())),
    ("UNIQUE_SIDS_RECOMMENDED", policy(deny(Sid="a"), allow(Sid="a")), policy(deny(Sid="a"), allow(Sid="b"))),
    ("EMPTY_SID_VALUE", policy(deny(Sid=""), allow()), policy(deny(Sid="a"), allow())),
    ("EMPTY_OBJECT_CONDITION", policy(deny(), allow({})), policy(deny(), allow())),
    ("EMPTY_OBJECT_CONDITION", policy(deny(), allow({"StringEquals": {}})), policy(deny(), allow())),
    ("DENY_ONLY_POLICY", policy(deny()), policy(deny(), allow())),
    ("ALLOW_DOES_NOT_RESTRICT", policy(allow({"StringEquals": {"aws:SourceVpce": ENDPOINT}})), policy(deny(), allow())),
    (
        "POLICY_SIZE_EXCEEDS_BUCKET_POLICY_QUOTA",
        policy(deny(), allow(Sid="a" * 20_480)),
        policy(deny(), allow(Sid="a" * 19_000)),
    ),
    (
        "EXEMPTIONS_SPLIT_OVER_DENIES",
        policy(
            deny({"StringNotEquals": {"aws:SourceVpce": ENDPOINT}}),
            deny({"StringNotEquals": {"aws:SourceVpc": VPC}}),
            allow(),
        ),
        policy(
            deny(Action="s3:GetObject", Resource=BOTH[1]),
            deny({"StringNotEquals": {"aws:SourceVpc": VPC}}, Action="s3:PutObject", Resource=BOTH[1]),
            allow(),
        ),
    ),
    (
        "EXEMPTIONS_SPLIT_OVER_DENIES",
        policy(
            deny({"StringNotEquals": {"aws:SourceVpce": ENDPOINT}}),
            deny({"StringNotEquals": {"aws:SourceVpce": GROUND_TRUTH}}),
            allow(),
        ),
        policy(deny(), deny(INSECURE), deny({"StringNotEquals": {"aws:PrincipalOrgID": "o-a"}}), allow()),
    ),
    (
        "GROUND_TRUTH_DENIED_ELSEWHERE",
        policy(deny({"StringNotEquals": {"aws:SourceVpce": ENDPOINT}}, Action="s3:Get*"), deny(), allow()),
        policy(
            deny({"StringNotEquals": {"aws:SourceVpce": ENDPOINT}}, Action=None, NotAction=FIVE),
            deny({"StringNotEquals": {"aws:SourceVpce": [ENDPOINT, GROUND_TRUTH]}}),
            allow(),
        ),
    ),
]
NEED_MORE_THAN_THE_POLICY = {"GROUND_TRUTH_ENDPOINT_OF_ANOTHER_REGION", "RESOURCE_OF_ANOTHER_BUCKET"}


@pytest.mark.parametrize(
    ("code", "wrong", "right"), TABLE, ids=[f"{row[0]}-{number}" for number, row in enumerate(TABLE)]
)
def test_a_check_finds_the_mistake_and_leaves_the_right_form_alone(code, wrong, right):
    assert code in codes(wrong)
    assert code not in codes(right)


def test_every_check_has_a_row_in_the_table():
    checks = {check.code for kind in CHECKS for check in kind}
    assert checks == {code for code, _, _ in TABLE} | NEED_MORE_THAN_THE_POLICY


CLEAN = {
    "three keys' worth of Deny, and an Allow for the role": policy(deny(), allow()),
    "the same in other case": policy(
        deny({"stringNotEquals": {"AWS:sourcevpc": [VPC], "aws:sourceVPCE": ENDPOINT}}), allow()
    ),
    "an administrator exempted by account": policy(deny(), allow(Principal={"AWS": "111122223333"}, Action="s3:*")),
    "TLS alone": policy(deny(INSECURE, Action="s3:*"), allow()),
    "object actions on objects": policy(
        deny(Action=["s3:GetObject", "s3:PutObject"], Resource="arn:aws:s3:::b/*"),
        allow(Action=["s3:GetObject"], Resource=["arn:aws:s3:::b/in/*"]),
    ),
    "S3's own log delivery": policy(deny(), allow(Principal={"Service": "logging.s3.amazonaws.com"})),
    "a data perimeter in two Denies": policy(deny(), deny({"StringNotEquals": {"aws:PrincipalOrgID": "o-a"}}), allow()),
}


@pytest.mark.parametrize("name", CLEAN)
def test_a_repaired_policy_has_no_findings(name):
    assert CLEAN[name].findings("b", "us-east-1") == []


def test_a_bucket_shows_resources_of_others():
    assert codes(policy(deny(), allow()), bucket="other") == ["RESOURCE_OF_ANOTHER_BUCKET"] * 4
    assert codes(policy(deny(), allow()), bucket="b") == []


@pytest.mark.parametrize("region", [each.code for each in regions()])
def test_a_region_shows_the_endpoint_of_another(region):
    found = policy(deny(), allow()).findings(region=region)
    assert [each.issue_code for each in found] == ["GROUND_TRUTH_ENDPOINT_OF_ANOTHER_REGION"] * (region != "us-east-1")
    assert all(region in each.message and "us-east-1" in each.message for each in found)


def test_a_region_without_ground_truth_is_said_to_be_one():
    (found,) = policy(deny(), allow()).findings(region="eu-north-1")
    assert found.remedy == "Ground Truth does not run in eu-north-1."


def test_a_finding_has_the_path_and_the_line_of_its_place():
    text = json.dumps(policy(deny({"StringNotEquals": {"aws:SourceVpce": [VPC]}}), allow()).document, indent=1)
    (found,) = Policy.parse(text).findings()
    assert (found.type, found.path) == ("WARNING", "Statement[0].Condition.StringNotEquals.aws:SourceVpce")
    assert text.splitlines()[found.line - 1].strip().startswith('"aws:SourceVpce"')
    assert f"{found.path} (line {found.line}): " in str(found)


def test_an_identity_policy_is_not_measured_as_a_bucket_policy():
    statement = {"Effect": "Allow", "Action": ["s3:ListAllMyBuckets", "sagemaker:*"], "Resource": "*"}
    assert Policy.parse({"Version": "2012-10-17", "Statement": [statement]}, kind="identity").findings() == []


def test_a_policy_from_a_dict_has_no_lines():
    assert [each.line for each in policy(deny()).findings()] == [None]


def test_one_statement_without_a_list_has_its_own_path():
    single = Policy.parse(
        {"Version": "2012-10-17", "Statement": deny({"StringNotEquals": {"aws:SourceVpc": ENDPOINT}})}
    )
    assert single.findings()[0].path == "Statement.Condition.StringNotEquals.aws:SourceVpc"


def test_the_worst_comes_first():
    types = [each.type for each in policy(deny(None, Action=["s3:*", "s3:Nothing"]), allow(Principal="*")).findings()]
    assert types == sorted(types, key=["ERROR", "SECURITY_WARNING", "WARNING", "SUGGESTION"].index)
    assert {"ERROR", "SECURITY_WARNING", "WARNING"} <= set(types)


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ({"aws:SourceVpce": "vpce-1"}, {"aws:SourceVpce": "vpce-2"}, "everybody is denied"),
        ({"aws:SourceVpce": "vpce-1"}, {"aws:SourceVpc": "vpc-1"}, "'aws:SourceVpce', 'aws:SourceVpc' at once"),
        ({"aws:SourceVpce": "vpce-1"}, {"aws:PrincipalArn": ADMIN}, "'aws:SourceVpce', 'aws:PrincipalArn' at once"),
    ],
)
def test_split_exemptions_say_who_is_left(one, other, words):
    split = policy(deny({"StringNotEquals": one}, Sid="A"), deny({"StringNotEquals": other}, Sid="B"), allow())
    (found,) = split.findings()
    assert found.message.startswith("A and B are two Denies") and words in found.message


def test_addresses_and_endpoints_split_over_two_denies_deny_everybody():
    split = policy(
        deny({"StringNotEquals": {"aws:SourceVpce": ENDPOINT}}),
        deny({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        allow(),
    )
    (found,) = [each for each in split.findings() if each.issue_code == "EXEMPTIONS_SPLIT_OVER_DENIES"]
    assert "everybody is denied" in found.message


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("s3:GetObjects", "did you mean 's3:GetObject'"),
        ("s3:HeadBucket", "s3:ListBucket decides it"),
        ("s3:Read*", "matches no action of S3"),
    ],
)
def test_a_wrong_action_is_answered_with_the_right_one(action, words):
    assert words in policy(deny(), allow(Action=action)).findings()[0].message


def test_every_message_is_a_sentence_without_gaps():
    for _, wrong, _ in TABLE:
        for found in wrong.findings("other", "eu-west-1"):
            assert found.message.endswith((".", "?")), found
            assert not found.remedy or found.remedy.endswith("."), found


@pytest.mark.parametrize("name", NAMES)
def test_every_operator_can_be_judged(name):
    for operator in (name, f"{name}IfExists", f"ForAllValues:{name}", f"ForAnyValue:{name}IfExists"):
        denied(operator, "aws:SourceVpc", ["a", "1", "${b}", ""]).findings("b", "us-east-1")


def test_findings_of_a_usual_policy_take_less_than_a_millisecond():
    usual = policy(deny(), allow())
    usual.findings("b", "us-east-1")
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        for _ in range(100):
            usual.findings("b", "us-east-1")
        best = min(best, (time.process_time() - start) / 100)
    assert best < 0.001
