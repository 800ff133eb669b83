from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb import PolicyError
from gt_vpc_nb.policy import Policy

GOOD = {
    "Version": "2012-10-17",
    "Id": "one",
    "Statement": [
        {
            "Sid": "Deny",
            "Effect": "Deny",
            "Principal": {"AWS": ["*"]},
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
            "Condition": {"Bool": {"aws:SecureTransport": False}, "NumericLessThan": {"s3:TlsVersion": 1.2}},
        }
    ],
}


def changed(**changes):
    statement = {**GOOD["Statement"][0], **changes}
    return {**GOOD, "Statement": [{key: value for key, value in statement.items() if value is not None}]}


def test_text_and_dict_read_to_equal_policies():
    policy = Policy.parse(json.dumps(GOOD, indent=2))
    assert policy == Policy.parse(GOOD) and hash(policy) == hash(Policy.parse(GOOD))
    assert policy.document == GOOD and json.loads(policy.to_json()) == GOOD
    assert [each.values for each in policy.statements[0].conditions] == [("false",), ("1.2",)]


def test_a_policy_cannot_be_changed_through_its_document():
    policy = Policy.parse(GOOD)
    policy.document["Statement"].clear()
    assert policy.document == GOOD


def test_one_statement_may_stand_without_a_list():
    assert Policy.parse({**GOOD, "Statement": GOOD["Statement"][0]}).statements[0].label == "Deny"


def test_a_statement_without_a_sid_is_called_by_its_place():
    assert Policy.parse(changed(Sid=None)).statements[0].label == "Statement 1"


@pytest.mark.parametrize(
    ("given", "path", "words"),
    [
        ([], "", "not a list"),
        ({"Version": "2012-10-17"}, "", "no Statement"),
        ({**GOOD, "Version": "2012-10-18"}, "Version", "2012-10-18"),
        ({**GOOD, "Statements": []}, "Statements", "did you mean 'Statement'?"),
        ({**GOOD, "Statement": []}, "Statement", "empty"),
        ({**GOOD, "Statement": ["x"]}, "Statement[0]", "not text"),
        (changed(Effect="deny"), "Statement[0].Effect", "'deny'"),
        (changed(Effect=None), "Statement[0].Effect", "missing"),
        (changed(Action=None), "Statement[0]", "Action is missing"),
        (changed(NotAction="s3:*"), "Statement[0]", "exclude each other"),
        (changed(Action=[]), "Statement[0].Action", "empty"),
        (changed(Action="GetObject"), "Statement[0].Action", "service:Action"),
        (changed(Resource=[3]), "Statement[0].Resource", "not a number"),
        (changed(Resource=None), "Statement[0]", "Resource is missing"),
        (changed(Principal=None), "Statement[0]", "Principal is missing"),
        (changed(Principal="arn:aws:iam::111122223333:root"), "Statement[0].Principal", "object is wanted"),
        (changed(Principal={"Aws": "*"}), "Statement[0].Principal.Aws", "did you mean 'AWS'?"),
        (changed(Condition=[]), "Statement[0].Condition", "not a list"),
        (changed(Condition={"Bool": "x"}), "Statement[0].Condition.Bool", "not text"),
        (changed(Condition={"Bool": {"a": {"b": 1}}}), "Statement[0].Condition.Bool.a", "not an object"),
        (changed(Condition={"Bool": {"a": "true", "A": "true"}}), "Statement[0].Condition.Bool.a", "different case"),
        (changed(Sid=7), "Statement[0].Sid", "not a number"),
        (changed(Actoin="s3:*"), "Statement[0].Actoin", "did you mean 'Action'?"),
    ],
)
def test_what_is_wrong_is_a_finding_with_its_place(given, path, words):
    with pytest.raises(PolicyError) as caught:
        Policy.parse(json.dumps(given))
    assert any(each.path == path and words in f"{each.message} {each.remedy}" for each in caught.value.findings), (
        caught.value.findings
    )


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "not JSON"),
        ('{\n"Version": "2012-10-17"\n"Statement": []}', 3, "comma"),
        ('{"Statement": [\n{a}]}', 2, "double quotes"),
        ('{"Id": "a",\n"Id": "b"}', 2, "twice"),
        ('{"Id": NaN}', 1, "not JSON"),
        ('{"Id": "a"} x', 1, "more text"),
        ("[" * 5000, 1, "deep"),
        ('{"Id": "\x01"}', 1, "control character"),
    ],
)
def test_text_that_is_not_strict_json_is_a_finding_with_its_line(text, line, words):
    with pytest.raises(PolicyError) as caught:
        Policy.parse(text)
    assert [each.line for each in caught.value.findings] == [line]
    assert words in str(caught.value)


def test_all_findings_are_told_at_once():
    with pytest.raises(PolicyError) as caught:
        Policy.parse(changed(Effect="deny", Action=None, Resource=[3]))
    assert len(caught.value.findings) == 3 and str(caught.value).startswith("The policy has 3 findings:")


def test_an_identity_policy_has_no_principal():
    with pytest.raises(PolicyError, match="an identity policy has no Principal"):
        Policy.parse(GOOD, kind="identity")


def test_what_is_neither_text_nor_a_dict_is_refused():
    with pytest.raises(PolicyError, match="not int"):
        Policy.parse(7)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["Sid", "Effect", "Principal", "Action", "Resource", "NotResource", "Condition", "Version", "Id"]
)


@given(st.text() | JSON.map(json.dumps))
def test_no_text_raises_anything_but_policy_error(text):
    try:
        Policy.parse(text)
    except PolicyError as error:
        assert error.findings


@given(st.dictionaries(NAMES, JSON), st.dictionaries(NAMES, JSON))
def test_no_statement_raises_anything_but_policy_error(statement, around):
    try:
        Policy.parse({**GOOD, **around, "Statement": [{**GOOD["Statement"][0], **statement}]})
    except PolicyError as error:
        assert error.findings


@given(JSON)
def test_json_text_reads_to_what_it_was(value):
    from gt_vpc_nb.policy.json_places import PlacedReader

    assert PlacedReader(json.dumps(value)).read() == value
