"""Reload when files change or somebody asks: try, swap, keep what is good, tell what is held back and what is mended.

A thread of its own; judging goes on meanwhile and takes the new set between two steps.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from monitor import timing
from monitor.alerting.message import iso
from monitor.config import Config, lastgood
from monitor.daemon.loops import Loops
from monitor.daemon.notify import Notifier
from monitor.daemon.ops import tell_of_setbacks
from monitor.daemon.reload import Load, Outcome, Trial, changes, outcome_of, reasons, says_the_same, try_new
from monitor.daemon.setbacks import Key, Kind, Setback, runs, title
from monitor.daemon.volume import Volume
from monitor.daemon.watch import LOOK_S, Look, Watch, look
from monitor.daemon.wiring import Installed
from monitor.errors import MonitorError
from monitor.sources.parser import Parser
from monitor.store import Store

_log = logging.getLogger(__name__)

Asks: TypeAlias = "queue.SimpleQueue[Future[Any] | None]"
"""Those who ask for a reload, each with a future for its answer; None for a signal."""


class Files:
    """Looks at the files of a configuration and its rules; which these are changes with each reload."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.named: frozenset[str] = frozenset()

    def look(self) -> Look:
        """Look at them all."""
        files = (self.config.path, *self.config.files, *map(Path, sorted(self.named)))
        return look(files, self.config.rules)

    def follow(self, config: Config, named: Iterable[str]) -> tuple[str, ...]:
        """Look at those of another set from now on; returns the single files among them."""
        self.config, self.named = config, frozenset(named)
        return (*map(str, config.files), *self.named)


class Reloading:
    """The reloads of one process. `loop` runs on a thread of its own; `begin` comes before."""

    def __init__(
        self,
        load: Load,
        loops: Loops,
        store: Store,
        parser: Parser,
        notifier: Notifier,
        asks: Asks,
        environment: Mapping[str, str],
    ) -> None:
        self._load = load
        self._loops = loops
        self._store = store
        self._parser = parser
        self._notifier = notifier
        self._asks = asks
        self._environment = environment
        self._volume = Volume(store, loops.ending)
        self._rarity = store.rarity()
        self.outcome: Outcome | None = None
        self._setbacks: tuple[Setback, ...] = ()
        self._since: Mapping[Key, datetime] = {}

    def begin(self, trial: Trial, files: Files, watch: Watch) -> None:
        """Go on from a start, whose files are watched since before it read them."""
        self._files, self._watch = files, watch
        now = timing.now()
        self._store.activate(trial.installed.rules.cards.values(), now, trial.texts)
        self._taken(trial, now)

    def loop(self, line: Callable[[], str]) -> None:
        """Wait for changes and for those who ask, until the end. `line` says how it stands."""
        while not self._loops.ending.is_set():
            try:
                answer = self._asks.get(timeout=LOOK_S)
                is_asked = True
            except queue.Empty:
                answer, is_asked = None, False
            if self._loops.ending.is_set():
                return
            try:
                if is_asked:
                    self._watch.take()
                elif not self._watch.is_due():
                    continue
                self._notifier.reloading()
                outcome = self._reload()
            except Exception as error:  # a job boundary: whatever the files hold, the old set goes on
                _log.exception("reload failed")
                why = f"unexpected fault ({type(error).__name__}); all goes on as before"
                outcome = self.outcome = Outcome(at=timing.now(), is_good=False, lines=(why,))
            if answer is not None:
                answer.set_result(outcome.shown())
            if not self._loops.ending.is_set():
                self._notifier.ready(line())

    def stop(self, patience_s: float) -> None:
        """Wait for what is under way beside the loop."""
        self._volume.stop(patience_s)

    def shown(self) -> list[dict[str, Any]]:
        """What is held back, as JSON values."""
        return [one.shown(self._since.get(one.key, self._at)) for one in self._setbacks]

    @property
    def is_good(self) -> bool:
        """Whether everything runs as it stands in the files."""
        return not self._setbacks and (self.outcome is None or self.outcome.is_good)

    def headline(self) -> str:
        """What is held back, in a few words; "" when nothing is."""
        keys = [one.key for one in self._setbacks]
        return title(keys, "en", is_over=False) if keys else ""

    # --- one reload ----------------------------------------------------------------------------------------------

    def _reload(self) -> Outcome:
        at = timing.now()
        old = self._loops.installed
        try:
            self._rarity = self._rarity or self._store.rarity()
            kept = self._store.last_good()
            trial = try_new(self._load, self._trial, kept, self._parser, self._environment, self._rarity)
            self._loops.replace(trial.installed, trial.texts)
        except MonitorError as error:
            outcome = Outcome(at=at, is_good=False, lines=reasons(error))
            for why in outcome.lines:
                _log.error("reload failed, all goes on as before", extra={"why": why})
        else:
            changed = changes(old, trial.installed)
            outcome = outcome_of(at, changed, trial.setbacks, trial.installed.config.timezone)
            is_same = says_the_same(old, trial.installed)
            if not (is_same and trial.setbacks):  # else nothing was taken, and what is said of the setbacks is all
                event = "reloaded in part" if trial.setbacks else "reloaded"
                _log.info(event, extra={"changes": "; ".join(changed) or ("none" if is_same else "none by name")})
            self._taken(trial, at)
            self._volume.look_back(old.rules, trial.installed, at)
        self.outcome = outcome
        self._loops.metrics.count("reloads", result="good" if outcome.is_good else "refused")
        return outcome

    def _taken(self, trial: Trial, at: datetime) -> None:
        """A set has begun to run: keep its configuration, say what is off and what is held back."""
        config = trial.installed.config
        self._at, self._trial = at, trial
        self._setbacks = trial.setbacks
        if all(one.kind is not Kind.CONFIGURATION for one in trial.setbacks):
            lastgood.keep(config.path, config.source, self._environment)
        self._watch.adopt(self._files.follow(config, trial.named))
        say_what_is_off(trial.installed)
        try:
            self._since = tell_of_setbacks(trial.setbacks, trial.installed, self._store, at)
        except Exception as error:  # a job boundary: the log and `status` name it as well
            _log.error("the operator could not be told", extra={"why": type(error).__name__})
        for one in trial.setbacks:
            event = "not taken, the last good goes on" if one.has_kept else "not taken, nothing runs instead"
            fields = {one.kind.value: one.about, "since": iso(self._since.get(one.key, at)), "at": iso(at)}
            # `at` makes it said every time: who saved wants to know, however often it failed the same way.
            for problem in one.problems:
                _log.error(event, extra=fields | {"why": problem, "runs": runs(one, "en", config.timezone)})


def say_what_is_off(installed: Installed) -> None:
    """Log sources and channels that are off."""
    for off in installed.config.disabled:
        level = logging.WARNING if off.is_wanted else logging.INFO
        _log.log(level, f"a {off.what} is off", extra={off.what: off.name, "why": off.reason})
