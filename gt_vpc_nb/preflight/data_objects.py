"""Checks of the data objects that the manifest names: whether they are there, and what they hold."""

from __future__ import annotations

from collections.abc import Iterator

from gt_vpc_nb.manifest.sequences import CAMERA_IMAGES, VIDEO_SEQUENCES, sequence_problems
from gt_vpc_nb.preflight.case import Case, Outcome, failed, not_applicable, passed, together, undetermined
from gt_vpc_nb.preflight.data import broken_lines, lines_keep, manifest_of, with_manifest
from gt_vpc_nb.preflight.surroundings import DataObject, Manifest, Missing, TextFile, Unknown
from gt_vpc_nb.preflight.table import Check, automated
from gt_vpc_nb.preflight.telling import few, told

#: Source: SageMaker developer guide, input-data-limits.
IMAGE_BYTES, IMAGE_PIXELS = 40 * 1024 * 1024, 100_000_000
_PICTURES = (".jpg", ".jpeg", ".png")
CLOUD = "3D point cloud"
#: A 3D point cloud of one frame a line, with what goes with it in source-ref-metadata.
CLOUD_FRAME = "3D point cloud (frame)"


def objects_exist(case: Case) -> Outcome:
    manifest = case.surroundings.manifest
    if isinstance(manifest, Missing):
        return failed(manifest.reason, "Write the input manifest there, or name another: .input(…).")
    return together(
        (_present(each) for each in case.surroundings.data_objects), "no sampled line names an object in S3"
    )


def _present(each: DataObject) -> Outcome:
    if isinstance(each.exists, Unknown):
        return undetermined(f"{each.uri}: {each.exists.reason}")
    if not each.exists:
        return failed(f"{each.uri} is not there", "Correct the manifest, or upload the object.")
    return passed("the sampled data objects are there")


def _no_manifest(case: Case) -> str | None:
    return "the request names no input manifest" if case.surroundings.manifest is None else None


def images_can_be_shown(case: Case) -> Outcome:
    """The endings of all lines, and the sizes of the sampled images."""
    lines = [] if case.manifest is None else [lines_keep("MAN-07", "every image ends in .jpg, .jpeg or .png", case)]
    return together([*lines, *(_fits(each) for each in case.surroundings.data_objects if each.exists is True)], "")


def _fits(image: DataObject) -> Outcome:
    if isinstance(image.size, Unknown):
        return undetermined(f"the size of {image.uri} is not known: {image.size.reason}")
    if image.size > IMAGE_BYTES:
        evidence = f"{image.uri} has {image.size / 2**20:,.1f} MB, at most {IMAGE_BYTES >> 20} are taken"
        return failed(evidence, "Save it smaller, or leave it out.")
    if isinstance(image.width, Unknown) or isinstance(image.height, Unknown):
        gap = image.width if isinstance(image.width, Unknown) else image.height
        assert isinstance(gap, Unknown)
        return undetermined(f"how large the picture {image.uri} is is not known: {gap.reason}")
    if image.width is None or image.height is None:
        if not image.uri.casefold().endswith(_PICTURES):
            return not_applicable(f"{image.uri} was not looked into: it has no picture's ending")
        return failed(f"{image.uri} is not a picture that can be read", "Save it as JPEG or PNG.")
    if image.width * image.height > IMAGE_PIXELS:
        evidence = f"{image.uri} has {image.width} x {image.height} pixels, at most {IMAGE_PIXELS:,} are taken"
        return failed(evidence, "Save it smaller, or leave it out.")
    return passed("the sampled images are small enough")


def _only_images(case: Case) -> str | None:
    if case.task is None or case.task.modality != "image":
        return (
            "a custom workflow shows what its template shows" if case.task is None else f"{case.task.code}: no images"
        )
    return with_manifest(case)


def images_can_be_learned(case: Case) -> Outcome:
    """Automated labeling takes smaller images; a picture may lie on its side."""
    assert case.task is not None and case.task.automated_resolution is not None
    most = case.task.automated_resolution
    images = [each for each in case.surroundings.data_objects if each.exists is True]
    return together((_within(each, most) for each in images), "no sampled line names an image")


def _within(image: DataObject, most: tuple[int, int]) -> Outcome:
    sides = (image.width, image.height)
    gaps = [each for each in sides if isinstance(each, Unknown)]
    if gaps:
        return undetermined(f"how large the picture {image.uri} is is not known: {gaps[0].reason}")
    known = [each for each in sides if isinstance(each, int)]
    if len(known) < 2:
        return not_applicable(f"{image.uri} is not a picture that can be read, see MAN-07")
    if max(known) > max(most) or min(known) > min(most):
        evidence = f"{image.uri} has {known[0]} x {known[1]} pixels, automated labeling takes {most[0]} x {most[1]}"
        return failed(evidence, "Save it smaller, or leave out .with_automated_labeling().")
    return passed(f"the sampled images have at most {most[0]} x {most[1]} pixels")


def _learns_from_images(case: Case) -> str | None:
    if automated(case) or case.task is None or case.task.automated_resolution is None:
        return automated(case) or "automated labeling has no limit of resolution for it"
    return with_manifest(case)


def frames_are_in_order(case: Case) -> Outcome:
    """Sequence files of video frames: how many there are, and what is in each."""
    objects = manifest_of(case).objects
    outcomes = list(_sequences(case))
    if objects > VIDEO_SEQUENCES:
        evidence = f"{objects:,} sequences in one manifest, at most {VIDEO_SEQUENCES} are taken"
        outcomes.append(failed(evidence, "Make a labeling job of each ten sequences."))
    return together(outcomes, "no sequence file was read")


def clouds_are_in_order(case: Case) -> Outcome:
    """3D point clouds: frames in the manifest's lines, or sequence files."""
    assert case.task is not None
    if case.task.modality == CLOUD_FRAME:
        return together(_cloud_frames(case, manifest_of(case)), "")
    return together(_sequences(case), "no sequence file was read")


def _cloud_frames(case: Case, manifest: Manifest) -> Iterator[Outcome]:
    if broken_lines(case, "MAN-10"):
        yield lines_keep("MAN-10", "", case)
        return
    if manifest.without_timestamp:
        evidence = f"{manifest.without_timestamp:,} lines have no source-ref-metadata with a unix-timestamp"
        yield failed(evidence, "Give each frame its time: 'source-ref-metadata': {'unix-timestamp': …}.")
    if manifest.most_images > CAMERA_IMAGES:
        evidence = f"a frame has {manifest.most_images} camera images, at most {CAMERA_IMAGES} are shown"
        yield failed(evidence, "Leave some out.")
    yield passed("every frame has its time and at most 8 camera images")


def _sequences(case: Case) -> Iterator[Outcome]:
    files = case.surroundings.sequence_files
    if not files:
        yield undetermined("no sequence file was read", "Look into the files that the manifest names.")
    for file in files:
        yield _sequence(case, file)


def _sequence(case: Case, file: TextFile) -> Outcome:
    if isinstance(file.text, Missing):
        return not_applicable(f"{file.text.reason}, see MAN-11")
    if isinstance(file.text, Unknown):
        return undetermined(f"{file.uri}: {file.text.reason}")
    assert case.task is not None
    problems = sequence_problems(file.text, case.task)
    if not problems:
        return passed(f"the {len(case.surroundings.sequence_files)} sequence files that were read keep their form")
    outcome = told(problems, problems[0].code, "")
    return failed(f"{file.uri}: {few([each.message.rstrip('.') for each in problems])}", outcome.remedy)


def _video_frames(case: Case) -> str | None:
    other = case.task is None or case.task.modality != "video frame"
    return "the task shows no video frames" if other else with_manifest(case)


def _clouds(case: Case) -> str | None:
    other = case.task is None or not case.task.modality.startswith(CLOUD)
    return "the task shows no 3D point clouds" if other else with_manifest(case)


_MANIFEST = ("manifest",)
CHECKS = (
    Check("AUTO-06", _MANIFEST, images_can_be_learned, _learns_from_images),
    Check("MAN-07", _MANIFEST, images_can_be_shown, _only_images),
    Check("MAN-09", _MANIFEST, frames_are_in_order, _video_frames),
    Check("MAN-10", _MANIFEST, clouds_are_in_order, _clouds),
    Check("MAN-11", _MANIFEST, objects_exist, _no_manifest),
)
