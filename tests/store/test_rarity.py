"""How often words occur in the archive, by its search index."""

from __future__ import annotations

import pytest

from monitor.rules.plan import USUAL
from monitor.store import Store, rarity
from monitor.store.rarity import LEAST, Rarity
from tests.store.samples import NOW, article, ingest

TEXTS = ("قصف القاعدة أمس", "قاعدة في الأنبار", "Rockets near the base", "The base is quiet", "Weather")


@pytest.fixture
def archive(store: Store) -> Store:
    articles = [article(str(n), title="", text=TEXTS[n % len(TEXTS)]) for n in range(LEAST)]
    store.commit(ingest(*articles), NOW)
    return store


def test_a_share_is_that_of_the_articles_that_hold_the_word(archive: Store) -> None:
    share = archive.rarity()
    assert share is not None
    assert [round(share(word), 3) for word in ("base", "rockets", "قاعدة", "قصف")] == [0.4, 0.2, 0.4, 0.2]
    assert 0 < share("nowhere") < 1 / LEAST
    assert share('base" OR "rockets') == share("nowhere")


def test_a_small_archive_says_nothing(store: Store) -> None:
    store.commit(ingest(article("one")), NOW)
    assert store.rarity() is None


def test_looking_up_ends_when_its_time_is_spent(archive: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    share = archive.rarity()
    assert isinstance(share, Rarity)
    assert share("base") == pytest.approx(0.4, abs=0.001)
    monkeypatch.setattr(rarity, "MOST_S", 0)
    assert (round(share("base"), 3), share("rockets")) == (0.4, USUAL)
