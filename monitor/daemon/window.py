"""What programs that watch this process are shown: its figures for Prometheus, and whether it is well and at work."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from monitor import timing
from monitor.config.web import Web
from monitor.daemon.costs import Costs
from monitor.daemon.loops import Loops
from monitor.store import Store
from monitor.web import Exposition, Gauge, Server, pages

_log = logging.getLogger(__name__)

SLOW_S = 60.0
"""A loop that has not come round for so long makes the process unwell."""

LAG_WITHIN = timedelta(hours=1)
RULES_WITHIN = timedelta(days=1)
PERCENTILES = (50, 99, 100)


class Window:
    """The web server of a daemon, opened and closed as the configuration says."""

    def __init__(
        self, loops: Loops, store: Store, started: datetime, costs: Costs, reload_is_good: Callable[[], bool]
    ) -> None:
        self._loops = loops
        self._store = store
        self._costs = costs
        self._started = started
        self._reload_is_good = reload_is_good
        self._web: Web | None = None
        self._server: Server | None = None

    @property
    def port(self) -> int | None:
        """The port that is listened on, None while nothing is served."""
        return self._server.port if self._server else None

    def open(self, web: Web | None) -> None:
        """Serve there, and only there. An address that cannot be taken is told in the log, once; all else goes on."""
        if web == self._web:
            return
        self.close()
        self._web = web
        if web is None:
            return
        exposition = Exposition(self._loops.metrics.snapshot, self.gauges)
        try:
            self._server = Server(web.host, web.port, pages(exposition, self.ills, self.lacks))
        except OSError as error:
            address = f"{web.host}:{web.port}"
            _log.error("metrics are not served", extra={"address": address, "why": error.strerror or str(error)})
        else:
            _log.info("metrics are served", extra={"address": f"{web.host}:{self._server.port}"})

    def close(self) -> None:
        """Serve nothing any more."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def ills(self) -> tuple[str, ...]:
        """Why this process should be started anew; none while all is well."""
        dead = [f"the loop {name} has ended" for name in self._loops.dead()]
        return (*dead, *slow(self._loops.beats.idle()))

    def lacks(self) -> tuple[str, ...]:
        """Why no work is done now; none while there is."""
        return ("it is stopping",) if self._loops.ending.is_set() else ()

    def gauges(self) -> Iterable[Gauge]:
        """Every figure that is looked up."""
        now = timing.now()
        return chain(self._of_process(now), self._of_store(now))

    def _of_process(self, now: datetime) -> Iterator[Gauge]:
        loops = self._loops
        installed, polling = loops.installed, loops.polling
        states = {
            "configured": len(installed.config.sources),
            "failing": len(polling.failing),
            "late": len(polling.late(now)),
            "paused": sum(1 for state in polling.book.states.values() if state.paused_at),
        }
        for state, number in states.items():
            yield Gauge("sources", number, {"state": state})
        yield Gauge("rules", len(installed.rules.cards), {"state": "active"})
        yield Gauge("rules", len(installed.rules.inactive), {"state": "inactive"})
        yield Gauge("reload_good", self._reload_is_good())
        yield Gauge("offline", polling.book.was_offline)
        yield Gauge("polls_under_way", polling.count)
        yield Gauge("queue_fetches", loops.waiting)
        for name, idle in loops.beats.idle().items():
            yield Gauge("loop_idle_seconds", idle, {"loop": name})
        yield Gauge("start_timestamp_seconds", self._started.timestamp())

    def _of_store(self, now: datetime) -> Iterator[Gauge]:
        store, installed = self._store, self._loops.installed
        outbox = store.outbox()
        for (channel, state), number in outbox.numbers.items():
            yield Gauge("outbox_deliveries", number, {"channel": channel, "state": state})
        age = 0.0 if outbox.oldest is None else (now - timing.from_epoch(outbox.oldest)).total_seconds()
        yield Gauge("outbox_oldest_seconds", max(age, 0.0))
        yield Gauge("groups_waiting", outbox.groups_waiting)
        health = store.health()
        for channel in installed.channels:
            yield Gauge("channel_failing", channel in health, {"channel": channel})
        yield Gauge("silences", len(store.silences(now)))
        for what, at in store.last_successes().items():
            yield Gauge("last_success_timestamp_seconds", at / 1000, {"what": what})
        for step, values in store.lags(now - LAG_WITHIN).items():
            for percentile in PERCENTILES if values else ():
                value = values[min(percentile * len(values) // 100, len(values) - 1)]
                yield Gauge("lag_seconds", value, {"step": step, "percentile": str(percentile)})
        for rule, number in store.rule_matches(now - RULES_WITHIN).items():
            yield Gauge("rule_matches", number, {"rule": rule})
        for rule, seconds in self._costs.dearest(installed.rules, store, now).items():
            yield Gauge("rule_cost_seconds", seconds, {"rule": rule})
        yield from _of_disk(installed.config.database)


def slow(idle: Mapping[str, float]) -> tuple[str, ...]:
    """The loops that have not come round for too long, in words."""
    return tuple(
        f"the loop {name} has not come round for {seconds:.0f} s"
        for name, seconds in idle.items()
        if seconds > SLOW_S
    )


def _of_disk(database: Path) -> Iterator[Gauge]:
    for name, path in (("database", database), ("wal", Path(f"{database}-wal"))):
        with suppress(OSError):
            yield Gauge("database_bytes", path.stat().st_size, {"file": name})
    with suppress(OSError):
        yield Gauge("disk_free_bytes", shutil.disk_usage(database.parent).free)
