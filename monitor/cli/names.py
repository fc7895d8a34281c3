"""`rasid names`: what a list or an entity catches, in sample forms and in articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from monitor import timing
from monitor.cli import _screen
from monitor.cli._app import FAILED, App, pass_app
from monitor.cli._sample import sample
from monitor.config import Config
from monitor.config.page import nearest
from monitor.daemon import load_configured_pack
from monitor.errors import MonitorError, SourceError
from monitor.model import Article
from monitor.rulefiles import Pack, load_pack
from monitor.rules.catalog import Entity, Entry, TermList
from monitor.rules.catches import Caught, caught, samples
from monitor.rules.compiler import members_of
from monitor.rules.expression import Name, label
from monitor.rules.faults import Fault
from monitor.rules.terms import Mode, Term
from monitor.sources import read_file
from monitor.sources.parser import Parser

K = TypeVar("K", str, tuple[str, str])

MOST_FORMS = 40
HEADINGS = {
    Mode.WORD: "Words, also with clitics, possessives and the endings of their grammar",
    Mode.FORMS: "Every inflected form",
    Mode.EXACT: "Exactly so",
    Mode.STARTS: "Every word that begins so",
    Mode.PATTERN: "Regular expressions",
}
NAMES = "Names, without endings"


@click.command()
@click.option(
    "--rules",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Rule files or folders, without a configuration.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.argument("id", metavar="ID")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@pass_app
def command(app: App, paths: tuple[Path, ...], as_json: bool, id: str, files: tuple[str, ...]) -> None:
    """Show what the list or entity ID catches: its terms, samples of the forms they are found in, what is taken away.

    With FILEs (as for rasid match), else in the archive: every form really found, with the number of its hits.

    Example: rasid names ain-al-asad page.txt
    """
    config: Config | None = None if paths else app.config()
    pack = load_pack(*paths, strict_examples=False) if config is None else _pack(config)
    name = id.removeprefix("$")
    entries = {key: entry for key, entry in pack.catalog.entries.items() if entry.sort != "rule"}
    if name not in entries:
        kind = (
            "a rule; rasid test runs it"
            if name in pack.catalog.entries
            else f"no list and no entity{nearest(name, entries)}"
        )
        raise MonitorError(f"{name!r} is {kind}")
    entry = entries[name]
    members = dict.fromkeys(term for term, _ in members_of(pack.catalog, name))
    articles, where, failed = _articles(app, config, files)
    found = caught(tuple(members), articles)
    if as_json:
        app.json(_document(pack, name, entry, tuple(members), where, found))
    else:
        _show(app, pack, name, entry)
        _show_found(app, where, found)
    if failed:
        raise click.exceptions.Exit(FAILED)


def _pack(config: Config) -> Pack:
    return load_configured_pack(config, strict_examples=False)


def _articles(app: App, config: Config | None, files: tuple[str, ...]) -> tuple[Iterator[Article], str, bool]:
    """Articles to look in, what they are called, and whether a file could not be read."""
    if not files:
        drawn = sample(app, config)
        return drawn.in_time(), drawn.name, False
    found: list[Article] = []
    failed = False
    with Parser() as parser:
        for name in files:
            try:
                found += read_file(name, Path(name).read_bytes(), source="", parser=parser, now=timing.now())
            except (OSError, SourceError) as error:
                reason = (error.strerror or str(error)) if isinstance(error, OSError) else error.reason
                app.say(f"{name}: {reason}", err=True)
                failed = True
    return iter(found), _screen.count(len(files), "file"), failed


# --- on the screen ---------------------------------------------------------------------------------------


def _show(app: App, pack: Pack, name: str, entry: Entry) -> None:
    thing = entry.thing
    place = pack.problem(entry.file, Fault(entry.path, "", at_key=True))
    app.say(f"{entry.sort} {name}  {place.file}:{place.line}")
    if isinstance(thing, Entity):
        about = [f"kind {thing.kind}" if thing.kind else "", *sorted(thing.countries), *sorted(thing.tags)]
        _say_if(app, ", ".join(filter(None, about)))
        _say_if(app, thing.title)
        own = list(thing.names)
        _show_terms(app, NAMES, own)
    else:
        assert isinstance(thing, TermList)
        _say_if(app, thing.title)
        own = [item.term for item in thing.items if not isinstance(item, Name)]
        for mode, heading in HEADINGS.items():
            _show_terms(app, heading, [term for term in own if term.mode is mode])
        _show_references(app, [item.name for item in thing.items if isinstance(item, Name)])
    guards = dict.fromkeys(guard.text for term in own for guard in term.not_part_of)
    if guards:
        app.say("\nNot counted inside (not_part_of)")
    for text in guards:
        app.say(f"  {text}")
    if isinstance(thing, Entity) and thing.needs is not None:
        app.say(f"\nCounted only beside one of these (needs), within {thing.needs.within}")
        for item in thing.needs.items:
            app.say(f"  {label(item)}")


def _show_references(app: App, names: Sequence[str]) -> None:
    if names:
        app.say("\nEverything of these too (rasid names ...)")
    for name in names[:MOST_FORMS]:
        app.say(f"  {name}")
    if len(names) > MOST_FORMS:
        app.say(f"  and {len(names) - MOST_FORMS} more")


def _say_if(app: App, text: str) -> None:
    if text:
        app.say(f"  {text}")


def _show_terms(app: App, heading: str, terms: Sequence[Term]) -> None:
    if terms:
        app.say(f"\n{heading}")
    for term in terms:
        app.say(f"  {term.text}")
        if forms := samples(term):
            app.say(f"      {' · '.join(forms)}")
        if term.translit:
            app.say("      also as it is written in Latin letters (translit)")


def _show_found(app: App, where: str, found: Caught) -> None:
    app.say(f"\nFound in {where} ({_screen.count(found.articles, 'article')})")
    if not found.forms:
        app.say("  nothing")
    _show_counts(app, found.forms)
    inside: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for (form, longer), number in found.lost.items():
        (inside if longer else alone)[longer or form] += number
    for why, lost in (("it stands inside", inside), ("what it needs is not beside it", alone)):
        if lost:
            app.say(f"\nNot counted there, because {why}")
            _show_counts(app, lost)


def _show_counts(app: App, counts: Counter[str]) -> None:
    for form, number in _ranked(counts)[:MOST_FORMS]:
        app.say(f"{number:7,}  {form}")
    if len(counts) > MOST_FORMS:
        app.say(f"         and {len(counts) - MOST_FORMS} more; --json has all")


def _ranked(counts: Counter[K]) -> list[tuple[K, int]]:
    """The most frequent first, equals in order of their letters."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


# --- for scripts -----------------------------------------------------------------------------------------


def _document(
    pack: Pack, name: str, entry: Entry, terms: tuple[Term, ...], where: str, found: Caught
) -> dict[str, Any]:
    place = pack.problem(entry.file, Fault(entry.path, "", at_key=True))
    thing = entry.thing
    assert isinstance(thing, TermList | Entity)
    return {
        "id": name,
        "sort": entry.sort,
        "title": thing.title,
        "file": place.file,
        "line": place.line,
        "terms": [
            {
                "text": term.text,
                "mode": term.mode.value,
                "name": term.name,
                "translit": term.translit,
                "samples": list(samples(term)),
                "not_part_of": [guard.text for guard in term.not_part_of],
                "needs": [other.text for other in term.needs.terms] if term.needs else [],
            }
            for term in terms
        ],
        "found": {
            "in": where,
            "articles": found.articles,
            "forms": [{"text": form, "hits": number} for form, number in _ranked(found.forms)],
            "not_counted": [
                {"text": form, "inside": longer, "hits": number} for (form, longer), number in _ranked(found.lost)
            ],
        },
    }
