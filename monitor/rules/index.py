"""Which rules an article may match: from what its tokens can stand for to the few rules that are worth judging.

A rule is *entered* through one group of leaves of which every match needs a hit, the rarest; its other groups are
looked up among the article's traces, and what must lie close together must do so by its traces. A group that many
rules share is looked up once. All this only ever leaves out rules that cannot match.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from monitor.rules.compiler import Compiled
from monitor.rules.expression import Unit
from monitor.rules.memo import Lexicon, Search
from monitor.rules.packing import Packing, Parts
from monitor.rules.plan import Group, Near, Plan
from monitor.rules.tables import Rows

MOST_KEPT = 20_000
"""Groups that are kept unpacked, each with its entries or its rules."""

_UNITS = tuple(Unit)
_ROWS = ("others", "close", "rules", "entries", "entered")


class _Close(NamedTuple):
    """Groups, by number, that must lie close together."""

    unit: Unit
    words: int
    groups: tuple[int, ...]


class Index:
    """The rules of one ruleset, by number, in the order of its matches. Packed: what an article asks is unpacked."""

    def __init__(self, compiled: Compiled, plans: Mapping[str, Plan], lexicon: Lexicon) -> None:
        numbers: dict[Group, int] = {}
        groups = [[numbers.setdefault(group, len(numbers)) for group in plan.groups] for plan in plans.values()]
        self._ids = tuple(plans)
        self._others = Rows(own[1:] for own in groups)
        self._close = Rows(_packed(plan.nears, numbers) for plan in plans.values())
        rules: list[list[int]] = [[] for _ in numbers]
        self._always = [rule for rule, own in enumerate(groups) if not own]
        for rule, own in enumerate(groups):
            if own:
                rules[own[0]].append(rule)
        self._rules = Rows(rules)
        entries = [
            {lexicon.entry(term) for leaf in group for term in compiled.leaves[leaf].terms} for group in numbers
        ]
        self._entries = Rows(map(sorted, entries))
        entered: list[list[int]] = [[] for _ in range(lexicon.entries)]
        for group, own_rules in enumerate(rules):
            for entry in entries[group] if own_rules else ():
                entered[entry].append(group)
        self._entered = Rows(entered)
        self._begin()

    def _begin(self) -> None:
        self._unpacked: dict[int, Sequence[tuple[tuple[int, ...], Sequence[int]]]] = {}
        self._sets: dict[int, frozenset[int]] = {}

    def pack(self, into: Packing) -> None:
        """Write it into a compiled pack."""
        into.words("index/ids", self._ids)
        into.ints("index/always", self._always)
        for name, rows in zip(_ROWS, self._rows, strict=True):
            into.rows(f"index/{name}", rows)

    @classmethod
    def unpacked(cls, parts: Parts) -> Index:
        """The index that was written."""
        made = cls.__new__(cls)
        made._ids = tuple(parts.words("index/ids"))
        made._always = parts.ints("index/always").tolist()
        made._others, made._close, made._rules, made._entries, made._entered = (
            parts.rows(f"index/{name}") for name in _ROWS
        )
        made._begin()
        return made

    @property
    def _rows(self) -> tuple[Rows, ...]:
        return self._others, self._close, self._rules, self._entries, self._entered

    def candidates(self, search: Search) -> list[str]:
        """The ids of the rules that may match, in the order of the ruleset."""
        found = self._complete(search)
        if not found:
            return []
        close = [self._close_of(rule) for rule in found]
        asked = {group for one in close for near in one for group in near.groups}
        spread = _Spread(search, {group: self._set(group) for group in asked})
        left = [rule for rule, nears in zip(found, close, strict=True) if all(map(spread.holds, nears))]
        return [self._ids[rule] for rule in sorted(left)]

    def _complete(self, search: Search) -> list[int]:
        """The rules of each of whose groups the article has a trace."""
        entered = {group for entry in (*search.entering, *search.patterns) for group in self._entered.row(entry)}
        there: dict[int, bool] = {}
        found = self._always.copy()
        for group in entered:
            for others, rules in self._rules_of(group):
                for other in others:
                    has = there.get(other)
                    if has is None:
                        entries = self._set(other)
                        has = not (
                            search.others.keys().isdisjoint(entries)
                            and search.entering.keys().isdisjoint(entries)
                            and entries.isdisjoint(search.patterns)
                        )
                        there[other] = has
                    if not has:
                        break
                else:
                    found += rules
        return found

    # --- unpacking ---------------------------------------------------------------------------------------

    def _rules_of(self, group: int) -> Sequence[tuple[tuple[int, ...], Sequence[int]]]:
        """The rules entered through a group, by what else they want."""
        known = self._unpacked.get(group)
        if known is None:
            alike: dict[tuple[int, ...], list[int]] = {}
            for rule in self._rules.row(group):
                alike.setdefault(tuple(self._others.row(rule)), []).append(rule)
            if len(self._unpacked) >= MOST_KEPT:
                self._unpacked.clear()
            known = self._unpacked[group] = tuple(alike.items())
        return known

    def _set(self, group: int) -> frozenset[int]:
        """The entries of a group's terms."""
        known = self._sets.get(group)
        if known is None:
            if len(self._sets) >= MOST_KEPT:
                self._sets.clear()
            known = self._sets[group] = frozenset(self._entries.row(group))
        return known

    def _close_of(self, rule: int) -> tuple[_Close, ...]:
        row = self._close.row(rule)
        return tuple(_unpacked(row)) if row else ()


def _packed(nears: Iterable[Near], numbers: Mapping[Group, int]) -> list[int]:
    row: list[int] = []
    for within, groups in nears:
        row += (_UNITS.index(within.unit), within.words, len(groups), *(numbers[group] for group in groups))
    return row


def _unpacked(row: Sequence[int]) -> Iterator[_Close]:
    at = 0
    while at < len(row):
        unit, words, count = row[at : at + 3]
        yield _Close(_UNITS[unit], words, tuple(row[at + 3 : at + 3 + count]))
        at += 3 + count


class _Spread:
    """Where the traces of one article lie, as bits: of sentences, of paragraphs, of tokens."""

    def __init__(self, search: Search, groups: Mapping[int, frozenset[int]]) -> None:
        self._groups = groups
        self._units = search.document.scan.units
        self._traces = search.traces(frozenset().union(*groups.values()))
        self._anywhere = frozenset(search.patterns)
        self._known: dict[tuple[Unit, int], int] = {}

    def holds(self, close: _Close) -> bool:
        """Whether groups may lie as close together as is wanted."""
        unit, words, groups = close
        if unit is Unit.WORDS:
            if len(groups) == 2:
                return bool(_widened(self._bits(unit, groups[0]), words + 1) & self._bits(unit, groups[1]))
            unit = Unit.PARAGRAPH
        shared = -1
        for group in groups:
            shared &= self._bits(unit, group)
        return shared != 0

    def _bits(self, unit: Unit, group: int) -> int:
        known = self._known.get((unit, group))
        if known is None:
            known = self._known[unit, group] = self._count(unit, group)
        return known

    def _count(self, unit: Unit, group: int) -> int:
        entries = self._groups[group]
        if not self._anywhere.isdisjoint(entries):
            return -1
        units = self._units.sentences if unit is Unit.SENTENCE else self._units.paragraphs
        bits = 0
        for entry in self._traces.keys() & entries:
            for first, last, _ in self._traces[entry]:
                if unit is Unit.WORDS:
                    bits |= (2 << last) - (1 << first)
                else:
                    bits |= 1 << units[first] | 1 << units[last]
        return bits


def _widened(bits: int, by: int) -> int:
    """Bits with the next `by` bits on either side set as well."""
    left = right = bits
    done = 0
    while done < by:
        step = min(by - done, done + 1)
        left |= left << step
        right |= right >> step
        done += step
    return left | right
