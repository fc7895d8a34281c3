"""Tell the operator through the channels of `ops: notify`: an alert without matches, delivered like every other.

It goes through the outbox, so that a channel that is down gets it later, and `rasid deliveries` shows it. What is
wrong with sources is told once, and once when it is over; many at a time are one message.
"""

from __future__ import annotations

import logging
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from monitor.alerting.groups import Reason, Told
from monitor.alerting.message import content, iso
from monitor.daemon import setbacks, sourcewords
from monitor.daemon.setbacks import Setback
from monitor.daemon.wiring import Installed
from monitor.model import Alert, Article, Delivery, Match, RuleCard, Severity, SourceState
from monitor.rhythm.troubles import Trouble, troubles
from monitor.store import Store
from monitor.store.outbox import deliveries_for

_log = logging.getLogger(__name__)

Shipment = tuple[Alert, Mapping[str, Any], Sequence[Delivery]]
"""An alert, its content and its deliveries."""

RULE = "ops"


def tell_of_setbacks(
    current: Sequence[Setback], installed: Installed, store: Store, now: datetime
) -> Mapping[setbacks.Key, datetime]:
    """Tell which files and rules are held back now and were not before, and which are mended. Raises StoreError.

    Returns since when each is held back. What was told is committed with the alerts, so that a crash repeats nothing.
    """
    config = installed.config
    told = store.setbacks()
    begun, over = setbacks.news(current, told)
    alerts = []
    if begun:
        title = setbacks.title([one.key for one in begun], config.language, is_over=False)
        lines = setbacks.lines(begun, now, config.language, config.timezone)
        alerts += [(title, lines)]
    if over:
        title = setbacks.title(list(over), config.language, is_over=True)
        alerts += [(title, setbacks.mended(over, config.language, config.timezone))]
        for kind, about in over:
            _log.info("mended, what stands there is active", extra={kind: about, "since": iso(over[kind, about])})
    shipments = []
    for number, (title, lines) in enumerate(alerts):
        at = now + number * timedelta(milliseconds=1)  # so that they are told in this order
        text, *more = map(config.redact, lines)
        shipments += [make_alert(channel, title, text, installed, at, more) for channel in config.ops_notify]
    since = {one.key: now for one in begun}
    if begun or over:
        store.commit_setbacks(since, over.keys(), shipments)
    return {key: at for key, at in {**told, **since}.items() if key not in over}


def tell_of_sources(states: Mapping[str, SourceState], installed: Installed, store: Store, now: datetime) -> None:
    """Tell what has become wrong with sources since the last time, and what is over. Raises StoreError.

    What was told is committed with the alerts, so that a crash repeats nothing. Sources that are paused or no longer
    configured end their troubles in silence.
    """
    config = installed.config
    known = store.troubles()
    changed: dict[str, Mapping[Trouble, datetime]] = {name: {} for name in known if name not in installed.sources}
    news: defaultdict[tuple[Trouble, bool], list[tuple[SourceState, datetime]]] = defaultdict(list)
    for name, source in installed.sources.items():
        state, before = states.get(name), known.get(name, {})
        if state is None or name in installed.drills:  # a drill that does not arrive is told of as such
            continue
        after = troubles(state, before, now, silent_for=config.source_silent_for, is_local=not source.host)
        if after == before:
            continue
        changed[name] = after
        for trouble in after.keys() - before.keys():
            news[trouble, False].append((state, after[trouble]))
        for trouble in before.keys() - after.keys():
            if _is_over(trouble, state):
                news[trouble, True].append((state, before[trouble]))
    if changed:
        alerts = [alert for what, found in news.items() for alert in _ship(what, found, installed, now)]
        store.commit_troubles(changed, alerts)
    for (trouble, is_over), found in news.items():
        for state, _ in found:
            level, event = (
                (logging.INFO, "a trouble is over") if is_over else (logging.WARNING, "a source is in trouble")
            )
            _log.log(level, event, extra={"source": state.id, "what": trouble.value})


def _is_over(trouble: Trouble, state: SourceState) -> bool:
    """Whether the end of a trouble is good news, and not another trouble or a pause."""
    return state.paused_at is None and (not state.failures or trouble not in (Trouble.FAILING, Trouble.GONE))


def _ship(
    what: tuple[Trouble, bool], found: Sequence[tuple[SourceState, datetime]], installed: Installed, now: datetime
) -> list[Shipment]:
    trouble, is_over = what
    config = installed.config
    title = sourcewords.title(trouble, [state.id for state, _ in found], config.language, is_over=is_over)
    lines = sourcewords.lines(trouble, found, config.language, config.timezone, is_over=is_over)
    text, *more = map(config.redact, lines)
    return [make_alert(channel, title, text, installed, now, more) for channel in config.ops_notify]


def make_alert(
    channel: str, title: str, text: str, installed: Installed, now: datetime, more: Sequence[str] = ()
) -> Shipment:
    """An alert with a headline, a text and more lines, each of which stands where an article does."""
    alert_id = f"n{secrets.token_hex(8)}"
    card = RuleCard(id=RULE, hash="", title="Rasid", severity=Severity.HIGH, notify=(channel,))
    articles = [
        Article(id=f"{alert_id}-{n}", source="rasid", title=head, text=body, published=now, seen=now)
        for n, (head, body) in enumerate([(title, text), *((line, "") for line in more)])
    ]
    matches = tuple(
        Match(article_id=one.id, version=1, rule=RULE, rule_hash="", severity=card.severity) for one in articles
    )
    shown = Alert(
        id=alert_id,
        channel=channel,
        code="",
        rules=(RULE,),
        severity=card.severity,
        group_key=f"{RULE}={alert_id}",  # each stands by itself
        sequence=1,
        matches=matches,
        stories=(),
        reason=Reason.FIRST.value,
        created=now,
    )
    told = {(article.id, 1): Told(article=article, story_id="") for article in articles}
    body = content(shown, told, {RULE: card})
    built = installed.channels.get(channel)
    deliveries = deliveries_for(alert_id, channel, built.recipients if built else (), now)
    # Stored without its match: there is no such article, and no promise about one.
    return replace(shown, matches=()), body, deliveries
