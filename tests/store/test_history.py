"""What `explain` is answered from: everything about one article, and what stands behind a code."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.errors import StoreError
from monitor.model import DeliveryState, Disposition, GroupState
from monitor.store import Store
from monitor.store.history import AlertHistory, MatchHistory, StateHistory
from tests.store.samples import (
    NOW,
    alert,
    article,
    delivery,
    fetched,
    group,
    ingest,
    limits,
    match,
    state,
    taken,
    waiting,
)

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def told(store: Store) -> Store:
    """Article one told on desk, stale on duty; edited; its file taken twice; it has an alias and a copy."""
    one = match("one")
    bundle = waiting("one")
    store.commit(
        replace(
            bundle,
            fetched=replace(bundle.fetched, files=(taken("one.txt", "a-one"),)),
            states=(*bundle.states, state(one, Disposition.STALE, channel="duty", reason="too old", group_key="")),
        ),
        NOW,
    )
    store.commit_alert_soon(
        alert(one),
        {},
        [delivery()],
        group(state=GroupState.TOLD, due=None, sequence=1),
        [state(one, Disposition.ALERTED, reason="first news", alert_id="n-1")],
        NOW,
    )()
    edit, copy = article(version=2, text="Corrected.", seen=LATER), article("copy")
    story = ingest(article()).stories[0][1]
    store.commit(
        replace(
            ingest(
                edit,
                copy,
                fetch=fetched(edit, key="fetch-2", at=LATER, files=(taken("one.txt", "a-other"),)),
                aliases=(("a-other", "a-one"),),
                lost=((one, 2),),
            ),
            stories=(("a-copy", replace(story, joined=True, reason="the same text")),),
        ),
        LATER,
    )
    return store


def test_the_history_of_an_article_has_everything(told: Store) -> None:
    history = told.history("a-one")

    assert history is not None
    assert (history.article_id, history.source, history.first_seen, history.changed) == ("a-one", "wire", NOW, LATER)
    assert (history.pruned, history.source_first_parsed) == (None, NOW)
    assert history.aliases == ("a-other",)
    assert (history.story_id, history.story_articles) == ("s-a-one", ("a-copy",))
    assert history.versions == (article(), article(version=2, text="Corrected.", seen=LATER))
    (file,) = history.files
    assert (file.name, file.times, file.first_taken, file.last_taken) == ("one.txt", 2, NOW, LATER)
    assert history == told.history("a-other")


def test_a_match_is_explained_by_its_states_alert_and_deliveries(told: Store) -> None:
    history = told.history("a-one")

    assert history is not None
    told_by = AlertHistory(alert=alert(match("one")), deliveries=(delivery(),), receipts=(("d-1", ""),))
    assert history.matches == (
        MatchHistory(
            match=match("one"),
            matched=NOW,
            lost=2,
            states=(
                StateHistory(
                    channel="desk",
                    disposition=Disposition.ALERTED,
                    reason="first news",
                    at=NOW,
                    group_key="rule=base-attacked",
                    code="A7K2",
                    alert=told_by,
                ),
                StateHistory(
                    channel="duty",
                    disposition=Disposition.STALE,
                    reason="too old",
                    at=NOW,
                    group_key="",
                    code="",
                    alert=None,
                ),
            ),
            alerts=(told_by,),
        ),
    )


def test_a_copy_knows_why_it_is_in_its_story(told: Store) -> None:
    history = told.history("a-copy")

    assert history is not None
    assert (history.story_id, history.story_reason, history.story_articles) == (
        "s-a-one",
        "the same text",
        ("a-one",),
    )
    assert (history.matches, history.files) == ((), ())


def test_a_pruned_article_still_has_a_history(told: Store) -> None:
    ((claimed, _),) = told.claim(NOW)
    assert claimed.lease is not None
    told.settle(replace(claimed, state=DeliveryState.SENT), NOW, token=claimed.lease.token)
    told.prune(limits(LATER + timedelta(days=1)), LATER)

    history = told.history("a-one")

    assert history is not None
    assert (history.pruned, history.versions, len(history.matches)) == (LATER, (), 1)


def test_an_article_is_found_by_the_beginning_of_its_id(told: Store) -> None:
    assert told.article("a-on") == told.article("a-one")
    assert told.article("a-o") is None  # too short
    assert told.article("a-nobody") is None
    assert told.history("a-nobody") is None
    assert told.article("a-other") == told.article("a-one")


def test_an_ambiguous_beginning_says_which_articles_it_may_mean(store: Store) -> None:
    store.commit(ingest(article("same-1"), article("same-2")), NOW)

    with pytest.raises(StoreError, match=r"several articles begin with 'a-same' \(a-same-1, a-same-2"):
        store.article("a-same")


def test_a_code_leads_to_its_groups_on_all_channels_and_their_alerts(told: Store) -> None:
    told.commit_group_soon(group(channel="duty", due=None), [], NOW)()

    found = told.by_code("a7k2")

    assert found is not None
    assert (found.code, found.group_key) == ("A7K2", "rule=base-attacked")
    assert [one.channel for one in found.groups] == ["desk", "duty"]
    assert [one.alert.id for one in found.alerts] == ["n-1"]
    assert told.by_code("ZZZZ") is None
