"""Policy variables: ``${aws:username}``, ``${key, 'default'}``, ``${*}``.

Source: IAM User Guide, reference_policies_variables. They exist only under Version 2012-10-17.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gt_vpc_nb.policy.matching import LITERAL

_VARIABLE = re.compile(r"\$\{\s*([*?$]|[^},\s]+)\s*(?:,\s*'([^']*)'\s*)?\}")
_ESCAPE = str.maketrans(LITERAL)


def has_variables(text: str) -> bool:
    return "${" in text


def names_a_key(text: str) -> bool:
    """Whether a variable stands for what another key says, with a default or without; escapes do not."""
    return any(found[1] not in LITERAL for found in _VARIABLE.finditer(text))


def substituted(text: str, context: Mapping[str, tuple[str, ...]]) -> str | None:
    """The text with its variables filled in; None when one has no single value and no default.

    What is filled in is literal: a `*` in a value is no wildcard.
    """
    missing = False

    def fill(found: re.Match[str]) -> str:
        nonlocal missing
        key, default = found.groups()
        if key in LITERAL:
            return LITERAL[key]
        values = context.get(key.lower(), ())
        if len(values) == 1:
            return values[0].translate(_ESCAPE)
        if default is not None and not values:
            return default.translate(_ESCAPE)
        missing = True
        return ""

    filled = _VARIABLE.sub(fill, text)
    return None if missing else filled
