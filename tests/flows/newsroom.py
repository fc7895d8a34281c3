"""A store with rules, channels and a receiver around it: the way from committed matches to a receiver."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path
from types import MappingProxyType
from typing import Any

from monitor import channels
from monitor.alerting.calm import Calm
from monitor.alerting.groups import collect
from monitor.alerting.keys import wanted
from monitor.alerting.routing import Candidate
from monitor.channels import Channel, Tools
from monitor.deliver import DeliveryReport, deliver_due
from monitor.http.session import Session
from monitor.model import ChannelSpec, Fetched, Group, Ingest, RuleCard, Severity, Silence, StoryDecision
from monitor.store import Store
from monitor.tell import FlushReport, flush_due
from monitor.timing import to_epoch
from tests.alerting.samples import NOON, a_card
from tests.receiver import Receiver

CARD = a_card()


@dataclass
class Newsroom:
    """A store with the rules, channels and receiver around it; says what the test needs of the two flows."""

    store: Store
    path: Path
    receiver: Receiver
    cards: dict[str, RuleCard] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    calm: dict[str, Calm] = field(default_factory=dict)
    fetches: int = 0

    def webhook(self, name: str = "desk", base: str = "", **options: str | list[str]) -> None:
        """Add a channel; it retries after 20 ms unless the test says otherwise."""
        self.channel(name, "webhook", url=f"{base or self.receiver.url}/{name}", **{"retry": "20ms", **options})

    def channel(self, name: str, kind: str, **options: str | list[str]) -> None:
        """Add a channel of any kind, which may reach loopback."""
        session = Session(user_agent="rasid/0", private_networks=[ip_network("127.0.0.0/8")])
        spec = ChannelSpec(name=name, kind=kind, options=options)
        self.channels[name] = channels.build(spec, Tools(session=session))

    def silence(self, silence: Silence) -> None:
        """Mute from the silence's start."""
        intent = {"do": "silence", "at": to_epoch(silence.starts), "ends": to_epoch(silence.ends), "id": silence.id}
        intent |= {"matchers": silence.matchers, "author": silence.author, "reason": silence.reason}
        self.store.perform(intent)

    def take(
        self, *candidates: Candidate, at: datetime = NOON, floors: Mapping[str, Severity] = MappingProxyType({})
    ) -> None:
        """Commit articles with their matches, as ingest does."""
        self.cards |= {candidate.card.id: candidate.card for candidate in candidates}
        groups: dict[tuple[str, str], Group] = {}
        for channel, key in wanted(candidates):
            groups |= {(channel, found.key): found for found in self.store.groups(channel, [key]).values()}
        collected = collect(
            candidates, groups, at, lambda key: self.store.new_code(key, at), cards=self.cards, floors=floors
        )
        articles = {candidate.article.id: candidate.article for candidate in candidates}
        stories = {c.article.id: StoryDecision(story_id=c.story_id, joined=False, reason="new") for c in candidates}
        self.fetches += 1
        ingest = Ingest(
            fetched=Fetched(source="wire", key=f"k{self.fetches}", at=at),
            articles=tuple(articles.values()),
            stories=tuple(stories.items()),
            matches=tuple(candidate.match for candidate in candidates),
            states=collected.states,
            groups=collected.groups,
        )
        assert self.store.commit(ingest, at)

    def flush(self, at: datetime, *, once: bool = False) -> FlushReport:
        """Tell what is due."""
        return flush_due(self.store, self.cards, self.channels, at, once=once)

    def deliver(self, at: datetime) -> DeliveryReport:
        """Try what is due."""
        return deliver_due(self.store, self.channels, at, calm=self.calm)

    def dispositions(self) -> dict[tuple[str, str, str], str]:
        """By rule, article and channel, read from the file by a connection of its own."""
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as connection:
            return {
                (rule, article, channel): disposition
                for rule, article, channel, disposition in connection.execute(
                    "SELECT m.rule, a.id, d.channel, d.disposition FROM disposition d"
                    " JOIN match m ON m.number = d.match JOIN article a ON a.number = m.article"
                )
            }

    def deliveries(self) -> list[Mapping[str, Any]]:
        """Every delivery, read from the file by a connection of its own, in order of channel and id."""
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute("SELECT * FROM delivery ORDER BY channel, id")]

    def bodies(self) -> list[dict[str, Any]]:
        """What the receiver got."""
        return [json.loads(request.body) for request in self.receiver.received]
