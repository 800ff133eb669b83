"""Checks of the input manifest: how many data objects, the first lines, and whether their objects are there."""

from __future__ import annotations

import json
from collections.abc import Iterator

from gt_vpc_nb import facts
from gt_vpc_nb.preflight.case import Case, Outcome, failed, not_applicable, passed, together, undetermined, warned
from gt_vpc_nb.preflight.surroundings import Manifest, Missing, Unknown
from gt_vpc_nb.preflight.table import Check, automated

RECOMMENDED_OBJECTS = 5000


def enough_objects(case: Case) -> Outcome:
    manifest = case.manifest
    if not case.automated or manifest is None:
        return not_applicable("no automated labeling" if not case.automated else "no manifest, see MAN-11")
    least = facts.AUTO_LABELING_MIN_OBJECTS
    if manifest.objects >= least:
        return passed(f"{manifest.objects:,} data objects, at least {least:,} wanted")
    return failed(
        f"{manifest.uri} has {manifest.objects:,} data objects; automated labeling needs {least:,}",
        "Add data objects, or leave out .with_automated_labeling().",
    )


def many_objects(case: Case) -> Outcome:
    manifest = case.manifest
    if not case.automated or manifest is None:
        return not_applicable("no automated labeling" if not case.automated else "no manifest, see MAN-11")
    if manifest.objects < facts.AUTO_LABELING_MIN_OBJECTS:
        return not_applicable("too few for automated labeling at all, see AUTO-03")
    if manifest.objects >= RECOMMENDED_OBJECTS:
        return passed(f"{manifest.objects:,} data objects")
    return warned(
        f"{manifest.objects:,} data objects; AWS recommends {RECOMMENDED_OBJECTS:,} for automated labeling",
        "Expect fewer labels by machine, or add data objects.",
    )


def lines_are_json(case: Case) -> Outcome:
    return together((_is_json(number, line) for number, line in _sampled(case)), "no manifest line was read")


def _is_json(number: int, text: str) -> Outcome:
    remedy = "Write one complete JSON object a line, in UTF-8."
    if any("\udc80" <= each <= "\udcff" for each in text):
        return failed(f"line {number} is not UTF-8", remedy)
    try:
        line = json.loads(text)
    except ValueError as error:
        return failed(f"line {number} is not JSON ({error})", remedy)
    if not isinstance(line, dict):
        return failed(f"line {number} is not a JSON object", remedy)
    return passed("every sampled line is a JSON object")


def lines_name_their_object(case: Case) -> Outcome:
    keys = case.task.manifest_keys if case.task else ("source-ref", "source")
    wanted = " or ".join(keys)
    outcomes = []
    for number, text in _sampled(case):
        try:
            line = json.loads(text)
        except ValueError:
            # MAN-01 says so.
            continue
        if isinstance(line, dict) and not any(key in line for key in keys):
            outcomes.append(failed(f"line {number} has no {wanted}", f"Name the data object of each line by {wanted}."))
        elif isinstance(line, dict):
            outcomes.append(passed(f"every sampled line has {wanted}"))
    return together(outcomes, "no manifest line could be read")


def objects_exist(case: Case) -> Outcome:
    manifest = case.surroundings.manifest
    if manifest is None:
        return not_applicable("the request names no input manifest")
    if isinstance(manifest, Missing):
        return failed(manifest.reason, "Write the input manifest there, or name another: .input(…).")
    return together(_present(case), "no sampled line names an object in S3")


def _present(case: Case) -> Iterator[Outcome]:
    objects = case.surroundings.data_objects
    for each in objects:
        if isinstance(each.exists, Unknown):
            yield undetermined(f"{each.uri}: {each.exists.reason}")
        elif not each.exists:
            yield failed(f"{each.uri} is not there", "Correct the manifest, or upload the object.")
        else:
            yield passed(f"the {len(objects)} sampled data objects are there")


def _sampled(case: Case) -> Iterator[tuple[int, str]]:
    manifest = case.surroundings.manifest
    return iter(enumerate(manifest.sample, 1)) if isinstance(manifest, Manifest) else iter(())


CHECKS = (
    Check("AUTO-03", ("manifest",), enough_objects, automated),
    Check("AUTO-04", ("manifest",), many_objects, automated),
    Check("MAN-01", ("manifest",), lines_are_json),
    Check("MAN-05", ("manifest",), lines_name_their_object),
    Check("MAN-11", ("manifest",), objects_exist),
)
