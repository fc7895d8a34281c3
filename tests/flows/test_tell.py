"""Groups that touch one another in one round of telling."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model import Article
from monitor.store import Store
from monitor.tell import flush_due
from tests.flows.test_ingest import NOW, Desk

RULES = """\
version: 1
defaults: {notify: [desk], severity: high}
entities:
  basra: {names: [Basra]}
  aden: {names: [Aden]}
rules:
  rockets:
    title: Rockets
    alert: {group_by: [rule], corrections: true}
    match: {all: [rockets]}
  ports:
    title: Ports
    alert: {group_by: [entity]}
    match: {any: [$basra, $aden]}
"""


@pytest.mark.parametrize("once", [False, True])
def test_a_group_that_owes_a_correction_and_news_tells_both_in_a_round_in_which_another_tells_of_its_article(
    tmp_path: Path, once: bool
) -> None:
    def item(name: str, text: str) -> Article:
        return Article(id=name, source="wire", title="News", text=text)

    with Store.open(tmp_path / "rasid.db", write=True, now=NOW) as store:
        desk = Desk(tmp_path, store)
        desk.change_rules(RULES)
        desk.fetch(item("a1", "Rockets fell."))
        flush_due(store, desk.rules.cards, {}, desk.now, once=True)
        desk.now += timedelta(days=2)
        flush_due(store, desk.rules.cards, {}, desk.now)  # the group closes

        two_ports = item("a1", "Ships left Basra and Aden.")
        desk.fetch(two_ports, item("a2", "Ships left Basra."), item("a3", "More rockets fell."))
        report = flush_due(store, desk.rules.cards, {}, desk.now + timedelta(minutes=1), once=once)

    assert report.failed == ()
    told = [
        (alert.rules, alert.reason, [match.article_id for match in alert.matches], alert.sequence)
        for alert in report.alerts
    ]
    assert told == [
        (("ports",), "first", ["a1", "a2"], 1),
        (("rockets",), "correction", ["a1"], 2),
        (("rockets",), "reopened", ["a3"], 3),
    ]
