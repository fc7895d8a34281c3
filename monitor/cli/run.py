"""`rasid run`: the main job, until it is told to stop, or once."""

from __future__ import annotations

from collections import Counter

import click

from monitor.cli import _screen
from monitor.cli._app import FAILED, App, pass_app
from monitor.cli._in_use import Reread
from monitor.daemon import RunReport, run_once, serve
from monitor.daemon.logs import FORMATS, set_up
from monitor.model import Disposition

LEVELS = ("debug", "info", "warning", "error")

UNTOLD = frozenset(Disposition) - {Disposition.WAITING, Disposition.ALERTED, Disposition.FOLDED}
"""Nobody hears of a match of these."""


@click.command()
@click.option("--once", is_flag=True, help="Poll, match and tell once, then end.")
@click.option(
    "--log-level",
    type=click.Choice(LEVELS),
    default="info",
    show_default=True,
    envvar="RASID_LOG_LEVEL",
    help="What is logged on stderr while it runs (also RASID_LOG_LEVEL).",
)
@click.option(
    "--log-format",
    type=click.Choice(tuple(FORMATS)),
    default="logfmt",
    show_default=True,
    envvar="RASID_LOG_FORMAT",
    help="How a log line is written (also RASID_LOG_FORMAT).",
)
@pass_app
def command(app: App, once: bool, log_level: str, log_format: str) -> None:
    """Poll every source, match what is new, tell the channels; until SIGTERM or Ctrl-C.

    Files are watched: a change of configuration or rules is taken within seconds, at once by SIGHUP or
    `rasid reload`. What is faulty is held back, and the last good goes on. Exit 75 if another Rasid is at work.

    With --once: polls every source now, takes what lies in the folders, tells at once what the rules found, tries
    every due delivery, and ends. Exit 1 if a poll, an article or a delivery failed.

    Example: rasid --config config/monitor.yaml run --once
    """
    if not once:
        set_up(log_level, app.redact, log_format)
        raise click.exceptions.Exit(serve(Reread(app)))
    report = run_once(app.config())
    for line in report.notes:
        app.say(f"note: {line}", err=True)
    for line in failures(report):
        app.say(f"failed: {line}", err=True)
    app.say(summary(report))
    if failures(report):
        raise click.exceptions.Exit(FAILED)


def failures(report: RunReport) -> tuple[str, ...]:
    """What failed in a run, a line each."""
    done = report.delivered
    lines = [*report.failures, *report.flushed.failed]
    if done.retried:
        lines.append(f"{_screen.count(done.retried, 'delivery', 'deliveries')} not taken; tried again later")
    if done.parked or done.dead:
        given_up = _screen.count(done.parked + done.dead, "delivery", "deliveries")
        lines.append(f"{given_up} given up; to see why: rasid deliveries")
    for channel, number in sorted(done.without_channel.items()):
        waiting = _screen.count(number, "delivery waits", "deliveries wait")
        lines.append(f"{waiting} for channel {channel!r}, which is off or not configured")
    return tuple(lines)


def summary(report: RunReport) -> str:
    """What a run did, in two lines."""
    done = report.ingests
    polled = [poll for poll in report.polls if not poll.error]
    known = sum(each.same for each in done)
    articles = [
        _screen.count(sum(each.new for each in done), "new article"),
        *([f"{number} edited"] if (number := sum(each.edited for each in done)) else []),
        *([f"{known} known already"] if known else []),
    ]
    fates: Counter[Disposition] = Counter()
    for each in done:
        fates.update(each.dispositions)
    found = _screen.count(sum(each.matches for each in done), "match", "matches").capitalize()
    fates[Disposition.SILENCED] += report.flushed.muted
    folded = fates[Disposition.FOLDED]
    kept = ", ".join(f"{number} {fate.value}" for fate, number in sorted(fates.items()) if fate in UNTOLD and number)
    asides = [*([f"{folded} folded into an alert"] if folded else []), *([f"not told: {kept}"] if kept else [])]
    aside = f" ({'; '.join(asides)})" if asides else ""
    lines = [
        f"Polled {_screen.count(len(polled), 'source')}: {', '.join(articles)}.",
        f"{found}{aside}; "
        f"{_screen.count(len(report.flushed.alerts), 'alert')}, "
        f"{_screen.count(report.delivered.sent, 'delivery', 'deliveries')} sent.",
    ]
    return "\n".join(lines)
