"""Texts for every way in which some patterns can match: one witness for each set of patterns that a text can satisfy.

All patterns are read at once, character by character, as automata side by side; a set of patterns that no reachable
state accepts is impossible. Plain texts are their own class; only patterns with wildcards are searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from gt_vpc_nb.policy.matching import plain

#: Joint states to visit before the search gives up.
STATES = 3_000
#: Characters for places where any will do, the first that no pattern speaks of there.
_FREE = "0x1a2b3c4d5e6f789ghijklmnopqrstuvwyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_."
_ANY, _NO_COLON = "any", "no colon"


@dataclass(frozen=True)
class Shape:
    """What values of a key look like: a beginning, and how many characters must follow at least."""

    prefix: str = ""
    more: int = 0

    def fits(self, text: str) -> bool:
        return text.startswith(self.prefix) and len(text) >= len(self.prefix) + self.more


@dataclass(frozen=True)
class Pattern:
    """A pattern as an automaton: what each place takes, and which places repeat (stars)."""

    takes: tuple[frozenset[str] | str, ...]
    repeats: tuple[bool, ...]

    @cached_property
    def stars(self) -> int:
        """The places that repeat, as a mask."""
        return sum(1 << place for place, repeats in enumerate(self.repeats) if repeats)

    @cached_property
    def text(self) -> str | None:
        """The only text it matches, or None where it has wildcards or takes either case."""
        if any(self.repeats) or any(isinstance(each, str) or len(each) > 1 for each in self.takes):
            return None
        return "".join(next(iter(each)) for each in self.takes if not isinstance(each, str))

    def start(self) -> int:
        return self._closed(1)

    def may_begin(self, prefix: str) -> bool:
        """Whether a text that begins so can match at all, as far as the pattern's plain beginning tells."""
        for takes, repeats, character in zip(self.takes, self.repeats, prefix, strict=False):
            if repeats or isinstance(takes, str):
                return True
            if character not in takes:
                return False
        return True

    def step(self, places: int, character: str) -> int:
        after, end = 0, 1 << len(self.takes)
        places &= ~end
        while places:
            here = places & -places
            places ^= here
            place = here.bit_length() - 1
            if _takes(self.takes[place], character):
                after |= here if self.repeats[place] else here << 1
        return self._closed(after)

    def accepts(self, places: int) -> bool:
        return bool(places >> len(self.takes) & 1)

    def named(self, places: int) -> set[str]:
        """The characters that the places now reached speak of by name."""
        found: set[str] = set()
        places &= ~(1 << len(self.takes))
        while places:
            here = places & -places
            places ^= here
            takes = self.takes[here.bit_length() - 1]
            found |= {":"} if takes == _NO_COLON else set() if isinstance(takes, str) else takes
        return found

    def _closed(self, places: int) -> int:
        skippable = places & self.stars
        while skippable:
            here = skippable & -skippable
            skippable ^= here
            places |= here << 1
            skippable |= here << 1 & self.stars
        return places


def _takes(takes: frozenset[str] | str, character: str) -> bool:
    if isinstance(takes, str):
        return takes == _ANY or character != ":"
    return character in takes


def literal(text: str, *, either_case: bool = False) -> Pattern:
    """One text, in its own case or in any."""
    takes = [frozenset({each.lower(), each.upper(), each} if either_case else {each}) for each in plain(text)]
    return Pattern(tuple(takes), (False,) * len(takes))


def glob_pattern(text: str, wild: str = _ANY) -> Pattern:
    """A glob: `*` repeats, `?` is one character."""
    takes = [wild if each in "*?" else frozenset(plain(each)) for each in text]
    return Pattern(tuple(takes), tuple(each == "*" for each in text))


def arn_pattern(text: str) -> Pattern | None:
    """An ARN pattern, whose wildcards do not span colons before the last part; None where it is no ARN."""
    parts = text.split(":", 5)
    if len(parts) < 6:
        return None
    head, last = glob_pattern(":".join(parts[:5]) + ":", _NO_COLON), glob_pattern(parts[5])
    return Pattern(head.takes + last.takes, head.repeats + last.repeats)


def witnesses(
    patterns: Iterable[Pattern], shape: Shape, preferred: Sequence[str], avoid: Iterable[str] = ()
) -> list[str] | None:
    """Texts of a shape, one at least for every set of patterns that one can match; None past the budget.

    `preferred` are tried first, so that a witness looks like something; `avoid` count as patterns of their own, so that
    no other witness is one of them.
    """
    distinct = list(dict.fromkeys(patterns))
    plain_texts = {*avoid, *(each.text for each in distinct if each.text is not None)}
    wild = [each for each in distinct if each.text is None and each.may_begin(shape.prefix)]
    found = [each for each in dict.fromkeys((*sorted(plain_texts),)) if shape.fits(each)]
    seen: dict[tuple[bool, ...], str] = {}
    for each in preferred:
        if shape.fits(each) and each not in plain_texts:
            seen.setdefault(_signs(wild, each), each)
    if wild or not seen:
        apart = list(wild)
        while True:
            searched = _search(apart, shape)
            if searched is None:
                return None
            clashes = [text for signs, text in searched.items() if text in plain_texts and not any(signs[len(wild) :])]
            if not clashes:
                break
            apart += [literal(each) for each in clashes]
        for signs, text in searched.items():
            if not any(signs[len(wild) :]):
                seen.setdefault(signs[: len(wild)], text)
    return [*seen.values(), *found]


def _signs(patterns: Sequence[Pattern], text: str) -> tuple[bool, ...]:
    return tuple(each.accepts(_after(each, text)) for each in patterns)


def _after(pattern: Pattern, text: str) -> int:
    places = pattern.start()
    for character in text:
        if not places:
            break
        places = pattern.step(places, character)
    return places


def _search(patterns: list[Pattern], shape: Shape) -> dict[tuple[bool, ...], str] | None:
    start = tuple(_after(each, shape.prefix) for each in patterns)
    reached = {(start, 0): shape.prefix}
    queue = list(reached)
    found: dict[tuple[bool, ...], str] = {}
    for state in queue:
        places, more = state
        text = reached[state]
        if more >= shape.more:
            found.setdefault(tuple(each.accepts(at) for each, at in zip(patterns, places, strict=True)), text)
        named = {c for each, at in zip(patterns, places, strict=True) for c in each.named(at)}
        free = next((each for each in _FREE if each not in named), None) or _unnamed(named)
        for character in (free, *sorted(named)):
            after = tuple(each.step(at, character) for each, at in zip(patterns, places, strict=True))
            next_state = (after, min(more + 1, shape.more))
            if next_state not in reached:
                if len(reached) >= STATES:
                    return None
                reached[next_state] = text + character
                queue.append(next_state)
    return found


def _unnamed(named: set[str]) -> str:
    return next(chr(code) for code in range(0x4E00, 0x9FFF) if chr(code) not in named)
