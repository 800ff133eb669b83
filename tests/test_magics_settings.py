"""%config GtVpcMagics: a setting for each default, checked when it is set, and loud until it is right."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from gt_vpc_nb.defaults_fields import FIELDS
from gt_vpc_nb.errors import CommandError
from gt_vpc_nb.magics_settings import Settings

ROLE = "arn:aws:iam::111122223333:role/Labeler"


@pytest.fixture
def shell() -> Any:
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "gt_vpc_nb")
    yield shell
    shell.run_line_magic("unload_ext", "gt_vpc_nb")


def magics(shell: InteractiveShell) -> Any:
    return shell.find_line_magic("gt_vpc").__self__


def test_each_field_with_a_default_is_a_setting_and_no_other_is() -> None:
    assert set(Settings.class_traits(config=True)) == {*FIELDS, "short_errors"}


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("role", ROLE, ROLE),
        ("region", "eu-west-1", "eu-west-1"),
        ("team", "labelers", "labelers"),
        ("output_path", "s3://b/labels/", "s3://b/labels/"),
        ("subnets", ["subnet-0a", "subnet-0b"], ["subnet-0a", "subnet-0b"]),
        ("security_groups", "sg-0a", ["sg-0a"]),
        ("output_key", "alias/labels", "alias/labels"),
    ],
)
def test_a_right_value_is_kept_and_shown(shell: InteractiveShell, name: str, value: Any, kept: Any) -> None:
    shell.run_line_magic("config", f"GtVpcMagics.{name} = {value!r}")
    assert magics(shell).given == {name: kept}
    assert shell.run_line_magic("config", f"GtVpcMagics.{name}") == kept
    shell.run_line_magic("config", f"GtVpcMagics.{name} = ''")
    assert magics(shell).given == {}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("role", "Labeler", "does not match"),
        ("role", 3, "give a text"),
        ("region", "us-est-1", "did you mean 'us-east-1'?"),
        ("output_path", "labels/", "does not match"),
        ("subnets", ["subnet-0a", 3], "give a list of texts"),
        ("subnets", ["sub net"], "'sub net' does not match"),
        ("team", "arn:aws:iam::1:role/x", "does not match"),
    ],
)
def test_a_wrong_value_is_told_at_once_and_refused_again_where_it_would_be_used(
    shell: InteractiveShell, name: str, value: Any, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    shell.run_line_magic("config", f"GtVpcMagics.{name} = {value!r}")
    assert sentence in caplog.text
    with pytest.raises(CommandError) as caught:
        shell.run_cell("%%gt_vpc job\nname: signs\n").raise_error()
    assert f"%config GtVpcMagics.{name} = {value!r} was refused" in str(caught.value)
    shell.run_line_magic("config", f"GtVpcMagics.{name} = ''")
    assert magics(shell).given == {}


def test_a_misspelt_setting_is_answered_with_the_right_one(shell: InteractiveShell) -> None:
    with pytest.warns(UserWarning, match="output_path"):
        shell.run_line_magic("config", f"GtVpcMagics.output_pth = {ROLE!r}")


def test_config_tells_what_each_setting_is(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_line_magic("config", "GtVpcMagics")
    text = capsys.readouterr().out
    assert all(f"GtVpcMagics.{name}=" in text for name in FIELDS)
