"""Tell the operator of channels that take nothing or whose messages are parked, of drills that do not arrive, and of
rules that end soon.

Through the channels of `ops: notify`, except the one that it is about; with no other, the log and `status` say it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from monitor.alerting.operator import DrillStanding, News, What, of_channels, of_drills, of_rules, words
from monitor.daemon.ops import make_alert
from monitor.daemon.wiring import Installed
from monitor.store import Store

_log = logging.getLogger(__name__)


def tell_of_channels(
    installed: Installed, store: Store, now: datetime, drills: Mapping[str, DrillStanding] = MappingProxyType({})
) -> None:
    """Tell what has begun and what is over since the last time. Raises StoreError.

    What was told is committed with the alerts that tell it, so that a crash repeats nothing.
    """
    config = installed.config
    standings, told = store.standings(), store.operator_news()
    ends = list(installed.rules.ends.items())
    news = of_channels(standings, told, now, config.delivery_failing_for) | of_rules(ends, told, now)
    news |= of_drills(drills, told, now)
    if not news:
        return
    shipments = []
    for item, since in news.items():
        card = installed.rules.cards.get(item.about)
        title, text = words(
            item,
            since,
            config.language,
            config.timezone,
            now,
            standing=standings.get(item.about),
            drill=drills.get(item.about) if item.what is What.DRILL else None,
            owner=card.owner if card else "",
        )
        shipments += [
            make_alert(channel, title, config.redact(text), installed, now)
            for channel in config.ops_notify
            if channel != item.about
        ]
        _say(item)
    store.commit_news(news, shipments)


def _say(item: News) -> None:
    level = logging.INFO if item.is_over else logging.WARNING
    _log.log(
        level, "news of a channel or a rule", extra={"about": item.about, "what": item.what, "over": item.is_over}
    )
