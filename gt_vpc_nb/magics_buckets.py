"""The magics about buckets: use, audit, grant, rollback, policy."""

from __future__ import annotations

import json
from typing import Any

from gt_vpc_nb.commands import PLACES
from gt_vpc_nb.errors import CommandError, near_miss
from gt_vpc_nb.magics_call import Call, Place, called


def use(call: Call) -> Place:
    """Where calls go from now on."""
    wanted, region = call.options.place, _a_region(call.options.region)
    if wanted == "local":
        from gt_vpc_nb.local import LocalAws

        _refuse_profile(call)
        aws = LocalAws.example()
        place = Place(aws.session(vpc_endpoint=aws.world.vpc_endpoint, region=region or aws.world.region), aws)
        call.magics.seen.world(aws.world)
    elif wanted == "aws":
        import boto3

        from gt_vpc_nb.aws.sessions import asking

        with asking(f"opening profile {call.options.profile or 'default'}"):
            place = Place(boto3.Session(profile_name=call.options.profile, region_name=region))
    elif isinstance(wanted, str):
        raise CommandError(
            f"%gt_vpc use: '{wanted}' is not a place; write local, aws, or {{{{session}}}}{near_miss(wanted, PLACES)}"
        )
    else:
        from gt_vpc_nb.aws.sessions import open_session

        _refuse_profile(call)
        if region:
            raise CommandError("%gt_vpc use: a session has a Region of its own; give --region with local or aws.")
        place = Place(open_session(wanted))
    call.magics.place = place
    return place


def _a_region(code: str | None) -> str | None:
    """The Region, if there is one of that name: another would be asked, and have nothing, or never answer."""
    if code is None:
        return None
    import botocore.session

    from gt_vpc_nb.facts import regions

    asked = botocore.session.Session()
    known = [each for part in asked.get_available_partitions() for each in asked.get_available_regions("s3", part)]
    if code not in known:
        near = near_miss(code, [each.code for each in regions()]) or near_miss(code, known)
        raise CommandError(f"%gt_vpc use: AWS has no Region {code!r} that botocore knows{near}")
    return code


def _refuse_profile(call: Call) -> None:
    if call.options.profile:
        raise CommandError("%gt_vpc use: a profile is of your AWS configuration; write %gt_vpc use aws --profile P.")


def audit(call: Call) -> Any:
    """Who gets through the buckets' policies."""
    from gt_vpc_nb.access import audit

    perimeter, buckets = call.perimeter(), list(call.options.buckets)
    call.python("Perimeter, audit", called("audit", buckets, perimeter, session=call.session_code))
    return audit(buckets, perimeter, call.session)


def grant(call: Call) -> Any:
    """The smallest edit that lets Ground Truth in."""
    from gt_vpc_nb.access import grant

    perimeter, bucket = call.perimeter(), call.options.bucket
    code = called("grant", bucket, perimeter, session=call.session_code)
    call.python("Perimeter, grant", code + _applied(call))
    return _change(call, grant(bucket, perimeter, call.session))


def rollback(call: Call) -> Any:
    """The way back to the policy before the last change."""
    from gt_vpc_nb.access import rollback

    call.python("rollback", called("rollback", call.options.bucket, session=call.session_code) + _applied(call))
    return _change(call, rollback(call.options.bucket, call.session))


def policy(call: Call) -> Any:
    """A policy of one's own, held against the bucket's."""
    from gt_vpc_nb.access_draft import draft

    perimeter, bucket = call.perimeter(), call.options.bucket
    code = called("draft", bucket, _on_one_line(call.body), perimeter, session=call.session_code)
    call.python("Perimeter", "from gt_vpc_nb.access_draft import draft", code + _applied(call))
    return _change(call, draft(bucket, call.body, perimeter, call.session))


def _on_one_line(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


def _applied(call: Call) -> str:
    return ".apply()" if call.options.apply else ""


def _change(call: Call, change: Any) -> Any:
    return change.apply() if call.options.apply else change
