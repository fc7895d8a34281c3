"""How many alerts people judged, and what share of them was useful."""

from __future__ import annotations

from monitor.model import Judged


def test_precision_is_the_useful_share_of_what_was_judged() -> None:
    assert Judged(useful=3, noise=1).precision == 0.75
    assert Judged(noise=2).precision == 0.0


def test_there_is_none_before_anyone_judged() -> None:
    assert Judged().precision is None
