"""Whom to leave alone after 429, 503 or a Retry-After, and for how long. Pure.

429 pauses the registrable domain, 503 the host, any other Retry-After the source; `backoff_scope` overrides that. A
wish without a time pauses for an hour, then a day, then two.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from monitor.model import Failure, Pause

LONGEST = timedelta(days=7)
WITHOUT_A_TIME = (timedelta(hours=1), timedelta(hours=24), timedelta(hours=48))
SCOPES = ("source", "host", "domain")
_SCOPE_OF = {429: "domain", 503: "host"}


def scopes(source: str, host: str, domain: str) -> tuple[str, ...]:
    """The names under which a pause of a source is kept."""
    return (f"source:{source}", *([f"host:{host}"] if host else []), *([f"domain:{domain}"] if domain else []))


def holds(pause: Pause, now: datetime) -> bool:
    """Whether a pause binds now. One that begins later, or lasts longer than any may, is a wrong clock's."""
    return pause.since <= now < pause.until <= pause.since + LONGEST


def after(
    failure: Failure,
    known: Mapping[str, Pause],
    now: datetime,
    *,
    own_host: str,
    domain: str,
    scope: str = "",
) -> tuple[Pause, ...]:
    """The pauses that follow from a failure; none where the server wishes none.

    `known` are the pauses so far by scope; `own_host` is the host of the source's address, `domain` the registrable
    domain of the host that answered, `scope` the source's `backoff_scope`.
    """
    if failure.status not in _SCOPE_OF and failure.not_before is None:
        return ()
    wide = scope or _SCOPE_OF.get(failure.status, "source")
    names = {"source": failure.source, "host": failure.host, "domain": domain or failure.host}
    found = {f"{wide}:{names[wide]}"}
    if failure.host != own_host:  # a redirect led there: the pause of that host would not hold this source
        found.add(f"source:{failure.source}")
    return tuple(_pause(name, failure, known.get(name), now) for name in sorted(found))


def _pause(scope: str, failure: Failure, before: Pause | None, now: datetime) -> Pause:
    reason = f"status {failure.status}"
    if failure.not_before is not None:
        until = min(failure.not_before, now + LONGEST)
        return Pause(scope=scope, since=now, until=until, reason=f"{reason} with Retry-After")
    strikes = before.strikes if before is not None and before.since <= now else 0
    if before is None or not holds(before, now) or not before.strikes:  # answers to requests under way count once
        strikes += 1
    until = now + WITHOUT_A_TIME[min(strikes, len(WITHOUT_A_TIME)) - 1]
    return Pause(scope=scope, since=now, until=until, strikes=strikes, reason=reason)
