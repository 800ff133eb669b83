"""Checks of the input manifest: its form, its size, and what each of its lines holds."""

from __future__ import annotations

from functools import partial

from gt_vpc_nb import facts
from gt_vpc_nb.manifest.checking import line_problems
from gt_vpc_nb.manifest.lines import ATTRIBUTE_CHARACTERS, LINE_CHARACTERS
from gt_vpc_nb.preflight.case import Case, Outcome, failed, not_applicable, passed, warned
from gt_vpc_nb.preflight.surroundings import Manifest, ManifestProblem, Missing
from gt_vpc_nb.preflight.table import Check, automated
from gt_vpc_nb.preflight.telling import few

RECOMMENDED_OBJECTS = 5000


def with_manifest(case: Case) -> str | None:
    """A reason not to ask: there is no manifest to look into."""
    manifest = case.surroundings.manifest
    if manifest is None:
        return "the request names no input manifest"
    return "the input manifest is not there, see MAN-11" if isinstance(manifest, Missing) else None


def automated_with_manifest(case: Case) -> str | None:
    """A reason not to ask: nothing is labeled automatically, or no manifest says how much there is."""
    return automated(case) or with_manifest(case)


def manifest_of(case: Case) -> Manifest:
    """The manifest, where `with_manifest` gave no reason and the survey could read it."""
    manifest = case.surroundings.manifest
    assert isinstance(manifest, Manifest)
    return manifest


def broken_lines(case: Case, code: str) -> list[ManifestProblem]:
    """The problems of one rule that are kept: the survey's of all lines, or those of the first lines where it has none.

    A survey made or edited by hand has lines without what a pass over the whole manifest would have found.
    """
    manifest = manifest_of(case)
    if manifest.problems or manifest.problem_counts:
        return list(manifest.broken(code))
    # A custom workflow takes whatever a pass-through job takes.
    task = case.task or facts.task_type("PassThrough")
    found = (
        each
        for number, text in enumerate(manifest.sample, 1)
        for each in line_problems(text.encode("utf-8", "surrogateescape"), number, task)
    )
    return [
        ManifestProblem(each.code, each.severity, each.line, each.message, each.remedy)
        for each in found
        if each.code == code
    ]


def lines_keep(code: str, sound: str, case: Case) -> Outcome:
    """Does every line keep a rule? The first few that do not are told, and how many there are."""
    found = broken_lines(case, code)
    if not found:
        return passed(sound)
    counts = {each.name: each.lines for each in manifest_of(case).problem_counts}
    worst = failed if any(each.severity == "error" for each in found) else warned
    evidence = few([f"{each.message.rstrip('.')}" for each in found], counts.get(code))
    return worst(evidence, " ".join(dict.fromkeys(each.remedy for each in found if each.remedy)))


def enough_objects(case: Case) -> Outcome:
    manifest, least = manifest_of(case), facts.AUTO_LABELING_MIN_OBJECTS
    if manifest.objects >= least:
        return passed(f"{manifest.objects:,} data objects, at least {least:,} wanted")
    return failed(
        f"{manifest.uri} has {manifest.objects:,} data objects; automated labeling needs {least:,}",
        "Add data objects, or leave out .with_automated_labeling().",
    )


def many_objects(case: Case) -> Outcome:
    manifest = manifest_of(case)
    if manifest.objects < facts.AUTO_LABELING_MIN_OBJECTS:
        return not_applicable("too few for automated labeling at all, see AUTO-03")
    if manifest.objects >= RECOMMENDED_OBJECTS:
        return passed(f"{manifest.objects:,} data objects")
    return warned(
        f"{manifest.objects:,} data objects; AWS recommends {RECOMMENDED_OBJECTS:,} for automated labeling",
        "Expect fewer labels by machine, or add data objects.",
    )


def lines_are_json(case: Case) -> Outcome:
    manifest = manifest_of(case)
    if manifest.encoding != "UTF-8":
        mark = manifest.encoding.startswith(("UTF-8 with", "UTF-16"))
        remedy = "Save it as UTF-8 without a byte order mark." if mark else "Write it in UTF-8."
        return failed(f"{manifest.uri} is {manifest.encoding}", remedy)
    return lines_keep("MAN-01", "every line is a JSON object in UTF-8", case)


def lines_are_short(case: Case) -> Outcome:
    longest = manifest_of(case).longest_line
    if longest > LINE_CHARACTERS and not broken_lines(case, "MAN-02"):
        evidence = f"a line has {longest:,} characters, at most {LINE_CHARACTERS:,} are taken"
        return failed(evidence, "Move long data into an object in S3 and refer to it.")
    return lines_keep("MAN-02", f"no line is longer than {LINE_CHARACTERS:,} characters", case)


def attributes_are_short(case: Case) -> Outcome:
    longest = manifest_of(case).longest_attribute
    if longest > ATTRIBUTE_CHARACTERS and not broken_lines(case, "MAN-03"):
        evidence = f"an attribute has {longest:,} characters, at most {ATTRIBUTE_CHARACTERS:,} are taken"
        return failed(evidence, "Shorten it, or move it into an object in S3.")
    return lines_keep("MAN-03", f"no attribute is longer than {ATTRIBUTE_CHARACTERS:,} characters", case)


def names_are_free(case: Case) -> Outcome:
    reserved = [each for each in manifest_of(case).attributes if each.name.startswith("$")]
    if reserved and not broken_lines(case, "MAN-04"):
        return failed(
            few([f"{each.name[:60]!r} on {each.lines:,} lines" for each in reserved]) + " begin with $",
            "Rename it: Ground Truth keeps names with $ for itself.",
        )
    return lines_keep("MAN-04", "no attribute's name begins with $", case)


def lines_name_their_object(case: Case) -> Outcome:
    manifest = manifest_of(case)
    if not manifest.objects:
        return failed(f"{manifest.uri} has no data object", "Give one data object a line.")
    wanted = " or ".join(case.task.manifest_keys if case.task else ("source-ref", "source"))
    return lines_keep("MAN-05", f"every line has {wanted}", case)


def not_too_many(case: Case) -> Outcome:
    manifest, task = manifest_of(case), case.task or facts.task_type("PassThrough")
    if manifest.objects > task.dataset_items:
        return failed(
            f"{manifest.uri} has {manifest.objects:,} data objects; {task.code} takes at most {task.dataset_items:,}",
            "Split the manifest into several labeling jobs.",
        )
    return passed(f"{manifest.objects:,} of at most {task.dataset_items:,} data objects")


def objects_are_single(case: Case) -> Outcome:
    manifest = manifest_of(case)
    if manifest.duplicates and not broken_lines(case, "MAN-13"):
        lines = "1 line has" if manifest.duplicates == 1 else f"{manifest.duplicates:,} lines have"
        return warned(f"{lines} the data object of an earlier line", "It is labeled, and paid, twice.")
    return lines_keep("MAN-13", "no data object is there twice", case)


_MANIFEST = ("manifest",)
_CLIPS = "every clip ends in .mp4, .ogg or .webm"


def _only_clips(case: Case) -> str | None:
    other = case.task is None or case.task.modality != "video clip"
    return "the task shows no video clips" if other else with_manifest(case)


CHECKS = (
    Check("AUTO-03", _MANIFEST, enough_objects, automated_with_manifest),
    Check("AUTO-04", _MANIFEST, many_objects, automated_with_manifest),
    Check("MAN-01", _MANIFEST, lines_are_json, with_manifest),
    Check("MAN-02", _MANIFEST, lines_are_short, with_manifest),
    Check("MAN-03", _MANIFEST, attributes_are_short, with_manifest),
    Check("MAN-04", _MANIFEST, names_are_free, with_manifest),
    Check("MAN-05", _MANIFEST, lines_name_their_object, with_manifest),
    Check("MAN-06", _MANIFEST, not_too_many, with_manifest),
    Check("MAN-08", _MANIFEST, partial(lines_keep, "MAN-08", _CLIPS), _only_clips),
    Check("MAN-13", _MANIFEST, objects_are_single, with_manifest),
)
