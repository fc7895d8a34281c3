"""Why and why not, in short words: what became of a match on a channel, of a delivery, of a file that came again.

Pure: takes what the store remembers and how to write a time, returns lines. Times are those of `timezone`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from monitor.alerting.digest import GROUP
from monitor.alerting.groups import Reason
from monitor.config import Config
from monitor.model import Alert, Delivery, DeliveryState, Disposition, Group
from monitor.store.history import AlertHistory, History, MatchHistory, StateHistory

Clock = Callable[[datetime | None], str]
Obstacle = Callable[[str], str]


def no_obstacle(channel: str) -> str:
    """Every channel can be reached."""
    return ""


def fate(
    state: StateHistory,
    groups: Mapping[tuple[str, str], Group],
    clock: Clock,
    obstacle: Obstacle = no_obstacle,
    *,
    spread: int = 0,
) -> tuple[str, ...]:
    """What became of a match on one channel: a line, and one more for each recipient when there are several.

    `groups` by channel and key say what is still to come, `obstacle` why nothing can be sent on a
    channel, "" when something can; `spread` is how many new publishers end the quiet of the rule.
    """
    group = groups.get((state.channel, state.group_key))
    where = f"on {state.channel}" if state.channel else "anywhere"
    match state.disposition:
        case Disposition.ALERTED if state.alert is not None:
            return told(state.alert, clock, obstacle)
        case Disposition.WAITING:
            due = f", to be told at {clock(group.due)}" if group and group.due else ""
            return (f"Not told {where} yet: waiting in {state.code}{due}",)
        case Disposition.FOLDED:
            sent = f" (sent {clock(group.last_told)})" if group and group.last_told else ""
            quiet = f", quiet until {clock(group.quiet_until)}" if group and group.quiet_until else ""
            news = f"; {len(group.new_publishers)} of {spread} new publishers so far" if group and spread else ""
            return (f"Not told {where}: folded into {state.code}{sent}{quiet}{news}",)
        case Disposition.STALE:
            return (f"Not told {where}: too old, {state.reason}",)
        case Disposition.SILENCED:
            return (f"Not told {where}: silenced at {clock(state.at)} ({state.reason})",)
        case Disposition.WITHDRAWN:
            return (f"Not told {where}: withdrawn at {clock(state.at)}, {state.reason}",)
        case _:
            return (f"Not told {where}: {state.reason}",)


def told(history: AlertHistory, clock: Clock, obstacle: Obstacle = no_obstacle) -> tuple[str, ...]:
    """What became of an alert and why it was made: a line, and one more for each recipient when there are several."""
    alert, deliveries = history.alert, history.deliveries
    receipts = dict(history.receipts)
    sent = [delivery for delivery in deliveries if delivery.state is DeliveryState.SENT]
    given_up = any(d.state in (DeliveryState.DEAD, DeliveryState.PARKED) for d in deliveries)
    verb = "Told" if sent and len(sent) == len(deliveries) else "Partly told" if sent else "Not told"
    if not sent and not given_up:
        verb = "Not yet told"
    made = f"at {clock(alert.created)}" if sent else f"since {clock(alert.created)}"
    head = f"{verb} on {alert.channel} {made} ({why(alert)})"
    lines = [
        progress(
            delivery,
            receipts.get(delivery.id, ""),
            clock,
            obstacle=obstacle(delivery.channel),
            is_together=delivery.id in history.together,
        )
        for delivery in deliveries
    ]
    if len(lines) == 1:
        return (f"{head}: {lines[0]}",)
    return (f"{head}:", *(f"  {d.recipient or d.channel}: {line}" for d, line in zip(deliveries, lines, strict=True)))


def why(alert: Alert) -> str:
    """An alert's code, and why it was made when it was."""
    if alert.reason == GROUP:
        return "a digest"
    reason = Reason(alert.reason).words
    update = f", update {alert.sequence - 1}" if alert.sequence > 1 else ""
    return f"{alert.code}{update}: {reason}" if alert.code else reason


def progress(delivery: Delivery, receipt: str, clock: Clock, *, obstacle: str = "", is_together: bool = False) -> str:
    """Where a delivery stands. `obstacle` is why nothing can be sent on its channel; `is_together`: a digest tells
    it."""
    tries = f"{delivery.attempts} {'try' if delivery.attempts == 1 else 'tries'}"
    match delivery.state:
        case DeliveryState.SENT:
            way = " in a digest" if is_together else ""
            again = f" after {tries}" if delivery.attempts > 1 else ""
            return f"delivered{way}{again}{', ' + receipt if receipt else ''}"
        case DeliveryState.LEASED:
            return "being delivered"
        case DeliveryState.DEAD | DeliveryState.PARKED:
            verb = "given up" if delivery.state is DeliveryState.DEAD else "parked"
            what = "the digest that tells it was " if is_together else ""
            after = f" after {tries}" if delivery.attempts else ""
            again = f"to try again: rasid deliveries retry {delivery.id[:9]}"
            return f"{what}{verb}{after}: {delivery.last_error}; {again}"
        case DeliveryState.HELD if is_together:
            return f"in a digest that is not delivered yet{'; ' + obstacle if obstacle else ''}"
        case DeliveryState.HELD:
            return f"held until {clock(delivery.due)}{': ' + delivery.last_error if delivery.last_error else ''}"
        case _ if obstacle:
            failed = f"{tries} failed ({delivery.last_error}); " if delivery.attempts else ""
            return f"waits: {failed}{obstacle}"
        case _ if delivery.attempts:
            return f"{tries} failed ({delivery.last_error}), next at {clock(delivery.due)}"
        case _:
            return f"not tried yet, due at {clock(delivery.due)}"


def outcome(
    history: MatchHistory,
    groups: Mapping[tuple[str, str], Group],
    clock: Clock,
    obstacle: Obstacle = no_obstacle,
    *,
    spread: int = 0,
) -> Iterator[str]:
    """Everything that became of one match, a line each; arguments as of `fate`."""
    if history.lost:
        yield f"Version {history.lost} of the article no longer holds it"
    shown = set()
    for state in history.states:
        yield from fate(state, groups, clock, obstacle, spread=spread)
        shown.add(state.alert.alert.id if state.alert else "")
    for alert in history.alerts:
        if alert.alert.id not in shown:
            yield from told(alert, clock, obstacle)


def repeats(history: History, clock: Clock) -> Iterator[str]:
    """The files in which the article came again."""
    if not history.files:
        return
    first, *others = sorted(history.files, key=lambda file: file.first_taken)
    if first.times == 2:
        yield f"Dropped again at {clock(first.last_taken)} with the same bytes: already known, nothing told"
    elif first.times > 2:
        again = f"{first.times - 1} times, last at {clock(first.last_taken)}"
        yield f"Dropped again {again}, with the same bytes: already known, nothing told"
    for file in others:
        yield f"Came also in {file.name} at {clock(file.first_taken)}: the same article"


def missing(config: Config, channel: str) -> str:
    """Why there is no such channel; "" when there is."""
    if channel in {spec.name for spec in config.channels}:
        return ""
    off = [item.reason for item in config.disabled if (item.what, item.name) == ("channel", channel)]
    return f"channel {channel!r} is off: {off[0]}" if off else f"channel {channel!r} is not configured"
