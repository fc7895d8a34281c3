"""`rasid silence`: mute a code, rule, entity, source ... for a while, with a reason; list silences and lift them."""

from __future__ import annotations

import getpass
import re
import secrets
from collections.abc import Set
from datetime import datetime, timedelta

import click

from monitor import timing
from monitor.alerting.silences import LABELS
from monitor.cli import _in_use, _screen
from monitor.cli._app import App, pass_app
from monitor.config import Config
from monitor.errors import MonitorError, did_you_mean
from monitor.model import Severity, Silence
from monitor.store import Store, send_intent

_CODE = re.compile(r"[A-Za-z0-9]{4}")
LONGEST = timedelta(days=365)


@click.command()
@click.option("--lift", "lifted", multiple=True, metavar="ID", help="End this silence now. May be repeated.")
@click.option("--all", "also_ended", is_flag=True, help="In the list also those that have ended.")
@click.option("--author", metavar="NAME", help="Who mutes; you, by default.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.argument("words", nargs=-1, metavar="[WHAT... DURATION [REASON]]")
@pass_app
def command(
    app: App, words: tuple[str, ...], lifted: tuple[str, ...], also_ended: bool, author: str | None, as_json: bool
) -> None:
    """Mute alerts for a while; without arguments, list the silences that hold.

    WHAT is the code of an alert or label=value, the labels being rule, entity, source, publisher, severity, channel
    and story; several must all hold. Matches are stored all the same, as silenced. For example:

    \b
        rasid silence A7K2 2h "exercise, announced by the ministry"
        rasid silence rule=base-attacked entity=ain-al-asad 1d "inspection"
        rasid silence --lift x3f9a
    """
    config, now = app.config_in_use(), timing.now()
    if words and lifted:
        raise click.UsageError("mute something or lift silences, one at a time")
    if lifted:
        _lift(app, config, lifted, now)
    elif words:
        with app.store(config) as store:
            silence = _read(app, words, config, store, author, now)
        _silence(config, silence, now)
        if as_json:
            app.json([_row(silence)])
            return
        until = f"{_screen.clock(silence.ends, config.timezone, now)} ({_city(config)})"
        app.say(f"Silenced until {until}: {_what(silence)}. To end it: rasid silence --lift {silence.id}")
    else:
        with app.store(config) as store:
            found = store.silences(now, also_ended=also_ended)
        if as_json:
            app.json([_row(silence) for silence in found])
            return
        rows = ((s.id, _screen.clock(s.ends, config.timezone, now), s.author, _what(s), s.reason) for s in found)
        _screen.table(("silence", "until", "by", "what", "reason"), rows)
        if not found:
            app.say("no silences" if also_ended else "nothing is silenced")


def _lift(app: App, config: Config, lifted: tuple[str, ...], now: datetime) -> None:
    for silence_id in lifted:
        if not send_intent(config.database, {"do": "lift", "at": timing.to_epoch(now), "id": silence_id}, now):
            raise MonitorError(f"no silence {silence_id!r} holds now; see: rasid silence")
        app.say(f"Lifted {silence_id}: what comes from now on is told again.")


def _silence(config: Config, silence: Silence, now: datetime) -> None:
    intent = {"do": "silence", "at": timing.to_epoch(now), "ends": timing.to_epoch(silence.ends), "id": silence.id}
    intent |= {"matchers": silence.matchers, "author": silence.author, "reason": silence.reason}
    send_intent(config.database, intent, now)


def _read(
    app: App, words: tuple[str, ...], config: Config, store: Store, author: str | None, now: datetime
) -> Silence:
    """The silence that was typed. Raises UsageError or MonitorError."""
    matchers: list[tuple[str, str]] = []
    rest = list(words)
    while rest and (pair := _matcher(app, rest[0], config, store, is_first=not matchers)):
        matchers.append(pair)
        rest.pop(0)
    if not matchers:
        raise click.UsageError(f"{rest[0]!r} is neither a code nor label=value; labels are {', '.join(LABELS)}")
    if not rest:
        raise click.UsageError("for how long? Write a duration, such as 2h, after what is to be muted")
    try:
        span = timing.parse_duration(rest[0])
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if not timedelta(0) < span <= LONGEST:
        raise click.UsageError(f"{rest[0]!r}: a silence lasts more than nothing and at most a year")
    return Silence(
        id=f"x{secrets.token_hex(3)}",
        matchers=tuple(matchers),
        starts=now,
        ends=now + span,
        author=author or getpass.getuser(),
        reason=" ".join(rest[1:]) or "no reason given",
    )


def _matcher(app: App, word: str, config: Config, store: Store, *, is_first: bool) -> tuple[str, str] | None:
    """What a word mutes, None when it is no matcher. Raises MonitorError for one that can never hold."""
    label, equals, value = word.partition("=")
    if equals and label in LABELS:
        known = _known(label, config, store)
        if label == "rule" and value not in known:
            known |= _in_use.rules(app, config).cards.keys()  # one that was written since
        if known and value not in known:
            raise MonitorError(f"{word}: there is no {label} {value!r}{did_you_mean(value, known)}")
        return (label, value.upper() if label == "code" else value)
    if equals:
        raise MonitorError(
            f"{word}: unknown label {label!r}{did_you_mean(label, LABELS)}; labels are {', '.join(LABELS)}"
        )
    if not is_first or not _CODE.fullmatch(word) or _is_duration(word):
        return None
    if store.by_code(word) is None:
        raise MonitorError(f"no alert has the code {word.upper()!r}; see: rasid matches")
    return ("code", word.upper())


def _known(label: str, config: Config, store: Store) -> Set[str]:
    """The values that a label may have, as far as the configuration and the store say."""
    if label == "rule":
        return store.rules_known()
    if label == "severity":
        return {severity.word for severity in Severity}
    if label == "source":
        return {spec.id for spec in config.sources}
    return {spec.name for spec in config.channels} if label == "channel" else set()


def _is_duration(word: str) -> bool:
    try:
        timing.parse_duration(word)
    except ValueError:
        return False
    return True


def _what(silence: Silence) -> str:
    return " and ".join(f"{label} {value}" for label, value in silence.matchers)


def _city(config: Config) -> str:
    return config.timezone.key.rpartition("/")[2].replace("_", " ")


def _row(silence: Silence) -> dict[str, object]:
    return {
        "id": silence.id,
        "matchers": dict(silence.matchers),
        "starts": silence.starts.isoformat(),
        "ends": silence.ends.isoformat(),
        "author": silence.author,
        "reason": silence.reason,
    }
