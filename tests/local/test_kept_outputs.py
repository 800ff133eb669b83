from __future__ import annotations

import pytest

from gt_vpc_nb.local import LocalAws


@pytest.fixture
def kept():
    """A bucket with one ordinary object, and one that nobody has rendered yet; how often it was rendered."""
    aws = LocalAws(seed=7)
    s3 = aws.session().client("s3")
    s3.create_bucket(Bucket="out")
    s3.put_object(Bucket="out", Key="plain.txt", Body=b"plain")
    rendered = []

    def render():
        rendered.append(1)
        return "Grüße".encode()

    aws.gate.kept.keep("out", "jobs/a/1.json", render, "application/json")
    return s3, rendered


@pytest.mark.parametrize(
    ("see", "times"),
    [
        (lambda s3: s3.get_bucket_location(Bucket="out"), 0),
        (lambda s3: s3.get_object(Bucket="out", Key="plain.txt"), 0),
        (lambda s3: s3.list_objects_v2(Bucket="out", Prefix="other/"), 0),
        (lambda s3: s3.list_objects_v2(Bucket="out", Prefix="jobs/"), 1),
        (lambda s3: s3.list_objects_v2(Bucket="out"), 1),
        (lambda s3: s3.head_object(Bucket="out", Key="jobs/a/1.json"), 1),
        (lambda s3: s3.copy_object(Bucket="out", Key="copy", CopySource="out/jobs/a/1.json"), 1),
        (lambda s3: s3.delete_object(Bucket="out", Key="jobs/a/1.json"), 1),
        (lambda s3: s3.list_object_versions(Bucket="out"), 1),
    ],
)
def test_a_kept_file_is_rendered_when_a_request_could_see_it(kept, see, times):
    s3, rendered = kept
    see(s3)
    assert len(rendered) == times


def test_what_is_read_is_what_was_to_be_written(kept):
    s3, _ = kept
    answer = s3.get_object(Bucket="out", Key="jobs/a/1.json")
    assert (answer["Body"].read().decode(), answer["ContentType"]) == ("Grüße", "application/json")
    assert [each["Key"] for each in s3.list_objects_v2(Bucket="out")["Contents"]] == ["jobs/a/1.json", "plain.txt"]


def test_a_bucket_with_kept_files_is_not_empty(kept):
    s3, _ = kept
    s3.delete_object(Bucket="out", Key="plain.txt")
    with pytest.raises(s3.exceptions.ClientError, match="BucketNotEmpty"):
        s3.delete_bucket(Bucket="out")


def test_deleted_files_do_not_come_back(kept):
    s3, _ = kept
    s3.delete_objects(Bucket="out", Delete={"Objects": [{"Key": "jobs/a/1.json"}]})
    assert [each["Key"] for each in s3.list_objects_v2(Bucket="out")["Contents"]] == ["plain.txt"]
