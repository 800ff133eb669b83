"""Where a request that came to 127.0.0.1 would have gone: AWS's own host name, told by what it is signed for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, quote

from gt_vpc_nb.local.failures import ApiError

_SCOPE = re.compile(r"(?:Credential=)?[^/,]+/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")
_SIGNED = "AWS4-HMAC-SHA256"

#: Services whose host name is not `service.region.amazonaws.com` (botocore's endpoint rules).
_HOSTS = {
    "budgets": "budgets",
    "cloudfront": "cloudfront",
    "ecr": "api.ecr.{region}",
    "iam": "iam",
    "organizations": "organizations.us-east-1",
    "route53": "route53",
    "sagemaker": "api.sagemaker.{region}",
    "ses": "email.{region}",
}


def aws_url(target: str, headers: Mapping[str, str], region: str) -> str:
    """The AWS URL of a request line's target: of S3 by path when nothing else is signed for.

    Raises ApiError for a signature whose service and Region cannot be read. `region` is taken where none is signed.
    """
    service, region = signed_for(target, headers, region)
    name = _HOSTS.get(service, f"{service}.{{region}}").format(region=region)
    suffix = ".cn" if region.startswith("cn-") else ""
    # A tool may send letters beyond ASCII as they are.
    plain = quote(target.encode("latin-1"), safe="!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
    return f"https://{name}.amazonaws.com{suffix}{plain}"


def signed_for(target: str, headers: Mapping[str, str], region: str) -> tuple[str, str]:
    """Service and Region of a request's signature, in its header or in its query; S3 in `region` without one.

    Raises ApiError for a signature that names none.
    """
    signature = headers.get("Authorization", "")
    if signature.startswith(_SIGNED):
        return _scope(signature.partition(" ")[2])
    credential = parse_qs(target.partition("?")[2]).get("X-Amz-Credential")
    return _scope(credential[0]) if credential else ("s3", region)


def _scope(credential: str) -> tuple[str, str]:
    scope = _SCOPE.match(credential.strip())
    if scope is None:
        message = "The signature names no service and Region; sign with Signature Version 4."
        raise ApiError("IncompleteSignature", message, 400)
    return scope[2], scope[1]
