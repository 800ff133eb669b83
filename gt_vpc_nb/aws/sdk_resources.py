"""A labeling job as the resource of sagemaker-core that others' code knows, made of a request or of an answer.

The package comes as ``sagemaker.core`` (with sagemaker 3) or as ``sagemaker_core`` (with sagemaker 2); it takes seconds
to import and is imported here alone, when a resource is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from gt_vpc_nb.errors import MissingExtra

# S3DataSource, TenthFractionsOfACent: a word ends before a capital, and before the last of several capitals.
_WORD_END = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def resource_of(request: Mapping[str, Any]) -> Any:
    """sagemaker-core's `LabelingJob` with the members of a request, or of what DescribeLabelingJob answered.

    SageMaker is not asked here. When the resource asks it later, sagemaker-core does so with the first client that it
    made in this process, whatever session that had. Raises MissingExtra where sagemaker-core is not installed.
    """
    members = {name: value for name, value in request.items() if name != "ResponseMetadata"}
    return _resources().LabelingJob(**_attributes(members))


def _resources() -> Any:
    # Asking for the version costs nothing; looking for the module would import its parent, two seconds.
    try:
        newer = int(version("sagemaker-core").split(".")[0]) >= 2
    except PackageNotFoundError:
        raise MissingExtra("sagemaker", "sagemaker-core", "A resource of the SageMaker Python SDK") from None
    return import_module("sagemaker.core.resources" if newer else "sagemaker_core.resources")


def _attributes(value: Any) -> Any:
    """Members in the SDK's spelling: ManifestS3Uri is manifest_s3_uri."""
    if isinstance(value, Mapping):
        return {attribute_name(name): _attributes(each) for name, each in value.items()}
    return [_attributes(each) for each in value] if isinstance(value, (list, tuple)) else value


def attribute_name(member: str) -> str:
    """An API member in snake_case.

    >>> attribute_name("UiTemplateS3Uri"), attribute_name("TenthFractionsOfACent")
    ('ui_template_s3_uri', 'tenth_fractions_of_a_cent')
    """
    return _WORD_END.sub("_", member).lower()
