"""`rasid demo`: the main job on the seeds that come with Rasid, offline: feeds, a drop folder, a webhook, e-mail.

What it shows is what a receiver on this machine really received, not what was meant to be sent.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import click

from monitor import timing
from monitor.cli import _near_miss, _screen
from monitor.cli._app import FAILED, App, pass_app
from monitor.cli._demo_servers import LOOPBACK, Mail, Web, mail, web
from monitor.cli.init import program
from monitor.cli.run import failures
from monitor.config import Config, load_config
from monitor.daemon import load_configured_rules, run_once
from monitor.errors import MonitorError
from monitor.model import Article, Disposition, Severity
from monitor.sources import read_file
from monitor.sources.parser import Parser
from monitor.store import Store

HOME = Path(__file__).resolve().parents[2]
FEEDS = (".xml", ".rss", ".atom")
SHOWN = 3
"""Alerts shown in full; the others take a line each."""

MOST_FEEDS = 2
MOST_ARTICLES = 3
MOST_LINES = 12
MAIL_LINES = 14

CONFIGURATION = """\
version: 1
timezone: Asia/Baghdad
database: rasid.db
rules: [rules]
defaults: {{notify: [desk, duty]}}
fetch: {{private_networks: [127.0.0.0/8]}}
sources:
  drop: {{folder: drop, tags: [demo]}}
{feeds}
channels:
  desk: {{kind: webhook, url: "{url}/hook"}}
  duty: {{kind: email, to: duty@desk.example, from: rasid@desk.example, server: "smtp://{mail}", starttls: off}}
"""

WHY: Mapping[Disposition | None, str] = {
    None: "no rule matched",
    Disposition.STALE: "too old",
    Disposition.FOLDED: "of a story already told",
    Disposition.BASELINE: "older than the first look",
    Disposition.STORE_ONLY: "of a rule that only stores",
}


@click.command()
@pass_app
def command(app: App) -> None:
    """Run the main job once on Rasid's own sample articles and show what a webhook and a mailbox receive.

    Offline; everything happens in a temporary folder and on the loopback address.

    Example: rasid demo
    """
    seeds, rules = HOME / "seeds", HOME / "rules"
    if not (seeds / "folder").is_dir() or not rules.is_dir():
        raise MonitorError("the demo needs seeds/ and rules/ of a checkout of Rasid beside the package")
    feeds, files = shared_out(seeds)
    documents = {path.name: path.read_bytes() for path in feeds}
    with tempfile.TemporaryDirectory(prefix="rasid-demo-") as name, web(documents) as site, mail() as post:
        config = prepared(Path(name), rules, files, site, post)
        app.say(
            f"Serving {_screen.count(len(feeds), 'feed')} and a drop folder of {_screen.count(len(files), 'file')} "
            "on this machine; reading takes a few seconds."
        )
        report = run_once(config)
        alerts = sorted(site.received, key=importance, reverse=True)
        shown, rest = alerts[:SHOWN], alerts[SHOWN:]
        app.say(
            f"\nA webhook at {site.url} received {_screen.count(len(site.received), 'alert')}, "
            f"a mail server at {LOOPBACK}:{post.port} {_screen.count(len(post.received), 'e-mail')}.\n"
        )
        for body in shown:
            show(body)
        for body in rest[:MOST_LINES]:
            line(body)
        if len(rest) > MOST_LINES:
            app.say(f"and {len(rest) - MOST_LINES} more")
        show_mail(app, post.received, shown)
        with Store.open(config.database, now=timing.now()) as store:
            app.say("\n" + account(store, sum(each.new for each in report.ingests)))
        show_near_miss(app, config, [*feeds, *files])
    for fault in failures(report):
        app.say(f"failed: {fault}", err=True)
    app.say("\nNext: your own feed, words and channel, in three questions:")
    app.say(f"  {nearby()} init my-desk")
    if failures(report):
        raise click.exceptions.Exit(FAILED)


def shared_out(seeds: Path) -> tuple[list[Path], list[Path]]:
    """The seeds that are served as feeds, and those that go into the drop folder."""
    there = sorted(path for path in seeds.glob("feeds/*") if path.suffix in FEEDS)
    dropped = sorted(path for path in (seeds / "folder").iterdir() if path.is_file())
    served = there or [path for path in dropped if path.suffix in FEEDS][:MOST_FEEDS]
    return served, [path for path in dropped if path not in served]


def prepared(folder: Path, rules: Path, files: Sequence[Path], site: Web, post: Mail) -> Config:
    """A configuration in `folder` with copies of the files in its drop folder."""
    (folder / "drop").mkdir()
    for path in files:
        shutil.copy(path, folder / "drop")
    shutil.copytree(rules, folder / "rules")
    for path in (folder / "rules").rglob("*.yaml"):  # the rules name the channel desk; here the mailbox hears it too
        text = path.read_text(encoding="utf-8").replace("notify: [desk]", "notify: [desk, duty]")
        path.write_text(text, encoding="utf-8")
    feeds = "\n".join(
        f'  feed-{number}: {{url: "{site.url}/{name}", since: all, tags: [demo]}}'
        for number, name in enumerate(site.documents, 1)
    )
    text = CONFIGURATION.format(feeds=feeds, url=site.url, mail=f"{LOOPBACK}:{post.port}")
    path = folder / "monitor.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, environment={})


def importance(body: Mapping[str, Any]) -> tuple[int, Severity]:
    """Alerts of many articles first, then those of high severity."""
    return len(body["articles"]), Severity.from_word(body["severity"])


def heading(body: Mapping[str, Any]) -> str:
    """Code, severity, rules and entities of an alert."""
    names = ", ".join(entity["id"] for entity in body["entities"])
    return f"{body['code']}  {body['severity']}  {', '.join(body['rules'])}  {names}".rstrip()


def title(article: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Where hits stand in the headline."""
    spans = (span for match in article["matches"] for span in match["spans"])
    return [(span["start"], span["end"]) for span in spans if span["field"] == "title"]


def show(body: Mapping[str, Any]) -> None:
    """One alert as the webhook got it: its heading, then each headline and excerpt with the hits marked."""
    out = _screen.console()
    out.print(_screen.heading(heading(body), body["severity"]))
    for article in body["articles"][:MOST_ARTICLES]:
        out.print("  ", _screen.marked(article["title"], title(article)), sep="")
        piece = article["excerpt"]
        if piece["hits"]:
            hits = [(hit["start"], hit["end"]) for hit in piece["hits"]]
            out.print("    ", _screen.marked(piece["text"], hits), sep="")
    more = len(body["articles"]) + body["more_articles"] - MOST_ARTICLES
    if more > 0:
        out.print(f"  and {_screen.count(more, 'more article')}")
    out.print()


def line(body: Mapping[str, Any]) -> None:
    """One alert in a line: its heading and the first headline with the hits marked."""
    first = body["articles"][0]
    out = _screen.console()
    out.print(
        _screen.heading(heading(body), body["severity"]), "  ", _screen.marked(first["title"], title(first)), sep=""
    )


def show_mail(app: App, received: Sequence[EmailMessage], shown: Sequence[Mapping[str, Any]]) -> None:
    """The text of one e-mail as it came: that of the first alert shown."""
    if not received:
        return
    code = shown[0]["code"] if shown else ""
    texts = [(message, "".join(plain_text(message))) for message in received]
    message, text = next(((m, t) for m, t in texts if code and code in t), texts[0])
    app.say(f"\nOne of the e-mails:\n  Subject: {message['Subject']}")
    # The isolates that hold each name's direction together are no text: a terminal shows them as gaps.
    lines = [piece for piece in re.sub("[\u2066-\u2069]", "", text).splitlines() if piece.strip()]
    for piece in lines[:MAIL_LINES]:
        app.say(f"  | {piece}")
    if len(lines) > MAIL_LINES:
        app.say("  | ...")


def plain_text(message: EmailMessage) -> Iterator[str]:
    """The text part of an e-mail."""
    part = message.get_body(("plain",))
    if part is not None:
        yield str(part.get_content())


def account(store: Store, articles: int) -> str:
    """One line for all articles: how many were told, and why the others were not. The numbers add up."""
    fates: dict[str, set[Disposition]] = {}
    for row in store.matches(limit=10_000):
        fates.setdefault(row["article"], set()).update(Disposition(each["disposition"]) for each in row["channels"])
    told = sum(Disposition.ALERTED in each for each in fates.values())
    reasons: Counter[str] = Counter({WHY[None]: articles - len(fates)})
    for each in fates.values():
        if Disposition.ALERTED not in each:
            fate = min(each)
            reasons[WHY.get(fate, fate.value)] += 1
    why = ", ".join(f"{number} {reason}" for reason, number in reasons.most_common() if number)
    return f"Told {told} of {_screen.count(articles, 'article')}; not told {articles - told}: {why}."


def show_near_miss(app: App, config: Config, files: Sequence[Path]) -> None:
    """The article that came nearest to an alert without one, and why."""
    articles: list[Article] = []
    with Parser() as parser:
        for path in files:
            articles += read_file(path.name, path.read_bytes(), source="", parser=parser, now=timing.now())
    miss = _near_miss.nearest(articles, load_configured_rules(config, strict_examples=False))
    if miss is not None:
        app.say(f"\nNearly told: {miss.article.title}")
        app.say(f"  {miss.rule} found {' · '.join(miss.found)}")
        app.say(f"  {miss.obstacle}")


def nearby() -> str:
    """How to call this program from where the user stands."""
    beside = program()
    here = f"{Path.cwd()}/"
    return beside.removeprefix(here) if beside.startswith(here) else beside
