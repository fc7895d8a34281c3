"""`rasid run --once`: an article's whole way and an alert's, on real files, a real database and a real receiver."""

from __future__ import annotations

import json
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from monitor.config import load_config
from monitor.daemon import run_once
from monitor.store import Store
from tests.flows.feeds import FeedServer, rss
from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, QUIET, STORM, Site

FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>News</title>
<item><guid>1</guid><title>{title}</title><description>{text}</description></item></channel></rss>"""


def dispositions(site: Site) -> list[tuple[str, str, str]]:
    return sorted(
        (row["rule"], channel["channel"], channel["disposition"])
        for row in site.json("matches")
        for channel in row["channels"]
    )


def test_a_dropped_article_reaches_the_receiver_once_and_its_file_is_moved(site: Site, receiver: Receiver) -> None:
    site.put("one.json", ATTACK, STORM, QUIET)
    result = site.rasid("run", "--once")
    assert result.exit_code == 0, result.output
    (body,) = receiver.bodies
    assert (body["rules"], body["severity"], body["articles"][0]["title"]) == (["attack"], "high", ATTACK["title"])
    assert dispositions(site) == [("attack", "desk", "alerted"), ("storm", "", "store-only")]
    assert [path.name for path in (site.drop / "processed").iterdir()] == ["one.json"]


def test_a_second_run_over_the_same_bytes_tells_nothing(site: Site, receiver: Receiver) -> None:
    site.put("one.json", ATTACK)
    assert site.rasid("run", "--once").exit_code == 0
    site.put("again.json", ATTACK)
    result = site.rasid("run", "--once")
    assert (result.exit_code, len(receiver.bodies)) == (0, 1)
    assert "1 known already" in result.output


def test_the_summary_says_what_was_done(site: Site) -> None:
    site.put("one.json", ATTACK, STORM, QUIET)
    assert site.rasid("run", "--once").stdout.splitlines() == [
        "Polled 1 source: 3 new articles.",
        "2 matches (not told: 1 store-only); 1 alert, 1 delivery sent.",
    ]


def test_throttle_holds_and_the_second_article_is_folded(site: Site, receiver: Receiver) -> None:
    site.rules = site.rules.replace("throttle: 2h", "throttle: 2h, group_by: [rule]")
    site.write()
    site.put("one.json", ATTACK)
    site.rasid("run", "--once")
    site.put("two.json", {"title": "Second attack", "text": "Another attack was reported in the north."})
    summary = site.rasid("run", "--once").stdout.splitlines()[-1]
    assert summary == "1 match (1 folded into an alert); no alerts, no deliveries sent."
    assert len(receiver.bodies) == 1
    assert [fate for _, _, fate in dispositions(site)] == ["alerted", "folded"]


def test_a_receiver_that_fails_five_times_is_told_in_the_end_with_one_id(site: Site, receiver: Receiver) -> None:
    receiver.answers = lambda n: 500 if n < 5 else 200
    site.put("one.json", ATTACK)
    codes = [site.rasid("run", "--once").exit_code]
    while len(receiver.ids) < 6 and len(codes) < 50:
        codes.append(site.rasid("run", "--once").exit_code)
    assert (codes[0], codes[-1], len(receiver.ids), len(set(receiver.ids))) == (1, 0, 6, 1)
    (row,) = site.json("deliveries")
    assert (row["state"], row["attempts"], row["id"]) == ("sent", 6, receiver.ids[0])


def test_a_failed_delivery_is_named_and_the_exit_code_says_so(site: Site, receiver: Receiver) -> None:
    receiver.answers = lambda n: 500
    site.put("one.json", ATTACK)
    result = site.rasid("run", "--once")
    assert result.exit_code == 1
    assert "failed: 1 delivery not taken; tried again later" in result.stderr


def test_a_channel_without_its_secret_keeps_its_deliveries_and_says_so(site: Site, receiver: Receiver) -> None:
    site.channels = {"desk": "{kind: webhook, url: '${env:DESK_URL}'}"}
    site.write()
    site.put("one.json", ATTACK)
    result = site.rasid("run", "--once", env={"DESK_URL": None})  # type: ignore[dict-item]
    assert result.exit_code == 1
    assert "channel 'desk' is off: the environment has no DESK_URL" in result.stderr
    assert "1 delivery waits for channel 'desk'" in result.stderr
    result = site.rasid("run", "--once", env={"DESK_URL": receiver.url})
    assert (result.exit_code, len(receiver.bodies)) == (0, 1)


def test_one_broken_file_harms_only_itself(site: Site, receiver: Receiver) -> None:
    (site.drop / "broken.json").write_text('{"title": "cut off')
    site.put("good.json", ATTACK)
    result = site.rasid("run", "--once")
    assert (result.exit_code, len(receiver.bodies)) == (1, 1)
    assert "failed: wire: broken.json: " in result.stderr
    assert {path.name for path in (site.drop / "failed").iterdir()} == {"broken.json", "broken.json.reason.txt"}


def test_a_missing_folder_is_a_failed_poll(site: Site) -> None:
    site.sources["gone"] = "{folder: nowhere}"
    site.write()
    result = site.rasid("run", "--once")
    assert result.exit_code == 1
    assert "failed: gone: " in result.stderr


# --- feeds -------------------------------------------------------------------------------------------------


def test_the_first_document_of_a_feed_is_baseline_and_the_next_is_told(
    site: Site, receiver: Receiver, httpserver: HTTPServer
) -> None:
    site.sources = {"news": f"{{url: '{httpserver.url_for('/rss')}'}}"}
    site.write()
    httpserver.expect_ordered_request("/rss").respond_with_data(FEED.format(title="Old attack", text="An attack."))
    second = FEED.format(title="New attack", text="Another attack came.").replace("<guid>1", "<guid>2")
    httpserver.expect_ordered_request("/rss").respond_with_data(second)
    assert site.rasid("run", "--once").exit_code == 0
    assert (len(receiver.bodies), dispositions(site)) == (0, [("attack", "desk", "baseline")])
    assert site.rasid("run", "--once").exit_code == 0
    assert [body["articles"][0]["title"] for body in receiver.bodies] == ["New attack"]


def test_an_unchanged_feed_is_asked_with_its_validator_and_stores_nothing(site: Site, httpserver: HTTPServer) -> None:
    asked: list[str | None] = []

    def answer(request: Request) -> Response:
        asked.append(request.headers.get("If-None-Match"))
        if asked[-1]:
            return Response(status=304)
        return Response(FEED.format(title="a", text="b"), headers={"ETag": '"v1"'})

    httpserver.expect_request("/rss").respond_with_handler(answer)
    site.sources = {"news": f"{{url: '{httpserver.url_for('/rss')}', since: all}}"}
    site.write()
    site.rasid("run", "--once")
    result = site.rasid("run", "--once")
    assert (asked, "no new articles" in result.output) == ([None, '"v1"'], True)


def test_a_failing_feed_does_not_keep_the_others(site: Site, receiver: Receiver, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/rss").respond_with_data("oops", status=500)
    site.sources["news"] = f"{{url: '{httpserver.url_for('/rss')}?key=canary-of-a-subscriber'}}"
    site.write()
    site.put("one.json", ATTACK)
    result = site.rasid("run", "--once")
    assert (result.exit_code, len(receiver.bodies)) == (1, 1)
    assert "failed: news: the server answered 500" in result.stderr
    assert "canary" not in result.output
    (row,) = [row for row in site.json("sources") if row["id"] == "news"]
    assert (row["state"], row["failures"]) == ("failing", 1)


def test_a_pause_that_the_server_asked_for_holds(site: Site, httpserver: HTTPServer) -> None:
    httpserver.expect_oneshot_request("/rss").respond_with_data("", status=429, headers={"Retry-After": "3600"})
    site.sources = {"news": f"{{url: '{httpserver.url_for('/rss')}'}}"}
    site.write()
    site.rasid("run", "--once")
    result = site.rasid("run", "--once")
    assert (result.exit_code, len(httpserver.log)) == (0, 1)
    assert "news: not polled, its server asked for a pause" in result.stderr


def test_feeds_of_one_host_wait_for_each_other_however_slow_the_first_is(site: Site) -> None:
    with FeedServer({f"/{name}": rss([(name, name, name)]) for name in ("one", "two")}) as feeds:
        feeds.hold("/one")
        site.sources = {name: f"{{url: '{feeds.url(f'/{name}')}'}}" for name in ("one", "two")}
        site.write()
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(site.rasid, "run", "--once")
            assert feeds.wait_for("/one")
            feeds.release()
        result = running.result()

    assert (result.exit_code, [row["articles"] for row in site.json("sources")]) == (0, [1, 1]), result.output


# --- the lock, the rules, secrets ---------------------------------------------------------------------------


def test_a_second_run_exits_75_and_touches_nothing(site: Site, receiver: Receiver) -> None:
    site.put("one.json", ATTACK)
    with Store.open(site.database, write=True, now=datetime.now(UTC)):
        done = site.process("run", "--once")
    assert (done.returncode, receiver.bodies) == (75, [])
    assert "is being written by process" in done.stderr
    assert site.process("run", "--once").returncode == 0


def test_a_faulty_rule_file_goes_on_by_its_last_good_text_and_is_named(site: Site, receiver: Receiver) -> None:
    assert site.rasid("run", "--once").exit_code == 0
    site.rules = site.rules.replace("match: {any: [هجوم, attack]}", "match: {any: [$atack]}")
    site.write()
    site.put("one.json", ATTACK)
    result = site.rasid("run", "--once")
    assert (result.exit_code, len(receiver.bodies)) == (1, 1), result.output
    assert "its text of" in result.stderr
    assert "rules.yaml:7:19: rule 'attack': unknown name '$atack'" in result.stderr


def test_invalid_rules_end_the_run_with_3_before_anything_is_touched(site: Site) -> None:
    site.rules = site.rules.replace("match: {any: [هجوم, attack]}", "match: {any: [$atack]}")
    site.write()
    path = site.put("one.json", ATTACK)
    result = site.rasid("run", "--once")
    assert (result.exit_code, path.exists(), site.database.exists()) == (3, True, False)
    assert "rules.yaml:7:" in result.stderr


def test_invalid_options_end_the_run_with_3(site: Site) -> None:
    site.channels["desk"] = "{kind: webhok, url: 'http://x.example/'}"
    site.write()
    result = site.rasid("run", "--once")
    assert result.exit_code == 3
    assert "monitor.yaml:9:16: channel 'desk': unknown kind 'webhok'" in result.stderr


def test_a_rule_whose_example_fails_stays_out_and_the_others_go_on(site: Site, receiver: Receiver) -> None:
    site.rules += """
  broken:
    title: broken
    match: {any: [attack]}
    examples: {hit: [nothing of the sort]}
"""
    site.write()
    site.put("one.json", ATTACK)
    result = site.rasid("run", "--once")
    assert (result.exit_code, [body["rules"] for body in receiver.bodies]) == (1, [["attack"]])
    assert "failed: rule 'broken' is not active" in result.stderr


def test_no_secret_is_found_in_any_file_the_run_left(site: Site, receiver: Receiver, tmp_path: Path) -> None:
    receiver.answers = lambda n: 500
    site.channels["desk"] = "{kind: webhook, url: '${env:DESK}', headers: {X-Key: '${env:KEY}'}}"
    site.write()
    site.put("one.json", ATTACK)
    env = {"DESK": receiver.url + "/canary-path", "KEY": "canary-header"}
    result = site.rasid("run", "--once", env=env)
    shown = [result.output.encode(), *(path.read_bytes() for path in tmp_path.glob("rasid.db*") if path.is_file())]
    assert not any(b"canary" in each for each in shown)


def test_the_database_holds_what_the_run_committed(site: Site) -> None:
    site.put("one.json", ATTACK)
    site.rasid("run", "--once")
    with closing(sqlite3.connect(f"file:{site.database}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT title, matches FROM articles").fetchall()
        states = connection.execute("SELECT state, receipt FROM deliveries").fetchall()
    assert (rows, states) == ([(ATTACK["title"], 1)], [("sent", "HTTP 200 OK")])


@pytest.mark.parametrize("articles", [100])
def test_many_articles_in_one_file_are_all_accounted_for(site: Site, articles: int) -> None:
    several = [
        {"title": f"attack {n}", "text": f"attack number {n} of the list", "id": str(n)} for n in range(articles)
    ]
    (site.drop / "many.ndjson").write_text("\n".join(map(json.dumps, several)))
    result = site.rasid("run", "--once")
    assert result.exit_code == 0, result.output
    with Store.open(site.database, now=datetime.now(UTC)) as store:
        accounts = store.accounts()
    assert (accounts.matches, sum(accounts.dispositions.values())) == (articles, articles)


def test_a_file_that_keeps_growing_is_left_for_the_next_run(site: Site) -> None:
    path = site.drop / "slow.txt"
    stop = threading.Event()

    def grow() -> None:
        while not stop.wait(0.01):
            with path.open("a") as file:
                file.write("more words ")

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        report = run_once(load_config(site.config), patience=timedelta(milliseconds=300))
    finally:
        stop.set()
        writer.join()
    assert (report.ingests, path.exists()) == ((), True)
    assert report.notes == ("wire: files were still growing after 300ms; the next run takes them",)


def test_more_files_than_one_fetch_takes_are_all_taken(site: Site) -> None:
    for n in range(600):
        (site.drop / f"{n}.txt").write_text(f"Headline {n}\n\nQuiet words number {n} of many.")
    report = run_once(load_config(site.config), patience=timedelta(milliseconds=400))
    assert (sum(each.new for each in report.ingests), report.failures) == (600, ())


def test_a_source_whose_cursor_is_damaged_harms_only_itself(site: Site, receiver: Receiver) -> None:
    assert site.rasid("run", "--once").exit_code == 0
    with closing(sqlite3.connect(site.database)) as connection, connection:
        connection.execute("INSERT INTO source (id, cursor) VALUES ('news', '[]')")
    site.sources["news"] = "{url: 'http://127.0.0.1:9/'}"
    site.write()
    site.put("one.json", ATTACK)
    result = site.rasid("run", "--once")
    assert (result.exit_code, len(receiver.bodies)) == (1, 1)
    assert "failed: news: " in result.stderr
