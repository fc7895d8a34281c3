"""Which article an item is."""

from __future__ import annotations

from monitor.sources.identity import article_id, keys
from monitor.sources.parsing.items import Item


def test_guid_is_the_key_whatever_else_changes() -> None:
    (first,) = keys([Item(guid="1", url="http://a.example/x", title="t", text="x")])
    (second,) = keys([Item(guid="1", url="http://b.example/y", title="u", text="y")])

    assert first == second


def test_repeated_guid_is_joined_by_the_url() -> None:
    one, two, other = keys(
        [Item(guid="1", url="http://a.example/x"), Item(guid="1", url="http://a.example/y"), Item(guid="2")]
    )

    assert len({one, two, other}) == 3
    assert keys([Item(guid="2")]) == (other,)


def test_repeated_guid_and_url_is_joined_by_the_words_never_the_position() -> None:
    a, b = Item(guid="1", url="u", title="a"), Item(guid="1", url="u", title="b")

    assert keys([a, b]) == tuple(reversed(keys([b, a])))
    assert len(set(keys([a, b]))) == 2


def test_same_item_twice_is_one_article() -> None:
    item = Item(guid="1", url="http://a.example/x", title="t")

    assert len(set(keys([item, item]))) == 1
    assert len(set(keys([Item(title="t"), Item(title="t")]))) == 1


def test_item_without_guid_is_its_canonical_url() -> None:
    (plain,) = keys([Item(url="https://a.example/x", title="t")])
    (tracked,) = keys([Item(url="http://A.example:80/x?utm_source=rss#top", title="changed")])

    assert plain == tracked


def test_items_that_share_a_url_are_told_apart_by_their_words() -> None:
    assert len(set(keys([Item(url="http://a.example/x", title="a"), Item(url="http://a.example/x", title="b")]))) == 2


def test_item_without_guid_and_url_is_its_words() -> None:
    same = keys([Item(title="a  b", text="c\nd")]) == keys([Item(title="a b", text="c d")])

    assert same
    assert keys([Item(title="a")]) != keys([Item(title="b")])
    assert keys([Item(title="a", text="b")]) != keys([Item(title="a b")])


def test_id_depends_on_source_and_key() -> None:
    ids = {article_id("s", "guid:1"), article_id("t", "guid:1"), article_id("s", "guid:2")}

    assert len(ids) == 3
    assert all(len(found) == 21 and found[0] == "a" for found in ids)


def test_front_page_is_no_articles_address() -> None:
    assert keys([Item(url="http://a.example/", title="a")]) == keys([Item(title="a")])
