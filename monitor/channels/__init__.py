"""Channels: named destinations. One file per kind, found by scanning this package; third parties by entry point.

A kind validates its own options and has one verb, `send`, which renders one message and says what came of it. It
never stores anything, never changes the message, and never puts a secret into a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from monitor.alerting.retries import RetryPolicy
from monitor.errors import ConfigError, Level, Problem
from monitor.kinds import scan, unknown
from monitor.model import ChannelSpec, Message, Outcome

if TYPE_CHECKING:
    from monitor.http.session import Session

__all__ = ["Channel", "ChannelKind", "RetryPolicy", "Tools", "build", "check", "kinds"]

ENTRY_POINTS = "rasid.channels"
UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What channels share: the guarded session, and the configuration's language and timezone for the words."""

    session: Session
    language: str = "en"
    timezone: ZoneInfo = UTC


class Channel(Protocol):
    """A configured channel. `repr` shows no secret.

    `recipients` are told one by one, each by a delivery of its own; `("",)` where the channel is the only recipient.
    """

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def retry(self) -> RetryPolicy: ...

    @property
    def recipients(self) -> tuple[str, ...]: ...

    def send(self, message: Message, now: datetime) -> Outcome:
        """Try to tell one message to its recipient, and say what came of it. Raises nothing on purpose.

        The delivery's id goes along on every try. `message.recipient` is "" when the alert was made while the channel
        could not be built: then the message is for all recipients.
        """


class ChannelKind(Protocol):
    """One kind of channel. Its module holds it as `KIND`."""

    @property
    def name(self) -> str: ...

    def check(self, spec: ChannelSpec) -> tuple[Problem, ...]:
        """Every fault of the options, and warnings about those that do nothing yet."""

    def build(self, spec: ChannelSpec, tools: Tools) -> Channel:
        """The channel of options that `check` finds no error in."""


def kinds() -> Mapping[str, ChannelKind]:
    """Every kind there is, by name: this package's own, then those of installed entry points."""
    return scan(__name__, tuple(__path__), ENTRY_POINTS)


def check(spec: ChannelSpec) -> tuple[Problem, ...]:
    """Every problem of one channel's configuration."""
    known = kinds()
    if spec.kind not in known:
        return (unknown(f"channel {spec.name!r}", spec.kind, known, spec.where),)
    return known[spec.kind].check(spec)


def build(spec: ChannelSpec, tools: Tools) -> Channel:
    """The channel of a specification. Raises ConfigError with every error of its options."""
    errors = [problem for problem in check(spec) if problem.level is Level.ERROR]
    if errors:
        raise ConfigError(errors)
    return kinds()[spec.kind].build(spec, tools)
