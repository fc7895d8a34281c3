"""A fault of Rasid's own in judging one article costs the others of its document nothing, and is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import pytest

from monitor.store import writes
from monitor.stories.facts import Reader
from monitor.stories.fingerprint import Fingerprint, fingerprints
from tests.flows.feeds import FeedServer, rss
from tests.flows.receiver import Receiver
from tests.flows.site import Site

OLD = ("old", "Calm sea", "Nothing moved.")
POISON = ("poison", "Attack of the odd letters", "An attack that no judge survives.")
GOOD = ("good", "Attack at dawn", "An attack hit a depot.")


class Fault:
    """Makes the fingerprint of some titles fail, as a fault of ours would."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.titles: set[str] = set()

        def faulty(articles: Sequence[tuple[str, str]], reader: Reader) -> Iterator[Fingerprint]:
            for (title, _), found in zip(articles, fingerprints(articles, reader), strict=True):
                if title in self.titles:
                    raise RecursionError("a secret of the article")
                yield found

        patch.setattr("monitor.store.answers.fingerprints", faulty)


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Fault:
    return Fault(monkeypatch)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer({"/rss": rss([OLD])}) as server:
        yield server


def titles(receiver: Receiver) -> list[str]:
    return [body["articles"][0]["title"] for body in receiver.bodies]


def served(site: Site, server: FeedServer, fault: Fault, *items: tuple[str, str, str]) -> None:
    """The site has the server's feed, whose first document is known; the next has items, one of them poison."""
    site.sources = {"wire": f"{{url: '{server.url('/rss')}', every: 10s}}"}
    site.extra = "ops: {notify: [desk]}"
    site.write()
    assert site.rasid("run", "--once").exit_code == 0
    fault.titles = {POISON[1]}
    server.bodies["/rss"] = rss(items)


def test_the_others_are_told_at_once_and_the_operator_hears_of_the_one(
    site: Site, receiver: Receiver, server: FeedServer, fault: Fault
) -> None:
    served(site, server, fault, POISON, GOOD, OLD)

    result = site.rasid("run", "--once")

    assert result.exit_code == 1
    assert "wire: could not be judged: 1/3, 'Attack of the odd letters' (RecursionError)" in result.output
    assert sorted(titles(receiver)) == ["Articles of source wire could not be judged", GOOD[1]]
    assert site.rasid("run", "--once").exit_code == 1
    assert len(receiver.bodies) == 2, "neither is told twice"


def test_it_is_tried_with_every_poll_and_told_once_it_can_be_judged(
    site: Site, receiver: Receiver, server: FeedServer, fault: Fault
) -> None:
    served(site, server, fault, POISON, GOOD, OLD)
    site.rasid("run", "--once")
    fault.titles = set()

    assert site.rasid("run", "--once").exit_code == 0

    assert sorted(titles(receiver)[2:]) == ["All articles of source wire can be judged again", POISON[1]]
    assert site.rasid("run", "--once").exit_code == 0
    assert len(receiver.bodies) == 4


def test_a_document_of_which_nothing_can_be_judged_is_a_failure_of_its_source_and_told(
    site: Site, receiver: Receiver, server: FeedServer, fault: Fault
) -> None:
    served(site, server, fault, POISON)

    result = site.rasid("run", "--once")

    assert "wire: what it brought could not be judged (RecursionError" in result.output
    assert titles(receiver) == ["Articles of source wire could not be judged"]


def test_an_article_that_contradicts_what_is_stored_costs_the_others_nothing(
    site: Site, receiver: Receiver, server: FeedServer, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    served(site, server, fault, POISON, GOOD, OLD)
    fault.titles = set()
    save = writes._save_version

    def contradicting(connection: sqlite3.Connection, number: int, item: writes.Prepared) -> None:
        for _ in range(2 if item.article.title == POISON[1] else 1):  # the second is there already
            save(connection, number, item)

    monkeypatch.setattr(writes, "_save_version", contradicting)

    result = site.rasid("run", "--once")

    assert "could not be judged: 1/3, 'Attack of the odd letters' (StoreConflict)" in result.output
    assert sorted(titles(receiver)) == ["Articles of source wire could not be judged", GOOD[1]]

    server.bodies["/rss"] = rss([POISON])
    assert "wire: what it brought could not be judged (StoreConflict" in site.rasid("run", "--once").output
