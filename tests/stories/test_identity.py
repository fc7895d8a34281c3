"""Which known article an item is: by id, by look-alike, never in doubt."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Article
from monitor.stories.identity import (
    IdentityDecision,
    Kind,
    KnownArticle,
    KnownArticles,
    Reason,
    decide_all,
    title_key,
)
from monitor.text.addresses import canonical_url

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
TEXT = "Two rockets fell near the Ain al-Asad base on Monday morning and wounded five soldiers of the garrison."
NEARLY = TEXT + " Updated."
OTHER = "The cabinet met in Baghdad to speak about next year's budget and the price of bread in the provinces."
URL = "https://news.example/2026/rockets"


def item(name: str = "a-1", **more: Any) -> Article:
    values: dict[str, Any] = {"title": "Rockets near base", "text": TEXT, "url": URL, "published": NOW, "seen": NOW}
    return Article(id=name, source="wire", **(values | more))


def known(name: str = "a-1", **more: Any) -> KnownArticle:
    one = item(**{key: value for key, value in more.items() if key not in ("version", "is_pruned")})
    return KnownArticle(
        id=name,
        version=more.get("version", 1),
        title=one.title,
        text=one.text,
        url=one.url,
        published=one.published,
        seen=one.seen,
        is_pruned=more.get("is_pruned", False),
    )


def having(*articles: KnownArticle, aliases: dict[str, str] | None = None) -> KnownArticles:
    """What a store that has these articles knows, for any document."""
    ids = {one.id: one for one in articles}
    ids |= {alias: ids[one] for alias, one in (aliases or {}).items()}
    by_url: dict[str, tuple[KnownArticle, ...]] = {}
    by_title: dict[tuple[str, datetime], tuple[KnownArticle, ...]] = {}
    for one in articles:
        url = canonical_url(one.url)
        by_url[url] = (*by_url.get(url, ()), one)
        if one.published is not None:
            key = title_key(one.title), one.published
            by_title[key] = (*by_title.get(key, ()), one)
    return KnownArticles(ids=ids, by_url=by_url, by_title=by_title)


def decide(article: Article, store: KnownArticles, *others: Article, complete: bool = True) -> IdentityDecision:
    """What the first item of a document is."""
    return decide_all([article, *others], store, complete=complete)[0]


def test_an_unknown_item_is_new() -> None:
    decision = decide(item(), having())

    assert decision == IdentityDecision(kind=Kind.NEW, article_id="a-1", version=1, reason=Reason.UNKNOWN)
    assert decision.has_news


def test_the_same_title_and_text_are_the_same_whatever_else_changed() -> None:
    later = item(
        published=NOW + timedelta(hours=1), seen=NOW + timedelta(hours=1), url="https://other.example/", tags=("x",)
    )

    decision = decide(later, having(known()))

    assert (decision.kind, decision.version, decision.reason) == (Kind.SAME, 1, Reason.UNCHANGED)
    assert not decision.has_news


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"title": "Rockets hit base"}, Reason.TITLE_CHANGED),
        ({"text": OTHER}, Reason.TEXT_CHANGED),
        ({"title": "Rockets hit base", "text": OTHER}, Reason.BOTH_CHANGED),
    ],
)
def test_a_changed_title_or_text_is_an_edit(change: dict[str, str], reason: Reason) -> None:
    decision = decide(item(**change), having(known(version=3)))

    assert (decision.kind, decision.article_id, decision.version, decision.reason) == (Kind.EDIT, "a-1", 4, reason)
    assert decision.has_news


@pytest.mark.parametrize("seen", [None, NOW, NOW + timedelta(seconds=1)])
def test_an_edit_needs_no_later_time(seen: datetime | None) -> None:
    assert decide(item(text=OTHER, seen=seen), having(known())).kind is Kind.EDIT
    assert decide(item(text=OTHER), having(replace(known(), seen=None))).kind is Kind.EDIT


def test_what_was_fetched_before_the_known_version_is_no_edit() -> None:
    decision = decide(item(text=OTHER, seen=NOW - timedelta(seconds=1)), having(known()))

    assert (decision.kind, decision.reason) == (Kind.SAME, Reason.OLDER)


def test_a_pruned_article_never_comes_back() -> None:
    pruned = known(is_pruned=True, title="", text="")

    decision = decide(item(), having(pruned))

    assert (decision.kind, decision.reason, decision.has_news) == (Kind.SAME, Reason.PRUNED, False)


def test_an_alias_known_to_the_store_is_the_article_itself() -> None:
    decision = decide(item("a-2", text=OTHER), having(known(), aliases={"a-2": "a-1"}))

    assert (decision.kind, decision.article_id, decision.version) == (Kind.EDIT, "a-1", 2)


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://www.news.example/2026/rockets/?utm_source=rss#top", "text": NEARLY, "published": None},
        {"text": OTHER, "published": None},  # same address and title
        {"title": "Quite another headline", "text": NEARLY},
    ],
)
def test_a_new_id_at_the_same_address_with_nearly_the_same_words_is_an_alias(change: dict[str, Any]) -> None:
    decision = decide(item("a-2", **change), having(known()))

    assert (decision.kind, decision.article_id, decision.reason) == (Kind.ALIAS, "a-1", Reason.SAME_ADDRESS)


def test_a_new_id_with_the_same_title_and_date_and_nearly_the_same_text_is_an_alias() -> None:
    decision = decide(
        item("a-2", title="ROCKETS  near base", url="https://news.example/other", text=NEARLY), having(known())
    )

    assert (decision.kind, decision.article_id, decision.reason) == (Kind.ALIAS, "a-1", Reason.SAME_TITLE_AND_DATE)


def test_an_alias_with_the_same_words_is_no_news_and_one_with_others_is_an_edit() -> None:
    same = decide(item("a-2"), having(known(version=5)))
    edited = decide(item("a-2", text=NEARLY), having(known(version=5)))

    assert (same.kind, same.version, same.has_news) == (Kind.ALIAS, 5, False)
    assert (edited.kind, edited.version, edited.has_news) == (Kind.ALIAS, 6, True)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Quite another headline", "text": OTHER},  # same address alone
        {"title": "Quite another headline", "text": ""},
        {"url": "https://news.example/other", "text": OTHER},  # same title and date alone
        {"url": "https://news.example/other", "text": ""},
        {"url": "https://news.example/other", "published": NOW + timedelta(seconds=1)},
        {"url": "https://news.example/other", "published": None},
        {"url": "", "published": None},
    ],
)
def test_in_doubt_it_is_a_new_article(change: dict[str, Any]) -> None:
    assert decide(item("a-2", **change), having(known())).kind is Kind.NEW


def test_two_articles_without_words_are_never_taken_for_one() -> None:
    empty: dict[str, Any] = {"title": "", "text": ""}

    assert decide(item("a-2", **empty), having(known(**empty))).kind is Kind.NEW


def test_a_site_root_names_no_article() -> None:
    root: dict[str, Any] = {"url": "https://news.example/", "published": None}

    assert decide(item("a-2", **root), having(known(**root))).kind is Kind.NEW


def test_an_address_that_two_items_of_the_document_share_names_no_article() -> None:
    other = item("a-3", title="Quite another headline", text=OTHER, published=None)

    assert decide(item("a-2", published=None), having(known()), other).kind is Kind.NEW


def test_an_address_that_two_known_articles_share_names_neither() -> None:
    both = having(known("a-1"), known("a-3", published=None))
    assert decide(item("a-2", published=None), both).kind is Kind.NEW


def test_a_title_and_date_that_two_known_articles_share_name_neither() -> None:
    both = having(known("a-1"), known("a-3", url="https://news.example/three"))

    assert decide(item("a-2", url="https://news.example/two"), both).kind is Kind.NEW


def test_an_article_still_in_the_document_has_no_new_alias() -> None:
    unlike = "https://news.example/other"

    assert decide(item("a-2", url=unlike), having(known()), item("a-1")).kind is Kind.NEW
    by_alias = having(known(), aliases={"a-9": "a-1"})
    assert decide(item("a-2", url=unlike), by_alias, item("a-9")).kind is Kind.NEW


def test_absence_from_an_incomplete_document_means_nothing() -> None:
    assert decide(item("a-2"), having(known()), complete=False).kind is Kind.NEW


def test_one_article_gets_one_alias_from_a_document() -> None:
    second = item("a-3", url="https://news.example/third")

    decisions = decide_all([item("a-2"), second], having(known()), complete=True)

    assert [(one.kind, one.article_id) for one in decisions] == [(Kind.ALIAS, "a-1"), (Kind.NEW, "a-3")]


def test_versions_of_one_article_in_one_document_follow_one_another() -> None:
    document = [item(), item(text=NEARLY), item(text=NEARLY), item(text=OTHER)]

    decisions = decide_all(document, having(), complete=True)

    assert [(one.kind, one.version) for one in decisions] == [
        (Kind.NEW, 1),
        (Kind.EDIT, 2),
        (Kind.SAME, 2),
        (Kind.EDIT, 3),
    ]


def test_a_known_article_that_needs_no_decision_is_present_too() -> None:
    renamed = [item("a-2", text=NEARLY)]

    (alias,) = decide_all(renamed, having(known()), complete=True)
    (other,) = decide_all(renamed, having(known(), aliases={"a-0": "a-1"}), complete=True, others=["a-0", "a-9"])

    assert (alias.kind, other.kind) == (Kind.ALIAS, Kind.NEW)


def test_an_alias_that_comes_twice_in_a_document_is_known_the_second_time() -> None:
    document = [item("a-2"), item("a-2"), item("a-2", text=NEARLY)]

    decisions = decide_all(document, having(known()), complete=True)

    assert [(one.kind, one.article_id, one.version) for one in decisions] == [
        (Kind.ALIAS, "a-1", 1),
        (Kind.SAME, "a-1", 1),
        (Kind.EDIT, "a-1", 2),
    ]


def test_an_alias_whose_article_stands_beside_it_with_other_words_is_an_article_of_its_own() -> None:
    store = having(known(), aliases={"a-2": "a-1", "a-3": "a-1"})

    def decided(*document: Article) -> list[tuple[Kind, str, int]]:
        return [(one.kind, one.article_id, one.version) for one in decide_all(document, store, complete=False)]

    both_edited = [item("a-2", text=NEARLY), item(text=OTHER)]
    assert decided(*both_edited) == [(Kind.NEW, "a-2", 1), (Kind.EDIT, "a-1", 2)]
    assert decided(item("a-2"), item(text=OTHER)) == [(Kind.SAME, "a-1", 1), (Kind.EDIT, "a-1", 2)]
    assert decided(item(text=OTHER), item("a-2")) == [(Kind.EDIT, "a-1", 2), (Kind.NEW, "a-2", 1)]
    two_aliases = [item("a-3", text=NEARLY), item("a-2", text=OTHER)]
    assert decided(*two_aliases) == [(Kind.EDIT, "a-1", 2), (Kind.NEW, "a-2", 1)]


ITEMS = st.builds(
    item,
    st.sampled_from(["a-1", "a-2", "a-3", "a-4"]),
    title=st.sampled_from(["Rockets near base", "Bread", ""]),
    text=st.sampled_from([TEXT, NEARLY, OTHER, ""]),
    url=st.sampled_from([URL, "https://news.example/", ""]),
    published=st.sampled_from([NOW, None]),
)


@given(
    st.lists(ITEMS, max_size=5),
    st.lists(ITEMS, max_size=3, unique_by=lambda one: one.id),
    st.booleans(),
    st.sets(st.sampled_from(["a-3", "a-4"])),
)
def test_no_news_is_ever_dropped_and_versions_follow_one_another(
    document: list[Article], stored: list[Article], complete: bool, aliases: set[str]
) -> None:
    names = [one.id for one in stored]
    store = having(
        *(known(one.id, title=one.title, text=one.text, url=one.url, published=one.published) for one in stored),
        aliases={alias: names[0] for alias in aliases if names and alias not in names},
    )
    current = {one.id: (one.title, one.text) for one in store.ids.values()}

    decisions = decide_all(document, store, complete=complete)

    for one, decision in zip(document, decisions, strict=True):
        if decision.has_news:
            current[decision.article_id] = (one.title, one.text)
        assert current[decision.article_id] == (one.title, one.text)
    versions = Counter(dict.fromkeys(names, 1))
    for decision in decisions:
        versions[decision.article_id] += decision.has_news
        assert decision.version == versions[decision.article_id]
