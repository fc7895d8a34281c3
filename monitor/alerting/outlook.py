"""Foresee what would become of a match: for each channel of its rule, whether, when and how it would be told. Pure.

The same decisions as in earnest (`routing`, `silences`, `calm`), asked for a rule at a time, without sending.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.alerting.calm import Calm, hold
from monitor.alerting.retries import Health
from monitor.alerting.silences import silenced_by
from monitor.model import RuleCard, Severity, Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What a channel would do with a match. `at` is when it would be told, None for never; `reasons` say why not now.

    `channel` is "" when the rule tells nobody.
    """

    channel: str
    at: datetime | None
    reasons: tuple[str, ...] = ()


def outlook(
    card: RuleCard,
    severity: Severity,
    at: datetime,
    *,
    calm: Mapping[str, Calm],
    silences: Sequence[Silence] = (),
    health: Mapping[str, Health] | None = None,
    off: Mapping[str, str] | None = None,
    sent: Mapping[str, Sequence[datetime]] | None = None,
) -> tuple[Prospect, ...]:
    """What would become of a match of a rule at a time, on a channel that has told nothing of the kind before.

    `off` are channels that cannot be used, with the reason; `sent` when each channel was sent messages lately.
    Silences count when they name nothing but rule, severity and channel: whether others hold depends on the article.
    """
    if card.is_trial:
        return (Prospect(channel="", at=None, reasons=("the rule is on trial: stored and counted, told to nobody",)),)
    if not card.notify:
        return (Prospect(channel="", at=None, reasons=("the rule notifies no channel: stored only",)),)
    return tuple(
        _prospect(
            channel,
            card,
            severity,
            at,
            calm.get(channel, Calm()),
            silences,
            (health or {}).get(channel, Health()),
            (off or {}).get(channel, ""),
            (sent or {}).get(channel, ()),
        )
        for channel in dict.fromkeys(card.notify)
    )


def _prospect(
    channel: str,
    card: RuleCard,
    severity: Severity,
    at: datetime,
    calm: Calm,
    silences: Sequence[Silence],
    health: Health,
    off: str,
    sent: Sequence[datetime],
) -> Prospect:
    if severity < calm.from_severity:
        reason = f"stored only: the channel takes {calm.from_severity.word} and above"
        return Prospect(channel=channel, at=None, reasons=(reason,))
    told = at + card.alert.group_wait
    labels: dict[str, Collection[str]] = {"rule": (card.id,), "severity": (severity.word,), "channel": (channel,)}
    if silence := silenced_by(silences, labels, told):
        reason = f"silenced by {silence.author} until the silence {silence.id} ends: {silence.reason}"
        return Prospect(channel=channel, at=None, reasons=(reason,))
    reasons = [f"gathered for {_seconds(card)} first"] if card.alert.group_wait else []
    if why := hold(calm, severity, told, sent):
        told = why.until
        reasons.append(f"held: {why.reason}")
    if off:
        return Prospect(channel=channel, at=None, reasons=(*reasons, f"waits: the channel is off: {off}"))
    if health.failures:
        reasons.append(f"the channel failed {health.failures} times in a row: {health.reason}")
    return Prospect(channel=channel, at=told, reasons=tuple(reasons))


def _seconds(card: RuleCard) -> str:
    return f"{card.alert.group_wait.total_seconds():g} s"
