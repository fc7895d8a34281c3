"""Load rules of which most are compiled already: only files that changed are read, and only what changed in them, or
depends on that, is compiled, into a small ruleset over the large one.

The result is that of a full load. Whatever is found in a file that was not read (a name that is gone, an id that is
taken twice, an example that fails now) has that file read too, so that it is told at its place.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, MutableMapping, Sequence
from dataclasses import replace
from typing import cast

from monitor.errors import Problem
from monitor.rulefiles import words
from monitor.rulefiles.base import Base
from monitor.rulefiles.loading import OFF, Loading, Settings, Texts, Wanted
from monitor.rules.catalog import Catalog, Entity, Entry
from monitor.rules.engine import Ruleset
from monitor.rules.packedrules import picks
from monitor.rules.packing import View
from monitor.rules.ready import Rule

LEAST_FOLDED = 2_000
"""Entries that may change before everything is compiled anew, if those are more than a tenth."""


def load(
    base: Base,
    settings: Settings,
    wanted: Sequence[Wanted],
    texts: Texts,
    problems: Iterable[Problem],
    *,
    is_hasty: bool = False,
) -> Ruleset | None:
    """The rules as they are now; None when so much has changed that a full load is better.

    Raises Faulty with every problem; if hasty and so much has changed, with those of the changed files alone.
    """
    there = {name: number for number, (name, *_) in enumerate(base.files)}
    fresh = {
        one
        for one in wanted
        if (number := there.get(str(one.path))) is None or not base.files[number].fits(one, texts)
    }
    named = {str(one.path) for one in wanted}
    changed = {there[str(one.path)] for one in fresh if str(one.path) in there}
    gone = {number for name, number in there.items() if name not in named}
    whole: set[int] = set()
    while True:
        kept = [number for number in range(len(base.files)) if number not in changed | gone]
        known = [problem for number in kept for problem in base.problems(number)]
        change = _Change(base, Loading(settings, texts, problems=[*problems, *known]), changed, gone, whole)
        again = change.load([one for one in wanted if one in fresh or there[str(one.path)] in changed])
        if change.is_large:
            if is_hasty:
                change.loading.warnings()
            return None
        if not again:
            return change.ruleset(kept)
        changed |= again
        whole |= again


class _Change:
    """One try: files that are read anew, files that are gone, and those of the first of which everything is read."""

    def __init__(self, base: Base, loading: Loading, changed: set[int], gone: set[int], whole: set[int]) -> None:
        self.base, self.loading = base, loading
        self.changed, self.gone, self.whole = changed, gone, whole
        names = {base.files[number].name for number in whole}
        loading.known = lambda id: known if (known := base.known(id)) and known.file not in names else None
        self.is_large = False

    def load(self, wanted: Sequence[Wanted]) -> set[int]:
        """Read and compile; returns the files that must be read as well."""
        base, loading = self.base, self.loading
        loading.all(wanted)
        fresh = loading.catalog.entries
        away = self.changed | self.gone
        self.stale = {id for id in base.rules.standing_in(away) if id not in loading.same}
        if taken := [id for id in fresh if id in base.rules.ids and id not in self.stale]:
            return {base.rules.files[base.rules.ids[id]] for id in taken}
        self.affected = self._affected()
        self.is_large = len(self.stale) + len(fresh) + len(self.affected) > max(
            LEAST_FOLDED, len(base.rules.ids) // 10
        )
        if self.is_large:
            return set()
        lost = {id for id in self.stale if id not in fresh or fresh[id].sort != base.rules.sort(id)}
        again = self._files(id for id in self.affected if not lost.isdisjoint(base.rules.names(id)))
        inactive = base.ruleset.inactive
        again |= self._files(id for id in self.affected if inactive.get(id, OFF) != OFF)
        return again or self._compile()

    def _affected(self) -> dict[str, None]:
        """Entries that are as they were, and depend on something that is not; in the order of the catalog."""
        base, fresh = self.base, self.loading.catalog.entries.values()
        touched = base.rules.dependents(self.stale)  # an entity too, whose company has changed
        old = (base.rules.entry(id).thing for id in touched if base.rules.sort(id) == "entity")
        entities = [thing for thing in (*old, *(entry.thing for entry in fresh)) if isinstance(thing, Entity)]
        choosing = {
            id
            for id in (base.rules.picking if entities else ())
            if any(
                all(entity.has(key, values) for key, values in pick.wanted)
                for pick in picks(base.rules.entry(id).thing)
                for entity in entities
            )
        }
        found = base.rules.dependents({*touched, *choosing})
        return {id: None for id in found if id not in self.stale}

    def _compile(self) -> set[int]:
        base, loading = self.base, self.loading
        kept = View(base.rules.without(self.stale), self._kept)
        entries = ChainMap(loading.catalog.entries, cast(MutableMapping[str, Entry], kept))
        old = base.ruleset.rules
        self.again = [id for id in self.affected if id in old]
        catalog = Catalog(entries, loading.catalog.is_partial)
        wanted = [*self.again, *loading.active]
        self.compiled = loading.compile(catalog, wanted, [*self.affected, *loading.catalog.entries])
        numbers = {-1 - file for file, faults in loading.faults.items() if file < 0 and faults.items}
        if numbers:
            return numbers
        self.warnings = loading.warnings()
        words.ready(self.compiled.terms)
        self.own = Ruleset(
            rules={**{id: self._again(id) for id in self.again}, **loading.rules(self.compiled)},
            compiled=self.compiled,
            rarity=loading.settings.rarity,
            sources=loading.settings.sources,
        )
        self.results = self.own.examples()
        return self._files({result.rule for result in self.results if not result.holds}.intersection(self.again))

    def _kept(self, id: str) -> Entry:
        """An entry of a file that is not read anew; faults in it go to a number below 0."""
        entry = self.base.rules.entry(id)
        return replace(entry, file=-1 - entry.file)

    def _again(self, id: str) -> Rule:
        """A rule that is as it was, of things that are not."""
        rule = self.base.ruleset.rules[id]
        digest = self.compiled.digest(id, rule.filters.plain())
        return replace(rule.wanting(self.compiled.matches[id]), card=replace(rule.card, hash=digest))

    def _files(self, ids: Iterable[str]) -> set[int]:
        return {self.base.rules.files[self.base.rules.ids[id]] for id in ids}

    def ruleset(self, kept: Iterable[int]) -> Ruleset:
        """What changed over what did not; `kept` are the files as they were. Raises RuleError."""
        base, loading, own = self.base, self.loading, self.own
        older = (problem for number in kept for problem in base.problems(number, failures=True))
        files = tuple(sorted(loading.read.union(*map(base.read, kept))))
        if not own.rules and not self.stale:
            warnings = (*self.warnings, *older)
            return replace(base.ruleset, sources=own.sources, warnings=warnings, files=files)
        failed, problems = loading.tried(self.results)
        inactive = {id: why for id, why in base.ruleset.inactive.items() if id not in self.stale}
        replaced = self.stale.union(self.again)
        beneath = replace(base.ruleset, sources=loading.settings.sources).without(dict.fromkeys(replaced, ""))
        rules = {id: rule for id, rule in own.rules.items() if id not in failed}
        order = dict.fromkeys((*beneath.rules, *rules))
        cards = {entity.id: entity.card() for entity in loading.catalog.entities()}
        entities = dict.fromkeys((*(id for id in base.ruleset.entities if id not in self.stale), *cards))
        return replace(
            own,
            rules=View(order, lambda id: rules[id] if id in rules else beneath.rules[id]),
            inactive={**inactive, **loading.off, **failed},
            warnings=(*self.warnings, *older, *problems),
            entities=View(entities, lambda id: cards[id] if id in cards else base.ruleset.entities[id]),
            files=files,
            beneath=beneath,
            lookup=own.found_by,
            origin=base,
        )
