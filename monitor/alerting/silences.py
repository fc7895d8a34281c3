"""Decide whether a silence mutes a match. Pure: labels in, the first silence that holds out.

Labels are what people write in a silence: rule, channel, code, severity, story, source, publisher, entity (several).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from monitor.model import Silence

LABELS = ("rule", "entity", "source", "publisher", "severity", "channel", "story", "code")
"""The labels that a silence may name."""

Labels = Mapping[str, Collection[str]]
"""The values of each label; a matcher holds when its value is one of them."""


def silenced_by(silences: Iterable[Silence], labels: Labels, now: datetime) -> Silence | None:
    """The silence that mutes what carries these labels now, or None. `ends` is exclusive."""
    for silence in silences:
        if silence.starts <= now < silence.ends and _holds(silence, labels):
            return silence
    return None


def _holds(silence: Silence, labels: Labels) -> bool:
    # A silence without matchers would mute everything: it mutes nothing.
    return bool(silence.matchers) and all(value in labels.get(label, ()) for label, value in silence.matchers)
