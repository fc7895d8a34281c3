"""The channel kind `email`: one delivery for each recipient, text and HTML, through the operator's own mail server.

`smtps://` begins with TLS; `smtp://` must offer STARTTLS unless the options say that it need not. The password is a
secret. Message-IDs come from the delivery, so that a repetition is seen as one by mail programs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from monitor.alerting.retries import SCHEDULE, RetryPolicy
from monitor.channels import Channel, Tools
from monitor.channels.mail import HeaderMismatch, build, check_templates
from monitor.channels.options import Duration, Language, Options, Waits, read
from monitor.channels.rendering import folder_of
from monitor.channels.smtp import Server, send
from monitor.errors import Problem
from monitor.model import ChannelSpec, Message, Outcome, Rejected, Retry, Sent

TIMEOUT = timedelta(seconds=30)
PATIENCE = RetryPolicy(waits=SCHEDULE[1:], give_up=timedelta(days=4))
"""Greylisting wants the second try after five minutes; mail servers give up after four days (RFC 5321, 4.5.4.1)."""
_PORTS = {"smtps": 465, "smtp": 587}
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")


def _recipients(value: object) -> object:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed:
        raise ValueError("must be an address or a list of addresses")
    for address in listed:
        if not isinstance(address, str) or not _is_address(address):
            raise ValueError("must hold plain addresses such as desk@example.org")
    return tuple(dict.fromkeys(listed))


def _sender(value: object) -> object:
    if not isinstance(value, str) or not value.isprintable() or "=?" in value:
        raise ValueError("must be an address such as rasid@example.org or Rasid <rasid@example.org>")
    name, address = parseaddr(value)
    if not _is_address(address) or value.strip() not in (address, f"{name} <{address}>"):
        raise ValueError("must be an address such as rasid@example.org or Rasid <rasid@example.org>")
    return value.strip()


def _server(value: object) -> object:
    wanted = "must be smtps://user@host or smtp://user@host, with :port where it is another"
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        port = parts.port
    except ValueError:
        raise ValueError(wanted) from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(wanted)
    if parts.password is not None:
        raise ValueError("holds a password; write it as 'password: ${file:NAME}'")
    is_implicit = parts.scheme == "smtps"
    user = unquote(parts.username or "")
    if not user.isascii() or not user.isprintable():
        raise ValueError(wanted)
    return Server(host=parts.hostname, port=port or _PORTS[parts.scheme], user=user, is_implicit=is_implicit)


def _starttls(value: object) -> object:
    if value not in ("required", "off"):
        raise ValueError("must be required or off")
    return value


def _is_address(text: str) -> bool:
    return bool(_ADDRESS.fullmatch(text)) and ".." not in text and "=?" not in text


class EmailOptions(Options):
    """What may be configured beside `kind`."""

    model_config = ConfigDict(populate_by_name=False)

    to: Annotated[tuple[str, ...], BeforeValidator(_recipients)]
    sender: Annotated[str, BeforeValidator(_sender)] = Field(alias="from")
    server: Annotated[Server, BeforeValidator(_server)]
    password: str = Field(default="", repr=False)
    starttls: Annotated[str, BeforeValidator(_starttls)] = "required"
    language: Language | None = None
    timeout: Duration = TIMEOUT
    retry: Waits = PATIENCE.waits
    give_up: Duration = PATIENCE.give_up

    @model_validator(mode="after")
    def _fits(self) -> EmailOptions:
        if bool(self.password) != bool(self.server.user):
            missing = "user; write smtps://USER@host" if self.password else "password; write 'password: ${file:NAME}'"
            raise ValueError(f"'server' and 'password': there is no {missing}")
        if self.password and self.starttls == "off" and not self.server.is_implicit:
            raise ValueError("'starttls': a password needs an encrypted connection")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """An e-mail channel, built."""

    name: str
    retry: RetryPolicy
    recipients: tuple[str, ...]
    sender: str
    server: Server
    needs_starttls: bool
    timeout: timedelta
    language: str
    timezone: ZoneInfo
    password: str = field(repr=False)
    folder: Path | None = None
    kind: str = "email"

    def send(self, message: Message, now: datetime) -> Outcome:
        """Send the message to its recipient; to all when it has none of its own."""
        outcomes = {
            to: self._send(message, to, now) for to in ([message.recipient] if message.recipient else self.recipients)
        }
        return _together(outcomes)

    def _send(self, message: Message, recipient: str, now: datetime) -> Outcome:
        try:
            raw = build(
                message,
                sender=self.sender,
                recipient=recipient,
                language=self.language,
                zone=self.timezone,
                now=now,
                folder=self.folder,
            )
        except HeaderMismatch as error:
            return Rejected(reason=str(error))
        return send(
            raw,
            server=self.server,
            password=self.password,
            needs_starttls=self.needs_starttls,
            sender=parseaddr(self.sender)[1],
            recipient=recipient,
            timeout=self.timeout,
            now=now,
        )


def _together(outcomes: dict[str, Outcome]) -> Outcome:
    """One outcome for several recipients: tried again while any may still be reached, sent when any was.

    A try that is repeated repeats the Message-ID, so those who have it see one letter.
    """
    if len(outcomes) == 1:
        return next(iter(outcomes.values()))
    for wanted in (Retry, Rejected):
        failed = [(to, outcome) for to, outcome in outcomes.items() if isinstance(outcome, wanted)]
        if failed and (wanted is Retry or len(failed) == len(outcomes)):
            return failed[0][1]
    refused = [to for to, outcome in outcomes.items() if isinstance(outcome, Rejected)]
    return Sent(receipt="250" + (f", refused for {', '.join(refused)}" if refused else ""))


class EmailKind:
    """Checks options and builds e-mail channels."""

    name = "email"
    options = EmailOptions

    def check(self, spec: ChannelSpec) -> tuple[Problem, ...]:
        """Every fault of the options, and of the operator's templates."""
        return read(EmailOptions, spec, {})[1] + check_templates(folder_of(spec.where))

    def build(self, spec: ChannelSpec, tools: Tools) -> Channel:
        """The channel of options without errors."""
        options, _ = read(EmailOptions, spec, {})
        assert options is not None
        return Email(
            name=spec.name,
            retry=RetryPolicy(waits=options.retry, give_up=options.give_up),
            recipients=options.to,
            sender=options.sender,
            server=options.server,
            needs_starttls=options.starttls == "required",
            timeout=options.timeout,
            language=options.language or tools.language,
            timezone=tools.timezone,
            password=options.password,
            folder=folder_of(spec.where),
        )


KIND = EmailKind()
