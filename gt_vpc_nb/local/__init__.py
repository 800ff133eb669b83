"""Another AWS, on your desk: sessions whose every call is answered in this process, never by the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gt_vpc_nb.local.door import LocalAws

__all__ = ["LocalAws"]


def __getattr__(name: str) -> object:
    if name != "LocalAws":
        raise AttributeError(f"module 'gt_vpc_nb.local' has no attribute '{name}'")
    from importlib.util import find_spec

    from gt_vpc_nb.errors import MissingExtra

    missing = [shown for module, shown in _NEEDS.items() if find_spec(module) is None]
    if missing:
        raise MissingExtra("local", ", ".join(missing), "The local AWS")
    from gt_vpc_nb.local.door import LocalAws

    globals()["LocalAws"] = LocalAws
    return LocalAws


_NEEDS = {"moto": "moto", "sklearn": "scikit-learn", "PIL": "Pillow"}
