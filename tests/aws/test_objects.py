"""Objects and files by one name, against the local AWS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb.aws import objects
from gt_vpc_nb.errors import AwsError, RequestError


@pytest.fixture
def session():
    from gt_vpc_nb.local import LocalAws

    session = LocalAws().session()
    session.client("s3").create_bucket(Bucket="signs-in")
    return session


@pytest.mark.parametrize("uri", ["signs-in/a", "https://signs-in/a", "s3://", "s3:///a", ""])
def test_what_is_not_an_s3_uri_is_refused(uri):
    with pytest.raises(RequestError, match="s3://bucket/key"):
        objects.parse_uri(uri)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\r\nb", [b"a", b"b"]),
        (b"\n\na", [b"", b"", b"a"]),
        (b"x" * (objects.BLOCK - 1) + b"\r\ny", [b"x" * (objects.BLOCK - 1), b"y"]),
    ],
)
def test_lines_come_without_their_ends(tmp_path, data, expected):
    path = tmp_path / "lines"
    path.write_bytes(data)
    assert list(objects.lines(path)) == expected


@given(data=st.lists(st.binary().filter(lambda line: b"\n" not in line and not line.endswith(b"\r"))))
def test_lines_joined_are_the_file(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("lines") / "lines"
    path.write_bytes(b"".join(line + b"\n" for line in data))
    assert list(objects.lines(str(path))) == data


def test_an_object_is_written_once_and_read_back(session):
    uri = "s3://signs-in/labels/a.json"
    assert objects.write_new(uri, b"{}", session, "application/json") is True
    assert objects.write_new(uri, b"{}", session, "application/json") is False
    assert objects.read(uri, session) == b"{}"
    head = session.client("s3").head_object(Bucket="signs-in", Key="labels/a.json")
    assert head["ContentType"] == "application/json"


def test_a_different_object_is_never_overwritten(session):
    objects.write_new("s3://signs-in/a", b"one", session)
    with pytest.raises(RequestError, match="s3://signs-in/a is already there"):
        objects.write_new("s3://signs-in/a", b"two", session)
    assert objects.read("s3://signs-in/a", session) == b"one"


def test_a_file_is_written_once_too(tmp_path):
    path = tmp_path / "a"
    assert objects.write_new(path, b"one")
    assert not objects.write_new(path, b"one")
    with pytest.raises(RequestError, match="already there"):
        objects.write_new(path, b"two")


def test_what_is_not_there_is_named(session, tmp_path):
    with pytest.raises(AwsError, match="Reading s3://signs-in/none: AWS answered NoSuchKey"):
        objects.read("s3://signs-in/none", session)
    with pytest.raises(RequestError, match="No such file"):
        objects.read(tmp_path / "none")
    with pytest.raises(RequestError, match="names a bucket, not an object"):
        objects.read("s3://signs-in", session)
    with pytest.raises(RequestError, match="cannot be written"):
        objects.write_new(tmp_path / "none" / "a", b"")


def test_a_prefix_is_listed_with_sizes(session):
    objects.write_new("s3://signs-in/a/1", b"12", session)
    objects.write_new("s3://signs-in/b/1", b"1", session)
    assert list(objects.listing("s3://signs-in/a/", session)) == [("s3://signs-in/a/1", 2)]


def test_the_first_line_of_a_large_object_does_not_read_the_rest(session):
    objects.write_new("s3://signs-in/large", b"first\n" + b"x" * (3 * objects.BLOCK), session)
    assert next(objects.lines("s3://signs-in/large", session)) == b"first"
