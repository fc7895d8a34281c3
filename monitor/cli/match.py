"""`rasid match`: run rules over files, without a database, a source filter or anything being told."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from monitor import timing
from monitor.alerting.excerpt import excerpt
from monitor.batch import match_all
from monitor.cli import _screen
from monitor.cli._app import FAILED, App, pass_app
from monitor.errors import SourceError
from monitor.model import Article, Match
from monitor.rulefiles import load_rules
from monitor.rules.engine import Ruleset
from monitor.sources import read_file
from monitor.sources.parser import Parser

MOST_HELD = 2_000
"""Articles from which on those that were read are judged before more are."""


@click.command()
@click.option("--rules", "rules", multiple=True, required=True, type=click.Path(path_type=Path), metavar="PATH")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@pass_app
def command(app: App, rules: tuple[Path, ...], as_json: bool, files: tuple[str, ...]) -> None:
    """Run rules over files and show what they find; nothing is stored or told.

    --rules is a rule file or a folder of them and may be given several times. FILE is anything a drop folder takes:
    .txt, .md, .html, .json, .ndjson, .eml, .xml, .rss, .atom, and .gz of each; - is stdin.

    Example: echo 'some text' | rasid match --rules rules -
    """
    ruleset = load_rules(*rules)
    app.problems(ruleset.warnings)
    run = _Run(app, rules, ruleset)
    found = run.found(files)
    if as_json:
        app.json_list(as_row(name, article, match) for name, article, match in found)
    else:
        matches = 0
        for name, article, match in found:
            show(name, article, match)
            matches += 1
        tail = f"; {_screen.count(run.failed, 'file')} could not be read" if run.failed else ""
        _screen.say(f"{_screen.count(matches, 'match', 'matches')} in {_screen.count(run.articles, 'article')}{tail}")
    if run.failed:
        raise click.exceptions.Exit(FAILED)


class _Run:
    """Files that are read and judged some at a time, and what could not be."""

    def __init__(self, app: App, rules: tuple[Path, ...], ruleset: Ruleset) -> None:
        self._app, self._rules, self._ruleset = app, rules, ruleset
        self.articles = self.failed = 0

    def found(self, files: Iterable[str]) -> Iterator[tuple[str, Article, Match]]:
        """Every match, with the file it is in; holds at most `MOST_HELD` articles and those of one file."""
        names = iter(files)
        while read := self._read(names):
            judged = match_all(
                partial(load_rules, *self._rules),
                (article for _, article in read),
                processes=1 if len(read) < _screen.MANY else None,
                loaded=self._ruleset,
            )
            for (name, article), one in zip(read, _screen.progress(judged, "matching", len(read)), strict=True):
                if one.reason:
                    self._fail(f"{name}: {article.id}: {one.reason}")
                yield from ((name, article, match) for match in one.matches)

    def _read(self, names: Iterator[str]) -> list[tuple[str, Article]]:
        """Articles of the next files, each with its file; none after the last."""
        read: list[tuple[str, Article]] = []
        with Parser() as parser:
            for name in names:
                try:
                    body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
                    taken = read_file(name, body, source="", parser=parser, now=timing.now())
                except (OSError, SourceError) as error:
                    reason = (error.strerror or str(error)) if isinstance(error, OSError) else error.reason
                    self._fail(f"{name}: {reason}")
                    continue
                read += ((name, article) for article in taken)
                if len(read) >= MOST_HELD:
                    break
        self.articles += len(read)
        return read

    def _fail(self, why: str) -> None:
        self._app.say(why, err=True)
        self.failed += 1


def as_row(name: str, article: Article, match: Match) -> dict[str, Any]:
    """One match as DESIGN fixes it for scripts."""
    return {
        "file": name,
        "article": article.id,
        "title": article.title,
        "rule": match.rule,
        "severity": match.severity.word,
        "entities": list(match.entities),
        "spans": [
            {
                "field": span.field,
                "start": span.start,
                "end": span.end,
                "term": span.term,
                "text": getattr(article, span.field)[span.start : span.end],
            }
            for span in match.spans
        ],
    }


def show(name: str, article: Article, match: Match) -> None:
    """One match for a person: the rule, the file, the headline and the evidence with its hits marked."""
    out = _screen.console()
    entities = f" ({', '.join(match.entities)})" if match.entities else ""
    _screen.say(f"{match.rule} {match.severity.word}{entities}  {name}")
    titles = [(span.start, span.end) for span in match.spans if span.field == "title"]
    out.print("  ", _screen.marked(article.title or "(no headline)", titles), sep="")
    texts = [(span.start, span.end) for span in match.spans if span.field == "text"]
    if texts:
        piece = excerpt(article.text, texts)
        out.print("  ", _screen.marked(piece.text, piece.hits), sep="")
    out.print()
