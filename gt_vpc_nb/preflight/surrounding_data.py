"""The data part of a survey: buckets, the input manifest and its objects, the files of the job's worker interface."""

from __future__ import annotations

from dataclasses import dataclass

from gt_vpc_nb.errors import Severity
from gt_vpc_nb.preflight.unread import NOT_SURVEYED, Missing, Unknown


@dataclass(frozen=True)
class CorsRule:
    """One rule of a bucket's CORS configuration."""

    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    max_age: int | None = None


@dataclass(frozen=True)
class PublicAccessBlock:
    """A bucket's Block Public Access settings, by AWS's four names."""

    block_public_acls: bool = False
    ignore_public_acls: bool = False
    block_public_policy: bool = False
    restrict_public_buckets: bool = False


@dataclass(frozen=True)
class Notification:
    """An event notification of a bucket: where to (`target` is an ARN, or eventbridge), on which events and keys."""

    target: str
    events: tuple[str, ...] = ()
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True)
class Bucket:
    """One bucket: its Region, its policy's text (None: it has none), its CORS rules, its default encryption.

    `encryption` is the algorithm, with the KMS key behind it where one is named; `kms_key` is that key alone
    (None: none is named). `ownership` is BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter or None.
    `public_access_block` None: the bucket has no settings of its own.
    """

    name: str
    region: str | Missing | Unknown
    policy: str | None | Unknown = None
    cors: tuple[CorsRule, ...] | Unknown = ()
    encryption: str | None | Unknown = None
    kms_key: str | None | Unknown = None
    bucket_key: bool | Unknown = False
    public_access_block: PublicAccessBlock | None | Unknown = NOT_SURVEYED
    ownership: str | None | Unknown = NOT_SURVEYED
    notifications: tuple[Notification, ...] | Unknown = NOT_SURVEYED


@dataclass(frozen=True)
class ManifestProblem:
    """What is wrong with a line of the manifest (0: with the whole), under the id of its rule."""

    code: str
    severity: Severity
    line: int
    message: str
    remedy: str = ""


@dataclass(frozen=True)
class Count:
    """How many lines have something: a problem's rule, a bucket."""

    name: str
    lines: int


@dataclass(frozen=True)
class Attribute:
    """An attribute of the manifest's lines: on how many it is, and what its -metadata says of the job that wrote it.

    `job` is the labeling job's name and `type` AWS's word as in groundtruth/object-detection; both are empty where
    no metadata tells.
    """

    name: str
    lines: int
    job: str = ""
    type: str = ""


@dataclass(frozen=True)
class Manifest:
    """An input manifest: how many data objects, its first lines, and what one pass over all of it found.

    Bytes that are not UTF-8 are kept in `sample` as lone surrogates. `encoding` is UTF-8, UTF-8 with a byte order
    mark, or not UTF-8; `size` is in bytes, `longest_line` and `longest_attribute` in characters. `duplicates` counts
    lines whose data object was on an earlier line. `problems` holds the first few of each rule, by line, and
    `problem_counts` on how many lines the rule is broken. `most_images` is the largest number of camera images of
    a 3D frame, `without_timestamp` counts frames whose source-ref-metadata lacks unix-timestamp.
    """

    uri: str
    objects: int
    sample: tuple[str, ...] = ()
    size: int = 0
    encoding: str = "UTF-8"
    longest_line: int = 0
    longest_attribute: int = 0
    duplicates: int = 0
    attributes: tuple[Attribute, ...] = ()
    buckets: tuple[Count, ...] = ()
    problems: tuple[ManifestProblem, ...] = ()
    problem_counts: tuple[Count, ...] = ()
    most_images: int = 0
    without_timestamp: int = 0

    def attribute(self, name: str) -> Attribute:
        """The attribute of that name; on no line where the manifest has none."""
        return next((each for each in self.attributes if each.name == name), Attribute(name, 0))

    def broken(self, code: str) -> tuple[ManifestProblem, ...]:
        """The problems kept of one rule."""
        return tuple(each for each in self.problems if each.code == code)


@dataclass(frozen=True)
class DataObject:
    """One data object that a sampled line names: whether it is there, and what its head tells.

    `width` and `height` are in pixels, None for what is not an image; `kms_key` None: not encrypted with a KMS key.
    """

    uri: str
    exists: bool | Unknown
    size: int | Unknown = NOT_SURVEYED
    content_type: str | Unknown = NOT_SURVEYED
    width: int | None | Unknown = NOT_SURVEYED
    height: int | None | Unknown = NOT_SURVEYED
    kms_key: str | None | Unknown = NOT_SURVEYED


@dataclass(frozen=True)
class TextFile:
    """A small text object of the job: a label category file, a worker template, a sequence file.

    `text` is what is in it; Missing when it is not there.
    """

    uri: str
    text: str | Missing | Unknown
    content_type: str = ""


@dataclass(frozen=True)
class RenderProblem:
    """What RenderUiTemplate found wrong with the worker template."""

    code: str
    message: str


@dataclass(frozen=True)
class Rendered:
    """How SageMaker renders the worker template for the first data object: its errors, and the page's length.

    The page itself is not kept: it holds presigned URLs.
    """

    errors: tuple[RenderProblem, ...] = ()
    characters: int = 0
