"""The journal of policy changes on this machine's disk."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gt_vpc_nb.aws import journal
from gt_vpc_nb.aws.journal import Entry
from gt_vpc_nb.errors import ChangeRefused
from gt_vpc_nb.policy.perimeter import Perimeter

BUCKET, ACCOUNT = "images-in", "111122223333"
FIRST = Entry('{"Statement": []}', '{"Statement": [1]}', "2026-01-01T00:00:00+00:00", "local AWS")
SECOND = Entry('{"Statement": [1]}', None, "2026-01-02T00:00:00+00:00", "local AWS")


def written(text: str) -> Path:
    path = journal.path_of(BUCKET, ACCOUNT)
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_bucket_that_was_never_changed_has_no_entries_and_no_file(own_home):
    assert journal.entries(BUCKET, ACCOUNT) == ()
    assert not own_home.exists()


def test_entries_come_back_oldest_first_and_other_buckets_and_accounts_do_not_see_them():
    journal.append(BUCKET, ACCOUNT, FIRST)
    journal.append(BUCKET, ACCOUNT, SECOND)
    assert journal.entries(BUCKET, ACCOUNT) == (FIRST, SECOND)
    assert journal.entries("labels-out", ACCOUNT) == journal.entries(BUCKET, "999999999999") == ()


def test_an_entry_is_dropped_wherever_it_stands_and_of_two_alike_the_newer():
    for entry in (FIRST, SECOND, FIRST):
        journal.append(BUCKET, ACCOUNT, entry)
    journal.drop(BUCKET, ACCOUNT, FIRST)
    assert journal.entries(BUCKET, ACCOUNT) == (FIRST, SECOND)
    journal.drop(BUCKET, ACCOUNT, FIRST)
    journal.drop(BUCKET, ACCOUNT, FIRST)
    assert journal.entries(BUCKET, ACCOUNT) == (SECOND,)


def test_what_a_change_was_planned_with_comes_back(own_home):
    entry = replace(FIRST, perimeter=Perimeter(vpcs="vpc-0a1b2c3d", ground_truth="us-east-1"), regions=("us-east-1",))
    journal.append(BUCKET, ACCOUNT, entry)
    assert journal.entries(BUCKET, ACCOUNT) == (entry,)


def test_only_its_owner_can_read_the_journal(own_home):
    path = journal.append(BUCKET, ACCOUNT, FIRST)
    journal.append(BUCKET, ACCOUNT, SECOND)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700


WRITER = """
import sys
from gt_vpc_nb.aws import journal
for number in range(15):
    journal.append("images-in", "111122223333", journal.Entry(None, "{}", str(number), sys.argv[1]))
"""


def test_processes_that_write_at_the_same_time_lose_no_entry():
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(number)]) for number in range(4)]
    assert [each.wait(timeout=120) for each in writers] == [0] * 4
    found = [(each.where, each.at) for each in journal.entries(BUCKET, ACCOUNT)]
    assert sorted(found) == sorted((str(who), str(number)) for who in range(4) for number in range(15))
    assert [at for who, at in found if who == "0"] == [str(number) for number in range(15)]


def test_a_draft_that_a_dead_process_left_is_in_nobodys_way(own_home):
    path = journal.append(BUCKET, ACCOUNT, FIRST)
    path.with_name("images-in.json.new").write_text("{half")
    journal.append(BUCKET, ACCOUNT, SECOND)
    assert journal.entries(BUCKET, ACCOUNT) == (FIRST, SECOND)
    assert [each.name for each in path.parent.iterdir()] == ["images-in.json"]


def test_the_journal_stands_where_the_environment_says(own_home, monkeypatch, tmp_path):
    assert journal.append(BUCKET, ACCOUNT, FIRST).is_relative_to(own_home)
    monkeypatch.delenv("GT_VPC_NB_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert journal.home() == tmp_path / ".local" / "state" / "gt-vpc-nb"


def test_no_draft_is_left_beside_the_journal():
    path = journal.append(BUCKET, ACCOUNT, FIRST)
    assert [each.name for each in path.parent.iterdir()] == ["images-in.json"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "cannot be read"),
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ("{}", "cannot be read"),
        ('{"version": 2, "entries": []}', "is of version 2; this package reads 1"),
        ('{"version": 1, "entries": 5}', "cannot be read"),
        ('{"version": 1, "entries": [{"before": null}]}', "cannot be read"),
        ('{"version": 1, "entries": [{"before": 5, "after": null, "at": "", "where": ""}]}', "cannot be read"),
        ('{"version": 1, "entries": [{"before": "{", "after": null, "at": "", "where": ""}]}', "cannot be read"),
        (
            '{"version": 1, "entries": [{"before": null, "after": null, "at": "", "where": "", "perimeter": {"": 1}}]}',
            "cannot be read",
        ),
        (
            '{"version": 1, "entries": [{"before": null, "after": null, "at": "", "where": "", "regions": 5}]}',
            "cannot be read",
        ),
        (
            '{"version": 1, "entries": [{"before": null, "after": null, "at": "", "where": "", "x": 1}]}',
            "cannot be read",
        ),
    ],
)
def test_a_journal_that_is_not_one_is_one_sentence_and_is_never_overwritten(text, why):
    path = written(text)
    with pytest.raises(ChangeRefused, match=why) as caught:
        journal.entries(BUCKET, ACCOUNT)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    with pytest.raises(ChangeRefused):
        journal.append(BUCKET, ACCOUNT, FIRST)
    assert path.read_text() == text


def test_bytes_that_are_no_text_are_one_sentence():
    written("").write_bytes(b"\xff\xfe{")
    with pytest.raises(ChangeRefused, match="cannot be read"):
        journal.entries(BUCKET, ACCOUNT)


def test_a_home_that_cannot_be_written_is_one_sentence(own_home):
    own_home.parent.mkdir(parents=True, exist_ok=True)
    own_home.write_text("a file where the folder should be")
    with pytest.raises(ChangeRefused, match="set GT_VPC_NB_HOME to a folder that can be written"):
        journal.append(BUCKET, ACCOUNT, FIRST)


policies = st.none() | st.dictionaries(st.text(), st.text()).map(json.dumps)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.builds(Entry, policies, policies, st.text(st.characters(codec="utf-8")), st.just("AWS")), max_size=4)
)
def test_what_was_written_is_what_is_read(own_home, entries):
    for entry in entries:
        journal.append("any", ACCOUNT, entry)
    assert journal.entries("any", ACCOUNT) == tuple(entries)
    for entry in reversed(entries):
        journal.drop("any", ACCOUNT, entry)
    assert journal.entries("any", ACCOUNT) == ()
