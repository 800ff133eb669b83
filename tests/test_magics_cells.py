"""Cells of one line that begin with %%gt_vpc: they reach the magic, whatever stands below."""

from __future__ import annotations

import pytest

from gt_vpc_nb.errors import GtVpcError


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "   "])
@pytest.mark.parametrize("command", ["job", "submit", "policy"])
def test_help_of_a_command_with_a_body_needs_no_body(shell, capsys, command, end):
    shell.run_cell(f"%%gt_vpc {command} --help{end}").raise_error()
    assert f"usage: %%gt_vpc {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "cell", ["%%gt_vpc", "%%gt_vpc job", "\n\n%%gt_vpc submit signs", "%%gt_vpc policy b", "%%gt_vpc jobs"]
)
def test_a_cell_without_its_body_fails_with_an_error_of_ours(shell, cell):
    with pytest.raises(GtVpcError):
        shell.run_cell(cell).raise_error()


def test_other_cells_are_read_as_before_and_unloading_leaves_the_shell_as_it_was(shell, capsys):
    shell.run_cell("%%gt_vpc?").raise_error()
    assert "%gt_vpc COMMAND" in capsys.readouterr().out
    shell.run_line_magic("reload_ext", "gt_vpc_nb")
    steps = [getattr(each, "__module__", "") for each in shell.input_transformers_cleanup]
    assert steps.count("gt_vpc_nb.magics_cells") == 1
    shell.run_line_magic("unload_ext", "gt_vpc_nb")
    assert "gt_vpc_nb.magics_cells" not in [
        getattr(each, "__module__", "") for each in shell.input_transformers_cleanup
    ]
    shell.run_line_magic("load_ext", "gt_vpc_nb")
