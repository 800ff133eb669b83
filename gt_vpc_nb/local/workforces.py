"""Private workforces of the local AWS, as dicts in AWS's shapes; one in an account and Region."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.origin import Caller
from gt_vpc_nb.local.paging import Key, key_of, ordered, page, rows_of

#: How long a workforce is Initializing with a VPC, Updating, or Deleting [guess: "minutes"]. Without a VPC a new one is
#: Active at once [guess].
CHANGING_TIME = timedelta(minutes=5)
_MOST_CIDRS = 10
_KEPT = ("SourceIpConfig", "CognitoConfig", "IpAddressType")


class Workforces:
    """Answers the operations on workforces. `teams(arn)` says how many work teams a workforce has."""

    def __init__(self, teams: Callable[[str], int]) -> None:
        self._teams = teams
        self._rows: dict[Key, dict[str, Any]] = {}
        self._changing: dict[Key, datetime] = {}

    def arns(self) -> tuple[str, ...]:
        """All workforces there are."""
        return tuple(row["WorkforceArn"] for row in self._rows.values())

    def of_team(self, name: str | None, caller: Caller) -> Mapping[str, Any]:
        """The named workforce, or the account's only one in the Region, or a portal address without one."""
        if name:
            return self._row(name, caller)
        there = [row for key, row in self._rows.items() if key[:2] == (caller.account, caller.region)]
        return there[0] if there else {"SubDomain": _sub_domain(caller, "")}

    def create_workforce(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        name = params["WorkforceName"]
        if any(key[:2] == (caller.account, caller.region) for key in self._rows):
            raise ApiError("ValidationException", "An account has one private workforce in a Region, and it exists.")
        if ("CognitoConfig" in params) == ("OidcConfig" in params):
            raise ApiError("ValidationException", "Give one of CognitoConfig and OidcConfig.")
        row = {
            "WorkforceName": name,
            "WorkforceArn": f"arn:aws:sagemaker:{caller.region}:{caller.account}:workforce/{name}",
            "SubDomain": _sub_domain(caller, name),
            "CreateDate": now,
            "LastUpdatedDate": now,
            "Status": "Active",
        } | _told(params, caller, name)
        self._rows[key_of(caller, name)] = row
        if "WorkforceVpcConfig" in row:
            self._change(key_of(caller, name), "Initializing", now)
        return {"WorkforceArn": row["WorkforceArn"]}

    def update_workforce(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        row = self._still(params["WorkforceName"], caller)
        told = _told(params, caller, row["WorkforceName"])
        if "OidcConfig" in told and "OidcConfig" not in row:
            raise ApiError("ValidationException", "A workforce with CognitoConfig cannot be given OidcConfig.")
        if "OidcConfig" in told and self._teams(row["WorkforceArn"]):
            message = "OidcConfig can be updated when the workforce has no work teams; delete them first."
            raise ApiError("ValidationException", message)
        if params.get("WorkforceVpcConfig") == {}:
            row.pop("WorkforceVpcConfig", None)
        row |= {**told, "LastUpdatedDate": now}
        self._change(key_of(caller, row["WorkforceName"]), "Updating", now)
        return {"Workforce": dict(row)}

    def delete_workforce(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        row = self._still(params["WorkforceName"], caller)
        if self._teams(row["WorkforceArn"]):
            raise ApiError("ResourceInUse", f"Workforce {row['WorkforceName']} has work teams; delete them first.")
        self._change(key_of(caller, row["WorkforceName"]), "Deleting", now)
        return {}

    def describe_workforce(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        return {"Workforce": self._row(params["WorkforceName"], caller)}

    def list_workforces(self, params: Mapping[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        rows = rows_of(self._rows, caller, "WorkforceName", params.get("NameContains", ""))
        columns = {"Name": "WorkforceName", "CreateDate": "CreateDate"}
        return page(ordered(rows, params, columns, "CreateDate"), params, "Workforces")

    def _row(self, name: str, caller: Caller) -> dict[str, Any]:
        if key_of(caller, name) not in self._rows:
            raise ApiError("ValidationException", f"Workforce {name} does not exist.")
        return self._rows[key_of(caller, name)]

    def _still(self, name: str, caller: Caller) -> dict[str, Any]:
        """A workforce that nothing is being done to."""
        row = self._row(name, caller)
        if row["Status"] != "Active":
            raise ApiError("ConflictException", f"Workforce {name} is {row['Status']}; wait until it is Active.")
        return row

    def _change(self, key: Key, status: str, now: datetime) -> None:
        self._rows[key]["Status"] = status
        self._changing[key] = now + CHANGING_TIME

    def settle(self, now: datetime) -> None:
        """Ends the changes whose time is over; called before each request."""
        for key in [key for key, until in self._changing.items() if until <= now]:
            row, until = self._rows[key], self._changing.pop(key)
            if row["Status"] == "Deleting":
                del self._rows[key]
            else:
                row |= {"Status": "Active", "LastUpdatedDate": until}


def _told(params: Mapping[str, Any], caller: Caller, name: str) -> dict[str, Any]:
    """What a request says of a workforce, as it is described."""
    told = {member: params[member] for member in _KEPT if member in params}
    if "SourceIpConfig" in told:
        _check_cidrs(told["SourceIpConfig"]["Cidrs"])
    if "OidcConfig" in params:
        told["OidcConfig"] = {key: each for key, each in params["OidcConfig"].items() if key != "ClientSecret"}
    if params.get("WorkforceVpcConfig"):
        told["WorkforceVpcConfig"] = _with_endpoint(params["WorkforceVpcConfig"], caller, name)
    return told


def _check_cidrs(cidrs: list[str]) -> None:
    if len(cidrs) > _MOST_CIDRS:
        raise ApiError("ValidationException", f"SourceIpConfig has {len(cidrs)} Cidrs; at most {_MOST_CIDRS}.")
    for cidr in cidrs:
        try:
            ipaddress.ip_network(cidr, strict=False)
        except ValueError:
            raise ApiError("ValidationException", f"SourceIpConfig has {cidr!r}, which is no CIDR.") from None


def _with_endpoint(config: Mapping[str, Any], caller: Caller, name: str) -> dict[str, Any]:
    for member in ("VpcId", "SecurityGroupIds", "Subnets"):
        if not config.get(member):
            raise ApiError("ValidationException", f"WorkforceVpcConfig lacks {member}.")
    digest = hashlib.sha256(f"{caller.account}/{caller.region}/{name}/vpce".encode()).hexdigest()[:17]
    return {**config, "VpcEndpointId": f"vpce-{digest}"}


def _sub_domain(caller: Caller, name: str) -> str:
    digest = hashlib.sha256(f"{caller.account}/{caller.region}/{name}".encode()).hexdigest()[:10]
    return f"{digest}.labeling.{caller.region}.sagemaker.aws"
