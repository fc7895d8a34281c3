"""`rasid rules`: every rule, whether it is active, where it tells."""

from __future__ import annotations

from typing import Any

import click

from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.daemon import load_configured_rules
from monitor.rules.engine import Ruleset


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@pass_app
def command(app: App, as_json: bool) -> None:
    """List rules: active ones with where they tell, the others with why they are not."""
    rows = _rows(load_configured_rules(app.config(), strict_examples=False))
    if as_json:
        app.json(rows)
        return
    _screen.table(
        ("rule", "state", "severity", "tells", "owner", "title"),
        (
            (
                row["id"],
                row["state"],
                row["severity"],
                ", ".join(row["notify"]) or "nobody",
                row["owner"],
                row["title"] or row["reason"],
            )
            for row in rows
        ),
    )


def _rows(ruleset: Ruleset) -> list[dict[str, Any]]:
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
    return [row for _, row in sorted({**active, **inactive}.items())]
