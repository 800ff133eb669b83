"""Private work teams of the local AWS, as dicts in AWS's shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.origin import Caller
from gt_vpc_nb.local.paging import Key, key_of, ordered, page, rows_of
from gt_vpc_nb.local.workforces import Workforces

_CHANGED = ("MemberDefinitions", "Description", "NotificationConfiguration", "WorkerAccessConfiguration")


class WorkTeams:
    """Answers the operations on work teams. `in_use(arn)` says whether a team has labeling jobs at work."""

    def __init__(self, in_use: Callable[[str], bool]) -> None:
        self._in_use = in_use
        self._rows: dict[Key, dict[str, Any]] = {}
        self.workforces = Workforces(self._of_workforce)

    def arn(self, team: str, account: str, region: str) -> str | None:
        """The ARN of a team given by name or ARN; None if there is none."""
        for row in self._rows.values():
            if team == row["WorkteamArn"]:
                return team
        row = self._rows.get((account, region, team.lower()))
        return row["WorkteamArn"] if row else None

    def arns(self) -> tuple[str, ...]:
        """All work teams there are."""
        return tuple(row["WorkteamArn"] for row in self._rows.values())

    def _of_workforce(self, arn: str) -> int:
        return sum(row.get("WorkforceArn") == arn for row in self._rows.values())

    def create_workteam(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        name = params["WorkteamName"]
        if key_of(caller, name) in self._rows:
            raise ApiError("ResourceInUse", f"Work team {name} already exists.")
        workforce = self.workforces.of_team(params.get("WorkforceName"), caller)
        row = {
            "WorkteamName": name,
            **{member: params[member] for member in _CHANGED if member in params},
            "WorkteamArn": f"arn:aws:sagemaker:{caller.region}:{caller.account}:workteam/private-crowd/{name.lower()}",
            "SubDomain": f"{workforce['SubDomain']}",
            "CreateDate": now,
            "LastUpdatedDate": now,
        }
        _check_members(row["MemberDefinitions"], workforce)
        if "WorkforceArn" in workforce:
            row["WorkforceArn"] = workforce["WorkforceArn"]
        self._rows[key_of(caller, name)] = row
        return {"WorkteamArn": row["WorkteamArn"]}

    def update_workteam(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        row = self._row(params["WorkteamName"], caller)
        changed = {member: params[member] for member in _CHANGED if member in params}
        workforce = self.workforces.of_team(None, caller) if "WorkforceArn" in row else {}
        _check_members(changed.get("MemberDefinitions", ()), workforce)
        row |= {**changed, "LastUpdatedDate": now}
        return {"Workteam": row}

    def describe_workteam(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        return {"Workteam": self._row(params["WorkteamName"], caller)}

    def list_workteams(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        rows = rows_of(self._rows, caller, "WorkteamName", params.get("NameContains", ""))
        columns = {"Name": "WorkteamName", "CreateDate": "CreateDate"}
        return page(ordered(rows, params, columns, "CreateDate"), params, "Workteams")

    def delete_workteam(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        team = self._row(params["WorkteamName"], caller)
        if self._in_use(team["WorkteamArn"]):
            raise ApiError(
                "ResourceInUse", f"Work team {team['WorkteamName']} has labeling jobs that are not finished."
            )
        del self._rows[key_of(caller, team["WorkteamName"])]
        return {"Success": True}

    def _row(self, name: str, caller: Caller) -> dict[str, Any]:
        if key_of(caller, name) not in self._rows:
            raise ApiError("ValidationException", f"Work team {name} does not exist.")
        return self._rows[key_of(caller, name)]


def _check_members(members: Any, workforce: Mapping[str, Any]) -> None:
    """A team's members are of the kind of its workforce: Cognito groups, or groups of the OIDC provider."""
    kinds = {"CognitoConfig": "CognitoMemberDefinition", "OidcConfig": "OidcMemberDefinition"}
    wanted = next((kind for config, kind in kinds.items() if config in workforce), None)
    for each in members:
        if len(each) != 1 or wanted not in (None, *each):
            told = wanted or "one of CognitoMemberDefinition and OidcMemberDefinition"
            raise ApiError("ValidationException", f"Each of MemberDefinitions needs {told}, and nothing else.")
