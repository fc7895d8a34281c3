"""Call an address while all is well, so that somebody else notices when Rasid does not run: a dead man's switch."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from monitor import timing
from monitor.config import Config
from monitor.errors import HttpError
from monitor.http.session import Session

_log = logging.getLogger(__name__)


class Calls:
    """Calls the configured heartbeat when it is due. `tick` belongs to one thread and does not wait."""

    def __init__(self, session: Callable[[Config], Session]) -> None:
        self._session = session
        self._next = 0.0
        self._is_well = True
        self._running: threading.Thread | None = None

    def tick(self, config: Config) -> None:
        """Call if it is time; the caller says by calling that every loop has beaten."""
        beat = config.heartbeat
        now = timing.monotonic()
        if beat is None or now < self._next or (self._running is not None and self._running.is_alive()):
            return
        self._next = now + beat.every.total_seconds()
        # A daemon thread: an address that never answers must not keep the process from ending.
        self._running = threading.Thread(target=self._call, args=(config, beat.url), name="heartbeat", daemon=True)
        self._running.start()

    def _call(self, config: Config, url: str) -> None:
        try:
            status = self._session(config).get(url).status
            why = "" if status < 400 else f"HTTP {status}"
        except HttpError as error:
            why = error.kind
        except Exception as error:  # the thread's boundary; its text may hold the address
            why = type(error).__name__
        if why and self._is_well:
            _log.warning("the heartbeat's address could not be called", extra={"why": why})
        elif not why and not self._is_well:
            _log.info("the heartbeat's address answers again")
        self._is_well = not why
