"""Whether the disk has room for more articles. Below the floor ingest and polling wait; what is small goes on.

The floor (`keep: {free: 200MB}`) leaves room for what must still be written: how sources stand, what was delivered,
the alert to the operator. A disk that is full all the same (a quota, others who fill it) is noticed by a failing
commit.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from monitor import timing
from monitor.alerting.operator import News, Standing, What, words
from monitor.daemon.ops import make_alert
from monitor.daemon.wiring import Installed
from monitor.store import Store

_log = logging.getLogger(__name__)

ABOUT = "database"
AGAIN_S = 5.0
"""How long after a commit found the disk full the next is tried."""


def free_bytes(database: Path) -> int:
    """Bytes that this user may still write on the file system of the database."""
    found = os.statvfs(database.parent)
    return found.f_bavail * found.f_frsize


class Space:
    """The room on the disk, as one process sees it. `is_low` is read by every thread."""

    def __init__(
        self,
        database: Path,
        free: Callable[[Path], int] = free_bytes,
        monotonic: Callable[[], float] = timing.monotonic,
    ) -> None:
        self.is_low = False
        self.was_low = False  # and the operator has not heard that it is over
        self.free = 0
        self.floor = 0
        self._database = database
        self._free = free
        self._monotonic = monotonic
        self._full_until = float("-inf")

    def look(self, floor: int) -> None:
        """See how much is free. What was low is well again with a tenth more than the floor."""
        self.floor = floor
        try:
            self.free = self._free(self._database)
        except OSError as error:  # a file system that does not say: then only a failing commit tells
            _log.warning("the free space is not known", extra={"why": str(error)})
            self.free = 2 * floor
        is_low = self.free < floor * (1.1 if self.is_low else 1) or self._monotonic() < self._full_until
        if is_low != self.is_low:
            self.is_low = is_low
            fields = {"free": self.free, "floor": floor}
            if is_low:
                self.was_low = True
                _log.error("the disk is nearly full: polling and ingest wait", extra=fields)
            else:
                _log.warning("the disk has room again: polling and ingest go on", extra=fields)

    def felt_full(self) -> None:
        """A commit found no room: wait before the next."""
        self._full_until = self._monotonic() + AGAIN_S
        self.look(self.floor)

    def shown(self) -> dict[str, int | bool]:
        """How it stands, as JSON values."""
        return {"free": self.free, "floor": self.floor, "low": self.is_low}


def tell_of_space(space: Space, installed: Installed, store: Store, now: datetime) -> None:
    """Tell the operator once that the disk is nearly full, and once that it has room again. Raises StoreError.

    Where it was too full even for the first, the second is told.
    """
    told = store.operator_news().get((What.DISK, ABOUT))
    if told is not None if space.is_low else told is None and not space.was_low:
        return
    news = News(what=What.DISK, about=ABOUT, is_over=not space.is_low)
    since = now if told is None else told
    config = installed.config
    room = Standing(reason=f"{space.free // 10**6} MB / {space.floor // 10**6} MB")
    title, text = words(news, since, config.language, config.timezone, now, standing=room)
    alerts = [make_alert(channel, title, text, installed, now) for channel in config.ops_notify]
    store.commit_news({news: since}, alerts)
    space.was_low = space.is_low
