"""The worker portal: a plain page on 127.0.0.1 where a person of a work team labels images and texts of local jobs."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local import portal_pages as pages
from gt_vpc_nb.local.behind import Answer
from gt_vpc_nb.local.dataset import BadInput, bucket_and_key
from gt_vpc_nb.local.job import Job
from gt_vpc_nb.local.listener import Listener, Received
from gt_vpc_nb.local.workers import Task

if TYPE_CHECKING:
    from gt_vpc_nb.local.door import LocalAws

#: What a browser shows as a picture or a clip; anything else is only offered to be saved.
_SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp", "video/mp4", "video/webm", "video/ogg")


class Portal:
    """An open worker portal; `url` is for a browser on this machine. Closed at the end of a `with` block or by `close`.

    The address holds a secret, so that no other page can answer tasks. A person's browser stands at one place of the
    network; it reads data objects there, with a presigned URL of the job's execution role, as in AWS's portal.
    """

    def __init__(self, aws: LocalAws, vpc_endpoint: str | None = None) -> None:
        self._aws, self._vpc_endpoint = aws, vpc_endpoint
        self._secret = secrets.token_urlsafe(16)
        self._listener = Listener(self._answer)
        self.url = f"{self._listener.url}/{self._secret}/"

    def __enter__(self) -> Portal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the port."""
        self._listener.close()

    def __repr__(self) -> str:
        return f"Portal({self.url} · stands at {self._vpc_endpoint or 'the internet'})"

    def _answer(self, received: Received) -> Answer:
        split = urlsplit(received.target)
        room, _, path = split.path.removeprefix("/").partition("/")
        if not secrets.compare_digest(room.encode(), self._secret.encode()):
            return _plain(404, "There is nothing here; open the portal's own address.")
        asked = {name: values[0] for name, values in parse_qs(split.query, keep_blank_values=True).items()}
        try:
            with self._aws.lock:
                if received.method == "POST" and path == "submit":
                    return self._submit(received)
                if received.method in ("GET", "HEAD") and path in ("", "task", "object"):
                    return self._shown(path, asked)
            return _plain(404, "There is nothing here.")
        except LocalAwsError as error:
            return _plain(400, str(error))

    def _shown(self, path: str, asked: Mapping[str, str]) -> Answer:
        engine, nonce, person = self._aws.labeling.engine, secrets.token_urlsafe(12), asked.get("person", "")
        if path == "" and not person:
            return _html(pages.people_page(engine.people(), nonce), nonce)
        if path == "":
            tasks = engine.open_tasks(person)
            return _html(pages.tasks_page(person, tasks, nonce, asked.get("told", "")), nonce)
        job, task = self._task(person, asked)
        if path == "object":
            return self._object(job, task)
        trouble = self._trouble(job, task)
        return _html(pages.task_page(person, job, task, nonce, trouble), nonce)

    def _task(self, person: str, asked: Mapping[str, str]) -> tuple[Job, Task]:
        wanted = asked.get("job", ""), asked.get("key", "")
        for job, task in self._aws.labeling.engine.open_tasks(person):
            if (job.name, task.key) == wanted:
                return job, task
        raise LocalAwsError(f"There is no task of {wanted[1]!r} open for {person or 'nobody'}; go back to the list.")

    def _read(self, job: Job, task: Task, method: str = "GET") -> Answer:
        """The data object as the person's browser gets it from S3."""
        try:
            bucket, key = bucket_and_key(task.key)
        except BadInput as error:
            raise LocalAwsError(str(error)) from None
        role = self._aws.session(principal=job.request["RoleArn"], region=job.region).client("s3")
        call = "get_object" if method == "GET" else "head_object"
        url = role.generate_presigned_url(call, Params={"Bucket": bucket, "Key": key}, ExpiresIn=3600)
        headers = HTTPHeaders()
        headers["Host"] = urlsplit(url).netloc
        return self._aws.handle(
            AWSPreparedRequest(method, url, headers, b"", False), self._aws.origin(self._vpc_endpoint)
        )

    def _trouble(self, job: Job, task: Task) -> str:
        if "source-ref" not in task.line:
            return ""
        status, _, _ = self._read(job, task, "HEAD")
        place = self._vpc_endpoint or "the internet"
        return "" if status < 300 else f"S3 answered {status}: this browser, at {place}, may not read {task.key}."

    def _object(self, job: Job, task: Task) -> Answer:
        status, headers, body = self._read(job, task)
        kind = {name.lower(): value for name, value in headers.items()}.get("content-type", "").partition(";")[0]
        return status, {**_SAFE, "Content-Type": kind if kind in _SHOWN else "application/octet-stream"}, body

    def _submit(self, received: Received) -> Answer:
        form = {name: values[0] for name, values in parse_qs(received.body.decode("utf-8", "replace")).items()}
        person = form.get("person", "")
        job, task = self._task(person, form)
        try:
            value = None if form.get("do") == "decline" else json.loads(form["value"])
            spent = min(max(int(form.get("spent", "0")), 1), 86_400)
        except (KeyError, ValueError):
            raise LocalAwsError("The answer cannot be read; go back and submit it again.") from None
        if value is None and form.get("do") != "decline":
            told = "Nothing was chosen, so nothing was submitted."
        else:
            told = self._book(job, task, person, value, spent)
        return 303, {**_SAFE, "Location": f"/{self._secret}/?{urlencode({'person': person, 'told': told})}"}, b""

    def _book(self, job: Job, task: Task, person: str, value: Any, spent: int) -> str:
        """On a manual clock, the seconds a person really took pass with the answer."""
        clock = self._aws.clock
        if clock.mode == "manual":
            clock.advance(seconds=spent)
        now = clock.now()
        try:
            self._aws.labeling.engine.submitted(job, now, person, task.key, value, now - timedelta(seconds=spent))
        except LocalAwsError as error:
            return str(error)
        return "Declined." if value is None else "Submitted."


#: Nothing from elsewhere runs or is loaded, the address with its secret is told to nobody.
_SAFE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


def _html(body: bytes, nonce: str) -> Answer:
    sources = f"img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'"
    policy = f"default-src 'none'; {sources}; form-action 'self'; base-uri 'none'"
    return 200, {**_SAFE, "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}, body


def _plain(status: int, text: str) -> Answer:
    return status, {**_SAFE, "Content-Type": "text/plain; charset=utf-8"}, f"{text}\n".encode()
