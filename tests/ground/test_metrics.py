"""Counters: added up by name and labels."""

from __future__ import annotations

from monitor.metrics import Metrics


def test_totals_add_up_all_counters_that_carry_the_labels() -> None:
    metrics = Metrics()
    metrics.count("polls", source="wire", result="ok")
    metrics.count("polls", 2, source="wire", result="failed")
    metrics.count("polls", source="radio", result="ok")
    assert (metrics.total("polls"), metrics.total("polls", source="wire"), metrics.total("other")) == (4, 3, 0)


def test_the_order_of_labels_does_not_matter() -> None:
    metrics = Metrics()
    metrics.count("polls", source="wire", result="ok")
    metrics.count("polls", result="ok", source="wire")
    assert metrics.snapshot() == {("polls", (("result", "ok"), ("source", "wire"))): 2}


def test_counters_are_shown_by_name_with_their_labels() -> None:
    metrics = Metrics()
    metrics.count("polls", result="new")
    metrics.count("polls", 2, result="failed")
    metrics.count("matches", 3)
    assert metrics.shown() == {"matches": 3, "polls{result=failed}": 2, "polls{result=new}": 1}
