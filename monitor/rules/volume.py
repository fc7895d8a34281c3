"""Decide whether a change of rules moves the volume of their matches so much that somebody should look. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.model import RuleCard

TENFOLD = 10
NEW_RULE = 10
"""A rule that is new counts as having matched so often: a first match is no surprise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A rule, and how often its old and its new form match the same articles."""

    rule: str
    before: int
    after: int


def changed(old: Mapping[str, RuleCard], new: Mapping[str, RuleCard]) -> frozenset[str]:
    """The rules of `new` that match something else than in `old`, or are not in it."""
    return frozenset(id for id, card in new.items() if id not in old or old[id].hash != card.hash)


def moves(
    rules: Iterable[str], known: Mapping[str, object], before: Mapping[str, int], after: Mapping[str, int]
) -> tuple[Move, ...]:
    """Those of some rules whose matches become over tenfold as many or less than a tenth, the greatest move first.

    `known` has the rules that are not new.
    """
    found = []
    for rule in sorted(rules):
        old, new = before.get(rule, 0), after.get(rule, 0)
        least = 1 if rule in known else NEW_RULE
        if max(old, new) > TENFOLD * max(min(old, new), least):
            found.append(Move(rule=rule, before=old, after=new))
    return tuple(sorted(found, key=lambda move: -abs(move.after - move.before)))
