"""From articles to alerts under conditions on volume, through the store: the same whether or not Rasid restarts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest

from monitor.model import Alert, Article, Severity
from monitor.store import Store
from monitor.tell import flush_due
from tests.flows.test_ingest import NOW, Desk

RULES = """\
version: 1
defaults: {{notify: [desk], severity: high}}
lists:
  ships: {{words: [tanker, ferry]}}
entities:
  basra: {{names: [Basra]}}
  aden: {{names: [Aden]}}
rules:
  ship-hit:
    title: Ship hit
    match: {{all: [$ships, rocket], any: [[near, $basra, $aden]]}}
    alert: {alert}
"""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def an_item(number: int, what: str = "tanker", where: str = "near", publisher: str = "") -> Article:
    """An article that matches, with words of its own."""
    words = " ".join(f"{word}{number}" for word in ("one", "two", "three", "four", "five", "six"))
    text = f"A rocket hit a {what} {where} {words}."
    return Article(id=f"a{number:02}", source="wire", title=f"Ship {number}", text=text, publisher=publisher)


class House:
    """A store that is closed and opened again before each fetch, if so wanted."""

    def __init__(self, folder: Path, alert: str, *, restarts: bool) -> None:
        self.database, self.restarts = folder / "rasid.db", restarts
        self.open = ExitStack()
        self.desk = Desk(folder, self._opened(NOW))
        self.desk.change_rules(RULES.format(alert=alert))

    def _opened(self, now: datetime) -> Store:
        return self.open.enter_context(Store.open(self.database, write=True, now=now))

    def fetch(self, *items: Article, later: timedelta = MINUTE) -> list[str]:
        """Ingest articles; what became of all articles so far on channel desk, in their order."""
        if self.restarts:
            self.open.close()
            self.desk.store = self._opened(self.desk.now)
        self.desk.fetch(*items, later=later)
        fates = self.desk.fates()
        return [fates[name] for name in sorted(fates, key=lambda name: name[2]) if name[3] == "desk"]

    def told(self, later: timedelta = MINUTE) -> list[Alert]:
        """The alerts that are told after some time."""
        self.desk.now += later
        return list(flush_due(self.desk.store, self.desk.rules.cards, {}, self.desk.now).alerts)


Build: TypeAlias = Callable[[str], House]


@pytest.fixture(params=[False, True], ids=["running", "restarting"])
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Build]:
    with ExitStack() as houses:

        def built(alert: str) -> House:
            house = House(tmp_path, alert, restarts=request.param)
            houses.callback(house.open.close)
            return house

        yield built


def articles(alerts: list[Alert]) -> list[list[str]]:
    return [[match.article_id for match in alert.matches] for alert in alerts]


def test_three_within_an_hour_are_told_together(build: Build) -> None:
    house = build("{group_by: [rule], when: {count: 3, over: 1h}}")

    house.fetch(an_item(1))
    assert house.fetch(an_item(2), later=2 * HOUR) == ["store-only"] * 2
    assert house.fetch(an_item(3), an_item(4)) == ["store-only", *["waiting"] * 3]
    assert articles(house.told()) == [["a02", "a03", "a04"]]
    assert house.fetch(an_item(5), later=3 * HOUR)[-1] == "store-only"


def test_publishers_count_once_whatever_copies_they_carry(build: Build) -> None:
    house = build("{group_by: [rule], when: {publishers: 2, over: 6h}}")
    text = an_item(1).text

    house.fetch(an_item(1, publisher="Gulf Post"))
    copy = Article(id="a02", source="wire", title="Same", text=text, publisher="Sea News")
    assert house.fetch(copy) == ["store-only"] * 2
    assert house.fetch(an_item(3, publisher="River Daily")) == ["waiting"] * 3


def test_a_spike_is_held_against_the_same_hours_of_the_weeks_before(build: Build) -> None:
    house = build("{when: {spike: 3, over: 6h, baseline: 14d, min: 2}}")

    house.fetch(an_item(1), later=7 * HOUR)
    house.fetch(an_item(2), later=7 * DAY)
    assert house.fetch(an_item(3)) == ["store-only"] * 3
    assert house.fetch(an_item(4)) == ["store-only", *["waiting"] * 3]


def test_silence_is_told_once(build: Build) -> None:
    house = build("{when: {silent: 24h}}")

    house.fetch(an_item(1))
    assert house.fetch(an_item(2), later=23 * HOUR) == ["store-only", "waiting"]
    assert house.told(later=23 * HOUR) == []
    (alert,) = house.told(later=HOUR)
    assert (alert.reason, len(alert.matches)) == ("silence", 1)
    assert house.told(later=2 * DAY) == []


def test_an_entity_is_told_when_it_is_new(build: Build) -> None:
    house = build("{when: {new: entity, over: 30d}}")

    assert house.fetch(an_item(1, where="Basra")) == ["waiting"]
    assert house.fetch(an_item(2, where="Basra"), later=2 * DAY) == ["waiting", "store-only"]
    assert house.fetch(an_item(3, where="Aden")) == ["waiting", "store-only", "waiting"]
    assert house.fetch(an_item(4, where="Basra"), later=31 * DAY)[-1] == "waiting"


def test_an_escalation_raises_the_group_and_tells_another_channel(build: Build) -> None:
    house = build(
        "{group_by: [rule], throttle: 6h,"
        " escalate: [{to: critical, when: {publishers: 2, over: 2h}, notify: [duty]}]}"
    )
    house.fetch(an_item(1, publisher="Gulf Post"))
    (first,) = house.told()

    house.fetch(an_item(2, publisher="Sea News"))
    alerts = house.told(later=5 * MINUTE)

    assert (first.severity, first.channel) == (Severity.HIGH, "desk")
    assert sorted((alert.channel, alert.reason, alert.severity) for alert in alerts) == [
        ("desk", "escalated", Severity.CRITICAL),
        ("duty", "first", Severity.CRITICAL),
    ]
    house.fetch(an_item(3, publisher="Gulf Post"))
    assert house.desk.fates()["ship-hit", 1, "a03", "duty"] == "folded"


def test_new_publishers_end_a_throttle(build: Build) -> None:
    house = build("{group_by: [rule], throttle: 6h, unless: {new_publishers: 2}}")
    house.fetch(an_item(1, publisher="Gulf Post"))
    house.told()

    assert house.fetch(an_item(2, publisher="Sea News")) == ["alerted", "folded"]
    assert house.fetch(an_item(3, publisher="River Daily"))[-1] == "waiting"
    (alert,) = house.told(later=5 * MINUTE)
    assert (alert.reason, articles([alert])) == ("spread", [["a02", "a03"]])


def test_a_told_match_that_an_edit_takes_back_is_corrected_once(build: Build) -> None:
    house = build("{group_by: [rule], throttle: 6h, corrections: true}")
    edited = Article(id="a01", source="wire", title="Ship 1", text="No ship was hit, the navy said later that day.")
    house.fetch(an_item(1))
    house.told()

    assert house.fetch(edited) == ["alerted"]
    (alert,) = house.told(later=5 * MINUTE)
    assert (alert.reason, alert.sequence, articles([alert])) == ("correction", 2, [["a01"]])
    assert house.told(later=DAY) == []


def test_a_match_brought_back_before_its_correction_is_not_corrected(build: Build) -> None:
    house = build("{group_by: [rule], throttle: 6h, corrections: true}")
    edited = Article(id="a01", source="wire", title="Ship 1", text="No ship was hit, the navy said later that day.")
    house.fetch(an_item(1))
    house.told()

    house.fetch(edited)
    house.fetch(an_item(1))

    assert house.told(later=DAY) == []


def test_a_held_match_that_an_edit_takes_back_is_never_told(build: Build) -> None:
    house = build("{group_by: [rule], when: {count: 2, over: 1h}}")
    edited = Article(id="a01", source="wire", title="Ship 1", text="No ship was hit, the navy said later that day.")
    house.fetch(an_item(1))
    house.fetch(edited)

    assert house.fetch(an_item(2)) == ["store-only", "store-only"]
    house.fetch(an_item(3))
    assert articles(house.told()) == [["a02", "a03"]]


def test_what_one_fetch_takes_back_does_not_count_for_what_it_brings_later(build: Build) -> None:
    house = build("{group_by: [rule], when: {count: 2, over: 1h}}")
    edited = Article(id="a01", source="wire", title="Ship 1", text="No ship was hit, the navy said later that day.")
    twice = [Article(id="b01", source="wire", title="Calm", text=f"Nothing {what}.") for what in ("new", "else")]
    house.fetch(an_item(1))

    assert house.fetch(edited, *twice, an_item(2)) == ["store-only", "store-only"]
    assert house.told() == []


def test_what_one_fetch_brings_back_counts_for_what_it_brings_later(build: Build) -> None:
    house = build("{group_by: [rule], when: {count: 2, over: 1h}}")
    edited = Article(id="a01", source="wire", title="Ship 1", text="No ship was hit, the navy said later that day.")
    house.fetch(an_item(1))
    house.fetch(edited)

    assert house.fetch(an_item(1), an_item(2)) == ["waiting", "waiting"]
    assert articles(house.told()) == [["a01", "a02"]]


def test_matches_group_by_what_they_hit_of_a_list(build: Build) -> None:
    house = build("{group_by: [$ships]}")

    house.fetch(an_item(1), an_item(2, what="ferry"), an_item(3))

    assert sorted(alert.group_key for alert in house.told()) == ["$ships=ferry", "$ships=tanker"]
