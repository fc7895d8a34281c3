"""The channel kind `webhook`: one HTTP POST of the alert as JSON, documented by `config/schema/webhook.json`.

The body's `id` and the header `webhook-id` are the delivery's id, the same on every try: receivers drop repetitions
by it. With `signing_secret` it is signed as Standard Webhooks has it. Redirects are not followed. The URL, the secret
and the values of `headers` are secrets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import Field, field_validator

from monitor.alerting.message import body_of
from monitor.channels import signing
from monitor.channels.posting import PostKind, PostOptions, Request, Telling, Url
from monitor.channels.signing import Keys

# Ours: a configured header must not contradict the body or the id.
_OWN = {"content-type", "content-length", "transfer-encoding", "host", "connection"}
_OWN |= {"webhook-id", "webhook-timestamp", "webhook-signature"}
_IDLE = {"language": "the body is the same in every language"}


class WebhookOptions(PostOptions):
    """What may be configured beside `kind`."""

    url: Url = Field(repr=False)
    headers: Mapping[str, str] = Field(default={}, repr=False)
    signing_secret: Keys = Field(default=(), repr=False)

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


def requests(options: WebhookOptions, telling: Telling) -> Iterator[Request]:
    """The one request, signed where there is a secret."""
    message = telling.message
    body = body_of(message)
    keys = options.signing_secret
    signed = signing.headers(keys, message.delivery_id, body, telling.this.now) if keys else {}
    yield Request(url=options.url, body=body, headers={**options.headers, **signed})


KIND = PostKind(name="webhook", options=WebhookOptions, requests=requests, idle=_IDLE)
