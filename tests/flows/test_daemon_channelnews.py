"""What the operator hears of channels, through another channel: a real file, nothing sent."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.alerting.retries import Health
from monitor.config import load_config
from monitor.daemon.channelnews import tell_of_channels
from monitor.daemon.wiring import Installed, install
from monitor.model import Delivery, DeliveryState
from monitor.sources.parser import Parser
from monitor.store import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAGE = """
version: 1
database: rasid.db
rules: [rules.yaml]
ops: {notify: [desk, duty]}
channels:
  desk: {kind: webhook, url: "https://hooks.example/x"}
  duty: {kind: stdout}
"""
RULES = """
version: 1
rules:
  campaign: {title: Campaign, owner: huda, until: 2026-11-26, match: {any: [vote]}, notify: [desk]}
"""


class Office:
    """An installation with two ops channels."""

    def __init__(self, folder: Path, parser: Parser) -> None:
        (folder / "rules.yaml").write_text(RULES)
        (folder / "monitor.yaml").write_text(PAGE)
        config = load_config(folder / "monitor.yaml", environment={})
        self.installed: Installed = install(config, parser)
        self.store = Store.open(config.database, write=True, now=NOW)

    def tell(self, at: datetime) -> list[tuple[str, str]]:
        """What is put into the outbox, as (channel, headline)."""
        before = {row["id"] for row in self.store.deliveries()}
        tell_of_channels(self.installed, self.store, at)
        rows = [row for row in self.store.deliveries() if row["id"] not in before]
        return sorted((row["channel"], self._headline(row["alert"])) for row in rows)

    def _headline(self, alert: str) -> str:
        with closing(sqlite3.connect(self.store.path)) as connection:
            (content,) = connection.execute("SELECT content FROM alert WHERE id = ?", (alert,)).fetchone()
        return str(json.loads(content)["articles"][0]["title"])

    def settle(self, channel: str, state: DeliveryState, health: Health, at: datetime) -> None:
        """A try on a channel comes to this."""
        ((delivery, _), *_) = self.store.claim(at, channels=[channel])
        assert delivery.lease is not None
        done = Delivery(
            id=delivery.id, alert_id=delivery.alert_id, channel=channel, state=state, due=at, created=delivery.created
        )
        assert self.store.settle(done, at, token=delivery.lease.token, channel=health)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Parser() as parser:
        made = Office(tmp_path, parser)
        yield made
        made.store.close()


def test_a_rule_that_ends_soon_is_told_once_to_every_ops_channel(office: Office) -> None:
    assert office.tell(NOW) == [("desk", "Alert campaign ends soon"), ("duty", "Alert campaign ends soon")]
    assert office.tell(NOW + HOUR) == []


def test_a_channel_that_fails_is_told_through_the_other_and_so_is_its_recovery(office: Office) -> None:
    office.tell(NOW)
    down = Health(failures=3, closed_until=NOW + HOUR, reason="no connection")
    office.settle("desk", DeliveryState.PENDING, down, NOW)

    assert office.tell(NOW + timedelta(minutes=29)) == []
    assert office.tell(NOW + HOUR) == [("duty", "Channel desk takes no messages")]
    assert office.tell(NOW + HOUR) == []
    office.settle("desk", DeliveryState.SENT, Health(), NOW + 2 * HOUR)
    assert office.tell(NOW + 2 * HOUR) == [("duty", "Channel desk takes messages again")]


def test_parked_messages_are_told_through_another_channel(office: Office) -> None:
    office.tell(NOW)
    office.settle("desk", DeliveryState.PARKED, Health(), NOW)

    assert office.tell(NOW) == [("duty", "Messages for channel desk are parked")]
    office.store.replay([row["id"] for row in office.store.deliveries(state="parked")], NOW)
    assert office.tell(NOW) == [("duty", "No message for channel desk is parked any more")]
