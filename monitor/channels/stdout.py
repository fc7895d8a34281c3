"""The channel kind `stdout`: each alert as one line of JSON on standard output, the webhook's body.

For pipes and for trying things out; who reads it should drop lines whose `id` it has seen.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime

from monitor.alerting.message import body_of
from monitor.alerting.retries import RetryPolicy
from monitor.channels import Channel, Tools
from monitor.channels.options import Options, read
from monitor.errors import Problem
from monitor.model import ChannelSpec, Message, Outcome, Retry, Sent

_IDLE = {"language": "the line is the same in every language"}


class StdoutOptions(Options):
    """There is nothing to configure beside `kind`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stdout:
    """Standard output as a channel."""

    name: str
    retry: RetryPolicy
    kind: str = "stdout"
    recipients: tuple[str, ...] = ("",)

    def send(self, message: Message, now: datetime) -> Outcome:
        """Write one line, whole."""
        line = body_of(message).decode()
        try:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        except (OSError, ValueError):  # ValueError: it is closed
            return Retry(reason="standard output takes nothing")
        return Sent(receipt="written")


class StdoutKind:
    """Checks options and builds the channel."""

    name = "stdout"
    options = StdoutOptions

    def check(self, spec: ChannelSpec) -> tuple[Problem, ...]:
        """Every fault of the options."""
        return read(StdoutOptions, spec, _IDLE)[1]

    def build(self, spec: ChannelSpec, tools: Tools) -> Channel:
        """The channel; what is shared is not needed."""
        return Stdout(name=spec.name, retry=RetryPolicy())


KIND = StdoutKind()
