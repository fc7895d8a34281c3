"""The flow of one poll: cursor -> fetch -> queue. Decides nothing; a failure is returned, never raised."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.errors import SourceError
from monitor.model import Failure, Fetched
from monitor.queues import Queue
from monitor.sources import Source
from monitor.sources.codec import encode

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """What one poll did. `error` is "" when it went well; `is_pending` asks for another scan soon.

    `outcome` is what the store is to record: a failure, or a fetch that found nothing new. It is None when something
    is in the queue and is to be ingested.
    """

    source: str
    articles: int = 0
    unchanged: bool = False
    error: str = ""
    warnings: tuple[str, ...] = ()
    is_pending: bool = False
    outcome: Fetched | Failure | None = None


def poll(source: Source, cursor: Mapping[str, Any], queue: Queue, now: datetime) -> PollReport:
    """Fetch one source from where its last commit stood, and hand what is new to the queue.

    A fetch that found nothing new needs no judging: it is returned, so that many can be written down at once.
    """
    try:
        fetched = source.fetch(cursor, now)
    except SourceError as error:
        return _failed(source, now, error)
    except Exception as error:  # a job boundary: a fault in one kind must not stop the others
        _log.exception("poll failed", extra={"source": source.id})
        return _failed(source, now, SourceError(f"unexpected fault in the source's code ({type(error).__name__})"))
    if not fetched.unchanged:
        queue.put(fetched.key, encode(fetched))
    return PollReport(
        source=source.id,
        articles=len(fetched.articles),
        unchanged=fetched.unchanged,
        warnings=fetched.warnings,
        is_pending=source.is_pending(fetched.cursor),
        outcome=fetched if fetched.unchanged else None,
    )


def _failed(source: Source, now: datetime, error: SourceError) -> PollReport:
    failure = Failure(
        source=source.id,
        at=now,
        reason=error.reason,
        status=error.status,
        host=error.host or source.host,
        is_unreachable=error.is_unreachable,
        not_before=error.not_before,
        cursor=error.cursor,
    )
    return PollReport(source=source.id, error=error.reason, outcome=failure)
