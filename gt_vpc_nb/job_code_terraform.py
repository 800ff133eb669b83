"""A labeling job as Terraform's resource `aws_sagemaker_labeling_job`, and such resources read back."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.facts import Limit
from gt_vpc_nb.job_code_found import FoundRequest, Placed, element_of, found_request, in_our_words, members_of, words
from gt_vpc_nb.job_code_hcl import Block, read_hcl
from gt_vpc_nb.job_files import content_type

RESOURCE = "aws_sagemaker_labeling_job"
#: The first version of the provider hashicorp/aws that has the resource.
PROVIDER = "6.31"
#: Arguments and blocks of every resource, which say nothing about the request.
_OF_EVERY_RESOURCE = ("count", "depends_on", "for_each", "lifecycle", "provider", "provisioner", "connection", "region")
#: The one structure that the resource takes as an argument, a list of one object with all its members.
_AS_ARGUMENT = "StoppingConditions"


def terraform_name(member: str) -> str:
    """What Terraform calls a member of CreateLabelingJob.

    >>> terraform_name("LabelCategoryConfigS3Uri")
    'label_category_config_s3_uri'
    """
    return "_".join(words(member)).lower()


def terraform_code(request: Mapping[str, Any], files: Mapping[str, bytes], region: str | None) -> str:
    """Terraform that writes the files and creates the job.

    Raises:
        RequestError: a text would reach AWS changed, because Terraform composes characters (Unicode's NFC).
    """
    _refuse_decomposed(request, "")
    lines = ["terraform {", "  required_providers {", "    aws = {", '      source  = "hashicorp/aws"']
    lines += [f'      version = ">= {PROVIDER}"', "    }", "  }", "}"]
    names = {uri: _label(uri.rpartition("/")[2].partition(".")[0]) for uri in files}
    for uri, data in files.items():
        lines += ["", *_object(names[uri], uri, data)]
    lines += ["", f'resource "{RESOURCE}" "{_label(str(request.get("LabelingJobName", "")))}" {{']
    lines += [f"  region = {hcl_text(region)}", ""] if region else []
    lines += _members(request, "", "  ")
    if files:
        lines += ["", f"  depends_on = [{', '.join(f'aws_s3_object.{name}' for name in names.values())}]"]
    return "\n".join([*lines, "}", ""])


def hcl_text(text: str) -> str:
    """A text in double quotes, in which nothing is an interpolation.

    >>> print(hcl_text('${a} "b"'))
    "$${a} \\"b\\""
    """
    signs = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    shown = "".join(signs.get(each) or (each if each.isprintable() else _escaped(each)) for each in text)
    return '"' + shown.replace("${", "$${").replace("%{", "%%{") + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _label(text: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "labeling_job"
    return name if name[0].isalpha() else f"job_{name}"


def _members(structure: Mapping[str, Any], member: str, margin: str) -> list[str]:
    """The arguments of a structure with their signs aligned, then its blocks, as `terraform fmt` has them."""
    known = members_of(member)
    blocks = {n: v for n, v in structure.items() if known[n].kind == "structure" and known[n].member != _AS_ARGUMENT}
    arguments = {terraform_name(n): _value(v, known[n]) for n, v in structure.items() if n not in blocks}
    width = max((len(name) for name in arguments), default=0)
    lines = [f"{margin}{name:<{width}} = {value}" for name, value in arguments.items()]
    for name, inner in blocks.items():
        inside = _members(inner, known[name].member, margin + "  ")
        lines += [*([""] if lines else []), f"{margin}{terraform_name(name)} {{", *inside, f"{margin}}}"]
    return lines


def _value(value: Any, limit: Limit) -> str:
    if limit.member == _AS_ARGUMENT:
        inner = ", ".join(f"{terraform_name(n)} = {value.get(n, 'null')}" for n in members_of(_AS_ARGUMENT))
        return f"[{{ {inner} }}]"
    if limit.member == "Tags":
        pairs = ", ".join(f"{hcl_text(tag['Key'])} = {hcl_text(tag['Value'])}" for tag in value)
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list):
        return f"[{', '.join(hcl_text(each) for each in value)}]"
    return hcl_text(value) if isinstance(value, str) else str(value)


def _object(name: str, uri: str, data: bytes) -> list[str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    argument, content = _content(data)
    arguments = {"bucket": hcl_text(bucket), "key": hcl_text(key), "content_type": hcl_text(content_type(uri))}
    width = max(len(each) for each in (*arguments, argument))
    lines = [f"  {each:<{width}} = {value}" for each, value in (*arguments.items(), (argument, content))]
    return [f'resource "aws_s3_object" "{name}" {{', *lines, "}"]


def _content(data: bytes) -> tuple[str, str]:
    """The argument for an object's content: lines of text where they stay what they are, otherwise base64."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    plain = text.endswith("\n") and all(each.isprintable() or each == "\n" for each in text)
    if not plain or text != unicodedata.normalize("NFC", text) or re.search(r"^ *EOT *$", text, re.MULTILINE):
        return "content_base64", f'"{base64.b64encode(data).decode("ascii")}"'
    return "content", "<<EOT\n" + text.replace("${", "$${").replace("%{", "%%{") + "EOT"


def _refuse_decomposed(value: Any, path: str) -> None:
    if isinstance(value, Mapping):
        for name, each in value.items():
            _refuse_decomposed(each, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            _refuse_decomposed(each, f"{path}[{index}]")
    elif isinstance(value, str) and value != unicodedata.normalize("NFC", value):
        raise RequestError(
            f"Terraform composes characters (Unicode's NFC), so that {path} would reach AWS changed; give it composed, "
            "or take another kind of code."
        )


def requests_in_terraform(text: str) -> list[FoundRequest]:
    """Every `aws_sagemaker_labeling_job` of a configuration; references and interpolations are marked as unknown.

    Raises:
        RequestError: the text is not Terraform's language; the sentence names the line.
    """
    configuration = read_hcl(text)
    resources = [block for block in configuration.blocks if block.kind == "resource" and len(block.labels) == 2]
    files = dict(_files(resources))
    default = next(_regions(configuration), None)
    found = []
    for block in resources:
        if block.labels[0] == RESOURCE:
            tree = in_our_words(_tree(block, _OF_EVERY_RESOURCE), terraform_name)
            region = _known_text(block.argument("region")) or default
            each = found_request(_typed(tree, None, ""), ".".join(block.labels), region, block.line)
            found.append(FoundRequest(**{**vars(each), "files": files}))
    return found


def _regions(configuration: Block) -> Iterator[str]:
    for block in configuration.blocks:
        region = _known_text(block.argument("region"))
        if (block.kind, block.labels) == ("provider", ("aws",)) and not block.argument("alias") and region:
            yield region


def _files(resources: list[Block]) -> Iterator[tuple[str, bytes]]:
    for block in resources:
        names = ("bucket", "key", "content", "content_base64")
        bucket, key, content, encoded = (_known_text(block.argument(name)) for name in names)
        if block.labels[0] == "aws_s3_object" and bucket and key and (content or encoded) is not None:
            data = base64.b64decode(encoded) if encoded is not None else str(content).encode("utf-8")
            yield f"s3://{bucket}/{key}", data


def _known_text(value: Placed | None) -> str | None:
    return value.value if value and value.unknown is None and isinstance(value.value, str) else None


def _tree(block: Block, left_out: tuple[str, ...] = ()) -> Placed:
    """A block's arguments and blocks as one mapping; two blocks of a kind make a list."""
    members = {name: value for name, value in block.arguments if name not in left_out}
    for inner in block.blocks:
        if inner.kind == "dynamic" and inner.labels:
            members[inner.labels[0]] = Placed("dynamic", inner.line, f'dynamic "{inner.labels[0]}"')
        elif inner.kind not in left_out:
            before = members.get(inner.kind)
            several = before.value if before and isinstance(before.value, tuple) else (before,) if before else ()
            tree = _tree(inner)
            members[inner.kind] = Placed((*several, tree), inner.line) if several else tree
    return Placed(members, block.line)


def _typed(tree: Placed, limit: Limit | None, member: str) -> Placed:
    """The tree as Terraform hands it over: null is absent, texts and numbers convert, tags are pairs."""
    kind = limit.kind if limit else "structure" if member == "" else ""
    if tree.unknown is not None:
        return tree
    if kind == "structure" and isinstance(tree.value, tuple) and len(tree.value) == 1:
        return _typed(tree.value[0], limit, member)
    if member == "Tags" and isinstance(tree.value, dict):
        pairs = ({"Key": Placed(key, each.line), "Value": each} for key, each in tree.value.items())
        return _typed(Placed(tuple(Placed(pair, pair["Key"].line) for pair in pairs), tree.line), limit, member)
    if isinstance(tree.value, dict):
        known = members_of(member) if kind == "structure" else {}
        given = {name: each for name, each in tree.value.items() if each.value is not None or each.unknown}
        inner = {n: _typed(each, known.get(n), known[n].member if n in known else "?") for n, each in given.items()}
        return Placed(inner, tree.line)
    if isinstance(tree.value, tuple):
        element = element_of(limit)
        inside = [_typed(each, element, element.member if element else "?") for each in tree.value]
        return Placed(tuple(_once(inside)), tree.line)
    return Placed(_converted(tree.value, kind), tree.line)


def _once(elements: list[Placed]) -> list[Placed]:
    """The elements without texts that come again: every list of texts in this resource is a set."""
    texts = {each.value: each for each in reversed(elements) if isinstance(each.value, str)}
    return [each for each in elements if not isinstance(each.value, str) or texts[each.value] is each]


def _converted(value: Any, kind: str) -> Any:
    if kind == "integer" and isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "string" and isinstance(value, (bool, int)):
        return str(value).lower()
    return value
