"""Who asks: access keys, principals, the policies they carry, and STS."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from botocore.exceptions import ClientError

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.local.answers import request_id, xml_answer
from gt_vpc_nb.local.behind import Answer, apart
from gt_vpc_nb.local.carried import Carried, carried_by_role, carried_by_user
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.origin import Caller, Origin
from gt_vpc_nb.local.principals import Principal
from gt_vpc_nb.local.routing import form_action, only_reads
from gt_vpc_nb.local.simulating import OPERATION as SIMULATOR
from gt_vpc_nb.local.simulating import simulate
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate

ADMINISTRATOR = "Administrator"
ANONYMOUS = "anonymous"
#: Parameters of AssumeRole that say what a session may do less, or is known by.
_NARROWING = ("Policy", "Tags", "TransitiveTagKeys", "SerialNumber", "TokenCode", "SourceIdentity", "ProvidedContexts")
_ANY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


class Identities:
    """Access keys and their principals, with the policies that IAM behind the door holds for them."""

    def __init__(self, account: str, iam: Callable[[str], Any]) -> None:
        self.account = account
        self._iam = iam
        self._keys: dict[str, Principal] = {}
        # A key is all it takes to be somebody; on a port, a page on the web could guess one that is always the same.
        self._salt = secrets.token_hex(16)
        #: Told of each key that is given out.
        self.told: Callable[..., object] = lambda do, **facts: None
        #: What limits a caller's request to something of an account; see `Guardrails.of`.
        self.limits: Callable[[Caller, str], dict[str, Any]] = lambda caller, owner: {}
        self._carried: dict[str, Carried] = {}
        self._settled: set[str] = set()
        self._any = Policy.parse(_ANY, kind="identity")

    def administrator(self, account: str | None = None) -> str:
        """The ARN of the administrator role of an account, who makes the calls when nobody is named."""
        return f"arn:aws:iam::{account or self.account}:role/{ADMINISTRATOR}"

    def issue(self, principal: Principal) -> tuple[str, str]:
        """A new access key and session token for a principal."""
        digest = hashlib.sha256(f"{principal.arn} {len(self._keys)} {self._salt}".encode()).hexdigest().upper()
        key = f"ASIA{digest[:16]}"
        self.keep(key, principal)
        return key, f"local-token-{digest[16:48]}"

    def keep(self, access_key: str, principal: Principal) -> None:
        """Lets a key be a principal's from now on."""
        self._keys[access_key] = principal
        self.told("issue", principal=principal.arn, key=access_key)

    def holder(self, access_key: str) -> Principal:
        """Whose key this is. Raises ApiError for a key that neither we nor IAM behind the door gave out."""
        if access_key not in self._keys:
            self._keys[access_key] = self._user_with(access_key)
        return self._keys[access_key]

    def caller(self, access_key: str | None, service: str, region: str, origin: Origin) -> Caller:
        """Who sends a request with this key, or without any. Raises ApiError in the words of the service."""
        if access_key is None:
            if service == "s3":
                return Caller(ANONYMOUS, "", region, origin)
            raise ApiError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
        try:
            who = self.holder(access_key)
        except ApiError:
            if service != "s3":
                raise
            message = "The AWS Access Key Id you provided does not exist in our records."
            raise ApiError("InvalidAccessKeyId", message, 403) from None
        return Caller(who.arn, who.account, region, origin)

    def _user_with(self, access_key: str) -> Principal:
        for account in sorted(self._settled):
            try:
                found = self._iam(account).get_access_key_last_used(AccessKeyId=access_key)
            except ClientError:
                continue
            return Principal.parse(f"arn:aws:iam::{account}:user/{found['UserName']}")
        raise ApiError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)

    def settle(self, account: str) -> None:
        """Before IAM of an account is first asked: its administrator role is there."""
        if account in self._settled:
            return
        self._settled.add(account)
        # Whoever is the first to ask, the ids that are drawn after it are the same.
        with apart(f"settling {account}"):
            self._settle(account)
        self.forget()

    def _settle(self, account: str) -> None:
        trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
        iam = self._iam(account)
        iam.create_role(
            RoleName=ADMINISTRATOR,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
        iam.put_role_policy(RoleName=ADMINISTRATOR, PolicyName="Everything", PolicyDocument=_ANY)

    def forget(self) -> None:
        """IAM was written to: read the policies again."""
        self._carried.clear()

    def carried(self, principal: Principal) -> Carried:
        """The principal's policies. Whom IAM does not know carries none, so only a bucket policy can let it in."""
        if principal.arn not in self._carried:
            self._carried[principal.arn] = self._read(principal)
        return self._carried[principal.arn]

    def allows(
        self, role_arn: str, action: str, resource: str, context: Mapping[str, str] = MappingProxyType({})
    ) -> bool:
        """Whether the policies of a role allow it an action on a resource that has no policy of its own."""
        who = Principal.session_of(role_arn, "SageMaker")
        carried = self.carried(who)
        request = AccessRequest(who.arn, action, resource, {**who.context(carried.user_id), **context})
        limits = {**carried.limits, **self.limits(Caller(who.arn, who.account, ""), resource.split(":")[4])}
        decided = evaluate(None, request, identity_policies=carried.policies, account=who.account, **limits)
        return not carried.undecided and decided.decision == "allowed"

    def _read(self, principal: Principal) -> Carried:
        made_up = hashlib.sha256(principal.arn.encode()).hexdigest()[:17].upper()
        session = principal.arn.rpartition("/")[2]
        if principal.is_root:
            return Carried(principal.account, (self._any,))
        if principal.account not in self._settled and principal.role_arn == self.administrator(principal.account):
            return Carried(f"AROA{made_up}:{session}", (self._any,))
        self.settle(principal.account)
        iam = self._iam(principal.account)
        try:
            if principal.kind == "user":
                user = iam.get_user(UserName=principal.name)["User"]
                return carried_by_user(iam, user)
            role = iam.get_role(RoleName=principal.name)["Role"]
            return carried_by_role(iam, role, session)
        except ClientError:
            user_id = f"AIDA{made_up}" if principal.kind == "user" else f"AROA{made_up}:{session}"
            return Carried(user_id, ())

    def role_arn(self, role_arn: str) -> str | None:
        """The role's ARN as IAM has it, or None when there is no such role."""
        found = self._role(role_arn)
        return None if found is None else found["Arn"]

    def trusts(self, role_arn: str, service: str) -> bool:
        """Whether the role's trust policy lets an AWS service assume it; False when there is no such role."""
        role = self._role(role_arn)
        if role is None or role["Arn"] != role_arn:
            return False
        account = role_arn.split(":")[4]
        request = AccessRequest(service, "sts:AssumeRole", role_arn, {"aws:SourceAccount": account})
        trust = _trust_policy(role)
        return trust is not None and evaluate(trust, request, account=account).decision == "allowed"

    def _role(self, role_arn: str) -> dict[str, Any] | None:
        principal = Principal.session_of(role_arn, "session")
        self.settle(principal.account)
        try:
            return self._iam(principal.account).get_role(RoleName=principal.name)["Role"]
        except ClientError:
            return None

    def knows(self, principal: Principal) -> bool:
        """Whether IAM holds the user or the role of a principal."""
        if principal.role_arn:
            return self.role_arn(principal.role_arn) == principal.role_arn
        try:
            self._iam(principal.account).get_user(UserName=principal.name)
        except ClientError:
            return False
        return True

    def asked_of_iam(self, body: bytes, account: str) -> Answer | None:
        """Gets ready for a request to IAM, and answers the policy simulator; None leaves the answer to IAM behind."""
        self.settle(account)
        if not only_reads(body):
            self.forget()
        return simulate(body, self) if form_action(body) == SIMULATOR else None

    def sts(self, body: bytes, caller: Caller, now: Any) -> Answer:
        """GetCallerIdentity and AssumeRole; every other operation of STS is refused."""
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        action = form.get("Action", "")
        if action == "GetCallerIdentity":
            return self._caller_identity(caller)
        if action == "AssumeRole":
            dropped = sorted(name for name in form if name.startswith(_NARROWING))
            if not dropped:
                return self._assume(form, caller, now)
            action = f"AssumeRole with {', '.join(dropped)}"
        raise ApiError("UnsupportedOperation", f"The local AWS does not answer sts:{action}.", 501)

    def _caller_identity(self, caller: Caller) -> Answer:
        user_id = self.carried(Principal.parse(caller.principal)).user_id
        told = f"<Arn>{escape(caller.principal)}</Arn><UserId>{user_id}</UserId><Account>{caller.account}</Account>"
        return _sts_answer("GetCallerIdentity", told)

    def _assume(self, form: dict[str, str], caller: Caller, now: Any) -> Answer:
        role_arn, name = form.get("RoleArn", ""), form.get("RoleSessionName", "")
        if not self._may_assume(role_arn, caller):
            raise ApiError(
                "AccessDenied",
                f"User: {caller.principal} is not authorized to perform: sts:AssumeRole on resource: {role_arn}",
                403,
            )
        session = Principal.session_of(role_arn, name)
        key, token = self.issue(session)
        user_id = self.carried(session).user_id
        until = now + timedelta(seconds=int(form.get("DurationSeconds", "3600")))
        credentials = (
            f"<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>local-secret-access-key</SecretAccessKey>"
            f"<SessionToken>{token}</SessionToken><Expiration>{until:%Y-%m-%dT%H:%M:%SZ}</Expiration>"
        )
        who = f"<AssumedRoleId>{user_id}</AssumedRoleId><Arn>{escape(session.arn)}</Arn>"
        told = f"<Credentials>{credentials}</Credentials><AssumedRoleUser>{who}</AssumedRoleUser>"
        return _sts_answer("AssumeRole", told)

    def _may_assume(self, role_arn: str, caller: Caller) -> bool:
        principal = Principal.parse(caller.principal)
        role = self._role(role_arn) if ":role/" in role_arn else None
        if role is None or role["Arn"] != role_arn or principal.is_root:
            return False
        carried = self.carried(principal)
        trust = _trust_policy(role)
        if carried.undecided or trust is None:
            return False
        request = AccessRequest(
            principal=principal.arn,
            action="sts:AssumeRole",
            resource=role_arn,
            context={**principal.context(carried.user_id), **caller.origin.context()},
        )
        # Unlike a bucket policy, a trust policy must say yes itself: it names the caller, or the caller's account and
        # the caller's own policies allow it. The second is how IAM decides between two accounts.
        named = evaluate(trust, request, identity_policies=(), account=role_arn.split(":")[4])
        both = evaluate(trust, request, identity_policies=carried.policies, account="000000000000")
        return "allowed" in (named.decision, both.decision)


def _trust_policy(role: dict[str, Any]) -> Policy | None:
    """Whom a role trusts, with the role as the resource; None, which trusts nobody, for what is no policy."""
    document = role["AssumeRolePolicyDocument"]
    try:
        statements = document.get("Statement", [])
        statements = statements if isinstance(statements, list) else [statements]
        return Policy.parse({**document, "Statement": [{**each, "Resource": role["Arn"]} for each in statements]})
    except (PolicyError, AttributeError, TypeError):
        return None


def _sts_answer(action: str, told: str) -> Answer:
    identifier = f"<ResponseMetadata><RequestId>{request_id()}</RequestId></ResponseMetadata>"
    namespace = "https://sts.amazonaws.com/doc/2011-06-15/"
    return xml_answer(
        f'<{action}Response xmlns="{namespace}"><{action}Result>{told}</{action}Result>{identifier}</{action}Response>'
    )
