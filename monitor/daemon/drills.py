"""Drills: what they are made of, and how one process makes them when their time has come.

A drill is a file that Rasid drops into a folder of its own beside the database. An ordinary folder source takes it,
an ordinary rule matches it, and it goes the way of every alert to its channel. Its article is named by its day, so
that a day has one drill however often Rasid starts.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

from monitor.alerting.drill import due, file_of, name_of, source_of
from monitor.alerting.operator import DrillStanding
from monitor.config import Config
from monitor.model import SourceSpec
from monitor.rulefiles import load_rules
from monitor.rules.engine import Ruleset
from monitor.sources.identity import article_id
from monitor.store import Store

RULES = Path(__file__).with_name("drill.yaml")
"""The rule file of drills."""

RULE_IDS = frozenset({"rasid-drill", "rasid-drill-ar"})

_LOST = "it has not come through its folder and its rule"
_log = logging.getLogger(__name__)


def folder(config: Config, channel: str) -> Path:
    """Where a channel's drills are dropped."""
    return Path(f"{config.database}.drills") / channel


def sources(config: Config) -> tuple[SourceSpec, ...]:
    """The sources that drills come from. Files are renamed into them whole, and one lies there at a time."""
    return tuple(
        SourceSpec(
            id=source_of(channel),
            kind="folder",
            options={"folder": str(folder(config, channel)), "settle": "0s", "keep": "yes"},
        )
        for channel in config.drills
    )


def rules() -> Ruleset:
    """The rules of drills, for no channel yet."""
    loaded = load_rules(RULES)
    marked = {id: replace(rule, card=replace(rule.card, is_drill=True)) for id, rule in loaded.rules.items()}
    return replace(loaded, rules=marked)


def rules_for(channel: str, loaded: Ruleset) -> Ruleset:
    """Those rules, telling one channel."""
    return replace(
        loaded,
        rules={id: replace(rule, card=replace(rule.card, notify=(channel,))) for id, rule in loaded.rules.items()},
    )


class Drills:
    """The drills that one process has made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, date] = {}
        self._days: dict[str, date] = {}  # that of the last one that was tried
        self._tried: dict[str, datetime] = {}  # since when that should be under way
        self._faults: dict[str, str] = {}

    def make(self, config: Config, store: Store, now: datetime) -> None:
        """Make the folders of all drills, and every drill whose time has come today and that was not made yet."""
        with self._lock:
            for channel, clock in config.drills.items():
                try:
                    self._make(channel, clock, config, store, now)
                except OSError as error:
                    reason = f"its file could not be written: {error.strerror}"
                    if self._faults.get(channel) != reason:
                        _log.error("a drill could not be made", extra={"channel": channel, "why": reason})
                    self._faults[channel] = reason

    def _make(self, channel: str, clock: time, config: Config, store: Store, now: datetime) -> None:
        day = due(clock, config.timezone, now)
        is_owed = day is not None and self._made.get(channel) != day and not _is_known(store, channel, day)
        if day is not None and is_owed and self._days.get(channel) != day:
            self._days[channel], self._tried[channel] = day, now
        place = folder(config, channel)
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        if day is None:
            return
        if is_owed:
            content = file_of(day, clock, config.timezone, _language(config, channel))
            _drop(place, f"{name_of(day)}.json", json.dumps(content, ensure_ascii=False))
        self._made[channel] = day
        self._faults.pop(channel, None)

    def standings(self, config: Config, store: Store) -> Mapping[str, DrillStanding]:
        """How the last drill of each channel stands, also one that became no alert."""
        stored = store.drills()
        found = {}
        for channel in config.drills:
            known, tried = stored.get(channel), self._tried.get(channel)
            if tried is not None and (known is None or known.made < tried):
                reason = self._faults.get(channel, _LOST)
                arrived = known.arrived if known else None
                found[channel] = DrillStanding(made=tried, state=None, reason=reason, arrived=arrived)
            elif known is not None:
                found[channel] = known
        return found


def _is_known(store: Store, channel: str, day: date) -> bool:
    return store.article(article_id(source_of(channel), f"guid:{name_of(day)}")) is not None


def _language(config: Config, channel: str) -> str:
    spec = next((spec for spec in config.channels if spec.name == channel), None)
    return str(spec.options.get("language", config.language)) if spec else config.language


def _drop(place: Path, name: str, text: str) -> None:
    """Put a file into a folder whole, in the place of those of other days."""
    unfinished = place / f".{name}"
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(place / name)
    for other in place.glob("*.json"):
        if other.name != name:
            other.unlink()
