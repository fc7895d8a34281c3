"""The channel kind `apprise`: plain text to whatever the library Apprise reaches, by one of its URLs.

The library is an extra (`pip install 'rasid[apprise]'`) and is loaded only for such a channel. It makes its own
connections, so that the host which a URL names is judged before each message, not at the connection itself; an answer
is no more than yes or no. The URL is a secret; what the library would log is not kept.
"""

from __future__ import annotations

import importlib
import logging
import socket
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.charset import CHARSETS
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from monitor.alerting.facts import facts
from monitor.alerting.notice import notice
from monitor.alerting.retries import RetryPolicy
from monitor.channels import Channel, Tools
from monitor.channels.marks import PLAIN, check_template, fitted
from monitor.channels.options import Duration, Language, Networks, Options, Waits, read
from monitor.channels.rendering import folder_of
from monitor.errors import HttpError, Problem
from monitor.http import guard
from monitor.http.deadline import Deadline
from monitor.http.guard import Network
from monitor.http.lookup import resolve
from monitor.kinds import problem
from monitor.model import ChannelSpec, Message, Outcome, Retry, Sent

LONGEST = 4_000
"""Characters; what a service takes beyond that, Apprise cuts or splits."""

_MISSING = "needs the library Apprise; install it: pip install 'rasid[apprise]'"
_TEMPLATE = "apprise.txt"


class AppriseOptions(Options):
    """What may be configured beside `kind`."""

    url: str = Field(repr=False)
    language: Language | None = None
    timeout: Duration = timedelta(seconds=30)
    retry: Waits = RetryPolicy().waits
    give_up: Duration = RetryPolicy().give_up
    private_networks: Networks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Apprise:
    """A service that Apprise reaches, as a channel."""

    name: str
    retry: RetryPolicy
    language: str
    timezone: ZoneInfo
    folder: Path | None
    service: Any = field(repr=False)
    timeout: timedelta
    allowed: Sequence[Network]
    kind: str = "apprise"
    recipients: tuple[str, ...] = ("",)

    def send(self, message: Message, now: datetime) -> Outcome:
        """Hand over title and text once, unless the service is at a private address."""
        if refused := self._refusal():
            return Retry(reason=refused, is_outage=True)
        this = facts(message.content, self.language, self.timezone, now)
        title = PLAIN.line(notice(this).first, this.language)
        text = fitted(this, self.folder, _TEMPLATE, PLAIN, lambda text: len(text) <= LONGEST)
        if self.service.notify(body=text, title=title, body_format="text"):
            return Sent(receipt="taken by Apprise")
        return Retry(reason="Apprise could not hand it over", is_outage=True)

    def _refusal(self) -> str:
        """Why the host that the URL names is not to be reached; "" when it may be, or when the URL names none."""
        host = _host(self.service[0])
        if not host:
            return ""
        try:
            with Deadline(self.timeout) as deadline:
                found = resolve(socket.getaddrinfo, host, 0, deadline)
        except HttpError:
            return "the host in its URL cannot be resolved"
        reasons = (guard.refusal(guard.parse(address[0]), self.allowed) for *_, address in found)
        refused = next(filter(None, reasons), "")
        return f"{refused}; allow it by 'private_networks' if it is meant" if refused else ""


def _host(service: Any) -> str:
    """The host that the URL of a service names; "" where an account's token stands in its place."""
    if not any("{host}" in form for form in service.templates or ()):
        return ""
    return str(getattr(service, "smtp_host", "") or service.host or "")


def _service(url: str, timeout: timedelta) -> Any:
    """The service that a URL names; None for one that is not understood. Raises ImportError without the library."""
    charsets = CHARSETS.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its plugins import what is deprecated; they are loaded here
        library = importlib.import_module("apprise")
        library.Apprise.instantiate("json://localhost")
    # One of them sets how this whole process encodes UTF-8 in e-mails: ours would come out as other bytes.
    CHARSETS.update(charsets)
    log = logging.getLogger("apprise")
    log.setLevel(logging.CRITICAL + 1)  # it quotes URLs
    asset = library.AppriseAsset(
        app_id="Rasid",
        app_desc="Rasid",
        allow_templates=False,
        http_redirects=False,
        interpret_emojis=False,
        interpret_escapes=False,
        secure_logging=True,
        service_timeout=timeout.total_seconds(),
        storage_mode="memory",
    )
    service = library.Apprise(asset=asset)
    return service if service.add(url) and len(service) == 1 else None


class AppriseKind:
    """Checks options and builds the channel."""

    name = "apprise"
    options = AppriseOptions

    def check(self, spec: ChannelSpec) -> tuple[Problem, ...]:
        """Every fault of the options and of the operator's templates, and whether the library is there."""
        options, problems = read(AppriseOptions, spec, {})
        problems += check_template(folder_of(spec.where), _TEMPLATE, PLAIN)
        if options is None:
            return problems
        about = f"channel {spec.name!r}: "
        try:
            if _service(options.url, options.timeout) is not None:
                return problems
        except ImportError:
            return (*problems, problem(f"{about}kind 'apprise' {_MISSING}", spec.where))
        return (*problems, problem(f"{about}'url': is not one that Apprise understands", spec.where))

    def build(self, spec: ChannelSpec, tools: Tools) -> Channel:
        """The channel of options without errors."""
        options, _ = read(AppriseOptions, spec, {})
        assert options is not None
        return Apprise(
            name=spec.name,
            retry=RetryPolicy(waits=options.retry, give_up=options.give_up),
            language=options.language or tools.language,
            timezone=tools.timezone,
            folder=folder_of(spec.where),
            service=_service(options.url, options.timeout),
            timeout=options.timeout,
            allowed=tools.session.private_networks if options.private_networks is None else options.private_networks,
        )


KIND = AppriseKind()
