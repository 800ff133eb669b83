"""The smallest edit lets in Ground Truth's endpoint, and what it opens is exactly that."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gt_vpc_nb import Perimeter, PolicyError
from gt_vpc_nb.facts import GROUND_TRUTH_ACTIONS, regions, s3_actions
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate
from gt_vpc_nb.policy.origins import INTERNET, OTHER_VPC, resource_for, signed_by, through
from gt_vpc_nb.policy.rewrite import ground_truth_request

ACCOUNT, ENDPOINT = "111122223333", "vpce-08408e335ebf95b40"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/R"
TWO = ["s3:GetObject", "s3:PutObject"]
BOTH = ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]


def deny(condition, action=TWO, **more):
    statement = {"Sid": "D", "Effect": "Deny", "Principal": "*", "Action": action, "Resource": BOTH, **more}
    return Policy.parse({"Version": "2012-10-17", "Id": "kept", "Statement": [{**statement, "Condition": condition}]})


MINE = {"StringNotEquals": {"aws:SourceVpce": "vpce-0mine"}}
STYLES = {
    "endpoint only": deny(MINE),
    "VPC only": deny({"StringNotEquals": {"aws:SourceVpc": "vpc-0mine"}}),
    "VPC id under the endpoint key": deny({"StringNotEquals": {"aws:sourceVpce": ["vpce-0mine", "vpc-0mine"]}}),
    "ForAllValues": deny({"ForAllValues:StringNotEquals": {"aws:sourceVpce": ["vpce-0mine"], "aws:SourceVpc": "v"}}),
    "IfExists": deny({"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-0mine"}}),
    "NotLike": deny({"StringNotLike": {"aws:SourceVpce": ["vpce-0mine"]}}),
    "addresses": deny({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
    "every action": deny(MINE, "s3:*"),
    "a family of actions": deny(MINE, ["s3:Get*", "s3:DeleteObject"]),
    "NotAction": Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Deny",
                "Principal": "*",
                "NotAction": "s3:GetBucketPolicy",
                "Resource": BOTH,
                "Condition": MINE,
            },
        }
    ),
    "two statements of one name": Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": [deny(MINE, action).document["Statement"][0] for action in (*TWO, "s3:*")],
        }
    ),
}


def denies(*statements, version="2012-10-17"):
    full = [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": BOTH, **each} for each in statements]
    return Policy.parse({"Version": version, "Statement": full})


ADMIN = f"arn:aws:iam::{ACCOUNT}:role/Admin"
NOT_ADMIN = {"ArnNotLike": {"aws:PrincipalArn": ADMIN}}
#: Restrictions of networks as they are found in the wild: each exempts the endpoint and nothing else.
STYLES |= {
    "NotEquals in any case": deny({"StringNotEqualsIgnoreCase": {"aws:SourceVpce": "VPCE-0MINE"}}, "s3:*"),
    "ArnNotLike on an id": deny({"ArnNotLike": {"aws:SourceVpce": "vpce-0mine"}}, "s3:*"),
    "ArnNotEquals on an id": deny({"ArnNotEqualsIfExists": {"aws:SourceVpce": ["vpce-0mine"]}}),
    "any endpoint by pattern": deny({"StringNotLike": {"aws:SourceVpc": "vpc-0m*"}}, "s3:*"),
    "VPC IfExists": deny({"StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-0mine"}}, "s3:*"),
    "ForAnyValue": deny({"ForAnyValue:StringNotEquals": {"aws:SourceVpce": ["vpce-0mine"]}}, "s3:*"),
    "ForAllValues on the VPC": deny({"ForAllValues:StringNotLike": {"aws:SourceVpc": ["vpc-0mine"]}}, "s3:*"),
    "private addresses": deny({"NotIpAddress": {"aws:VpcSourceIp": ["192.0.2.0/24"]}}, "s3:*"),
    "private addresses by number": deny({"IpAddress": {"aws:VpcSourceIp": ["172.31.0.0/16"]}}, "s3:*"),
    "data perimeter": deny(
        {
            "NotIpAddressIfExists": {"aws:SourceIp": "198.51.100.0/24"},
            "StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-0mine"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
            **NOT_ADMIN,
        },
        "s3:*",
    ),
    "several Denies": denies(
        {"Sid": "One", "Condition": MINE},
        {"Sid": "Two", "Action": "s3:GetObject*", "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-0mine"}}},
        {"Sid": "Tls", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ),
    "the endpoint itself": deny({"StringEquals": {"aws:SourceVpce": [ENDPOINT, "vpce-0bad"]}}, "s3:*"),
    "the endpoint alone, among others": denies(
        {"Condition": {"StringEquals": {"aws:SourceVpce": ENDPOINT}}}, {"Condition": MINE}
    ),
    "the endpoint or none": deny({"StringEqualsIfExists": {"aws:SourceVpce": ENDPOINT}}),
    "endpoints by pattern": deny({"StringLike": {"aws:SourceVpce": "vpce-*"}}),
    "no VPC at all": deny({"Null": {"aws:SourceVpc": False}}, "s3:*"),
    "a VPC is wanted, and mine": denies({"Condition": {"Null": {"aws:SourceVpc": True}}}, {"Condition": MINE}),
    "accounts of endpoints": deny({"StringNotEquals": {"aws:VpceAccount": ACCOUNT}}, "s3:*"),
    "ARNs of VPCs": deny({"ArnNotLike": {"aws:SourceVpcArn": f"arn:aws:ec2:*:{ACCOUNT}:vpc/*"}}, "s3:*"),
    "named account": denies({"Principal": {"AWS": ACCOUNT}, "Condition": MINE}),
    "callers and networks": denies({"Condition": {**MINE, **NOT_ADMIN}}),
    "NotPrincipal and networks": Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": {
                **{"Effect": "Deny", "NotPrincipal": {"AWS": [ADMIN, f"arn:aws:iam::{ACCOUNT}:root"]}},
                **{"Action": "s3:*", "Resource": BOTH, "Condition": MINE},
            },
        }
    ),
    "objects of one folder": denies({"Resource": "arn:aws:s3:::b/data/*", "Condition": MINE}),
    "NotResource": Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": {
                **{"Effect": "Deny", "Principal": "*", "Action": "*", "NotResource": "arn:aws:s3:::b/a*"},
                "Condition": MINE,
            },
        }
    ),
    "a listed prefix": deny(
        {**MINE, "StringLike": {"s3:prefix": "data/*"}}, ["s3:ListBucket", "s3:ListBucketVersions"]
    ),
    "patterns of actions": deny(MINE, ["s3:*Object", "s3:List*", "s3:PutBucketPolicy"]),
    "the old Version": denies({"Condition": MINE}, version="2008-10-17"),
}
#: Restrictions of callers: they exempt the role, and it only through the endpoint.
GUEST_LISTS = {
    "NotPrincipal": Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": {
                **{"Sid": "N", "Effect": "Deny", "NotPrincipal": {"AWS": [ADMIN, f"arn:aws:iam::{ACCOUNT}:root"]}},
                **{"Action": "s3:*", "Resource": BOTH},
            },
        }
    ),
    "PrincipalArn": deny(NOT_ADMIN, "s3:*"),
    "PrincipalArn of two actions": deny({"StringNotEquals": {"aws:PrincipalArn": [ADMIN]}}),
    "a family of actions for a few": deny(NOT_ADMIN, ["s3:Get*", "s3:DeleteObject"]),
    "the account": deny({"StringNotEquals": {"aws:PrincipalAccount": "444455556666"}}, "s3:*"),
}
#: What no edit of networks lets pass, and what the error says of it.
OTHER_RULES = {
    "unconditional": (denies({"Sid": "All"}), "'All'"),
    "the role by name": (denies({"Sid": "R", "Principal": {"AWS": ROLE}}), "'R'"),
    "the role by condition": (deny({"ArnEquals": {"aws:PrincipalArn": ROLE}}), "aws:PrincipalArn"),
    "encryption": (
        deny({"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}, "s3:PutObject"),
        "s3:x-amz-server-side-encryption is missing",
    ),
    "encryption beside networks": (
        denies(
            {"Condition": MINE},
            {"Action": "s3:PutObject", "Condition": {"Null": {"s3:x-amz-server-side-encryption": "true"}}},
        ),
        "Statement 2",
    ),
    "MFA": (deny({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}), "aws:MultiFactorAuthPresent"),
}
UNDECIDED = {
    "no operator": deny({"StringNotEqualz": {"aws:SourceVpce": "vpce-0mine"}}),
    "no address": deny({"NotIpAddress": {"aws:VpcSourceIp": "all of them"}}),
    "NotPrincipal without its account": Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": {
                **{"Effect": "Deny", "NotPrincipal": {"AWS": ROLE}, "Action": "s3:*", "Resource": BOTH},
                "Condition": MINE,
            },
        }
    ),
}


NETWORKS = [("vpce-0mine", "vpc-0mine"), ("vpce-0x", "vpc-0mine"), ("vpce-0x", "vpc-0x")]


def let_in(policy, **options):
    return policy.letting_in_ground_truth("us-east-1", "b", role=ROLE, **options)


def gets(policy, action, context):
    resource = resource_for(action, "b") or "arn:aws:s3:::b"
    decision = evaluate(policy, AccessRequest(ROLE, action, resource, {"aws:PrincipalArn": ROLE, **context}))
    return decision.decision in ("allowed", "notDenied")


@pytest.mark.parametrize("style", STYLES)
def test_ground_truth_gets_in_with_all_five_actions(style):
    new = let_in(STYLES[style])
    decisions = [evaluate(new, ground_truth_request(a, "b", ENDPOINT, ROLE)).decision for a in GROUND_TRUTH_ACTIONS]
    assert decisions == ["notDenied"] * 5


@pytest.mark.parametrize("style", STYLES)
def test_nothing_else_changes_for_any_action_from_anywhere(style):
    old, new = STYLES[style], let_in(STYLES[style])
    for action in s3_actions():
        for context in (
            {},
            through("vpce-0mine", "vpc-0mine"),
            through("vpce-0x", "vpc-0mine"),
            through("vpce-0x", "v"),
        ):
            assert gets(old, action, context) == gets(new, action, context), (action, context)
        if action not in GROUND_TRUTH_ACTIONS:
            context = through(ENDPOINT, OTHER_VPC)
            assert gets(old, action, context) == gets(new, action, context), action


@pytest.mark.parametrize("style", STYLES)
def test_compare_shows_ground_truths_endpoint_and_nobody_else(style):
    change = STYLES[style].compare(let_in(STYLES[style]), "b")
    assert change.opened and not change.closed
    for each in change.opened:
        assert dict(each.witness.context)["aws:SourceVpce"] == ENDPOINT
        assert each.action in GROUND_TRUTH_ACTIONS
        assert evaluate(let_in(STYLES[style]), each.witness).decision in ("allowed", "notDenied")
        assert evaluate(STYLES[style], each.witness).decision not in ("allowed", "notDenied")


def test_a_range_of_addresses_is_opened_for_the_endpoint_alone():
    change = STYLES["addresses"].compare(let_in(STYLES["addresses"]), "b")
    assert change.opened and not change.closed
    assert {each.witness.context["aws:SourceVpce"] for each in change.opened} == {ENDPOINT}


@pytest.mark.parametrize("style", STYLES)
def test_a_second_edit_finds_nothing_to_do(style):
    once = let_in(STYLES[style])
    assert let_in(once) == once
    assert once.compare(once, "b").opened == once.compare(once, "b").closed == ()


def test_one_value_more_is_the_whole_edit_where_that_suffices():
    new = let_in(STYLES["VPC id under the endpoint key"])
    values = ["vpce-0mine", "vpc-0mine", ENDPOINT]
    assert new == deny({"StringNotEquals": {"aws:sourceVpce": values}})


@pytest.mark.parametrize("region", [each.code for each in regions()])
def test_each_region_has_its_own_endpoint(region):
    new = STYLES["endpoint only"].letting_in_ground_truth(region, "b", role=ROLE)
    mine = next(each.ground_truth_endpoint for each in regions() if each.code == region)
    assert new.statements[0].conditions[0].values == ("vpce-0mine", mine)


@pytest.mark.parametrize("style", GUEST_LISTS)
def test_a_list_of_callers_exempts_the_role_and_only_through_the_endpoint(style):
    old, new = GUEST_LISTS[style], let_in(GUEST_LISTS[style])
    assert new != old and let_in(new) == new
    for action in s3_actions():
        resource = resource_for(action, "b") or "arn:aws:s3:::b"
        for who in (ROLE, ADMIN, f"arn:aws:iam::{ACCOUNT}:user/u"):
            for network in ({}, through("vpce-0mine", "vpc-0mine"), through(ENDPOINT, OTHER_VPC)):
                request = AccessRequest(who, action, resource, {**signed_by(who), **network})
                before, after = (evaluate(each, request, account=ACCOUNT).decision for each in (old, new))
                mine = who == ROLE and network.get("aws:SourceVpce") == ENDPOINT and action in GROUND_TRUTH_ACTIONS
                assert after == ("notDenied" if mine else before), (action, who, network)


@pytest.mark.parametrize("rule", OTHER_RULES)
def test_a_deny_that_restricts_no_network_is_named_and_left_alone(rule):
    policy, told = OTHER_RULES[rule]
    with pytest.raises(PolicyError) as caught:
        let_in(policy)
    assert told in str(caught.value) and "\n" not in str(caught.value)
    assert str(caught.value).count("Deny statement") == 1
    proposal = caught.value.proposal
    assert let_in(proposal) == proposal
    for action in GROUND_TRUTH_ACTIONS:
        assert evaluate(proposal, ground_truth_request(action, "b", ENDPOINT, ROLE)).decision == "notDenied"
        for network in ({}, through("vpce-0mine", "vpc-0mine")):
            assert gets(proposal, action, network) == gets(policy, action, network)
        other = ground_truth_request(action, "b", ENDPOINT, f"arn:aws:iam::{ACCOUNT}:role/R2")
        if rule != "encryption beside networks":
            assert evaluate(proposal, other).decision == evaluate(policy, other).decision


@pytest.mark.parametrize("style", UNDECIDED)
def test_what_cannot_be_decided_is_said_and_a_whole_policy_is_proposed(style):
    with pytest.raises(PolicyError, match="cannot be decided") as caught:
        let_in(UNDECIDED[style], vpc="vpc-0mine", vpc_endpoints=["vpce-0mine"])
    proposal = caught.value.proposal
    inside = Perimeter(["vpc-0mine"], ["vpce-0mine"], ground_truth="us-east-1", execution_role=ROLE)
    assert "\n" not in str(caught.value)
    assert proposal.openings("b", inside) == []
    assert let_in(proposal) == proposal
    assert gets(proposal, "s3:DeleteObject", through("vpce-0mine", "vpc-0mine"))


@pytest.mark.parametrize("style", STYLES)
def test_an_action_that_s3_does_not_have_yet_stays_denied_where_it_was(style):
    old, new = STYLES[style], let_in(STYLES[style])
    for action in ("s3:GetSomethingNew", "s3:ListFutureThings", "s3:GetObjectOfTomorrow"):
        for network in ({}, through("vpce-0mine", "vpc-0mine"), through("vpce-0x", "vpc-0x")):
            for resource in BOTH:
                request = AccessRequest(ROLE, action, resource, {**signed_by(ROLE), **network})
                assert evaluate(old, request).decision == evaluate(new, request).decision, (action, network)


def test_a_folder_that_only_a_deny_names_is_let_in_too():
    new = let_in(STYLES["objects of one folder"])
    context = {**signed_by(ROLE), **through(ENDPOINT, OTHER_VPC)}
    request = AccessRequest(ROLE, "s3:GetObject", "arn:aws:s3:::b/data/train.manifest", context)
    assert evaluate(new, request).decision == "notDenied"


def test_a_role_of_another_account_gets_an_allow_through_the_endpoint_and_no_more():
    policy = STYLES["endpoint only"]
    new = let_in(policy, account="444455556666")
    allow = new.document["Statement"][-1]
    assert allow["Principal"] == {"AWS": ROLE} and allow["Condition"] == {"StringEquals": {"aws:SourceVpce": ENDPOINT}}
    assert sorted(allow["Action"]) == sorted(GROUND_TRUTH_ACTIONS) and allow["Resource"] == BOTH
    assert let_in(new, account="444455556666") == new
    for action in GROUND_TRUTH_ACTIONS:
        request = ground_truth_request(action, "b", ENDPOINT, ROLE)
        assert evaluate(new, request, account="444455556666").decision == "notDenied"
        other = ground_truth_request(action, "b", ENDPOINT, ADMIN)
        assert evaluate(new, other, account="444455556666").decision == "implicitDeny"


def test_only_what_another_account_lacks_is_allowed():
    given = {
        **{"Sid": "AllowGroundTruthAsR", "Effect": "Allow", "Principal": {"AWS": ROLE}},
        **{"Action": ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], "Resource": BOTH[1]},
    }
    policy = Policy.parse({"Version": "2012-10-17", "Statement": given})
    new = let_in(policy, account="444455556666")
    assert new.document["Statement"][0] == given
    added = new.document["Statement"][1]
    assert (added["Sid"], added["Resource"]) == ("AllowGroundTruthAsR2", ["arn:aws:s3:::b"])
    assert added["Action"] == ["s3:ListBucket", "s3:GetBucketLocation"]


@pytest.mark.parametrize("region", [each.code for each in regions()])
def test_each_style_lets_in_each_regions_own_endpoint_and_no_other(region):
    mine = {each.code: each.ground_truth_endpoint for each in regions()}
    for style, old in (STYLES | GUEST_LISTS).items():
        new = old.letting_in_ground_truth(region, "b", role=ROLE)
        for code, endpoint in mine.items():
            for action in GROUND_TRUTH_ACTIONS:
                request = ground_truth_request(action, "b", endpoint, ROLE)
                wanted = "notDenied" if code == region else evaluate(old, request).decision
                assert evaluate(new, request).decision == wanted, (style, code, action)


def test_a_family_of_actions_is_split_into_those_that_work_on_the_resource():
    split = let_in(denies({"Action": ["s3:Get*", "S3:putobject"], "Resource": BOTH[1], "Condition": MINE}))
    assert split.statements[0].actions == ("s3:Get*", "S3:putobject")
    assert set(split.statements[1].actions) >= {f"s3:GetObject{letter}*" for letter in "ALRTV"}
    assert not any(each.startswith("s3:GetBucket") for each in split.statements[1].actions)
    assert list(split.document["Statement"][1]) == ["Effect", "Principal", "Action", "Resource", "Condition"]


def test_an_edit_that_s3_would_refuse_for_its_size_is_refused():
    crowd = [f"vpce-0{number:016x}" for number in range(840)]
    with pytest.raises(PolicyError, match="bytes and S3 takes 20,480"):
        let_in(deny({"StringNotEquals": {"aws:SourceVpce": crowd}}, ["s3:Get*", "s3:Put*"]))


def test_a_policy_that_only_denies_the_endpoint_is_to_be_deleted():
    with pytest.raises(PolicyError, match="delete the bucket policy"):
        let_in(deny({"StringEquals": {"aws:SourceVpce": ENDPOINT}}))


@pytest.mark.parametrize("role", ["R", "*", "sagemaker.amazonaws.com", ""])
def test_what_is_no_role_is_refused(role):
    with pytest.raises(PolicyError, match="execution role"):
        STYLES["endpoint only"].letting_in_ground_truth("us-east-1", "b", role=role)


def test_an_allow_is_never_widened():
    allow = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
        "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0mine"}},
    }
    policy = Policy.parse({"Version": "2012-10-17", "Statement": [allow]})
    assert let_in(policy) == policy


def test_a_deny_that_cannot_be_decided_is_not_edited_on_a_guess():
    with pytest.raises(PolicyError, match="cannot be decided"):
        let_in(deny({"StringNotEqualz": {"aws:SourceVpce": "vpce-0mine"}}))


KEYS = {
    "aws:SourceVpce": ["vpce-0mine", "vpce-0x", "vpce-*", ENDPOINT, "vpc-0mine"],
    "aws:SourceVpc": ["vpc-0mine", "vpc-0x", "vpc-?mine"],
    "aws:PrincipalArn": [ROLE, ADMIN, f"arn:aws:iam::{ACCOUNT}:role/*"],
    "aws:PrincipalAccount": [ACCOUNT, "444455556666"],
    "aws:SecureTransport": ["true", "false"],
    "s3:prefix": ["data/*", "data/1"],
}
TEXTS = [
    quantifier + name + if_exists
    for quantifier in ("", "ForAllValues:", "ForAnyValue:")
    for name in ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "ArnLike", "ArnNotEquals")
    for if_exists in ("", "IfExists")
] + ["StringNotEqualsIgnoreCase", "StringEqualsIgnoreCase", "stringnotequals"]
ADDRESSES = ["10.0.0.0/8", "203.0.113.0/24", "192.0.2.7"]
conditions = st.one_of(
    st.tuples(st.sampled_from(TEXTS), st.sampled_from(sorted(KEYS))).flatmap(
        lambda pair: st.lists(st.sampled_from(KEYS[pair[1]]), min_size=1, max_size=3).map(lambda found: (*pair, found))
    ),
    st.tuples(
        st.sampled_from(["IpAddress", "NotIpAddress", "NotIpAddressIfExists"]),
        st.sampled_from(["aws:SourceIp", "aws:VpcSourceIp"]),
        st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=2),
    ),
    st.tuples(st.just("Null"), st.sampled_from(sorted(KEYS)), st.sampled_from(["true", "false"])),
)


def block(found):
    joined = {}
    for operator, key, values in found:
        joined.setdefault(operator, {})[key] = values
    return joined


ACTION_LISTS = [
    *("s3:*", "*", "s3:Get*", "s3:GetObject", "s3:*Object", "S3:putobject", "s3:PutBucketPolicy", "s3:?etObject"),
    *("s3:List*", "s3:GetBucket*", "s3:AbortMultipartUpload"),
]
RESOURCE_LISTS = ["arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b*", "arn:aws:s3:::b/data/*", "arn:aws:s3:::c/*"]
principals = st.sampled_from(
    [
        {"Principal": "*"},
        {"Principal": {"AWS": [ROLE]}},
        {"Principal": {"AWS": ACCOUNT}},
        {"NotPrincipal": {"AWS": [ADMIN, f"arn:aws:iam::{ACCOUNT}:root"]}},
    ]
)
names = st.lists(st.sampled_from(ACTION_LISTS), min_size=1, max_size=3, unique=True)
places = st.lists(st.sampled_from(RESOURCE_LISTS), min_size=1, max_size=2, unique=True)
statements = st.builds(
    lambda effect, who, verb, actions, noun, where, found: {
        **{"Effect": effect, verb: actions, noun: where, "Condition": block(found)},
        **(who if effect == "Deny" else {"Principal": "*"}),
    },
    st.sampled_from(["Deny", "Deny", "Deny", "Allow"]),
    principals,
    st.sampled_from(["Action", "Action", "NotAction"]),
    names,
    st.sampled_from(["Resource", "Resource", "NotResource"]),
    places,
    st.lists(conditions, max_size=3),
)
policies = st.lists(statements, min_size=1, max_size=3).map(
    lambda found: Policy.parse({"Version": "2012-10-17", "Statement": found})
)
WAYS = [INTERNET, {}, *(through(*each) for each in NETWORKS), through(ENDPOINT, OTHER_VPC)]


def on(action, key):
    """The bucket, or its object of this key, whichever the action works on."""
    resource = resource_for(action, "b")
    return BOTH[0] if resource in (None, BOTH[0]) else f"arn:aws:s3:::b/{key}"


requests = st.lists(
    st.builds(
        lambda action, key, who, way, more: AccessRequest(
            who, action, on(action, key), {**signed_by(who), **way, **more}
        ),
        st.one_of(st.sampled_from(sorted(s3_actions())), st.sampled_from(GROUND_TRUTH_ACTIONS)),
        st.sampled_from(["any-object", "data/1", "*"]),
        st.sampled_from([ROLE, ADMIN, f"arn:aws:iam::{ACCOUNT}:user/u", "arn:aws:iam::999999999999:role/X", None]),
        st.sampled_from(WAYS),
        st.sampled_from([{}, {}, {"s3:prefix": "data/1"}, {"aws:SecureTransport": "false"}]),
    ),
    min_size=20,
    max_size=20,
)


@settings(max_examples=400, deadline=None)
@given(policies, requests)
def test_either_the_reason_is_said_or_ground_truth_alone_gets_in(policy, asked):
    try:
        new = let_in(policy)
    except PolicyError as error:
        assert "\n" not in str(error)
        new = error.proposal
        if new is None:
            return
    for action in GROUND_TRUTH_ACTIONS:
        request = ground_truth_request(action, "b", ENDPOINT, ROLE)
        assert evaluate(new, request, account=ACCOUNT).decision in ("allowed", "notDenied")
    for request in asked:
        before, after = (evaluate(each, request, account=ACCOUNT).decision for each in (policy, new))
        exempted = request.context.get("aws:SourceVpce") == ENDPOINT and request.action in GROUND_TRUTH_ACTIONS
        assert before == after or (exempted and before == "explicitDeny"), request
