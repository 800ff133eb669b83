"""Condition keys: when a request carries them, and what their values look like.

Source: IAM User Guide, reference_policies_condition-keys, and the S3 actions of the Service Authorization Reference.
"""

from __future__ import annotations

from gt_vpc_nb.policy.condition_keys import MULTI_VALUED, is_single_valued
from gt_vpc_nb.policy.glob_classes import Shape

#: When a request carries a key: through a VPC endpoint, not through one, when signed, when an AWS service asks by
#: itself, always; "perhaps" says that it may lack the key even then. A key that is not here may be there or not.
PRESENT = {
    "aws:sourcevpce": "endpoint",
    "aws:sourcevpc": "endpoint",
    "aws:vpcsourceip": "endpoint",
    "aws:sourcevpcarn": "endpoint, perhaps",
    "aws:vpceaccount": "endpoint, perhaps",
    "aws:vpceorgid": "endpoint, perhaps",
    "aws:vpceorgpaths": "endpoint, perhaps",
    "aws:sourceip": "no endpoint",
    "aws:securetransport": "always",
    "aws:currenttime": "always",
    "aws:epochtime": "always",
    "aws:principalarn": "signed",
    "aws:principaltype": "signed",
    "aws:userid": "signed",
    "aws:username": "signed, perhaps",
    "aws:principalorgid": "signed, perhaps",
    "aws:principalorgpaths": "signed, perhaps",
    "aws:multifactorauthpresent": "signed, perhaps",
    "aws:multifactorauthage": "signed, perhaps",
    "aws:tokenissuetime": "signed, perhaps",
    "aws:federatedprovider": "signed, perhaps",
    "aws:sourceaccount": "service, perhaps",
    "aws:sourcearn": "service, perhaps",
    "aws:sourceorgid": "service, perhaps",
    "aws:sourceorgpaths": "service, perhaps",
    "aws:principalservicename": "service, perhaps",
    "aws:principalservicenameslist": "service, perhaps",
}
#: What an anonymous request may carry under keys that only signed requests must carry.
ANONYMOUS = {"aws:userid": "anonymous", "aws:principaltype": "Anonymous"}
#: Keys that the principal itself decides.
OF_THE_PRINCIPAL = ("aws:principalarn", "aws:principalaccount", "aws:principalisawsservice")
SHAPES = {"aws:sourcevpce": Shape("vpce-", 1), "aws:sourcevpc": Shape("vpc-", 1)}


def holds_several(key: str, quantified: bool) -> bool:
    """Whether a key can hold several values: one that is known to, or an unknown one that a policy treats so."""
    return key in MULTI_VALUED or (quantified and not is_single_valued(key))


def presence(key: str, *, endpoint: bool, caller: str) -> tuple[bool, bool]:
    """Whether a request carries a key: (it may, it may lack it); `caller` is anonymous, signed or service."""
    when, _, perhaps = PRESENT.get(key, "").partition(", ")
    possible = {
        "endpoint": endpoint,
        "no endpoint": not endpoint,
        "signed": caller == "signed",
        "service": caller == "service",
    }.get(when, True)
    return possible, not possible or not when or bool(perhaps)
