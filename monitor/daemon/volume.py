"""Judge the last 24 hours by rules that changed, beside all other work, and tell the operator of great moves.

A thread of its own that rests as long as it works, so that ingest goes on; bounded in articles and in time.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from datetime import datetime, timedelta

from monitor import timing
from monitor.daemon.ops import make_alert
from monitor.daemon.wiring import Installed
from monitor.model import Article
from monitor.rules.engine import Ruleset
from monitor.rules.older import only
from monitor.rules.volume import Move, changed, moves
from monitor.store import Store

_log = logging.getLogger(__name__)

BACK = timedelta(hours=24)
MOST_ARTICLES = 2_000
MOST_S = 60.0
"""How long one look at the archive takes at most."""

MOST_NAMED = 20

_TITLES = {
    "en": ("Rule {one} matches far more or less than before", "{n} rules match far more or less than before"),
    "ar": ("تغيّر عدد ما تطابقه القاعدة {one} كثيرا", "قواعد تغيّر عدد ما تطابقه كثيرا، عددها {n}"),
}
_LINES = {
    "en": "{rule}: {after} matches in the last 24 hours, {before} in its form before",
    "ar": "{rule}: {after} مطابقة في آخر 24 ساعة، وكانت {before} بصيغتها السابقة",
}
_JUDGED = {
    "en": "The change is active. Judged: {read} of {total} articles. In detail: rasid backtest",
    "ar": "التغيير معمول به. المقالات التي فُحصت: {read} من {total}. للتفصيل: rasid backtest",
}


class Volume:
    """Looks back after a change of rules; a later change ends the look that is under way."""

    def __init__(self, store: Store, ending: threading.Event) -> None:
        self._store = store
        self._ending = ending
        self._turn = 0
        self._running: threading.Thread | None = None

    def look_back(self, old: Ruleset, installed: Installed, now: datetime) -> None:
        """Begin to judge the rules that are not as they were. Does not wait."""
        self._turn += 1
        rules = changed(old.cards, installed.rules.cards)
        if rules:
            self._running = threading.Thread(
                target=self._work, args=(self._turn, rules, old, installed, now), name="volume", daemon=True
            )
            self._running.start()

    def stop(self, patience_s: float) -> None:
        """Wait for the look under way, which ends once `ending` is set."""
        if self._running is not None:
            self._running.join(patience_s)

    def _work(self, turn: int, rules: frozenset[str], old: Ruleset, installed: Installed, now: datetime) -> None:
        try:
            total, articles = self._store.recent(now - BACK, MOST_ARTICLES)
            read, before, after = self._judge(turn, articles, only(old, rules), only(installed.rules, rules))
            found = moves(rules, old.cards, before, after)
            if found and not self._is_over(turn):
                self._tell(found, read, total, installed)
        except Exception as error:  # the thread's boundary: the change is active all the same
            _log.error("the last 24 hours could not be judged by the changed rules", exc_info=error)

    def _judge(
        self, turn: int, articles: tuple[Article, ...], old: tuple[Ruleset, ...], new: tuple[Ruleset, ...]
    ) -> tuple[int, Counter[str], Counter[str]]:
        """How many articles were read, and the matches of both forms by rule."""
        end = timing.monotonic() + MOST_S
        before: Counter[str] = Counter()
        after: Counter[str] = Counter()
        for read, article in enumerate(articles):
            begun = timing.monotonic()
            if begun > end or self._is_over(turn):
                return read, before, after
            for parts, counter in ((old, before), (new, after)):
                counter.update(match.rule for part in parts for match in part.match(article))
            self._ending.wait(timing.monotonic() - begun)
        return len(articles), before, after

    def _is_over(self, turn: int) -> bool:
        return self._ending.is_set() or turn != self._turn

    def _tell(self, found: tuple[Move, ...], read: int, total: int, installed: Installed) -> None:
        for move in found:
            fields = {"rule": move.rule, "before": move.before, "after": move.after, "articles": read, "of": total}
            _log.warning("a changed rule matches far more or less than before", extra=fields)
        config = installed.config
        spoken = config.language if config.language in _TITLES else "en"
        one, many = _TITLES[spoken]
        title = one.format(one=found[0].rule) if len(found) == 1 else many.format(n=len(found))
        said = [
            _LINES[spoken].format(rule=move.rule, before=move.before, after=move.after) for move in found[:MOST_NAMED]
        ]
        text = "\n\n".join([*said, _JUDGED[spoken].format(read=read, total=total)])
        now = timing.now()
        self._store.commit_setbacks(
            {}, (), [make_alert(channel, title, text, installed, now) for channel in config.ops_notify]
        )
