"""The door of the local AWS: one function answers every request, and sessions carry requests to it."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from os import PathLike
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local import behind
from gt_vpc_nb.local.answers import error_answer, json_answer
from gt_vpc_nb.local.backstage import Backstage, passed_on
from gt_vpc_nb.local.behind import Answer
from gt_vpc_nb.local.carrying import carried_session, whole
from gt_vpc_nb.local.clock import Clock
from gt_vpc_nb.local.failures import ApiError, Replaced
from gt_vpc_nb.local.faults import Faults
from gt_vpc_nb.local.functions import checked_function, standing_in
from gt_vpc_nb.local.guardrails import Guardrails
from gt_vpc_nb.local.history import History
from gt_vpc_nb.local.identities import Identities
from gt_vpc_nb.local.judging import Judge
from gt_vpc_nb.local.limits import NOT_SIMULATED, Limits
from gt_vpc_nb.local.networks import origin_behind, region_name
from gt_vpc_nb.local.origin import Caller, Origin
from gt_vpc_nb.local.principals import Principal, account_id
from gt_vpc_nb.local.routing import changes, is_aws_host, refuse_left_out, scope, target
from gt_vpc_nb.local.s3_gate import LogEntry, S3Gate
from gt_vpc_nb.local.upheavals import Upheavals

if TYPE_CHECKING:
    from gt_vpc_nb.local.example import World
    from gt_vpc_nb.local.labeling_api import LabelingApi
    from gt_vpc_nb.local.portal import Portal
    from gt_vpc_nb.local.serving import Places
    from gt_vpc_nb.local.workers import Person, Worker

ACCOUNT = "111122223333"
REGION = "us-east-1"
_newest: LocalAws | None = None


@dataclass(frozen=True)
class Place:
    """What a local session carries as `gt_vpc_nb_place`, so that others know whose clock to follow."""

    clock: Clock
    name: str = "local AWS"


class LocalAws:
    """Another AWS in this process: S3, IAM, EC2, STS and labeling jobs, with no account and no network.

    `seed` fixes every id and every simulated answer; `clock` is ``"manual"`` or simulated seconds per real second.
    S3 requests are checked against policies of every kind, by principal and network place; other services are not.
    One local AWS lives in a process: a new one empties the world, and sessions of the older one then raise
    LocalAwsError. What nobody here can answer is an error; `print(LocalAws.not_simulated)` has the list.
    """

    #: What is left out, done in part, or a guess.
    not_simulated: Limits = NOT_SIMULATED

    def __init__(
        self, seed: int = 7, *, clock: str | float = "manual", account: str = ACCOUNT, region: str = REGION
    ) -> None:
        global _newest
        self.seed, self.account, self.region = seed, account_id(account), region_name(region)
        self.clock = Clock(clock)
        self.clock.on_advance(self._tick)
        #: What `example` and `digits` laid out, and the true label of each picture by its URI.
        self.world: World | None = None
        self.truth: dict[str, Any] = {}
        self.functions: dict[str, Callable[[Mapping[str, Any], Any], Any]] = {}
        #: Held while a request is answered; whoever changes something past the door holds it too.
        self.lock = threading.RLock()
        self.history = History(self.clock.now)
        self.faults = Faults(seed, self.clock, Upheavals(self), self.history)
        self.backstage = Backstage(region)
        self.identities = Identities(self.account, functools.partial(self.backstage, "iam"))
        self.identities.told = self.history.issued
        self.guardrails = Guardrails(functools.partial(self.backstage, "ec2"))
        self.identities.limits = self.guardrails.of
        judge = Judge(self.identities, self.guardrails, self.clock.now)
        self.gate = S3Gate(judge, functools.partial(passed_on, "s3"), self.backstage, self.clock.now)
        behind.empty(seed)
        _newest = self

    @classmethod
    def example(cls, seed: int = 7, **options: Any) -> LocalAws:
        """A small world that is the same on every run: a VPC, buckets, images, a role, a work team. See `.world`."""
        from gt_vpc_nb.local.example import small_world

        return small_world(cls(seed, **options))

    @classmethod
    def digits(cls, seed: int = 7, **options: Any) -> LocalAws:
        """The same with scikit-learn's 1,797 handwritten digits in `digits.manifest`; their labels are in `.truth`."""
        from gt_vpc_nb.local.example import digits_world

        return digits_world(cls(seed, **options))

    def __repr__(self) -> str:
        return f"LocalAws(local AWS · {self.region} · {self.account} · {self.clock!r})"

    @property
    def log(self) -> list[LogEntry]:
        """Every decision about an S3 request, oldest first, with its reason."""
        return self.gate.log

    @functools.cached_property
    def labeling(self) -> LabelingApi:
        """The labeling operations of SageMaker."""
        from gt_vpc_nb.local.job_world import JobWorld
        from gt_vpc_nb.local.labeling_api import LabelingApi

        api = LabelingApi(JobWorld(self))
        api.engine.told = self.history.add
        return api

    def staff(self, team: str, workers: Sequence[Worker | Person]) -> None:
        """Puts simulated workers, and real people, into a work team, given by its ARN."""
        with self.lock, self.clock.held():
            recorded, told = self.history.team(workers)
            self.labeling.staff(team, recorded)
            self.history.add("staff", team=team, workers=told)

    def save(self, path: str | PathLike[str]) -> None:
        """Writes all of this local AWS into one file, from which `LocalAws.load(path)` lives on.

        A file holds what came from outside, and loading does it once more: no code is stored and none is run. Functions
        of your own (workers, Lambda functions, what you planned with `faults.later`) are no part of it; what yours
        answered so far is. Raises LocalAwsError for what cannot be saved, and leaves an older file as it is.
        """
        from gt_vpc_nb.local.saving import saved

        with self.lock:
            saved(self, path)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> LocalAws:
        """The local AWS that was saved into a file: same ids, jobs, outputs, time, keys and faults.

        `aws.log` starts with what happens while it is loaded. Raises LocalAwsError for a file that is none, is damaged,
        or was saved by a newer version.
        """
        from gt_vpc_nb.local.replaying import loaded

        return loaded(cls, path)

    def portal(self, vpc_endpoint: str | None = None) -> Portal:
        """A worker portal on 127.0.0.1 for the people of the work teams; their browsers stand at `vpc_endpoint`.

        Put people in with `aws.staff(team, [Person("ada")])`, and open the `.url` of what this returns.
        """
        from gt_vpc_nb.local.portal import Portal

        self._still_here()
        self.origin(vpc_endpoint)
        return Portal(self, vpc_endpoint)

    # -- standpoints ---------------------------------------------------------------------------------------------

    def session(
        self,
        vpc_endpoint: str | None = None,
        principal: str | None = None,
        region: str | None = None,
        account: str | None = None,
    ) -> boto3.Session:
        """A boto3.Session whose every call is answered here.

        Without `vpc_endpoint` it stands on the internet; an endpoint that nobody created here is taken as given.
        Without `principal` (the ARN of a user, a role, a role's session or an account's root) it is the
        administrator role of `account`. Raises LocalAwsError for an id or an ARN that cannot be one.
        """
        region = region_name(region or self.region)
        _, key, token = self.credentials(principal, account)
        origin = self.origin(vpc_endpoint)
        session = carried_session(key, token, region, functools.partial(self.handle, origin=origin))
        session.gt_vpc_nb_place = Place(self.clock)  # type: ignore[attr-defined]
        return session

    def serve(self) -> Places:
        """Places on 127.0.0.1 for the AWS CLI, s3fs and other programs: `with aws.serve() as places: places.env()`.

        Without `with`, `places.close()` ends them.
        """
        from gt_vpc_nb.local.serving import Places

        self._still_here()
        return Places(self)

    def credentials(self, principal: str | None = None, account: str | None = None) -> tuple[Principal, str, str]:
        """A principal, by default the administrator role, with a new access key and session token for it."""
        self._still_here()
        account = None if account is None else account_id(account)
        who = Principal.parse(principal or self.identities.administrator(account))
        if account not in (None, who.account):
            raise LocalAwsError(f"principal={principal!r} is not of account {account}; give one of the two.")
        return who, *self.identities.issue(who)

    def origin(self, vpc_endpoint: str | None) -> Origin:
        """The place of a VPC endpoint in the network, or the internet when None."""
        return origin_behind(vpc_endpoint, self.guardrails.endpoint(vpc_endpoint))

    def control_policies(
        self, service: Sequence[Any] = (), resource: Sequence[Any] = (), *, account: str | None = None
    ) -> None:
        """Puts an account under service and resource control policies, as its organization would.

        An item a level from the root down, a policy or a list of which one must allow; they replace what was there, and
        limit S3 and KMS. Raises LocalAwsError for what is no policy.
        """
        with self.lock:
            self.history.add("control", **self.guardrails.control(account or self.account, service, resource))

    def function(self, arn: str, handler: Callable[[Mapping[str, Any], Any], Any]) -> None:
        """Lets a Python function stand for a Lambda function: `handler(event, context)`, as Lambda calls it.

        Ground Truth calls it with a copy of the event, as JSON would carry it; the context is None.
        """
        self.functions[arn] = checked_function(arn, handler)

    # -- the door ------------------------------------------------------------------------------------------------

    def handle(self, request: AWSPreparedRequest, origin: Origin | None = None) -> Answer:
        """Status, headers and body for one request that comes from `origin` (the internet when None).

        Raises LocalAwsError for a request to anywhere but AWS's own host names, and after a newer local AWS was made;
        ConnectionLost where a fault breaks the connection off.
        """
        self._still_here()
        host = urlsplit(request.url).hostname or ""
        if not is_aws_host(host):
            raise LocalAwsError(f"A session of the local AWS was sent to {host}; leave out endpoint_url.")
        request = whole(request)
        service, region, key = scope(request, host)
        self.clock.settle()
        try:
            with self.faults.around(service, request), self.lock, self.clock.held() as now:
                self._tick(now)
                caller = self.identities.caller(key, service, region or self.region, origin or Origin())
                return self._remembered(request, service, caller, now)
        except ApiError as error:
            return error_answer(error, service, request.headers, head=request.method == "HEAD")

    def _remembered(self, request: AWSPreparedRequest, service: str, caller: Caller, now: datetime) -> Answer:
        """Answers a request; one that could change something goes into the history."""
        refuse_left_out(service, request)
        place = f"{service} {caller.account} {caller.region}"
        if not changes(service, request) and self.history.knows(place):
            with behind.apart(f"reading {place}"):
                return self._dispatch(request, service, caller)
        with self.history.of(service, request, caller.origin, place) as outcome:
            answer = outcome(self._dispatch(request, service, caller))
            self._look_at_topics(service, now)
            return answer

    def _dispatch(self, request: AWSPreparedRequest, service: str, caller: Caller) -> Answer:
        if service == "s3":
            return self.gate.answer(request, caller)
        if service == "sts":
            return self.identities.sts(request.body, caller, self.clock.now())
        if service == "sagemaker":
            from gt_vpc_nb.local.validation import params_of

            operation = target(request)
            return json_answer(self.labeling.handle(operation, params_of(operation, request.body), caller))
        if service == "iam":
            simulated = self.identities.asked_of_iam(request.body, caller.account)
            if simulated:
                return simulated
        answer = passed_on(service, request, caller.account)
        if service == "lambda" and answer[0] == 404:
            answer = standing_in(self.functions, request) or answer
        self.gate.written(service, request, caller)
        return answer

    def _look_at_topics(self, service: str, now: datetime) -> None:
        # What is published, and what S3 tells a topic of, is sent when the request is answered.
        if service in ("sns", "s3") and "labeling" in self.__dict__ and self.labeling.streaming:
            self.labeling.sent(now)

    def _tick(self, now: Any) -> None:
        if "labeling" in self.__dict__:
            with self.lock:
                self.labeling.tick(now)

    def _still_here(self) -> None:
        if _newest is not self:
            raise Replaced("This local AWS was replaced by a newer one; take sessions from the newer one.")
