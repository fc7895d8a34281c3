"""Why and why not, in short words: what became of a match on a channel, of a delivery, of a file that came again.

Pure: takes what the store remembers and how to write a time, returns lines. Times are those of `timezone`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from monitor.model import Delivery, DeliveryState, Disposition, Group
from monitor.store.history import AlertHistory, History, MatchHistory, StateHistory

Clock = Callable[[datetime | None], str]


def fate(state: StateHistory, groups: Mapping[tuple[str, str], Group], clock: Clock) -> tuple[str, ...]:
    """What became of a match on one channel: a line, and one more for each recipient when there are several.

    `groups` by channel and key say what is still to come.
    """
    group = groups.get((state.channel, state.group_key))
    where = f"on {state.channel}" if state.channel else "anywhere"
    match state.disposition:
        case Disposition.ALERTED if state.alert is not None:
            return _told(state.alert, clock)
        case Disposition.WAITING:
            due = f", to be told at {clock(group.due)}" if group and group.due else ""
            return (f"Not told {where} yet: waiting in {state.code}{due}",)
        case Disposition.FOLDED:
            sent = f" (sent {clock(group.last_told)})" if group and group.last_told else ""
            quiet = f", quiet until {clock(group.quiet_until)}" if group and group.quiet_until else ""
            return (f"Not told {where}: folded into {state.code}{sent}{quiet}",)
        case Disposition.STALE:
            return (f"Not told {where}: too old, {state.reason}",)
        case Disposition.SILENCED:
            return (f"Not told {where}: silenced at {clock(state.at)} ({state.reason})",)
        case Disposition.WITHDRAWN:
            return (f"Not told {where}: withdrawn at {clock(state.at)}, {state.reason}",)
        case _:
            return (f"Not told {where}: {state.reason}",)


def _told(history: AlertHistory, clock: Clock) -> tuple[str, ...]:
    alert, deliveries = history.alert, history.deliveries
    receipts = dict(history.receipts)
    sent = [delivery for delivery in deliveries if delivery.state is DeliveryState.SENT]
    update = f", update {alert.sequence - 1}" if alert.sequence > 1 else ""
    head = f"on {alert.channel} at {clock(alert.created)} ({alert.code}{update})"
    verb = "Told" if sent and len(sent) == len(deliveries) else "Partly told" if sent else "Alert not yet delivered"
    if not sent and any(d.state in (DeliveryState.DEAD, DeliveryState.PARKED) for d in deliveries):
        verb = "Alert not delivered"
    if len(deliveries) == 1:
        (delivery,) = deliveries
        return (f"{verb} {head}: {progress(delivery, receipts.get(delivery.id, ''), clock)}",)
    lines = (f"  {d.recipient or d.channel}: {progress(d, receipts.get(d.id, ''), clock)}" for d in deliveries)
    return (f"{verb} {head}:", *lines)


def progress(delivery: Delivery, receipt: str, clock: Clock) -> str:
    """Where a delivery stands."""
    tries = f"{delivery.attempts} {'try' if delivery.attempts == 1 else 'tries'}"
    match delivery.state:
        case DeliveryState.SENT:
            again = f" after {tries}" if delivery.attempts > 1 else ""
            return f"delivered{again}{', ' + receipt if receipt else ''}"
        case DeliveryState.LEASED:
            return "being delivered"
        case DeliveryState.DEAD | DeliveryState.PARKED:
            verb = "given up" if delivery.state is DeliveryState.DEAD else "parked"
            again = f"to try again: rasid deliveries retry {delivery.id[:9]}"
            return f"{verb} after {tries}: {delivery.last_error}; {again}"
        case DeliveryState.HELD:
            return f"held until {clock(delivery.due)}"
        case _ if delivery.attempts:
            return f"{tries} failed ({delivery.last_error}), next at {clock(delivery.due)}"
        case _:
            return "not tried yet"


def outcome(history: MatchHistory, groups: Mapping[tuple[str, str], Group], clock: Clock) -> Iterator[str]:
    """Everything that became of one match, a line each."""
    if history.lost:
        yield f"Version {history.lost} of the article no longer holds it"
    shown = set()
    for state in history.states:
        yield from fate(state, groups, clock)
        shown.add(state.alert.alert.id if state.alert else "")
    for alert in history.alerts:
        if alert.alert.id not in shown:
            yield from _told(alert, clock)


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
