"""Which of the values in a text are CreateLabelingJob requests, and which are bucket policies."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from gt_vpc_nb.facts import limits
from gt_vpc_nb.linting_loose import read_loosely
from gt_vpc_nb.linting_loose_cursor import Call
from gt_vpc_nb.linting_nodes import Items, Member, Node, Scalar, Struct, Unknown, items, struct

#: A text without any of these words holds nothing to check, and is not read further.
WORDS = re.compile(r"labeling_?job|human_?task_?config|statement|s3:|%%gt_vpc", re.IGNORECASE)
#: What only a labeling job has, of the members that CreateLabelingJob has itself; as `folded` writes them.
_TELLING = {"labelingjobname", "labelattributename", "labelcategoryconfigs3uri", "humantaskconfig"}
_TELLING |= {"labelingjobalgorithmsconfig"}
_PARTS = {"humantaskconfig", "labelingjobalgorithmsconfig"}
#: What DescribeLabelingJob tells of a job besides its request.
_TOLD = {"labelingjobstatus", "labelcounters", "failurereason", "creationtime", "lastmodifiedtime", "jobreferencecode"}
_TOLD |= {"labelingjobarn", "labelingjoboutput", "responsemetadata"}
#: Words on the way to a policy that is nobody's bucket policy: those of roles and users, endpoints, keys, topics.
_OTHER_POLICIES = re.compile(
    r"assume_?role|trust|role_?policy|user_?policy|group_?policy|create_?policy|iam_?policy|managed_?policy|AWS::IAM"
    r"|vpc_?endpoint|kms|key_?policy|sns|topic|sqs|queue|lambda|resource_?control|service_?control|identity",
    re.IGNORECASE,
)
_BUCKETS_OWN = re.compile(r"bucket_?policy|AWS::S3::BucketPolicy", re.IGNORECASE)

Kind = Literal[
    "request", "part of a request", "bucket policy", "policy text", "list of actions", "labeling job", "other"
]


@dataclass(frozen=True)
class Found:
    """One thing to check: in the API's spelling, and, where that is another one, as it stood in the text."""

    kind: Kind
    node: Node
    stood: Node | None = None


def folded(name: str) -> str:
    """A member's name without what spellings differ in: LabelingJobName, labelingJobName, labeling_job_name.

    >>> folded("labeling_job_name") == folded("LabelingJobName")
    True
    """
    return name.removesuffix(".$").replace("_", "").casefold()


def find(calls: Iterable[Call], values: Iterable[Node]) -> list[Found]:
    """Everything to check, each once: of a dict that grows, only the last state."""
    found: list[Found] = []
    finder = _Finder()
    for call in calls:
        found += finder.of_call(call)
    for value in values:
        found += finder.inside(value, "")
    return _once(found)


class _Finder:
    """Looks into every value once, also where it is used in several places."""

    def __init__(self) -> None:
        self._seen: dict[int, Node] = {}

    def of_call(self, call: Call) -> Iterator[Found]:
        last = call.name.rpartition(".")[2]
        if last == "create_labeling_job":
            yield Found("request", call.keywords)
        elif call.name.endswith("LabelingJob.from_yaml") and call.arguments:
            yield Found("labeling job", call.arguments[0])
        elif _is_request(call.keywords):
            yield Found("request", respelled(call.keywords), call.keywords)
        else:
            # The dicts among the arguments without a name are found by themselves.
            for each in call.arguments:
                yield from self.inside(each, last) if isinstance(each, Scalar) else ()
            for member in call.keywords.members:
                yield from self.inside(member.value, f"{last}.{member.name}")

    def inside(self, node: Node, way: str) -> Iterator[Found]:
        """What is to be checked in a value, which is reached by these names."""
        if isinstance(node, (Items, Struct)):
            if id(node) in self._seen:
                return
            self._seen[id(node)] = node
        if isinstance(node, Scalar):
            yield from self._of_text(node, way)
        elif isinstance(node, Items):
            if way == "" and _is_action_list(node):
                yield Found("list of actions", node)
            for each in node.items:
                yield from self.inside(each, way)
        elif isinstance(node, Struct):
            yield from self._of_struct(node, way)

    def _of_text(self, node: Scalar, way: str) -> Iterator[Found]:
        """JSON inside of a text: a policy as it stands, a request with the lines of the text."""
        if not isinstance(node.value, str) or "{" not in node.value:
            return
        if re.search(r"[\"']Statement[\"']\s*:", node.value):
            yield Found("other" if _is_other(way) else "policy text", node)
        elif re.search(r"[\"']HumanTaskConfig[\"']\s*:", node.value):
            loose = read_loosely(node.value if node.verbatim else node.value.replace("\n", " "), "json", node.line)
            for value, _, _ in loose.values:
                yield from self.inside(value, way)

    def _of_struct(self, node: Struct, way: str) -> Iterator[Found]:
        if _is_request(node):
            yield Found("request", respelled(_without_told(node)), node)
        elif _is_policy(node):
            if _is_other(way) or _is_for_buckets(node, way):
                yield Found("other" if _is_other(way) else "bucket policy", node)
        elif any(folded(member.name) in _PARTS and isinstance(member.value, Struct) for member in node.members):
            yield Found("part of a request", respelled(node), node)
        else:
            kind = node.get("Type")
            further = f"{way}.{kind.value}" if isinstance(kind, Scalar) else way
            for member in node.members:
                yield from self.inside(member.value, f"{further}.{member.name}")


def _is_other(way: str) -> bool:
    return bool(_OTHER_POLICIES.search(way)) and not _BUCKETS_OWN.search(way)


def _is_request(node: Struct) -> bool:
    names = {folded(name) for name in node.names}
    return len(names & _TELLING) >= 2


def _without_told(node: Struct) -> Struct:
    """A DescribeLabelingJob answer without what the request for it does not have."""
    if not {folded(name) for name in node.names} & _TOLD:
        return node
    kept = [member for member in node.members if folded(member.name) not in _TOLD]
    return Struct(node.line, tuple(kept), node.open, node.extent)


def _is_policy(node: Struct) -> bool:
    return any(name.casefold() == "statement" for name in node.names)


def statements_of(node: Struct) -> list[Struct]:
    """The statements of a policy, as far as they are known."""
    given = next((member.value for member in node.members if member.name.casefold() == "statement"), None)
    return [each for each in (given.items if isinstance(given, Items) else [given]) if isinstance(each, Struct)]


def _is_for_buckets(node: Struct, way: str) -> bool:
    """Whether a policy is about S3, and has principals or is a Deny, as identity policies seldom are."""
    if _BUCKETS_OWN.search(way):
        return True
    statements = statements_of(node)
    names = [{name.casefold() for name in statement.names} for statement in statements]
    if not any("effect" in each or "action" in each or "resource" in each for each in names):
        return False
    actions = [text for statement in statements for text in _texts(_member(statement, "action"))]
    resources = [text for statement in statements for text in _texts(_member(statement, "resource"))]
    about_s3 = any(each.casefold().startswith("s3:") for each in actions) or any(":s3:::" in each for each in resources)
    has_principal = any({"principal", "notprincipal"} & each for each in names)
    denies = any("Deny" in _texts(_member(statement, "effect")) for statement in statements)
    return about_s3 and (has_principal or denies)


def _member(node: Struct, name: str) -> Node | None:
    return next((member.value for member in node.members if member.name.casefold() == name), None)


def _texts(node: Node | None) -> list[str]:
    given = node.items if isinstance(node, Items) else [node]
    texts = [each.value for each in given if isinstance(each, Scalar) and isinstance(each.value, str)]
    return texts + ["".join(piece or "" for piece in each.pieces) for each in given if isinstance(each, Unknown)]


def _is_action_list(node: Items) -> bool:
    texts = [each.value for each in node.items if isinstance(each, Scalar)]
    actions = [each for each in texts if isinstance(each, str) and re.fullmatch(r"s3:[A-Za-z*?]+", each)]
    return len(actions) == len(node.items) > 0


def _once(found: list[Found]) -> list[Found]:
    """Without what is an earlier state of something else, or the same once more."""
    kept: list[Found] = []
    ids = [_identity(each.stood or each.node) for each in found]
    others = {one for number, each in enumerate(found) if each.kind == "other" for one in ids[number]}
    holders: dict[int, list[int]] = {}
    for number, identity in enumerate(ids):
        for one in identity:
            holders.setdefault(one, []).append(number)
    for number, each in enumerate(found):
        near = holders[next(iter(ids[number]))]
        more = any(ids[number] < ids[other] or (ids[number] == ids[other] and other < number) for other in near)
        if not more and not ids[number] & others:
            kept.append(each)
    return kept


def _identity(node: Node) -> frozenset[int]:
    """The values that something is made of; a dict that was added to shares those it had."""
    if isinstance(node, Struct) and node.members:
        return frozenset(id(member.value) for member in node.members)
    return frozenset((id(node),))


@functools.cache
def _names_below(path: str) -> dict[str, str]:
    """The API's members of a structure by their folded names."""
    prefix = f"{path}." if path else ""
    inner = (each.removeprefix(prefix) for each in limits() if each.startswith(prefix))
    return {folded(name): name for name in inner if "." not in name and "[" not in name}


def respelled(node: Node, path: str = "") -> Node:
    """A request in the API's spelling of its members; `Member.$` of a state machine is a member that is not known."""
    if isinstance(node, Items):
        entries = [respelled(each, f"{path}[]") for each in node.items]
        return items(node.line, entries, node.open)
    if not isinstance(node, Struct):
        return node
    known = _names_below(path)
    members = []
    for member in node.members:
        name = known.get(folded(member.name), member.name)
        below = f"{path}.{name}" if path else name
        value = Unknown(member.line) if member.name.endswith(".$") else respelled(member.value, below)
        members.append(Member(name, member.line, value))
    return struct(node.line, members, node.open)


def rehung(node: Node, path: str = "") -> Node:
    """A request whose text lacks a closing bracket: members that belong further out are put there."""
    if not isinstance(node, Struct):
        return node
    known = set(_names_below(path).values())
    inner = {each.name: rehung(each.value, f"{path}.{each.name}" if path else each.name) for each in node.members}
    members, outside = [], []
    for member in node.members:
        value = inner[member.name]
        own = set(_names_below(f"{path}.{member.name}" if path else member.name).values())
        if isinstance(value, Struct) and own:
            away = [e for e in value.members if e.name not in own and e.name in known and e.name not in node.names]
            outside += away
            value = struct(value.line, [each for each in value.members if each not in away], value.open)
        members.append(Member(member.name, member.line, value))
    return struct(node.line, [*members, *outside], node.open)
