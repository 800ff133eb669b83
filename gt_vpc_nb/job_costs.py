"""What a labeling job will take before it is submitted: objects, worker tasks, instance-hours, and money where known.

AWS publishes no machine-readable price of Ground Truth, and a price of yesterday is a wrong price: prices come from a
table that the reader gives, or from AWS's price list. Only Mechanical Turk's prices stand in the request itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from gt_vpc_nb.errors import RequestError, near_miss
from gt_vpc_nb.request import JobFields
from gt_vpc_nb.shown import Items, Part, Rows, page
from gt_vpc_nb.shown_text import told

_ENTRIES = ("labeled_object", "worker_task", "training", "inference", "source")
_UNKNOWN = "price unknown"


@dataclass(frozen=True)
class Prices:
    """What labeling costs, in US dollars: for an object that is labeled, for a worker's task, for an instance's hour.

    `training` and `inference` are instance type and dollars an hour; None means that a price is not known. `source`
    says where they were read, and is shown with every amount.
    """

    labeled_object: Decimal | None = None
    worker_task: Decimal | None = None
    training: tuple[tuple[str, Decimal], ...] = ()
    inference: tuple[tuple[str, Decimal], ...] = ()
    source: str = "prices given"

    @classmethod
    def of(cls, table: Mapping[str, Any] | Prices | None) -> Prices:
        """Prices from a mapping; dollars are text, as floats are not what a bill says.

        >>> Prices.of({"labeled_object": "0.08", "training": {"ml.p3.2xlarge": "3.825"}, "source": "our contract"})
        ... # doctest: +ELLIPSIS
        Prices(labeled_object=Decimal('0.08'), worker_task=None, training=(('ml.p3.2xlarge', Decimal('3.825')),), ...)

        Raises:
            RequestError: an entry is not one of these, or is no amount; all of them at once.
        """
        if table is None or isinstance(table, Prices):
            return table or cls()
        if not isinstance(table, Mapping):
            raise RequestError(f"The prices are {type(table).__name__}; give a mapping with {', '.join(_ENTRIES)}.")
        wrong = [f"'{name}' is no price{near_miss(str(name), _ENTRIES)}" for name in table if name not in _ENTRIES]
        found: dict[str, Any] = {}
        for name in _ENTRIES[:2]:
            found[name] = _dollars(table.get(name), name, wrong)
        for name in _ENTRIES[2:4]:
            hours = table.get(name) or {}
            if not isinstance(hours, Mapping):
                wrong.append(f"{name} is {hours!r}; give instance types and dollars an hour")
                continue
            amounts = ((kind, _dollars(each, f"{name}.{kind}", wrong)) for kind, each in hours.items())
            found[name] = tuple((kind, amount) for kind, amount in amounts if amount is not None)
        if wrong:
            raise RequestError(f"These prices cannot be read: {'; '.join(wrong)}. Entries: {', '.join(_ENTRIES)}.")
        return cls(**found, source=str(table.get("source") or cls.source))

    def hour(self, use: str, kind: str) -> Decimal | None:
        """Dollars an hour of an instance type, for ``"training"`` or ``"inference"``."""
        return dict(getattr(self, use)).get(kind)


def _dollars(given: Any, name: str, wrong: list[str]) -> Decimal | None:
    if given is None:
        return None
    try:
        amount = Decimal(given) if isinstance(given, (str, int, Decimal)) and not isinstance(given, bool) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or amount < 0:
        wrong.append(f"{name} is {given!r}; write dollars as text, like '0.08'")
        return None
    return amount


@dataclass(frozen=True)
class CostLine:
    """One part of a job's cost: how much of what, and at which price; None where that is not known."""

    what: str
    quantity: Decimal | None
    unit: str
    price: Decimal | None
    note: str = ""

    @property
    def amount(self) -> Decimal | None:
        """US dollars, or None where quantity or price is not known."""
        return None if self.quantity is None or self.price is None else self.quantity * self.price

    def __str__(self) -> str:
        count = f"{self.quantity:,} {self.unit}" if self.quantity is not None else f"{self.unit}: number unknown"
        money = f" = {_shown(self.amount)}" if self.amount is not None else ""
        rate = f" at {_shown(self.price)}{money}" if self.price is not None else f", {_UNKNOWN}"
        return f"{self.what}: {count}{rate}" + (f" ({self.note})" if self.note else "")


@dataclass(frozen=True, repr=False)
class Estimate:
    """What a job would take at the most, line by line; `.total` is None unless every line's amount is known."""

    lines: tuple[CostLine, ...]
    source: str = ""
    remarks: tuple[str, ...] = field(default=())

    @property
    def total(self) -> Decimal | None:
        """US dollars for everything, or None when a part is not known."""
        amounts = [line.amount for line in self.lines]
        return None if None in amounts else sum((each for each in amounts if each is not None), Decimal(0))

    @property
    def known(self) -> Decimal:
        """US dollars of the lines that are known."""
        return sum((line.amount for line in self.lines if line.amount is not None), Decimal(0))

    def line(self, what: str) -> CostLine:
        """The line of that name. Raises KeyError when the job has none."""
        return {line.what: line for line in self.lines}[what]

    @property
    def summary(self) -> str:
        """One line: the total, or what is known of it."""
        if self.total is not None:
            return f"At most {_shown(self.total)} ({self.source})"
        unknown = ", ".join(line.what for line in self.lines if line.amount is None)
        known = f"; known so far: {_shown(self.known)} ({self.source})" if self.known else ""
        return f"The price is not known: {unknown}{known}"

    def __repr__(self) -> str:
        return told(self.summary, (f"  {each}" for each in (*self.lines, *self.remarks)))

    def _repr_html_(self) -> str:
        return page(self.summary, *self.parts())

    def parts(self) -> list[Part]:
        """The estimate for a page of its own or of something larger: a row a line, then what to know of it."""
        rows = [(each.what, each.quantity, each.unit, _shown(each.price), _shown(each.amount), each.note)
                for each in self.lines]  # fmt: skip
        columns = ("what", "quantity", "unit", "price", "amount", "note")
        return [Rows("Cost at the most", columns, rows, right=(1, 3, 4)), Items(self.remarks)]


def _shown(amount: Decimal | None) -> str:
    if amount is None:
        return _UNKNOWN
    exact = amount.normalize()
    places = max(2, -int(exact.as_tuple().exponent))
    return f"{amount:,.{places}f} USD"


def estimate(
    job: JobFields,
    objects: int | None = None,
    prices: Mapping[str, Any] | Prices | None = None,
    automated_hours: Mapping[str, Any] | None = None,
) -> Estimate:
    """What the job takes at the most: every object labeled, every worker's task done.

    `objects` are the data objects of the input (those given to the job when left out); `automated_hours` the
    instance-hours of automated labeling, ``{"training": 4, "inference": 2}``, which AWS does not publish: take them
    from an earlier job of yours.

    Raises:
        RequestError: prices or hours cannot be read, or `objects` is negative.
    """
    if objects is not None and (isinstance(objects, bool) or not isinstance(objects, int) or objects < 0):
        raise RequestError(f"objects={objects!r} is no number of data objects; give 0 or more.")
    known = Prices.of(prices)
    given = len(job.objects) or None if objects is None else objects
    job = _counted(job)
    labeled = _labeled(job, given)
    lines = [CostLine("labeled objects", _decimal(labeled), "objects", known.labeled_object), _tasks(job, given, known)]
    remarks = []
    if job.automated:
        lines += _automated(job, known, automated_hours)
        remarks.append("With automated labeling fewer worker tasks are made: machines label what they are sure of.")
    if given is None and job.topic:
        remarks.append("A stream has no number of objects; give objects= for as many as you will send.")
    elif given is None:
        remarks.append("Give objects= the number of lines of the input manifest.")
    return Estimate(tuple(lines), known.source, tuple(remarks))


def _counted(job: JobFields) -> JobFields:
    """The job without what is no number where one is wanted: its problems tell that, and nothing is counted on it."""
    counts = ("per_object", "stop_objects", "stop_percentage")
    odd = {name: None for name in counts if type(getattr(job, name)) is not int}
    return replace(job, **odd, team=job.team if isinstance(job.team, str) else None)


def _decimal(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _labeled(job: JobFields, objects: int | None) -> int | None:
    """How many objects are labeled at the most, by people and machines."""
    bounds = [objects]
    if objects is not None and job.stop_percentage is not None and not job.topic:
        bounds.append(-(-objects * job.stop_percentage // 100))
    if job.stop_objects is not None and not job.automated and not job.topic:
        bounds.append(job.stop_objects)
    told = [each for each in bounds if each is not None]
    return min(told) if told else None


def _tasks(job: JobFields, objects: int | None, prices: Prices) -> CostLine:
    kind = job.task_type
    each = job.per_object or (kind.default_workers if kind else 1)
    by_people = _labeled(job, objects)
    if job.stop_objects is not None and not job.topic:
        by_people = job.stop_objects if by_people is None else min(by_people, job.stop_objects)
    tasks = None if by_people is None else by_people * each
    note = f"{each} worker{'s' if each > 1 else ''} an object"
    if job.public:
        return CostLine("worker tasks", _decimal(tasks), "tasks", job.price, f"{note}; the price of the request")
    if ":private-crowd/" in (job.team or "") or (job.team and not job.team.startswith("arn:")):
        return CostLine("worker tasks", _decimal(tasks), "tasks", prices.worker_task or Decimal(0), f"{note}, your own")
    return CostLine("worker tasks", _decimal(tasks), "tasks", prices.worker_task, note)


def _automated(job: JobFields, prices: Prices, hours: Mapping[str, Any] | None) -> Iterator[CostLine]:
    kind = job.task_type
    if kind is None or not kind.algorithm:
        return
    wrong: list[str] = []
    unknown = [
        f"'{name}' is none of training, inference" for name in hours or {} if name not in ("training", "inference")
    ]
    types = dict(zip(("training", "inference"), kind.instances(job.region or ""), strict=True))
    for use, instance in types.items():
        told = _dollars((hours or {}).get(use), f"automated_hours.{use}", wrong)
        note = "" if told is not None else "AWS publishes no hours; give automated_hours= from an earlier job"
        yield CostLine(f"{use} on {instance}", told, "instance-hours", prices.hour(use, instance), note)
    if wrong or unknown:
        raise RequestError(f"The hours cannot be read: {'; '.join([*wrong, *unknown])}.")


def objects_within(
    job: JobFields,
    budget: str | Decimal,
    objects: int | None = None,
    prices: Mapping[str, Any] | Prices | None = None,
    automated_hours: Mapping[str, Any] | None = None,
) -> int:
    """How many objects people may label for a budget in US dollars; `LabelingJob.within_budget` stops the job there.

    Raises:
        RequestError: a price that the job needs is not known, or the budget does not pay for one object.
    """
    wrong: list[str] = []
    money = _dollars(budget, "budget", wrong)
    if money is None:
        raise RequestError(f"The budget {budget!r} is no amount of US dollars; write it as text, like '250'.")
    one = estimate(job, 1, prices)
    fee, task = one.line("labeled objects"), one.line("worker tasks")
    whole = estimate(job, objects, prices, automated_hours)
    machines = [line for line in whole.lines if line.unit == "instance-hours"]
    total = whole.line("labeled objects").quantity
    lacking = [line.what for line in (fee, task, *machines) if line.price is None or line.quantity is None]
    lacking += ["the number of data objects (objects=)"] if job.automated and total is None else []
    if fee.amount is None or task.amount is None or lacking:
        raise RequestError(f"A budget needs to know: {', '.join(lacking)}. Give prices=.")
    each, spent = task.amount + fee.amount, Decimal(0)
    if job.automated:
        # Machines label the rest, and a labeled object costs the same whoever labels it.
        each, spent = task.amount, fee.amount * (total or 0) + sum((line.amount or 0 for line in machines), Decimal(0))
    count = int((money - spent) // each) if each else int(total or 0)
    if money < spent or count < 1:
        raise RequestError(f"{_shown(money)} does not pay for one object: {'; '.join(map(str, whole.lines))}.")
    return count
