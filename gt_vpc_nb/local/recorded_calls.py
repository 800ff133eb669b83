"""Functions of your own that a local AWS calls: what they answered is remembered, for a file cannot hold them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gt_vpc_nb.errors import LocalAwsError


class RecordedCalls:
    """The answers of one function of your own, in the order of its calls.

    Called through `via`, it answers from the record as long as that lasts, and then asks the function. Without a
    function that is a LocalAwsError that says `again`: what to do to have one.
    """

    def __init__(self, name: str, again: str, record: list[Any]) -> None:
        self.name, self._again, self.record = name, again, record
        self._next = 0

    def via(self, function: Callable[..., Any] | None, raised: type[Exception] = LocalAwsError) -> Callable[..., Any]:
        """A function that is recorded and replayed; its answer may also be an error of the class `raised`."""

        def called(*given: Any) -> Any:
            if self._next < len(self.record):
                told = self.record[self._next]
                self._next += 1
                if "error" in told:
                    raise raised(told["error"])
                return from_json(told["value"])
            if function is None:
                raise raised(f"{self.name} is a function of yours, which a saved file does not hold; {self._again}.")
            try:
                return self._remember("value", function(*given))
            except raised as error:
                self._remember("error", str(error))
                raise

        return called

    def _remember(self, what: str, value: Any) -> Any:
        try:
            told: Any = {what: as_json(value)}
        except (TypeError, ValueError) as unsaid:
            told = {"unsaid": str(unsaid)}
        self.record.append(told)
        self._next = len(self.record)
        return value

    @property
    def unsaid(self) -> str:
        """Why the record cannot be saved, or nothing."""
        return next((told["unsaid"] for told in self.record if "unsaid" in told), "")


def telling(name: str, function: Callable[..., Any] | None) -> Callable[..., Any] | None:
    """The same function of yours, whose own errors are told as LocalAwsError, so that they end a job and no more."""
    if function is None:
        return None

    def called(*given: Any) -> Any:
        try:
            return function(*given)
        except LocalAwsError:
            raise
        except Exception as error:
            raise LocalAwsError(f"{name} raised {type(error).__name__}: {error}.") from error

    return called


def as_json(value: Any) -> Any:
    """A value as JSON can say it; bytes are told as ``{"bytes": hex}``. Raises TypeError for anything else.

    >>> as_json(("cat", b"ab"))
    ['cat', {'bytes': '6162'}]
    """
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, Mapping):
        return {str(name): as_json(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(each) for each in value]
    if hasattr(value, "item") and callable(value.item):  # one number of numpy
        return as_json(value.item())
    raise TypeError(f"{type(value).__name__} is nothing that JSON can say")


def from_json(value: Any) -> Any:
    """The other way round; tuples come back as lists."""
    if isinstance(value, dict):
        return bytes.fromhex(value["bytes"]) if set(value) == {"bytes"} else {k: from_json(v) for k, v in value.items()}
    return [from_json(each) for each in value] if isinstance(value, list) else value
