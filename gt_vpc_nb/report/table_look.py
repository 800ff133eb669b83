"""What a table shows around its rows, and what its text and its HTML both need to know of a DataFrame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from gt_vpc_nb.report.cells import cell


@dataclass(frozen=True)
class Look:
    """What a table shows around its rows."""

    title: str = ""
    summary: str = ""
    note: str = ""
    shown: tuple[str, ...] | None = None
    bars: tuple[str, ...] = ()


def shown_positions(frame: pd.DataFrame, look: Look) -> list[int]:
    """The positions of the columns to show: positions, since a column's name may occur twice."""
    wanted = look.shown
    if wanted is None:
        return list(range(frame.shape[1]))
    at = {name: position for position, name in reversed(list(enumerate(frame.columns)))}
    return [at[name] for name in wanted if name in at]


def head_line(look: Look) -> str:
    return " — ".join(cell(part) for part in (look.title, look.summary) if part)


def first_values(frame: pd.DataFrame, position: int, rows: int) -> list[Any]:
    return frame.iloc[:rows, position].tolist()


def is_number(frame: pd.DataFrame, position: int) -> bool:
    dtype = frame.dtypes.iloc[position]
    return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
