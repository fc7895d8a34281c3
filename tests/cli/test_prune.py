"""`rasid prune`, and the `keep` that it goes by."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.config import Config, load_config
from monitor.config.keep import Keep
from monitor.daemon import run_once
from monitor.errors import ConfigError
from monitor.store import Store
from monitor.timing import now
from tests.flows.feeds import FeedServer, rss
from tests.flows.site import ATTACK, QUIET, Site

DAY = timedelta(days=1)
SOURCES = "sources:\n  wire: {folder: drop, settle: 50ms"


def config(folder: Path, keep: str = "", source: str = "") -> Config:
    path = folder / "monitor.yaml"
    path.write_text(f"version: 1\nrules: []\n{keep}\n{SOURCES}{source}}}\n", encoding="utf-8")
    return load_config(path, environment={})


def fault(folder: Path, keep: str = "", source: str = "") -> str:
    with pytest.raises(ConfigError) as caught:
        config(folder, keep, source)
    return str(caught.value).removeprefix(f"{folder}/monitor.yaml:")


def test_without_a_word_articles_stay_half_a_year_and_matches_two(tmp_path: Path) -> None:
    assert config(tmp_path).keep == Keep(articles=180 * DAY, matches=730 * DAY, sources={}, free=200_000_000)


def test_what_is_asked_for_is_kept(tmp_path: Path) -> None:
    asked = config(tmp_path, "keep: {articles: 30d, matches: forever, free: 1GB}", ", keep: 1y").keep

    assert asked == Keep(articles=30 * DAY, matches=None, sources={"wire": 365 * DAY}, free=10**9)
    assert config(tmp_path, "keep: {matches: Forever}", ", keep: forever").keep.sources == {"wire": None}


def test_a_folder_that_keeps_its_files_is_another_matter(tmp_path: Path) -> None:
    read = config(tmp_path, "", ", keep: yes")

    assert (read.keep.sources, read.sources[0].options["keep"]) == ({}, "yes")


def test_every_feed_of_a_list_keeps_as_the_list_says(tmp_path: Path) -> None:
    (tmp_path / "f.opml").write_text(
        '<opml version="2.0"><body><outline text="A" xmlUrl="http://a.example/"/></body></opml>', encoding="utf-8"
    )
    path = tmp_path / "monitor.yaml"
    path.write_text("version: 1\nrules: []\nsources: {tail: {opml: f.opml, keep: 10d}}\n", encoding="utf-8")
    read = load_config(path, environment={})

    assert (dict(read.keep.sources), dict(read.sources[0].options)) == (
        {read.sources[0].id: 10 * DAY},
        {"url": "http://a.example/"},
    )


@pytest.mark.parametrize(
    ("keep", "source", "words"),
    [
        (
            "keep: {articles: 2y, matches: 1y}",
            "",
            "3:31: keep: matches (1y) must be kept at least as long as articles (2y)",
        ),
        (
            "keep: {articles: forever}",
            "",
            "3:18: keep: matches (2y) must be kept at least as long as articles (forever)",
        ),
        (
            "keep: {articles: 3d}",
            "",
            "3:18: articles: '3d' is too short: new articles are held against those of the last",
        ),
        ("keep: {articles: soon}", "", "3:18: articles: 'soon' is not a duration"),
        ("keep: {texts: 3d}", "", "3:8: unknown key 'texts'; known are articles, free, matches"),
        ("", ", keep: 3y", "5:44: keep: 3y is longer than matches are kept (2y)"),
        ("", ", keep: 1d", "5:44: keep: '1d' is too short"),
    ],
)
def test_what_cannot_be_kept_so_is_said_with_its_place(tmp_path: Path, keep: str, source: str, words: str) -> None:
    assert fault(tmp_path, keep, source).startswith(words)


@pytest.fixture
def old(site: Site) -> Site:
    """A site with two articles of last year, one of which was told."""
    site.put("one.json", ATTACK, QUIET)
    read = load_config(site.config)
    run_once(read, clock=lambda: now() - 400 * DAY)
    return site


def test_a_dry_run_says_what_would_go_and_deletes_nothing(old: Site) -> None:
    result = old.rasid("prune", "--dry-run")

    assert result.output.splitlines()[0] == "would go: 2 texts of articles, 1 record of a fetch"
    assert old.json("prune", "--dry-run")["articles"] == 2


def test_old_texts_go_and_what_was_told_can_still_be_read(old: Site) -> None:
    before = old.json("matches")
    result = old.rasid("prune")

    assert result.output == "gone: 2 texts of articles, 1 record of a fetch\n"
    assert old.json("matches") == before
    assert old.json("matches")[0]["title"] == ATTACK["title"]
    assert old.rasid("prune").output == "nothing is old enough to go\n"
    explained = old.rasid("explain", before[0]["article"]).output
    assert f"  its text is no longer kept\n  {ATTACK['title']}\n  A drone attack hit a depot at dawn." in explained


def test_while_another_holds_the_database_it_does_the_deleting(old: Site) -> None:
    with Store.open(old.database, write=True, now=now()):
        assert old.json("prune")["articles"] == 2


def test_what_was_pruned_never_comes_back_as_new_by_a_real_poll(tmp_path: Path) -> None:
    items = [("1", "An attack", "Long ago."), ("2", "Quiet", "Nothing.")]
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with FeedServer({"/rss": rss(items)}) as feeds:
        site = Site(tmp_path, sources={"news": f"{{url: '{feeds.url('/rss')}', since: all}}"})
        read = load_config(site.config)
        first = run_once(read, clock=lambda: at)
        run_once(read, clock=lambda: at + 400 * DAY)  # it ends with retention
        with Store.open(site.database, now=at) as store:
            assert store.candidates(()) == []
        feeds.bodies["/rss"] = rss([*items, ("3", "A new attack", "Today.")])
        third = run_once(read, clock=lambda: at + 401 * DAY)

    assert [ingest.new for ingest in first.ingests] == [2]
    assert [(ingest.new, ingest.same) for ingest in third.ingests] == [(1, 2)]
    assert [row["title"] for row in site.json("matches")] == ["A new attack", "An attack"]


def test_too_little_room_on_the_disk_polls_nothing_and_says_so(site: Site) -> None:
    site.extra = "keep: {free: 900000GB}"
    site.write()
    site.put("one.json", ATTACK)

    result = site.rasid("run", "--once")

    assert result.exit_code == 1
    assert "failed: nothing was polled: the disk of the database has " in result.stderr
    assert "keep: {free: ...} asks for 900000000 MB" in result.stderr
    assert site.json("matches") == []
    assert (site.drop / "one.json").exists()


def test_keep_is_one_value_in_the_configuration(tmp_path: Path) -> None:
    assert replace(config(tmp_path).keep, free=1) == Keep(free=1)
