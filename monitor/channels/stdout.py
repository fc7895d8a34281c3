"""The channel kind `stdout`: each alert on standard output, for a person on a terminal, else as a line of JSON.

The line is the webhook's body; who reads it should drop lines whose `id` it has seen. A person gets the text of the
e-mail, whose words are cleaned of all that a terminal would obey.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.alerting.facts import facts
from monitor.alerting.letter import letter
from monitor.alerting.message import body_of
from monitor.alerting.retries import RetryPolicy
from monitor.channels import Channel, Tools
from monitor.channels.mail import TEXT, text_values
from monitor.channels.options import Options, read
from monitor.channels.rendering import fill
from monitor.errors import Problem
from monitor.model import ChannelSpec, Message, Outcome, Retry, Sent

_IDLE = {"language": "a terminal shows the configuration's, and a line of JSON has none"}


class StdoutOptions(Options):
    """There is nothing to configure beside `kind`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stdout:
    """Standard output as a channel."""

    name: str
    retry: RetryPolicy
    language: str
    timezone: ZoneInfo
    kind: str = "stdout"
    recipients: tuple[str, ...] = ("",)

    def send(self, message: Message, now: datetime) -> Outcome:
        """Write it whole."""
        try:
            shown = self._letter(message, now) if sys.stdout.isatty() else body_of(message).decode()
            sys.stdout.write(shown + "\n")
            sys.stdout.flush()
        except (OSError, ValueError):  # ValueError: it is closed
            return Retry(reason="standard output takes nothing")
        return Sent(receipt="written")

    def _letter(self, message: Message, now: datetime) -> str:
        """What a person is to read: subject and text of the e-mail, set off from what stands before."""
        this = facts(message.content, self.language, self.timezone, now)
        told = letter(this)
        text = fill(None, TEXT, this.language, text_values(told, this.language))
        return f"\n== {told.subject}\n\n{text.strip()}\n"


class StdoutKind:
    """Checks options and builds the channel."""

    name = "stdout"
    options = StdoutOptions

    def check(self, spec: ChannelSpec) -> tuple[Problem, ...]:
        """Every fault of the options."""
        return read(StdoutOptions, spec, _IDLE)[1]

    def build(self, spec: ChannelSpec, tools: Tools) -> Channel:
        """The channel, in the language and the time of the configuration."""
        return Stdout(name=spec.name, retry=RetryPolicy(), language=tools.language, timezone=tools.timezone)


KIND = StdoutKind()
