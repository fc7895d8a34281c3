"""Read rule files and compile them: one loading, of everything or of what has changed.

Each file is read, checked and let go before the next, so that of very many only the texts and what they come to are
held.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path
from typing import Any, NamedTuple

from monitor.errors import Level, Problem, RuleError
from monitor.model import RuleCard
from monitor.rulefiles import files, reading, words
from monitor.rulefiles.files import File
from monitor.rules import lists, policy
from monitor.rules.catalog import Catalog, Entry
from monitor.rules.compiler import Compiled, compile_rules
from monitor.rules.engine import Ruleset
from monitor.rules.examples import Example, ExampleResult, read_examples
from monitor.rules.faults import Fault, Faults
from monitor.rules.faults import Path as KeyPath
from monitor.rules.filters import Filters
from monitor.rules.lastgood import Complaint
from monitor.rules.marks import TermReader
from monitor.rules.plan import Rarity
from monitor.rules.ready import Rule, Said
from monitor.rules.schema import DefaultsSpec, check, validate
from monitor.yamltext import MOST_BYTES, decode

CONFIGURATION = "configuration"
"""Stands for the file in problems of the configuration's own `defaults`."""

_ENTRIES = (("rules",), ("lists",), ("entities",), ("entities_from",))

OFF = "its status is off"
"""Why a rule is inactive that nobody wants otherwise."""


class Faulty(RuleError):
    """Rules that cannot be loaded as a whole; `complaints` are the errors with what each misses."""

    def __init__(self, problems: Iterable[Problem], complaints: Iterable[Complaint]) -> None:
        super().__init__(problems)
        self.complaints = tuple(complaints)

    def __reduce__(self) -> tuple[type[Faulty], tuple[tuple[Problem, ...], tuple[Complaint, ...]]]:
        """As a worker's answer to who loads in another process."""
        return Faulty, (self.problems, self.complaints)


class Settled(NamedTuple):
    """What is known of a rule beside its match, once all defaults are merged. Its card has no hash yet."""

    card: RuleCard
    filters: Filters
    examples: tuple[Example, ...]
    is_off: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the configuration says of rules; `load_rules` says what each means."""

    defaults: Mapping[str, Any]
    channels: Collection[str] | None
    sources: Mapping[str, Collection[str]] | None
    strict_examples: bool
    timezone: tzinfo
    rarity: Rarity | None = None


class Wanted(NamedTuple):
    """A rule file, and the folder that it is found by."""

    path: Path
    root: Path


class Texts:
    """The texts of files, each read once; `given` are used instead of what stands on the disk."""

    def __init__(self, given: Mapping[str, reading.Text] | None = None) -> None:
        self._known: dict[str, reading.Text] = dict(given or {})
        self.named: set[str] = set()  # tables and word lists
        self.beside: dict[str, bytes] = {}  # their texts

    def get(self, path: Path, most: int) -> bytes:
        """The text of a file, at most one byte more than `most`. Raises OSError; ValueError for what is no file."""
        name = str(path)
        if name not in self._known:
            self._known[name] = reading.read(path, most)
        text = self._known[name]
        if isinstance(text, reading.Unreadable):
            raise ValueError(text.reason)
        return text


class Known(NamedTuple):
    """What one entry said when it was last compiled: the file it stood in, and `print_of` it."""

    file: str
    print: bytes


@dataclass(slots=True)
class Loading:
    """One call of `load_rules`. Entries that say what they said when they were `known` are passed over."""

    settings: Settings
    texts: Texts
    keeps: bool = False  # what every file says, for commands that look inside
    known: Callable[[str], Known | None] = lambda _: None
    catalog: Catalog = field(default_factory=Catalog)
    files: list[File] = field(default_factory=list)
    faults: dict[int, Faults] = field(default_factory=lambda: defaultdict(Faults))
    problems: list[Problem] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    settled: dict[str, Settled] = field(default_factory=dict)
    grouped: dict[str, DefaultsSpec] = field(default_factory=dict)  # rules grouped by what a list hit
    used: tuple[set[str], set[str]] = field(
        default_factory=lambda: (set(), set())
    )  # channels, sources that rules name
    prints: dict[str, bytes] = field(default_factory=dict)  # of every entry, "" of those that must be read again
    ids: tuple[str, ...] = ()  # of every entry, once the catalog is let go
    complaints: list[Complaint] = field(default_factory=list)
    same: set[str] = field(default_factory=set)  # entries that were passed over

    def all(self, wanted: Iterable[Wanted]) -> None:
        """Read rule files; what is wrong is noted."""
        faults = Faults()
        own = check(DefaultsSpec, dict(self.settings.defaults), ("defaults",), "defaults: ", faults) or DefaultsSpec()
        if self.settings.defaults:
            self.problems += [
                Problem(file=CONFIGURATION, message=fault.message, level=fault.level) for fault in faults.items
            ]
        for path, root in wanted:
            self._file(path, root, own)

    def _file(self, path: Path, root: Path, own: DefaultsSpec) -> None:
        self.read.add(os.path.realpath(path))
        try:
            source = self.texts.get(path, MOST_BYTES)
        except (OSError, ValueError) as error:
            self.problems.append(Problem(file=str(path), message=f"cannot be read: {reading.why(error)}"))
            return
        index, faults = len(self.files), self.faults[len(self.files)]
        file, problems = files.parsed(source, path, root, index, faults)
        self.problems += problems
        if file is None:
            return
        self.files.append(file)
        content = validate(self._changed(file), faults)
        file.defaults = content.defaults
        beside = {}
        for key, name in lists.named(content):
            self.prints[str(key[1])] = b""
            if (one := self._beside(file, key, name, faults)) is not None:
                beside[key] = one
        faults.about = ""
        flow = file.located.flow
        self.catalog.add(index, content, flow, self.faults, beside)
        for id in content.rules:
            entry = self.catalog.entries[id]
            if entry.file == index and entry.sort == "rule":
                self._settle(id, entry, own, flow)
        if not self.keeps:
            file.let_go()

    def _changed(self, file: File) -> Any:
        """What a file says without the entries that are as they were."""
        data = file.located.data
        prints = files.prints(file.located)
        self.prints.update(prints)
        same = {
            id
            for id, own in prints.items()
            if (known := self.known(id)) is not None and known.file == file.name and own and known.print == own
        }
        self.same |= same
        if not same:
            return data
        return {
            section: {id: one for id, one in inside.items() if id not in same}
            if section in files.SECTIONS
            else inside
            for section, inside in data.items()
        }

    def _beside(self, owner: File, key: KeyPath, name: str, faults: Faults) -> lists.Beside | None:
        """Read a table or word list that a rule file names."""
        faults.about = f"{'table' if key[0] == 'entities_from' else 'list'} {key[1]!r}: "
        path, raw = beside_text(self.texts, owner.path.parent, owner.root, name)
        owner.beside[name] = raw if isinstance(raw, str) else digest(raw)
        if path is not None:
            self.read.add(os.path.realpath(path))
        if path is None or isinstance(raw, str):
            faults.add(key, f"{name!r} cannot be read: {raw!s}", missing=str(owner.path.parent / name))
            return None
        text, problems = decode(raw, str(path), reading.MOST_BYTES_BESIDE)
        if text is None:
            self.problems += problems
            faults.add(key, f"{name!r} cannot be used")
            return None
        index = len(self.files)
        self.files.append(File(path, owner.root, owner.number))
        return lists.Beside(index, name, text)

    def compile(self, catalog: Catalog, wanted: Sequence[str], resolved: Iterable[str] | None = None) -> Compiled:
        """Check what shows only when everything is read, and compile the matches of some rules (of `resolved`)."""
        entries = catalog.entries
        for id, spec in self.grouped.items():
            faults = self.faults[self.catalog.entries[id].file]
            faults.about = f"rule {id!r}: "
            policy.check_groups(
                spec,
                ("rules", id),
                faults,
                lambda id: id in entries and entries[id].sort == "list",
                lambda: (id for id, entry in entries.items() if entry.sort == "list"),
            )
            faults.about = ""
        return compile_rules(catalog, wanted, self.faults, resolved)

    @property
    def active(self) -> list[str]:
        """The rules that were read and are not off."""
        return [id for id, settled in self.settled.items() if not settled.is_off]

    def rules(self, compiled: Compiled) -> dict[str, Rule]:
        """Those rules, compiled."""
        rules = {}
        for id in self.active:
            if id not in compiled.matches:
                continue
            card, filters, examples, _ = self.settled[id]
            card = replace(card, hash=compiled.digest(id, filters.plain()))
            rules[id] = Rule(card=card, body=Said(compiled.matches[id], examples), filters=filters)
        compiled.forget()
        return rules

    @property
    def off(self) -> dict[str, str]:
        """The rules that are off, with the reason."""
        return {id: OFF for id, settled in self.settled.items() if settled.is_off}

    def checked(self, *, is_tolerant: bool = False) -> Ruleset:
        """Everything that was read, compiled; its examples have not run. Raises RuleError; if tolerant, faulty rules
        are inactive instead.
        """
        active = self.active
        compiled = self.compile(self.catalog, active)
        warnings = self.warnings(is_tolerant=is_tolerant)
        faulty: dict[str, str] = {}
        if is_tolerant:
            faulty = self._faulty(active, compiled)
            matches = {id: node for id, node in compiled.matches.items() if id not in faulty}
            compiled = replace(compiled, matches=matches)
        words.ready(compiled.terms)
        return Ruleset(
            rules=self.rules(compiled),
            compiled=compiled,
            rarity=self.settings.rarity,
            inactive=self.off | faulty,
            warnings=warnings,
            sources=self.settings.sources,
            entities={entity.id: entity.card() for entity in self.catalog.entities()},
            files=tuple(sorted(self.read)),
        )

    def _faulty(self, active: Collection[str], compiled: Compiled) -> dict[str, str]:
        """The rules that cannot be active, with why."""
        found = {}
        for id, entry in self.catalog.entries.items():
            if entry.sort != "rule":
                continue
            file = self.files[entry.file]
            errors = [fault for fault in self.faults[entry.file].items if fault.level is Level.ERROR]
            own = [fault for fault in errors if fault.path[:2] == ("rules", id) or fault.path[:1] not in _ENTRIES]
            if file.broken:
                found[id] = f"{file.name} cannot be read to its end"
            elif own:
                found[id] = str(file.problem(own[0]))
            elif id in active and id not in compiled.matches:
                found[id] = "something that it refers to cannot be used"
        return found

    def finished(self, ruleset: Ruleset) -> Ruleset:
        """Those rules once their examples have run. Raises RuleError."""
        failed, problems = self.tried(ruleset.examples())
        return ruleset.without(failed, problems) if failed else ruleset

    def warnings(self, *, is_tolerant: bool = False) -> tuple[Problem, ...]:
        """Everything that was found, sorted. Unless tolerant, raises Faulty when there is an error among it."""
        errors = [problem for problem in self.problems if problem.level is Level.ERROR]
        self.complaints += [Complaint(file=problem.file, problem=problem) for problem in errors]
        self.problems = list(dict.fromkeys((*self.problems, *self._located())))
        if not is_tolerant and any(problem.level is Level.ERROR for problem in self.problems):
            raise Faulty(self.problems, self.complaints)
        return tuple(sorted(self.problems))

    def _located(self) -> Iterator[Problem]:
        """Every fault as a problem with its place; faults in a line whose syntax is broken only follow from that."""
        for index, file in enumerate(self.files):
            if not self.faults[index].items:
                continue
            file.hold()
            for fault in self.faults[index].items:
                self.prints.update({str(part): b"" for part in fault.path[1:2]})
                problem = file.problem(fault)
                if problem.line not in file.broken:
                    if problem.level is Level.ERROR:
                        self.complaints.append(Complaint(file=file.name, problem=problem, missing=fault.missing))
                    yield problem
            if not self.keeps:
                file.let_go()

    def tried(self, results: Iterable[ExampleResult]) -> tuple[dict[str, str], tuple[Problem, ...]]:
        """The rules of which an example fails, with why, and the problems. Raises RuleError where they are errors."""
        failed: dict[str, str] = {}
        problems = []
        level = Level.ERROR if self.settings.strict_examples else Level.WARNING
        for result in results:
            if result.holds:
                continue
            example = result.example
            message = f"rule {result.rule!r}: example fails: {result.reason}"
            problems.append(self.files[example.file].problem(Fault(example.path, message, level)))
            failed.setdefault(result.rule, f"an example fails: {result.reason}")
        if failed and self.settings.strict_examples:
            raise RuleError([*problems, *self.problems])
        return failed, tuple(problems)

    def _settle(self, id: str, entry: Entry, own: DefaultsSpec, flow: frozenset[KeyPath]) -> None:
        """Merge a rule's keys over all defaults, check them, and keep what they come to; nothing of faulty ones."""
        file, faults, path = self.files[entry.file], self.faults[entry.file], ("rules", id)
        if entry.spec is None:
            return
        faults.about = about = f"rule {id!r}: "
        settings = self.settings
        spec = policy.inherit(entry.spec, (file.defaults, own))
        policy.check_merged(spec, path, faults, settings.channels)
        policy.check_filters(spec, entry.narrowings, path, faults, settings.sources)
        channels, sources = policy.named(spec, entry.narrowings)
        self.used[0].update(channels)
        self.used[1].update(sources)
        group_by = policy.group_by(spec)
        if any(key.startswith("$") for key in group_by):
            self.grouped[id] = spec
        examples: tuple[Example, ...] = ()
        if entry.spec.examples not in (None, ""):
            terms, where = TermReader(faults, flow), (*path, "examples")
            examples = read_examples(
                entry.spec.examples, where, terms, about, entry.file, settings.timezone, group_by
            )
        faults.about = ""
        self.settled[id] = Settled(
            policy.card(id, "", entry.spec, spec),
            policy.filters(spec, entry.narrowings, settings.timezone),
            examples,
            spec.status == "off",
        )
        self.catalog.entries[id] = replace(entry, spec=None, narrowings=())


def find(paths: Sequence[Path]) -> tuple[list[Wanted], list[Problem]]:
    """The rule files that paths stand for, and what is wrong about those."""
    found: dict[str, Wanted] = {}
    problems = [] if paths else [Problem(file=CONFIGURATION, message="no rule files are named")]
    for path in paths:
        some = list(reading.walk(path)) if path.is_dir() else [path]
        for file in some:
            found.setdefault(os.path.realpath(file), Wanted(file, path if path.is_dir() else path.parent))
        if not some:
            problems.append(Problem(file=str(path), message="no .yaml file in it", level=Level.WARNING))
    return list(found.values()), problems


def beside_text(texts: Texts, folder: Path, root: Path, name: str) -> tuple[Path | None, bytes | str]:
    """Where a file lies that a rule file in `folder` names, and its text; or why it cannot be read."""
    path = None
    try:
        path = reading.find(name, folder, root)
        texts.named.add(str(path))
        texts.beside[str(path)] = raw = texts.get(path, reading.MOST_BYTES_BESIDE)
        return path, raw
    except (OSError, ValueError) as error:
        return path, reading.why(error)


def digest(source: bytes) -> str:
    """32 hex digits that change with a text."""
    return hashlib.blake2b(source, digest_size=16).hexdigest()
