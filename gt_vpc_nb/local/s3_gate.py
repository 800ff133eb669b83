"""The gate of S3: each request becomes IAM actions, each action is decided by principal and network place.

Bucket policies are kept and evaluated here, by the evaluator that the audit uses. What stands behind never sees one.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from botocore.awsrequest import AWSPreparedRequest

from gt_vpc_nb.local.answers import xml_answer
from gt_vpc_nb.local.behind import Answer, apart
from gt_vpc_nb.local.bucket_policies import accepted
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.judging import Bucket, Judge, Judged
from gt_vpc_nb.local.kept_outputs import KeptOutputs
from gt_vpc_nb.local.kms_keys import KmsKeys, Use
from gt_vpc_nb.local.origin import Caller, Origin
from gt_vpc_nb.local.routing import changes
from gt_vpc_nb.local.s3_cors import preflight, response_headers, without_cors
from gt_vpc_nb.local.s3_deletes import delete_many
from gt_vpc_nb.local.s3_operations import Ask, S3Request, place, read
from gt_vpc_nb.policy.public_access import is_public

Behind = Callable[[AWSPreparedRequest, str], Answer]


@dataclass(frozen=True)
class LogEntry:
    """One decision, in the evaluator's word; its `reason` is put into words when somebody reads it."""

    time: datetime
    principal: str
    origin: Origin
    action: str
    resource: str
    decision: str
    why: Callable[[], str] = field(repr=False, compare=False)

    @functools.cached_property
    def reason(self) -> str:
        """Why it was decided so, with the statement that decided."""
        return self.why()

    def __str__(self) -> str:
        where = f"{self.principal} from {self.origin.label}"
        return f"{self.time:%H:%M:%S} {self.decision}: {self.action} on {self.resource} by {where}: {self.reason}"


class S3Gate:
    """Decides every S3 request, and passes on what is allowed. `log` gets one entry a decision."""

    def __init__(
        self,
        judge: Judge,
        behind: Behind,
        client: Callable[..., Any],
        now: Callable[[], datetime],
    ) -> None:
        self.buckets: dict[str, Bucket] = {}
        self.log: list[LogEntry] = []
        self._judge, self._behind, self._now = judge, behind, now
        self._s3 = functools.partial(client, "s3")
        #: Files of labeling jobs that are rendered when somebody reads them.
        self.kept = KeptOutputs(self._put_kept)
        self.keys = KmsKeys(functools.partial(client, "kms"))

    def answer(self, request: AWSPreparedRequest, caller: Caller) -> Answer:
        """The answer to an S3 request, with what the page of another site needs. Raises ApiError for a refusal."""
        if "Origin" not in request.headers:
            return self._answer(request, caller)
        rules = self._cors(place(request)[0])
        if request.method == "OPTIONS":
            return preflight(rules, request.headers)
        told = response_headers(rules, request.headers, request.method)
        try:
            status, headers, body = self._answer(request, caller)
        except ApiError as error:
            error.headers |= told
            raise
        return status, {**without_cors(headers), **told}, body

    def _answer(self, request: AWSPreparedRequest, caller: Caller) -> Answer:
        asked = read(request)
        owner = self.buckets.get(asked.bucket)
        self._check_expected_owner(request, owner)
        if owner is None and asked.bucket and not _creates(asked):
            raise ApiError("NoSuchBucket", "The specified bucket does not exist", 404)
        if owner and _creates(asked) and owner.account != caller.account:
            raise ApiError("BucketAlreadyExists", "The requested bucket name is not available.", 409)
        if asked.sub == "delete":
            return delete_many(
                request, asked, lambda ask: self.check(ask, caller), lambda left: self._pass(left, asked, caller)
            )
        for ask in asked.asks:
            self.check(ask, caller)
        if owner is not None:
            for use in self.keys.uses(request, asked, owner.account, owner.region):
                self.check_key(use, asked.bucket, asked.key, caller)
        if asked.sub in ("policy", "policyStatus"):
            return self._policy(request, asked, caller)
        if _creates(asked):
            return self._create(request, asked, caller)
        return self._pass(request, asked, caller)

    def written(self, service: str, request: AWSPreparedRequest, caller: Caller) -> None:
        """Another service answered a request; what is known of its keys or endpoints is read again."""
        if service == "ec2" and changes(service, request):
            self._judge.guardrails.written(caller.account, caller.region)
        elif service == "kms":
            self.keys.forget()

    # -- deciding ------------------------------------------------------------------------------------------------

    def check(self, ask: Ask, caller: Caller) -> None:
        """Raises ApiError AccessDenied unless the caller may; the decision is in the log."""
        self._enter(self.judged(ask, caller), ask.action, ask.resource, caller)

    def check_key(self, use: Use, bucket: str, key: str, caller: Caller) -> None:
        """The same for the key that an object is encrypted with."""
        judged = self._judge.of_key(use, self.buckets[bucket], caller, f"arn:aws:s3:::{bucket}/{key}")
        self._enter(judged, use.action, use.key.arn, caller)

    def _enter(self, judged: Judged, action: str, resource: str, caller: Caller) -> None:
        entry = (self._now(), caller.principal, caller.origin, action, resource, judged.decision, judged.reason)
        self.log.append(LogEntry(*entry))
        if not judged.allowed:
            refused = ApiError("AccessDenied", judged.told(), 403)
            refused.asked = (action, resource)
            raise refused

    def judged(self, ask: Ask, caller: Caller) -> Judged:
        """The decision about one permission, without an entry in the log."""
        return self._judge.of_bucket(
            ask, self.buckets.get(ask.bucket), caller, functools.partial(self._restricts, ask.bucket)
        )

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
        self.keys.after(request, asked, answer)
        if asked.level == "bucket" and asked.method == "DELETE" and not asked.sub and answer[0] < 300:
            del self.buckets[asked.bucket]
        if answer[0] == 404 and asked.level == "object" and asked.method in ("GET", "HEAD") and not asked.sub:
            # S3 tells that an object is missing only to those who may list the bucket.
            self.check(Ask("s3:ListBucket", asked.bucket), caller)
        return answer

    def keep(
        self,
        request: AWSPreparedRequest,
        bucket: str,
        key: str,
        render: Callable[[], bytes],
        content_type: str,
        caller: Caller,
    ) -> None:
        """Takes in what a labeling job writes and nobody has read yet; `request` says how it is encrypted."""
        owner = self.buckets[bucket]
        uses = self.keys.writes(bucket, key, request, owner.account, owner.region)
        for use in uses:
            self.check_key(use, bucket, key, caller)
        self.kept.keep(bucket, key, render, content_type)
        self.keys.note(bucket, key, uses[0].key.arn if uses else None)

    def _put_kept(self, bucket: str, key: str, data: bytes, content_type: str) -> None:
        s3, named = self._s3(self.buckets[bucket].account), self.keys.of(bucket, key)
        how = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": named} if named else {}
        # Whoever reads it first, and whether anybody does: the ids that are drawn after it are the same.
        with apart(f"{bucket}/{key}"):
            s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=content_type, **how)

    def _create(self, request: AWSPreparedRequest, asked: S3Request, caller: Caller) -> Answer:
        known = asked.bucket in self.buckets
        if not known and not _NAME.fullmatch(asked.bucket):
            raise ApiError("InvalidBucketName", "The specified bucket is not valid.", 400)
        answer = self._behind(request, caller.account)
        if answer[0] < 300 and not known:
            placed = _LOCATION.search(request.body or b"")
            region = placed[1].decode() if placed else caller.region
            self.buckets[asked.bucket] = Bucket(caller.account, {"EU": "eu-west-1"}.get(region, region))
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

    def _cors(self, bucket: str) -> list[dict[str, Any]] | None:
        if bucket not in self.buckets:
            return None
        s3 = self._s3(self.buckets[bucket].account)
        try:
            return s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
        except s3.exceptions.ClientError:
            return None

    def _restricts(self, bucket: str) -> bool:
        return bool(self._blocks(bucket).get("RestrictPublicBuckets"))

    def _blocks(self, bucket: str) -> dict[str, bool]:
        s3 = self._s3(self.buckets[bucket].account)
        try:
            return s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        except s3.exceptions.ClientError:
            return {}


#: What S3 takes for the name of a new bucket; the location is in the body of the request.
_NAME = re.compile(r"(?=.{3,63}\Z)(?!\d+(\.\d+){3}\Z)[a-z0-9](-*[a-z0-9])*(\.[a-z0-9](-*[a-z0-9])*)*")
_LOCATION = re.compile(rb"<LocationConstraint[^>]*>([^<]+)<")


def _creates(asked: S3Request) -> bool:
    return asked.level == "bucket" and asked.method == "PUT" and not asked.sub
