from __future__ import annotations

from collections.abc import Callable

import pytest
import s3fs

from gt_vpc_nb.local import LocalAws
from tests.local.callers import ONLY_FROM_VPC, VPCE

pytestmark = pytest.mark.sockets

Standing = Callable[[dict[str, str]], s3fs.S3FileSystem]


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch) -> Standing:
    """A file system that is told nothing but the environment."""

    def at(env: dict[str, str]) -> s3fs.S3FileSystem:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        files = s3fs.S3FileSystem(skip_instance_cache=True)
        files.connect()
        return files

    return at


def test_files_are_listed_read_written_and_removed(standing: Standing, inside: dict[str, str]) -> None:
    files = standing(inside)
    assert len(files.ls("images-in/images")) == len(files.glob("images-in/images/*.png")) == 20
    assert files.cat("images-in/images/0000.png").startswith(b"\x89PNG")
    assert files.info("images-in/images/0000.png")["type"] == "file"
    with files.open("signs-in/large", "wb") as file:
        file.write(b"x" * 6_000_000 + b"the end")
    assert files.size("signs-in/large") == 6_000_007
    with files.open("signs-in/large") as file:
        file.seek(6_000_000)
        assert file.read() == b"the end"
    files.copy("signs-in/large", "signs-in/copy")
    assert files.exists("signs-in/copy") and not files.exists("signs-in/none")
    files.rm(["signs-in/large", "signs-in/copy"])
    assert files.find("signs-in") == []


def test_a_file_that_is_not_there_is_pythons_own_error(standing: Standing, inside: dict[str, str]) -> None:
    with pytest.raises(FileNotFoundError):
        standing(inside).cat("signs-in/none")


def test_the_internet_is_a_permission_error_with_the_words_of_aws(
    standing: Standing, aws: LocalAws, inside: dict[str, str], outside: dict[str, str]
) -> None:
    s3 = aws.session(VPCE).client("s3")
    s3.put_object(Bucket="signs-in", Key="a", Body=b"hello")
    s3.put_bucket_policy(Bucket="signs-in", Policy=ONLY_FROM_VPC)
    assert standing(inside).cat("signs-in/a") == b"hello"
    files = standing(outside)
    with pytest.raises(PermissionError):
        files.cat("signs-in/a")
    with pytest.raises(PermissionError, match="explicit deny in a resource-based policy"):
        files.pipe("signs-in/b", b"hello")
    s3.delete_bucket_policy(Bucket="signs-in")
