"""`rasid format`: rule files in the house's style, a query as the tree, a tree as a query. Nothing that a rule says
changes, and no comment is lost.
"""

from __future__ import annotations

import codecs
import contextlib
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import click

from monitor.cli import _house
from monitor.cli._app import FAILED, App, pass_app
from monitor.config.page import nearest
from monitor.errors import Level, MonitorError, Problem, RuleError
from monitor.rules.expression import Node
from monitor.rules.faults import Fault, Faults
from monitor.rules.faults import Path as KeyPath
from monitor.rules.marks import TermReader
from monitor.rules.query import Narrowing, read_query
from monitor.rules.querytokens import QueryError, tokens
from monitor.rules.reading import Reader
from monitor.rules.writing import NotSayable, to_data, to_query
from monitor.yamltext import Located, parse

Form = Literal["tree", "query"]


@click.command()
@click.option("--as", "form", type=click.Choice(["tree", "query"]), help="Turn every match into this form.")
@click.option("--rule", "rule", metavar="ID", help="Print the match of one rule only.")
@click.option("--query", "text", metavar="TEXT", help="Print the tree of this query; takes no FILE.")
@click.option("--write", "is_written", is_flag=True, help="Change the files instead of printing them.")
@click.argument("files", nargs=-1, metavar="FILE...")
@pass_app
def command(
    app: App, form: Form | None, rule: str | None, text: str | None, is_written: bool, files: tuple[str, ...]
) -> None:
    """Print rule files in the house's style: one script in a bracket, names and examples one a line.

    FILE is a rule file; - is stdin. Comments stay. With --as, queries become trees or trees queries; a tree that a
    query cannot say stays, and stderr says why. Exit 3 when a file is faulty.

    Example: rasid format --as tree rules/shipping.yaml
    """
    if (text is None) is (not files):
        raise click.UsageError("name a FILE, or --query TEXT")
    if is_written and (rule is not None or text is not None or "-" in files):
        raise click.UsageError("--write changes whole files: it goes with neither --rule, --query nor stdin")
    if text is not None:
        click.echo(_tree_of(app, text), nl=False)
        return
    failed = False
    for name in files:
        source = sys.stdin.buffer.read() if name == "-" else _bytes(Path(name))
        page = _Page.read("stdin" if name == "-" else name, source)
        if rule is not None:
            click.echo(page.match(rule, form), nl=False)
            failed = failed or any("stays" in problem.message for problem in page.kept)
        else:
            written = page.whole(form)
            if is_written:
                _replace(app, Path(name), source, written)
            else:
                click.echo(written, nl=False)
        app.problems(tuple(page.kept))
    if failed:
        raise click.exceptions.Exit(FAILED)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MonitorError(f"{path}: {error.strerror}") from error


def _replace(app: App, path: Path, before: bytes, after: str) -> None:
    """Write a file whole or not at all."""
    if after.encode() == before:
        app.say(f"{path}: as it should be")
        return
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(after, encoding="utf-8")
        beside.chmod(path.stat().st_mode & 0o777)
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise MonitorError(f"{path}: {error.strerror}") from error
    app.say(f"{path}: written")


def _tree_of(app: App, text: str) -> str:
    """The tree of a query from the command line, as YAML. Raises RuleError."""
    faults = Faults()
    node, narrowings, _ = read_query(text, (), TermReader(faults))
    problems = [
        Problem(file="query", line=1, column=1 + _place(fault), message=fault.message, level=fault.level)
        for fault in faults.items
    ]
    if node is None:
        raise RuleError(problems)
    app.problems(tuple(problems))
    try:
        keys = {kind: _filter(narrowings, kind) for kind, _ in narrowings}
    except NotSayable as reason:
        raise MonitorError(f"the tree has no key for {reason}") from reason
    return "".join(_house.fragment(key, value) for key, value in {"match": to_data(node), **keys}.items())


def _place(fault: Fault) -> int:
    return fault.path[-1] if fault.path and isinstance(fault.path[-1], int) else 0


def _filter(narrowings: tuple[Narrowing, ...], kind: str) -> dict[str, list[str]]:
    """What the prefixes of a query ask, as the rule's key. Raises NotSayable for what one key cannot hold."""
    found: dict[str, list[str]] = {}
    for _, wanted in (narrowing for narrowing in narrowings if narrowing[0] == kind):
        for key, words in (("any", wanted.any), ("none", wanted.none)):
            if words and key == "any" and key in found:
                raise NotSayable(f"two demands on {kind}")
            if words:
                found[key] = [*found.get(key, []), *words]
    return found


@dataclass(slots=True)
class _Page:
    """One rule file. `kept` says which matches could not take the other form."""

    name: str
    text: str
    located: Located
    kept: list[Problem] = field(default_factory=list)

    @classmethod
    def read(cls, name: str, source: bytes) -> _Page:
        """Read a file's bytes. Raises RuleError when YAML does not read it as it looks."""
        located, problems = parse(source, name)
        errors = [problem for problem in problems if problem.level is Level.ERROR]
        if located is None or errors:
            raise RuleError(errors)
        if not isinstance(located.data, dict):
            raise RuleError([Problem(file=name, line=1, column=1, message="this is no rule file")])
        text = source.removeprefix(codecs.BOM_UTF8).decode().replace("\r\n", "\n").replace("\r", "\n")
        return cls(name, text, located)

    def match(self, rule: str, form: Form | None) -> str:
        """The match of one rule as YAML."""
        rules = self._rules()
        if rule not in rules or "match" not in rules[rule]:
            raise MonitorError(f"{self.name}: there is no rule {rule!r} with a match{nearest(rule, rules)}")
        keys = self._in_form(rule, rules[rule], form)
        narrowed = ("match", "sources", "languages", "publishers") if keys != rules[rule] else ("match",)
        return "".join(_house.fragment(key, keys[key]) for key in narrowed if key in keys)

    def whole(self, form: Form | None) -> str:
        """The whole file. Raises MonitorError rather than lose a word of it."""
        comments = _house.read_comments(self.text, self.located)
        count = len(comments)
        data = dict(self.located.data)
        if rules := self._rules():
            data["rules"] = {**data["rules"], **{id: self._in_form(id, keys, form) for id, keys in rules.items()}}
            for id, keys in rules.items():
                if data["rules"][id] != keys:
                    comments.lift(("rules", id, "match"))
        written = _house.write(data, self.located, comments)
        again, _ = parse(written.encode(), self.name)
        if again is None or again.data != data or len(_house.read_comments(written, again)) != count:
            raise MonitorError(f"{self.name}: this file cannot be written again without a change; please report it")
        return written

    def _rules(self) -> dict[str, dict[str, Any]]:
        rules = self.located.data.get("rules")
        return {id: keys for id, keys in rules.items() if isinstance(keys, dict)} if isinstance(rules, dict) else {}

    def _in_form(self, id: str, keys: dict[str, Any], form: Form | None) -> dict[str, Any]:
        """A rule with its match in the wanted form."""
        data = keys.get("match", "")
        has_query = _has_query(data)
        if not data or form is None or has_query is (form == "query"):
            return keys
        node, narrowings = self._node(id, data)
        try:
            if form == "query":
                return {**keys, "match": {"query": _in_lines(to_query(node))}}
            more = {kind: _filter(narrowings, kind) for kind, _ in narrowings}
            if taken := sorted(more.keys() & keys.keys()):
                raise NotSayable(f"its own {taken[0]!r} beside those of the query")
        except NotSayable as reason:
            what = "stays a tree: a query has no words for" if form == "query" else "stays a query: no key holds"
            self._note(id, ("match",), f"{what} {reason}")
            return keys
        for index, item in enumerate(_misses(keys)):
            if isinstance(item, dict) and item.get("because") == "query":
                self._note(id, ("examples", "miss", index, "because"), "'because: query' must now name a clause")
        return {**keys, "match": to_data(node), **more}

    def _note(self, id: str, inside: KeyPath, message: str) -> None:
        line, column = self.located.spot(("rules", id, *inside))
        about = f"rule {id!r}: {message}"
        self.kept.append(Problem(file=self.name, line=line, column=column, message=about, level=Level.WARNING))

    def _node(self, id: str, data: Any) -> tuple[Node, tuple[Narrowing, ...]]:
        faults = Faults()
        faults.about = f"rule {id!r}: "
        reader = Reader(faults, TermReader(faults, self.located.flow))
        node = reader.match(data, ("rules", id, "match"))
        if node is None:
            places = [(self.located.spot(fault.path, at_key=fault.at_key), fault) for fault in faults.items]
            raise RuleError(
                Problem(file=self.name, line=line, column=column, message=fault.message, level=fault.level)
                for (line, column), fault in places
            )
        return node, tuple(reader.narrowings)


def _misses(keys: dict[str, Any]) -> list[Any]:
    examples = keys.get("examples")
    misses = examples.get("miss") if isinstance(examples, dict) else None
    return misses if isinstance(misses, list) else []


def _has_query(data: Any) -> bool:
    if isinstance(data, dict):
        return "query" in data or any(map(_has_query, data.values()))
    return isinstance(data, list) and any(map(_has_query, data))


def _in_lines(query: str) -> str:
    """A query broken before its operators where a line would be too long."""
    lines = [""]
    try:
        breaks = [token.at for token in tokens(query, lambda *_: None) if token.kind in ("AND", "OR", "NOT")]
    except QueryError:
        breaks = []
    for start, end in zip([0, *breaks], [*breaks, len(query)], strict=True):
        piece = query[start:end]
        if lines[-1] and len(lines[-1]) + len(piece) > _house.WIDTH - 8:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece
    return "\n".join([*lines, ""])
