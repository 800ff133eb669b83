"""Human task UIs of the local AWS, and templates rendered for a look at what a worker sees."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.job_requests import not_simulated
from gt_vpc_nb.local.liquid import rendered
from gt_vpc_nb.local.liquid_values import LiquidError
from gt_vpc_nb.local.origin import Caller
from gt_vpc_nb.local.paging import Key, key_of, page

#: Of a role and a Region, what makes an S3 URI into a link that anybody may follow for a while.
Presigned = Callable[[str, str], Callable[[str], str]]


class HumanTaskUis:
    """Answers the operations on human task UIs, and RenderUiTemplate. Each is Active at once [guess]."""

    def __init__(self, presigned: Presigned) -> None:
        self._presigned = presigned
        self._rows: dict[Key, dict[str, Any]] = {}

    def arns(self) -> tuple[str, ...]:
        """All human task UIs there are."""
        return tuple(row["HumanTaskUiArn"] for row in self._rows.values())

    def create_human_task_ui(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        name = params["HumanTaskUiName"]
        if key_of(caller, name) in self._rows:
            raise ApiError("ResourceInUse", f"Human task UI {name} already exists.")
        arn = f"arn:aws:sagemaker:{caller.region}:{caller.account}:human-task-ui/{name}"
        self._rows[key_of(caller, name)] = {
            "HumanTaskUiName": name,
            "HumanTaskUiArn": arn,
            "CreationTime": now,
            "content": params["UiTemplate"]["Content"],
        }
        return {"HumanTaskUiArn": arn}

    def describe_human_task_ui(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        row = self._row(params["HumanTaskUiName"], caller)
        digest = hashlib.sha256(row["content"].encode()).hexdigest()
        return {**_summary(row), "HumanTaskUiStatus": "Active", "UiTemplate": {"ContentSha256": digest}}

    def list_human_task_uis(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        after, before = params.get("CreationTimeAfter"), params.get("CreationTimeBefore")
        rows = [
            _summary(row)
            for key, row in self._rows.items()
            if key[:2] == (caller.account, caller.region)
            and (after is None or row["CreationTime"] >= after)
            and (before is None or row["CreationTime"] <= before)
        ]
        rows.sort(key=lambda row: row["CreationTime"], reverse=params.get("SortOrder") == "Descending")
        return page(rows, params, "HumanTaskUiSummaries")

    def delete_human_task_ui(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        self._row(params["HumanTaskUiName"], caller)
        del self._rows[key_of(caller, params["HumanTaskUiName"])]
        return {}

    def render_ui_template(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        """What a worker would see of a task; what is wrong with the template is in Errors [guess: their codes]."""
        template = self._template(params, caller)
        try:
            task = json.loads(params["Task"]["Input"])
        except ValueError:
            raise ApiError("ValidationException", "Task.Input is not JSON.") from None
        signed = self._presigned(params["RoleArn"], caller.region)
        filters = {"grant_read_access": signed, "s3_presign": signed}
        try:
            content = rendered(template, {"task": {"input": task}}, filters)
        except LiquidError as error:
            return {"RenderedContent": "", "Errors": [{"Code": "LiquidError", "Message": str(error)}]}
        return {"RenderedContent": content, "Errors": []}

    def _template(self, params: Mapping[str, Any], caller: Caller) -> str:
        if ("UiTemplate" in params) == ("HumanTaskUiArn" in params):
            raise ApiError("ValidationException", "Give one of UiTemplate and HumanTaskUiArn.")
        if "UiTemplate" in params:
            return params["UiTemplate"]["Content"]
        arn = params["HumanTaskUiArn"]
        found = [row["content"] for row in self._rows.values() if row["HumanTaskUiArn"] == arn]
        if not found and arn.split(":")[4] != caller.account:
            raise not_simulated(f"the interface {arn}, which is AWS's own")
        if not found:
            raise ApiError("ResourceNotFound", f"{arn} does not exist.")
        return found[0]

    def _row(self, name: str, caller: Caller) -> dict[str, Any]:
        if key_of(caller, name) not in self._rows:
            raise ApiError("ResourceNotFound", f"Human task UI {name} does not exist.")
        return self._rows[key_of(caller, name)]


def _summary(row: Mapping[str, Any]) -> dict[str, Any]:
    return {member: row[member] for member in ("HumanTaskUiName", "HumanTaskUiArn", "CreationTime")}
