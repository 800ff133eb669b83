"""How much a port costs over a session in process, as ratios of the same run.

A stall would show: 40 ms for a second packet, 1,000 ms where a sender waits to be told to go on. In process a get takes
some 2 ms.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.serving import Places
from tests.local.callers import client

pytestmark = pytest.mark.sockets

PICTURE = b"x" * 50_000
OPERATIONS: dict[str, Callable[[Any], object]] = {
    "get": lambda s3: s3.get_object(Bucket="signs-in", Key="a")["Body"].read(),
    "put": lambda s3: s3.put_object(Bucket="signs-in", Key="b", Body=PICTURE),
    "list": lambda s3: s3.list_objects_v2(Bucket="signs-in"),
}


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    aws = LocalAws()
    s3 = aws.session().client("s3")
    s3.create_bucket(Bucket="signs-in")
    for name in ("a", "b"):
        s3.put_object(Bucket="signs-in", Key=name, Body=PICTURE)
    return aws


@pytest.fixture(scope="module")
def places(aws: LocalAws) -> Iterator[Places]:
    with aws.serve() as places:
        yield places


def fastest(*works: Callable[[], object], repeats: int = 7, loops: int = 10) -> list[float]:
    """Seconds a call of each, the best of several rounds in turns, so that a busy machine slows all down alike."""

    def once(work: Callable[[], object]) -> float:
        start = time.perf_counter()
        for _ in range(loops):
            work()
        return (time.perf_counter() - start) / loops

    return [min(column) for column in zip(*([once(work) for work in works] for _ in range(repeats)), strict=True)]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_request_through_a_port_takes_at_most_four_times_one_in_process(
    aws: LocalAws, places: Places, operation: str
) -> None:
    inside, through = aws.session().client("s3"), client(places.env(), "s3")
    work = OPERATIONS[operation]
    in_process, served = fastest(lambda: work(inside), lambda: work(through))
    assert served < 4 * in_process


def test_a_place_opens_in_less_than_the_time_of_three_requests(aws: LocalAws) -> None:
    inside = aws.session().client("s3")

    def open_a_place() -> None:
        opened.append(aws.serve())
        opened[-1].env()

    opened: list[Places] = []
    request, opening = fastest(lambda: OPERATIONS["get"](inside), open_a_place, loops=3)
    for places in opened:
        places.close()
    assert opening < 3 * request


def test_the_time_of_a_large_object_through_a_port_grows_no_faster_than_its_size(places: Places) -> None:
    s3 = client(places.env(), "s3")

    def put(size: int) -> Callable[[], object]:
        data = bytes(size)
        return lambda: s3.put_object(Bucket="signs-in", Key="large", Body=data)

    small, large = fastest(put(4_000_000), put(16_000_000), repeats=5, loops=2)
    assert large < 2.5 * 4 * small


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_request_through_a_port(benchmark: Callable[..., object], places: Places, operation: str) -> None:
    s3 = client(places.env(), "s3")
    assert benchmark(lambda: OPERATIONS[operation](s3))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_request_in_process(benchmark: Callable[..., object], aws: LocalAws, operation: str) -> None:
    s3 = aws.session().client("s3")
    assert benchmark(lambda: OPERATIONS[operation](s3))
