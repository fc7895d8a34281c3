"""`rasid sources`: how each source stands, what is wrong, pausing and resuming, trying one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.model import Failure, Fetched
from monitor.rhythm.troubles import Trouble
from monitor.store import Store
from tests.flows.daemon import Daemon, until
from tests.flows.feeds import FeedServer, rss
from tests.flows.site import Site
from tests.http.servers import answer, serving

HOUR = timedelta(hours=1)
ITEMS = [("1", "Quiet day", "Nothing happened."), ("2", "Base attacked", "Two rockets.")]


def now() -> datetime:
    moment = datetime.now(UTC)
    return moment.replace(microsecond=0)


@pytest.fixture
def stood(site: Site) -> Site:
    """A site whose sources have a history: fine, failing, gone, moved and silent, refused, never polled."""
    names = ("fine", "failing", "gone", "silent", "refused", "never")
    site.sources = {name: f"{{url: 'https://{name}.example/rss', tags: [news], every: 1h}}" for name in names}
    site.write()
    at = now()
    with Store.open(site.database, write=True, now=at) as store:
        for name in ("fine", "silent", "refused"):
            store.record([Fetched(source=name, key="k", at=at - HOUR / 2, unchanged=True)], at)
        moved = Fetched(
            source="silent", key="k", at=at - HOUR / 2, unchanged=True, moved_to="https://new.example/rss"
        )
        store.record([moved], at)
        for n in range(7):
            store.record([Failure(source="failing", at=at - (8 - n) * HOUR, reason="the server answered 500")], at)
        for hours in (30, 1):
            gone = Failure(source="gone", at=at - hours * HOUR, reason="the server answered 410 Gone", status=410)
            store.record([gone], at)
        since = at - 30 * HOUR
        told = {"failing": {Trouble.FAILING: at - 8 * HOUR}, "silent": {Trouble.SILENT: since, Trouble.MOVED: since}}
        store.commit_troubles(told, [])
    return site


def test_sources_are_listed_with_state_next_poll_and_why(stood: Site) -> None:
    rows = {row["id"]: row for row in stood.json("sources")}

    assert {name: row["state"] for name, row in rows.items()} == {
        "fine": "fine",
        "failing": "failing",
        "gone": "gone",
        "silent": "silent",
        "refused": "fine",
        "never": "never polled",
    }
    fine, failing = rows["fine"], rows["failing"]
    assert (fine["kind"], fine["tags"], fine["why"]) == ("feed", ["news"], "as configured: every 1h")
    due = datetime.fromisoformat(fine["next_poll"]) - datetime.fromisoformat(fine["last_success"])
    assert 0.9 * HOUR < due <= HOUR
    assert (failing["failures"], failing["last_error"]) == (7, "the server answered 500")
    assert failing["why"] == "failed: 7 in a row, the server answered 500"
    assert rows["gone"]["why"] == "gone (410), looked for once a day"
    assert rows["silent"]["moved_to"] == "https://new.example/rss"
    assert list(rows["silent"]["troubles"]) == ["moved", "silent"]
    assert (rows["never"]["why"], rows["never"]["last_success"]) == ("it is due", None)


def test_the_table_shows_what_a_person_asks_first(stood: Site) -> None:
    output = stood.rasid("sources").stdout
    assert "next poll" in output and "usual gap" in output
    assert "the server answered 500 (7 in a row)" in output
    assert "as configured: every 1h" in output


def test_errors_lists_only_sources_in_trouble(stood: Site) -> None:
    assert [row["id"] for row in stood.json("sources", "errors")] == ["failing", "gone", "silent"]
    output = stood.rasid("sources", "errors").stdout
    assert "the server answered 500" in output
    assert "it is polled at https://new.example/rss; write that into the configuration" in output
    assert "fine" not in output


def test_without_trouble_that_is_said(site: Site) -> None:
    assert site.rasid("sources", "errors").stdout.splitlines()[-1] == "no source is in trouble"


def test_status_counts_what_is_wrong(stood: Site) -> None:
    stood.rasid("sources", "pause", "never", "--reason", "not yet")
    shown = stood.rasid("status").stdout
    assert "6 configured, 2 failing, 0 late, 1 silent, 1 moved, 1 paused" in shown
    told = stood.json("status")
    assert list(told["troubles"]) == ["failing", "silent"]
    assert told["paused"]["never"].endswith(": not yet")


# --- pausing -----------------------------------------------------------------------------------------------------


def test_a_paused_source_is_not_polled_until_it_is_resumed(site: Site) -> None:
    with FeedServer({"/rss": rss(ITEMS)}) as feeds:
        site.sources = {"news": f"{{url: '{feeds.url('/rss')}'}}"}
        site.write()
        paused = site.rasid("sources", "pause", "news", "--reason", "too noisy")
        run = site.rasid("run", "--once")
        (row,) = site.json("sources")
        assert feeds.statuses.total() == 0
        resumed = site.rasid("sources", "resume", "news")
        assert site.rasid("run", "--once").exit_code == 0
        assert feeds.statuses.total() == 1

    assert paused.stdout == "1 source paused. To go on: rasid sources resume news\n"
    assert (run.exit_code, "to go on: rasid sources resume news" in run.stderr) == (0, True)
    assert (row["state"], row["next_poll"], row["paused"].endswith(": too noisy")) == ("paused", None, True)
    assert resumed.stdout == "1 source resumed\n"


def test_what_is_paused_stays_so_and_an_unknown_name_is_a_usage_error(site: Site) -> None:
    site.rasid("sources", "pause", "wire", "--reason", "first")
    assert site.rasid("sources", "pause", "wire", "--reason", "second").stdout.startswith("paused already")
    assert site.rasid("sources", "resume", "wire", "wire").stdout == "1 source resumed\n"
    assert site.rasid("sources", "resume", "wire").stdout == "not paused by anybody\n"
    site.rasid("sources", "pause", "wire", "--reason", "first")
    assert site.json("sources")[0]["paused"].endswith(": first")
    result = site.rasid("sources", "pause", "wires")
    assert (result.exit_code, "did you mean 'wire'?" in result.stderr) == (2, True)


def test_a_running_daemon_pauses_and_resumes_at_once(site: Site) -> None:
    with FeedServer({"/rss": rss(ITEMS)}, validators=False) as feeds:
        site.sources = {"news": f"{{url: '{feeds.url('/rss')}', every: 1s}}"}
        site.write()
        with Daemon(site.config) as daemon:
            daemon.wait_for("event=ingested source=news")
            assert site.rasid("sources", "pause", "news").exit_code == 0
            until(lambda: site.json("status")["daemon"]["polling"] == 0)
            before = feeds.statuses.total()
            assert site.json("sources")[0]["state"] == "paused"
            assert feeds.statuses.total() == before
            assert site.rasid("sources", "resume", "news").exit_code == 0
            until(lambda: feeds.statuses.total() > before)
            assert daemon.stop() == 0


# --- trying one --------------------------------------------------------------------------------------------------


def test_a_source_is_tried_without_storing_anything(site: Site) -> None:
    with FeedServer({"/rss": rss(ITEMS)}) as feeds:
        site.sources = {"news": f"{{url: '{feeds.url('/rss')}', every: 5m}}"}
        site.write()
        result = site.rasid("sources", "test", "news")
        told = site.json("sources", "test", "news")

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("news: a feed with 2 articles from 127.0.0.1, fetched in ")
    assert "Base attacked" in result.stdout
    assert "It would be polled again in 5m (as configured: every 5m)." in result.stdout
    assert not site.database.exists()
    assert (told["ok"], told["articles"], told["validators"]) == (True, 2, ["etag"])


def test_an_address_is_tried_as_well_and_its_wishes_are_told(site: Site) -> None:
    body = b"<rss version='2.0'><channel><ttl>60</ttl><item><title>One</title></item></channel></rss>"
    with serving(answer(body, "Cache-Control: max-age=300")) as server:
        url = f"http://127.0.0.1:{server.port}/rss?key=canary-of-a-subscriber"
        result = site.rasid("sources", "test", url)
        told = site.json("sources", "test", url)

    assert result.exit_code == 0, result.output
    assert "names neither ETag nor Last-Modified" in result.stdout
    assert "It would be polled again in 30m (its server wishes it: every 1h, at most every 30m)." in result.stdout
    assert told["wishes"] == {"ttl": 3600, "fresh_for": 300, "skip_hours": [], "skip_days": []}
    assert "canary" not in result.output + str(told)


def test_a_folder_is_tried_too(site: Site) -> None:
    site.put("one.json", {"title": "t", "text": "x"})
    result = site.rasid("sources", "test", "wire")
    assert (result.exit_code, "Files that are there are read once they stood still." in result.stdout) == (0, True)
    assert (site.drop / "one.json").exists()


@pytest.mark.parametrize("reply", [answer(b"", status="404 Not Found"), answer(b"<html></html>"), b""])
def test_what_is_no_feed_exits_4(site: Site, reply: bytes) -> None:
    with serving(reply) as server:
        url = f"http://127.0.0.1:{server.port}/rss?key=canary-of-a-subscriber"
        result = site.rasid("sources", "test", url)
        told = site.rasid("sources", "test", url, "--json")

    assert (result.exit_code, told.exit_code) == (4, 4)
    assert '"ok": false' in told.stdout
    assert "canary" not in result.output + told.output


def test_a_source_that_is_off_or_unknown_says_so(site: Site, tmp_path: Path) -> None:
    site.sources["idle"] = "{url: 'https://x.example/', enabled: no}"
    site.write()
    off = site.rasid("sources", "test", "idle")
    assert (off.exit_code, "source 'idle' is off: enabled: no" in off.stderr) == (1, True)
    unknown = site.rasid("sources", "test", "wires")
    assert (unknown.exit_code, "did you mean 'wire'?" in unknown.stderr) == (2, True)


def test_an_error_that_has_one_cure_is_told_with_it(site: Site) -> None:
    with serving(answer(b"<!doctype html><html><body>News</body></html>")) as server:
        page = site.rasid("sources", "test", f"http://127.0.0.1:{server.port}/")
    inside = site.rasid("sources", "test", "http://10.0.0.7/feed.xml")

    assert "not a feed: an HTML page\n" in page.stderr
    assert "rasid sources add --find ADDRESS" in page.stderr
    assert "fetch: {private_networks: [...]}" in inside.stderr
