"""The magics that change nothing and need no account: explain, lint, doctor."""

from __future__ import annotations

from typing import Any

from gt_vpc_nb.magics_call import Call, called


def explain(call: Call) -> Any:
    """What a field, a rule or a task type means."""
    from gt_vpc_nb.facts.explaining import explain

    word = str(call.options.word)
    call.python("", "from gt_vpc_nb.facts.explaining import explain", called("explain", word))
    return explain(word)


def lint(call: Call) -> Any:
    """The mistakes in files."""
    from gt_vpc_nb.linting import lint

    call.python("lint", called("lint", list(call.options.files)))
    return lint(call.options.files)


def doctor(call: Call) -> Any:
    """One block about this machine, its network and its AWS."""
    from gt_vpc_nb.doctor import examined

    code = called("examined", session=call.session_code, settings=call.magics.set_now)
    call.python("", "from gt_vpc_nb.doctor import examined", code)
    return examined(call.magics.set_now, call.session)
