"""The match tree: what a rule looks for, as frozen nodes.

`reading` makes it from a rule's `match` with names still open (`Word`, `Name`, `Pick`); `compiler` resolves those
into `Leaf`s over the terms of one lexicon. Nothing here evaluates anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
    path: Path


@dataclass(frozen=True, slots=True)
class Name:
    """`$name`: a list, an entity or another rule's match."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Pick:
    """`entity: {kind: ...}`: every entity that has one of the values under each key."""

    wanted: tuple[tuple[str, tuple[str, ...]], ...]
    path: Path

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
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """One mapping with more than positive keys: `parts` must hold, `none` and `nowhere` must not."""

    parts: tuple[Node, ...]
    within: Within | None = None
    ordered: bool = False
    fields: tuple[str, ...] = ()
    none: tuple[Node, ...] = ()
    nowhere: tuple[Node, ...] = ()


Node: TypeAlias = Word | Name | Pick | Leaf | All | Any | AtLeast | Clause


def children_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly below that are to hold; () for a leaf."""
    if isinstance(node, (All, Any, AtLeast)):
        return node.children
    return node.parts if isinstance(node, Clause) else ()


def is_negative(node: Node) -> bool:
    """Whether the node only says what must not be there: it has no hits to give."""
    if isinstance(node, Clause):
        return not any(not is_negative(part) for part in node.parts)
    if isinstance(node, All):
        return all(map(is_negative, node.children))
    return False


def leaves(node: Node) -> Iterator[Leaf]:
    """The leaves that give positive hits, in written order."""
    if isinstance(node, Leaf):
        yield node
    for child in children_of(node):
        yield from leaves(child)
