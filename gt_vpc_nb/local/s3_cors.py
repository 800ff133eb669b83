"""CORS as S3 answers it: to the question a browser asks before a request, and on the answers that pages may read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gt_vpc_nb.local.behind import Answer
from gt_vpc_nb.local.failures import ApiError

Rule = Mapping[str, Any]
_VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


def preflight(rules: Sequence[Rule] | None, headers: Mapping[str, str]) -> Answer:
    """The answer to an OPTIONS request; nobody has to sign one. Raises ApiError for what no rule allows."""
    origin, method = headers.get("Origin"), headers.get("Access-Control-Request-Method")
    if origin is None or method is None:
        lacking = "Origin" if origin is None else "Access-Control-Request-Method"
        raise ApiError("BadRequest", f"Insufficient information. {lacking} request header needed.", 400)
    if not rules:
        raise ApiError("AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.", 403)
    wanted = [each.strip() for each in headers.get("Access-Control-Request-Headers", "").split(",") if each.strip()]
    rule = _matching(rules, origin, method, wanted)
    if rule is None:
        message = "CORSResponse: No CORS rule of this bucket allows this Origin with this method and these headers."
        raise ApiError("AccessForbidden", message, 403)
    told = _headers(rule, origin)
    if wanted:
        told["Access-Control-Allow-Headers"] = ", ".join(wanted).lower()
    return 200, {**told, "Content-Length": "0"}, b""


def response_headers(rules: Sequence[Rule] | None, headers: Mapping[str, str], method: str) -> dict[str, str]:
    """The headers that let the page of an Origin read an answer; none where no rule allows it."""
    origin = headers.get("Origin")
    rule = _matching(rules or (), origin, method, ()) if origin is not None else None
    return {} if rule is None or origin is None else _headers(rule, origin)


def without_cors(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers without what stands behind the door says of CORS."""
    return {name: value for name, value in headers.items() if not name.lower().startswith("access-control-")}


def _headers(rule: Rule, origin: str) -> dict[str, str]:
    anyone = "*" in rule["AllowedOrigins"]
    told = {
        "Access-Control-Allow-Origin": "*" if anyone else origin,
        "Access-Control-Allow-Methods": ", ".join(rule["AllowedMethods"]),
        "Vary": _VARY,
    }
    if not anyone:
        told["Access-Control-Allow-Credentials"] = "true"
    if rule.get("ExposeHeaders"):
        told["Access-Control-Expose-Headers"] = ", ".join(rule["ExposeHeaders"])
    if "MaxAgeSeconds" in rule:
        told["Access-Control-Max-Age"] = str(rule["MaxAgeSeconds"])
    return told


def _matching(rules: Sequence[Rule], origin: str, method: str, headers: Sequence[str]) -> Rule | None:
    """The first rule that allows all of it, as S3 looks (PutBucketCors): later ones do not count."""
    return next(
        (
            rule
            for rule in rules
            if _fits(rule["AllowedOrigins"], origin)
            and method in rule["AllowedMethods"]
            and all(_fits(_lower(rule.get("AllowedHeaders", ())), each.lower()) for each in headers)
        ),
        None,
    )


def _lower(texts: Sequence[str]) -> list[str]:
    return [each.lower() for each in texts]


def _fits(patterns: Sequence[str], text: str) -> bool:
    """Each pattern may have one star."""
    return any(re.fullmatch(".*".join(map(re.escape, each.split("*"))), text) for each in patterns)
