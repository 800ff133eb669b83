"""Checks of how the buckets' policies are written, and of the people whom they keep out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gt_vpc_nb import facts
from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.policy import Finding
from gt_vpc_nb.policy.new_policies import LARGEST_POLICY
from gt_vpc_nb.policy.origins import resource_for, through
from gt_vpc_nb.preflight.buckets import let_in, matched, outsider, restricted_input, restricts_networks, says
from gt_vpc_nb.preflight.case import (
    Case,
    Outcome,
    Use,
    failed,
    not_applicable,
    parsed,
    passed,
    together,
    undetermined,
    warned,
)
from gt_vpc_nb.preflight.endpoint_policies import s3_endpoints_in
from gt_vpc_nb.preflight.surroundings import Role, Unknown, Workforce
from gt_vpc_nb.preflight.table import Check

_NOTHING = "no bucket of the job has a policy"
_SET_OPERATORS = ("FORALLVALUES_WITH_SINGLE_VALUED_KEY", "FORANYVALUE_WITH_SINGLE_VALUED_KEY")
_ENDPOINT_IDS = ("VPC_ID_UNDER_SOURCE_VPCE", "VPCE_ID_UNDER_SOURCE_VPC", "NOT_A_VPC_ENDPOINT_ID", "NOT_A_VPC_ID")
_PRINCIPAL_ARNS = ("SESSION_ARN_UNDER_PRINCIPAL_ARN", "ROOT_ARN_UNDER_PRINCIPAL_ARN", "WILDCARD_WITHOUT_LIKE_OPERATOR")
_SPLIT = ("EXEMPTIONS_SPLIT_OVER_DENIES",)
#: Findings that say a policy breaks IAM's grammar in a way that S3 refuses.
_GRAMMAR = ("MISSING_PRINCIPAL", "DUPLICATE_KEYS", "JSON_SYNTAX_ERROR", "POLICY_SIZE_EXCEEDS_BUCKET_POLICY_QUOTA")


def found_in_policies(*codes: str) -> Callable[[Case], Outcome]:
    """A check that fails for each finding of these codes in a policy of the job's buckets."""

    def test(case: Case) -> Outcome:
        return together(_each_policy(case, lambda use, text: _findings(case, use, text, codes)), _NOTHING)

    return test


def _each_policy(case: Case, judge: Callable[[Use, str], Iterator[Outcome]]) -> Iterator[Outcome]:
    for use in case.uses:
        text = case.bucket(use.bucket).policy
        if isinstance(text, Unknown):
            yield undetermined(f"the policy of s3://{use.bucket} is not known: {text.reason}")
        elif text:
            found = list(judge(use, text))
            yield from found or [passed(f"nothing of that kind in the policy of s3://{use.bucket}")]


def _findings(case: Case, use: Use, text: str, codes: tuple[str, ...]) -> Iterator[Outcome]:
    for each in parsed(text).findings(use.bucket, case.region):
        if each.issue_code in codes:
            yield failed(*_told(use, each))


def _told(use: Use, finding: Finding) -> tuple[str, str]:
    return f"s3://{use.bucket}, {finding.path or 'policy'}: {finding.message}", finding.remedy


def stopping(*codes: str, ground_truth: bool = False) -> Callable[[Case], Outcome]:
    """A check of findings that fails where your endpoints are stopped, and warns of what stops none of them.

    `ground_truth` counts Ground Truth's endpoint as one of them.
    """

    def test(case: Case) -> Outcome:
        ways = [(through(each.id, each.vpc), each.id) for each in s3_endpoints_in(case, case.vpc)]
        ways += [(case.ground_truth_network, "Ground Truth's endpoint")] if ground_truth else []
        return together(_each_policy(case, lambda use, text: _weighed(case, use, text, codes, ways)), _NOTHING)

    return test


def _weighed(
    case: Case, use: Use, text: str, codes: tuple[str, ...], ways: list[tuple[dict[str, str], str]]
) -> Iterator[Outcome]:
    spots = [each for each in parsed(text).findings(use.bucket, case.region) if each.issue_code in codes]
    if not spots:
        return
    stopped = [name for network, name in ways if let_in(case, use, network, name, "").status == "failed"]
    for each in spots:
        evidence, remedy = _told(use, each)
        if stopped:
            yield failed(f"{evidence} {', '.join(stopped)} is stopped.", remedy)
        else:
            yield warned(evidence, remedy)


def principal_arns_are_right(case: Case) -> Outcome:
    """What aws:PrincipalArn is compared with: ARNs of roles and users as IAM has them, with their path."""
    return together(_each_policy(case, lambda use, text: _arns(case, use, text)), _NOTHING)


def _arns(case: Case, use: Use, text: str) -> Iterator[Outcome]:
    for each in parsed(text).findings(use.bucket, case.region):
        if each.issue_code in _PRINCIPAL_ARNS and "principalarn" in each.path.lower():
            yield failed(*_told(use, each))
    real = {role.arn for role in (case.surroundings.role,) if isinstance(role, Role)} | _callers(case)
    for statement in parsed(text).statements:
        for condition in statement.conditions:
            for value in condition.values if condition.key.lower() == "aws:principalarn" else ():
                for arn in real:
                    if value != arn and _same_name(value, arn):
                        evidence = f"s3://{use.bucket}: {statement.label} compares aws:PrincipalArn with {value}"
                        yield failed(f"{evidence}, and the role is {arn}", f"Write {arn}, with its path.")


def _callers(case: Case) -> set[str]:
    caller = case.surroundings.caller
    known = not isinstance(caller, Unknown) and isinstance(caller.principal, str)
    return {caller.principal} if known else set()  # type: ignore[union-attr,arg-type]


def _same_name(value: str, arn: str) -> bool:
    """Whether two ARNs of roles differ in the path alone."""
    (one, _, name), (other, _, real) = (each.rpartition("/") for each in (value, arn))
    kind, account = ":role", arn.split(":")[4]
    return name == real and value.split(":")[4:5] == [account] and kind in one and kind in other


def policy_keeps_the_grammar(case: Case) -> Outcome:
    return together((_grammar(case, use) for use in case.uses), _NOTHING)


def _grammar(case: Case, use: Use) -> Outcome:
    text, name = case.bucket(use.bucket).policy, f"s3://{use.bucket}"
    if isinstance(text, Unknown):
        return undetermined(f"the policy of {name} is not known: {text.reason}")
    if not text:
        return not_applicable(_NOTHING)
    size = len(text.encode())
    if size > LARGEST_POLICY:
        return failed(f"the policy of {name} has {size:,} bytes, S3 takes {LARGEST_POLICY:,}", "Shorten it.")
    try:
        parsed(text)
    except PolicyError as error:
        broken = [each for each in error.findings if getattr(each, "issue_code", "") in _GRAMMAR]
        told = "; ".join(str(each) for each in broken or error.findings) or str(error)
        remedy = "Policy.lint(text) tells what is wrong, and repairs what has one reading."
        return (failed if broken else undetermined)(f"the policy of {name} cannot be read: {told}", remedy)
    return passed(f"the policy of {name} keeps IAM's grammar")


def console_users_get_in(case: Case) -> Outcome:
    """Whoever works in the Ground Truth console comes from the internet, as themselves."""
    caller = case.surroundings.caller
    assert not isinstance(caller, Unknown)
    if isinstance(caller.principal, Unknown):
        return undetermined(f"which principal {caller.arn} is, is not known: {caller.principal.reason}")
    return together((_console(case, use, caller.principal) for use in case.uses), "the request names no bucket")


def _console(case: Case, use: Use, who: str) -> Outcome:
    if not restricts_networks(case, use.bucket):
        return not_applicable("no bucket of the job is closed to the internet")
    actions = [each for each in facts.CONSOLE_ACTIONS if resource_for(each, use.bucket)]
    answers = {each: outsider(case, use.bucket, who, each) for each in actions}
    unread = [each for each in answers.values() if isinstance(each, Unknown)]
    if unread:
        return undetermined(f"the policy of s3://{use.bucket} is not known: {unread[0].reason}")
    stopped = [each for each, answer in answers.items() if says(answer, "explicitDeny")]
    if not stopped:
        return passed(f"s3://{use.bucket} does not stop {who} in the console")
    labels = dict.fromkeys(label for each in stopped for label in matched(answers[each]))
    return warned(
        f"s3://{use.bucket}: {', '.join(labels)} denies {', '.join(stopped)} to {who} in the console",
        f"Where the console is wanted: exempting_console_users(policy, {use.bucket!r}, [{who!r}]) "
        "of gt_vpc_nb.policy.new_policies.",
    )


def browsers_get_in(case: Case) -> Outcome:
    """Presigned links of a restricted bucket are opened by browsers in the portal's VPC."""
    restricted, workforce = restricted_input(case), case.surroundings.workforce
    if isinstance(restricted, Unknown):
        return undetermined(f"whether the input is restricted to a VPC is not known: {restricted.reason}")
    if restricted is None:
        return not_applicable("the bucket policies let a worker's browser read from anywhere")
    if not isinstance(workforce, Workforce) or workforce.vpc is None:
        return not_applicable("the worker portal is in no VPC, see WF-02")
    if isinstance(case.surroundings.endpoints, Unknown):
        return undetermined(f"the endpoints of the portal's VPC are not known: {case.surroundings.endpoints.reason}")
    return together(_browsers(case, workforce.vpc), f"the portal's {workforce.vpc} has no S3 endpoint, see NET-03")


def _browsers(case: Case, vpc: str) -> Iterator[Outcome]:
    for endpoint in s3_endpoints_in(case, vpc):
        for name, key in case.data_places.items():
            use = Use(name, "data objects", (("s3:GetObject", f"arn:aws:s3:::{name}/{key}"),))
            who = f"a worker's browser in {vpc}, through {endpoint.id}"
            remedy = case.endpoint_remedy(name, endpoint.id, vpc)
            yield let_in(case, use, through(endpoint.id, vpc), who, remedy)


CHECKS = (
    Check("S3P-03", (), stopping(*_SPLIT, ground_truth=True)),
    Check("S3P-04", (), found_in_policies(*_SET_OPERATORS)),
    Check("S3P-05", (), stopping(*_ENDPOINT_IDS)),
    Check("S3P-06", ("caller",), console_users_get_in),
    Check("S3P-07", (), principal_arns_are_right),
    Check("S3P-11", (), policy_keeps_the_grammar),
    Check("S3P-13", ("workforce",), browsers_get_in),
)
