"""Who tells a story: publishers once each, copies of one text once."""

from __future__ import annotations

import pytest

from monitor.stories.publishers import Appearance, independent, publisher_keys, registrable


def by(publisher: str, wire: str = "", url: str = "") -> Appearance:
    return Appearance(publisher=publisher, wire=wire or f"own-{publisher}{url}", url=url)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("news.bbc.co.uk", "bbc.co.uk"),
        ("EDITION.cnn.com.", "cnn.com"),
        ("www.mofa.gov.iq", "mofa.gov.iq"),
        ("paper.blogspot.com", "paper.blogspot.com"),
        ("example", "example"),
        ("192.168.1.1", "192.168.1.1"),
        ("::1", "::1"),
        ("", ""),
    ],
)
def test_a_host_counts_by_the_domain_somebody_registered(host: str, expected: str) -> None:
    assert registrable(host) == expected


def test_a_publisher_is_a_declared_name_else_a_domain() -> None:
    appearances = [
        by("Daily  Courier"),
        by("DAILY courier"),
        by("www.paper.example"),
        by("sport.paper.example"),
        by("", url="https://m.paper.example/1"),
        by("", url="https://[broken"),
        by("", url="urn:x"),
    ]

    assert publisher_keys(appearances) == ("daily courier",) * 2 + ("paper.example",) * 3 + ("", "")


def test_a_domain_is_the_one_name_declared_beside_it() -> None:
    named = by("Daily Courier", url="https://www.courier.example/1")
    bare = by("courier.example", url="https://courier.example/2")
    other = by("Courier Sport", url="https://courier.example/3")

    assert publisher_keys([named, bare]) == ("daily courier", "daily courier")
    assert publisher_keys([named, bare, other]) == ("daily courier", "courier.example", "courier sport")


def test_copies_of_one_text_count_for_the_publisher_that_had_it_first() -> None:
    wire = [by(f"p{number}.example", "wire-1") for number in range(40)]

    assert independent(wire) == ("p0.example",)
    assert independent([*wire, by("own.example"), by("p3.example")]) == ("p0.example", "own.example", "p3.example")


def test_a_publisher_counts_once_however_much_it_writes() -> None:
    assert independent([by("a.example", "1"), by("a.example", "2"), by("x.a.example", "3")]) == ("a.example",)


def test_a_text_nobody_is_named_for_counts_for_the_first_who_is() -> None:
    assert independent([by("", "1"), by("a.example", "1"), by("b.example", "1")]) == ("a.example",)
    assert independent([]) == ()
