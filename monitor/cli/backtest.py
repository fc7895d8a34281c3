"""`rasid backtest`: what an edit of rules would have changed, tried on the archive."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from monitor import timing
from monitor.backtest import IS, SIDES, Difference, Outcome, Sample, backtest, touched
from monitor.cli import _backtest_words as words
from monitor.cli import _markdown, _screen
from monitor.cli._app import FAILED, App, pass_app
from monitor.cli._edit_sides import Sides, chosen, failing, sides
from monitor.cli._quotes import quotes
from monitor.cli._verdicts import as_json as judged_json
from monitor.config import Config
from monitor.errors import MonitorError, RuleError

MOST_CAUSES = 50
NAME = 13
"""Columns of the names on the left."""


@click.command()
@click.option("--since", default="30d", show_default=True, metavar="DURATION", help="How far back: 12h, 30d, 1y ...")
@click.option("--rule", metavar="ID", help="Only this rule.")
@click.option("--against", default="", metavar="current|git:REV", help="The form that FILE is held against.")
@click.option("--samples", default=3, show_default=True, type=click.IntRange(0, 50), help="Articles shown of each.")
@click.option("--markdown", is_flag=True, help="Markdown on stdout, for a merge request.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.argument("file", type=click.Path(path_type=Path))
@pass_app
def command(
    app: App, file: Path, since: str, rule: str | None, against: str, samples: int, markdown: bool, as_json: bool
) -> None:
    """Try an edited rule file on the archive: what its rules match more and less, and what would have been told.

    FILE is a configured rule file, held against the text of it that still runs, a revision of git, or where there is
    neither the rules without it; an edited copy of one, which takes the place of the file that has the same names;
    or a new file. Nothing is stored or told. For example:

    \b
        rasid backtest rules/shipping.yaml
        rasid backtest draft.yaml --since 90d --rule ship-attacked
        rasid backtest rules/shipping.yaml --against git:main --markdown
    """
    if markdown and as_json:
        raise click.UsageError("--markdown or --json, one at a time")
    config, now = app.config(), timing.now()
    try:
        begin = now - timing.parse_duration(since)
    except (ValueError, OverflowError) as error:
        raise click.UsageError(f"--since: {error}") from error
    with app.store(config) as store:
        running = {os.path.realpath(path): text for path, (text, _) in store.last_good().items()}
    both = sides(config, file, against, running)
    changed = touched(both.before.ruleset, both.after.ruleset)
    known = {*both.before.ruleset.cards, *both.after.ruleset.cards}
    rules = chosen(rule, both.before, both.after) if rule else _in_order(changed, both.own, known)
    if broken := failing(both.after, {*rules, *both.own} if rule is None else rules):
        raise RuleError(broken)
    outcome = _tried(app, config, both, rules, begin, samples)
    for article, reason in outcome.failed:
        app.say(f"{article} could not be judged: {reason}", err=True)
    if as_json:
        app.json(_document(file, both, outcome, begin, now))
    elif markdown:
        for line in _markdown.report(str(file), both.against, outcome, _span(config, begin, now)):
            app.say(line)
    else:
        _show(app, config, str(file), both.against, outcome, begin, now)
    if outcome.failures:
        raise click.exceptions.Exit(FAILED)


def _in_order(changed: tuple[str, ...], own: tuple[str, ...], known: set[str]) -> tuple[str, ...]:
    """What the edit changes, then what else stands in the file."""
    return (*changed, *(id for id in own if id in known and id not in changed))


def _tried(app: App, config: Config, both: Sides, rules: tuple[str, ...], begin: datetime, samples: int) -> Outcome:
    if not rules:
        raise MonitorError("there is nothing to try: the file holds no rule, and changes none elsewhere")
    with app.store(config) as store:
        total = store.archive_size(begin)
        return backtest(
            both.before.ruleset,
            both.after.ruleset,
            rules,
            store.archive(begin),
            both.load,
            floors=config.floors,
            verdicts=store.judged_matches(rules),
            zone=config.timezone,
            samples=samples,
            processes=1 if total < _screen.MANY else None,
            watch=lambda articles: _screen.progress(articles, "backtest", total),
        )


def _span(config: Config, begin: datetime, now: datetime) -> tuple[Any, Any]:
    return begin.astimezone(config.timezone).date(), now.astimezone(config.timezone).date()


# --- the screen ----------------------------------------------------------------------------------------------


def _show(
    app: App, config: Config, file: str, against: str, outcome: Outcome, begin: datetime, now: datetime
) -> None:
    first, last = _span(config, begin, now)
    app.say(f"{file} against {against}")
    app.say(f"{words.articles(outcome.articles)} from {words.day(first)} to {words.day(last)}")
    for this in outcome.rules:
        if this.is_changed:
            app.say()
            _rule(app, this, outcome, first, last)
            for what in ("gained", "lost"):
                _samples(app, config, this, what, now)
    same = [this for this in outcome.rules if not this.is_changed]
    if same and len(same) < len(outcome.rules):
        app.say("\nnot changed by the edit")
    elif same:
        app.say("\nThe edit changes no rule.")
    if same:
        counts = (
            (this.rule, f"{this.matches[IS]:,}", words.alerts(this.alerts)[0], words.title(this)) for this in same
        )
        _screen.table(("rule", "matches", "alerts", "title"), counts)


def _rule(app: App, this: Difference, outcome: Outcome, first: Any, last: Any) -> None:
    head = " · ".join(filter(None, (this.rule, words.severity(this), words.standing(this))))
    _screen.console().print(_screen.heading(head, words.severity(this)))
    if words.title(this):
        app.say(f"  {words.title(this)}")
    for name, lines in _lines(this, first, last):
        for number, line in enumerate(lines):
            app.say(f"  {'' if number else name:<{NAME}}{line}")


def _lines(this: Difference, first: Any, last: Any) -> Iterator[tuple[str, list[str]]]:
    """The rows of a rule: a name, and one or more lines."""
    changes = words.changes(this)
    yield "matches", [words.arrow(*_pair(this)) + (f"   {changes}" if changes else "")]
    total, channels = words.alerts(this.alerts)
    yield "alerts", [total + (f"   {channels}" if channels else "")]
    if judged := words.judged(this):
        yield "judged", [judged]
    if sum(_pair(this)):
        yield "over time", list(words.plotted(words.plot(this, first, last)))
    for what, name in (("gained", "gained by"), ("lost", "lost")):
        if this.causes[what]:
            yield name, [words.causes(this, what)]


def _pair(this: Difference) -> tuple[int, int]:
    was, now = (this.matches[side] for side in SIDES)
    return was, now


def _samples(app: App, config: Config, this: Difference, what: str, now: datetime) -> None:
    count = getattr(this, what)
    if not this.samples[what]:
        return
    app.say()
    shown = len(this.samples[what])
    app.say(f"  {what}" if shown == count else f"  {what}, {shown} of {count:,}")
    out = _screen.console()
    for sample in this.samples[what]:
        article = sample.article
        when = _screen.clock(sample.came, config.timezone, now)
        about = " · ".join(filter(None, (when, article.id[:9], article.source, _screen.plain(article.publisher))))
        app.say(f"    {about}")
        for text, hits in quotes(sample):
            out.print("      ", _screen.marked(text, hits), sep="")


# --- for scripts ---------------------------------------------------------------------------------------------


def _document(file: Path, both: Sides, outcome: Outcome, begin: datetime, now: datetime) -> dict[str, Any]:
    return {
        "file": str(file),
        "against": both.against,
        "since": begin.isoformat(timespec="seconds"),
        "until": now.isoformat(timespec="seconds"),
        "articles": outcome.articles,
        "failed": outcome.failures,
        "alerts": {side: dict(sorted(outcome.alerts[side].items())) for side in SIDES},
        "rules": [_row(this) for this in outcome.rules],
    }


def _row(this: Difference) -> dict[str, Any]:
    return {
        "rule": this.rule,
        "changed": this.is_changed,
        "severity": words.severity(this),
        "title": words.title(this),
        "matches": {side: this.matches[side] for side in SIDES},
        "gained": this.gained,
        "lost": this.lost,
        "alerts": {side: dict(sorted(this.alerts[side].items())) for side in SIDES},
        "verdicts": {side: judged_json(this.verdicts(side)) for side in SIDES},
        "days": {side: {day.isoformat(): n for day, n in sorted(this.days[side].items())} for side in SIDES},
        "causes": {
            what: [
                {"kind": one.kind, "what": one.what, "count": count, "exact": is_exact}
                for one, count, is_exact in this.ranked(what)[:MOST_CAUSES]
            ]
            for what in this.causes
        },
        "samples": {what: [_sample(one) for one in samples] for what, samples in this.samples.items()},
    }


def _sample(sample: Sample) -> dict[str, Any]:
    article = sample.article
    return {
        "article": article.id,
        "title": article.title,
        "url": article.url,
        "source": article.source,
        "publisher": article.publisher,
        "seen": sample.came.isoformat(timespec="seconds"),
        "spans": [
            {
                "field": span.field,
                "start": span.start,
                "end": span.end,
                "term": span.term,
                "text": getattr(article, span.field)[span.start : span.end],
            }
            for span in sample.match.spans
        ],
    }
