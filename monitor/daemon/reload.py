"""Try a configuration and its rules as a whole, beside the set that is in use; what is faulty is held back alone.

Nothing is changed here: a trial gives the set to run, the texts of it that are to be kept as the last good ones, and
each file or rule whose newest text is not in it.
"""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Protocol, cast

from monitor.alerting.message import iso
from monitor.config import Config, lastgood
from monitor.daemon.setbacks import Kind, Setback, Why, sentence
from monitor.daemon.wiring import OFF, Doors, Installed, build_doors, load_configured_rules
from monitor.errors import ConfigError, Level, MonitorError, RuleError
from monitor.model import Article
from monitor.rulefiles import CONFIGURATION, Tried, try_texts
from monitor.rulefiles.reading import MOST_BYTES_BESIDE, SUFFIXES, Gone, Text, Unreadable, listed, read_all, root_of
from monitor.rules import lastgood as choosing
from monitor.rules.engine import Ruleset
from monitor.rules.lastgood import Decision, Refusal, decide
from monitor.rules.older import keep_older
from monitor.rules.plan import Rarity
from monitor.sources.parser import Parser
from monitor.yamltext import MOST_BYTES

MOST_LINES = 50
"""Reasons kept of one refused configuration, and lines of one outcome; the rest is counted."""

NEW, OLD = "new", "old"
"""Stand for the text of the configuration where rule files are weighed against it."""

_NOTHING = Article(id="", source="", title="", text="")

KeptTexts = Mapping[str, tuple[bytes, datetime]]
"""The last good texts by absolute path, each with since when it is."""


class Load(Protocol):
    """Reads the configuration at `path`, or a `source` instead of what stands there. Raises ConfigError.

    Rules that are not there are no error: the configuration names them in `absent`.
    """

    @property
    def path(self) -> Path:
        """Where the configuration is."""

    def __call__(self, source: bytes | None = None) -> Config:
        """Read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one reload. `lines` say what changed, and what did not and why."""

    at: datetime
    is_good: bool
    lines: tuple[str, ...]

    def shown(self) -> dict[str, Any]:
        """As JSON values."""
        return {"at": iso(self.at), "ok": self.is_good, "lines": list(self.lines)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What is to run, the texts that are to be kept (by absolute path), and what is held back.

    `named` are tables and word lists that rule files name, found or not. `tried` is what was found in these very
    texts, which need not be judged again; None when some of their rules run in an older form or not at all.
    """

    installed: Installed
    texts: Mapping[str, bytes]
    named: frozenset[str]
    tried: Tried | None
    setbacks: tuple[Setback, ...]


class Refused(MonitorError):
    """The new configuration is not taken; the text says why."""


def first_doors(load: Load, parser: Parser, environment: Mapping[str, str]) -> tuple[Doors, tuple[Setback, ...]]:
    """Build sources and channels for a start, by the last good configuration where the present one is faulty.

    Raises ConfigError when there is no other.
    """
    try:
        return build_doors(load(), parser), ()
    except ConfigError as error:
        kept = lastgood.kept(load.path, environment)
        if kept is None:
            raise
        try:
            doors = build_doors(load(kept[0]), parser)
        except ConfigError:  # the faults of the present one are those to mend
            raise error from None
        return doors, (_of_configuration(load.path, reasons(error), kept[1]),)


def try_first(doors: Doors, kept: KeptTexts, rarity: Rarity | None = None) -> Trial:
    """The rules for a start. Raises RuleError with every problem when some are faulty and none were ever good.

    `rarity` says how often words occur.
    """
    trial = _try_rules(doors, None, kept, rarity)
    if not kept and any(setback.kind is not Kind.RULE for setback in trial.setbacks):
        load_configured_rules(doors.config, strict_examples=False)
        if doors.config.absent:
            raise ConfigError(doors.config.absent)
    return trial


def rules_in_use(config: Config, kept: KeptTexts) -> tuple[Ruleset, tuple[Setback, ...]]:
    """The rules as a start would run them now, and what of the files is not among them. Raises RuleError like it."""
    trial = try_first(Doors(config=config, sources={}, channels={}), kept)
    return trial.installed.rules, trial.setbacks


def try_start(
    load: Load, kept: Callable[[Config], KeptTexts], environment: Mapping[str, str]
) -> tuple[Ruleset, tuple[Setback, ...]]:
    """The rules as a start would run them now, and everything that it would not take.

    Raises ConfigError or RuleError when there would be no start.
    """
    with Parser() as parser:  # starts nothing before the first document
        doors, setbacks = first_doors(load, parser, environment)
    trial = try_first(doors, kept(doors.config))
    return trial.installed.rules, (*setbacks, *trial.setbacks)


def try_new(
    load: Load,
    running: Trial,
    kept: KeptTexts,
    parser: Parser,
    environment: Mapping[str, str],
    rarity: Rarity | None = None,
) -> Trial:
    """Everything as it stands now, in the place of what is running; what is faulty goes on as it is there."""
    old = running.installed
    setbacks: tuple[Setback, ...] = ()
    try:
        config = load()
        if config.database != old.config.database:
            raise Refused(f"{config.path}: database: it cannot change while Rasid runs; restart")
        if _is_same(config, old.config):
            config = old.config  # the new one in its place would leave holes in memory where the old one was
        doors = build_doors(config, parser, old)
    except (ConfigError, Refused) as error:
        good = lastgood.kept(load.path, environment)
        setbacks = (_of_configuration(load.path, reasons(error), good[1] if good else None),)
        doors = Doors(config=old.config, sources=old.sources, channels=old.channels)
    trial = _try_rules(doors, running, kept, rarity)
    return replace(trial, setbacks=(*setbacks, *trial.setbacks))


def _is_same(new: Config, old: Config) -> bool:
    """Whether nothing differs, also not in what equality leaves out: the text, and what is not there."""
    return (new, new.source, new.absent) == (old, old.source, old.absent)


def _of_configuration(path: Path, problems: tuple[str, ...], since: datetime | None) -> Setback:
    return Setback(
        kind=Kind.CONFIGURATION, about=str(path), why=Why.FAULTY, problems=problems, has_kept=True, kept=since
    )


def _try_rules(doors: Doors, running: Trial | None, stored: KeptTexts, rarity: Rarity | None) -> Trial:
    """Weigh the rule files, and the configuration among them: rules may need a channel that it no longer has."""
    old = running.installed if running else None
    config = doors.config
    roots = tuple(dict.fromkeys((*config.rules, *(old.config.rules if old else ()))))
    since = _rebased(stored, roots)
    kept: dict[str, Text | str] = {path: text for path, (text, _) in since.items()}
    new: dict[str, Text | str] = {}
    gone = []
    for root in roots:
        found = listed(root)
        if isinstance(found, Gone):
            gone += [found] if root in config.rules else []
            new |= {path: text for path, text in kept.items() if root_of(path, (root,))}
        else:
            new |= {path: _unless_emptied(text, kept.get(path)) for path, text in read_all(found, MOST_BYTES).items()}
    place = str(config.path)
    if running is not None:
        new |= read_all(map(Path, sorted(running.named)), MOST_BYTES_BESIDE)

    def tried(texts: Mapping[str, Text | str], config: Config) -> Tried:
        """Judge texts, unless they are those that run."""
        if running is not None and running.tried is not None and config == running.installed.config:
            files = {_absolute(path): text for path, text in texts.items() if not isinstance(text, str)}
            if files == running.texts:
                return running.tried
        return _tried(texts, config, old.rules if old else None, rarity)

    first = tried(new, config)
    new = {**first.beside, **new}
    is_changed = old is not None and config != old.config
    new[place], kept[place] = NEW, OLD if is_changed else NEW

    def judge(texts: Mapping[str, Text | str]) -> Tried:
        if texts == new:
            return first
        chosen = old.config if old is not None and texts.get(place) == OLD else config
        return tried(texts, chosen)

    decision = decide(new, kept, judge)
    if place in decision.refusals:
        assert old is not None
        doors = Doors(config=old.config, sources=old.sources, channels=old.channels)
    rules = decision.judged.ruleset
    failing = {rule for rule, why in rules.inactive.items() if why != OFF}
    whole = keep_older(rules, old.rules, failing) if old is not None else rules
    whole.match(_NOTHING)  # makes ready what judging would else wait for
    setbacks = (
        *(_of_folder(one, kept) for one in gone if one.path in map(str, doors.config.rules)),
        *(_of_file(path, refusal, since, place) for path, refusal in decision.refusals.items()),
        *(rest := tuple(_of_rest(decision, place))),
        *(
            _of_rule(rule, rules.inactive[rule], decision, rule in whole.cards)
            for rule in sorted(failing)
            if not any(rule in decision.judged.provides.get(one.about, ()) for one in rest)
        ),
    )
    return Trial(
        installed=doors.with_rules(whole),
        texts=_to_keep(decision, doors.config),
        named=first.named | decision.judged.named,
        tried=None if failing else decision.judged,
        setbacks=setbacks,
    )


def _unless_emptied(text: Text, before: Text | str | None) -> Text:
    """A text, unless nothing is left of it: a save that failed leaves that, and nobody ends rules so."""
    is_empty = isinstance(text, bytes) and not text.strip()
    return Unreadable("it is empty; to end its rules delete it") if is_empty and before is not None else text


def _tried(texts: Mapping[str, Text | str], config: Config, old: Ruleset | None, rarity: Rarity | None) -> Tried:
    """The rules of these texts under a configuration, which stands among the files by its path."""
    place = str(config.path)
    tried = try_texts(
        {path: text for path, text in texts.items() if not isinstance(text, str)},
        config.rules,
        defaults=config.defaults,
        channels=config.channel_names,
        sources=config.source_tags,
        timezone=config.timezone,
        old=old,
        rarity=rarity,
    )
    complaints = tuple(
        replace(one, file=place, problem=replace(one.problem, file=place)) if one.file == CONFIGURATION else one
        for one in tried.complaints
    )
    channels: Collection[str] = {f"channel {name}" for name in config.channel_names}
    provides = ChainMap({place: channels}, cast(MutableMapping[str, Collection[str]], tried.provides))
    return replace(tried, complaints=complaints, provides=provides)


def _rebased(stored: KeptTexts, roots: Iterable[Path]) -> dict[str, tuple[bytes, datetime]]:
    """The kept texts by their paths as the configuration leads to them; those to which it does not are left out."""
    found = {}
    for root in roots:
        base = root.parent if root.suffix in SUFFIXES else root
        real = Path(_absolute(str(base)))
        for path, text in stored.items():
            if Path(path).is_relative_to(real):
                found[str(base / Path(path).relative_to(real))] = text
    return found


def _to_keep(decision: Decision[Text | str, Tried], config: Config) -> dict[str, bytes]:
    """What is active, by absolute path."""
    rules = {
        path: text
        for path, text in decision.texts.items()
        if isinstance(text, bytes) and path.endswith(SUFFIXES) and root_of(path, config.rules)
    }
    return {_absolute(path): text for path, text in (rules | dict(decision.judged.beside)).items()}


def _absolute(path: str) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - `resolve` would follow the link that may be gone


def _of_folder(gone: Gone, kept: Mapping[str, object]) -> Setback:
    has_kept = any(root_of(path, (Path(gone.path),)) for path in kept)
    problems = (f"{gone.path}: {gone.reason}",)
    return Setback(kind=Kind.FOLDER, about=gone.path, why=Why.GONE, problems=problems, has_kept=has_kept)


def _of_file(path: str, refusal: Refusal, since: Mapping[str, tuple[bytes, datetime]], configuration: str) -> Setback:
    is_needed = refusal.why is choosing.Why.NEEDED
    return Setback(
        kind=Kind.CONFIGURATION if path == configuration else Kind.FILE,
        about=path,
        why=Why.DELETED if refusal.is_deleted else Why.NEEDED if is_needed else Why.FAULTY,
        problems=tuple(map(str, refusal.problems)),
        has_kept=refusal.has_kept,
        kept=since[path][1] if path in since else None,
    )


def _of_rest(decision: Decision[Text | str, Tried], configuration: str) -> Iterable[Setback]:
    """Files that were good once and of which no rule is any more, for a newer Rasid for instance."""
    left: dict[str, list[str]] = {}
    judged = decision.judged
    for one in judged.complaints:
        is_partly = any(id in judged.ruleset.cards for id in judged.provides.get(one.file, ()))
        if one.file not in decision.refusals and one.file != configuration and not is_partly:
            left.setdefault(one.file, []).append(str(one.problem))
    for path, problems in left.items():
        yield Setback(kind=Kind.FILE, about=path, why=Why.FAULTY, problems=tuple(problems), has_kept=False)


def _of_rule(rule: str, reason: str, decision: Decision[Text | str, Tried], is_kept: bool) -> Setback:
    about = f"rule {rule!r}: example fails"
    warnings = decision.judged.ruleset.warnings
    found = [str(replace(one, level=Level.ERROR)) for one in warnings if one.message.startswith(about)]
    return Setback(kind=Kind.RULE, about=rule, why=Why.FAULTY, problems=tuple(found) or (reason,), has_kept=is_kept)


def outcome_of(at: datetime, changed: tuple[str, ...], setbacks: Iterable[Setback], zone: tzinfo) -> Outcome:
    """What came of a reload, in words."""
    held = [line for one in setbacks for line in sentence(one, at, "en", zone).split("\n")]
    lines = [*changed, *held] or ["nothing changed in rules, sources or channels by name"]
    return Outcome(at=at, is_good=not held, lines=_cut(lines))


def reasons(error: MonitorError) -> tuple[str, ...]:
    """Why a trial failed, a line each, the errors only."""
    if isinstance(error, ConfigError | RuleError):
        problems = getattr(error, "problems", ())
        lines = [str(problem) for problem in problems if problem.level.name == "ERROR"] or [str(error)]
    else:
        lines = str(error).splitlines()
    return _cut(lines)


def _cut(lines: list[str]) -> tuple[str, ...]:
    more = len(lines) - MOST_LINES
    return (*lines[:MOST_LINES], *([f"and {more} more"] if more > 0 else []))


def says_the_same(old: Installed, new: Installed) -> bool:
    """Whether nothing of the new set differs from the old one."""
    before, after = ((one.config, one.rules.cards, one.rules.inactive, one.rules.entities) for one in (old, new))
    return before == after


def changes(old: Installed, new: Installed) -> tuple[str, ...]:
    """What a reload changed, in words; nothing when all is as it was by name."""
    lines = []
    for what, before, after in (
        ("rule", {r: c.hash for r, c in old.rules.cards.items()}, {r: c.hash for r, c in new.rules.cards.items()}),
        ("source", dict.fromkeys(old.sources), dict.fromkeys(new.sources)),
        ("channel", dict.fromkeys(old.channels), dict.fromkeys(new.channels)),
    ):
        for word, names in (
            ("new", after.keys() - before.keys()),
            ("gone", before.keys() - after.keys()),
            ("changed", {name for name in before.keys() & after.keys() if before[name] != after[name]}),
        ):
            if names:
                shown = ", ".join(sorted(names)[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
                lines.append(f"{word} {what}{'s' if len(names) > 1 else ''}: {shown}")
    return tuple(lines)
