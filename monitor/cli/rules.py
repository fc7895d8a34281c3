"""`rasid rules`: every rule, whether it is active, where it tells, what people said of its alerts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.cli._in_use import rules as in_use
from monitor.cli._verdicts import as_json as judged_json
from monitor.model import Judged
from monitor.rules.engine import Ruleset


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@pass_app
def command(app: App, as_json: bool) -> None:
    """List rules: active ones with where they tell, the others with why they are not.

    Of a file that is faulty the rules of its last good text are listed; what is faulty is said on stderr, exit 3.
    `useful` is the share of a rule's alerts that were judged useful, and of how many: see rasid verdict.

    Example: rasid rules --json
    """
    config = app.config()
    judged: Mapping[str, Judged] = {}
    if config.database.exists():
        with app.store(config) as store:
            judged = store.judged_rules()
    rows = _rows(in_use(app, config), judged)
    if as_json:
        app.json(rows)
        return
    _screen.table(
        ("rule", "state", "severity", "tells", "owner", "useful", "title"),
        (
            (
                row["id"],
                row["state"],
                row["severity"],
                ", ".join(row["notify"]) or "nobody",
                row["owner"],
                _useful(row["verdicts"]),
                row["title"] or row["reason"],
            )
            for row in rows
        ),
    )


def _useful(row: Mapping[str, Any]) -> str:
    """`80 % of 10`, "" for a rule that nobody judged."""
    total = row["useful"] + row["noise"]
    return f"{round(100 * row['useful'] / total)} % of {total}" if total else ""


def _rows(ruleset: Ruleset, judged: Mapping[str, Judged]) -> list[dict[str, Any]]:
    active: dict[str, dict[str, Any]] = {
        card.id: {
            "id": card.id,
            "state": "trial" if card.is_trial else "on",
            "severity": card.severity.word,
            "notify": list(card.notify),
            "owner": card.owner,
            "title": card.title,
            "hash": card.hash,
            "reason": "",
        }
        for card in ruleset.cards.values()
    }
    nothing: dict[str, Any] = {"severity": "", "notify": [], "owner": "", "title": "", "hash": ""}
    inactive = {
        name: {"id": name, "state": "off", **nothing, "reason": reason} for name, reason in ruleset.inactive.items()
    }
    return [
        {**row, "verdicts": judged_json(judged.get(name))} for name, row in sorted({**active, **inactive}.items())
    ]
