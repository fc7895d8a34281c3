"""`rasid sources`: every source, how its last fetch went and what it brought."""

from __future__ import annotations

from typing import Any

import click

from monitor import timing
from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.cli._filters import shown_time
from monitor.config import Config

_EMPTY: dict[str, Any] = {
    "articles": 0,
    "matches": 0,
    "files": 0,
    "failed_files": 0,
    "failures": 0,
    "last_error": "",
    "first_parsed": None,
    "last_success": None,
    "last_article": None,
    "last_error_at": None,
    "not_before": None,
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@pass_app
def command(app: App, as_json: bool) -> None:
    """List sources with their state; those no longer configured too."""
    config = app.config()
    stored: dict[str, dict[str, Any]] = {}
    if config.database.exists():
        with app.store(config) as store:
            stored = {row["id"]: dict(row) for row in store.sources()}
    rows = list(_rows(config, stored))
    if as_json:
        app.json(rows)
        return
    now = timing.now()
    _screen.table(
        ("source", "kind", "state", "articles", "matches", "last success", "last error"),
        (
            (
                row["id"],
                row["kind"],
                row["state"],
                str(row["articles"]),
                str(row["matches"]),
                shown_time(row["last_success"], config.timezone, now),
                app.redact(_error(row)),
            )
            for row in rows
        ),
    )


def _rows(config: Config, stored: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    known = [(spec.id, spec.kind, list(spec.tags), "", "") for spec in config.sources]
    known += [(off.name, "", [], "off", off.reason) for off in config.disabled if off.what == "source"]
    gone = sorted(stored.keys() - {name for name, *_ in known})
    known += [(name, "", [], "not configured", "") for name in gone]
    rows = []
    for name, kind, tags, state, reason in known:
        row = {"id": name, "kind": kind, "tags": tags} | _EMPTY | stored.get(name, {})
        failing = "failing" if row["failures"] else "fine" if row["last_success"] else "never polled"
        rows.append(row | {"state": state or failing, "off": reason})
    return rows


def _error(row: dict[str, Any]) -> str:
    if row["off"]:
        return str(row["off"])
    return f"{row['last_error']} ({row['failures']} in a row)" if row["failures"] else ""
