"""A search finds what a rule with the same query would find, and only reads what may hold it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from monitor.errors import RuleError
from monitor.rulefiles.asked import QUERY, load_query
from monitor.rules.lookup import lookup
from monitor.search import search
from monitor.store import Store
from monitor.store.schema import _search_words
from tests.flows.site import Site
from tests.store.samples import NOW, article, fetched, ingest, match, state

TEXTS = {
    "clitics": ("هجوم صاروخي", "سقط صاروخان وللقاعدة أضرار كبيرة."),
    "phrase": ("Rocket fire near the base", "Two rockets fell near Ain al-Asad.\n\nNobody was hurt."),
    "apart": ("A rocket", "It set no fire."),
    "initials": ("U.S. drill", "The U.S. Army trained with O'Neil's men."),
    "chinese": ("在中国发生", "没有人受伤。"),
    "greek": ("Ο νέος", "Ήρθε."),
    "mixed": ("أسعار", "ارتفعت 19عاما وشركةSABICوحدها"),
    "sigma": ("Explosions", "Something exploded, then exploding_again."),
}
QUERIES = """
القاعدة | قاعدة | "rocket fire" | rocket fire | us | "us army" | o'neil | 中国 | νέος | عاما | SABIC | explo* | كبير
rocket NEAR/3 base | title:rocket NOT body:fire | rocket OR قاعدة | /ro[ck]+et/ | lang:ar هجوم | source:wire rocket
source:other rocket | lead:rockets | =rockets | ~rocket | NOT rocket base
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path: Path = tmp_path_factory.mktemp("archive") / "rasid.db"
    with Store.open(path, write=True, now=NOW) as store:
        for number, (name, (title, text)) in enumerate(TEXTS.items()):
            language = "ar" if name in ("clitics", "mixed") else ""
            seen = NOW + timedelta(hours=number)
            one = article(name, title=title, text=text, language=language, seen=seen, publisher="")
            found = (match(name),) if name == "phrase" else ()
            states = tuple(state(each, channel="") for each in found)
            bundle = ingest(one, fetch=fetched(one, key=name, at=seen), matches=found, states=states)
            store.commit(bundle, seen)
        yield store


def found(archive: Store, query: str) -> list[str]:
    return [row["id"].removeprefix("a-") for row in search(archive, load_query(query))]


def judged(archive: Store, query: str) -> list[str]:
    """What the engine finds when it reads everything."""
    rules = load_query(query)
    everything = archive.articles(archive.candidates(()), None, None, None)
    return [article.id.removeprefix("a-") for article, _ in everything if rules.match(article)]


@pytest.mark.parametrize("query", [query.strip() for query in QUERIES.strip().replace("\n", "|").split("|")])
def test_it_finds_what_a_rule_finds(archive: Store, query: str) -> None:
    assert found(archive, query) == judged(archive, query)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("القاعدة", ["clitics"]),
        ('"rocket fire"', ["phrase"]),
        ("us", ["initials"]),
        ("中国", ["chinese"]),
        ("عاما", ["mixed"]),
        ("sabic", ["mixed"]),
        ("explo*", ["sigma"]),
        ("rocket NOT title:base", ["apart"]),
        ("lang:ar (هجوم OR أسعار)", ["mixed", "clitics"]),
        ("/ro[ck]+et/", ["apart", "phrase"]),
    ],
)
def test_the_newest_come_first(archive: Store, query: str, names: list[str]) -> None:
    assert found(archive, query) == names


def test_only_what_may_hold_it_is_read(archive: Store) -> None:
    def read(query: str) -> int:
        return len(archive.candidates(lookup(load_query(query).compiled, QUERY)))

    assert (read("中国"), read("rocket NEAR/1 fire"), read("/ro[ck]+et/")) == (1, 2, len(TEXTS))


def test_a_row_says_where_what_and_why(archive: Store) -> None:
    (row,) = search(archive, load_query("rockets"))

    assert row == {
        "id": "a-phrase",
        "title": "Rocket fire near the base",
        "url": "https://news.example/phrase",
        "source": "wire",
        "publisher": "",
        "language": "",
        "version": 1,
        "seen": "2026-11-24T09:00:00.000Z",
        "published": "2026-11-24T08:00:00.000Z",
        "story": "s-a-phrase",
        "matches": ["base-attacked"],
        "spans": [{"field": "text", "start": 4, "end": 11, "term": "rockets", "text": "rockets"}],
        "excerpt": "Two rockets fell near Ain al-Asad.…",
        "marks": [[4, 11]],
    }


def test_it_is_bounded_by_source_time_and_number(archive: Store) -> None:
    query = load_query("rocket OR هجوم OR explo*")

    def ids(**bounds: Any) -> list[str]:
        return [row["id"].removeprefix("a-") for row in search(archive, query, **bounds)]

    assert ids() == ["sigma", "apart", "phrase", "clitics"]
    assert ids(limit=2) == ["sigma", "apart"]
    assert ids(limit=2, offset=2) == ["phrase", "clitics"]
    assert ids(offset=4) == []
    assert ids(since=NOW + timedelta(hours=1), until=NOW + timedelta(hours=7)) == ["apart", "phrase"]
    assert ids(source="other") == []


def test_a_query_that_cannot_be_read_is_told_with_its_column() -> None:
    with pytest.raises(RuleError) as told:
        load_query("rocket AND AND fire")

    assert str(told.value).startswith("query:1:12: ")
    with pytest.raises(RuleError, match="unknown name"):
        load_query("$nobody")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from('"*()^:-+{}ORNEAT '))))
@example("0\ud800")
def test_whatever_is_typed_finds_something_or_is_refused(archive: Store, query: str) -> None:
    try:
        rules = load_query(query)
    except RuleError:
        return
    search(archive, rules)


def test_the_command_marks_what_it_found_and_pages(site: Site) -> None:
    site.put(
        "one.json",
        {"title": "An attack at dawn", "text": "The attack began early."},
        {"title": "b", "text": "attack"},
    )
    site.rasid("run", "--once")

    first = site.rasid("search", "attack", "--limit", "1")
    second = site.rasid("search", "attack", "--limit", "1", "--offset", "1")

    assert "There may be more: --offset 1" in first.stderr
    shown = first.stdout + second.stdout
    assert "An [attack] at dawn" in shown
    assert "The [attack] began early." in shown
    assert site.rasid("search", "earthquake").output == "no article is found\n"
    refused = site.rasid("search", "attack AND")
    assert (refused.exit_code, refused.stderr.startswith("query:1:")) == (3, True)


def test_the_command_knows_the_names_of_the_rules(site: Site) -> None:
    site.rules += "lists:\n  war:\n    words:\n      - attack\n      - هجوم\n"
    site.write()
    site.put("one.json", {"title": "Dawn", "text": "وقع الهجوم فجرا"})
    site.rasid("run", "--once")

    assert [row["title"] for row in site.json("search", "$war")] == ["Dawn"]
    assert site.json("search", "$war NOT source:wire") == []


def test_an_index_of_an_older_form_is_made_anew(archive: Store) -> None:
    def older(db: Connection) -> None:
        db.execute("UPDATE article_search SET title = '在中国发生' WHERE title LIKE '%中%'")

    archive._writing.run(older)
    assert found(archive, "中国") == []

    archive._writing.run(lambda db: _search_words(Database(db)))
    assert found(archive, "中国") == ["chinese"]
