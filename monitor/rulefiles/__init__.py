"""Load rule files: find them, read them, and hand what they say to `rules`. All problems of all files come in one
run.

The only place where rules touch the disk. Keeps nothing but a cache of word forms: a reload is another call.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from monitor.errors import Level, Problem, RuleError
from monitor.model import Article
from monitor.rulefiles import cache, reading
from monitor.rules import lists, policy
from monitor.rules.breadth import too_wide
from monitor.rules.catalog import Catalog, Entry
from monitor.rules.compiler import Compiled, compile_rules, provided_by
from monitor.rules.engine import Rule, Ruleset
from monitor.rules.examples import Example, read_examples
from monitor.rules.faults import Fault, Faults
from monitor.rules.faults import Path as KeyPath
from monitor.rules.guards import Guard, Verdict, guards
from monitor.rules.lastgood import Complaint, Judged
from monitor.rules.lint import LintFile, lint
from monitor.rules.marks import TermReader
from monitor.rules.schema import DefaultsSpec, RuleFile, check, validate
from monitor.yamltext import MOST_BYTES, Located, decode, parse, strip_marks

_REFERRING = frozenset(("kind", "country", "tags", "entity", "sources", "languages", "publishers", "notify"))
_ENTRIES = (("rules",), ("lists",), ("entities",), ("entities_from",))
CONFIGURATION = "configuration"
"""Stands for the file in problems of the configuration's own `defaults`."""


def load_rules(
    *paths: str | Path,
    defaults: Mapping[str, Any] | None = None,
    channels: Collection[str] | None = None,
    sources: Mapping[str, Collection[str]] | None = None,
    strict_examples: bool = True,
    timezone: str | tzinfo = UTC,
) -> Ruleset:
    """Read rule files and every `.yaml` or `.yml` file under folders.

    `defaults` are the configuration's; `channels` its channel names (None: `notify` is not checked); `sources` its
    source ids with their tags (None: a filter is judged by the article's own source and tags). Days in rules begin
    at midnight in `timezone`. A failing example is an error, or with `strict_examples=False` only keeps its rule
    from being active. Word forms that an earlier start worked out come from a cache on disk.

    Raises RuleError with every problem of every file; warnings are in the ruleset.
    """
    return load_pack(
        *paths,
        defaults=defaults,
        channels=channels,
        sources=sources,
        strict_examples=strict_examples,
        timezone=timezone,
    ).ruleset


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
    zone = ZoneInfo(timezone) if isinstance(timezone, str) else timezone
    loading = _Loading(zone, channels, sources, texts=texts or {})
    for path in dict.fromkeys(map(Path, paths)):
        loading.take(path)
    if not paths:
        loading.problems.append(Problem(file=CONFIGURATION, message="no rule files are named"))
    return loading.pack(dict(defaults or {}), strict_examples)


@dataclass(frozen=True, kw_only=True)
class Tried(Judged):
    """What came of a set of texts: the rules that can be active, the files that they name, and the texts of these."""

    pack: Pack
    named: frozenset[str]
    beside: Mapping[str, bytes]


def try_texts(
    texts: Mapping[str, reading.Text],
    roots: Iterable[Path],
    *,
    defaults: Mapping[str, Any] | None = None,
    channels: Collection[str] | None = None,
    sources: Mapping[str, Collection[str]] | None = None,
    timezone: str | tzinfo = UTC,
) -> Tried:
    """Load given texts of rule files, by path, instead of what stands there; what is faulty is left out and named.

    Files that they name are read from `texts` too, else from the disk. A path below none of the `roots` is not
    loaded. The options are those of `load_rules`. Raises nothing for what the texts hold.
    """
    zone = ZoneInfo(timezone) if isinstance(timezone, str) else timezone
    loading, roots = _Loading(zone, channels, sources, texts=texts), tuple(roots)
    for path in texts:
        root = reading.root_of(path, roots)
        if root is not None and path.endswith(reading.SUFFIXES):
            loading.file(Path(path), root if root != Path(path) else root.parent)
    pack = loading.pack(dict(defaults or {}), strict_examples=False, is_tolerant=True)
    provides: dict[str, set[str]] = {path: {path} for path in loading.beside}
    for id, entry in pack.catalog.entries.items():
        provides.setdefault(loading.files[entry.file].name, set()).update(provided_by(entry, id))
    complaints, named = tuple(loading.complaints), frozenset(loading.named)
    return Tried(complaints=complaints, provides=provides, pack=pack, named=named, beside=loading.beside)


@dataclass(frozen=True, slots=True)
class Pack:
    """Rules with their lists, entities and places, for commands that look inside. The daemon keeps only `ruleset`."""

    ruleset: Ruleset
    catalog: Catalog
    _files: tuple[_File, ...]

    @property
    def size(self) -> int:
        """How many files there are."""
        return len(self._files)

    def problem(self, file: int, fault: Fault) -> Problem:
        """A fault in one of the files (numbered as in the catalog), at its place."""
        return _problem(self._files[file], fault)

    def lint(self) -> tuple[Problem, ...]:
        """What is worth a warning although nothing is wrong, sorted."""
        files = [
            LintFile(file.content.data, file.located.wrapped, partial(self._place, file)) for file in self._files
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
        return [file.content.data for file in self._files]

    @staticmethod
    def _place(file: _File, path: KeyPath) -> str:
        problem = _problem(file, Fault(path, ""))
        return f"{problem.file}:{problem.line}:{problem.column}"


@dataclass(slots=True)
class _File:
    """One file that could be parsed."""

    name: str
    located: Located
    broken: frozenset[int]  # lines in which the syntax is faulty already
    content: RuleFile
    beside: dict[KeyPath, lists.Beside] = field(default_factory=dict)  # the files it names


@dataclass(slots=True)
class _Loading:
    """One call of `load_rules`."""

    timezone: tzinfo
    channels: Collection[str] | None
    sources: Mapping[str, Collection[str]] | None
    files: list[_File] = field(default_factory=list)
    faults: dict[int, Faults] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    texts: Mapping[str, reading.Text] = field(default_factory=dict)  # those that are not read from the disk
    named: set[str] = field(default_factory=set)  # tables and word lists, found or not
    beside: dict[str, bytes] = field(default_factory=dict)  # their texts
    complaints: list[Complaint] = field(default_factory=list)

    def _text(self, path: Path, most: int) -> bytes:
        """The text of a file. Raises OSError or ValueError."""
        text = self.texts.get(str(path))
        if isinstance(text, reading.Unreadable):
            raise ValueError(text.reason)
        return reading.read(path, most) if text is None else text

    def take(self, path: Path) -> None:
        """Read a file, or the rule files of a folder."""
        if path.is_dir():
            found = list(reading.walk(path))
            if not found:
                self.problems.append(Problem(file=str(path), message="no .yaml file in it", level=Level.WARNING))
            for file in found:
                self.file(file, path)
        else:
            self.file(path, path.parent)

    def file(self, path: Path, root: Path) -> None:
        """Read one rule file, which is found through `root`."""
        real = os.path.realpath(path)
        if real in self.read:
            return
        self.read.add(real)
        try:
            source = self._text(path, MOST_BYTES)
        except (OSError, ValueError) as error:
            self.problems.append(Problem(file=str(path), message=f"cannot be read: {reading.why(error)}"))
            return
        located, problems = parse(source, str(path))
        self.problems += problems
        if located is None:
            return
        index = len(self.files)
        self.faults[index] = faults = Faults()
        plain = replace(located, data=_without_marks(located.data, (), faults))
        broken = frozenset(problem.line for problem in problems if problem.level is Level.ERROR)
        file = _File(str(path), plain, broken, validate(plain.data, faults))
        self.files.append(file)
        for key, name in lists.named(file.content):
            self._beside(file, key, name, path.parent, root, faults)
        faults.about = ""

    def _beside(self, file: _File, key: KeyPath, name: str, folder: Path, root: Path, faults: Faults) -> None:
        """Read a table or word list that a rule file names."""
        faults.about = f"{'table' if key[0] == 'entities_from' else 'list'} {key[1]!r}: "
        try:
            path = reading.find(name, folder, root)
            self.read.add(os.path.realpath(path))
            self.named.add(str(path))
            source = self._text(path, reading.MOST_BYTES_BESIDE)
        except (OSError, ValueError) as error:
            faults.add(key, f"{name!r} cannot be read: {reading.why(error)}", missing=str(folder / name))
            return
        self.beside[str(path)] = source
        text, problems = decode(source, str(path), reading.MOST_BYTES_BESIDE)
        if text is None:
            self.problems += problems
            faults.add(key, f"{name!r} cannot be used")
            return
        index = len(self.files)
        self.faults[index] = Faults()
        self.files.append(_File(str(path), Located({}, {}), frozenset(), RuleFile({})))
        file.beside[key] = lists.Beside(index, name, text)

    def pack(self, defaults: dict[str, Any], strict_examples: bool, *, is_tolerant: bool = False) -> Pack:
        """Compile everything that was read. Raises RuleError; if tolerant, faulty rules are inactive instead."""
        own = self._own_defaults(defaults)
        catalog = Catalog()
        for index, file in enumerate(self.files):
            catalog.add(index, file.content, file.located.flow, self.faults, file.beside)
        lists = [id for id, entry in catalog.entries.items() if entry.sort == "list"]
        rule_entries = {id: entry for id, entry in catalog.entries.items() if entry.sort == "rule"}
        merged = {id: self._merged(id, entry, own, lists) for id, entry in rule_entries.items()}
        active = [id for id, spec in merged.items() if spec is not None and spec.status != "off"]
        compiled = compile_rules(catalog, active, self.faults)
        examples = {id: self._examples(id, entry, merged[id]) for id, entry in rule_entries.items()}
        errors = [problem for problem in self.problems if problem.level is Level.ERROR]
        self.complaints += [Complaint(file=problem.file, problem=problem) for problem in errors]
        self.problems += self._located()
        faulty: dict[str, str] = {}
        if is_tolerant:
            faulty = self._faulty(rule_entries, active, compiled)
            active = [id for id in active if id not in faulty]
            compiled = replace(compiled, matches={id: compiled.matches[id] for id in active})
        else:
            self._stop_at_errors()
        cache.expand(compiled.terms)
        rules = {}
        for id in active:
            entry, spec = catalog.entries[id], merged[id]
            assert spec is not None
            assert entry.spec is not None
            filters = policy.filters(spec, entry.narrowings, self.timezone)
            card = policy.card(id, compiled.digest(id, filters.plain()), entry.spec, spec)
            rules[id] = Rule(card=card, node=compiled.matches[id], filters=filters, examples=examples[id])
        off = {id: "its status is off" for id in merged if id not in rules}
        ruleset = Ruleset(
            rules=rules,
            compiled=compiled,
            inactive=off | faulty,
            warnings=tuple(sorted(self.problems)),
            sources=self.sources,
            entities={entity.id: entity.card() for entity in catalog.entities()},
            files=tuple(sorted(self.read)),
        )
        return Pack(self._tried(ruleset, strict_examples), catalog, tuple(self.files))

    def _own_defaults(self, defaults: dict[str, Any]) -> DefaultsSpec:
        faults = Faults()
        spec = check(DefaultsSpec, defaults, ("defaults",), "defaults: ", faults)
        self.problems += [
            Problem(file=CONFIGURATION, message=fault.message, level=fault.level)
            for fault in faults.items
            if defaults
        ]
        return spec or DefaultsSpec()

    def _merged(self, id: str, entry: Entry, own: DefaultsSpec, lists: Collection[str]) -> DefaultsSpec | None:
        """A rule's keys over all defaults, checked; None when its own keys are faulty."""
        faults, path = self.faults[entry.file], ("rules", id)
        faults.about = f"rule {id!r}: "
        if entry.spec is None:
            return None
        spec = policy.inherit(entry.spec, (self.files[entry.file].content.defaults, own))
        policy.check_merged(spec, path, faults, self.channels, lists)
        policy.check_filters(spec, entry.narrowings, path, faults, self.sources)
        faults.about = ""
        return spec

    def _examples(self, id: str, entry: Entry, merged: DefaultsSpec | None) -> tuple[Example, ...]:
        file, faults = self.files[entry.file], self.faults[entry.file]
        if entry.spec is None or entry.spec.examples in (None, ""):
            return ()
        terms = TermReader(faults, file.located.flow)
        path = ("rules", id, "examples")
        about, group_by = f"rule {id!r}: ", policy.group_by(merged or DefaultsSpec())
        found = read_examples(entry.spec.examples, path, terms, about, entry.file, self.timezone, group_by)
        faults.about = ""
        return found

    def _located(self) -> Iterator[Problem]:
        """Every fault as a problem with its place; faults in a line whose syntax is broken only follow from that."""
        for index, file in enumerate(self.files):
            for fault in self.faults[index].items:
                problem = _problem(file, fault)
                if problem.line not in file.broken:
                    if problem.level is Level.ERROR:
                        self.complaints.append(Complaint(file=file.name, problem=problem, missing=fault.missing))
                    yield problem

    def _faulty(self, entries: Mapping[str, Entry], active: Collection[str], compiled: Compiled) -> dict[str, str]:
        """The rules that cannot be active, with why."""
        found = {}
        for id, entry in entries.items():
            file = self.files[entry.file]
            errors = [fault for fault in self.faults[entry.file].items if fault.level is Level.ERROR]
            own = [fault for fault in errors if fault.path[:2] == ("rules", id) or fault.path[:1] not in _ENTRIES]
            if file.broken:
                found[id] = f"{file.name} cannot be read to its end"
            elif own:
                found[id] = str(_problem(file, own[0]))
            elif id in active and id not in compiled.matches:
                found[id] = "something that it refers to cannot be used"
        return found

    def _stop_at_errors(self) -> None:
        unique = dict.fromkeys(self.problems)
        if any(problem.level is Level.ERROR for problem in unique):
            raise RuleError(unique)
        self.problems = list(unique)

    def _tried(self, ruleset: Ruleset, strict_examples: bool) -> Ruleset:
        """The ruleset once its examples have run."""
        failed: dict[str, str] = {}
        problems = []
        for result in ruleset.examples():
            if result.holds:
                continue
            example, level = result.example, Level.ERROR if strict_examples else Level.WARNING
            message = f"rule {result.rule!r}: example fails: {result.reason}"
            problems.append(_problem(self.files[example.file], Fault(example.path, message, level)))
            failed.setdefault(result.rule, f"an example fails: {result.reason}")
        if any(problem.level is Level.ERROR for problem in problems):
            raise RuleError([*problems, *self.problems])
        return ruleset.without(failed, tuple(problems)) if failed else ruleset


def _problem(file: _File, fault: Fault) -> Problem:
    """A fault at its place; at the nearest place around it when it has none of its own."""
    if fault.path[:1] == ("line",):  # of a file that is no YAML
        return Problem(file=file.name, line=int(fault.path[1]), message=fault.message, level=fault.level)
    line, column = file.located.spot(fault.path, at_key=fault.at_key)
    return Problem(file=file.name, line=line, column=column, message=fault.message, level=fault.level)


def _without_marks(data: Any, path: KeyPath, faults: Faults) -> Any:
    """The document with direction marks taken out of what refers to a name, each with a warning.

    The loader takes them out of plain words and numbers; a kind or a tag may be in Arabic.
    """
    if isinstance(data, dict):
        return {key: _without_marks(value, (*path, key), faults) for key, value in data.items()}
    if isinstance(data, list):
        return [_without_marks(value, (*path, index), faults) for index, value in enumerate(data)]
    plain: str = strip_marks(data)
    if plain != data and not _REFERRING.isdisjoint(path):
        faults.warn(path, f"invisible direction marks in {plain!r} are ignored")
        return plain
    return data
