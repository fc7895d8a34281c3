"""A rehearsal tells what would be told in earnest, when it would be, and nothing twice."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor import rehearsal
from monitor.alerting.routing import Candidate
from monitor.model import Alert, Disposition, RuleCard, Severity, When
from monitor.rehearsal import Rehearsal, Told, candidates
from monitor.rulefiles import load_rules
from tests.alerting.samples import DAY, HOUR, MINUTE, NOON, SECOND, a_candidate, a_card, an_article
from tests.flows.newsroom import Newsroom

Arrival = tuple[datetime, list[Candidate]]

CARDS = {
    card.id: card
    for card in (
        a_card("plain", Severity.MEDIUM, notify=("desk", "duty")),
        a_card("urgent", Severity.CRITICAL, group_wait=timedelta(0), group_interval=MINUTE),
        a_card("slow", Severity.LOW, group_wait=10 * MINUTE, throttle=3 * HOUR),
        a_card("places", Severity.HIGH, group_by=("entity",), throttle=HOUR),
        a_card("stored", Severity.INFO, notify=()),
    )
}


def told(cards: dict[str, RuleCard], arrivals: Sequence[Arrival], until: datetime | None = None) -> list[Told]:
    """Everything that a rehearsal of these arrivals tells."""
    found: list[Told] = []
    this = Rehearsal(cards)
    for at, arriving in arrivals:
        found += this.tell(at)
        this.take(arriving, at)
    return [*found, *this.tell(until)]


def times(found: Sequence[Told]) -> list[tuple[str, int, int]]:
    """Channel, sequence and seconds after noon of each alert."""
    return [(one.alert.channel, one.alert.sequence, int((one.alert.created - NOON).total_seconds())) for one in found]


def arrivals(seed: int, count: int) -> list[Arrival]:
    """Articles at random times, all of them whole tens of seconds."""
    draw, now, found = random.Random(seed), NOON, list[Arrival]()
    for number in range(count):
        now += draw.choice([0, 1, 4, 24, 60, 400]) * 10 * SECOND
        article = an_article(f"a{number}", seen=now)
        entities = tuple(sorted(draw.sample(["asad", "erbil", "harir"], draw.randrange(2))))
        cards = draw.sample(sorted(CARDS), draw.randrange(1, 4))
        story = draw.choice(["s1", "s2", "s3"])
        found.append((now, [a_candidate(CARDS[id], article, story=story, entities=entities) for id in cards]))
    return found


@pytest.mark.parametrize("seed", range(2))
def test_a_rehearsal_tells_what_the_store_and_the_flows_tell(room: Newsroom, seed: int) -> None:
    coming = arrivals(seed, 40)
    room.cards = dict(CARDS)
    earnest: list[Alert] = []
    now, last = NOON, coming[-1][0]
    for at, found in [*coming, (last, [])]:
        while room.store.due_groups(now, 1) or now < at:
            earnest += room.flush(now).alerts
            now = min(at, now + 10 * SECOND)
        if found:
            room.take(*found, at=at)
    rehearsed = [one.alert for one in told(CARDS, coming, last)]
    plain = [
        [(one.channel, one.group_key, one.sequence, one.rules, one.severity, one.created, one.reason,
          sorted(match.article_id for match in one.matches)) for one in alerts]
        for alerts in (earnest, rehearsed)
    ]  # fmt: skip
    assert len(plain[0]) > 10
    assert sorted(plain[1]) == sorted(plain[0])


def test_an_alert_comes_after_the_group_wait_and_the_next_when_the_quiet_ends() -> None:
    card = a_card(throttle=2 * HOUR)
    coming = [(NOON + n * 10 * MINUTE, [a_candidate(card, an_article(f"a{n}"))]) for n in range(3)]
    found = told({"attack": card}, coming)
    assert times(found) == [("desk", 1, 30), ("desk", 2, 30 + 7200)]
    assert [len(one.alert.matches) for one in found] == [1, 2]
    assert [state.disposition for one in found for state in one.states] == [Disposition.ALERTED] * 3


def test_what_is_due_later_is_not_told_yet() -> None:
    card = a_card()
    coming: list[Arrival] = [(NOON, [a_candidate(card)])]
    assert told({"attack": card}, coming, NOON + 29 * SECOND) == []
    assert times(told({"attack": card}, coming, NOON + 30 * SECOND)) == [("desk", 1, 30)]


def test_a_floor_and_an_old_date_keep_a_match_back() -> None:
    card = a_card()
    this = Rehearsal({"attack": card}, floors={"desk": Severity.CRITICAL})
    (state,) = this.take([a_candidate(card)], NOON)
    assert state.disposition is Disposition.STORE_ONLY
    (state,) = Rehearsal({"attack": card}).take([a_candidate(card, an_article(published=NOON - 3 * DAY))], NOON)
    assert state.disposition is Disposition.STALE
    assert list(this.tell()) == []


def test_conditions_count_on_and_weeks_before_the_beginning_count_for_nothing() -> None:
    card = a_card(when=When(spike=2, over=HOUR, baseline=7 * DAY, least=1), group_by=("rule",))
    one = a_candidate(card)
    assert list(_after(Rehearsal({"attack": card}, begins=NOON), one)) == []
    assert len(list(_after(Rehearsal({"attack": card}, begins=NOON - 8 * DAY), one))) == 1


def _after(this: Rehearsal, candidate: Candidate) -> list[Told]:
    this.take([candidate], NOON)
    return list(this.tell())


def test_a_clock_that_is_set_back_stands_still() -> None:
    card = a_card()
    coming = [(NOON, [a_candidate(card)]), (NOON - HOUR, [a_candidate(card, an_article("a2"), story="s2")])]
    assert times(told({"attack": card}, coming)) == [("desk", 1, 30), ("desk", 1, 30)]


def test_groups_that_are_over_are_forgotten_when_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "MOST_GROUPS", 3)
    card = a_card(when=When(count=1, over=HOUR))
    this = Rehearsal({"attack": card})
    for number in range(12):
        at = NOON + number * DAY
        found = a_candidate(card, an_article(f"a{number}", seen=at), story=f"s{number}", entities=("asad", "erbil"))
        assert len(list(this.tell(at))) == (number > 0)
        this.take([found], at)
        assert len(this._groups) <= 4
    assert len(this._holding) <= 4
    assert len(this._numbers) <= 4
    assert sum(map(len, this._tally.rows.values())) <= 4


def test_candidates_carry_what_groups_and_conditions_ask_for(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(
        "lists: {arms: {words: [rocket, drone]}}\n"
        "rules: {r: {match: $arms, notify: [desk], alert: {group_by: [$arms]}}}\n"
    )
    rules = load_rules(tmp_path)
    article = replace(an_article(text="A rocket and a drone."), publisher="Rafidain TV")
    (found,) = candidates(article, rules.match(article), rules, story_id="s7", wire="a0")
    assert found.terms == {"$arms": ("drone", "rocket")}
    assert (found.publisher, found.wire, found.story_id) == ("rafidain tv", "a0", "s7")
