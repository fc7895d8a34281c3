"""How matches gather in groups, and when a group is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.alerting.due import due_at
from monitor.alerting.gathering import Collected
from monitor.alerting.groups import Flush, Reason, collect, flush, told_elsewhere
from monitor.alerting.keys import keys, wanted
from monitor.alerting.routing import Candidate
from monitor.model import Disposition, Group, GroupState, Match, MatchState, Severity, Silence
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
    told_of,
)

LOW = a_card("traffic", Severity.LOW)
HIGH = a_card("attack", Severity.HIGH)
CRITICAL = a_card("war", Severity.CRITICAL)
CARDS = {card.id: card for card in (LOW, HIGH, CRITICAL)}


def _join(
    group: Group | None, *candidates: Candidate, at: datetime = NOON, withdrawn: Sequence[Match] = ()
) -> tuple[Group, Collected]:
    """The one group after these candidates, and all that was collected."""
    groups = {(group.channel, group.key): group} if group else {}
    cards = CARDS | {candidate.card.id: candidate.card for candidate in candidates}
    collected = collect(candidates, groups, at, code_of, cards=cards, withdrawn=withdrawn)
    (changed,) = collected.groups
    return changed, collected


def _flush(
    group: Group, *candidates: Candidate, at: datetime, once: bool = False, mute: Iterable[Silence] = ()
) -> Flush:
    cards = CARDS | {candidate.card.id: candidate.card for candidate in candidates}
    told = told_of(*candidates)
    return flush(group, cards, tuple(mute), at, alert_id="n1", told=told, once=once)


def _told_at(at: datetime, *candidates: Candidate) -> Group:
    """A group opened and told at once, by these candidates."""
    group, _ = _join(None, *candidates, at=at)
    return _flush(group, *candidates, at=at, once=True).group


def _dispositions(states: Iterable[MatchState]) -> list[tuple[str, str, Disposition]]:
    return [(state.rule, state.article_id, state.disposition) for state in states]


def _another(card: object = HIGH, number: int = 2) -> Candidate:
    return a_candidate(card, an_article(f"a{number}"))  # type: ignore[arg-type]


# --- keys ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group_by", "expected"),
    [
        (("story",), ("story=s1",)),
        (("rule", "source"), ("rule=attack|source=wire",)),
        (("publisher",), ("publisher=Rock %7C Roll 100%25",)),
        (("severity",), ("severity=high",)),
        (("entity",), ("entity=erbil", "entity=harir")),
        (("entity", "rule"), ("entity=erbil|rule=attack", "entity=harir|rule=attack")),
        ((), ("match=attack/a1/1",)),
    ],
)
def test_the_key_is_made_of_what_the_rule_groups_by(group_by: tuple[str, ...], expected: tuple[str, ...]) -> None:
    article = an_article(publisher="Rock | Roll 100%")
    candidate = a_candidate(a_card(group_by=group_by), article, entities=("erbil", "harir"))

    assert keys(candidate) == expected


def test_a_match_without_entities_has_a_key_of_its_own() -> None:
    assert keys(a_candidate(a_card(group_by=("entity",)))) == ("entity=",)


def test_wanted_are_all_groups_that_the_candidates_may_join() -> None:
    card = a_card(notify=("desk", "duty"), group_by=("entity",))

    found = wanted([a_candidate(card, entities=("erbil", "harir")), a_candidate(HIGH)])

    assert found == {
        *((channel, f"entity={entity}") for channel in ("desk", "duty") for entity in ("erbil", "harir")),
        ("desk", "story=s1"),
    }


# --- gathering -----------------------------------------------------------------------------------------------


def test_the_first_member_opens_a_group_that_is_due_after_group_wait() -> None:
    candidate = a_candidate(HIGH)

    group, collected = _join(None, candidate)

    assert group == Group(
        key="story=s1",
        channel="desk",
        code="C008",
        state=GroupState.GATHERING,
        pending=(candidate.match,),
        opened=NOON,
        last_member=NOON,
        due=NOON + 30 * SECOND,
    )
    assert collected.states == (
        MatchState(
            rule="attack",
            article_id="a1",
            version=1,
            channel="desk",
            disposition=Disposition.WAITING,
            reason="in group C008",
            group_key="story=s1",
        ),
    )


def test_later_members_do_not_postpone_the_alert() -> None:
    group, _ = _join(None, a_candidate(HIGH))

    group, _ = _join(group, _another(), at=NOON + 20 * SECOND)

    assert len(group.pending) == 2
    assert group.due == NOON + 30 * SECOND
    assert group.last_member == NOON + 20 * SECOND


def test_the_most_severe_member_gives_the_wait() -> None:
    slow, quick = a_card("slow", Severity.LOW, group_wait=HOUR), a_card("quick", Severity.HIGH, group_wait=MINUTE)
    patient = a_card("patient", Severity.INFO, group_wait=SECOND)

    group, _ = _join(None, a_candidate(slow), a_candidate(quick), a_candidate(patient))

    assert group.due == NOON + MINUTE


@pytest.mark.parametrize("at", [NOON + 30 * SECOND, NOON + MINUTE])
def test_a_group_that_is_due_stays_due_whoever_joins(at: datetime) -> None:
    group, _ = _join(None, a_candidate(HIGH))

    group, _ = _join(group, a_candidate(a_card("slow", Severity.CRITICAL, group_wait=DAY)), at=at)

    assert group.due == NOON + 30 * SECOND


def test_all_rules_that_one_event_matches_share_a_group() -> None:
    group, collected = _join(None, a_candidate(LOW), a_candidate(CRITICAL), a_candidate(HIGH))

    assert [match.rule for match in group.pending] == ["traffic", "war", "attack"]
    assert {state.disposition for state in collected.states} == {Disposition.WAITING}


def test_the_same_match_is_not_taken_twice() -> None:
    group, _ = _join(None, a_candidate(HIGH))

    again, _ = _join(group, a_candidate(HIGH), at=NOON + SECOND)

    assert again == group


def test_each_entity_has_a_group_and_the_match_one_disposition() -> None:
    card = a_card(group_by=("entity",))

    collected = collect([a_candidate(card, entities=("erbil", "harir"))], {}, NOON, code_of, cards={card.id: card})

    assert [group.key for group in collected.groups] == ["entity=erbil", "entity=harir"]
    assert [(state.channel, state.group_key) for state in collected.states] == [("desk", "entity=erbil")]


def test_without_grouping_each_match_has_its_own_group() -> None:
    card = a_card(group_by=())

    collected = collect([a_candidate(card), _another(card)], {}, NOON, code_of, cards={card.id: card})

    assert [group.key for group in collected.groups] == ["match=attack/a1/1", "match=attack/a2/1"]


def test_what_no_group_takes_has_its_disposition_at_once() -> None:
    silent, baseline = a_candidate(a_card(notify=())), a_candidate(LOW, baseline="first document")

    collected = collect([silent, baseline], {}, NOON, code_of, cards=CARDS)

    assert collected.groups == ()
    assert _dispositions(collected.states) == [
        ("attack", "a1", Disposition.STORE_ONLY),
        ("traffic", "a1", Disposition.BASELINE),
    ]


# --- telling -------------------------------------------------------------------------------------------------


def test_a_due_group_is_told_with_the_most_severe_rule_first() -> None:
    candidates = (a_candidate(LOW), a_candidate(CRITICAL), a_candidate(HIGH, an_article("a2"), story="s2"))
    group, _ = _join(None, *candidates[:2])
    group = replace(group, pending=(*group.pending, candidates[2].match))

    told = _flush(group, *candidates, at=NOON + 30 * SECOND)

    assert told.reason is Reason.FIRST
    assert told.alert is not None
    assert (told.alert.rules, told.alert.severity) == (("war", "attack", "traffic"), Severity.CRITICAL)
    assert (told.alert.sequence, told.alert.stories, told.alert.reason) == (1, ("s1", "s2"), "first")
    assert told.alert.matches == group.pending
    assert told.group == replace(
        group,
        state=GroupState.TOLD,
        pending=(),
        due=None,
        sequence=1,
        last_told=NOON + 30 * SECOND,
        quiet_until=NOON + 30 * SECOND + 5 * MINUTE,
        told_severity=Severity.CRITICAL,
    )
    assert {(s.disposition, s.alert_id, s.reason) for s in told.states} == {
        (Disposition.ALERTED, "n1", "first news of its group")
    }


def test_a_group_is_not_told_before_it_is_due() -> None:
    group, _ = _join(None, a_candidate(HIGH))

    assert _flush(group, at=NOON + 29 * SECOND) == Flush(reason=Reason.NOT_DUE, group=group)


def test_an_alert_knows_only_the_stories_of_articles_that_are_there() -> None:
    group, _ = _join(None, a_candidate(HIGH))

    told = _flush(group, at=NOON + HOUR)

    assert told.alert is not None
    assert told.alert.stories == ()


def test_the_quiet_is_the_longer_of_group_interval_and_throttle() -> None:
    short = a_candidate(a_card("a", throttle=2 * MINUTE))
    long = a_candidate(a_card("b", throttle=2 * HOUR))

    assert _told_at(NOON, short).quiet_until == NOON + 5 * MINUTE
    assert _told_at(NOON, long).quiet_until == NOON + 2 * HOUR


def test_members_fold_while_the_group_is_quiet_and_one_update_tells_them() -> None:
    throttled = a_card(throttle=2 * HOUR)
    second, third = _another(throttled, 2), _another(throttled, 3)
    group = _told_at(NOON, a_candidate(throttled))

    group, collected = _join(group, second, at=NOON + MINUTE)
    group, _ = _join(group, third, at=NOON + HOUR)

    assert _dispositions(collected.states) == [("attack", "a2", Disposition.FOLDED)]
    assert collected.states[0].reason == "group C008 was told and is quiet"
    assert group.due == NOON + 2 * HOUR
    assert _flush(group, second, third, at=NOON + 2 * HOUR - SECOND).reason is Reason.NOT_DUE
    told = _flush(group, second, third, at=NOON + 2 * HOUR)
    assert told.alert is not None
    assert told.reason is Reason.UPDATE
    assert (told.alert.sequence, told.alert.matches) == (2, (second.match, third.match))
    assert told.group.quiet_until == NOON + 4 * HOUR


def test_a_higher_severity_ends_the_quiet_at_the_next_tick_of_group_interval() -> None:
    group = _told_at(NOON, a_candidate(a_card("calm", Severity.LOW, throttle=2 * HOUR)))
    group, _ = _join(group, _another(LOW), at=NOON + MINUTE)

    group, collected = _join(group, a_candidate(CRITICAL), at=NOON + 7 * MINUTE)

    assert _dispositions(collected.states) == [("war", "a1", Disposition.WAITING)]
    assert group.due == NOON + 10 * MINUTE
    told = _flush(group, at=NOON + 10 * MINUTE)
    assert told.reason is Reason.ROSE
    assert told.alert is not None
    assert len(told.alert.matches) == 2
    assert told.group.told_severity is Severity.CRITICAL


@pytest.mark.parametrize(
    ("arrives", "tick"), [(SECOND, 5 * MINUTE), (5 * MINUTE, 5 * MINUTE), (5 * MINUTE + SECOND, 10 * MINUTE)]
)
def test_ticks_count_from_the_last_alert(arrives: timedelta, tick: timedelta) -> None:
    group = _told_at(NOON, a_candidate(a_card("calm", Severity.LOW, throttle=2 * HOUR)))

    group, _ = _join(group, a_candidate(CRITICAL), at=NOON + arrives)

    assert group.due == NOON + tick


def test_without_a_group_interval_a_higher_severity_is_told_at_once() -> None:
    urgent = a_card("urgent", Severity.CRITICAL, group_interval=timedelta(0))
    group = _told_at(NOON, a_candidate(a_card("calm", Severity.LOW, throttle=2 * HOUR)))

    group, _ = _join(group, a_candidate(urgent), at=NOON + MINUTE)

    assert group.due == NOON + MINUTE


def test_a_tick_never_comes_later_than_the_end_of_the_quiet() -> None:
    rare = a_card("rare", Severity.CRITICAL, group_interval=DAY)
    group = _told_at(NOON, a_candidate(LOW))

    group, _ = _join(group, a_candidate(rare), at=NOON + MINUTE)

    assert group.due == NOON + 5 * MINUTE


@pytest.mark.parametrize("at", [NOON + 5 * MINUTE, NOON + HOUR])
def test_a_member_that_comes_after_the_quiet_waits_only_for_group_wait(at: datetime) -> None:
    group = _told_at(NOON, a_candidate(HIGH))

    group, collected = _join(group, _another(HIGH, 2), at=at)
    later, _ = _join(group, _another(HIGH, 3), at=at + 20 * SECOND)

    assert _dispositions(collected.states) == [("attack", "a2", Disposition.WAITING)]
    assert group.due == later.due == at + 30 * SECOND


def test_a_member_that_comes_the_moment_the_quiet_ends_waits_with_the_folded_ones() -> None:
    group, _ = _join(_told_at(NOON, a_candidate(HIGH)), _another(HIGH, 2), at=NOON + MINUTE)

    group, collected = _join(group, _another(HIGH, 3), at=NOON + 5 * MINUTE)

    assert _dispositions(collected.states) == [("attack", "a3", Disposition.WAITING)]
    assert group.due == NOON + 5 * MINUTE


def test_members_of_a_rule_that_is_gone_are_timed_by_the_built_in_policy() -> None:
    group, _ = _join(None, a_candidate(a_card("gone", throttle=2 * HOUR)))

    told = flush(group, {}, (), NOON + HOUR, alert_id="n1", told={})

    assert told.group.quiet_until == NOON + HOUR + 5 * MINUTE


# --- closing -------------------------------------------------------------------------------------------------


def test_a_group_closes_a_day_after_its_last_member() -> None:
    group = _told_at(NOON, a_candidate(HIGH))

    assert _flush(group, at=NOON + DAY - SECOND).reason is Reason.EMPTY
    closed = _flush(group, at=NOON + DAY)
    assert closed == Flush(reason=Reason.CLOSED, group=replace(group, state=GroupState.CLOSED))


def test_a_group_that_is_quiet_or_has_something_to_tell_does_not_close() -> None:
    weekly = a_card(throttle=7 * DAY)
    group = _told_at(NOON, a_candidate(weekly))

    assert _flush(group, at=NOON + 3 * DAY).reason is Reason.EMPTY
    group, _ = _join(group, _another(weekly), at=NOON + HOUR)
    assert _flush(group, at=NOON + 3 * DAY).reason is Reason.NOT_DUE
    assert _flush(group, at=NOON + 7 * DAY).reason is Reason.UPDATE


@pytest.mark.parametrize(("at", "reason"), [(NOON + HOUR, Reason.EMPTY), (NOON + 2 * DAY, Reason.CLOSED)])
def test_a_group_with_nothing_pending_is_not_asked_again(at: datetime, reason: Reason) -> None:
    group = replace(_told_at(NOON, a_candidate(HIGH)), due=NOON)

    done = _flush(group, at=at)

    assert (done.reason, done.group.due) == (reason, None)


@pytest.mark.parametrize("is_written", [True, False])
def test_a_closed_group_reopens_as_a_new_one_whose_sequence_goes_on(is_written: bool) -> None:
    group = _told_at(NOON, a_candidate(HIGH))
    if is_written:
        group = _flush(group, at=NOON + 2 * DAY).group

    group, collected = _join(group, _another(), at=NOON + 2 * DAY)

    assert _dispositions(collected.states) == [("attack", "a2", Disposition.WAITING)]
    assert (group.state, group.opened, group.told_severity) == (GroupState.GATHERING, NOON + 2 * DAY, None)
    told = _flush(group, at=NOON + 3 * DAY)
    assert told.reason is Reason.AGAIN
    assert told.alert is not None
    assert told.alert.sequence == 2


# --- silences ------------------------------------------------------------------------------------------------


def test_silenced_members_leave_the_group_and_the_others_are_told() -> None:
    muted, heard = a_candidate(HIGH, entities=("erbil",)), _another(LOW)
    group, _ = _join(None, muted, heard)

    told = _flush(group, muted, heard, at=NOON + HOUR, mute=[a_silence(("entity", "erbil"), ("source", "wire"))])

    assert told.alert is not None
    assert (told.alert.rules, told.alert.severity) == (("traffic",), Severity.LOW)
    assert _dispositions(told.states) == [
        ("attack", "a1", Disposition.SILENCED),
        ("traffic", "a2", Disposition.ALERTED),
    ]
    assert told.states[0].reason == "silence x1 by huda: exercise"


def test_a_drill_is_never_silenced() -> None:
    drill = a_candidate(replace(HIGH, is_drill=True))
    group, _ = _join(None, drill)
    mute = [a_silence(("channel", "desk"))]

    told = flush(group, {HIGH.id: drill.card}, mute, NOON + HOUR, alert_id="n1", told=told_of(drill))

    assert told.alert is not None


def test_a_group_whose_members_are_all_silenced_is_muted_and_closes_if_it_never_spoke() -> None:
    group, _ = _join(None, a_candidate(HIGH))

    told = _flush(group, at=NOON + HOUR, mute=[a_silence(("code", "C008"))])

    assert (told.reason, told.alert) == (Reason.SILENCED, None)
    assert told.group == replace(group, state=GroupState.CLOSED, pending=(), due=None)


def test_a_muted_group_that_spoke_before_keeps_its_quiet() -> None:
    group, _ = _join(_told_at(NOON, a_candidate(HIGH)), _another(), at=NOON + MINUTE)

    told = _flush(group, at=NOON + HOUR, mute=[a_silence(("rule", "attack"))])

    assert told.group == replace(group, pending=(), due=None)
    assert told.group.state is GroupState.TOLD


def test_a_silence_that_names_a_publisher_holds_only_where_the_article_is_known() -> None:
    candidate = a_candidate(HIGH, an_article(publisher="Wire"))
    group, _ = _join(None, candidate)
    mute = [a_silence(("publisher", "Wire"), ("story", "s1"))]

    assert _flush(group, candidate, at=NOON + HOUR, mute=mute).reason is Reason.SILENCED
    assert _flush(group, at=NOON + HOUR, mute=mute).reason is Reason.FIRST


# --- withdrawals ---------------------------------------------------------------------------------------------


def test_a_withdrawn_match_leaves_its_group_and_gives_the_timing_back() -> None:
    urgent = a_candidate(a_card("urgent", Severity.CRITICAL, group_wait=5 * SECOND))
    group, _ = _join(None, urgent, _another(HIGH))
    assert group.due == NOON + 5 * SECOND

    group, collected = _join(group, withdrawn=[urgent.match])

    assert group.pending == (_another(HIGH).match,)
    assert group.due == NOON + 30 * SECOND
    assert _dispositions(collected.states) == [("urgent", "a1", Disposition.WITHDRAWN)]


def test_a_group_that_loses_its_only_member_before_speaking_closes() -> None:
    candidate = a_candidate(HIGH)
    group, _ = _join(None, candidate)

    group, _ = _join(group, withdrawn=[candidate.match])

    assert (group.state, group.pending, group.due) == (GroupState.CLOSED, (), None)


def test_a_quiet_group_that_loses_its_folded_member_has_nothing_to_tell() -> None:
    folded = _another()
    group, _ = _join(_told_at(NOON, a_candidate(HIGH)), folded, at=NOON + MINUTE)

    group, _ = _join(group, at=NOON + 2 * MINUTE, withdrawn=[folded.match])

    assert (group.state, group.pending, group.due) == (GroupState.TOLD, (), None)


def test_a_match_withdrawn_from_several_groups_is_withdrawn_once_and_others_stay_untouched() -> None:
    card = a_card(group_by=("entity",))
    both, other = (
        a_candidate(card, entities=("erbil", "harir")),
        a_candidate(card, an_article("a2"), entities=("asad",)),
    )
    collected = collect([both, other], {}, NOON, code_of, cards={card.id: card})
    groups = {(group.channel, group.key): group for group in collected.groups}

    after = collect([], groups, NOON, code_of, cards={card.id: card}, withdrawn=[both.match])

    assert [group.key for group in after.groups] == ["entity=erbil", "entity=harir"]
    assert _dispositions(after.states) == [("attack", "a1", Disposition.WITHDRAWN)]


# --- several groups of one match -----------------------------------------------------------------------------


def _two_groups(at: datetime = NOON) -> tuple[Candidate, Group, Group]:
    card = a_card(group_by=("entity",))
    both = a_candidate(card, entities=("erbil", "harir"))
    first, second = collect([both], {}, at, code_of, cards={card.id: card}).groups
    return both, first, second


def test_a_group_whose_members_a_sibling_told_was_told_by_it() -> None:
    both, first, second = _two_groups()
    alert = _flush(first, both, at=NOON + HOUR).alert
    assert alert is not None

    after = told_elsewhere(second, alert, CARDS, NOON + HOUR)

    assert after == replace(
        second,
        state=GroupState.TOLD,
        pending=(),
        due=None,
        last_told=NOON + HOUR,
        quiet_until=NOON + HOUR + 5 * MINUTE,
        told_severity=Severity.HIGH,
    )


def test_a_group_keeps_what_its_sibling_did_not_tell() -> None:
    both, first, second = _two_groups()
    own = a_candidate(both.card, an_article("a2"), entities=("harir",))
    second, _ = _join(second, own)
    alert = _flush(first, both, at=NOON + HOUR).alert
    assert alert is not None

    after = told_elsewhere(second, alert, CARDS, NOON + HOUR)

    assert after == replace(second, pending=(own.match,))


def test_a_match_that_folds_in_one_group_and_waits_in_another_is_waiting() -> None:
    card = a_card(group_by=("entity",), throttle=2 * HOUR)
    quiet = _told_at(NOON, a_candidate(card, entities=("erbil",)))
    both = a_candidate(card, an_article("a2"), entities=("erbil", "harir"))

    collected = collect([both], {("desk", quiet.key): quiet}, NOON + MINUTE, code_of, cards={card.id: card})

    assert [(state.disposition, state.group_key) for state in collected.states] == [
        (Disposition.WAITING, "entity=harir")
    ]


# --- run --once ----------------------------------------------------------------------------------------------


def test_once_tells_without_group_wait() -> None:
    group, _ = _join(None, a_candidate(HIGH))

    assert _flush(group, at=NOON, once=True).reason is Reason.FIRST


def test_once_tells_without_group_interval() -> None:
    group, _ = _join(_told_at(NOON, a_candidate(HIGH)), _another(), at=NOON + SECOND)

    assert _flush(group, at=NOON + SECOND, once=True).reason is Reason.UPDATE


@pytest.mark.parametrize("throttle", [2 * MINUTE, 2 * HOUR])
def test_once_keeps_the_throttle(throttle: timedelta) -> None:
    throttled = a_card(throttle=throttle)
    group, _ = _join(_told_at(NOON, a_candidate(throttled)), _another(throttled), at=NOON + SECOND)

    assert _flush(group, _another(throttled), at=NOON + throttle - SECOND, once=True).reason is Reason.NOT_DUE
    assert _flush(group, _another(throttled), at=NOON + throttle, once=True).reason is Reason.UPDATE


def test_once_tells_a_higher_severity_at_once() -> None:
    group = _told_at(NOON, a_candidate(a_card("calm", Severity.LOW, throttle=2 * HOUR)))
    group, _ = _join(group, a_candidate(CRITICAL), at=NOON + SECOND)

    assert _flush(group, at=NOON + SECOND, once=True).reason is Reason.ROSE


# --- small print ---------------------------------------------------------------------------------------------


def test_every_reason_has_words() -> None:
    assert all(reason.words for reason in Reason)


def test_a_group_told_before_severities_were_kept_is_not_pierced() -> None:
    group = replace(_told_at(NOON, a_candidate(LOW)), told_severity=None, pending=(a_candidate(CRITICAL).match,))

    assert due_at(group, CARDS, NOON + MINUTE) == NOON + 5 * MINUTE


def test_a_pending_group_without_a_time_is_told_rather_than_forgotten() -> None:
    group, _ = _join(None, a_candidate(HIGH))

    assert _flush(replace(group, due=None), at=NOON).reason is Reason.FIRST
