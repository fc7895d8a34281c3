"""`rasid export`: matches for spreadsheets, scripts and feed readers."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click

from monitor import timing
from monitor.cli._app import App, pass_app
from monitor.cli._filters import ago
from monitor.cli._formats import FORMATS, About
from monitor.errors import MonitorError
from monitor.store import Row, Store

PAGE = 500
"""Matches read at once."""

IN_A_FEED = 100


@click.command()
@click.option("--as", "form", type=click.Choice(list(FORMATS)), default="csv", show_default=True, help="The format.")
@click.option("--rule", metavar="RULE", help="Only this rule.")
@click.option("--source", metavar="SOURCE", help="Only articles of this source.")
@click.option("--since", callback=ago, metavar="DURATION", help="Only what matched in the last 2h, 7d ...")
@click.option("--until", callback=ago, metavar="DURATION", help="Only what matched longer ago than 2h, 7d ...")
@click.option("--limit", type=click.IntRange(1), help=f"At most so many; a feed has {IN_A_FEED} by itself.")
@click.option("--bom", is_flag=True, help="Begin with a byte order mark, by which Excel knows UTF-8.")
@click.option("--title", default="Rasid", show_default=True, help="Of a feed.")
@click.option("--link", default="http://localhost/", show_default=True, help="The page a feed belongs to.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="A file, replaced once the new one is whole.")
@pass_app
def command(
    app: App,
    form: str,
    rule: str | None,
    source: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    bom: bool,
    title: str,
    link: str,
    output: Path | None,
) -> None:
    """Write matches, the newest first: csv, jsonl (JSON lines), rss, atom or jsonfeed.

    In csv no cell is a formula: what begins like one has a ' before it. For example:

    \b
        rasid export --since 30d --bom -o month.csv
        rasid export --as atom --rule base-attacked --link https://news.example/ -o /srv/www/attacks.xml
    """
    if bom and form != "csv":
        raise click.UsageError("--bom is for csv")
    if limit is None and form not in ("csv", "jsonl"):
        limit = IN_A_FEED
    config = app.config_in_use()
    with app.store(config) as store:
        rows = islice(_matches(store, rule=rule, source=source, since=since, until=until), limit)
        pieces = FORMATS[form](rows, About(title, link, timing.now()))
        text = (app.redact(piece) for piece in pieces)
        if output is None:
            _write(sys.stdout.buffer, text, bom)
        else:
            _replace(output, text, bom)


def _matches(store: Store, **filters: Any) -> Iterator[Row]:
    before: int | None = None
    while rows := store.matches(before=before, limit=PAGE, **filters):
        yield from rows
        before = rows[-1]["match"]


def _write(out: Any, text: Iterator[str], bom: bool) -> None:
    if bom:
        out.write(b"\xef\xbb\xbf")
    for piece in text:
        out.write(piece.encode("utf-8", "replace"))
    out.flush()


def _replace(path: Path, text: Iterator[str], bom: bool) -> None:
    """A reader sees the old file or the new one, never half of it."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with partial.open("xb") as out:
            _write(out, text, bom)
            os.fsync(out.fileno())
        partial.replace(path)
    except OSError as error:
        raise MonitorError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
