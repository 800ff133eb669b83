"""Broken policy texts are told in one sentence each, and repaired where there is one reading."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gt_vpc_nb import PolicyError
from gt_vpc_nb.policy import AccessRequest, Lint, Policy, evaluate
from gt_vpc_nb.policy.document_mending import simplified

DENY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Deny",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": ["arn:aws:s3:::b/*"],
            "Condition": {"StringNotEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"], "aws:SourceVpc": "vpc-1"}},
        }
    ],
}
TEXT = json.dumps(DENY, indent=1)
ALLOW = json.loads(TEXT)
ALLOW["Statement"][0] |= {"Effect": "Allow", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}


def without(*keys, **changes):
    statement = {**DENY["Statement"][0], **changes}
    return {**DENY, "Statement": [{key: value for key, value in statement.items() if key not in keys}]}


def conditions(text, effect="Deny"):
    """The policy with this text as its Condition."""
    return TEXT.replace(json.dumps(DENY["Statement"][0]["Condition"], indent=1).replace("\n", "\n   "), text).replace(
        '"Deny",\n   "Principal"', f'"{effect}",\n   "Principal"'
    )


#: A text that has one slip, words of the finding, and what it means.
ONE_READING = {
    "a missing comma": (TEXT.replace('],\n   "Resource"', ']\n   "Resource"'), "comma is missing", DENY),
    "a missing comma in a list": (TEXT.replace('"vpce-1",', '"vpce-1"'), "comma is missing", DENY),
    "a trailing comma": (TEXT.replace('"vpc-1"', '"vpc-1",'), "before the closing '}'", DENY),
    "a trailing comma in a list": (TEXT.replace('"vpce-2"', '"vpce-2",'), "before the closing ']'", DENY),
    "two commas": (TEXT.replace('"vpce-1",', '"vpce-1",,'), "two commas", DENY),
    "a stray letter": (TEXT.replace('"Condition": {', '"Condition": {a'), "stray 'a'", DENY),
    "a comment": (TEXT.replace('"Sid"', '// mine\n"Sid"'), "no comments", DENY),
    "a hash comment": ("# mine\n" + TEXT, "no comments", DENY),
    "a long comment": (TEXT.replace('"Sid"', '/* my "own" */"Sid"'), "no comments", DENY),
    "a byte order mark": ("\ufeff" + TEXT, "invisible character", DENY),
    "a hard space": (TEXT.replace('   "Action"', '\u00a0"Action"'), "invisible character", DENY),
    "single quotes": (TEXT.replace('"', "'"), "single quotes", DENY),
    "a Python dict": (repr(DENY), "single quotes", DENY),
    "curly quotes": (TEXT.replace('"Deny"', "“Deny”"), "curly quotes", DENY),
    "keys without quotes": (TEXT.replace('"Action"', "Action"), "without quotes", DENY),
    "a code block": (f"```json\n{TEXT}\n```", "fence of a code block", DENY),
    "no last bracket": (TEXT[:-1], "never closed", DENY),
    "a Deny without its end": (TEXT[: TEXT.rindex("}", 0, -6)].rstrip("} \n"), "never closed", DENY),
    "a bracket too many": (TEXT + "}", "too many", DENY),
    "the same statement part twice": (
        TEXT.replace('"Sid": "Deny",', '"Sid": "Deny",\n"Sid": "Deny",'),
        "same value",
        DENY,
    ),
    "an operator twice": (
        conditions(
            '{"StringNotEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]},'
            ' "StringNotEquals": {"aws:SourceVpc": "vpc-1"}}'
        ),
        "without aws:SourceVpce",
        DENY,
    ),
    "a lower-case effect": (
        TEXT.replace('"Deny",\n   "Principal"', '"deny",\n   "Principal"'),
        "its case matters",
        DENY,
    ),
    "elements in lower case": (
        TEXT.replace('"Action"', '"action"').replace('"Statement"', '"statement"'),
        "IAM writes",
        DENY,
    ),
    "no Principal in a Deny": (json.dumps(without("Principal")), "Principal is missing", DENY),
    "no Version": (json.dumps({"Statement": DENY["Statement"]}), "no Version", DENY),
    "ForAllValues on single-valued keys": (TEXT.replace("StringNot", "ForAllValues:StringNot"), "ForAllValues", DENY),
    "IfExists on a negated operator": (
        TEXT.replace("NotEquals", "NotEqualsIfExists"),
        "IfExists changes nothing",
        DENY,
    ),
}


@pytest.mark.parametrize("name", ONE_READING)
def test_a_slip_with_one_reading_is_told_and_repaired(name):
    text, words, meant = ONE_READING[name]
    lint = Policy.lint(text)
    assert any(words in str(each) for each in lint), lint
    assert lint.repaired == Policy.parse(meant), lint.repaired and lint.repaired.to_json()


#: A text with two readings, or of which too much is lost, and words of the finding.
TWO_READINGS = {
    "two Statement keys": ('{"Statement": [], ' + TEXT[1:], "two readings"),
    "two Effects": (TEXT.replace('"Deny",\n   "P', '"Deny", "Effect": "Allow",\n   "P'), "two readings"),
    "two Conditions": (
        TEXT.replace('"Sid"', '"Condition": {"Bool": {"aws:SecureTransport": true}},\n"Sid"'),
        "two readings",
    ),
    "a key twice under a positive operator": (
        conditions('{"StringEquals": {"aws:SourceVpce": "vpce-1", "aws:SourceVpce": "vpce-2"}}', "Allow"),
        "two readings",
    ),
    "a key twice under a negated operator": (
        conditions('{"StringNotEquals": {"aws:SourceVpce": "vpce-1", "aws:sourcevpce": ["vpce-2"]}}'),
        "two readings",
    ),
    "an operator twice with one key": (
        conditions('{"StringNotEquals": {"aws:SourceVpc": "vpc-1"}, "StringNotEquals": {"aws:sourceVpc": "vpc-2"}}'),
        "two readings",
    ),
    "no Principal in an Allow": (json.dumps(without("Principal", "Condition", Effect="Allow")), "Principal is missing"),
    "an Allow without its end": (json.dumps(without("Condition", Effect="Allow"))[:-3], "lost a Condition"),
    "a list without its end": (TEXT[: TEXT.index('"vpce-2"')].rstrip(", \n"), "rest of the list"),
    "a stray not": (TEXT.replace('"Condition": {', '"Condition": {not '), "stray 'not'"),
    "an unknown effect": (TEXT.replace('"Deny",\n   "P', '"Refuse",\n   "P'), "Effect is 'Refuse'"),
    "an unknown element": (TEXT.replace('"Action"', '"Actions"'), "did you mean 'Action'?"),
    "an open text": (TEXT.replace('"Deny",\n   "P', '"Deny,\n   "P'), "does not end in its line"),
    "a value left out": (TEXT.replace('"vpc-1"', ""), "value is missing"),
    "a colon left out": (TEXT.replace('"Sid":', '"Sid"'), "':' is missing"),
    "text after the end": (TEXT + TEXT, "more text after the end"),
    "broken UTF-8": (TEXT.replace("vpc-1", "vpc-\xff").encode("latin-1"), "not UTF-8"),
    "a number that is none": (TEXT.replace('"vpc-1"', "1e999"), "a value is missing"),
    "nothing": ("", "no text"),
    "None": (None, "not NoneType"),
    "a number": (7, "not int"),
    "a list": ([DENY], "not list"),
    "a set in a dict": ({"Statement": {1, 2}}, "not JSON"),
    "a list as text": ("[1, 2]", "not a list"),
    "too deep": ("[" * 100_000, "nested more than"),
    "too deep behind a key": ('{"a":' * 5_000, "nested more than"),
    "huge": ("[" + "1," * 3_000_000, "S3 takes policies"),
    "huge as a dict": ({**DENY, "Id": "a" * 300_000}, "S3 takes policies"),
    "a dict that holds itself": (CYCLE := {}, "not JSON"),
}
CYCLE["Statement"] = CYCLE


@pytest.mark.parametrize("name", TWO_READINGS)
def test_a_text_with_two_readings_is_told_and_left(name):
    text, words = TWO_READINGS[name]
    lint = Policy.lint(text)
    assert any(words in str(each) for each in lint), lint
    assert lint.repaired is None


#: The three policies of AWS's page on labeling jobs in a VPC as they stood in 2023, and two as they stand now.
FIRST = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Principal": "*",
      "Action": [
            "s3:GetObject",
            "s3:PutObject"
      ]
      "Effect": "Deny",
      "Resource": ["arn:aws:s3:::b/*"],
      "Condition": {a
        "StringNotEquals": {
      "aws:sourceVpce": [
        "<vpc-endpoint>",
        "<vpc>"
    ]}
      }
    }
  ]
}"""
SECOND = TEXT.replace("StringNotEquals", "ForAllValues:StringNotEquals")
THIRD = SECOND.replace('"aws:SourceVpc"', '"aws:PrincipalArn": "arn:aws:iam::111122223333:role/R", "aws:SourceVpc"')
NOW_FIRST = json.dumps(without("Principal"), indent=1)
NOW_THIRD = conditions(
    '{"StringNotEquals": {"aws:SourceVpc": "vpc-1"}, "StringNotEquals": {"aws:sourceVpce": ["vpce-1", "vpce-2"]}}'
)
PAGE = {
    "first": (FIRST, {("JSON_SYNTAX_ERROR", 9), ("JSON_SYNTAX_ERROR", 12), ("VPC_ID_UNDER_SOURCE_VPCE", 14)}),
    "second": (SECOND, {("FORALLVALUES_WITH_SINGLE_VALUED_KEY", 17)}),
    "third": (THIRD, {("FORALLVALUES_WITH_SINGLE_VALUED_KEY", 17), ("ROLE_EXEMPT_FROM_EVERY_NETWORK", 21)}),
    "first now": (NOW_FIRST, {("MISSING_PRINCIPAL", 4)}),
    "third now": (NOW_THIRD, {("DUPLICATE_KEYS", 15)}),
}


@pytest.mark.parametrize("name", PAGE)
def test_the_broken_policies_of_aws_page_are_told_in_a_sentence_and_repaired(name):
    text, wanted = PAGE[name]
    lint = Policy.lint(text)
    found = {(each.issue_code, each.line) for each in lint}
    assert wanted <= found, lint
    assert lint.repaired is not None
    quantified = [each for each in lint.repaired.findings() if each.issue_code.startswith("FOR")]
    assert quantified == []


def test_a_repair_keeps_what_was_there():
    assert Policy.lint(THIRD).repaired == Policy.parse(THIRD.replace("ForAllValues:", ""))


def test_text_that_is_in_order_has_its_findings_and_nothing_repaired():
    lint = Policy.lint(TEXT)
    assert [each.issue_code for each in lint] == ["DENY_ONLY_POLICY"] and lint.repaired is None
    assert lint.findings == tuple(Policy.parse(TEXT).findings())


def test_bytes_dicts_and_policies_are_linted_alike():
    told = [str(each.message) for each in Policy.lint(TEXT)]
    for given_as in (TEXT.encode(), bytearray(TEXT, "utf-8"), TEXT.encode("utf-16"), DENY, Policy.parse(DENY)):
        assert [str(each.message) for each in Policy.lint(given_as)] == told


def test_a_lint_reads_as_text():
    lint = Policy.lint(TEXT.replace('"vpc-1"', '"vpc-1",'))
    assert isinstance(lint, Lint) and len(lint) == len(list(lint)) == 2
    assert str(lint) == repr(lint) and "2 findings:" in str(lint) and "(line " in str(lint)
    assert "`.repaired`" in str(lint) and "Nothing was repaired." in str(Policy.lint("{"))


def test_version_is_not_added_where_it_would_bring_variables_to_life():
    old = {"Statement": [{**ALLOW["Statement"][0], "Resource": "arn:aws:s3:::b/${aws:username}"}]}
    lint = Policy.lint(old)
    assert {"MISSING_VERSION", "VARIABLES_WITHOUT_VERSION"} <= {each.issue_code for each in lint}
    assert lint.repaired is None


def test_a_plain_operator_beside_its_twin_is_not_overwritten():
    text = conditions(
        '{"StringNotEquals": {"aws:SourceVpc": "vpc-1"}, "ForAllValues:StringNotEquals": {"aws:sourceVpc": "vpc-2"}}'
    )
    assert Policy.lint(text).repaired is None


def test_a_policy_is_parsed_to_itself():
    policy = Policy.parse(DENY)
    assert Policy.parse(policy) is policy


def test_many_slips_of_one_kind_are_one_finding():
    lint = Policy.lint(TEXT.replace('"', "'"))
    (quotes,) = [each for each in lint if "single quotes" in each.message]
    assert "places" in quotes.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
ELEMENTS = st.sampled_from(
    ["Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource"]
    + [
        "NotResource",
        "Condition",
        "StringNotEquals",
        "ForAllValues:StringLike",
        "Null",
        "aws:SourceVpce",
        "AWS",
        "effect",
    ]
)
VALUES = st.sampled_from(
    ["2012-10-17", "Deny", "allow", "*", "s3:*", "s3:Get*", "arn:aws:s3:::b/*", "vpc-1", "${aws:username}", "", [], {}]
)
NEAR_POLICY = st.recursive(
    VALUES | JSON,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ELEMENTS, inner, max_size=6),
    max_leaves=20,
)
BUILT = st.fixed_dictionaries(
    {
        "Statement": st.lists(
            st.fixed_dictionaries(
                {
                    "Effect": st.sampled_from(["Allow", "Deny"]),
                    "Action": VALUES,
                    "Resource": VALUES,
                    "Principal": VALUES,
                },
                optional={
                    "Condition": st.dictionaries(ELEMENTS, st.dictionaries(ELEMENTS, VALUES, max_size=3), max_size=3)
                },
            ),
            max_size=3,
        )
    }
)


def is_sound(lint):
    assert isinstance(lint, Lint) and str(lint)
    assert lint.repaired is None or Policy.parse(lint.repaired.to_json()) == lint.repaired


@given(st.text() | st.binary() | JSON)
def test_lint_raises_on_nothing(given_text):
    is_sound(Policy.lint(given_text))


@given(NEAR_POLICY | BUILT)
@example({"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "\ud800", "Principal": "*"}]})
@settings(max_examples=300)
def test_near_policies_are_linted_and_parse_or_raise_a_policy_error(document):
    is_sound(Policy.lint(document))
    try:
        policy = Policy.parse(document)
    except PolicyError as error:
        assert str(error)
    else:
        policy.findings("b", "us-east-1")


@given(st.data())
@settings(max_examples=400)
def test_a_mutated_policy_text_is_linted_and_its_repair_parses(data):
    text = data.draw(st.sampled_from([TEXT, FIRST, NOW_THIRD, json.dumps(ALLOW)]))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 4))
        text = (
            text[:start]
            + data.draw(st.sampled_from(["", ",", '"', "'", "{", "}", "[", "]", ":", "x", "“", "//", "\\"]))
            + text[end:]
        )
    is_sound(Policy.lint(text))


@given(st.integers(0, len(json.dumps(ALLOW))))
def test_an_allow_that_is_cut_off_is_never_made_wider(length):
    """Whatever is cut off the end, an Allow is repaired only with its Condition."""
    repaired = Policy.lint(json.dumps(ALLOW)[:length]).repaired
    assert repaired is None or all(each.conditions for each in repaired.statements)


NEGATED = ["StringNotEquals", "StringNotLike", "ForAllValues:StringNotEquals", "ForAllValues:StringNotLikeIfExists"]
NEGATED += [
    "StringNotEqualsIfExists",
    "StringNotLikeIfExists",
    "ArnNotLikeIfExists",
    "StringEquals",
    "StringEqualsIfExists",
]
KEYS = st.sampled_from(["aws:SourceVpce", "aws:SourceVpc", "aws:PrincipalArn", "aws:sourcevpce"])
IDS = st.sampled_from(["vpce-1", "vpce-2", "vpc-1", "arn:aws:iam::111122223333:role/R", "vpc*"])
CONDITIONS = st.dictionaries(
    st.sampled_from(NEGATED), st.dictionaries(KEYS, st.lists(IDS, max_size=2), max_size=2), max_size=3
)


@given(
    st.sampled_from(["Allow", "Deny"]),
    CONDITIONS,
    st.dictionaries(KEYS, st.sampled_from(["vpce-1", "vpc-1", "x"])),
)
@settings(max_examples=300)
def test_plainer_words_decide_every_request_as_before(effect, block, context):
    document = without(Effect=effect, Condition=block)
    try:
        before = Policy.parse(document)
    except PolicyError:
        return
    after = Policy.parse(simplified(document))
    once = {key.lower(): value for key, value in context.items()}
    request = AccessRequest("arn:aws:iam::111122223333:role/R", "s3:GetObject", "arn:aws:s3:::b/k", once)
    told = [evaluate(each, request, account="111122223333").decision for each in (before, after)]
    assert told[0] == told[1]
