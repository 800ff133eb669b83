"""The gate of S3: each request becomes IAM actions, each action is decided by principal and network place.

Bucket policies are kept and evaluated here, by the evaluator that the audit uses. What stands behind never sees one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSPreparedRequest

from gt_vpc_nb.local.answers import xml_answer
from gt_vpc_nb.local.behind import Answer, apart
from gt_vpc_nb.local.bucket_policies import accepted
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.identities import ANONYMOUS, Identities
from gt_vpc_nb.local.kept_outputs import KeptOutputs
from gt_vpc_nb.local.origin import Caller, Origin
from gt_vpc_nb.local.principals import Principal
from gt_vpc_nb.local.s3_operations import Ask, S3Request, keys_to_delete, read, without
from gt_vpc_nb.policy import AccessRequest, Decision, Policy, evaluate
from gt_vpc_nb.policy.public_access import is_public

_POLICY_ACTIONS = frozenset({"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"})
Behind = Callable[[AWSPreparedRequest, str], Answer]


@dataclass(frozen=True)
class LogEntry:
    """One decision; `decision` is the evaluator's word, or ``allowed`` where the owner's root repairs its policy."""

    time: datetime
    principal: str
    origin: Origin
    action: str
    resource: str
    decision: str
    reason: str

    def __str__(self) -> str:
        where = f"{self.principal} from {self.origin.label}"
        return f"{self.time:%H:%M:%S} {self.decision}: {self.action} on {self.resource} by {where}: {self.reason}"


@dataclass(frozen=True)
class Bucket:
    """What the gate knows of a bucket: whose it is, where, and its policy as it was put."""

    account: str
    region: str
    policy: Policy | None = None
    text: str = ""


class S3Gate:
    """Decides every S3 request, and passes on what is allowed. `log` gets one entry a decision."""

    def __init__(
        self, identities: Identities, behind: Behind, s3: Callable[[str], Any], now: Callable[[], datetime]
    ) -> None:
        self.identities = identities
        self.buckets: dict[str, Bucket] = {}
        self.log: list[LogEntry] = []
        self._behind = behind
        self._s3 = s3
        self._now = now
        #: Files of labeling jobs that are rendered when somebody reads them.
        self.kept = KeptOutputs(self._put_kept)

    def answer(self, request: AWSPreparedRequest, caller: Caller) -> Answer:
        """The answer to an S3 request. Raises ApiError for a refusal."""
        asked = read(request)
        owner = self.buckets.get(asked.bucket)
        self._check_expected_owner(request, owner)
        if owner is None and asked.bucket and not _creates(asked):
            raise ApiError("NoSuchBucket", "The specified bucket does not exist", 404)
        if owner and _creates(asked) and owner.account != caller.account:
            raise ApiError("BucketAlreadyExists", "The requested bucket name is not available.", 409)
        if asked.sub == "delete":
            return self._delete_many(request, asked, caller)
        for ask in asked.asks:
            self.check(ask, caller)
        if asked.sub in ("policy", "policyStatus"):
            return self._policy(request, asked, caller)
        if _creates(asked):
            return self._create(request, asked, caller)
        return self._pass(request, asked, caller)

    # -- deciding ------------------------------------------------------------------------------------------------

    def check(self, ask: Ask, caller: Caller) -> None:
        """Raises ApiError AccessDenied unless the caller may; the decision is in the log."""
        decision, reason = self.decide(ask, caller)
        self.log.append(
            LogEntry(self._now(), caller.principal, caller.origin, ask.action, ask.resource, decision, reason)
        )
        if decision != "allowed":
            raise ApiError("AccessDenied", self._denial(ask, caller, decision), 403)

    def decide(self, ask: Ask, caller: Caller) -> tuple[str, str]:
        """The evaluator's decision and its reason in one line, without an entry in the log."""
        bucket = self.buckets.get(ask.bucket)
        account = bucket.account if bucket else caller.account
        if ask.action in _POLICY_ACTIONS and caller.principal == f"arn:aws:iam::{account}:root":
            return "allowed", "the bucket owner's root can always repair the bucket's policy"
        carried = None if caller.principal == ANONYMOUS else self._carried(caller)
        if carried is not None and carried.undecided:
            return "undetermined", carried.undecided
        policy = bucket.policy if bucket else None
        if policy is not None and caller.account != account and is_public(policy) and self._restricts(ask.bucket):
            return "implicitDeny", "Block Public Access restricts this public bucket to its own account"
        policies = () if carried is None else carried.policies
        decision = evaluate(policy, self._request(ask, caller), identity_policies=policies, account=account)
        return decision.decision, _reason(decision)

    def _carried(self, caller: Caller) -> Any:
        return self.identities.carried(Principal.parse(caller.principal))

    def _request(self, ask: Ask, caller: Caller) -> AccessRequest:
        now = self._now()
        owner = self.buckets.get(ask.bucket)
        context = {
            **ask.context,
            **caller.origin.context(),
            "aws:CurrentTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "aws:EpochTime": str(int(now.timestamp())),
            "aws:RequestedRegion": owner.region if owner else caller.region,
            "s3:signatureversion": "AWS4-HMAC-SHA256",
            "s3:TlsVersion": "1.3",
        }
        if owner:
            context["aws:ResourceAccount"] = context["s3:ResourceAccount"] = owner.account
        if caller.principal == ANONYMOUS:
            context |= {"aws:PrincipalType": "Anonymous", "aws:PrincipalAccount": "anonymous"}
            return AccessRequest(None, ask.action, ask.resource, context)
        context |= Principal.parse(caller.principal).context(self._carried(caller).user_id)
        return AccessRequest(caller.principal, ask.action, ask.resource, context)

    def _denial(self, ask: Ask, caller: Caller, decision: str) -> str:
        """AWS's text; it names the kind of policy only inside one account."""
        bucket = self.buckets.get(ask.bucket)
        if caller.principal == ANONYMOUS or (bucket and bucket.account != caller.account):
            return "Access Denied"
        told = f'User: {caller.principal} is not authorized to perform: {ask.action} on resource: "{ask.resource}" '
        if decision != "explicitDeny":
            return f"{told}because no identity-based policy allows the {ask.action} action"
        policy = bucket.policy if bucket else None
        alone = evaluate(policy, self._request(ask, caller), account=caller.account).decision
        kind = "a resource-based" if alone == "explicitDeny" else "an identity-based"
        return f"{told}with an explicit deny in {kind} policy"

    def _check_expected_owner(self, request: AWSPreparedRequest, owner: Bucket | None) -> None:
        expected = request.headers.get("x-amz-expected-bucket-owner")
        if expected and owner and expected != owner.account:
            raise ApiError("AccessDenied", "Access Denied", 403)

    # -- passing on ----------------------------------------------------------------------------------------------

    def _pass(self, request: AWSPreparedRequest, asked: S3Request, caller: Caller) -> Answer:
        account = self.buckets[asked.bucket].account if asked.bucket in self.buckets else caller.account
        self.kept.before(asked, request.headers.get("x-amz-copy-source"))
        answer = self._behind(request, account)
        self.kept.after(asked, answer[0])
        if asked.level == "bucket" and asked.method == "DELETE" and not asked.sub and answer[0] < 300:
            del self.buckets[asked.bucket]
        if answer[0] == 404 and asked.level == "object" and asked.method in ("GET", "HEAD") and not asked.sub:
            # S3 tells that an object is missing only to those who may list the bucket.
            self.check(Ask("s3:ListBucket", asked.bucket), caller)
        return answer

    def _put_kept(self, bucket: str, key: str, data: bytes, content_type: str) -> None:
        s3 = self._s3(self.buckets[bucket].account)
        # Whoever reads it first, and whether anybody does: the ids that are drawn after it are the same.
        with apart(f"{bucket}/{key}"):
            s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=content_type)

    def _create(self, request: AWSPreparedRequest, asked: S3Request, caller: Caller) -> Answer:
        known = asked.bucket in self.buckets
        answer = self._behind(request, caller.account)
        if answer[0] < 300 and not known:
            self.buckets[asked.bucket] = Bucket(caller.account, caller.region)
            self._give_todays_defaults(asked.bucket, caller.account)
        return answer

    def _give_todays_defaults(self, bucket: str, account: str) -> None:
        """Since April 2023 a new bucket is encrypted, owned by its owner and blocks public access."""
        s3 = self._s3(account)
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
        s3.put_bucket_ownership_controls(
            Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        )
        four = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(four, True))

    def _delete_many(self, request: AWSPreparedRequest, asked: S3Request, caller: Caller) -> Answer:
        denied: dict[tuple[str, str], str] = {}
        wanted = keys_to_delete(request.body)
        for key, version in wanted:
            action = "s3:DeleteObjectVersion" if version else "s3:DeleteObject"
            try:
                self.check(Ask(action, asked.bucket, key, asked.asks[0].context), caller)
            except ApiError as error:
                denied[(key, version)] = error.message
        if not denied:
            return self._pass(request, asked, caller)
        left = replace_body(request, without(request.body, set(denied)))
        told = "".join(_delete_error(key, version, message) for (key, version), message in denied.items())
        if len(denied) == len(set(wanted)):
            return xml_answer(f'<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{told}</DeleteResult>')
        status, headers, body = self._pass(left, asked, caller)
        headers = {name: value for name, value in headers.items() if name.lower() != "content-length"}
        return status, headers, body.replace(b"</DeleteResult>", f"{told}</DeleteResult>".encode())

    # -- bucket policies -----------------------------------------------------------------------------------------

    def _policy(self, request: AWSPreparedRequest, asked: S3Request, caller: Caller) -> Answer:
        bucket = self.buckets[asked.bucket]
        if bucket.account != caller.account:
            raise ApiError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
        if asked.method == "PUT":
            return self._put_policy(request, asked.bucket, bucket)
        if asked.method == "DELETE":
            self.buckets[asked.bucket] = replace(bucket, policy=None, text="")
            return 204, {}, b""
        if bucket.policy is None:
            raise ApiError("NoSuchBucketPolicy", "The bucket policy does not exist", 404)
        if asked.sub == "policy":
            return 200, {"Content-Type": "application/json"}, bucket.text.encode()
        public = str(is_public(bucket.policy)).lower()
        return xml_answer(f"<PolicyStatus><IsPublic>{public}</IsPublic></PolicyStatus>")

    def _put_policy(self, request: AWSPreparedRequest, name: str, bucket: Bucket) -> Answer:
        policy = accepted(request.body, name)
        if is_public(policy) and self._blocks(name).get("BlockPublicPolicy"):
            raise ApiError(
                "AccessDenied",
                "Access Denied: the policy is public, and the BlockPublicPolicy setting of the bucket prevents it.",
                403,
            )
        # As AWS does: what is read back is the document without the white space it was sent with.
        text = json.dumps(json.loads(request.body), separators=(",", ":"), ensure_ascii=False)
        self.buckets[name] = replace(bucket, policy=policy, text=text)
        return 204, {}, b""

    def _restricts(self, bucket: str) -> bool:
        return bool(self._blocks(bucket).get("RestrictPublicBuckets"))

    def _blocks(self, bucket: str) -> dict[str, bool]:
        s3 = self._s3(self.buckets[bucket].account)
        try:
            return s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        except s3.exceptions.ClientError:
            return {}


def replace_body(request: AWSPreparedRequest, body: bytes) -> AWSPreparedRequest:
    """The request with another body, and without the digests of the old one."""
    for name in ("Content-MD5", "Content-Length", "x-amz-checksum-crc32", "x-amz-content-sha256"):
        del request.headers[name]
    request.headers["Content-Length"] = str(len(body))
    return AWSPreparedRequest(request.method, request.url, request.headers, body, request.stream_output)


def _creates(asked: S3Request) -> bool:
    return asked.level == "bucket" and asked.method == "PUT" and not asked.sub


def _delete_error(key: str, version: str, message: str) -> str:
    told = f"<VersionId>{escape(version)}</VersionId>" if version else ""
    code = "<Code>AccessDenied</Code>"
    return f"<Error><Key>{escape(key)}</Key>{told}{code}<Message>{escape(message)}</Message></Error>"


def _reason(decision: Decision) -> str:
    where = f"{', '.join(decision.matched_statements)}: " if decision.matched_statements else ""
    return where + ("; ".join(decision.reasons) or decision.decision)
