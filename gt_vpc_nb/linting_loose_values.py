"""Values of Python and JSON read loosely: texts, lists, dicts, and calls with their arguments."""

from __future__ import annotations

import re

from gt_vpc_nb.linting_loose_cursor import CLOSING, Call, Cursor, Frame
from gt_vpc_nb.linting_nodes import DEPTH, Member, Members, Node, Scalar, Struct, Unknown, items, joined, struct
from gt_vpc_nb.linting_tokens import Token

_WORDS = {"True": True, "False": False, "None": None, "true": True, "false": False, "null": None}
_RIGHT = {"python": {True: "True", False: "False", None: "None"}, "json": {True: "true", False: "false", None: "null"}}
_HOLE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_KEYS = ("string", "placeholder")


class Values(Cursor):
    """Reads the value that comes next, whatever it is; every step takes at least one token or ends."""

    def value(self) -> Node:
        primary = self.next
        found = self._primary()
        if self.operated(primary):
            self.skip_operation()
            return Unknown(primary.line)
        return found

    def _primary(self) -> Node:
        token = self.next
        if token.mark in CLOSING:
            return self._bracket()
        if token.kind == "string":
            return self._string()
        if token.kind == "name":
            return self._name()
        if token.kind == "number":
            return Scalar(self.take().line, _number(token.text))
        if token.kind == "placeholder":
            self.slip(token.line, f"the placeholder {token.text} stands here without quotes.", "Write the value.")
            return Scalar(self.take().line, token.text)
        if token.kind != "end" and token.mark not in (",", ")", "]", "}"):
            self.take()
        return Unknown(token.line)

    def _bracket(self) -> Node:
        token = self.take()
        if len(self.frames) >= DEPTH:
            self.skip_bracket()
            return Unknown(token.line)
        self.frames.append(Frame(token.text, token.line))
        value = self.dict_of(token) if token.mark == "{" else self.list_of(token)
        self.frames.pop()
        return value

    def _string(self) -> Node:
        parts = [self._one_string()]
        while self.language == "python" and self.next.kind == "string" and self.after_next.mark not in (":", "="):
            parts.append(self._one_string())
        return joined(parts[0].line, parts) if len(parts) > 1 else parts[0]

    def _one_string(self) -> Node:
        token = self.take()
        self._told_quotes(token)
        return self._pieces(token) if "f" in token.prefix else Scalar(token.line, token.text, _verbatim(token))

    def _told_quotes(self, token: Token) -> None:
        if token.slip:
            self.slip(token.line, token.slip, "Write straight quotes." if "curly" in token.slip else "Close it.")
        elif self.language == "json" and token.quote == "'":
            self.slip(token.line, "single quotes are no quotes in JSON.", 'Write ".')

    def _pieces(self, token: Token) -> Node:
        parts: list[Node] = []
        at = 0
        for hole in _HOLE.finditer(token.text):
            parts.append(Scalar(token.line, token.text[at : hole.start()]))
            known = self.found.names.get((hole[1] or "").strip(), Unknown(token.line))
            parts.append(Scalar(token.line, hole[0][0]) if hole[1] is None else known)
            at = hole.end()
        return joined(token.line, [*parts, Scalar(token.line, token.text[at:])])

    def _name(self) -> Node:
        token = self.take()
        if self.next.mark == "(":
            return self._call(token)
        if token.text in _WORDS:
            value = _WORDS[token.text]
            right = _RIGHT[self.language][value]
            if token.text != right:
                language = "Python" if self.language == "python" else "JSON"
                self.slip(token.line, f"{token.text} is no word of {language}.", f"Write {right}.")
            return Scalar(token.line, value)
        return self.found.names.get(token.text, Unknown(token.line))

    def _call(self, name: Token) -> Node:
        opening = self.take()
        if len(self.frames) >= DEPTH:
            self.skip_bracket()
            return Unknown(name.line)
        self.frames.append(Frame("(", opening.line, call=True))
        keywords, arguments = self._arguments(name)
        self.frames.pop()
        if not isinstance(keywords, Struct):
            return keywords
        self.found.calls.append(Call(name.text, name.line, keywords, arguments))
        if name.text in ("json.dumps", "json.loads", "dumps", "loads") and arguments:
            return arguments[0]
        return keywords if name.text == "dict" else Unknown(name.line)

    def _arguments(self, name: Token) -> tuple[Node, tuple[Node, ...]]:
        members = Members()
        others: list[Node] = []
        while not self.closed():
            token, sign = self.next, self.after_next
            if token.kind == "string" and sign.mark == ":":
                told = f"an argument of {name.text}() is written like the key of a dict, {token.text!r}."
                self.slip(token.line, told, f"Write {token.text}=….")
                members.add(self._member())
            elif token.kind == "name" and sign.mark == "=":
                members.add(self._member())
            elif not self._spread(members):
                others.append(self.value())
            self.after_entry()
        return struct(name.line, members.listed, members.open), tuple(others)

    def _member(self) -> Member:
        key = self.take()
        if key.kind == "string":
            self._told_quotes(key)
        self.take()
        return Member(key.text, key.line, self.value())

    def _spread(self, members: Members) -> bool:
        """Takes `**name` and `...` along, if that is what comes next."""
        if self.next.mark == "**":
            self.take()
            members.spread(self.value())
        elif self.next.kind == "ellipsis":
            members.open = bool(self.take())
        else:
            return False
        return True

    def dict_of(self, start: Token) -> Node:
        """The members up to the closing bracket, which is taken."""
        members = Members()
        while not self.closed() and not self.leaves_for_call():
            token, sign = self.next, self.after_next
            if token.kind in _KEYS and sign.mark in (":", "="):
                if sign.mark == "=":
                    self.slip(sign.line, f"'=' stands after the key {token.text!r}.", "Write ':'.")
                members.add(self._member())
            elif token.kind == "name" and sign.mark in (":", "="):
                self._bare_key(members)
            elif not self._spread(members):
                self._stray(members)
                continue
            self.after_entry()
        return struct(start.line, members.listed, members.open)

    def _bare_key(self, members: Members) -> None:
        """A key without quotes: a variable in Python, a slip in JSON."""
        token = self.next
        known = self.found.names.get(token.text)
        if self.language == "json" or self.after_next.mark == "=":
            self.slip(token.line, f"the key {token.text} stands without quotes.", f'Write "{token.text}": ….')
            members.add(self._member())
            return
        member = self._member()
        if isinstance(known, Scalar) and isinstance(known.value, str):
            members.add(Member(known.value, token.line, member.value))
        else:
            members.open = True

    def _stray(self, members: Members) -> None:
        """Past what is no member; where a key may have been lost with it, the dict is open."""
        token = self.next
        members.open |= token.kind == "string"
        if token.kind == "string" and not self.starts_value(self.after_next):
            self.slip(token.line, f"the key {token.text!r} has no value.", "Add ':' and a value.")
            self.take()
            self.after_entry()
            return
        self.slip(token.line, f"a stray {token.text!r} stands where a key is wanted.", "Remove it.")
        if token.mark in CLOSING:
            self.value()
        else:
            self.take()

    def list_of(self, start: Token) -> Node:
        """The entries up to the closing bracket, which is taken; one entry in round brackets is that entry."""
        entries: list[Node] = []
        is_open = commas = False
        while not self.closed() and not self.leaves_for_call():
            if self.next.kind == "ellipsis" or self.next.mark in ("*", "**"):
                is_open = bool(self.take())
            else:
                entries.append(self.value())
            commas |= self.after_entry()
        if start.mark == "(" and len(entries) == 1 and not commas:
            return entries[0]
        return items(start.line, entries, is_open)


def _number(text: str) -> int | float:
    plain = text.replace("_", "")
    return float(plain) if any(each in plain for each in ".eE") else int(plain)


def _verbatim(token: Token) -> bool:
    return token.text.count("\n") == token.line_end - token.line
