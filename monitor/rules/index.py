"""Which rules an article may match: from what its tokens can stand for to the few rules that are worth judging.

A rule is *entered* through one group of leaves of which every match needs a hit, the rarest; its other groups are
looked up among the article's traces, those of one sentence or paragraph where all must lie in one. That is done for
all articles of a sheet in a few steps over arrays. What else must lie close together must do so by its traces. All
this only ever leaves out rules that cannot match.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.rules.compiler import Compiled
from monitor.rules.expression import Unit
from monitor.rules.memo import Lexicon
from monitor.rules.packing import MOST_KEPT, Packing, Parts
from monitor.rules.plan import Group, Near, Plan
from monitor.rules.search import Search, Sweep, Traces
from monitor.rules.sides import FLAGS
from monitor.rules.tables import Growing, Ints, Rows
from monitor.text.sheet import Sheet

_ARTICLE, _PARAGRAPH, _SENTENCE = range(3)
"""In which unit a rule's groups must all have traces."""

_PLACES = 20
"""Bits of the places in which traces are noted: two may share one, which only makes for a candidate more."""

_TOKEN_BITS = 32
_LOW = (1 << _TOKEN_BITS) - 1
_LAST_KEY = (1 << 63) - 1

_MIX = 0x9E3779B1, 0x85EBCA6B

_UNITS = tuple(Unit)
_ROWS = ("others", "close", "rules", "entries", "entered")


class _Close(NamedTuple):
    """Groups, by number, that must lie close together."""

    unit: Unit
    words: int
    groups: tuple[int, ...]


class _Present(NamedTuple):
    """Groups, each with a token of the sheet at which it has a trace."""

    groups: Ints
    tokens: Ints


class Index:
    """The rules of one ruleset, by number, in the order of its matches. Packed: what an article asks is unpacked."""

    def __init__(self, compiled: Compiled, plans: Mapping[str, Plan], lexicon: Lexicon) -> None:
        numbers: dict[Group, int] = {}
        groups = [[numbers.setdefault(group, len(numbers)) for group in plan.groups] for plan in plans.values()]
        self._ids = tuple(plans)
        self._lexicon = lexicon
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
        self._units, self._reach, self._is_exact = self._all_close()
        self._begin()

    def _begin(self) -> None:
        self._present = self._turned(self._lexicon.entries)
        entries = self._entries
        self._set = lru_cache(MOST_KEPT)(lambda group: frozenset(entries.row(group)))
        self._seen = np.zeros(1 << _PLACES, np.bool_)
        self._forget()

    def pack(self, into: Packing) -> None:
        """Write it into a compiled pack."""
        into.words("index/ids", self._ids)
        into.ints("index/always", self._always)
        into.ints("index/units", self._units.tolist())
        into.ints("index/reach", self._reach.tolist())
        into.ints("index/exact", self._is_exact.tolist())
        for name, rows in zip(_ROWS, self._rows, strict=True):
            into.rows(f"index/{name}", rows)

    @classmethod
    def unpacked(cls, parts: Parts, lexicon: Lexicon) -> Index:
        """The index that was written, over the lexicon that was written with it."""
        made = cls.__new__(cls)
        made._ids = tuple(parts.words("index/ids"))
        made._lexicon = lexicon
        made._always = parts.ints("index/always").tolist()
        made._units = np.array(parts.ints("index/units"), np.int64)
        made._reach = np.array(parts.ints("index/reach"), np.int64)
        made._is_exact = np.array(parts.ints("index/exact"), np.bool_)
        made._others, made._close, made._rules, made._entries, made._entered = (
            parts.rows(f"index/{name}") for name in _ROWS
        )
        made._begin()
        return made

    @property
    def _rows(self) -> tuple[Rows, ...]:
        return self._others, self._close, self._rules, self._entries, self._entered

    def _turned(self, count: int) -> Rows:
        """By entry the groups that it is of, of those that a rule wants besides the one that enters it."""
        groups = np.unique(self._others.all_of(np.arange(len(self._others)))[0])
        entries, source = self._entries.all_of(groups)
        order = entries.argsort(kind="stable")
        ends = entries.take(order).searchsorted(np.arange(count + 1))
        return Rows.of(groups.take(source.take(order)).astype(np.int32).data, ends.astype(np.int64).data)

    def _all_close(self) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        """For every rule the unit in which all its groups must have traces; of two groups, how far apart their tokens
        may be, 0 for no matter; and whether there is nothing to add.
        """
        units, reaches, is_exact = [], [], []
        for rule in range(len(self._ids)):
            unit, reach, exact = _ARTICLE, 0, True
            for near in self._close_of(rule):
                if len(near.groups) < 1 + len(self._others.row(rule)):
                    exact = False
                    continue
                unit = max(unit, _SENTENCE if near.unit is Unit.SENTENCE else _PARAGRAPH)
                if near.unit is Unit.WORDS and len(near.groups) == 2:
                    reach = min(reach or near.words + 1, near.words + 1)
                elif near.unit is Unit.WORDS:
                    exact = False
            units.append(unit)
            reaches.append(reach)
            is_exact.append(exact)
        return np.array(units, np.int64), np.array(reaches, np.int64), np.array(is_exact, np.bool_)

    def _forget(self) -> None:
        """Begin with nothing known of what meanings enter."""
        self._known = self._lexicon.meanings.known
        self._entered_by, self._present_by = Growing(), Growing()

    def candidates(self, sweep: Sweep) -> dict[int, list[str]]:
        """The ids of the rules that each article of a sheet may match, in the order of the ruleset, by its place."""
        found: dict[int, set[int]] = {}
        if self._always:
            found = {place: set(self._always) for place in range(len(sweep.documents))}
        for place, rule in self._complete(sweep):
            found.setdefault(place, set()).add(rule)
        return {
            place: [self._ids[rule] for rule in rules]
            for place, some in found.items()
            if (rules := self._near(sweep, place, sorted(some)))
        }

    def _near(self, sweep: Sweep, place: int, rules: list[int]) -> list[int]:
        """The rules of which what must lie close together may do so."""
        close = [() if self._is_exact[rule] else self._close_of(rule) for rule in rules]
        asked = {group for one in close for near in one for group in near.groups}
        if not asked:
            return rules
        spread = _Spread(sweep.search(sweep.documents[place]), {group: self._set(group) for group in asked})
        return [rule for rule, nears in zip(rules, close, strict=True) if all(map(spread.holds, nears))]

    # --- what articles have traces of ----------------------------------------------------------------------

    def _complete(self, sweep: Sweep) -> Iterable[tuple[int, int]]:
        """Articles, by place, and rules of whose groups they have a trace each, in one unit where that is wanted."""
        self._learn()
        phrases = (sweep.entering_phrases,)
        traces = self._traces(sweep, self._entered_by, self._entered, sweep.entering, phrases)
        rules, source = self._rules.all_of(traces.groups)
        if not len(rules):
            return ()
        tokens = traces.tokens.take(source)
        places = sweep.places.take(tokens)
        present = self._present_in(sweep, np.unique(places))
        there = self._have_all(rules, places, sweep.places.take(present.tokens), present.groups)
        rules, tokens, places = rules.take(there), tokens.take(there), places.take(there)
        close = self._units.take(rules)
        if close.any():
            units = sweep.sheet.units(set(places.tolist()))
            kept = close == _ARTICLE
            for unit, numbers in ((_PARAGRAPH, units.paragraphs), (_SENTENCE, units.sentences)):
                own = (close == unit).nonzero()[0]
                there = self._have_all(
                    rules.take(own), numbers.take(tokens.take(own)), numbers.take(present.tokens), present.groups
                )
                kept[own.take(there)] = True
            rules, tokens, places = rules[kept], tokens[kept], places[kept]
        reach = self._reach.take(rules)
        own = (reach > 0).nonzero()[0]
        if len(own):
            far = own[~self._may_reach(rules.take(own), tokens.take(own), reach.take(own), present)]
            if sweep.patterns:
                far = far[~np.isin(places.take(far), list(sweep.patterns))]  # they may be anywhere
            rules, places = np.delete(rules, far), np.delete(places, far)
        return zip(places.tolist(), rules.tolist(), strict=True)

    def _have_all(self, rules: Ints, units: Ints, present: Ints, groups: Ints) -> Ints:
        """Which of some rules, each entered in a unit, have a trace of each other group there. `present` are the
        units of the traces of `groups`.
        """
        others, asking = self._others.all_of(rules)
        has_all = np.ones(len(rules), np.bool_)
        if len(others):
            there = _hashed(present, groups)
            self._seen[there] = True
            has_all[asking[~self._seen.take(_hashed(units.take(asking), others))]] = False
            self._seen[there] = False
        found: Ints = has_all.nonzero()[0]
        return found

    def _may_reach(self, rules: Ints, tokens: Ints, reach: Ints, present: _Present) -> NDArray[np.bool_]:
        """Whether some rules of two groups, each entered at a token, have a trace of the other one so near to it."""
        others, _ = self._others.all_of(rules)
        is_asked = np.isin(present.groups, others)
        keys = np.append(present.groups[is_asked] << _TOKEN_BITS | present.tokens[is_asked], _LAST_KEY)
        keys.sort()
        tokens = tokens + (others << _TOKEN_BITS)
        found: NDArray[np.bool_] = keys.take(keys.searchsorted(tokens - reach)) <= tokens + reach
        return found

    def _present_in(self, sweep: Sweep, places: Ints) -> _Present:
        """The traces of groups that do not enter rules, or not only, in some articles."""
        tokens = sweep.values.nonzero()[0]
        if len(places) < len(sweep.documents):
            is_asked = np.zeros(len(sweep.documents), np.bool_)
            is_asked[places] = True
            tokens = tokens[is_asked.take(sweep.places.take(tokens))]
        phrases = sweep.entering_phrases, sweep.other_phrases
        return self._traces(sweep, self._present_by, self._present, tokens, phrases)

    def _traces(
        self, sweep: Sweep, by_meaning: Growing, by_entry: Rows, tokens: Ints, phrases: Sequence[Traces]
    ) -> _Present:
        """The groups of which some tokens and phrases are traces, each at its token; of phrases at both ends."""
        groups, source = by_meaning.all_of(sweep.values.take(tokens) >> FLAGS)
        found = [(groups, tokens.take(source))]
        for some in phrases:
            groups, source = by_entry.all_of(some.entries)
            found += [(groups, some.firsts.take(source)), (groups, some.lasts.take(source))]
        more: list[tuple[int, int]] = []
        for place, entries in sweep.patterns.items():
            own = {group for entry in entries for group in by_entry.row(entry)}
            more += [(group, token) for group in own for token in _every_sentence(sweep.sheet, place)]
        if more:
            added = np.array(more, np.int64)
            found.append((added[:, 0], added[:, 1]))
        return _Present(*map(np.concatenate, zip(*found, strict=True)))

    def _learn(self) -> None:
        """Note which groups the meanings that the lexicon has learnt are traces of."""
        meanings = self._lexicon.meanings
        if self._known is not meanings.known:
            self._forget()
        new = np.arange(len(self._entered_by), len(meanings))
        if not len(new):
            return
        slots, source = meanings.entering.plain.all_of(new)
        entering = slots[::2], source[::2]
        slots, source = meanings.others.plain.all_of(new)
        both = np.append(entering[0], slots[::2]), np.append(entering[1], source[::2])
        for by_meaning, by_entry, (entries, of) in (
            (self._entered_by, self._entered, entering),
            (self._present_by, self._present, both),
        ):
            groups, source = by_entry.all_of(entries)
            keys = np.unique(of.take(source) << _TOKEN_BITS | groups)
            by_meaning.extend(keys & _LOW, np.bincount(keys >> _TOKEN_BITS, minlength=len(new)))

    # --- unpacking ---------------------------------------------------------------------------------------

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


def _every_sentence(sheet: Sheet, place: int) -> list[int]:
    """A token of each sentence of an article."""
    first, last = sheet.firsts[place : place + 2]
    _, firsts = np.unique(sheet.units((place,)).sentences[first:last], return_index=True)
    tokens: list[int] = (firsts + first).tolist()
    return tokens


def _hashed(units: Ints, groups: Ints) -> Ints:
    mixed = units * _MIX[0] + groups * _MIX[1]
    mixed ^= mixed >> 17
    mixed &= (1 << _PLACES) - 1
    return mixed


class _Spread:
    """Where the traces of one article lie, as bits: of sentences, of paragraphs, of tokens."""

    def __init__(self, search: Search, groups: Mapping[int, frozenset[int]]) -> None:
        self._groups = groups
        self._units = search.document.scan.units
        self._traces: dict[int, list[tuple[int, int]]] = {}
        for first, last, entry, _ in search.traces(np.array([*frozenset().union(*groups.values())], np.int64)):
            self._traces.setdefault(entry, []).append((first, last))
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
            for first, last in self._traces[entry]:
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
