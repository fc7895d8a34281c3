"""Stories in the store: what finds articles that are alike, for how long, and what people are shown of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.model import Article, Relation, StoryDecision
from monitor.store import Store
from monitor.store.schema import known_version
from monitor.stories.fingerprint import Fingerprint, fingerprint
from monitor.stories.placing import WINDOW
from monitor.stories.publishers import Appearance
from tests.store.conftest import Look
from tests.store.samples import NOW, article, fetched, ingest, limits

TEXT = "Two rockets fell near the base at Ain al-Asad on Monday and five soldiers of the garrison were hurt."
OTHER = "The cabinet met in Baghdad on Sunday to speak about next year's budget and the price of bread."
LATER = NOW + timedelta(hours=1)


def of(store: Store, one: Article) -> Fingerprint:
    return fingerprint(one.title, one.text, store.story_reader())


def commit(
    store: Store,
    *articles: Article,
    joined: str = "",
    relation: Relation = Relation.COPY,
    wire: str = "",
    now: datetime = NOW,
    known: Sequence[str] = (),
) -> None:
    """Commit articles, each with its fingerprint unless it is known; they begin stories, or join one."""
    bundle = ingest(
        *articles, fetch=fetched(*articles, key=f"fetch-of-{articles[0].id}-{articles[0].version}", at=now)
    )
    if joined:
        decision = StoryDecision(
            story_id=joined, joined=True, reason="as the test wants", relation=relation, wire=wire
        )
        bundle = replace(bundle, stories=tuple((one.id, decision) for one in articles))
    prints = {(one.id, one.version): of(store, one) for one in articles}
    keys = {name: one.text_key for name, one in prints.items()}
    kept = {name: one for name, one in prints.items() if name[0] not in known}
    assert store.commit(bundle, now, text_keys=keys, fingerprints=kept)


def like(store: Store, text: str = TEXT) -> list[str]:
    """Ids of committed articles that may be like one with this text."""
    return [one.article_id for one in store.like_articles([of(store, article("new", text=text, title="New"))])[0]]


def test_an_article_is_found_by_its_text_and_by_its_likeness(store: Store) -> None:
    commit(store, article("one", text=TEXT), article("two", text=OTHER))

    ((same, alike),) = store.like_articles([of(store, article("new", text=TEXT))])

    assert (same.story_id, same.article_id, same.first_seen, same.seen) == ("s-a-one", "a-one", NOW, NOW)
    assert (same.fingerprint, same.wire) == (None, "")
    assert alike.fingerprint is not None
    assert replace(alike, fingerprint=None) == same
    assert like(store, TEXT + " Nobody claimed the attack.") == ["a-one"]
    assert like(store, "Bread is cheap this week, says the market of the town.") == []
    assert like(store, "") == []


def test_what_is_like_several_articles_is_found_for_each(store: Store) -> None:
    commit(store, article("one", text=TEXT), article("two", text=OTHER))
    texts = (OTHER, TEXT + " And more.", "Bread is cheap this week, says the market of the town.", TEXT)
    several = [of(store, article("new", text=text, title="New")) for text in texts]

    found = store.like_articles(several)

    assert [[one.article_id for one in some] for some in found] == [["a-two"] * 2, ["a-one"], [], ["a-one"] * 2]
    assert found == [store.like_articles([one])[0] for one in several]
    assert store.like_articles([]) == []


def test_an_article_committed_later_is_found_at_once(store: Store) -> None:
    assert like(store) == []
    for number in range(3):
        commit(store, article(f"n{number}", text=f"{TEXT} It was number {number}."), now=NOW)
        assert len(like(store, TEXT + " And more.")) == number + 1


def test_an_article_whose_text_is_known_needs_no_fingerprint(store: Store, look: Look) -> None:
    commit(store, article("one", text=TEXT))
    commit(store, article("two", text=TEXT), joined="s-a-one", wire="a-one", known=["a-two"])

    assert look("SELECT count(*) FROM fingerprint") == look("SELECT count(*) FROM story_text") == [(1,)]
    assert like(store) == ["a-one", "a-one"]


def test_a_new_version_is_found_by_its_own_text(store: Store) -> None:
    commit(store, article("one", text=TEXT))
    commit(store, article("one", text=OTHER, version=2, seen=LATER), now=LATER)

    ((candidate, _),) = store.like_articles([of(store, article("new", text=OTHER))])

    assert (candidate.article_id, candidate.seen, candidate.first_seen) == ("a-one", LATER, NOW)


def test_everything_is_found_after_a_restart_under_the_same_seed(database: Path, look: Look) -> None:
    with Store.open(database, write=True, now=NOW) as store:
        commit(store, article("one", text=TEXT), article("two", text=OTHER))
        commit(store, article("three", text=TEXT + " More of it."))
        before = [like(store, text) for text in (TEXT, OTHER, TEXT + " More of it.")]

    with Store.open(database, now=NOW) as store:
        assert [like(store, text) for text in (TEXT, OTHER, TEXT + " More of it.")] == before
        assert like(store, TEXT + " And more.") == ["a-one", "a-three"]
    assert look("SELECT length(seed) FROM story_seed") == [(24,)]


def test_every_database_has_a_seed_of_its_own(tmp_path: Path) -> None:
    found = []
    for name in ("one.db", "two.db"):
        with Store.open(tmp_path / name, write=True, now=NOW) as store:
            found.append(of(store, article(text=TEXT)).to_bytes())

    assert found[0] != found[1]


def test_what_finds_a_text_is_deleted_after_72_hours(store: Store, look: Look) -> None:
    commit(store, article("one", text=TEXT))
    assert like(store) == ["a-one", "a-one"]

    soon, late = NOW + WINDOW, NOW + WINDOW + timedelta(seconds=1)
    commit(store, article("two", text=OTHER, seen=soon), now=soon)
    assert like(store) == ["a-one", "a-one"]
    commit(store, article("three", text=OTHER + " Again.", seen=late), now=late)

    assert like(store) == []
    assert look("SELECT count(*) FROM fingerprint") == look("SELECT count(*) FROM story_text") == [(2,)]
    assert store.story("s-a-one") is not None


def test_after_a_quiet_time_new_articles_are_still_found(store: Store) -> None:
    commit(store, article("one", text=TEXT))
    assert like(store)
    late = NOW + 2 * WINDOW
    store.commit(ingest(fetch=fetched(key="nothing", at=late)), late)
    assert like(store) == ["a-one"]  # its number must not be given again; the story is closed

    commit(store, article("two", text=TEXT, seen=late), now=late)
    store.commit(ingest(fetch=fetched(key="nothing again", at=late)), late)

    assert like(store) == ["a-two", "a-two"]


def test_an_older_database_gets_its_seed_and_its_stories_go_on(database: Path) -> None:
    with Store.open(database, write=True, now=NOW) as store:
        store.commit(ingest(article("one", text=TEXT)), NOW)
    with sqlite3.connect(database, isolation_level=None) as connection:
        for table in ("fingerprint", "story_seed"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DROP INDEX story_by_last_seen")
        for column in ("relation", "wire"):
            connection.execute(f"ALTER TABLE article DROP COLUMN {column}")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = '0008-stories'")
        connection.execute(f"PRAGMA user_version = {known_version() - 1}")
    connection.close()

    with Store.open(database, write=True, now=NOW) as store:
        commit(store, article("two", text=TEXT))

        assert like(store) == ["a-two", "a-two"]
        assert [row["id"] for row in store.stories()] == ["s-a-one", "s-a-two"]


def test_two_articles_of_one_story_are_counted(store: Store) -> None:
    commit(store, article("one", text=TEXT))
    commit(store, article("two", text=TEXT, publisher="other.example"), joined="s-a-one")

    story = store.stories_of(["a-two"])["a-two"]

    assert (story.id, story.head, story.size) == ("s-a-one", "a-one", 2)
    assert story.publishers == ("news.example", "other.example")


@pytest.fixture
def told(store: Store) -> Store:
    """A story of three articles by two publishers, one of which copies, and another story."""
    commit(store, article("one", text=TEXT, title="Rockets"))
    sport = article("two", text=TEXT, seen=LATER, publisher="sport.news.example")
    commit(store, sport, joined="s-a-one", wire="a-one", now=LATER)
    last = article("three", seen=LATER + timedelta(hours=1), publisher="Courier", title="Own words", url="")
    commit(store, last, joined="s-a-one", relation=Relation.REWRITE, now=LATER)
    commit(store, article("four", text=OTHER, publisher="", url="", title="Cabinet"))
    return store


def test_stories_are_listed_with_who_tells_them(told: Store) -> None:
    first, second = told.stories()

    assert first == {
        "id": "s-a-one",
        "title": "Rockets",
        "size": 3,
        "publishers": 2,
        "independent": 2,
        "first_seen": "2026-11-24T08:00:00.000Z",
        "last_seen": "2026-11-24T10:00:00.000Z",
        "head": "a-one",
    }
    assert (second["id"], second["publishers"], second["independent"]) == ("s-a-four", 0, 0)
    assert told.stories(since=LATER) == told.stories(least=2) == told.stories(limit=1) == (first,)


def test_a_story_is_shown_with_its_articles(told: Store) -> None:
    story = told.story("s-a-o")

    assert story == told.story("s-a-one") == told.story("a-three")
    assert story is not None
    assert [(one["id"], one["relation"], one["wire"]) for one in story["articles"]] == [
        ("a-one", "separate", ""),
        ("a-two", "copy", "a-one"),
        ("a-three", "rewrite", ""),
    ]
    assert story["articles"][1] | {"relation": "", "wire": ""} == {
        "id": "a-two",
        "title": "Rocket fire near the base, report two",
        "url": "https://news.example/two",
        "publisher": "sport.news.example",
        "source": "wire",
        "seen": "2026-11-24T09:00:00.000Z",
        "relation": "",
        "reason": "as the test wants",
        "wire": "",
    }


def test_a_story_nobody_knows_is_none_and_an_ambiguous_beginning_is_refused(told: Store) -> None:
    assert told.story("s-nobody") is None
    assert told.story("s-a") is None
    assert told.story("\0\ud800") is None
    with pytest.raises(StoreError, match="several stories begin with 's-a-'"):
        told.story("s-a-")


def test_a_story_outlives_the_texts_of_its_articles(told: Store) -> None:
    told.prune(limits(NOW + WINDOW), NOW)

    story = told.story("s-a-one")

    assert story is not None
    assert (story["title"], story["size"], story["publishers"], len(story["articles"])) == ("", 3, 0, 3)


def test_voices_come_in_the_order_of_appearance_with_the_text_they_carry(told: Store) -> None:
    assert told.appearances(["a-three", "a-two", "a-nobody"]) == (
        Appearance(publisher="sport.news.example", url="https://news.example/two", wire="a-one"),
        Appearance(publisher="Courier", url="", wire="a-three"),
    )
