"""Prints the oldest set: what pip is to install for each lower bound in setup.cfg, `pandas>=2.1` as `pandas==2.1.*`.

The series and not its very first release: `pandas==2.1.*` says which numpy it can live with, pandas 2.1.0 does not.
"""

from __future__ import annotations

import configparser
import re
from pathlib import Path

#: What the second command of the README needs, and no more: the tests run without SageMaker's SDK and a browser.
EXTRAS = ("local", "plots", "test")


def requirements(setup_cfg: Path) -> list[str]:
    """What the core and the tested extras ask for, a line each, as setup.cfg spells it."""
    config = configparser.ConfigParser(interpolation=None)
    config.read_string(setup_cfg.read_text(encoding="utf-8"))
    lists = [config["options"]["install_requires"], *(config["options.extras_require"][extra] for extra in EXTRAS)]
    return [line for text in lists for line in text.split("\n") if line and not line.startswith("#")]


def oldest(requirement: str) -> str:
    """`boto3>=1.34.131` becomes `boto3==1.34.131.*`; a ValueError names a requirement without a lower bound."""
    bound = re.fullmatch(r"([\w.-]+)>=([\d.]+)(,<[\d.]+)?", requirement)
    if bound is None:
        raise ValueError(f"setup.cfg asks for {requirement!r}; write it as name>=oldest, or name>=oldest,<next")
    return f"{bound[1]}=={bound[2]}.*"


if __name__ == "__main__":
    print(*map(oldest, requirements(Path(__file__).parents[1] / "setup.cfg")), sep="\n")
