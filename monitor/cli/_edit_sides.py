"""The two forms of the rules that a backtest compares: with an edited file, and without the edit.

FILE is either an edited copy of a configured file, whose place it then takes, or a configured file itself; then the
other form is what still runs, or an earlier revision of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click

from monitor.config import Config
from monitor.config.page import nearest
from monitor.daemon import pack_loader
from monitor.errors import Level, MonitorError, Problem, RuleError
from monitor.rulefiles import Pack
from monitor.rulefiles.git import at_revision, is_versioned
from monitor.rules.engine import Ruleset
from monitor.rules.faults import Fault
from monitor.rules.schema import SECTIONS
from monitor.yamltext import MOST_BYTES, parse

CURRENT = "current"
GIT = "git:"
NEW = "no rules of before: the file is new"
RUNNING = "the text of it that runs"
ALONE = "the rules without it: it is active as it is and has no history in git, so all it matches counts as gained"

Load = Callable[[], Pack]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Both forms, the rules that stand in the file, in words what it is held against, and what loads both again."""

    before: Pack
    after: Pack
    own: tuple[str, ...]
    against: str
    load: Callable[[], tuple[Ruleset, Ruleset]]


def sides(config: Config, file: Path, against: str, running: Mapping[str, bytes]) -> Sides:
    """Load both forms. `against` is `current`, `git:REV`, or "" for what fits; `running` are the texts that run.

    Raises RuleError when either cannot be loaded, UsageError when the file and `against` do not go together.
    """
    if against not in ("", CURRENT) and not (against.startswith(GIT) and len(against) > len(GIT)):
        raise click.UsageError(f"--against {against!r}: write current, or git: and a revision, such as git:HEAD~1")
    this = _Edit(config, file, _read(file), against.removeprefix(GIT) if against.startswith(GIT) else "")
    return this.sides(against, running)


def failing(pack: Pack, rules: Collection[str]) -> tuple[Problem, ...]:
    """What keeps some of these rules from being active: their examples that fail, as errors."""
    starts = tuple(f"rule {rule!r}: example fails" for rule in rules if rule in pack.ruleset.inactive)
    return tuple(
        replace(one, level=Level.ERROR) for one in pack.ruleset.warnings if starts and one.message.startswith(starts)
    )


def chosen(rule: str, before: Pack, after: Pack) -> tuple[str, ...]:
    """One rule by its id. Raises UsageError when neither form has it, or when it is not active in either."""
    known = {*before.ruleset.cards, *after.ruleset.cards}
    if rule not in known:
        why = after.ruleset.inactive.get(rule)
        raise click.UsageError(
            f"rule {rule!r} is not active: {why}" if why else f"unknown rule {rule!r}{nearest(rule, known)}"
        )
    return (rule,)


@dataclass(frozen=True, slots=True)
class _Edit:
    """An edited file, and the revision that it is to be held against ("" for none)."""

    config: Config
    file: Path
    text: bytes
    revision: str

    def sides(self, against: str, running: Mapping[str, bytes]) -> Sides:
        real = os.path.realpath(self.file)
        as_it_is = self._loader()
        configured = as_it_is()
        homes = _homes(configured, str(self.file), self.text)
        if real in configured.ruleset.files:
            own = next((home for home in homes if os.path.realpath(home) == real), str(self.file))
            return self._in_place(own, against, as_it_is, running.get(real))
        place = _place(homes, str(self.file))
        if place is None:
            if self.revision:
                raise click.UsageError(
                    f"{self.file} is no copy of a configured rule file; {against} says nothing of it"
                )
            return self._made(as_it_is, self._loader(self.file), NEW)
        edited = partial(_renamed, self._loader(texts={place: self.text}), place, str(self.file))
        if not self.revision:
            return self._made(as_it_is, edited, place)
        return self._made(self._revised(Path(place), place), edited, against)

    def _in_place(self, place: str, against: str, as_it_is: Load, runs: bytes | None) -> Sides:
        """A configured file itself: held against what still runs of it, else against its history."""
        if not self.revision and runs not in (None, self.text):
            assert runs is not None
            earlier = partial(_renamed, self._loader(texts={place: runs}), place, RUNNING)
            return self._made(earlier, as_it_is, RUNNING)
        if not against and not is_versioned(self.file):
            own = _ids(str(self.file), self.text, "rules")
            return self._made(partial(_without, as_it_is, own), as_it_is, ALONE)
        if not self.revision and against:
            raise click.UsageError(
                f"{self.file} is itself one of the configured rule files, as it runs. Name what it is to be held "
                "against, such as --against git:HEAD, or backtest an edited copy of it"
            )
        revision = self.revision or "HEAD"
        known = at_revision(self.file, revision)
        return self._made(self._revised(self.file, place), as_it_is, f"{GIT}{revision}" if known else NEW)

    def _revised(self, file: Path, place: str) -> Load:
        revision = self.revision or "HEAD"
        text = at_revision(file, revision)
        return partial(_renamed, self._loader(texts={place: text}), place, f"{revision}:{file}")

    def _loader(self, *more: Path, texts: Mapping[str, bytes] | None = None) -> Load:
        return pack_loader(self.config, *more, strict_examples=False, texts=texts or {})

    def _made(self, before: Load, after: Load, against: str) -> Sides:
        return Sides(
            before=before(),
            after=after(),
            own=_ids(str(self.file), self.text, "rules"),
            against=against,
            load=partial(_loaded, before, after),
        )


def _without(load: Load, rules: Collection[str]) -> Pack:
    """Load rules, and leave some out."""
    pack = load()
    return replace(pack, ruleset=pack.ruleset.without(dict.fromkeys(rules, "left out")))


def _renamed(load: Load, place: str, name: str) -> Pack:
    """Load rules, and name the text that was read instead of a file in what is said of it."""

    def named(problems: Collection[Problem]) -> tuple[Problem, ...]:
        return tuple(replace(one, file=name) if one.file == place else one for one in problems)

    try:
        pack = load()
    except RuleError as error:
        raise RuleError(named(error.problems)) from error
    return replace(pack, ruleset=replace(pack.ruleset, warnings=named(pack.ruleset.warnings)))


def _loaded(before: Load, after: Load) -> tuple[Ruleset, Ruleset]:
    return before().ruleset, after().ruleset


def _read(file: Path) -> bytes:
    if file.is_dir():
        raise MonitorError(f"{file}: a folder; backtest takes one rule file, such as {file / 'bases.yaml'}")
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise MonitorError(f"{file}: {error.strerror}") from error


def _ids(name: str, text: bytes, *sections: str) -> tuple[str, ...]:
    """The ids under some keys of a rule file, as far as it can be read."""
    located, _ = parse(text, name)
    data = located.data if located is not None and isinstance(located.data, dict) else {}
    return tuple(id for section in sections if isinstance(entries := data.get(section), dict) for id in entries)


def _homes(configured: Pack, name: str, text: bytes) -> Mapping[str, str]:
    """The configured files that define names which a file defines too, each with one of these."""
    entries = configured.catalog.entries
    return {
        configured.problem(entries[id].file, Fault((), "")).file: id
        for id in _ids(name, text, *SECTIONS)
        if id in entries
    }


def _place(homes: Mapping[str, str], name: str) -> str | None:
    """The configured file of which a file is a copy, as it defines the same names. None for a new file.

    Raises RuleError when there is no telling: the names stand in several configured files.
    """
    alike = [home for home in homes if Path(home).name == Path(name).name]
    if len(homes) > 1 and len(alike) != 1:
        named = ", ".join(f"{id!r} in {home}" for home, id in homes.items())
        message = f"it is a copy of several configured files ({named}); give it the name of the one it stands for"
        raise RuleError([Problem(file=name, message=message)])
    return next(iter(alike or homes), None)
