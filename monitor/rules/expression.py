"""The match tree: what a rule looks for, as frozen nodes.

`reading` makes it from a rule's `match` with names still open (`Word`, `Name`, `Pick`); `compiler` resolves those
into `Leaf`s over the terms of one lexicon. Nothing here evaluates anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from monitor.rules.faults import Path
from monitor.rules.terms import Term


class Unit(StrEnum):
    """What `within` speaks of."""

    SENTENCE = "sentence"
    PARAGRAPH = "paragraph"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Within:
    """The unit that must hold a combination; `words` is the widest gap when the unit is words."""

    unit: Unit
    words: int = 0

    def __str__(self) -> str:
        if self.unit is not Unit.WORDS:
            return self.unit.value
        return f"{self.words} word{'s' * (self.words != 1)}"


@dataclass(frozen=True, slots=True)
class Word:
    """A term that stands in the expression itself."""

    term: Term
    label: str
    path: Path = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """`$name`: a list, an entity or another rule's match."""

    name: str
    path: Path = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Pick:
    """`entity: {kind: ...}`: every entity that has one of the values under each key."""

    wanted: tuple[tuple[str, tuple[str, ...]], ...]
    path: Path = field(default=(), compare=False)

    def __str__(self) -> str:
        return "entity " + ", ".join(f"{key} {' or '.join(values)}" for key, values in self.wanted)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A set of terms of the lexicon, any of which is a hit; leaves of one ruleset are numbered by `index`.

    `entities` names the entities a term stands for here, as (term, entity id).
    """

    label: str
    terms: tuple[int, ...]
    entities: tuple[tuple[int, str], ...] = ()
    index: int = 0


@dataclass(frozen=True, slots=True)
class All:
    """Every child holds."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Some child holds."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """`count` distinct children hold by hits that do not overlap. `spread`: the one child's own terms are counted."""

    count: int
    children: tuple[Node, ...]
    spread: bool = False
    path: Path = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Points:
    """The points of the items that hold reach `count`; each item counts once, negative points take away."""

    count: int
    items: tuple[tuple[int, Node], ...]
    path: Path = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Clause:
    """One mapping with more than positive keys: `parts` must hold, `none` and `nowhere` must not.

    `mentions`: so many hits of the parts that do not overlap. `also` are parts that give no hits to combine: beside
    `within` they are judged where `none` looks. `is_query`: the mapping is a one-line query.
    `path` is where the mapping stands in its file; it makes no difference between clauses.
    """

    parts: tuple[Node, ...]
    within: Within | None = None
    ordered: bool = False
    fields: tuple[str, ...] = ()
    none: tuple[Node, ...] = ()
    nowhere: tuple[Node, ...] = ()
    mentions: int = 0
    also: tuple[Node, ...] = ()
    is_query: bool = False
    path: Path = field(default=(), compare=False)


Node: TypeAlias = Word | Name | Pick | Leaf | All | Any | AtLeast | Points | Clause


def combined(parts: Iterable[Node]) -> list[Node]:
    """What a clause combines, one by one: an `all` among its parts is its children."""
    return [node for part in parts for node in (part.children if isinstance(part, All) else (part,))]


def children_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly below that are to hold; () for a leaf."""
    if isinstance(node, (All, Any, AtLeast)):
        return node.children
    if isinstance(node, Points):
        return tuple(child for points, child in node.items if points > 0)
    return (*node.parts, *node.also) if isinstance(node, Clause) else ()


def is_negative(node: Node) -> bool:
    """Whether the node only says what must not be there: it has no hits to give."""
    if isinstance(node, Clause):
        return not any(not is_negative(part) for part in node.parts)
    if isinstance(node, All):
        return all(map(is_negative, node.children))
    return False


def is_condition(node: Node) -> bool:
    """Whether the node gives no hits that `within` could combine: points, or only what must not be there."""
    if isinstance(node, Points):
        return True
    if isinstance(node, (All, Any, AtLeast)):
        return all(map(is_condition, node.children))
    return isinstance(node, Clause) and all(map(is_condition, node.parts))


def parted(node: Clause) -> Clause:
    """A clause whose parts all give hits to combine; those that do not are in `also`."""
    parts: list[Node] = []
    also: list[Node] = []
    for part in node.parts:
        if isinstance(part, All) and any(map(is_condition, part.children)):
            hits = tuple(child for child in part.children if not is_condition(child))
            also += [child for child in part.children if is_condition(child)]
            parts += [All(hits)] if hits else []
        else:
            (also if is_condition(part) else parts).append(part)
    return replace(node, parts=tuple(parts), also=tuple(also))


def is_mixed(node: Node) -> bool:
    """Whether an alternative further down gives no hits to combine."""
    own = isinstance(node, (Any, AtLeast)) and any(map(is_condition, node.children))
    return own or any(is_mixed(child) for child in children_of(node) if not is_condition(child))


def leaves(node: Node) -> Iterator[Leaf]:
    """The leaves that give positive hits, in written order."""
    if isinstance(node, Leaf):
        yield node
    for child in children_of(node):
        yield from leaves(child)


def words(node: Node) -> Iterator[Word]:
    """The terms that stand in a node itself, wanted or not; those behind its names are left out."""
    if isinstance(node, Word):
        yield node
    for child in (*children_of(node), *_excluded(node)):
        yield from words(child)


def _excluded(node: Node) -> tuple[Node, ...]:
    return (*node.none, *node.nowhere) if isinstance(node, Clause) else ()


def label(node: Node) -> str:
    """What a node looks for, in a line."""
    match node:
        case Word() | Leaf():
            return node.label
        case Name():
            return f"${node.name}"
        case Pick():
            return str(node)
        case Clause():
            inside = " and ".join(map(label, node.parts)) or f"nothing of {' or '.join(map(label, _excluded(node)))}"
            if len(node.parts) == 1:
                inside = inside.removeprefix("(").removesuffix(")")
            within = f" within {node.within}" if node.within else ""
            return f"({inside}{within}{' in ' + ' or '.join(node.fields) if node.fields else ''})"
        case Points() | AtLeast():
            what = " points" if isinstance(node, Points) else ""
            return f"({node.count}{what} of {', '.join(map(label, children_of(node)))})"
        case _:
            joint = " and " if isinstance(node, All) else " or "
            inside = joint.join(map(label, node.children))
            return inside if len(node.children) == 1 else f"({inside})"


def all_leaves(node: object) -> Iterator[Leaf]:
    """Every leaf of a tree, also of what must not be there."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Leaf):
            yield one
        elif isinstance(one, tuple):
            waiting.extend(reversed(one))
        else:
            waiting.extend(getattr(one, name) for name in _attributes(type(one)))


def _attributes(kind: type) -> tuple[str, ...]:
    """What a dataclass has, the last first; nothing of what is none."""
    known = _ATTRIBUTES.get(kind)
    if known is None:
        names = [one.name for one in fields(kind)] if is_dataclass(kind) else []
        known = _ATTRIBUTES[kind] = tuple(reversed(names))
    return known


_ATTRIBUTES: dict[type, tuple[str, ...]] = {}
