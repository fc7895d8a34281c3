"""What a document says of the time before it: articles may have been missed, or a clock was wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model import Article
from monitor.store import Store
from tests.flows.test_ingest import FEED, NOW, Desk, item

YEAR, HOUR = timedelta(days=365), timedelta(hours=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Store.open(tmp_path / "rasid.db", write=True, now=NOW) as store:
        yield Desk(tmp_path, store)


def items(*numbers: int) -> list[Article]:
    return [item(f"a-{n}", f"Headline {n}", f"The words of report {n}, all its own.") for n in numbers]


def test_a_document_of_which_nothing_was_known_is_a_gap_and_the_source_is_polled_faster(desk: Desk) -> None:
    first = desk.fetch(*items(1, 2, 3), traits=FEED)
    overlaps = desk.fetch(*items(3, 4, 5), traits=FEED)
    gap = desk.fetch(*items(7, 8, 9), traits=FEED)
    calm = desk.fetch(*items(9, 10), traits=FEED)

    assert [report.is_gap for report in (first, overlaps, gap, calm)] == [False, False, True, False]
    assert desk.store.source_state("wire").haste == 0
    desk.fetch(*items(21, 22, 23), traits=FEED)
    assert desk.store.source_state("wire").haste == 1


def test_a_short_document_proves_no_gap_and_neither_does_a_folder(desk: Desk) -> None:
    desk.fetch(*items(1), traits=FEED)
    assert not desk.fetch(*items(2, 3), traits=FEED).is_gap
    desk.fetch(*items(4, 5, 6), source="drop", complete=False)
    assert not desk.fetch(*items(7, 8, 9), source="drop", complete=False).is_gap


def test_a_first_document_dated_in_the_future_makes_no_baseline_of_what_comes_now(desk: Desk) -> None:
    desk.fetch(item("a-1"), traits=FEED, later=YEAR)  # the clock was a year ahead
    desk.fetch(item("a-2", text="Rockets again, near the base."), traits=FEED, later=HOUR - YEAR)

    assert {article: fate for (_, _, article, _), fate in desk.fates().items()} == {
        "a-1": "baseline",
        "a-2": "waiting",
    }
    assert desk.store.cursor("wire") == {"n": 2}
