"""What kinds share that POST: options, the one way a message is tried, and how a channel is checked and built.

A kind says what its options are, how a message becomes requests, and what an answer means; all else is here. The
first request is the message as it should be; a further one is plainer, for a receiver that could not read the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from monitor.alerting.facts import Facts, facts
from monitor.alerting.message import encode
from monitor.alerting.notice import notice
from monitor.alerting.retries import RetryPolicy
from monitor.channels import Channel, Tools
from monitor.channels.answers import Unreadable, judge, lost
from monitor.channels.marks import Marks, check_template, fitted
from monitor.channels.options import Duration, Language, Networks, Options, Waits, read
from monitor.channels.rendering import folder_of
from monitor.errors import HttpError, Problem
from monitor.http.guard import Network
from monitor.http.keeping import Line
from monitor.http.session import Response, Session
from monitor.model import ChannelSpec, Message, Outcome

TIMEOUT = timedelta(seconds=15)
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def _http(value: str) -> str:
    if not value.lower().startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return value


Url = Annotated[str, AfterValidator(_http)]


class PostOptions(Options):
    """What may be configured for every kind that POSTs."""

    timeout: Duration = TIMEOUT
    retry: Waits = RetryPolicy().waits
    give_up: Duration = RetryPolicy().give_up
    private_networks: Networks | None = None


class TellOptions(PostOptions):
    """The same for kinds whose messages are in somebody's language."""

    language: Language | None = None


class UrlOptions(TellOptions):
    """The same for kinds whose only address is one secret URL."""

    url: Url = Field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One POST. Nothing of it may be shown."""

    url: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A message and who reads it. `folder` holds the operator's own templates, where there are any."""

    message: Message
    this: Facts
    folder: Path | None

    @property
    def root(self) -> str:
        """What the channel's own receipt calls the first message of the group; "" where this is the first."""
        return self.message.thread.rpartition(" ")[2]

    def first(self, marks: Marks) -> str:
        """The first line."""
        return marks.line(notice(self.this).first, self.this.language)

    def text(self, template: str, marks: Marks, fits: Callable[[str], bool]) -> str:
        """All behind the first line, cut to what `fits`."""
        return fitted(self.this, self.folder, template, marks, fits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """A channel that POSTs, built."""

    name: str
    kind: str
    retry: RetryPolicy
    timeout: timedelta
    language: str
    timezone: ZoneInfo
    private_networks: tuple[Network, ...] | None
    folder: Path | None
    session: Session = field(repr=False)
    line: Line = field(default_factory=Line, repr=False)
    requests: Callable[[Telling], Iterable[Request]] = field(repr=False)
    judge: Callable[[Response, datetime], Outcome] = field(repr=False)
    recipients: tuple[str, ...] = ("",)

    def send(self, message: Message, now: datetime) -> Outcome:
        """POST the message; once more, plainer, where there is such a form and the receiver cannot read the first."""
        this = facts(message.content, self.language, self.timezone, now)
        telling = Telling(message=message, this=this, folder=self.folder)
        outcome: Outcome = Unreadable(reason="there is nothing to send")
        for request in self.requests(telling):
            headers = {
                **request.headers,
                "Content-Type": "application/json; charset=utf-8",
                # For receivers that drop repetitions, and for those who read logs between.
                "webhook-id": message.delivery_id,
            }
            try:
                response = self.session.post(
                    request.url,
                    request.body,
                    headers=headers,
                    timeout=self.timeout,
                    private_networks=self.private_networks,
                    line=self.line,
                )
            except HttpError as error:
                return lost(error)
            outcome = self.judge(response, now)
            if not isinstance(outcome, Unreadable):
                break
        return outcome


Given = TypeVar("Given", bound=PostOptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostKind(Generic[Given]):
    """A kind that POSTs: checks options and builds channels. `idle` are options without effect, and why;
    `templates` those that its texts are made of; `pace` the least time between two messages."""

    name: str
    options: type[Given]
    requests: Callable[[Given, Telling], Iterable[Request]]
    judge: Callable[[Response, datetime], Outcome] = judge
    idle: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, Marks] = field(default_factory=dict)
    pace: timedelta = timedelta(0)

    def check(self, spec: ChannelSpec) -> tuple[Problem, ...]:
        """Every fault of the options, and of the operator's templates."""
        folder = folder_of(spec.where)
        found = [check_template(folder, name, marks) for name, marks in self.templates.items()]
        return sum(found, read(self.options, spec, self.idle)[1])

    def build(self, spec: ChannelSpec, tools: Tools) -> Channel:
        """The channel of options without errors."""
        options, _ = read(self.options, spec, self.idle)
        assert options is not None
        return Poster(
            name=spec.name,
            kind=self.name,
            retry=RetryPolicy(waits=options.retry, give_up=options.give_up, pace=self.pace),
            timeout=options.timeout,
            language=(options.language if isinstance(options, TellOptions) else None) or tools.language,
            timezone=tools.timezone,
            private_networks=options.private_networks,
            folder=folder_of(spec.where),
            session=tools.session,
            requests=partial(self.requests, options),
            judge=self.judge,
        )


def post(url: str, body: Mapping[str, object], headers: Mapping[str, str] = _NO_HEADERS) -> Request:
    """A request with a body in JSON."""
    return Request(url=url, body=encode(body), headers=headers)
