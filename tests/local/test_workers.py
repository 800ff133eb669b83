from __future__ import annotations

import pytest

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.slips import LOOK_ALIKES
from gt_vpc_nb.local.workers import Task, workers_from_truth

DIGITS = tuple("0123456789")
TRUTH = {f"s3://b/{n}.png": str(n % 10) for n in range(2000)}


def task(key, labels=DIGITS, code="ImageMultiClass"):
    return Task(key, code, labels, {}, b"")


def answers(worker):
    return [worker.answer(task(key)) for key in TRUTH]


def wrong(worker):
    return [(answer, true) for answer, true in zip(answers(worker), TRUTH.values(), strict=True) if answer != true]


def test_the_same_seed_gives_the_same_people_and_another_seed_other_mistakes():
    one, same, other = (workers_from_truth(TRUTH, 0.1, 1, seed)[0] for seed in (7, 7, 8))
    assert answers(one) == answers(same) != answers(other)
    assert [one.seconds(task(key)) for key in TRUTH] == [same.seconds(task(key)) for key in TRUTH]


def test_the_average_share_of_mistakes_is_the_one_asked_for_and_workers_differ():
    shares = [len(wrong(worker)) / len(TRUTH) for worker in workers_from_truth(TRUTH, 0.1, 3, 7)]
    assert sum(shares) / 3 == pytest.approx(0.1, abs=0.02)
    assert max(shares) > 1.5 * min(shares)


def test_most_mistakes_are_digits_that_look_alike():
    mistakes = wrong(workers_from_truth(TRUTH, 0.2, 1, 7)[0])
    alike = sum(answer in LOOK_ALIKES[true] for answer, true in mistakes)
    assert alike / len(mistakes) > 0.7


def test_workers_make_their_mistakes_independently():
    first, second = workers_from_truth(TRUTH, 0.2, 2, 7)
    both = sum(a != t != b for a, b, t in zip(answers(first), answers(second), TRUTH.values(), strict=True))
    expected = len(wrong(first)) * len(wrong(second)) / len(TRUTH)
    assert both == pytest.approx(expected, rel=0.5)


def test_nobody_errs_at_zero_and_everybody_at_one():
    assert not wrong(workers_from_truth(TRUTH, 0, 1, 7)[0])
    assert len(wrong(workers_from_truth(TRUTH, 1, 1, 7)[0])) == len(TRUTH)


def test_an_answer_takes_a_person_some_seconds():
    worker = workers_from_truth(TRUTH, 0, 1, 7)[0]
    times = [worker.seconds(task(key)) for key in TRUTH]
    assert 2 < sum(times) / len(times) < 12
    assert min(times) >= 1


def test_several_classes_are_chosen_and_sometimes_one_too_many():
    truth = {f"{n}": ("a", "b") for n in range(500)}
    worker = workers_from_truth(truth, 0.5, 1, 7)[0]
    given = [tuple(worker.answer(task(key, ("a", "b", "c"), "ImageMultiClassMultiLabel"))) for key in truth]
    assert ("a", "b") in given
    assert len(set(given)) > 1


def test_boxes_are_drawn_near_the_true_ones():
    box = {"label": "cat", "left": 100, "top": 100, "width": 200, "height": 100}
    drawn = workers_from_truth({"k": (box,)}, 0, 1, 7)[0].answer(task("k", ("cat", "dog"), "BoundingBox"))
    assert drawn[0]["label"] == "cat"
    assert abs(drawn[0]["left"] - 100) < 40
    assert all(isinstance(drawn[0][side], int) for side in ("left", "top", "width", "height"))


def test_an_object_without_a_known_truth_is_named():
    with pytest.raises(LocalAwsError, match="No truth is known for 's3://b/x.png'"):
        workers_from_truth(TRUTH, 0.1, 1, 7)[0].answer(task("s3://b/x.png"))


@pytest.mark.parametrize(("mistakes", "count"), [(-0.1, 3), (1.1, 3), (0.1, 0)])
def test_impossible_teams_are_refused(mistakes, count):
    with pytest.raises(LocalAwsError):
        workers_from_truth(TRUTH, mistakes, count, 7)
