"""Tell the operator through the channels of `ops: notify`: an alert without matches, delivered like every other.

It goes through the outbox, so that a channel that is down gets it later, and `rasid deliveries` shows it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from monitor.alerting.groups import Reason, Told
from monitor.alerting.message import content
from monitor.daemon.wiring import Installed
from monitor.model import Alert, Article, Delivery, DeliveryState, Match, RuleCard, Severity
from monitor.store import Store

RULE = "ops"
_REFUSED = {
    "en": "A reload was refused; the last good rules and configuration go on",
    "ar": "رُفضت إعادة التحميل، والعمل مستمر بآخر قواعد وإعدادات سليمة",
}


def tell_refusal(lines: Sequence[str], installed: Installed, store: Store, now: datetime) -> None:
    """Put the news of a refused reload into the outbox of each ops channel. Raises StoreError."""
    config = installed.config
    title = _REFUSED.get(config.language, _REFUSED["en"])
    text = config.redact("\n\n".join(lines))
    for channel in config.ops_notify:
        _commit(channel, title, text, installed, store, now)


def _commit(channel: str, title: str, text: str, installed: Installed, store: Store, now: datetime) -> None:
    alert_id = f"n{secrets.token_hex(8)}"
    card = RuleCard(id=RULE, hash="", title="Rasid", severity=Severity.HIGH, notify=(channel,))
    article = Article(id=alert_id, source="rasid", title=title, text=text, published=now, seen=now)
    match = Match(article_id=article.id, version=1, rule=RULE, rule_hash="", severity=card.severity)
    shown = Alert(
        id=alert_id,
        channel=channel,
        code="",
        rules=(RULE,),
        severity=card.severity,
        group_key=f"{RULE}={alert_id}",  # each stands by itself
        sequence=1,
        matches=(match,),
        stories=(),
        reason=Reason.FIRST.value,
        created=now,
    )
    body = content(shown, {(article.id, 1): Told(article=article, story_id="")}, {RULE: card})
    built = installed.channels.get(channel)
    deliveries = [
        Delivery(
            id=f"d{secrets.token_hex(10)}",
            alert_id=alert_id,
            channel=channel,
            recipient=recipient,
            state=DeliveryState.PENDING,
            due=now,
            created=now,
        )
        for recipient in dict.fromkeys(built.recipients if built and built.recipients else ("",))
    ]
    # Stored without its match: there is no such article, and no promise about one.
    store.commit_alert(replace(shown, matches=()), body, deliveries, (), (), now)
