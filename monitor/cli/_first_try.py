"""One fetch of the only source and one message through a channel, for `rasid init`: nothing is stored."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from ipaddress import ip_network
from pathlib import Path

from monitor import channels as channel_kinds
from monitor import sources as source_kinds
from monitor import timing
from monitor.alerting.drill import drill
from monitor.config import Config
from monitor.daemon import load_configured_rules
from monitor.errors import MonitorError, SourceError
from monitor.http.session import Session
from monitor.model import Article, Message, Sent
from monitor.sources import read_file
from monitor.sources.discovery import discover
from monitor.sources.parser import Parser


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one look at a source showed; `reason` says why there was nothing to see."""

    number: int = 0
    newest: str = ""
    matching: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Whether a channel took the message: its receipt, or the reason why not."""

    receipt: str = ""
    reason: str = ""


def find_feed(url: str, networks: Sequence[str]) -> str:
    """The address of the feed that a site's address leads to; the address itself when nothing is found there."""
    allowed = [ip_network(text) for text in networks]
    try:
        found = discover(url, Session(user_agent=_agent(), private_networks=allowed))
    except SourceError:
        return url  # the first fetch says why
    return found[0].url if found else url


def read_source(config: Config) -> Seen:
    """Fetch the first source once. Files of a drop folder are read where they lie."""
    if not config.sources:
        return Seen(reason=config.disabled[0].reason if config.disabled else "there is none")
    spec, now = config.sources[0], timing.now()
    articles: list[Article] = []
    try:
        with Parser() as parser:
            if spec.kind == "folder":
                folder = Path(spec.where.file).parent / str(spec.options["folder"])
                for path in sorted(path for path in folder.iterdir() if path.is_file()):
                    articles += read_file(path.name, path.read_bytes(), source=spec.id, parser=parser, now=now)
            else:
                source = source_kinds.build(spec, source_kinds.Tools(session=_session(config), parser=parser))
                articles += source.fetch({}, now).articles
    except (SourceError, OSError) as error:
        return Seen(reason=config.redact(str(error)))
    newest = max(articles, key=lambda article: article.published or article.seen or now, default=None)
    rules = load_configured_rules(config, strict_examples=False)
    return Seen(
        number=len(articles),
        newest=newest.title if newest else "",
        matching=sum(bool(rules.match(article)) for article in articles),
    )


def send_greeting(config: Config, name: str, language: str) -> Reached:
    """Send one harmless message through the channel `name`."""
    spec = next((spec for spec in config.channels if spec.name == name), None)
    if spec is None:
        return Reached(reason=next((off.reason for off in config.disabled if off.name == name), "there is none"))
    try:
        tools = channel_kinds.Tools(session=_session(config), language=config.language, timezone=config.timezone)
        channel = channel_kinds.build(spec, tools)
    except MonitorError as error:
        return Reached(reason=config.redact(str(error)))
    now = timing.now()
    content = drill(name, language, f"n{secrets.token_hex(8)}", now)
    receipts = []
    for recipient in channel.recipients:
        message = Message(delivery_id=f"d{secrets.token_hex(10)}", recipient=recipient, content=content)
        outcome = channel.send(message, now)
        if not isinstance(outcome, Sent):
            return Reached(reason=config.redact(outcome.reason))
        receipts.append(outcome.receipt or "ok")
    return Reached(receipt=", ".join(dict.fromkeys(receipts)))


def _agent() -> str:
    return f"rasid/{version('rasid')}"


def _session(config: Config) -> Session:
    return Session(
        user_agent=_agent(),
        private_networks=config.fetch.private_networks,
        timeout=config.fetch.timeout,
        max_size=config.fetch.max_size,
    )
