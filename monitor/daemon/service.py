"""Run until told to stop: threads for polling, judging, telling and writing, watched over by the main thread.

SIGTERM and SIGINT end it: the commits under way are finished, what was only fetched is fetched again next time.
SIGHUP and `rasid reload` try a new configuration. A loop that dies ends the process: better started
anew than limping.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, NoReturn

from monitor import timing
from monitor.config import Config
from monitor.daemon.channelnews import tell_of_channels
from monitor.daemon.drills import Drills
from monitor.daemon.heartbeat import Calls
from monitor.daemon.loops import Loops
from monitor.daemon.notify import Notifier
from monitor.daemon.ops import tell_of_sources, tell_refusal
from monitor.daemon.reload import Outcome, changes, reasons, try_new
from monitor.daemon.window import Window
from monitor.daemon.wiring import OFF, Installed, install, open_session
from monitor.errors import MonitorError, StoreError
from monitor.sources.parser import Parser
from monitor.store import Store

_log = logging.getLogger(__name__)

TICK_S = 0.5
SWEEP_S = 60.0
STATUS_S = 30.0
STUCK_S = 300.0
"""A loop that has not gone round for so long is as good as dead."""

JUMP_S = 60.0
"""Wall clock and monotonic clock apart by so much between two ticks: the machine slept, or somebody set the clock."""

PATIENCE_S = 7.0
"""How long a stop waits for commits and deliveries under way; together with the rest it stays under 10 s."""

RELOAD_WITHIN_S = 25.0


def serve(load: Callable[[], Config], *, environment: Mapping[str, str] | None = None) -> int:
    """Run with what `load` reads, now and at every reload; returns the exit code.

    Raises ConfigError or RuleError before anything is touched, StoreLocked when another process runs. Must be called
    on the main thread: it takes the signals.
    """
    notifier = Notifier(os.environ if environment is None else environment)
    stops: queue.SimpleQueue[int] = queue.SimpleQueue()
    reloads: queue.SimpleQueue[Future[Any] | None] = queue.SimpleQueue()
    # A SimpleQueue may be filled by a signal handler whatever the thread is just doing.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda signum, frame: stops.put(signum))
    signal.signal(signal.SIGHUP, lambda signum, frame: reloads.put(None))
    config = load()
    parser = Parser()  # starts nothing before the first document
    installed = install(config, parser)
    with Store.open(config.database, write=True, now=timing.now()) as store:
        service = Service(installed, load, store, parser, notifier, stops, reloads)
        return service.run()


class Service:
    """A running Rasid, seen from the main thread."""

    def __init__(
        self,
        installed: Installed,
        load: Callable[[], Config],
        store: Store,
        parser: Parser,
        notifier: Notifier,
        stops: queue.SimpleQueue[int],
        reloads: queue.SimpleQueue[Future[Any] | None],
    ) -> None:
        self._load = load
        self._store = store
        self._parser = parser
        self._notifier = notifier
        self._stops = stops
        self._reloads = reloads
        self._loops = Loops(installed, store)
        self._reloader = threading.Thread(target=self._reload_loop, name="reload", daemon=True)
        self._calls = Calls(open_session)
        self._drills = Drills()
        self._outcome: Outcome | None = None
        self._started = timing.now()
        self._window = Window(
            self._loops, store, self._started, lambda: self._outcome is None or self._outcome.is_good
        )
        self._is_pinged = False
        self._beaten = self._sent = self._swept = self._told = timing.monotonic()
        self._drift = self._clocks_apart()

    def run(self) -> int:
        """Serve until a signal; returns the exit code."""
        loops = self._loops
        self._say_what_is_off(loops.installed)
        self._store.activate(loops.installed.rules.cards.values(), timing.now())
        self._make_drills(loops.installed.config)  # also makes the folders that are polled from now on
        loops.start()
        self._reloader.start()
        self._store.answer("status", lambda intent: self.status())
        self._store.answer("reload", self._ask_reload)
        self._store.answer("pause", self._change_polling)
        self._store.answer("resume", self._change_polling)
        self._window.open(loops.installed.config.web)
        self._notifier.ready(self._line())
        sources, rules = loops.installed.config.sources, loops.installed.rules.cards
        _log.info("serving", extra={"sources": len(sources), "rules": len(rules)})
        while True:
            try:
                number = self._stops.get(timeout=TICK_S)
            except queue.Empty:
                self._tick()
            else:
                _log.info("stopping", extra={"signal": signal.Signals(number).name})
                return self._stop()

    # --- watching ------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        """Look after everything once."""
        loops, now = self._loops, timing.monotonic()
        if abs(self._clocks_apart() - self._drift) > JUMP_S:
            self._drift = self._clocks_apart()
            _log.warning("the clock jumped or the machine slept; every source is planned anew")
            loops.polling.plan_all()
        if dead := loops.dead():
            self._die(f"a loop has died: {', '.join(dead)}")
        self._provoke_beats()
        self._ping_manager(now)
        if now - self._beaten > STUCK_S:
            self._die(f"a loop hangs: {', '.join(loops.beats.missing)}")
        if now - self._swept > SWEEP_S:
            self._swept = now
            loops.polling.sweep()
            self._make_drills(loops.installed.config)
            self._tell_operator_how_it_stands()
        if now - self._told > STATUS_S:
            self._told = now
            self._notifier.status(self._line())

    def _provoke_beats(self) -> None:
        """Make the scheduler's and the writer's thread show that they still come round."""
        self._loops.polling.poke()
        if not self._is_pinged:
            self._is_pinged = True
            try:
                self._store.ping(self._writer_came_round)
            except StoreError:
                self._is_pinged = False  # it has ended; the next tick sees that

    def _writer_came_round(self) -> None:
        self._is_pinged = False
        self._loops.beats.beat("writer")

    def _ping_manager(self, now: float) -> None:
        watchdog = self._notifier.watchdog
        if watchdog is not None and now - self._sent < watchdog.total_seconds() / 2 - TICK_S:
            return
        if self._loops.beats.take():
            self._beaten = self._sent = now
            self._calls.tick(self._loops.installed.config)
            if watchdog is not None:
                self._notifier.alive()

    def _clocks_apart(self) -> float:
        return timing.now().timestamp() - timing.monotonic()

    def _die(self, why: str) -> NoReturn:
        """End at once: what is committed is safe, what is not is done again after the restart."""
        _log.error(why)
        self._notifier.status(why)
        logging.shutdown()
        os._exit(1)

    def _stop(self) -> int:
        """Take no new work, finish what is being committed or sent, close."""
        self._notifier.stopping()
        self._window.close()
        last_resort = threading.Timer(PATIENCE_S + 2, self._die, ["stopping took too long"])
        last_resort.daemon = True
        last_resort.start()
        self._reloads.put(Future())  # wakes the loop, which sees the end
        unfinished = self._loops.stop(PATIENCE_S)
        if unfinished:
            _log.warning(
                "not finished in time, repeated after the next start", extra={"loops": ", ".join(unfinished)}
            )
        closer = threading.Thread(target=self._parser.close, name="parser-close", daemon=True)
        closer.start()
        closer.join(1)
        self._store.close()
        last_resort.cancel()
        _log.info("stopped")
        return 0

    # --- reloading -----------------------------------------------------------------------------------------------

    def _ask_reload(self, intent: Mapping[str, Any]) -> Any:
        """For the command socket: reload, and answer what came of it."""
        answer: Future[Any] = Future()
        self._reloads.put(answer)
        try:
            return answer.result(timeout=RELOAD_WITHIN_S)
        except TimeoutError as error:
            raise StoreError("the reload takes longer; what comes of it: rasid status") from error

    def _change_polling(self, intent: Mapping[str, Any]) -> Any:
        """For the command socket: pause or resume sources, and plan them anew at once."""
        done = self._store.perform(intent)
        self._loops.polling.replan([str(name) for name in intent["sources"]])
        return done

    def _reload_loop(self) -> None:
        while not self._loops.ending.is_set():
            answer = self._reloads.get()
            if self._loops.ending.is_set():
                return
            outcome = self._reload()
            if answer is not None:
                answer.set_result(outcome.shown())

    def _reload(self) -> Outcome:
        self._notifier.reloading()
        at = timing.now()
        old = self._loops.installed
        try:
            new = try_new(self._load, old, self._parser)
            self._make_drills(new.config)
            self._loops.replace(new)
        except MonitorError as error:
            outcome = Outcome(at=at, is_good=False, lines=reasons(error))
        except Exception as error:  # a job boundary: whatever the files hold, the old set goes on
            _log.exception("reload failed")
            outcome = Outcome(at=at, is_good=False, lines=(f"unexpected fault ({type(error).__name__})",))
        else:
            outcome = Outcome(at=at, is_good=True, lines=changes(old, new))
            self._say_what_is_off(new)
            self._window.open(new.config.web)
        before, self._outcome = self._outcome, outcome
        self._loops.metrics.count("reloads", result="good" if outcome.is_good else "refused")
        if outcome.is_good:
            _log.info("reloaded", extra={"changes": "; ".join(outcome.lines)})
        else:
            # Said every time: who asked for it wants to know, however often it failed the same way.
            for line in outcome.lines:
                _log.log(logging.ERROR, "reload refused, the last good set goes on", extra={"why": line, "at": at})
            if before is None or before.lines != outcome.lines:
                self._tell_operator(outcome)
        if not self._loops.ending.is_set():
            self._notifier.ready(self._line())
        return outcome

    def _make_drills(self, config: Config) -> None:
        try:
            self._drills.make(config, self._store, timing.now())
        except Exception as error:  # a job boundary: tried again at the next sweep
            _log.error("drills could not be made", extra={"why": type(error).__name__})

    def _tell_operator_how_it_stands(self) -> None:
        """Tell the operator what has become wrong with sources and channels, and what is over."""
        loops = self._loops
        try:
            tell_of_sources(loops.polling.book.states, loops.installed, self._store, timing.now())
            drills = self._drills.standings(loops.installed.config, self._store)
            tell_of_channels(loops.installed, self._store, timing.now(), drills)
        except Exception as error:  # a job boundary: told again at the next sweep
            _log.error("the operator could not be told how it stands", extra={"why": type(error).__name__})

    def _tell_operator(self, outcome: Outcome) -> None:
        try:
            tell_refusal(outcome.lines, self._loops.installed, self._store, outcome.at)
        except Exception as error:  # a job boundary: the log and `status` name the refusal as well
            _log.error("the operator could not be told", extra={"why": type(error).__name__})

    # --- telling how it stands -----------------------------------------------------------------------------------

    def _say_what_is_off(self, installed: Installed) -> None:
        for off in installed.config.disabled:
            level = logging.WARNING if off.is_wanted else logging.INFO
            _log.log(level, f"a {off.what} is off", extra={off.what: off.name, "why": off.reason})
        for rule, reason in installed.rules.inactive.items():
            if reason != OFF:
                _log.warning("a rule is not active", extra={"rule": rule, "why": reason})

    def _line(self) -> str:
        """How it stands, for one line of the service manager."""
        installed = self._loops.installed
        failing = self._loops.polling.failing
        line = f"{len(installed.config.sources)} sources, {len(failing)} failing; {len(installed.rules.cards)} rules"
        if self._outcome is not None and not self._outcome.is_good:
            line += f"; the last reload was refused: {self._outcome.lines[0]}"
        return installed.config.redact(line)

    def status(self) -> dict[str, Any]:
        """What only this process knows, as JSON values."""
        installed = self._loops.installed
        reasons_off = {f"{off.what} {off.name}": off.reason for off in installed.config.disabled}
        return {
            "pid": os.getpid(),
            "started": self._started.isoformat(timespec="seconds"),
            "sources": len(installed.config.sources),
            "channels": sorted(installed.channels),
            "off": reasons_off,
            "late": self._late(),
            "queue": self._loops.waiting,
            "polling": self._loops.polling.count,
            "offline": self._loops.polling.book.was_offline,
            "rules": {"active": len(installed.rules.cards), "inactive": dict(installed.rules.inactive)},
            "reload": self._outcome.shown() if self._outcome else None,
            "counters": self._loops.metrics.shown(),
        }

    def _late(self) -> list[dict[str, Any]]:
        """Sources whose poll is overdue."""
        late = self._loops.polling.late(timing.now())
        return [{"source": name, "since": since.isoformat(timespec="seconds")} for name, since in late.items()]
