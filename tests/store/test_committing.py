"""One transaction per fetch, with its cursor: what is in it, what a repetition does, what versions are kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.errors import StoreError
from monitor.model import Disposition, Failure, GroupState, RuleCard, Severity
from monitor.rules.lookup import Sought
from monitor.store import Store, StoredMatch
from tests.store.conftest import Look
from tests.store.samples import (
    NOW,
    article,
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


def test_a_commit_is_seen_by_a_second_connection_with_its_cursor(store: Store, look: Look) -> None:
    assert look("SELECT count(*) FROM article") == [(0,)]

    assert store.commit(waiting("one", "two"), NOW) is True

    assert look("SELECT id FROM articles ORDER BY id") == [("a-one",), ("a-two",)]
    assert look("SELECT article, disposition FROM matches ORDER BY 1") == [("a-one", "waiting"), ("a-two", "waiting")]
    assert look("SELECT cursor FROM source") == [('{"etag":"fetch-1"}',)]


def test_the_same_fetch_is_committed_once(store: Store) -> None:
    store.commit(waiting("one"), NOW)

    assert store.commit(waiting("one"), LATER) is False
    assert store.has_fetch("wire", "fetch-1", NOW)
    assert not store.has_fetch("wire", "fetch-1", LATER)
    assert store.accounts().matches == 1


def test_a_refused_commit_leaves_nothing_not_even_the_cursor(store: Store, look: Look) -> None:
    orphan = ingest(article(), states=(state(match("absent")),))

    with pytest.raises(StoreError, match="there is no match of rule 'base-attacked'"):
        store.commit(orphan, NOW)

    assert look("SELECT count(*) FROM article") == [(0,)]
    assert store.cursor("wire") == {}
    assert not store.has_fetch("wire", "fetch-1", NOW)


def test_an_article_comes_back_as_it_went_in(store: Store) -> None:
    whole = article(
        author="هيئة التحرير",
        tags=("iraq", "tv"),
        boilerplate="اقرأ أيضا",
        language="ar",
        text="سقط صاروخان\n\nقرب القاعدة",
    )

    store.commit(ingest(whole), NOW)

    assert store.article("a-one") == whole


def test_an_article_without_any_date_was_seen_at_the_fetch(store: Store) -> None:
    store.commit(ingest(article(published=None, seen=None)), NOW)

    assert store.article("a-one") == article(published=None, seen=NOW)


def test_what_no_column_can_hold_is_taken_out(store: Store) -> None:
    store.commit(ingest(article(title="a\0b", text="c\ud800d", tags=("\udfff",))), NOW)

    assert store.article("a-one") == article(title="ab", text="c\ufffdd", tags=("\ufffd",))


def test_a_cursor_gives_back_names_that_are_not_utf8(store: Store) -> None:
    cursor = {"taken": ["caf\udce9.txt", "\0"], "size": 2**70}

    store.commit(ingest(fetch=fetched(cursor=cursor)), NOW)

    assert store.cursor("wire") == cursor


def test_an_overtaken_message_does_not_bring_back_its_cursor(store: Store) -> None:
    store.commit(ingest(fetch=fetched(key="second", at=LATER)), LATER)

    store.commit(ingest(article(), fetch=fetched(article(), key="first", at=NOW)), LATER)

    assert store.cursor("wire") == {"etag": "second"}
    assert store.article("a-one") is not None


def test_an_unchanged_fetch_saves_its_cursor_and_is_no_first_document(store: Store) -> None:
    store.commit(ingest(fetch=fetched(unchanged=True)), NOW)

    assert store.cursor("wire") == {"etag": "fetch-1"}
    assert store.source_is_new("wire")

    store.commit(ingest(fetch=fetched(key="fetch-2", at=LATER)), NOW)

    assert not store.source_is_new("wire")


def test_only_so_many_fetches_are_remembered(store: Store, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.store.writes.FETCHES_REMEMBERED", 3)
    for n in range(10):
        store.commit(ingest(fetch=fetched(key=f"k{n}", at=NOW + timedelta(seconds=n))), NOW)

    assert look("SELECT key FROM fetch ORDER BY at") == [("k6",), ("k7",), ("k8",), ("k9",)]


def test_failures_are_counted_until_a_success(store: Store) -> None:
    store.record([Failure(source="wire", at=NOW, reason="status 500")], NOW)
    wish = LATER + timedelta(hours=1)
    store.record([Failure(source="wire", at=LATER, reason="status 429", not_before=wish)], LATER)

    failing = store.source_state("wire")
    assert (failing.failures, failing.last_error, failing.last_error_at) == (2, "status 429", LATER)
    assert failing.not_before == LATER + timedelta(hours=1)

    store.commit(ingest(article(), fetch=fetched(article(), at=LATER)), LATER)

    healthy = store.source_state("wire")
    assert (healthy.failures, healthy.not_before, healthy.last_success, healthy.last_article) == (
        0,
        None,
        LATER,
        LATER,
    )


def look_up(store: Store, word: str) -> list[int]:
    return store.candidates((((frozenset({Sought((word,), False)}),),),))


def test_a_new_version_is_current_and_the_old_one_stays(store: Store) -> None:
    store.commit(ingest(article()), NOW)
    edit = article(version=2, title="Rocket fire: two dead", seen=LATER)

    store.commit(ingest(edit, fetch=fetched(edit, key="fetch-2", at=LATER)), LATER)

    assert store.article("a-one") == edit
    assert store.article("a-one", 1) == article()
    assert [len(look_up(store, word)) for word in ("dead", "rocket", "base")] == [1, 1, 0]
    assert store.first_seen(["a-one", "a-none"]) == {"a-one": NOW}


def test_a_version_that_does_not_follow_is_refused(store: Store) -> None:
    store.commit(ingest(article()), NOW)

    with pytest.raises(StoreError, match="version 3 of article 'a-one' does not follow"):
        store.commit(ingest(article(version=3), fetch=fetched(key="fetch-2")), NOW)


def test_at_most_24_versions_are_kept_the_first_the_current_and_what_waits(store: Store, look: Look) -> None:
    store.commit(ingest(article()), NOW)
    for version in range(2, 31):
        edit = article(version=version, text=f"text {version}")
        found = match(version=3)
        more = {"matches": (found,), "states": (state(found),), "groups": (group([found]),)} if version == 3 else {}
        store.commit(ingest(edit, fetch=fetched(edit, key=f"fetch-{version}"), **more), NOW)

    kept = [version for (version,) in look("SELECT version FROM version ORDER BY version")]

    assert len(kept) == 24
    assert kept == [1, 3, *range(9, 31)]


def test_a_version_no_longer_kept_is_answered_by_the_next_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.store.writes.MOST_VERSIONS", 2)
    store.commit(ingest(article()), NOW)
    for version in (2, 3):
        store.commit(ingest(article(version=version, text=f"text {version}"), fetch=fetched(key=f"f{version}")), NOW)

    answer = store.article("a-one", 2)

    assert answer is not None
    assert answer.version == 3


def test_an_alias_leads_to_its_article_for_ever(store: Store) -> None:
    store.commit(ingest(article()), NOW)
    store.commit(ingest(fetch=fetched(key="fetch-2"), aliases=(("a-other", "a-one"),)), NOW)
    store.commit(ingest(fetch=fetched(key="fetch-3"), aliases=(("a-other", "a-one"),)), NOW)

    assert store.article("a-other") == article()
    known = store.known("wire", [article("other"), article("one")])
    assert {asked: found.id for asked, found in known.ids.items()} == {"a-other": "a-one", "a-one": "a-one"}
    assert {asked: found.id for asked, found in store.known("wire", [], ["a-other"]).ids.items()} == {
        "a-other": "a-one"
    }


def test_an_alias_becomes_the_id_of_an_article_of_its_own(store: Store) -> None:
    store.commit(ingest(article(), aliases=(("a-two", "a-one"),)), NOW)
    two = article("two")
    store.commit(ingest(two, fetch=fetched(two, key="fetch-2")), NOW)

    assert store.known("wire", [two]).ids["a-two"].id == "a-two"
    assert store.article("a-two") == two
    history = store.history("a-one")
    assert history is not None
    assert history.aliases == ()


def test_known_gives_lookalikes_by_address_and_by_title_and_date_of_the_same_source(store: Store) -> None:
    store.commit(ingest(article("one"), article("two", url="https://news.example/one?utm_source=x")), NOW)
    other = article("one", source="other")
    store.commit(ingest(replace(other, id="a-far"), fetch=fetched(source="other")), NOW)

    stranger = article("one", url="http://www.news.example/one/")
    known = store.known("wire", [replace(stranger, id="a-stranger")])

    assert known.ids == {}
    assert {url: [one.id for one in found] for url, found in known.by_url.items()} == {
        "//news.example/one": ["a-one", "a-two"]
    }
    assert [[one.id for one in found] for found in known.by_title.values()] == [["a-one"]]


def test_a_pruned_article_is_known_for_ever_and_keeps_its_matches(store: Store) -> None:
    store.commit(waiting("one"), NOW)
    store.commit(ingest(article("two"), fetch=fetched(key="fetch-2")), NOW)
    store.commit(ingest(article("new", seen=LATER), fetch=fetched(key="fetch-3", at=LATER)), LATER)

    assert store.prune(limits(LATER), LATER) == {"articles": 1}  # a-one waits to be told

    assert store.article("a-two") is None
    assert store.candidates(()) == [3, 1]
    assert store.known("wire", [article("two")]).ids["a-two"].is_pruned
    assert store.article("a-one") is not None
    assert store.prune(limits(LATER), LATER) == {}


def test_a_group_comes_back_as_it_went_in(store: Store) -> None:
    bundle = waiting("one", "two", "three")
    told = replace(
        bundle.groups[0],
        state=GroupState.TOLD,
        pending=(bundle.groups[0].pending[2], bundle.groups[0].pending[0]),
        last_told=NOW,
        quiet_until=LATER,
        due=LATER,
        sequence=3,
        told_severity=Severity.HIGH,
    )
    store.commit(bundle, NOW)
    assert store.groups("desk", ["rule=base-attacked", "rule=other"]) == {"rule=base-attacked": bundle.groups[0]}

    store.commit_group_soon(told, [state(bundle.matches[1], Disposition.SILENCED)], NOW)()

    assert store.groups("desk", ["rule=base-attacked"]) == {"rule=base-attacked": told}
    assert store.groups("duty", ["rule=base-attacked"]) == {}
    assert store.due_groups(NOW) == ()
    assert store.due_groups(LATER) == store.pending_groups() == store.groups_holding("a-one") == (told,)
    assert store.groups_holding("a-two") == ()
    assert store.match_states(bundle.matches, "desk") == (
        bundle.states[0],
        state(bundle.matches[1], Disposition.SILENCED),
        bundle.states[2],
    )


def test_idle_groups_are_those_that_wait_for_nothing(store: Store) -> None:
    idle = group(key="rule=idle", code="A7K3", due=None, state=GroupState.TOLD)
    closed = group(key="rule=closed", code="A7K4", due=None, state=GroupState.CLOSED)
    quiet = group(key="rule=quiet", code="A7K5", due=None, state=GroupState.TOLD, quiet_until=LATER)
    store.commit_group_soon([quiet, idle, closed, group()], [], NOW)()

    assert store.idle_groups(NOW, NOW) == ()
    assert store.idle_groups(LATER, NOW) == (idle,)
    assert store.idle_groups(LATER, LATER) == (quiet, idle)


def test_a_match_may_wait_in_several_groups_and_has_one_disposition(store: Store) -> None:
    found = match()
    first, second = group([found], key="entity=a", code="A7K3"), group([found], key="entity=b", code="A7K4")
    store.commit(ingest(article(), matches=(found,), states=(state(found),), groups=(first, second)), NOW)

    assert store.groups_holding("a-one") == (first, second)
    assert store.accounts().dispositions == {Disposition.WAITING: 1}


def test_dispositions_add_up_over_channels(store: Store) -> None:
    one, two = match("one"), match("two")
    states = (
        state(one),
        state(one, Disposition.STALE, channel="duty"),
        state(two, Disposition.STORE_ONLY, channel=""),
    )
    store.commit(ingest(article("one"), article("two"), matches=(one, two), states=states), NOW)

    accounts = store.accounts()

    assert (accounts.matches, accounts.expected, sum(accounts.dispositions.values())) == (2, 3, 3)


def test_a_match_without_a_disposition_shows_in_the_accounts(store: Store) -> None:
    store.commit(ingest(article(), matches=(match(),)), NOW)

    accounts = store.accounts()

    assert accounts.expected == 1
    assert sum(accounts.dispositions.values()) == 0


def test_a_match_is_marked_when_an_edit_loses_it_and_when_one_brings_it_back(store: Store) -> None:
    store.commit(waiting("one"), NOW)
    for version, lost in ((2, 2), (3, 0)):
        edit = article(version=version, text=f"text {version}")
        store.commit(ingest(edit, fetch=fetched(edit, key=f"f{version}"), lost=((match(), lost),)), NOW)

        assert store.stored_matches(["a-one"])["a-one"] == (
            StoredMatch(match=match(), lost=lost, states=(state(match()),)),
        )


def test_the_same_bytes_again_are_counted_with_their_article(store: Store) -> None:
    store.commit(ingest(article(), fetch=fetched(article(), files=(taken("one.txt", "a-one"),))), NOW)
    again = fetched(article(), key="fetch-2", at=LATER, files=(taken("copy\udcff.txt", "a-one"),))
    store.commit(ingest(fetch=again), LATER)

    (file,) = store.files_with("AB" * 32)

    assert (file.name, file.times, file.first_taken, file.last_taken) == ("copy\ufffd.txt", 2, NOW, LATER)
    assert file.articles == ("a-one",)


def test_a_file_of_an_alias_belongs_to_the_article(store: Store) -> None:
    store.commit(ingest(article()), NOW)
    fetch = fetched(
        key="fetch-2", files=(taken("one.txt", "a-other"), taken("bad.txt", sha256="cd" * 32, reason="empty"))
    )
    store.commit(ingest(fetch=fetch, aliases=(("a-other", "a-one"),)), NOW)

    assert store.files_with("ab" * 32)[0].articles == ("a-one",)
    assert store.files_with("cd" * 32)[0].reason == "empty"


def test_a_rule_begins_anew_when_it_changes_or_was_away(store: Store) -> None:
    def card(rule: str, digest: str) -> RuleCard:
        return RuleCard(id=rule, hash=digest, title=rule, severity=Severity.LOW, notify=())

    store.activate([card("stays", "1"), card("changes", "1"), card("leaves", "1")], NOW)
    store.activate([card("stays", "1"), card("changes", "2")], LATER)
    assert store.rule_activated(["stays", "changes", "leaves"]) == {"stays": NOW, "changes": LATER}

    last = LATER + timedelta(hours=1)
    store.activate([card("stays", "1"), card("changes", "2"), card("leaves", "1")], last)
    assert store.rule_activated(["stays", "changes", "leaves"]) == {"stays": NOW, "changes": LATER, "leaves": last}


def test_rows_of_an_old_view_stay_json(store: Store, look: Look) -> None:
    store.commit(waiting("one"), NOW)

    ((entities, spans),) = look("SELECT entities, spans FROM matches")

    assert json.loads(entities) == ["ain-al-asad"]
    assert json.loads(spans) == [["title", 0, 6, "rocket", [0, 6]]]
