"""Judge what a fetch brought; an article that judging fails by harms no other, and the operator hears of it.

Whatever makes judging fail is a fault of Rasid's own. The document is then committed article by article, its cursor
stays where it was, and so what failed comes again with every poll until it can be judged.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.alerting.operator import News, Standing, What, words
from monitor.daemon.ops import make_alert
from monitor.daemon.wiring import Installed
from monitor.errors import StoreConflict, StoreError
from monitor.ingest import IngestReport, ingest
from monitor.model import Article, Disposition, Fetched
from monitor.store import Store

_log = logging.getLogger(__name__)

MOST_SHOWN = 100
"""Letters of a title that are shown of an article that fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a fetch came to, and the fetch as it was committed: where something could not be judged (`unjudged` says
    what and why), with the cursor of the one before.
    """

    report: IngestReport
    fetched: Fetched
    unjudged: str = ""


class Sparing:
    """Judges fetches, one after the other; knows of which sources something could not be judged."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._failing = {about for what, about in store.operator_news() if what is What.UNJUDGED}

    def ingest(self, fetched: Fetched, installed: Installed, now: datetime) -> Judged:
        """Judge and commit. Raises StoreError, and what judging raised when nothing could be judged."""
        try:
            report = self._ingest(fetched, installed, now)
        except Exception as error:
            if not is_own_fault(error):
                raise
            _log.exception("judging failed, now article by article", extra={"source": fetched.source})
            judged = self._ingest_each(fetched, installed, now)
            if judged is None:
                raise error from None
            return judged
        if fetched.source in self._failing and not fetched.unchanged:
            self._tell(fetched.source, "", installed, now)
        return Judged(report=report, fetched=fetched)

    def _ingest_each(self, fetched: Fetched, installed: Installed, now: datetime) -> Judged | None:
        """Judge and commit each article by itself; None when none could be."""
        fetched = replace(fetched, cursor=self._store.source_state(fetched.source).cursor)
        reports: list[IngestReport] = []
        failed: list[str] = []
        for article, part in _parts(fetched):
            try:
                reports.append(self._ingest(part, installed, now))
            except Exception as error:  # a fault of ours must not cost more than this article
                if not is_own_fault(error):
                    raise
                failed.append(f"{article.title[:MOST_SHOWN]!r} ({type(error).__name__})")
        unjudged = f"{len(failed)}/{len(fetched.articles)}, {failed[0]}" if failed else ""
        if unjudged:
            self._tell(fetched.source, unjudged, installed, now)
        return Judged(report=_sum(reports), fetched=fetched, unjudged=unjudged) if reports else None

    def _ingest(self, fetched: Fetched, installed: Installed, now: datetime) -> IngestReport:
        name = fetched.source
        return ingest(
            fetched,
            store=self._store,
            rules=installed.rules_of(name),
            traits=installed.traits(name),
            now=now,
            floors=installed.config.floors,
        )

    def _tell(self, source: str, reason: str, installed: Installed, now: datetime) -> None:
        """Tell the operator once that something of a source cannot be judged (`reason`), and once that all can."""
        since = self._store.operator_news().get((What.UNJUDGED, source))
        if reason and since is not None:
            return
        news = News(what=What.UNJUDGED, about=source, is_over=not reason)
        config = installed.config
        title, text = words(
            news, since or now, config.language, config.timezone, now, standing=Standing(reason=reason)
        )
        shipments = [make_alert(channel, title, config.redact(text), installed, now) for channel in config.ops_notify]
        self._store.commit_news({news: since or now}, shipments)
        (self._failing.add if reason else self._failing.discard)(source)


def is_own_fault(error: Exception) -> bool:
    """Whether it is a fault of Rasid's own; where it is the database's no article fares better than another."""
    return isinstance(error, StoreConflict) or not isinstance(error, StoreError)


def _parts(fetched: Fetched) -> Iterator[tuple[Article, Fetched]]:
    """A fetch by its articles, each with the others standing beside it; what is known of its files stays behind."""
    ids = frozenset(article.id for article in fetched.articles)
    for number, article in enumerate(fetched.articles):
        others = (*fetched.present, *(ids - {article.id}))
        yield (
            article,
            replace(fetched, key=f"{fetched.key}/{number}", articles=(article,), present=others, files=()),
        )


def _sum(reports: Sequence[IngestReport]) -> IngestReport:
    """What the parts of one fetch came to together."""
    dispositions: Counter[Disposition] = Counter()
    for report in reports:
        dispositions.update(report.dispositions)
    return IngestReport(
        source=reports[0].source,
        new=sum(report.new for report in reports),
        edited=sum(report.edited for report in reports),
        same=sum(report.same for report in reports),
        aliases=sum(report.aliases for report in reports),
        matches=sum(report.matches for report in reports),
        dispositions=dispositions,
        is_repeat=all(report.is_repeat for report in reports),
    )
