"""`rasid sources test`: fetch a source now, store nothing, and say what it is like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import click

from monitor import timing
from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.cli._sources import iso
from monitor.config import Config
from monitor.config.page import nearest
from monitor.daemon import open_session, pace
from monitor.errors import MonitorError, SourceError
from monitor.model import Fetched, SourceSpec, SourceState
from monitor.rhythm.plan import plan
from monitor.rhythm.states import median_gap, succeeded
from monitor.sources import Source, Tools, build
from monitor.sources.parser import Parser

UNREACHABLE = 4
ADVICE = {
    "not a feed: an HTML page": "the feed that a site's page names is found by: rasid sources add --find ADDRESS",
    "is not a public address": "to read what is yours name its network in: fetch: {private_networks: [...]}",
}
"""What to do about errors that have one cure, by a part of their text."""

MOST_SHOWN = 5


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.argument("wanted", metavar="SOURCE|URL")
@pass_app
def test(app: App, wanted: str, as_json: bool) -> None:
    """Fetch a source, or the feed at URL, without storing anything. Exit 4 when nothing can be had from it.

    Example: rasid sources test https://news.example/rss
    """
    config = app.config()
    spec = _spec(config, wanted)
    now = timing.now()
    with Parser(workers=1) as parser:
        source = build(spec, Tools(session=open_session(config), parser=parser))
        begun = timing.monotonic()
        try:
            fetched = source.fetch({}, now)
        except SourceError as error:
            if as_json:
                app.json({"source": spec.id, "ok": False, "error": error.reason})
            else:
                app.say(f"{spec.id}: {error.reason}", err=True)
                for advice in (advice for sign, advice in ADVICE.items() if sign in error.reason):
                    app.say(advice, err=True)
            raise click.exceptions.Exit(UNREACHABLE) from error
        seconds = timing.monotonic() - begun
    found = _found(source, fetched, config, now, seconds)
    if as_json:
        app.json(found)
        return
    for line in _lines(found, config, now):
        app.say(line)


def _spec(config: Config, wanted: str) -> SourceSpec:
    """The configured source of that name, or a feed at that address."""
    if "://" in wanted:
        config.secrets.hide_url(wanted, keep_path=True)
        return SourceSpec(id="feed", kind="feed", options={"url": wanted})
    known = {spec.id: spec for spec in config.sources}
    off = {one.name: one.reason for one in config.disabled if one.what == "source"}
    if wanted in off:
        raise MonitorError(f"source {wanted!r} is off: {off[wanted]}")
    if wanted not in known:
        raise click.UsageError(
            f"there is no source {wanted!r}{nearest(wanted, known)}; an address begins with https://"
        )
    return known[wanted]


def _found(source: Source, fetched: Fetched, config: Config, now: datetime, seconds: float) -> dict[str, Any]:
    appeared = [article.published or now for article in fetched.articles]
    state = succeeded(SourceState(id=source.id), fetched, now, appeared=appeared)
    gap = median_gap(state.appeared)
    planned = plan(replace(state, last_success=now), pace(source, config.fetch), now)
    newest = sorted(fetched.articles, key=lambda article: article.published or now, reverse=True)[:MOST_SHOWN]
    wishes = fetched.wishes
    return {
        "source": source.id,
        "ok": True,
        "kind": source.kind,
        "seconds": round(seconds, 2),
        "host": fetched.host,
        "articles": len(fetched.articles),
        "newest": [
            {"title": one.title, "url": one.url, "published": iso(one.published)} for one in newest[:MOST_SHOWN]
        ],
        "median_gap": None if gap is None else round(gap.total_seconds()),
        "next_poll": iso(planned.at),
        "why": planned.reason,
        "validators": [name for name in ("etag", "modified") if fetched.cursor.get(name)],
        "wishes": {
            "ttl": _seconds(wishes.ttl),
            "fresh_for": _seconds(wishes.fresh_for),
            "skip_hours": list(wishes.skip_hours),
            "skip_days": list(wishes.skip_days),
        },
        "redirected": "moved" in fetched.cursor,
        "pending": source.is_pending(fetched.cursor),
        "warnings": list(fetched.warnings),
    }


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else round(span.total_seconds())


def _lines(found: dict[str, Any], config: Config, now: datetime) -> Iterator[str]:
    articles = _screen.count(found["articles"], "article")
    where = f" from {found['host']}" if found["host"] else ""
    yield f"{found['source']}: a {found['kind']} with {articles}{where}, fetched in {found['seconds']:g} s"
    for one in found["newest"]:
        published = datetime.fromisoformat(one["published"]) if one["published"] else None
        yield f"  {_screen.clock(published, config.timezone, now):<16}{one['title']}"
    if found["median_gap"]:
        yield f"An article every {timing.format_duration(timedelta(seconds=found['median_gap']))}, by the median."
    wait = datetime.fromisoformat(found["next_poll"]) - now
    yield f"It would be polled again in {timing.format_duration(wait)} ({found['why']})."
    if found["pending"]:
        yield "Files that are there are read once they stood still."
    if found["host"] and not found["validators"]:
        yield "Its server names neither ETag nor Last-Modified: each poll fetches all of it."
    if found["redirected"]:
        yield "Its address redirects for good: after three polls over a day the new one is adopted."
    yield from (f"warning: {warning}" for warning in found["warnings"])
