"""Checks of encryption: whether the execution role may use the KMS keys of output, volumes, input and topics."""

from __future__ import annotations

from collections.abc import Iterator

from gt_vpc_nb.policy import AccessRequest, Decision, evaluate
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.buckets import says
from gt_vpc_nb.preflight.case import (
    Case,
    Outcome,
    failed,
    not_applicable,
    parsed,
    passed,
    together,
    undetermined,
    warned,
)
from gt_vpc_nb.preflight.permissions import Wanted, account_of, allow_statement, decision
from gt_vpc_nb.preflight.surroundings import Key, Missing, Role, Unknown
from gt_vpc_nb.preflight.table import Check, streaming

#: What the role does with a key. Source: SageMaker developer guide, sms-security-kms-permissions.
_USES = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey")
#: The key that SNS makes itself. No role can be let in by its policy, which AWS keeps.
_OF_SNS = "alias/aws/sns"


def with_output_key(case: Case) -> str | None:
    named = places.member(case.request, places.OUTPUT_KEY)
    return None if named else "no KMS key is named for the output, see KMS-03"


def with_volume_key(case: Case) -> str | None:
    named = places.member(case.request, places.VOLUME_KEY)
    return None if named else "no KMS key is named for the volumes of training instances"


def output_key_admits_the_role(case: Case) -> Outcome:
    name = str(places.member(case.request, places.OUTPUT_KEY))
    return _admits(case, name, _USES, {"kms:ViaService": f"s3.{case.region}.amazonaws.com"})


def volume_key_admits_the_role(case: Case) -> Outcome:
    name = str(places.member(case.request, places.VOLUME_KEY))
    grants = _admits(case, name, ("kms:CreateGrant",), {"kms:GrantIsForAWSResource": "true"})
    return together((_admits(case, name, _USES, {}), grants), "")


def _admits(case: Case, name: str, actions: tuple[str, ...], context: dict[str, str]) -> Outcome:
    """Whether a key is there, is enabled, and may be used by the role in all these ways."""
    key, role = case.surroundings.key(name), case.surroundings.role
    gap = next((each for each in (key.arn, key.state, key.policy) if isinstance(each, Unknown)), None)
    if isinstance(key.arn, Missing):
        return failed(key.arn.reason, f"Name a KMS key of {case.region}.")
    if isinstance(key.state, str) and key.state != "Enabled":
        remedy = f"boto3.client('kms', {case.region!r}).enable_key(KeyId={name!r}), or name another key."
        return failed(f"the KMS key {name} is {key.state}", remedy)
    if gap is not None:
        return undetermined(f"the KMS key {name} is not known: {gap.reason}")
    if not isinstance(role, Role):
        return not_applicable("no role, see IAM-01")
    answers = [(each, _uses(key, role, each, context)) for each in actions]
    lacking = [each for each, answer in answers if answer.status == "failed"]
    if lacking:
        wanted = [Wanted(each, "*", context) for each in lacking]
        statement = allow_statement(wanted).replace('"Action"', f'"Principal": {{"AWS": "{role.arn}"}}, "Action"', 1)
        labels = ", ".join(dict.fromkeys(answer.evidence for _, answer in answers if answer.status == "failed"))
        return failed(
            f"the KMS key {name}: {labels} ({', '.join(lacking)} for {role.arn})",
            f"Add to the policy of the key: {statement}",
        )
    return together((answer for _, answer in answers), "")


def _uses(key: Key, role: Role, action: str, context: dict[str, str]) -> Outcome:
    """One action: the key's policy allows the role, or it leaves that to IAM, and the role's policies allow it."""
    arn, account = str(key.arn), account_of(str(key.arn))
    keys = {"aws:PrincipalArn": role.arn, "aws:PrincipalAccount": account_of(role.arn), **context}
    keys["kms:CallerAccount"] = account_of(role.arn)
    policy = parsed(str(key.policy))
    direct = evaluate(policy, AccessRequest(role.arn, action, arn, keys), account=account)
    if direct.decision == "explicitDeny":
        return failed(f"{', '.join(direct.matched_statements)} of its policy denies it", "")
    if direct.decision == "undetermined":
        return undetermined(f"the policy of {key.name} is undetermined: {'; '.join(direct.reasons)}")
    own = decision(role, Wanted(action, arn, context))
    if says(own, "explicitDeny"):
        return failed("a policy of the role denies it", "")
    if direct.decision == "allowed":
        return passed(f"the policy of {key.name} admits {role.arn}")
    root = f"arn:aws:iam::{account_of(role.arn)}:root"
    # As somebody of another account, so that the key's policy must name the account to leave it to IAM.
    delegates = evaluate(policy, AccessRequest(root, action, arn, {**keys, "aws:PrincipalArn": root}), account="0" * 12)
    if delegates.decision not in ("notDenied", "allowed"):
        return failed("its policy neither admits the role nor leaves it to IAM", "")
    if isinstance(own, Unknown):
        return undetermined(own.reason)
    if own.decision == "allowed":
        return passed(f"the policy of {key.name} leaves it to IAM, which allows {role.arn}")
    return failed("its policy leaves it to IAM, and no policy of the role allows it", "")


def output_takes_the_default_key(case: Case) -> Outcome:
    """Without a key of the job's own, results come with aws:kms; a policy may want something else."""
    if places.member(case.request, places.OUTPUT_KEY):
        return not_applicable("the job names a KMS key for its output, see KMS-01")
    output = places.split_uri(places.member(case.request, places.OUTPUT))
    if output is None:
        return not_applicable("the request names no output")
    text, name = case.bucket(output[0]).policy, output[0]
    if isinstance(text, Unknown):
        return undetermined(f"the policy of s3://{name} is not known: {text.reason}")
    with_kms, without = (_writes(case, name, text, each) for each in ("aws:kms", "AES256"))
    if with_kms.decision == "explicitDeny" and without.decision != "explicitDeny":
        labels = ", ".join(with_kms.matched_statements)
        return warned(
            f"s3://{name}: {labels} denies objects encrypted with aws:kms, which is how results are written",
            "Let it accept s3:x-amz-server-side-encryption aws:kms as well.",
        )
    return passed(f"results in s3://{name} are encrypted with the account's KMS key for S3")


def _writes(case: Case, bucket: str, text: str | None, encryption: str) -> Decision:
    context = {**case.ground_truth_network, "aws:PrincipalArn": case.role, "aws:SecureTransport": "true"}
    context["s3:x-amz-server-side-encryption"] = encryption
    request = AccessRequest(case.role, "s3:PutObject", f"arn:aws:s3:::{bucket}/manifests/output.manifest", context)
    return evaluate(parsed(text) if text else None, request, account=account_of(case.role))


def inputs_can_be_decrypted(case: Case) -> Outcome:
    return together(_inputs(case), "no input is encrypted with a KMS key of yours")


def _inputs(case: Case) -> Iterator[Outcome]:
    gaps: dict[str, str] = {}
    names: dict[str, str] = {}
    for each in case.surroundings.data_objects:
        if isinstance(each.kms_key, Unknown):
            gaps.setdefault(each.kms_key.reason, each.uri)
        elif each.kms_key:
            names.setdefault(each.kms_key, each.uri)
    for name in case.data_buckets:
        key = case.bucket(name).kms_key
        if isinstance(key, Unknown):
            gaps.setdefault(key.reason, f"s3://{name}")
        elif key:
            names.setdefault(key, f"s3://{name}")
    for reason, place in gaps.items():
        yield undetermined(f"the encryption of {place} is not known: {reason}")
    for key, place in names.items():
        yield _decrypts(case, key, place)


def _decrypts(case: Case, name: str, place: str) -> Outcome:
    key = case.surroundings.key(name)
    if key.manager == "AWS":
        return passed(f"{place} is encrypted with AWS's own key, which its account may use through S3")
    found = _admits(case, name, ("kms:Decrypt",), {"kms:ViaService": f"s3.{case.region}.amazonaws.com"})
    return found if found.status != "failed" else failed(f"{place}: {found.evidence}", found.remedy)


def topic_key_admits_the_role(case: Case) -> Outcome:
    arn = places.member(case.request, places.OUTPUT_TOPIC)
    if not arn:
        return not_applicable("the job sends its results to no topic")
    topic = case.surroundings.topic(str(arn))
    if isinstance(topic.kms_key, Unknown):
        return undetermined(f"the encryption of {arn} is not known: {topic.kms_key.reason}")
    if not topic.kms_key:
        return passed(f"{arn} is not encrypted")
    key = case.surroundings.key(topic.kms_key)
    if topic.kms_key.endswith(_OF_SNS) or key.manager == "AWS":
        remedy = (
            f"Use a customer key: boto3.client('sns', {case.region!r}).set_topic_attributes(TopicArn={arn!r}, "
            "AttributeName='KmsMasterKeyId', AttributeValue='alias/your-key')."
        )
        return failed(f"{arn} is encrypted with AWS's own key {topic.kms_key}", remedy)
    return _admits(case, topic.kms_key, ("kms:Decrypt", "kms:GenerateDataKey"), {})


CHECKS = (
    Check("KMS-01", ("role",), output_key_admits_the_role, with_output_key),
    Check("KMS-02", ("role",), volume_key_admits_the_role, with_volume_key),
    Check("KMS-03", (), output_takes_the_default_key),
    Check("KMS-04", (), inputs_can_be_decrypted),
    Check("KMS-05", ("role",), topic_key_admits_the_role, streaming),
)
