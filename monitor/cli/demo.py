"""`rasid demo`: the main job on the seeds that come with Rasid, offline, into a receiver on this machine."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click

from monitor import timing
from monitor.cli import _screen
from monitor.cli._app import FAILED, App, pass_app
from monitor.cli.run import failures, summary
from monitor.config import load_config
from monitor.daemon import run_once
from monitor.errors import MonitorError
from monitor.model import Disposition
from monitor.store import History, Store

HOME = Path(__file__).resolve().parents[2]
CONFIGURATION = """\
version: 1
timezone: Asia/Baghdad
database: rasid.db
rules: ["{rules}"]
defaults: {{notify: [desk]}}
fetch: {{private_networks: [127.0.0.0/8]}}
sources:
  seeds: {{folder: drop, tags: [demo]}}
channels:
  desk: {{kind: webhook, url: "{url}"}}
"""


@click.command()
@pass_app
def command(app: App) -> None:
    """Run the main job once on Rasid's own sample articles and show what a webhook receives.

    Offline; everything happens in a temporary folder and on the loopback address.
    """
    seeds, rules = HOME / "seeds" / "folder", HOME / "rules"
    if not seeds.is_dir() or not rules.is_dir():
        raise MonitorError("the demo needs seeds/ and rules/ of a checkout of Rasid beside the package")
    with tempfile.TemporaryDirectory(prefix="rasid-demo-") as name, receiver() as (url, received):
        folder = Path(name)
        shutil.copytree(seeds, folder / "drop")
        path = folder / "monitor.yaml"
        path.write_text(CONFIGURATION.format(rules=rules, url=url), encoding="utf-8")
        config = load_config(path, environment={})
        files = sorted(seeds.iterdir())
        copied = _screen.count(len(files), "file")
        app.say(f"Copied {copied} of seeds/folder into a drop folder; reading takes a few seconds.")
        report = run_once(config)
        app.say(f"\nA webhook on {url} received {_screen.count(len(received), 'alert')}:\n")
        for body in received:
            show(body)
        with Store.open(config.database, now=timing.now()) as store:
            untold(app, store, files)
    app.say(f"\n{summary(report)}")
    for line in failures(report):
        app.say(f"failed: {line}", err=True)
    app.say("\nNext: put your own words into a rule and try it on a text of yours:")
    app.say("  echo 'Rocket fire hit Ain al-Asad on Monday.' | rasid match --rules rules -")
    if failures(report):
        raise click.exceptions.Exit(FAILED)


@contextmanager
def receiver() -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """A webhook receiver on a free port of the loopback address: its URL, and the bodies it has received."""
    received: list[Mapping[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            received.append(json.loads(body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the command shows what came."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="receiver")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def show(body: Mapping[str, Any]) -> None:
    """One alert as its receiver got it: code and rules, then each headline and excerpt with the hits marked."""
    out = _screen.console()
    names = ", ".join(dict.fromkeys(e for a in body["articles"] for m in a["matches"] for e in m["entities"]))
    out.print(
        _screen.heading(f"{body['code']}  {body['severity']}  {', '.join(body['rules'])}  {names}", body["severity"])
    )
    for article in body["articles"]:
        spans = [span for match in article["matches"] for span in match["spans"]]
        titles = [(span["start"], span["end"]) for span in spans if span["field"] == "title"]
        out.print("  ", _screen.marked(article["title"], titles), sep="")
        piece = article["excerpt"]
        if piece["hits"]:
            out.print(
                "    ", _screen.marked(piece["text"], [(hit["start"], hit["end"]) for hit in piece["hits"]]), sep=""
            )
    out.print()


def untold(app: App, store: Store, files: list[Path]) -> None:
    """One line for every article that was not told, and why."""
    taken = (file for path in files for file in store.files_with(hashlib.sha256(path.read_bytes()).hexdigest()))
    articles = dict.fromkeys(article for file in taken for article in file.articles)
    lines = [
        (reason, history.versions[-1].title)
        for history in filter(None, map(store.history, articles))
        if (reason := why_not(history))
    ]
    if lines:
        app.say(f"Not told, {_screen.count(len(lines), 'article')}:")
        width = max(len(reason) for reason, _ in lines)
        for reason, title in lines:
            app.say(f"  {reason:<{width}}  {title}")


def why_not(history: History) -> str:
    """Why an article was told on no channel, in a few words; "" when it was told."""
    states = [state for matched in history.matches for state in matched.states]
    if any(state.disposition is Disposition.ALERTED for state in states):
        return ""
    if not states:
        return "no rule matched"
    state = states[0]
    rule = history.matches[0].match.rule
    return (
        f"{rule}: folded into {state.code}" if state.disposition is Disposition.FOLDED else f"{rule}: {state.reason}"
    )
