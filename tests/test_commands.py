"""The tree of the magics: one table, from which parsers, help and the README's table are made."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gt_vpc_nb.command_line import HelpShown, words_of
from gt_vpc_nb.commands import BY_NAME, COMMANDS, magic_parser, magics_table
from gt_vpc_nb.errors import CommandError

README = Path(__file__).parents[1] / "README.md"
#: What the contract promises, as it writes it.
CONTRACT = {
    "use": ["--profile P", "--region R"],
    "audit": ["BUCKET...", "[--vpc V]...", "[--endpoint E]...", "[--role ARN]", "[--admin ARN]...", "[--region R]"],
    "grant": ["BUCKET", "[--vpc V]...", "[--endpoint E]...", "[--role ARN]", "[--admin ARN]...", "[--apply]"],
    "rollback": ["BUCKET", "[--apply]"],
    "jobs": ["[--status S]", "[--region R]...", "[--name N]"],
    "watch": ["NAME..."],
    "diagnose": ["NAME"],
    "stop": ["NAME"],
    "labels": ["NAME"],
    "template": ["TASK"],
    "explain": ["FIELD|RULE|TASK"],
    "lint": ["FILE..."],
    "form": ["[NAME]"],
    "doctor": [],
    "job": ["%%gt_vpc job [VARIABLE]"],
    "submit": ["%%gt_vpc submit [VARIABLE] [--despite ID]..."],
    "policy": ["%%gt_vpc policy BUCKET", "[--apply]"],
}


@pytest.mark.parametrize("name", CONTRACT)
def test_every_command_of_the_contract_takes_what_it_says(name: str) -> None:
    assert [part for part in CONTRACT[name] if part not in BY_NAME[name].usage] == []


def test_there_is_no_other_command() -> None:
    assert set(BY_NAME) == set(CONTRACT)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.name)
def test_help_of_a_command_shows_its_usage_its_words_and_an_example(command: object) -> None:
    with pytest.raises(HelpShown) as shown:
        magic_parser().parse_args([command.name, "--help"])
    text = str(shown.value)
    assert text.startswith(f"usage: {command.usage}\n")
    assert command.summary in text
    assert all(each.help.split()[0] in text for each in command.arguments)
    assert all(example in text for example in command.examples)
    assert "\x1b" not in text and max(map(len, text.splitlines())) <= 125


def test_help_of_the_whole_names_every_command() -> None:
    with pytest.raises(HelpShown) as shown:
        magic_parser().parse_args(["--help"])
    assert [name for name in BY_NAME if not re.search(rf"%gt_vpc {name}\s", str(shown.value))] == []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("gran b", "'gran' is not one of"),
        ("gran b", "did you mean 'grant'?"),
        ("aud b", "'aud' is not one of"),
        ("grant b --app", "there is no option --app; did you mean '--apply'?"),
        ("grant b --reg us-east-1", "there is no option --reg; did you mean '--region'?"),
        ("grant b --reg=us-east-1", "there is no option --reg; did you mean '--region'?"),
        ("jobs -s Failed", "there is no option -s"),
        ("grant b --role arn:a --role arn:b", "--role is given twice, as arn:a and as arn:b; give it once."),
        ("jobs --name a --name=a", "--name is given twice"),
        ("diagnose a b", "'b' is one word too many"),
        ("grant", "the following arguments are required: BUCKET"),
        ("grant b --region", "expected one argument"),
        ("doctor now", "'now' is one word too many"),
    ],
)
def test_a_wrong_line_is_one_sentence_with_the_nearest_right_word(line: str, sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        magic_parser().parse_args(words_of(line))
    assert sentence in str(caught.value) and "\n" not in str(caught.value)


def test_what_may_be_repeated_is_a_list_in_its_order() -> None:
    parsed = magic_parser().parse_args(words_of("audit a b --vpc vpc-1 --vpc vpc-2 --admin x --admin y"))
    assert (parsed.buckets, parsed.vpc, parsed.admin) == (["a", "b"], ["vpc-1", "vpc-2"], ["x", "y"])
    parsed = magic_parser().parse_args(words_of("submit job --despite S3P-01 --despite IAM-01 IAM-02"))
    assert (parsed.variable, parsed.despite) == ("job", ["S3P-01", "IAM-01", "IAM-02"])


def test_two_lines_after_each_other_do_not_share_a_list() -> None:
    parser = magic_parser()
    parser.parse_args(words_of("audit a --vpc vpc-1"))
    assert parser.parse_args(words_of("audit a")).vpc == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("# all comment", []),
        ("audit b # and why", ["audit", "b"]),
        ("lint a#b.py", ["lint", "a#b.py"]),
        ("lint '# b.py' \"c d.py\"", ["lint", "# b.py", "c d.py"]),
        ("lint a\\ b.py", ["lint", "a b.py"]),
        ('lint "a\\"b" #c', ["lint", 'a"b']),
        ("lint ''", ["lint", ""]),
    ],
)
def test_a_line_is_split_as_a_shell_would(line: str, words: list[str]) -> None:
    assert words_of(line) == words


@pytest.mark.parametrize("line", ["lint 'a", 'lint "a', "lint a\\"])
def test_an_open_quote_is_one_sentence(line: str) -> None:
    with pytest.raises(CommandError, match="could not split this line"):
        words_of(line)


def test_the_readme_has_the_table_of_the_magics_to_the_letter() -> None:
    assert magics_table() in README.read_text(encoding="utf-8"), f"README.md is to have:\n\n{magics_table()}"
