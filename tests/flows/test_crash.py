"""Killed at every step of an article's and of an alert's way, then started again: nothing lost, nothing twice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.config import load_config
from monitor.daemon import run_once
from tests.conftest import ROOT
from tests.flows.crash import points
from tests.flows.feeds import FeedServer, rss
from tests.flows.receiver import Receiver

RULES = """\
version: 1
defaults: {notify: [desk]}
rules:
  attack:
    title: An attack
    severity: high
    match: {any: [هجوم, attack]}
"""

CONFIG = """\
version: 1
timezone: UTC
database: rasid.db
rules: [rules]
fetch: {{contact: ops@example.org, private_networks: [127.0.0.0/8]}}
sources:
  wire: {{url: "{feed}", since: all}}
  drop: {{folder: drop, settle: 50ms}}
channels:
  desk: {{kind: webhook, url: "{hook}", private_networks: [127.0.0.0/8]}}
"""

ITEMS = (("one", "An attack at dawn", "The first text."), ("two", "Rain in spring", "No news at all."))


def rasid(folder: Path, *arguments: str, crash: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own; `crash` names the step that kills it."""
    program = [sys.executable, "-m", "tests.flows.crash", crash] if crash else [sys.executable, "-m", "monitor"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [*program, "--config", str(folder / "monitor.yaml"), *arguments]
    return subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def arrange(folder: Path, feed: str, hook: str) -> None:
    (folder / "rules").mkdir()
    (folder / "rules" / "attack.yaml").write_text(RULES)
    (folder / "monitor.yaml").write_text(CONFIG.format(feed=feed, hook=hook))
    (folder / "drop").mkdir()
    (folder / "drop" / "page.txt").write_text(
        "الوكالة\n\nهجوم على قافلة في الصحراء\n\nوقع الهجوم فجر اليوم ولم يسقط ضحايا.\n"
    )


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{folder / 'rasid.db'}?mode=ro", uri=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("point", points())
def test_killed_at_any_step_nothing_is_lost_and_nothing_stored_twice(tmp_path: Path, point: str) -> None:
    with FeedServer({"/rss": rss(ITEMS)}) as feeds, Receiver() as receiver:
        arrange(tmp_path, feeds.url("/rss"), receiver.url)
        assert rasid(tmp_path, "run", "--once", crash=point).returncode == -signal.SIGKILL, point

        again = rasid(tmp_path, "run", "--once")  # no wait for the lease of the dead process

        assert again.returncode == 0, again.stderr + again.stdout
        assert rows(tmp_path, "SELECT source, count(*) FROM article GROUP BY 1 ORDER BY 1") == [
            ("drop", 1),
            ("wire", 2),
        ]
        assert rows(tmp_path, "SELECT count(*) FROM match") == [(2,)]
        assert rows(tmp_path, "SELECT DISTINCT disposition FROM disposition") == [("alerted",)]
        assert rows(tmp_path, "SELECT state, count(*) FROM delivery GROUP BY 1") == [("sent", 2)]
        stored = {str(row[0]) for row in rows(tmp_path, "SELECT id FROM delivery")}
        assert set(receiver.ids) == stored  # a repetition carries the same id
        assert len(receiver.ids) <= len(stored) + 2  # both may have been on their way
        titles = {article["title"] for body in receiver.bodies for article in body["articles"]}
        assert titles == {"An attack at dawn", "هجوم على قافلة في الصحراء"}
        assert [path.name for path in (tmp_path / "drop" / "processed").iterdir()] == ["page.txt"]

        told = len(receiver.ids)
        assert run_once(load_config(tmp_path / "monitor.yaml")).failures == ()
        assert len(receiver.ids) == told


@pytest.mark.parametrize("point", ["after:commit", "before:move", "after:move", "before:rename", "after:rename"])
def test_killed_while_a_file_fails_it_lies_in_failed_once_with_its_reason(tmp_path: Path, point: str) -> None:
    with FeedServer({"/rss": rss(ITEMS)}) as feeds, Receiver() as receiver:
        arrange(tmp_path, feeds.url("/rss"), receiver.url)
        (tmp_path / "drop" / "page.txt").unlink()
        (tmp_path / "drop" / "iraq").mkdir()
        (tmp_path / "drop" / "iraq" / "bad.json").write_text("{")
        runs = [rasid(tmp_path, "run", "--once", crash=point), *(rasid(tmp_path, "run", "--once") for _ in range(2))]

    assert (runs[0].returncode, runs[-1].returncode) == (-signal.SIGKILL, 0), runs[-1].stderr
    failed = {path.name: path for path in (tmp_path / "drop" / "failed" / "iraq").iterdir()}
    (name,) = (name for name in failed if name.endswith(".json"))
    assert failed[name].read_text() == "{"
    assert "not JSON" in failed[f"{name}.reason.txt"].read_text()
    assert list((tmp_path / "drop" / "iraq").iterdir()) == []
    assert rows(tmp_path, "SELECT count(*), max(times) FROM file WHERE reason <> ''") in ([(1, 1)], [(1, 2)])


@pytest.mark.parametrize("point", ["after:read", "after:write", "after:commit", "after:done"])
def test_killed_over_a_kept_folder_its_files_are_told_once(tmp_path: Path, point: str) -> None:
    with FeedServer({"/rss": rss(())}) as feeds, Receiver() as receiver:
        arrange(tmp_path, feeds.url("/rss"), receiver.url)
        config = (tmp_path / "monitor.yaml").read_text().replace("settle: 50ms", "settle: 50ms, keep: yes")
        (tmp_path / "monitor.yaml").write_text(config)
        runs = [rasid(tmp_path, "run", "--once", crash=point), *(rasid(tmp_path, "run", "--once") for _ in range(2))]

        assert [run.returncode for run in runs] == [-signal.SIGKILL, 0, 0], runs[-1].stderr
        assert rows(tmp_path, "SELECT source, version FROM article") == [("drop", 1)]
        assert len(set(receiver.ids)) == 1
    assert [path.name for path in (tmp_path / "drop").iterdir()] == ["page.txt"]


def test_a_second_run_while_one_holds_the_database_exits_75(tmp_path: Path) -> None:
    with FeedServer({"/rss": rss(ITEMS)}) as feeds, Receiver() as receiver:
        arrange(tmp_path, feeds.url("/rss"), receiver.url)
        feeds.hold("/rss")  # the first run waits in the middle of its poll
        program = [sys.executable, "-m", "monitor", "--config", str(tmp_path / "monitor.yaml"), "run", "--once"]
        first = subprocess.Popen(program, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            assert feeds.wait_for("/rss")
            second = rasid(tmp_path, "run", "--once")
            assert (second.returncode, "try again" in second.stderr) == (75, True), second.stderr
        finally:
            feeds.release()
            first.communicate(timeout=60)
        assert first.returncode == 0
        assert json.loads(rasid(tmp_path, "deliveries", "--json").stdout)[0]["state"] == "sent"
