"""The channel kind `webhook`: one HTTP POST of the alert as JSON, documented by `config/schema/webhook.json`.

The body's `id` and the header `webhook-id` are the delivery's id, the same on every try: receivers drop repetitions
by it. With `signing_secret` it is signed as Standard Webhooks has it. Redirects are not followed. The URL, the secret
and the values of `headers` are secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import Field, field_validator

from monitor.alerting.message import encode
from monitor.alerting.retries import RetryPolicy
from monitor.channels import Channel, Tools, signing
from monitor.channels.answers import judge, lost
from monitor.channels.options import Duration, Networks, Options, Waits, read
from monitor.channels.signing import Keys
from monitor.errors import HttpError, Problem
from monitor.http.guard import Network
from monitor.http.session import Session
from monitor.model import ChannelSpec, Message, Outcome

TIMEOUT = timedelta(seconds=15)

# Ours: a configured header must not contradict the body or the id.
_OWN = {"content-type", "content-length", "transfer-encoding", "host", "connection"}
_OWN |= {"webhook-id", "webhook-timestamp", "webhook-signature"}
_LATER = {"language": "the body is the same in every language"}


class WebhookOptions(Options):
    """What may be configured beside `kind`."""

    url: str = Field(repr=False)
    headers: Mapping[str, str] = Field(default={}, repr=False)
    signing_secret: Keys = Field(default=(), repr=False)
    timeout: Duration = TIMEOUT
    retry: Waits = RetryPolicy().waits
    give_up: Duration = RetryPolicy().give_up
    private_networks: Networks | None = None

    @field_validator("url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        if not value.lower().startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value

    @field_validator("headers")
    @classmethod
    def _are_sendable(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        for name, text in value.items():
            if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
                raise ValueError(f"{name!r} is not the name of a header")
            if name.lower() in _OWN:
                raise ValueError(f"{name!r} is set by Rasid itself")
            if not text.isprintable() or not text.isascii():
                raise ValueError(f"the value of {name!r} holds characters that a header cannot")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A webhook, built."""

    name: str
    retry: RetryPolicy
    timeout: timedelta
    private_networks: tuple[Network, ...] | None
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    keys: tuple[bytes, ...] = field(repr=False)
    session: Session = field(repr=False)
    kind: str = "webhook"
    recipients: tuple[str, ...] = ("",)

    def send(self, message: Message, now: datetime) -> Outcome:
        """POST the message once."""
        body = encode({"id": message.delivery_id, **message.content})
        headers = {
            **self.headers,
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": message.delivery_id,
        }
        if self.keys:
            headers |= signing.headers(self.keys, message.delivery_id, body, now)
        try:
            response = self.session.post(
                self.url, body, headers=headers, timeout=self.timeout, private_networks=self.private_networks
            )
        except HttpError as error:
            return lost(error)
        return judge(response, now)


class WebhookKind:
    """Checks options and builds webhooks."""

    name = "webhook"

    def check(self, spec: ChannelSpec) -> tuple[Problem, ...]:
        """Every fault of the options."""
        return read(WebhookOptions, spec, _LATER)[1]

    def build(self, spec: ChannelSpec, tools: Tools) -> Channel:
        """The webhook of options without errors."""
        options, _ = read(WebhookOptions, spec, _LATER)
        assert options is not None
        return Webhook(
            name=spec.name,
            retry=RetryPolicy(waits=options.retry, give_up=options.give_up),
            timeout=options.timeout,
            private_networks=options.private_networks,
            url=options.url,
            headers=dict(options.headers),
            keys=options.signing_secret,
            session=tools.session,
        )


KIND = WebhookKind()
