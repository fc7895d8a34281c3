"""Load rule files: find them, read them, and hand what they say to `rules`. All problems of all files come in one
run.

The only place where rules touch the disk. Keeps nothing but a cache of word forms: a reload is another call.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from functools import cache as cached
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from monitor.errors import Level, Problem
from monitor.model import Article
from monitor.rulefiles import cache, changing, packs, reading, words
from monitor.rulefiles.base import Base, begun
from monitor.rulefiles.files import File
from monitor.rulefiles.loading import CONFIGURATION as CONFIGURATION
from monitor.rulefiles.loading import Faulty, Loading, Settings, Texts, Wanted, find
from monitor.rules.breadth import too_wide
from monitor.rules.catalog import Catalog
from monitor.rules.compiler import provided_by
from monitor.rules.engine import Ruleset
from monitor.rules.faults import Fault
from monitor.rules.faults import Path as KeyPath
from monitor.rules.guards import Guard, Verdict, guards
from monitor.rules.lastgood import Complaint, Judged
from monitor.rules.lint import LintFile, lint
from monitor.rules.plan import Rarity

LEAST_KEPT = 1_000
"""Rules from which on a compiled pack is worth its file."""


def load_rules(
    *paths: str | Path,
    defaults: Mapping[str, Any] | None = None,
    channels: Collection[str] | None = None,
    sources: Mapping[str, Collection[str]] | None = None,
    strict_examples: bool = True,
    timezone: str | tzinfo = UTC,
    texts: Mapping[str, reading.Text] | None = None,
    old: Ruleset | None = None,
    rarity: Rarity | None = None,
) -> Ruleset:
    """Read rule files and every `.yaml` or `.yml` file under folders.

    `defaults` are the configuration's; `channels` its channel names (None: `notify` is not checked); `sources` its
    source ids with their tags (None: a filter is judged by the article's own source and tags). Days in rules begin
    at midnight in `timezone`. A failing example is an error, or with `strict_examples=False` only keeps its rule
    from being active. `texts` are used instead of those that stand at their paths. Many rules are kept compiled on
    disk: then, or when they are those of `old`, only what has changed since is compiled. `rarity` says how often
    words occur; it changes how rules are found, never what they match.

    Raises RuleError with every problem of every file; warnings are in the ruleset.
    """
    settings = _settings(defaults, channels, sources, strict_examples, timezone, rarity)
    places = [Path(path) for path in paths]
    wanted, problems = find(places)
    return _load(places, settings, wanted, Texts(texts), problems, old)


def _load(
    places: Sequence[Path],
    settings: Settings,
    wanted: Sequence[Wanted],
    texts: Texts,
    problems: Iterable[Problem],
    old: Ruleset | None,
    *,
    is_hasty: bool = False,
) -> Ruleset:
    """What is compiled already with what has changed, or everything. Raises Faulty; hasty as `changing.load`."""
    folder, name = cache.folder(os.environ), Base.name(places)
    base = _base(old, folder, name)
    if base is not None and base.fits(settings):
        ruleset = changing.load(base, settings, wanted, texts, problems, is_hasty=is_hasty)
        if ruleset is not None:
            return ruleset
    loading = Loading(settings, texts, problems=list(problems))
    loading.all(wanted)
    ruleset = loading.checked()
    if len(ruleset.rules) < LEAST_KEPT:
        return loading.finished(ruleset)
    packing = begun(loading)
    ruleset = loading.finished(ruleset)
    made = Base.made(folder, name, loading, ruleset, packing)
    return replace(
        made.ruleset,
        sources=settings.sources,
        warnings=ruleset.warnings,
        inactive=ruleset.inactive,
        files=ruleset.files,
    )


def _base(old: Ruleset | None, folder: Path | None, name: str) -> Base | None:
    """What was compiled before."""
    if old is not None and isinstance(old.origin, Base):
        return old.origin
    kept = packs.load(folder, name)
    if kept is None:
        return None
    words.ready_of(kept.parts)
    return Base(kept)


def _settings(
    defaults: Mapping[str, Any] | None,
    channels: Collection[str] | None,
    sources: Mapping[str, Collection[str]] | None,
    strict_examples: bool,
    timezone: str | tzinfo,
    rarity: Rarity | None = None,
) -> Settings:
    zone = ZoneInfo(timezone) if isinstance(timezone, str) else timezone
    return Settings(
        defaults=defaults or {},
        channels=channels,
        sources=sources,
        strict_examples=strict_examples,
        timezone=zone,
        rarity=rarity,
    )


def load_pack(
    *paths: str | Path,
    defaults: Mapping[str, Any] | None = None,
    channels: Collection[str] | None = None,
    sources: Mapping[str, Collection[str]] | None = None,
    strict_examples: bool = True,
    timezone: str | tzinfo = UTC,
    texts: Mapping[str, reading.Text] | None = None,
) -> Pack:
    """`load_rules`, and what the rules were made of. `texts` are read instead of what stands at their paths."""
    settings = _settings(defaults, channels, sources, strict_examples, timezone)
    wanted, problems = find([Path(path) for path in paths])
    loading = Loading(settings, Texts(texts), keeps=True, problems=problems)
    loading.all(wanted)
    return Pack(loading.finished(loading.checked()), loading.catalog, tuple(loading.files))


@dataclass(frozen=True, kw_only=True)
class Tried(Judged):
    """What came of a set of texts: the rules that can be active, the files that they name, and the texts of these.

    `make` gives those rules; where something is faulty that is a full load, and mostly nobody asks.
    """

    make: Callable[[], Ruleset]
    named: frozenset[str]
    beside: Mapping[str, bytes]

    @property
    def ruleset(self) -> Ruleset:
        """The rules that can be active."""
        return self.make()


def try_texts(
    texts: Mapping[str, reading.Text],
    roots: Iterable[Path],
    *,
    defaults: Mapping[str, Any] | None = None,
    channels: Collection[str] | None = None,
    sources: Mapping[str, Collection[str]] | None = None,
    timezone: str | tzinfo = UTC,
    old: Ruleset | None = None,
    rarity: Rarity | None = None,
) -> Tried:
    """Load given texts of rule files, by path, instead of what stands there; what is faulty is left out and named.

    Files that they name are read from `texts` too, else from the disk. A path below none of the `roots` is not
    loaded. The options are those of `load_rules`. Raises nothing for what the texts hold. Where a change is large
    and its own files are faulty, nothing is said of what follows from that in others.
    """
    settings = _settings(defaults, channels, sources, False, timezone, rarity)
    roots, wanted = tuple(roots), []
    for path in map(Path, texts):
        root = reading.root_of(str(path), roots)
        if root is not None and path.suffix in reading.SUFFIXES:
            wanted.append(Wanted(path, root if root != path else root.parent))
    read = Texts(texts)
    whole = cached(lambda: _tolerant(texts, settings, wanted))
    complaints: tuple[Complaint, ...] = ()
    try:
        ruleset = _load(roots, settings, wanted, read, (), old, is_hasty=True)
        make: Callable[[], Ruleset] = partial(_same, ruleset)
        provides: Mapping[str, Collection[str]] = _Provided(texts, settings, wanted, ruleset.origin)
    except Faulty as error:
        complaints = error.complaints
        provides = Later(lambda: whole().provides)
        make = partial(_ruleset_of, whole)
    named = frozenset(read.named)
    return Tried(complaints=complaints, provides=provides, make=make, named=named, beside=read.beside)


def _same(ruleset: Ruleset) -> Ruleset:
    return ruleset


def _ruleset_of(make: Callable[[], Tried]) -> Ruleset:
    return make().ruleset


def _tolerant(texts: Mapping[str, reading.Text], settings: Settings, wanted: Iterable[Wanted]) -> Tried:
    """Everything that is not faulty."""
    read = Texts(texts)
    loading = Loading(settings, read)
    loading.all(wanted)
    ruleset = loading.finished(loading.checked(is_tolerant=True))
    provides = _provided(loading)
    complaints, named = tuple(loading.complaints), frozenset(read.named)
    make = partial(_same, ruleset)
    return Tried(complaints=complaints, provides=provides, make=make, named=named, beside=read.beside)


def _provided(loading: Loading) -> dict[str, set[str]]:
    """What each file that was read provides to others."""
    found: dict[str, set[str]] = {path: {path} for path in loading.texts.beside}
    for id, entry in loading.catalog.entries.items():
        found.setdefault(loading.files[entry.file].name, set()).update(provided_by(entry, id))
    return found


class _Provided(Mapping[str, Collection[str]]):
    """What each of some texts without fault provides: of one that is asked for, only that is read, if it must be."""

    def __init__(
        self, texts: Mapping[str, reading.Text], settings: Settings, wanted: Sequence[Wanted], origin: object
    ) -> None:
        """`origin` is what the texts were loaded over."""
        self._texts, self._settings = texts, settings
        self._base = origin if isinstance(origin, Base) else None
        self._wanted = {str(one.path): one for one in wanted}

    @cached_property
    def _whole(self) -> Mapping[str, Collection[str]]:
        return _tolerant(self._texts, self._settings, self._wanted.values()).provides

    def __getitem__(self, path: str) -> Collection[str]:
        one = self._wanted.get(path)
        if one is None:  # a table, whose owner nobody knows, or nothing
            return self._whole[path]
        known = None if self._base is None else self._base.provides(one, Texts(self._texts))
        if known is not None:
            return known
        loading = Loading(self._settings, Texts(self._texts))
        loading.all((one,))
        return _provided(loading).get(path, frozenset())

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)


class Later(Mapping[str, Collection[str]]):
    """A mapping that is made when it is first asked."""

    def __init__(self, make: Callable[[], Mapping[str, Collection[str]]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Mapping[str, Collection[str]]:
        return self._make()

    def __getitem__(self, key: str) -> Collection[str]:
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


@dataclass(frozen=True, slots=True)
class Pack:
    """Rules with their lists, entities and places, for commands that look inside. The daemon keeps only `ruleset`."""

    ruleset: Ruleset
    catalog: Catalog
    _files: tuple[File, ...]

    @property
    def size(self) -> int:
        """How many files there are."""
        return len(self._files)

    def problem(self, file: int, fault: Fault) -> Problem:
        """A fault in one of the files (numbered as in the catalog), at its place."""
        return self._files[file].problem(fault)

    def lint(self) -> tuple[Problem, ...]:
        """What is worth a warning although nothing is wrong, sorted."""
        files = [
            LintFile(file.located.data, file.located.wrapped, partial(self._place, file)) for file in self._files
        ]
        lint(self.catalog, files, {id: rule.filters for id, rule in self.ruleset.rules.items()})
        found = {self.problem(index, fault) for index, file in enumerate(files) for fault in file.faults.items}
        return tuple(sorted(found))

    def wide(self, sample: Iterable[Article], name: str) -> tuple[Problem, ...]:
        """The terms that hit too many of some articles, which are called `name`; the widest first."""
        found = too_wide(self.ruleset, self.catalog, self._data(), sample, name)
        return tuple(self.problem(one.file, Fault(one.path, one.message, Level.WARNING)) for one in found)

    def guards(self, rule: str | None = None) -> Mapping[Guard, Verdict]:
        """Every guard of the active rules that have examples (or of one rule), and whether an example notices it."""
        return guards(self.ruleset, self.catalog, self._data(), rule)

    def _data(self) -> list[Mapping[str, Any]]:
        return [file.located.data for file in self._files]

    @staticmethod
    def _place(file: File, path: KeyPath) -> str:
        problem = file.problem(Fault(path, ""))
        return f"{problem.file}:{problem.line}:{problem.column}"
