"""Retention of a running Rasid: once an hour what may go goes, in short steps with pauses, behind everything else."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from monitor.config import Config
from monitor.store import Limits, Store

_log = logging.getLogger(__name__)

EVERY_S = 3600.0
FIRST_S = 60.0
"""After the start there is more urgent work."""

PAUSE_S = 0.2
"""Between two steps: the writer is free for whoever waits."""


def limits(config: Config, now: datetime) -> Limits:
    """Before when things go, by the configuration."""
    keep = config.keep
    return Limits(
        articles=None if keep.articles is None else now - keep.articles,
        matches=None if keep.matches is None else now - keep.matches,
        sources={name: None if span is None else now - span for name, span in keep.sources.items()},
    )


class Keeper:
    """The thread that prunes. `is_busy` says that articles wait to be judged: they come first."""

    def __init__(
        self,
        store: Store,
        config: Callable[[], Config],
        clock: Callable[[], datetime],
        *,
        is_busy: Callable[[], bool],
        ending: threading.Event,
        trouble: Callable[[str, Exception], None],
        first_s: float = FIRST_S,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._store = store
        self._config = config
        self._clock = clock
        self._is_busy = is_busy
        self._ending = ending
        self._trouble = trouble
        self._first_s = first_s
        self._pause_s = pause_s
        self.thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def _run(self) -> None:
        wait_s = self._first_s
        while not self._ending.wait(wait_s):
            wait_s = EVERY_S
            try:
                self.sweep()
            except Exception as error:  # the loop's boundary: what could not go goes next time
                self._trouble("keeper", error)

    def sweep(self) -> None:
        """Delete what may go now. Ends early when the process does."""
        now = self._clock()
        if gone := self._store.prune(limits(self._config(), now), now, self._goes_on):
            _log.info("pruned", extra=dict(gone))

    def _goes_on(self) -> bool:
        while self._is_busy() and not self._ending.wait(self._pause_s):
            pass
        return not self._ending.wait(self._pause_s)
