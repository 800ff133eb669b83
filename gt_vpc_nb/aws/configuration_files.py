"""What administrators and users have configured for SageMaker on this machine, read as it stands, with where it stands.

The files are those of the SageMaker Python SDK: an administrator's and a user's ``config.yaml``, at the SDK's default
places or where SAGEMAKER_ADMIN_CONFIG_OVERRIDE and SAGEMAKER_USER_CONFIG_OVERRIDE say (a file, a folder, a ``file://``
or ``s3://`` URI); and the metadata file that Studio writes. Source: SageMaker developer guide, "Configuring and using
defaults with the SageMaker Python SDK"; the members under Resources are those of sagemaker-core's config_schema.py.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from gt_vpc_nb.aws import objects
from gt_vpc_nb.errors import RequestError

STUDIO_METADATA = Path("/opt/ml/metadata/resource-metadata.json")
OVERRIDES = {"user": "SAGEMAKER_USER_CONFIG_OVERRIDE", "admin": "SAGEMAKER_ADMIN_CONFIG_OVERRIDE"}
_FILE = "config.yaml"
#: Where LabelingJob and GlobalDefaults stand in a file: the SDK reads the first, and people write the others, too.
_ROADS = (("SageMaker", "PythonSDK", "Resources"), ("SageMaker", "Resources"), ("SageMaker",))
_RESOURCE_CONFIG = "labeling_job_algorithms_config.labeling_job_resource_config"
#: A field of the job, where it stands under LabelingJob or GlobalDefaults, and whether it is a list.
_MEMBERS = (
    ("role", "role_arn", False),
    ("manifest", "input_config.data_source.s3_data_source.manifest_s3_uri", False),
    ("output_path", "output_config.s3_output_path", False),
    ("output_key", "output_config.kms_key_id", False),
    ("template_file", "human_task_config.ui_config.ui_template_s3_uri", False),
    ("category_file", "label_category_config_s3_uri", False),
    ("volume_key", f"{_RESOURCE_CONFIG}.volume_kms_key_id", False),
    ("subnets", f"{_RESOURCE_CONFIG}.vpc_config.subnets", True),
    ("security_groups", f"{_RESOURCE_CONFIG}.vpc_config.security_group_ids", True),
)
#: Defaults for every kind of job are written without the structures around them.
_GLOBAL = (
    ("role", "role_arn", False),
    ("volume_key", "volume_kms_key_id", False),
    ("subnets", "vpc_config.subnets", True),
    ("security_groups", "vpc_config.security_group_ids", True),
)


@dataclass(frozen=True)
class Configured:
    """One default: a field of `LabelingJob`, its value, and where it comes from in a reader's words."""

    field: str
    value: str | tuple[str, ...]
    source: str
    #: The part of a file that it stands in: subnets and security groups of one part belong together.
    part: str = ""


def configured(session: Any = None, *, studio_metadata: Path = STUDIO_METADATA) -> tuple[Configured, ...]:
    """All defaults found, the strongest first: a user's file, the administrator's, Studio's metadata file.

    Within one file what is said of labeling jobs comes before what is said of all jobs. `session` is asked only for a
    file that an override places in S3.

    Raises:
        RequestError: an override names a file that is not there, or a file is not YAML, or a value is of a wrong kind.
        AwsError: S3 refused the file.
    """
    return (*_of_file("user", session), *_of_file("admin", session), *_of_studio(studio_metadata))


def _of_file(whose: str, session: Any) -> Iterator[Configured]:
    override = os.environ.get(OVERRIDES[whose])
    place = override or str(_default_place(whose))
    text = _text(place, OVERRIDES[whose] if override else None, session)
    if text is None:
        return
    document = _mapping(text, place)
    source = f"SageMaker config.yaml ({whose}): {place}"
    for block, members in (("LabelingJob", _MEMBERS), ("GlobalDefaults", _GLOBAL)):
        for field, path, listed in members:
            found = (_member(document, ".".join((*road, block, path))) for road in _ROADS)
            value = next((each for each in found if each is not None), None)
            if value is not None:
                told = f"{source}, {block}.{path}"
                yield Configured(field, _checked(value, listed, told), told, f"{place} {block}")


def _default_place(whose: str) -> Path:
    from platformdirs import site_config_dir, user_config_dir

    return Path((user_config_dir if whose == "user" else site_config_dir)("sagemaker"), _FILE)


def _text(place: str, override: str | None, session: Any) -> bytes | None:
    if objects.is_s3(place):
        return objects.read(place if place.endswith((".yaml", ".yml")) else f"{place.rstrip('/')}/{_FILE}", session)
    path = Path(unquote(urlsplit(place).path) if place.startswith("file://") else place)
    path = path / _FILE if path.is_dir() else path
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        if override:
            raise RequestError(
                f"{override} names {place}, and there is no such file; correct it or unset it."
            ) from None
        return None
    except OSError as error:
        raise RequestError(f"SageMaker's defaults in {path} cannot be read ({error.strerror}).") from error


def _mapping(text: bytes, place: str) -> Mapping[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RequestError(f"SageMaker's defaults in {place} are not YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(found, Mapping | None):
        raise RequestError(f"SageMaker's defaults in {place} are not a mapping, but {type(found).__name__}.")
    return found or {}


def _entry(mapping: Any, name: str) -> Any:
    """An entry of a mapping, whichever way its name is written: vpc_config, VpcConfig."""
    if not isinstance(mapping, Mapping):
        return None
    return next((value for key, value in mapping.items() if _plain(key) == _plain(name)), None)


def _plain(name: object) -> str:
    return str(name).replace("_", "").casefold()


def _member(found: Any, path: str) -> Any:
    for name in path.split("."):
        found = _entry(found, name)
    return found


def _checked(value: Any, listed: bool, told: str) -> str | tuple[str, ...]:
    if listed and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    if not listed and isinstance(value, str):
        return value
    wanted = "a list of texts" if listed else "a text"
    raise RequestError(f"{told} is {value!r}; {wanted} is wanted.")


def _of_studio(path: Path) -> Iterator[Configured]:
    try:
        found = json.loads(path.read_bytes())
    except OSError:
        return
    except ValueError as error:
        raise RequestError(f"Studio's metadata file {path} is not JSON ({error}).") from error
    role = found.get("ExecutionRoleArn") if isinstance(found, dict) else None
    if isinstance(role, str) and role:
        yield Configured("role", role, f"Studio's metadata file: {path}, ExecutionRoleArn")
