"""A real page of a real site, dropped twice, through the starter rules: stored, told once, explained."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.store import Store
from tests.conftest import ROOT, require
from tests.flows.receiver import Receiver
from tests.flows.site import Site


@pytest.fixture
def page(shared: Path) -> Path:
    """The page, with the publisher on its first line and the headline below it."""
    return require(shared / "seeds" / "000_70fc492360dc54e2.txt", "the real page")


def test_the_real_page_is_stored_told_once_and_explained(site: Site, receiver: Receiver, page: Path) -> None:
    site.rules_path = str(ROOT / "rules")
    site.write()
    shutil.copy(page, site.drop / "first.txt")
    assert site.rasid("run", "--once").exit_code == 0
    shutil.copy(page, site.drop / "again.txt")
    assert site.rasid("run", "--once").exit_code == 0

    (row,) = [row for row in site.json("matches") if row["rule"] == "base-attacked"]
    lines = page.read_text(encoding="utf-8").split("\n")
    publisher, headline = [line.strip() for line in lines if line.strip()][:2]
    assert (row["publisher"], row["title"], row["entities"]) == (publisher, headline, ["ain-al-asad"])
    assert row["publisher"] == "الخليج"
    with Store.open(site.database, now=datetime.now(UTC)) as store:
        article = store.article(row["article"])
    assert article is not None
    assert article.boilerplate
    assert article.boilerplate not in article.text
    (body,) = receiver.bodies
    assert ("base-attacked" in body["rules"], body["articles"][0]["title"]) == (True, headline)
    explained = site.rasid("explain", row["article"]).stdout
    assert re.search(
        r"Told on desk at \d\d:\d\d \([A-Z0-9]{4}: first news of its group\): delivered, HTTP 200 OK", explained
    )
    assert re.search(r"Dropped again at \d\d:\d\d with the same bytes: already known, nothing told", explained)
