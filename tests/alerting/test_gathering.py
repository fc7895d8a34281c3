"""What holds a match back, brings others with it, raises a group, ends its quiet, or takes back what was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.alerting.conditions import Tally
from monitor.alerting.gathering import Collected
from monitor.alerting.groups import Flush, Reason, collect, flush
from monitor.alerting.keys import GroupId, keys
from monitor.alerting.routing import Candidate
from monitor.model import Disposition, Escalation, Group, GroupState, Match, RuleCard, Severity, Silence, When
from tests.alerting.samples import (
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    a_candidate,
    a_card,
    a_silence,
    an_article,
    code_of,
)


@dataclass
class Desk:
    """Groups of one rule and a clock: matches come in, groups are told."""

    card: RuleCard
    groups: dict[GroupId, Group] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    floors: dict[str, Severity] = field(default_factory=dict)
    fates: dict[tuple[str, str], tuple[Disposition, str]] = field(default_factory=dict)
    now: datetime = NOON
    count: int = 0

    def match(
        self, *, later: timedelta = MINUTE, publisher: str = "", wire: str = "", entities: tuple[str, ...] = ()
    ) -> Match:
        """An article matches after some time."""
        self.now += later
        self.count += 1
        article = an_article(f"a{self.count}", seen=self.now, publisher=publisher)
        made = a_candidate(self.card, article, entities=entities)
        candidate = Candidate(
            match=made.match, article=article, story_id="s1", card=self.card, publisher=publisher, wire=wire
        )
        self._after(self._collect(candidate))
        return candidate.match

    def _collect(
        self,
        *candidates: Candidate,
        withdrawn: Sequence[Match] = (),
        corrected: Sequence[tuple[GroupId, Match]] = (),
        restored: Sequence[Match] = (),
    ) -> Collected:
        return collect(
            candidates,
            self.groups,
            self.now,
            code_of,
            cards={self.card.id: self.card},
            withdrawn=withdrawn,
            floors=self.floors,
            corrected=corrected,
            restored=restored,
            tally=self.tally,
        )

    def _after(self, collected: Collected) -> None:
        self.groups |= {(group.channel, group.key): group for group in collected.groups}
        for state in collected.states:
            self.fates[state.article_id, state.channel] = state.disposition, state.reason

    def take_back(self, match: Match, *, was_told: bool = False, later: timedelta = MINUTE) -> None:
        """An edit takes a match back."""
        self.now += later
        told = [(("desk", "story=s1"), match)] if was_told else []
        self._after(self._collect(withdrawn=[match], corrected=told))

    def restore(self, match: Match) -> None:
        """Another edit makes it hold again."""
        self._after(self._collect(restored=[match]))

    def group(self, channel: str = "desk") -> Group:
        (found,) = (group for (name, _), group in self.groups.items() if name == channel)
        return found

    def flush(
        self,
        *,
        later: timedelta = timedelta(0),
        channel: str = "desk",
        once: bool = False,
        mute: Sequence[Silence] = (),
    ) -> Flush:
        """Ask a group after some time whether it is told."""
        self.now += later
        result = flush(
            self.group(channel),
            {self.card.id: self.card},
            mute,
            self.now,
            alert_id=f"n{self.now}",
            told={},
            once=once,
        )
        self.groups[channel, result.group.key] = result.group
        for state in result.states:
            self.fates[state.article_id, state.channel] = state.disposition, state.reason
        return result

    def told(self, *, later: timedelta = timedelta(0), channel: str = "desk") -> list[str]:
        """Articles of the alert that is told now."""
        alert = self.flush(later=later, channel=channel).alert
        return [] if alert is None else [match.article_id for match in alert.matches]


# --- when ------------------------------------------------------------------------------------------------------


def test_matches_wait_for_the_condition_and_join_together_when_it_holds() -> None:
    desk = Desk(a_card(when=When(count=3, over=HOUR)))

    desk.match()
    desk.match()
    assert desk.groups == {}
    assert desk.fates["a1", "desk"] == (Disposition.STORE_ONLY, "its condition: 1 of 3 matches in 1h")

    desk.match()

    assert {fate for fate, _ in desk.fates.values()} == {Disposition.WAITING}
    assert desk.told(later=30 * SECOND) == ["a1", "a2", "a3"]


def test_what_left_the_window_stays_held_back() -> None:
    desk = Desk(a_card(when=When(count=2, over=HOUR)))

    desk.match()
    desk.match(later=2 * HOUR)
    desk.match()

    assert desk.fates["a1", "desk"][0] is Disposition.STORE_ONLY
    assert desk.told(later=MINUTE) == ["a2", "a3"]


def test_a_match_that_was_taken_back_no_longer_counts() -> None:
    desk = Desk(a_card(when=When(count=2, over=HOUR)))

    desk.take_back(desk.match())
    desk.match()

    assert desk.groups == {}


def test_the_first_of_a_new_entity_is_told_and_what_follows_joins() -> None:
    desk = Desk(a_card(when=When(new_entity=True, over=30 * DAY), notify=("desk", "duty")))

    desk.match(entities=("erbil",))
    desk.match(entities=("erbil",))
    assert desk.told(later=MINUTE) == ["a1", "a2"]
    assert desk.flush(later=2 * DAY).reason is Reason.CLOSED
    desk.flush(channel="duty")
    assert desk.flush(channel="duty", later=2 * DAY).reason is Reason.CLOSED
    desk.match(entities=("erbil",))

    assert desk.fates["a3", "desk"] == (Disposition.STORE_ONLY, "its condition: 0 entities new in 30d")


def test_silence_is_told_with_the_last_that_came() -> None:
    desk = Desk(a_card(when=When(silent=DAY)))

    desk.match()
    desk.match(later=23 * HOUR)

    assert desk.fates["a1", "desk"] == (Disposition.STORE_ONLY, "the next one came in time")
    assert desk.flush(later=23 * HOUR).reason is Reason.NOT_DUE
    assert desk.flush(once=True).reason is Reason.NOT_DUE
    result = desk.flush(later=HOUR)
    assert (result.reason, result.alert and len(result.alert.matches)) == (Reason.SILENT, 1)
    assert desk.flush(later=2 * DAY).reason is Reason.CLOSED


def test_a_wait_for_silence_begins_again_with_what_comes_late() -> None:
    desk = Desk(a_card(when=When(silent=DAY)))

    desk.match()
    desk.match(later=2 * DAY)  # nobody looked meanwhile

    assert desk.group().due == desk.now + DAY


# --- escalate --------------------------------------------------------------------------------------------------

RISING = a_card(
    throttle=6 * HOUR,
    escalate=(
        Escalation(when=When(publishers=2, over=2 * HOUR), to=Severity.CRITICAL, notify=("duty",)),
        Escalation(when=When(count=9, over=2 * HOUR)),
    ),
)


def test_an_escalation_raises_the_group_ends_its_throttle_and_brings_in_a_channel() -> None:
    desk = Desk(RISING)
    desk.match(publisher="gulf")
    desk.flush(later=MINUTE)

    desk.match(publisher="sea")
    assert desk.group("duty").pending == desk.group().pending
    result = desk.flush(later=5 * MINUTE)

    assert result.reason is Reason.ESCALATED
    assert result.alert is not None
    assert (result.alert.severity, result.alert.sequence) == (Severity.CRITICAL, 2)
    assert desk.told(channel="duty") == ["a2"]
    assert desk.fates["a2", "duty"][0] is Disposition.ALERTED


def test_a_group_escalates_once_and_its_new_channel_hears_the_rest() -> None:
    desk = Desk(RISING)
    desk.match(publisher="gulf")
    desk.match(publisher="sea")
    desk.flush(later=MINUTE)

    desk.match(publisher="sea", later=5 * HOUR)

    assert desk.fates["a3", "desk"][0] is Disposition.FOLDED
    assert desk.group().escalated == ("attack:0",)
    assert [match.article_id for match in desk.group("duty").pending] == ["a2", "a3"]


def test_a_group_that_opens_again_has_not_escalated() -> None:
    desk = Desk(RISING)
    desk.match(publisher="gulf")
    desk.match(publisher="sea")
    for channel in ("desk", "duty"):
        desk.flush(channel=channel, later=MINUTE)
        desk.flush(channel=channel, later=3 * DAY)

    desk.match(publisher="gulf")

    assert (desk.group().raised, desk.group().escalated) == (None, ())
    assert desk.group("duty").state is GroupState.CLOSED


def test_a_rule_as_severe_as_its_escalation_only_brings_in_the_channel() -> None:
    step = Escalation(when=When(count=2, over=HOUR), notify=("duty",))
    desk = Desk(a_card(escalate=(step,)))
    desk.match()
    desk.match()

    assert desk.group().raised is None
    assert desk.told(channel="duty", later=MINUTE) == ["a2"]


def test_a_step_may_wait_for_an_entity_that_is_new_to_its_rule() -> None:
    step = Escalation(when=When(new_entity=True, over=DAY), to=Severity.CRITICAL)
    desk = Desk(a_card(group_by=("entity",), escalate=(step,)))

    desk.match(entities=("erbil", "harir"))
    desk.match(entities=("erbil",))

    assert {group.key: group.raised for group in desk.groups.values()} == {
        "entity=erbil": Severity.CRITICAL,
        "entity=harir": Severity.CRITICAL,
    }


def test_an_escalation_tells_no_channel_that_takes_only_what_is_more_severe() -> None:
    step = Escalation(when=When(count=1, over=DAY), to=Severity.HIGH, notify=("duty", "press"))
    desk = Desk(a_card(severity=Severity.LOW, escalate=(step,)), floors={"duty": Severity.CRITICAL})

    desk.match()

    assert [channel for channel, _ in desk.groups] == ["desk", "press"]


# --- unless ----------------------------------------------------------------------------------------------------


def test_enough_new_publishers_end_a_throttle() -> None:
    desk = Desk(a_card(throttle=6 * HOUR, new_publishers=2))
    desk.match(publisher="gulf")
    desk.flush(later=MINUTE)

    for publisher in ("gulf", "", "sea", "sea"):
        desk.match(publisher=publisher)
        assert desk.fates[f"a{desk.count}", "desk"][0] is Disposition.FOLDED
    desk.match(publisher="river")

    assert desk.fates["a6", "desk"][0] is Disposition.WAITING
    result = desk.flush(later=5 * MINUTE)
    assert (result.reason, result.alert and len(result.alert.matches)) == (Reason.SPREAD, 5)
    desk.match(publisher="sea")
    assert desk.fates["a7", "desk"][0] is Disposition.FOLDED


# --- corrections -----------------------------------------------------------------------------------------------


def a_told(throttle: timedelta = timedelta(0)) -> tuple[Desk, Match]:
    """A desk that has told one match."""
    desk = Desk(a_card(corrections=True, throttle=throttle))
    match = desk.match()
    desk.flush(later=MINUTE)
    return desk, match


def test_what_was_told_and_taken_back_is_corrected_in_its_thread() -> None:
    desk, match = a_told(throttle=6 * HOUR)

    desk.take_back(match, was_told=True)
    desk.take_back(match, was_told=True)
    assert desk.flush().reason is Reason.NOT_DUE
    result = desk.flush(later=5 * MINUTE)

    assert (result.reason, result.states) == (Reason.CORRECTION, ())
    assert result.alert is not None
    assert (result.alert.matches, result.alert.sequence) == ((match,), 2)
    assert desk.fates["a1", "desk"][0] is Disposition.ALERTED
    assert (result.group.corrections, result.group.due, result.group.sequence) == ((), None, 2)


def test_a_correction_does_not_wait_for_news_and_news_not_for_it() -> None:
    desk, match = a_told(throttle=6 * HOUR)
    desk.match()
    desk.take_back(match, was_told=True)

    assert desk.told(later=5 * MINUTE) == ["a1"]
    assert desk.group().due == desk.group().quiet_until
    assert desk.told(later=6 * HOUR) == ["a2"]


def test_news_told_before_a_correction_leave_it_owed() -> None:
    desk, match = a_told()
    desk.match(later=HOUR)
    desk.take_back(match, was_told=True)

    assert desk.told() == ["a1"]
    assert desk.told(later=30 * SECOND) == ["a2"]
    desk.take_back(match, was_told=True)
    assert desk.flush(once=True).reason is Reason.CORRECTION


def test_a_closed_group_is_corrected_too() -> None:
    desk, match = a_told()
    assert desk.flush(later=2 * DAY).reason is Reason.CLOSED

    desk.take_back(match, was_told=True)

    assert desk.told() == ["a1"]
    assert desk.group().state is GroupState.CLOSED


def test_a_correction_stays_owed_when_its_group_opens_again() -> None:
    desk, match = a_told()
    desk.flush(later=2 * DAY)
    desk.take_back(match, was_told=True)
    desk.match()

    assert desk.group().corrections == (match,)


def test_a_silenced_correction_is_not_told() -> None:
    desk, match = a_told()
    desk.take_back(match, was_told=True)

    result = desk.flush(later=HOUR, mute=[a_silence(("rule", "attack"))])

    assert (result.reason, result.alert, result.group.corrections) == (Reason.SILENCED, None, ())


def test_what_holds_again_needs_no_correction() -> None:
    desk, match = a_told()
    other = desk.match()
    desk.take_back(match, was_told=True)
    desk.restore(other)
    assert desk.group().corrections == (match,)

    desk.restore(match)

    assert desk.group().corrections == ()
    assert desk.group().due == desk.group().quiet_until


# --- group_by a list -------------------------------------------------------------------------------------------


def test_a_match_has_a_group_for_each_term_that_it_hit_of_a_list() -> None:
    made = a_candidate(a_card(group_by=("$ship", "rule")))
    terms = {"$ship": ("tanker", "ferry")}

    found = keys(Candidate(match=made.match, article=made.article, story_id="", card=made.card, terms=terms))

    assert found == ("$ship=tanker|rule=attack", "$ship=ferry|rule=attack")
    assert keys(made) == ("$ship=|rule=attack",)
