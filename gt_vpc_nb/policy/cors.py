"""CORS rules of a bucket: what Ground Truth's worker pages need, added to what is there."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from gt_vpc_nb.errors import PolicyError

CorsRule = Mapping[str, Any]
#: The rule that a bucket needs, by rule id. Source: SageMaker developer guide (May 2023): sms-cors-update for images;
#: sms-video-overview and sms-point-cloud-general-information for 3D and video frames, on input and output buckets.
NEEDED: Mapping[str, CorsRule] = {
    "CORS-01": {
        "AllowedHeaders": [],
        "AllowedMethods": ["GET"],
        "AllowedOrigins": ["*"],
        "ExposeHeaders": ["Access-Control-Allow-Origin"],
    },
    "CORS-02": {
        "AllowedHeaders": ["*"],
        "AllowedMethods": ["GET", "HEAD", "PUT"],
        "AllowedOrigins": ["*"],
        "ExposeHeaders": ["Access-Control-Allow-Origin"],
        "MaxAgeSeconds": 3000,
    },
}
#: S3's limit for one bucket. Source: S3 API reference, PutBucketCors.
MOST_RULES = 100
_LISTS = ("AllowedHeaders", "AllowedMethods", "AllowedOrigins", "ExposeHeaders")
_ANY_CASE = ("AllowedHeaders", "ExposeHeaders")


def merged(existing_rules: Sequence[CorsRule], needed: CorsRule | None = None) -> list[dict[str, Any]]:
    """A bucket's CORS rules with the one that Ground Truth needs; the others stay as they are, and come first.

    `needed` is the rule to add, that of CORS-01 when left out. Nothing is added where one rule already gives all of it.
    S3 answers by the first rule that matches a request, so what an earlier rule answers stays its own. Raises
    PolicyError when a rule is none, or the bucket would have more than 100.

    >>> [rule["AllowedMethods"] for rule in merged([{"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://a.example"]}])]
    [['PUT'], ['GET']]
    """
    wanted = NEEDED["CORS-01"] if needed is None else needed
    for number, each in enumerate((*existing_rules, wanted), 1):
        _refuse_other(each, number)
    rules: list[dict[str, Any]] = [copy.deepcopy(dict(each)) for each in existing_rules]
    if not any(_gives(each, wanted) for each in rules):
        rules.append(copy.deepcopy(dict(wanted)))
    if len(rules) > MOST_RULES:
        raise PolicyError(f"The bucket would have {len(rules)} CORS rules and S3 takes {MOST_RULES}; remove one first.")
    return rules


def _gives(rule: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(_covers(_values(rule, name), _values(wanted, name), name) for name in _LISTS)


def _covers(given: set[str], wanted: set[str], name: str) -> bool:
    return wanted <= given or ("*" in given and name in ("AllowedOrigins", "AllowedHeaders"))


def _values(rule: Mapping[str, Any], name: str) -> set[str]:
    given = rule.get(name) or ()
    return {each.lower() if name in _ANY_CASE else each for each in given}


def _refuse_other(rule: object, number: int) -> None:
    """S3 wants methods and origins in every rule, each a list of texts."""
    lists = [rule.get(name, []) for name in _LISTS] if isinstance(rule, Mapping) else [None]
    texts = all(isinstance(each, (list, tuple)) and all(isinstance(one, str) for one in each) for each in lists)
    if not texts or not rule.get("AllowedMethods") or not rule.get("AllowedOrigins"):  # type: ignore[attr-defined]
        raise PolicyError(
            f"CORS rule {number} is not one of S3's CORSRules: lists AllowedMethods and AllowedOrigins are wanted."
        )
