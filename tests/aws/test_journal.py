"""The journal of policy changes on this machine's disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gt_vpc_nb.aws import journal
from gt_vpc_nb.aws.journal import Entry
from gt_vpc_nb.errors import ChangeRefused

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


def test_only_the_last_entry_can_be_dropped():
    journal.append(BUCKET, ACCOUNT, FIRST)
    journal.append(BUCKET, ACCOUNT, SECOND)
    journal.drop(BUCKET, ACCOUNT, FIRST)
    assert journal.entries(BUCKET, ACCOUNT) == (FIRST, SECOND)
    journal.drop(BUCKET, ACCOUNT, SECOND)
    journal.drop(BUCKET, ACCOUNT, SECOND)
    assert journal.entries(BUCKET, ACCOUNT) == (FIRST,)


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
