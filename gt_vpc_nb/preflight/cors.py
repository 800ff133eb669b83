"""Checks of the CORS rules: what a worker's browser may load from, and write to, the job's buckets."""

from __future__ import annotations

from dataclasses import replace

from gt_vpc_nb.policy.cors import NEEDED
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.case import Case, Outcome, failed, not_applicable, passed, together, undetermined, warned
from gt_vpc_nb.preflight.surroundings import CorsRule, Unknown
from gt_vpc_nb.preflight.table import Check, fact

_EXPOSED = "access-control-allow-origin"
_PICTURES = (".jpg", ".jpeg", ".png")
#: Modalities whose pages read frames and write their work back. Source: sms-video-overview and
#: sms-point-cloud-general-information of the SageMaker developer guide.
_WRITES_BACK = ("video frame", "3D point cloud")


def images_have_cors(case: Case) -> Outcome:
    if case.task is None:
        return _of_a_custom_workflow(case)
    if case.task.modality != "image":
        return not_applicable(f"{case.task.code} shows no images from the bucket")
    return together((_cors(case, name, "CORS-01") for name in case.data_buckets), "the request names no input bucket")


def _of_a_custom_workflow(case: Case) -> Outcome:
    """Its template decides what the browser loads; where the data are pictures, it probably loads them."""
    if not any(uri.lower().endswith(_PICTURES) for uri in case.data_uris):
        return not_applicable("a custom workflow without images: its template decides what the browser loads")
    found = together((_cors(case, name, "CORS-01") for name in case.data_buckets), "the request names no input bucket")
    return replace(found, status="warned") if found.status == "failed" else found


def frames_have_cors(case: Case) -> Outcome:
    if case.task is None or not case.task.modality.startswith(_WRITES_BACK):
        return not_applicable("neither video frames nor a 3D point cloud")
    output = places.split_uri(places.member(case.request, places.OUTPUT))
    names = dict.fromkeys((*case.data_buckets, *([output[0]] if output else [])))
    return together((_cors(case, name, "CORS-02") for name in names), "the request names no bucket")


def _cors(case: Case, name: str, rule: str) -> Outcome:
    """Whether one bucket answers browsers as that rule wants."""
    rules = case.bucket(name).cors
    if isinstance(rules, Unknown):
        return undetermined(f"the CORS rules of s3://{name} are not known: {rules.reason}")
    wanted, remedy = NEEDED[rule], _remedy(case, name, rules, rule)
    methods = ", ".join(wanted["AllowedMethods"])
    able = [each for each in rules if set(wanted["AllowedMethods"]) <= set(each.methods)]
    if not able:
        having = f"no CORS rule allows {methods}" if rules else "it has no CORS configuration"
        return failed(f"s3://{name}: {having}, so the worker's browser may not load its objects", remedy)
    anywhere = [each for each in able if "*" in each.origins]
    if not anywhere:
        origins = sorted({origin for each in able for origin in each.origins})
        return failed(f"s3://{name}: CORS allows {methods} only to {', '.join(origins)}", remedy)
    if "*" in wanted["AllowedHeaders"] and not any("*" in each.headers for each in anywhere):
        return failed(f"s3://{name}: CORS does not allow every header, which writing from the browser takes", remedy)
    if not any(_EXPOSED in map(str.lower, each.exposed) for each in anywhere):
        return warned(f"s3://{name}: CORS does not expose Access-Control-Allow-Origin", remedy)
    return passed(f"s3://{name} allows {methods} from any origin")


def _remedy(case: Case, name: str, rules: tuple[CorsRule, ...], rule: str) -> str:
    """The call that adds what is wanted to the rules that are there."""
    read = f"s3.get_bucket_cors(Bucket={name!r})['CORSRules']" if rules else "[]"
    return (
        f"s3 = boto3.client('s3', {case.region!r}); s3.put_bucket_cors(Bucket={name!r}, CORSConfiguration="
        f"{{'CORSRules': merged({read}, NEEDED[{rule!r}])}}), with merged and NEEDED of gt_vpc_nb.policy.cors: it adds "
        f"a rule with AllowedMethods {list(NEEDED[rule]['AllowedMethods'])}, AllowedOrigins ['*'] and ExposeHeaders "
        "['Access-Control-Allow-Origin']."
    )


CHECKS = (
    Check("CORS-01", (), images_have_cors),
    Check("CORS-02", (), frames_have_cors),
    fact("CORS-03", "the console adds a CORS rule to the manifest's bucket alone; a job made by the API gets none"),
)
