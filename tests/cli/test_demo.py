"""`rasid demo`: the main job on the seeds of a checkout, offline, in under a minute."""

from __future__ import annotations

import os
import re
import smtplib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from monitor.cli import _near_miss
from monitor.cli._demo_servers import LOOPBACK, mail
from monitor.cli.demo import shared_out
from monitor.model import Article
from monitor.rulefiles import load_rules
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def screen() -> str:
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "TERM": "dumb"},
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - started < 60
    return done.stdout


def number(pattern: str, screen: str) -> int:
    found = re.search(pattern, screen)
    assert found, screen
    return int(found[1])


def test_it_shows_what_the_webhook_and_the_mail_server_received_with_hits_marked(screen: str) -> None:
    alerts = number(r"received (\d+) alerts", screen)
    assert alerts >= 8
    assert number(r"a mail server at \S+ (\d+) e-mails", screen) == alerts
    assert len(re.findall(r"(?m)^[A-Z0-9]{4}  (?:low|medium|high|critical)  ", screen)) == min(alerts, 3 + 12)
    assert re.search(r"(?m)^  \S*.*\[عين الأسد\]", screen)
    assert re.search(r"One of the e-mails:\n  Subject: .+\n(  \| .+\n)+", screen)


def test_it_serves_two_feeds_and_a_drop_folder(screen: str) -> None:
    assert number(r"Serving (\d+) feeds and a drop folder of \d+ files", screen) == 2


def test_one_line_accounts_for_every_article(screen: str) -> None:
    found = re.search(r"(?m)^Told (\d+) of (\d+) articles; not told (\d+): (.+)\.$", screen)
    assert found, screen
    told, articles, untold = map(int, found.groups()[:3])
    assert told + untold == articles
    assert sum(map(int, re.findall(r"(\d+) [a-z]", found[4]))) == untold
    assert "no rule matched" in found[4]


def test_one_near_miss_is_explained_and_the_next_command_named(screen: str) -> None:
    assert re.search(r"Nearly told: .+\n  \S+ found .+ · .+\n  but stood back: .+", screen)
    assert re.search(r"Next: .+\n  \S*rasid init my-desk\n", screen)


def test_it_fits_two_screens(screen: str) -> None:
    assert len(screen.splitlines()) <= 60


def test_feeds_of_their_own_are_served_and_else_those_of_the_folder(tmp_path: Path) -> None:
    for name in ("folder/a.txt", "folder/b.xml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    names = [[path.name for path in paths] for paths in shared_out(tmp_path)]
    assert names == [["b.xml"], ["a.txt"]]
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "c.atom").write_text("")
    names = [[path.name for path in paths] for paths in shared_out(tmp_path)]
    assert names == [["c.atom"], ["a.txt", "b.xml"]]


def test_the_mail_server_keeps_what_it_was_told() -> None:
    with mail() as post, smtplib.SMTP(LOOPBACK, post.port, timeout=10) as client:
        refused = client.sendmail("a@desk.example", ["b@desk.example"], b"Subject: s\r\n\r\nline\r\n.dot\r\n")
        assert refused == {}
        (message,) = post.received
        assert (message["Subject"], message.get_content()) == ("s", "line\r\n.dot\r\n")
        assert client.docmd("STARTTLS")[0] == 502


RULES = """
version: 1
rules:
  raid:
    title: Raids
    match: {all: [raid, port], within: sentence, none: [exercise], nowhere: [film]}
"""


def test_a_near_miss_of_a_query_is_named_by_the_clause_in_it(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("rules: {raid: {match: {query: raid NEAR/9 port NOT film}}}")
    near = Article(id="b", source="", title="", text="A raid on the port. It is a film.")
    miss = _near_miss.nearest([near], load_rules(tmp_path / "r.yaml"))
    assert miss is not None
    assert "the article holds what it excludes anywhere (film)" in miss.obstacle


@pytest.mark.parametrize(
    ("text", "obstacle"),
    [
        ("A raid on the port was an exercise.", "beside them stands what it excludes (exercise)"),
        ("A raid on the port. It is a film.", "the article holds what it excludes anywhere (film)"),
        ("A raid was near. The port is calm.", "found in one paragraph, but not in one sentence"),
    ],
)
def test_a_near_miss_says_what_stood_in_the_way(tmp_path: Path, text: str, obstacle: str) -> None:
    (tmp_path / "r.yaml").write_text(RULES)
    rules = load_rules(tmp_path / "r.yaml")
    hit = Article(id="a", source="", title="", text="A raid hit the port.")
    far = Article(id="b", source="", title="", text="Nothing of it.")
    twice = Article(id="d", source="", title="", text="A raid on the port was an exercise. It is a film.")
    near = Article(id="c", source="", title="", text=text)
    miss = _near_miss.nearest([hit, far, twice, near], rules)
    assert miss is not None
    assert (miss.article.id, miss.rule, miss.found[:2]) == ("c", "raid", ("raid", "port"))
    assert obstacle in miss.obstacle
    assert _near_miss.nearest([hit, far, twice], rules) is None
