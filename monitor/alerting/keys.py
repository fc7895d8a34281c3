"""Name the groups that a match belongs to: on each channel one for every group key. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from monitor.alerting.routing import Candidate

GroupId = tuple[str, str]
"""Channel and group key."""


def keys(candidate: Candidate) -> tuple[str, ...]:
    """The group keys of a match: one, or as many as it has entities, or terms of a list, when its rule groups by
    those.
    """
    match = candidate.match
    if not candidate.card.alert.group_by:
        return (f"match={match.rule}/{match.article_id}/{match.version}",)
    values: dict[str, tuple[str, ...]] = {
        "story": (candidate.story_id,),
        "rule": (match.rule,),
        "source": (candidate.article.source,),
        "entity": match.entities or ("",),
        "publisher": (candidate.article.publisher,),
        "severity": (match.severity.word,),
    }
    parts = (
        [f"{label}={_escaped(value)}" for value in values.get(label) or candidate.terms.get(label) or ("",)]
        for label in candidate.card.alert.group_by
    )
    return tuple(dict.fromkeys("|".join(combination) for combination in product(*parts)))


def channels(candidate: Candidate) -> tuple[str, ...]:
    """The channels that a match may go to: those of its rule, and those that its escalation brings in."""
    steps = (channel for step in candidate.card.alert.escalate for channel in step.notify)
    return tuple(dict.fromkeys((*candidate.card.notify, *steps)))


def wanted(candidates: Iterable[Candidate]) -> frozenset[GroupId]:
    """The groups that `collect` needs to see for these candidates."""
    return frozenset(
        (channel, key) for candidate in candidates for channel in channels(candidate) for key in keys(candidate)
    )


def _escaped(value: str) -> str:
    return value.replace("%", "%25").replace("|", "%7C")
