"""Work teams and private workforces of the local AWS, as dicts in AWS's shapes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.origin import Caller
from gt_vpc_nb.local.paging import ordered, page

Key = tuple[str, str, str]


class WorkTeams:
    """Answers the operations on work teams and workforces. A workforce is Active at once [guess: AWS takes minutes]."""

    def __init__(self, in_use: Callable[[str], bool]) -> None:
        self._in_use = in_use
        self._teams: dict[Key, dict[str, Any]] = {}
        self._workforces: dict[Key, dict[str, Any]] = {}

    def arn(self, team: str, account: str, region: str) -> str | None:
        """The ARN of a team given by name or ARN; None if there is none."""
        for row in self._teams.values():
            if team == row["WorkteamArn"]:
                return team
        row = self._teams.get((account, region, team.lower()))
        return row["WorkteamArn"] if row else None

    def arns(self) -> tuple[str, ...]:
        """All work teams and workforces there are."""
        return (
            *(row["WorkteamArn"] for row in self._teams.values()),
            *(row["WorkforceArn"] for row in self._workforces.values()),
        )

    def create_workteam(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        name = params["WorkteamName"]
        if _key(caller, name) in self._teams:
            raise ApiError("ResourceInUse", f"Work team {name} already exists.")
        kept = ("WorkteamName", "MemberDefinitions", "Description", "NotificationConfiguration")
        row = {member: params[member] for member in (*kept, "WorkerAccessConfiguration") if member in params}
        workforce = self._workforce_of(params, caller)
        row |= {
            "WorkteamArn": f"{_prefix(caller)}:workteam/private-crowd/{name.lower()}",
            "SubDomain": f"{workforce['SubDomain']}",
            "CreateDate": now,
            "LastUpdatedDate": now,
        }
        if "WorkforceArn" in workforce:
            row["WorkforceArn"] = workforce["WorkforceArn"]
        self._teams[_key(caller, name)] = row
        return {"WorkteamArn": row["WorkteamArn"]}

    def _workforce_of(self, params: Mapping[str, Any], caller: Caller) -> Mapping[str, Any]:
        """The named workforce, or the account's only one in the Region, or a portal address without one."""
        named = params.get("WorkforceName")
        if named:
            return self._workforce(named, caller)
        there = [row for key, row in self._workforces.items() if key[:2] == (caller.account, caller.region)]
        return there[0] if there else {"SubDomain": _sub_domain(caller, "")}

    def describe_workteam(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        return {"Workteam": self._team(params["WorkteamName"], caller)}

    def list_workteams(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        rows = _of(self._teams, caller, "WorkteamName", params.get("NameContains", ""))
        columns = {"Name": "WorkteamName", "CreateDate": "CreateDate"}
        return page(ordered(rows, params, columns, "CreateDate"), params, "Workteams")

    def delete_workteam(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        team = self._team(params["WorkteamName"], caller)
        if self._in_use(team["WorkteamArn"]):
            raise ApiError(
                "ResourceInUse", f"Work team {team['WorkteamName']} has labeling jobs that are not finished."
            )
        del self._teams[_key(caller, team["WorkteamName"])]
        return {"Success": True}

    def create_workforce(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        name = params["WorkforceName"]
        taken = [key for key in self._workforces if key[:2] == (caller.account, caller.region)]
        if taken:
            raise ApiError("ValidationException", "An account has one private workforce in a Region, and it exists.")
        if ("CognitoConfig" in params) == ("OidcConfig" in params):
            raise ApiError("ValidationException", "Give one of CognitoConfig and OidcConfig.")
        kept = ("WorkforceName", "SourceIpConfig", "CognitoConfig", "IpAddressType")
        row = {member: params[member] for member in kept if member in params}
        if "OidcConfig" in params:
            row["OidcConfig"] = {key: each for key, each in params["OidcConfig"].items() if key != "ClientSecret"}
        if "WorkforceVpcConfig" in params:
            row["WorkforceVpcConfig"] = _with_endpoint(params["WorkforceVpcConfig"], caller, name)
        row |= {
            "WorkforceArn": f"{_prefix(caller)}:workforce/{name}",
            "SubDomain": _sub_domain(caller, name),
            "CreateDate": now,
            "LastUpdatedDate": now,
            "Status": "Active",
        }
        self._workforces[_key(caller, name)] = row
        return {"WorkforceArn": row["WorkforceArn"]}

    def describe_workforce(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        return {"Workforce": self._workforce(params["WorkforceName"], caller)}

    def list_workforces(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        rows = _of(self._workforces, caller, "WorkforceName", params.get("NameContains", ""))
        columns = {"Name": "WorkforceName", "CreateDate": "CreateDate"}
        return page(ordered(rows, params, columns, "CreateDate"), params, "Workforces")

    def _team(self, name: str, caller: Caller) -> dict[str, Any]:
        if _key(caller, name) not in self._teams:
            raise ApiError("ValidationException", f"Work team {name} does not exist.")
        return self._teams[_key(caller, name)]

    def _workforce(self, name: str, caller: Caller) -> dict[str, Any]:
        if _key(caller, name) not in self._workforces:
            raise ApiError("ValidationException", f"Workforce {name} does not exist.")
        return self._workforces[_key(caller, name)]


def _key(caller: Caller, name: str) -> Key:
    return (caller.account, caller.region, name.lower())


def _prefix(caller: Caller) -> str:
    return f"arn:aws:sagemaker:{caller.region}:{caller.account}"


def _of(rows: Mapping[Key, dict[str, Any]], caller: Caller, name: str, contains: str) -> list[dict[str, Any]]:
    mine = [row for key, row in rows.items() if key[:2] == (caller.account, caller.region)]
    return [row for row in mine if contains.lower() in row[name].lower()]


def _sub_domain(caller: Caller, name: str) -> str:
    digest = hashlib.sha256(f"{caller.account}/{caller.region}/{name}".encode()).hexdigest()[:10]
    return f"{digest}.labeling.{caller.region}.sagemaker.aws"


def _with_endpoint(config: Mapping[str, Any], caller: Caller, name: str) -> dict[str, Any]:
    for member in ("VpcId", "SecurityGroupIds", "Subnets"):
        if not config.get(member):
            raise ApiError("ValidationException", f"WorkforceVpcConfig lacks {member}.")
    digest = hashlib.sha256(f"{caller.account}/{caller.region}/{name}/vpce".encode()).hexdigest()[:17]
    return {**config, "VpcEndpointId": f"vpce-{digest}"}
