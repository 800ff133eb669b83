"""JSON and YAML with the line of every value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.job_code_found import Placed
from gt_vpc_nb.policy.json_places import BadJson, PlacedReader

if TYPE_CHECKING:
    import yaml

#: More values than any document of a labeling job has, and deeper; YAML's aliases can make more out of a few lines.
_VALUES, _DEPTH = 100_000, 60


def json_tree(text: str) -> Placed:
    """One JSON document. Raises RequestError, with the line, where the text is not JSON."""
    reader = PlacedReader(text)
    try:
        value = reader.read()
    except BadJson as error:
        raise RequestError(f"Line {reader.line(error.at)}: {error}; this is not JSON.") from error
    for path, line in reader.duplicates:
        raise RequestError(f"Line {line}: {path.rpartition('.')[2]!r} is given twice; only one of the two can count.")
    return _json_placed(value, "", reader.lines)


def _json_placed(value: Any, path: str, lines: Mapping[str, int]) -> Placed:
    line = lines.get(path, 1)
    if isinstance(value, dict):
        inner = {k: _json_placed(each, f"{path}.{k}" if path else k, lines) for k, each in value.items()}
        return Placed(inner, line)
    if isinstance(value, list):
        return Placed(tuple(_json_placed(each, f"{path}[{i}]", lines) for i, each in enumerate(value)), line)
    return Placed(value, line)


def yaml_trees(text: str) -> list[Placed]:
    """Every document of a YAML text. Raises RequestError, with the line, where the text is not YAML."""
    import yaml

    found = []
    try:
        loader = _strict_loader()(text)
        while loader.check_node():
            found.append(_Nodes(loader).placed(loader.get_node(), 0))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise RequestError(f"Line {mark.line + 1 if mark else 1}: {error.problem}; this is not YAML.") from error
    except yaml.YAMLError as error:
        raise RequestError(f"This is not YAML: {' '.join(str(error).split())}.") from error
    return found


def yaml_value(text: str | bytes) -> Any:
    """What a YAML text says, as PyYAML's safe loader reads it; a key that is given twice counts for nobody.

    Raises:
        RequestError: a key stands twice in one mapping, or a loop of anchors has no end.
        yaml.YAMLError: the text is not YAML.
    """
    value = _strict_loader()(text).get_single_data()
    _bounded(value, 0, iter(range(_VALUES)))
    return value


def _bounded(value: Any, depth: int, left: Iterator[int]) -> None:
    if depth > _DEPTH or next(left, None) is None:
        raise RequestError("This YAML is nested too deep or too large for a labeling job.")
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inside:
        _bounded(each, depth + 1, left)


def _strict_loader() -> type[yaml.SafeLoader]:
    import yaml

    class Loader(yaml.SafeLoader):
        """PyYAML's safe loader, which alone would let the last of two keys win."""

        # Looked at as it is written: later on, a merge (<<) has put keys beside those of the text.
        def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
            node = super().compose_mapping_node(anchor)
            given: set[str] = set()
            for key, _ in node.value:
                name = str(key.value)
                if name in given and not key.tag.endswith(":merge"):
                    line = key.start_mark.line + 1
                    raise RequestError(f"Line {line}: {name!r} is given twice; only one of the two can count.")
                given.add(name)
            return node

    return Loader


class _Nodes:
    def __init__(self, loader: Any) -> None:
        self.loader = loader
        self.values = 0

    def placed(self, node: Any, depth: int) -> Placed:
        import yaml

        line = node.start_mark.line + 1
        self.values += 1
        if self.values > _VALUES or depth > _DEPTH:
            raise RequestError(f"Line {line}: this YAML is nested too deep or too large for a labeling job.")
        # A tag of somebody's own (!Sub, !vault) is a value that only its own reader knows.
        unknown = None if node.tag.startswith("tag:yaml.org,2002:") else node.tag
        if isinstance(node, yaml.MappingNode):
            return Placed(self.members(node, depth), line, unknown)
        if isinstance(node, yaml.SequenceNode):
            return Placed(tuple(self.placed(each, depth + 1) for each in node.value), line, unknown)
        try:
            value = node.value if unknown else self.loader.construct_object(node)
        except (ValueError, yaml.YAMLError):
            value = node.value
        # A date is a text to everybody else who reads such a file.
        plain = value is None or type(value) in (str, int, float, bool)
        return Placed(value if plain else node.value, line, unknown and f"{unknown} {node.value}")

    def members(self, node: Any, depth: int) -> dict[str, Placed]:
        # What a merge (<<) brings comes first, and gives way to the mapping's own keys.
        self.loader.flatten_mapping(node)
        return {str(self.placed(key, depth + 1).value): self.placed(value, depth + 1) for key, value in node.value}
