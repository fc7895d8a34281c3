"""Verdicts: the last word on an alert counts, once for all channels; and the archive that rules are tried on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.errors import StoreError
from monitor.model import Alert, Judged
from monitor.store import Store
from monitor.store import archive as archive_pages
from monitor.timing import to_epoch
from tests.store.samples import NOW, alert, article, fetched, ingest, match, waiting

MINUTE = timedelta(minutes=1)


def told(store: Store, *alerts: Alert) -> None:
    store.commit(waiting("one"), NOW)
    for one in alerts:
        store.commit_alert_soon(one, {"articles": [{"title": "سقط صاروخان"}]}, (), (), (), NOW)()


def judge(store: Store, verdict: str, *alerts: str, after: int = 0) -> int:
    intent = {"do": "verdict", "at": to_epoch(NOW + after * MINUTE), "alerts": alerts, "verdict": verdict}
    done: int = store.perform({**intent, "author": "huda", "note": ""})
    return done


def test_the_last_word_counts(store: Store) -> None:
    told(store, alert(match("one")))
    assert judge(store, "useful", "n-1") == 1
    assert judge(store, "noise", "n-1", after=1) == 1
    assert store.judged_rules() == {"base-attacked": Judged(useful=0, noise=1)}
    assert [(row["verdict"], row["title"]) for row in store.verdicts()] == [("noise", "سقط صاروخان")]


def test_the_same_news_on_two_channels_counts_once_by_what_was_said_last(store: Store) -> None:
    told(store, alert(match("one")), alert(match("one"), id="n-2", channel="duty"))
    judge(store, "useful", "n-1")
    judge(store, "noise", "n-2", after=1)
    assert store.judged_rules() == {"base-attacked": Judged(noise=1)}
    assert store.judged_matches(["base-attacked"]) == {("base-attacked", "a-one"): "noise"}
    assert store.judged_matches(["another"]) == {}


def test_a_code_means_the_last_alert_on_each_channel(store: Store) -> None:
    told(store, alert(match("one")), alert(match("one"), sequence=2), alert(match("one"), id="n-9", channel="duty"))
    assert store.alerts_meant("a7k2") == ("n-2", "n-9")
    assert store.alerts_meant("n-1") == ()  # too short for the beginning of an id
    assert store.alerts_meant("none-such") == ()


def test_the_beginning_of_an_id_must_be_unique(store: Store) -> None:
    told(store, alert(match("one"), id="nabcd1"), alert(match("one"), id="nabcd12", channel="duty"))
    assert store.alerts_meant("nabcd12") == ("nabcd12",)
    assert store.alerts_meant("nabcd1") == ("nabcd1",)
    with pytest.raises(StoreError, match="several alerts begin with 'nabc'"):
        store.alerts_meant("nabc")


def test_an_alert_without_matches_cannot_be_judged(store: Store) -> None:
    told(store, alert(id="ndigest"))
    with pytest.raises(StoreError, match="tells of no match itself"):
        store.alerts_meant("ndigest")


def test_an_unknown_verdict_is_refused(store: Store) -> None:
    told(store, alert(match("one")))
    with pytest.raises(StoreError, match="'good' is no verdict; say useful or noise"):
        judge(store, "good", "n-1")
    assert judge(store, "useful", "n-unknown") == 0


def test_the_archive_comes_page_by_page_in_the_order_of_arrival(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_pages, "PAGE", 2)
    names = ["a", "b", "c", "d", "e"]
    for number, name in enumerate(names):
        seen = NOW + number * MINUTE
        store.commit(ingest(article(name, seen=seen), fetch=fetched(key=name, at=seen)), seen)
    found = list(store.archive(NOW + MINUTE))
    assert [one.article.id for one in found] == ["a-b", "a-c", "a-d", "a-e"]
    assert (found[0].came, found[0].story_id, found[0].wire) == (NOW + MINUTE, "s-a-b", "a-b")
    assert store.archive_size(NOW + MINUTE) == 4
