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
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, NoReturn

from monitor import timing
from monitor.config import Config
from monitor.daemon.channelnews import tell_of_channels
from monitor.daemon.costs import Costs, dear
from monitor.daemon.drills import Drills
from monitor.daemon.heartbeat import Calls
from monitor.daemon.loops import Loops
from monitor.daemon.memory import give_back, settle_allocator
from monitor.daemon.notify import Notifier
from monitor.daemon.ops import tell_of_sources
from monitor.daemon.reload import Load, first_doors, try_first
from monitor.daemon.reloading import Asks, Files, Reloading
from monitor.daemon.space import tell_of_space
from monitor.daemon.stops import Stops
from monitor.daemon.watch import Watch
from monitor.daemon.window import Window
from monitor.daemon.wiring import Installed, open_session
from monitor.errors import StoreError
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


def serve(load: Load, *, environment: Mapping[str, str] | None = None) -> int:
    """Run with what `load` reads, now and at every reload; returns the exit code.

    What is faulty at the start is replaced by what was good last. Raises ConfigError or RuleError when nothing ever
    was, StoreLocked when another process runs. Must be called on the main thread: it takes the signals.
    """
    environment = os.environ if environment is None else environment
    settle_allocator()
    notifier = Notifier(environment)
    stops = Stops()
    reloads: Asks = queue.SimpleQueue()  # which a signal handler may fill whatever the thread is just doing
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda signum, frame: stops.put(signum))
    signal.signal(signal.SIGHUP, lambda signum, frame: reloads.put(None))
    parser = Parser()  # starts nothing before the first document
    doors, setbacks = first_doors(load, parser, environment)
    files = Files(doors.config)
    watch = Watch(files.look)  # before they are read
    database = doors.config.database
    trial = None if database.exists() else try_first(doors, {})
    with Store.open(database, write=True, now=timing.now()) as store:
        trial = trial or try_first(doors, store.last_good(), store.rarity())
        trial = replace(trial, setbacks=(*setbacks, *trial.setbacks))
        loops = Loops(trial.installed, store)
        reloading = Reloading(load, loops, store, parser, notifier, reloads, environment)
        reloading.begin(trial, files, watch)
        del doors, trial  # else what runs first is kept as long as this runs
        return Service(loops, reloading, store, parser, notifier, stops, reloads).run()


def _size(installed: Installed) -> dict[str, int]:
    return {"sources": len(installed.config.sources), "rules": len(installed.rules.cards)}


class Service:
    """A running Rasid, seen from the main thread."""

    def __init__(
        self,
        loops: Loops,
        reloading: Reloading,
        store: Store,
        parser: Parser,
        notifier: Notifier,
        stops: Stops,
        reloads: Asks,
    ) -> None:
        self._loops = loops
        self._reloading = reloading
        self._store = store
        self._parser = parser
        self._notifier = notifier
        self._stops = stops
        self._reloads = reloads
        self._reloader = threading.Thread(target=reloading.loop, args=(self._line,), name="reload", daemon=True)
        self._calls = Calls(open_session)
        self._drills = Drills()
        self._drilled: Config | None = None
        self._started = timing.now()
        self._costs = Costs()
        self._window = Window(loops, store, self._started, self._costs, lambda: reloading.is_good)
        self._is_pinged = False
        self._was_low = False
        self._beaten = self._sent = self._swept = self._told = timing.monotonic()
        self._drift = self._clocks_apart()

    def run(self) -> int:
        """Serve until a signal; returns the exit code."""
        loops = self._loops
        self._make_drills()  # also makes the folders that are polled from now on
        loops.start()
        self._reloader.start()
        self._store.answer("status", lambda intent: self.status())
        self._store.answer("reload", self._ask_reload)
        self._store.answer("pause", self._change_polling)
        self._store.answer("resume", self._change_polling)
        self._window.open(loops.installed.config.web)
        self._notifier.ready(self._line())
        _log.info("serving", extra=_size(loops.installed))
        while True:
            number = self._stops.wait(TICK_S)
            if number is not None:
                _log.info("stopping", extra={"signal": signal.Signals(number).name})
                return self._stop()
            self._tick()

    # --- watching ------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        """Look after everything once."""
        loops, now = self._loops, timing.monotonic()
        loops.space.look(loops.installed.config.keep.free)
        if abs(self._clocks_apart() - self._drift) > JUMP_S:
            self._drift = self._clocks_apart()
            _log.warning("the clock jumped or the machine slept; every source is planned anew")
            loops.polling.plan_all()
        if dead := loops.dead():
            self._die(f"a loop has died: {', '.join(dead)}")
        self._window.open(loops.installed.config.web)
        self._provoke_beats()
        self._ping_manager(now)
        if self._drilled is not loops.installed.config:
            self._make_drills()
        if now - self._beaten > STUCK_S:
            self._die(f"a loop hangs: {', '.join(loops.beats.missing)}")
        if now - self._swept > SWEEP_S or loops.space.is_low != self._was_low:
            self._was_low = loops.space.is_low
            self._swept = now
            loops.polling.sweep()
            give_back()
            self._make_drills()
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
        self._reloading.stop(1)
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

    def _make_drills(self) -> None:
        self._drilled = self._loops.installed.config
        try:
            self._drills.make(self._drilled, self._store, timing.now())
        except Exception as error:  # a job boundary: tried again at the next sweep
            _log.error("drills could not be made", extra={"why": type(error).__name__})

    def _tell_operator_how_it_stands(self) -> None:
        """Tell the operator what has become wrong with sources, channels and the disk, and what is over."""
        loops = self._loops
        try:
            tell_of_sources(loops.polling.book.states, loops.installed, self._store, timing.now())
            drills = self._drills.standings(loops.installed.config, self._store)
            tell_of_channels(loops.installed, self._store, timing.now(), drills)
            tell_of_space(loops.space, loops.installed, self._store, timing.now())
        except Exception as error:  # a job boundary: told again at the next sweep
            _log.error("the operator could not be told how it stands", extra={"why": type(error).__name__})

    # --- telling how it stands -----------------------------------------------------------------------------------

    def _line(self) -> str:
        """How it stands, for one line of the service manager."""
        installed = self._loops.installed
        failing = self._loops.polling.failing
        line = f"{len(installed.config.sources)} sources, {len(failing)} failing; {len(installed.rules.cards)} rules"
        if held := self._reloading.headline():
            line += f"; {held}"
        return installed.config.redact(line)

    def status(self) -> dict[str, Any]:
        """What only this process knows, as JSON values."""
        installed = self._loops.installed
        reasons_off = {f"{off.what} {off.name}": off.reason for off in installed.config.disabled}
        costs = self._costs.dearest(installed.rules, self._store, timing.now())
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
            "disk": self._loops.space.shown(),
            "rules": {"active": len(installed.rules.cards), "inactive": dict(installed.rules.inactive)},
            "dear": dear(costs),
            "reload": self._reloading.outcome.shown() if self._reloading.outcome else None,
            "held": self._reloading.shown(),
            "counters": self._loops.metrics.shown(),
        }

    def _late(self) -> list[dict[str, Any]]:
        """Sources whose poll is overdue."""
        late = self._loops.polling.late(timing.now())
        return [{"source": name, "since": since.isoformat(timespec="seconds")} for name, since in late.items()]
