"""{{name}}, {{obj.attr}} and {{items[0]}}: a notebook's variables inside a magic's line or body."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from gt_vpc_nb.errors import CommandError, near_miss

# A name, then attributes and plain items; everything else between braces (Liquid filters, JSON) stays as it is.
_PATH = re.compile(r"\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[(?:-?\d+|'[^']*'|\"[^\"]*\")\])*)\s*\}\}")
STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(?:(-?\d+)|'([^']*)'|\"([^\"]*)\")\]")
# Private-use characters: they pass shlex, argparse and YAML unchanged and nobody types them.
_MARK = re.compile("\ue000(\\d+)\ue001")
# Ground Truth's templates begin their paths so; what a template itself names, in a loop, say, is the template's.
_LIQUID = re.compile(r"task\.input\b|task\[|forloop\.")
_LIQUID_NAMES = re.compile(r"\{%-?\s*(?:for|tablerow|assign|capture|increment|decrement)\s+(\w+)")
_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}", re.DOTALL)
_JSON_TEXT = re.compile(rf'"((?:[^"\\]|\\.)*)"|{_MARK.pattern}')


class Expansion:
    """Takes the {{paths}} out of a text and puts the values back after it was parsed, with their Python types."""

    def __init__(self, names: Mapping[str, object]) -> None:
        self._names = names
        self._values: list[object] = []
        self._wrong: list[str] = []

    def mark(self, text: str) -> str:
        """The text with every {{path}} replaced by a mark; one CommandError tells every path that leads nowhere."""
        if "\ue000" in text:
            raise CommandError("This text holds the character U+E000, which stands for variables here; remove it.")
        liquid = set(_LIQUID_NAMES.findall(text))
        parts, end = [], 0
        for raw in _RAW.finditer(text):
            parts += [self._marked(text[end : raw.start()], liquid), raw[0]]
            end = raw.end()
        marked = "".join([*parts, self._marked(text[end:], liquid)])
        if self._wrong:
            wrong, self._wrong = list(dict.fromkeys(self._wrong)), []
            raise CommandError("\n".join(wrong))
        return marked

    def _marked(self, text: str, liquid: set[str]) -> str:
        return _PATH.sub(lambda found: self._mark_one(found, liquid), text)

    def _mark_one(self, found: re.Match[str], liquid: set[str]) -> str:
        root = re.match(r"\w+", found[1])[0]
        if root in liquid or _LIQUID.match(found[1]) or (root == "task" and root not in self._names):
            return found[0]
        try:
            self._values.append(_python(self._look_up(found[1], root)))
        except CommandError as error:
            self._wrong.append(str(error))
        return f"\ue000{len(self._values) - 1}\ue001"

    def _look_up(self, path: str, root: str) -> object:
        if root not in self._names:
            public = [name for name in self._names if not name.startswith("_")]
            raise CommandError(
                f"{{{{{path}}}}}: no variable of this notebook is called '{root}'{near_miss(root, public)}"
            )
        value = self._names[root]
        for step in STEP.finditer(path, len(root)):
            attribute, number, single, double = step.groups()
            try:
                if attribute is not None:
                    value = getattr(value, attribute)
                else:
                    value = value[int(number) if number is not None else single if single is not None else double]
            except (AttributeError, LookupError, TypeError) as problem:
                near = _near_step(value, attribute, single or double)
                raise CommandError(f"{{{{{path}}}}}: {step[0]} is not there ({problem}){near}") from None
        return value

    def restore(self, value: Any) -> Any:
        """The parsed value with its marks replaced; a value that is exactly one mark keeps its Python type."""
        if isinstance(value, str):
            alone = _MARK.fullmatch(value)
            if alone:
                return self._values[int(alone[1])]
            return _MARK.sub(lambda found: str(self._values[int(found[1])]), value)
        if isinstance(value, dict):
            return {self.restore(key): self.restore(each) for key, each in value.items()}
        if isinstance(value, list):
            return self._restore_list(value)
        return value

    def restore_json(self, text: str) -> str:
        """Marked JSON text with the values in it: a string that is one mark becomes the value's own JSON.

        Raises CommandError for a value that JSON has no word for.
        """
        return _JSON_TEXT.sub(self._restore_json, text)

    def _restore_json(self, found: re.Match[str]) -> str:
        inside = found[1]
        if inside is None or _MARK.fullmatch(inside):
            return self._as_json(self.restore(found[0] if inside is None else inside))
        return f'"{_MARK.sub(lambda one: json.dumps(str(self.restore(one[0])))[1:-1], inside)}"'

    def _as_json(self, value: object) -> str:
        try:
            return json.dumps(list(value) if isinstance(value, tuple) else value)
        except (TypeError, ValueError) as problem:
            raise CommandError(f"A {type(value).__name__} cannot stand in JSON ({problem}).") from None

    def _restore_list(self, values: list[Any]) -> list[Any]:
        restored: list[Any] = []
        for each in values:
            value = self.restore(each)
            # `--endpoint {{endpoints}}` with a list means each of them.
            spread = isinstance(each, str) and isinstance(value, (list, tuple))
            restored.extend(value if spread else [value])
        return restored


def _python(value: object) -> object:
    """What numpy and pandas hold in Python's own types, which YAML, JSON and AWS take: a number, or a list."""
    listed = getattr(value, "tolist", None)
    return listed() if callable(listed) else value


def _near_step(value: object, attribute: str | None, key: str | None) -> str:
    """The nearest attribute or key that is there, as the tail of a sentence."""
    keys = [each for each in value if isinstance(each, str)] if isinstance(value, Mapping) else []
    if attribute in keys:
        return f"; did you mean ['{attribute}']?"
    if attribute is None:
        return near_miss(key or "", keys)
    return near_miss(attribute, [name for name in dir(value) if not name.startswith("_")])
