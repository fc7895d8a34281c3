"""Addresses compared in one form, and shown without tracking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.addresses import canonical_url, is_root, without_tracking


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://www.News.Example:443/a/b/?b=2&a=1&utm_medium=x&fbclid=y#top", "//news.example/a/b?a=1&b=2"),
        ("http://news.example:8080/a", "//news.example:8080/a"),
        ("https://news.example/%D8%AE%D8%A8%D8%B1", "//news.example/%D8%AE%D8%A8%D8%B1"),
        ("https://news.example/خبر", "//news.example/%D8%AE%D8%A8%D8%B1"),
        ("https://news.example/?p=7", "//news.example?p=7"),
        ("  https://news.example  ", "//news.example"),
        ("https://news.example/a?empty=", "//news.example/a?empty="),
        ("https://news.example/#!/7", "//news.example#!/7"),
        ("https://news.example/#/news/7", "//news.example#/news/7"),
        ("urn:uuid:7", "urn:uuid:7"),
        ("/relative", "/relative"),
        ("https:///nohost", "https:///nohost"),
        ("https://news.example:port/", "https://news.example:port/"),
        ("https://[broken/", "https://[broken/"),
        ("", ""),
    ],
)
def test_addresses_are_compared_in_one_form(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://news.example/", True),
        ("https://news.example", True),
        ("https://news.example/?p=7", False),
        ("https://news.example/a", False),
        ("https://news.example/#/7", False),
        ("news.example", False),
    ],
)
def test_a_root_has_neither_path_nor_query(url: str, expected: bool) -> None:
    assert is_root(canonical_url(url)) is expected


@given(st.text())
def test_any_text_has_a_canonical_form(url: str) -> None:
    assert isinstance(canonical_url(url), str)
    assert isinstance(canonical_url("http://x.example/" + url), str)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://news.example/a?utm_source=rss&id=7&UTM_Medium=x&fbclid=y", "https://news.example/a?id=7"),
        ("https://news.example/a?utm_source=rss", "https://news.example/a"),
        ("https://news.example/a?utm_source=rss#part", "https://news.example/a#part"),
        ("https://news.example/a#xtor=RSS-3208", "https://news.example/a"),
        ("https://news.example/a?b=%D8%AE&&c=ا#!/7", "https://news.example/a?b=%D8%AE&&c=ا#!/7"),
        ("https://news.example/a?", "https://news.example/a"),
        ("https://news.example/campaign?q=utm_source", "https://news.example/campaign?q=utm_source"),
        ("", ""),
    ],
)
def test_shown_address_has_no_tracking_and_is_else_as_written(url: str, shown: str) -> None:
    assert without_tracking(url) == shown


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Z"])))  # blanks at an end are no part of an address
def test_without_tracking_an_address_is_still_the_same(url: str) -> None:
    shown = without_tracking(f"https://x.example/{url}")

    assert canonical_url(shown) == canonical_url(f"https://x.example/{url}")
    assert without_tracking(shown) == shown
