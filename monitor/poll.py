"""The flow of one poll: cursor -> fetch -> queue. Decides nothing; a failure is recorded and told, never raised."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from monitor.errors import SourceError
from monitor.queues import Queue
from monitor.sources import Source
from monitor.sources.codec import encode

_log = logging.getLogger(__name__)


class Cursors(Protocol):
    """What a poll needs of the store."""

    def cursor(self, source: str) -> Mapping[str, Any]:
        """The cursor of the source's last commit, {} before the first."""

    def record_failure(self, source: str, reason: str, now: datetime, not_before: datetime | None = None) -> None:
        """Note that the source could not be fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """What one poll did. `error` is "" when it went well; `is_pending` asks for another scan soon. `is_handed` says
    that something is in the queue and is to be ingested.
    """

    source: str
    articles: int = 0
    unchanged: bool = False
    error: str = ""
    warnings: tuple[str, ...] = ()
    is_pending: bool = False
    is_handed: bool = False


def poll(
    source: Source, store: Cursors, queue: Queue, now: datetime, *, hands_on_sameness: bool = True
) -> PollReport:
    """Fetch one source from where its last commit stood, and hand what came to the queue.

    Without `hands_on_sameness` a fetch that found everything as it was, down to the cursor, ends here: a folder that
    is looked at every other second must not cost a transaction each time.
    """
    try:
        cursor = store.cursor(source.id)
        fetched = source.fetch(cursor, now)
    except SourceError as error:
        store.record_failure(source.id, error.reason, now, error.not_before)
        return PollReport(source=source.id, error=error.reason)
    except Exception as error:  # a job boundary: a fault in one kind must not stop the others
        _log.exception("poll failed", extra={"source": source.id})
        reason = f"unexpected fault in the source's code ({type(error).__name__})"
        store.record_failure(source.id, reason, now)
        return PollReport(source=source.id, error=reason)
    is_handed = hands_on_sameness or not fetched.unchanged or dict(fetched.cursor) != dict(cursor)
    if is_handed:
        queue.put(fetched.key, encode(fetched))
    return PollReport(
        source=source.id,
        articles=len(fetched.articles),
        unchanged=fetched.unchanged,
        warnings=fetched.warnings,
        is_pending=source.is_pending(fetched.cursor),
        is_handed=is_handed,
    )
