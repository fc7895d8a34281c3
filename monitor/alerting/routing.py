"""Decide which channels a match goes to, and its first disposition on each. Pure.

A match that no group may take has a disposition at once, with its reason in words: store-only (no channel wants it,
or its rule is on trial), baseline (older than its source's or its rule's first moment) or stale. All others go on to
a group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from monitor.model import Article, Disposition, Match, RuleCard, Severity
from monitor.timing import format_duration

NO_CHANNEL = ""
"""The channel under which a match stands that no channel wants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One new match with all that telling needs to know of it.

    `baseline` is the reason why it belongs to the baseline, "" when it does not (see `baseline_reason`). `terms` are
    what it hit of each list by which its rule groups. `publisher` is a key of who published it, `wire` the article
    whose text it carries: by these voices are counted.
    """

    match: Match
    article: Article
    story_id: str
    card: RuleCard
    baseline: str = ""
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    publisher: str = ""
    wire: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One channel of a match. `disposition` is None when a group of that channel is to take it."""

    channel: str
    disposition: Disposition | None = None
    reason: str = ""


def route(
    candidate: Candidate, now: datetime, floors: Mapping[str, Severity] = MappingProxyType({})
) -> tuple[Route, ...]:
    """Where a match goes: one route for each channel of its rule, or a single one under `NO_CHANNEL`.

    `floors` gives the lowest severity that a channel takes, by its name; by default it takes all.
    """
    card = candidate.card
    if card.is_trial:
        return (_stored("the rule is on trial"),)
    if not card.notify:
        return (_stored("the rule notifies no channel"),)
    disposition, reason = _kept_back(candidate, now)
    return tuple(
        _below(channel, floors[channel])
        if channel in floors and candidate.match.severity < floors[channel]
        else Route(channel=channel, disposition=disposition, reason=reason)
        for channel in dict.fromkeys(card.notify)
    )


def baseline_reason(
    article: Article,
    *,
    source_is_new: bool,
    since: timedelta | Literal["all"] | None,
    activated: datetime | None,
    now: datetime,
    first_seen: datetime | None = None,
) -> str:
    """Why a match on `article` belongs to the baseline, or "" when it may be told.

    `source_is_new`: this is the first document of a source that has a baseline. `since` is the source's option,
    counted from the publication date; an article without one is told. `activated` is when the rule became active in
    its present form, None when it is unknown. `first_seen` is when the article's first version came (default: its
    `seen`).
    """
    seen = first_seen or article.seen or now
    if activated is not None and seen < activated:
        return "the article came before the rule was activated"
    if not source_is_new or since == "all":
        return ""
    if since is None:
        return "it was in the first document of its source"
    if article.published is not None and now - article.published > since:
        return f"it was in the first document of its source, published more than {format_duration(since)} ago"
    return ""


def _stored(reason: str) -> Route:
    return Route(channel=NO_CHANNEL, disposition=Disposition.STORE_ONLY, reason=reason)


def _below(channel: str, floor: Severity) -> Route:
    above = "" if floor is Severity.CRITICAL else " and above"
    reason = f"the channel takes only {floor.word}{above}"
    return Route(channel=channel, disposition=Disposition.STORE_ONLY, reason=reason)


def _kept_back(candidate: Candidate, now: datetime) -> tuple[Disposition | None, str]:
    if candidate.baseline:
        return Disposition.BASELINE, candidate.baseline
    max_age = candidate.card.alert.max_age
    # A future date never makes an article young again: the earlier of both times counts.
    for moment, verb in ((candidate.article.published, "published"), (candidate.article.seen, "seen")):
        if moment is not None and now - moment > max_age:
            return (
                Disposition.STALE,
                f"{verb} {format_duration(now - moment)} ago, more than {format_duration(max_age)}",
            )
    return None, ""
