"""`rasid route`: who would be told of a match of a rule at a time, and what would hold it back. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import click

from monitor import timing
from monitor.alerting.outlook import Prospect, outlook
from monitor.alerting.retries import Health
from monitor.cli import _screen
from monitor.cli._app import App, pass_app
from monitor.cli._in_use import rules as in_use
from monitor.config import Config
from monitor.config.page import nearest
from monitor.daemon import OFF
from monitor.errors import RuleError
from monitor.model import Severity, Silence
from monitor.store import Store
from monitor.timing import ascii_digits, parse_duration

_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")


@click.command()
@click.option("--rule", "rule", required=True, metavar="ID", help="The rule that matches.")
@click.option("--at", "moment", metavar="TIME", help="'2026-11-27 23:10' or '23:10' local, or '+8h'; now by default.")
@click.option(
    "--severity", type=click.Choice([severity.word for severity in Severity]), help="Other than the rule's own."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@pass_app
def command(app: App, rule: str, moment: str | None, severity: str | None, as_json: bool) -> None:
    """Say who would be told of a match, and what would hold it back, without sending anything. For example:

    \b
        rasid route --rule base-attacked --at 23:10
        rasid route --rule base-attacked --at +8h --severity critical
    """
    config, now = app.config(), timing.now()
    rules = in_use(app, config)
    if rule not in rules.cards:
        why = rules.inactive.get(rule)
        if why is not None and why != OFF:
            raise RuleError(f"rule {rule!r} is not active: {why}")
        raise click.UsageError(
            f"rule {rule!r} is not active: {why}" if why else f"unknown rule {rule!r}{nearest(rule, rules.cards)}"
        )
    card = rules.cards[rule]
    at = _moment(moment, config, now) if moment else now
    level = Severity.from_word(severity) if severity else card.severity
    silences: tuple[Silence, ...] = ()
    health: Mapping[str, Health] = {}
    sent: dict[str, tuple[datetime, ...]] = {}
    if config.database.exists():
        with app.store(config) as store:
            silences = tuple(silence for silence in store.silences(now))
            health = store.health()
            sent = {channel: _sent(store, config, channel, at) for channel in card.notify}
    off = {item.name: item.reason for item in config.disabled if item.what == "channel"}
    found = outlook(card, level, at, calm=config.calm, silences=silences, health=health, off=off, sent=sent)
    if as_json:
        app.json([_row(prospect) for prospect in found])
        return
    when = _screen.clock(at, config.timezone, now)
    app.say(f"A match of {rule} ({level.word}) at {when} ({config.timezone.key}):")
    for prospect in found:
        app.say(_line(prospect, config, now))


def _moment(text: str, config: Config, now: datetime) -> datetime:
    """A time as people write it: local date and time, a time of today, or a wait from now."""
    plain = ascii_digits(text).strip()
    try:
        if plain.startswith("+"):
            return now + parse_duration(plain[1:])
        if len(plain) <= len("23:10"):
            plain = f"{now.astimezone(config.timezone):%Y-%m-%d} {plain}"
    except ValueError as error:
        raise click.UsageError(f"--at: {error}") from error
    for form in _FORMS:
        try:
            return datetime.strptime(plain, form).replace(tzinfo=config.timezone).astimezone(now.tzinfo)
        except ValueError:
            continue
    raise click.UsageError(f"--at: {text!r} is not a time; write for example '2026-11-27 23:10', '23:10' or '+8h'")


def _sent(store: Store, config: Config, channel: str, at: datetime) -> tuple[datetime, ...]:
    """When the channel was sent messages, whoever the recipient; empty where it has no bound."""
    calm = config.calm.get(channel)
    if calm is None or not calm.at_most:
        return ()
    rows = store.deliveries(channel=channel, state="sent", since=at - calm.per - timedelta(days=1), limit=1000)
    times = [datetime.fromisoformat(row["settled"]) for row in rows if row.get("settled")]
    return tuple(sorted(times))


def _row(prospect: Prospect) -> dict[str, object]:
    at = prospect.at.isoformat(timespec="seconds") if prospect.at else None
    return {"channel": prospect.channel, "told_at": at, "reasons": list(prospect.reasons)}


def _line(prospect: Prospect, config: Config, now: datetime) -> str:
    why = "; ".join(prospect.reasons)
    if prospect.at is None:
        return f"  {prospect.channel or 'nobody'}: not told{': ' + why if why else ''}"
    when = _screen.clock(prospect.at, config.timezone, now)
    return f"  {prospect.channel}: told at {when}{' (' + why + ')' if why else ''}"
