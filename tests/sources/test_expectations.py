"""What feedparser's own tests expect of titles, links, ids, dates and content, held against our articles.

Each file of that corpus carries an expression over the parsed result. Where feedparser itself satisfies it, what it
says of an entry must hold for the article that we make of it: markup read as text, links resolved, dates in UTC.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

import feedparser

from monitor.errors import SourceError
from monitor.sources import dates
from monitor.sources.parsing import markup
from monitor.sources.parsing.items import Item
from monitor.sources.parsing.jsonfeed import joined
from monitor.sources.parsing.syndication import parse_feed
from monitor.text.clean import clean

BASE = "http://127.0.0.1:8097/feed"
FIELDS = {
    ("title",): "title",
    ("title_detail", "value"): "title",
    ("link",): "url",
    ("id",): "guid",
    ("guid",): "guid",
    ("summary",): "text",
    ("description",): "text",
    ("summary_detail", "value"): "text",
    ("published_parsed",): "date",
    ("created_parsed",): "date",
    ("updated_parsed",): "date",
    ("date_parsed",): "date",
}


CRAZY = "words in the <head> of a page are not its text"
EXCEPTIONS = {
    "bozo_linenoise.xml": "UTF-8 with a damaged byte is read as UTF-8, not as Windows-1252",
    "entity_in_doctype.xml": "a document with an internal DTD subset is refused",
    "item_description_not_a_doctype.xml": "what browsers take for a comment is no text",
    "item_content_encoded_script_nested_cdata.xml": "what browsers take for a comment is no text",
    "entry_content_crazy.xml": CRAZY,
    "entry_summary_crazy.xml": CRAZY,
    "entry_title_crazy.xml": CRAZY,
    "item_content_encoded_crazy.xml": CRAZY,
    "item_description_crazy.xml": CRAZY,
    "item_fullitem_crazy.xml": CRAZY,
}
"""Where we mean to read something else, and why."""


@dataclass(frozen=True)
class Fact:
    """What an expression says of one entry."""

    entry: int
    field: str
    path: tuple[object, ...]
    value: Any


def facts(expression: str) -> Iterator[Fact]:
    """Every `entries[n]... == value` that must hold for the expression to hold."""
    waiting: list[ast.expr] = [ast.parse(expression, mode="eval").body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            waiting += node.values
        if not isinstance(node, ast.Compare) or len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq):
            continue
        path = steps(node.left)
        if not path or path[0] != "entries" or not isinstance(path[1], int):
            continue
        inner = path[2:]
        field = "text" if len(inner) == 3 and (inner[0], inner[2]) == ("content", "value") else FIELDS.get(inner, "")
        if field:
            value = eval(compile(ast.Expression(node.comparators[0]), "", "eval"), {})
            yield Fact(path[1], field, inner, value)


def steps(node: ast.expr) -> tuple[Any, ...]:
    """`entries[0]['a'].b` as ("entries", 0, "a", "b")."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        return (*steps(node.value), node.attr)
    if isinstance(node, ast.Subscript):
        return (*steps(node.value), ast.literal_eval(node.slice))
    return ()


def comment(body: bytes) -> str:
    """The first comment of a file in whatever encoding."""
    text = body.decode("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1")
    if "\0" in text[:100]:
        text = body.replace(b"\0", b"").decode("latin-1")
    return text.partition("<!--")[2].partition("-->")[0]


def reference(body: bytes, headers: dict[str, str]) -> Any:
    return feedparser.parse(io.BytesIO(body), response_headers=headers)


def holds(fact: Fact, item: Item, entry: Any) -> bool:
    """Whether an item bears a fact out."""
    if fact.field == "date":
        if dict.get(entry, "published") and fact.path != ("published_parsed",):
            return True  # the date of publication counts before any other
        found = dates.read(item.date, item.moment)
        return found is not None and tuple(found.timetuple())[:6] == tuple(fact.value)[:6]
    if fact.field == "url":
        return item.url in (fact.value, joined(BASE, fact.value))
    if fact.field == "guid":
        return bool(item.guid == fact.value)
    wanted = {squeezed(fact.value), squeezed(markup.to_text(fact.value))}
    if fact.field == "title":
        return squeezed(item.title) in wanted
    return any(text in squeezed(item.text) for text in wanted)


def squeezed(text: str) -> str:
    return " ".join(clean(text).split())


def test_what_feedparser_is_expected_to_find_is_in_our_articles(corpora: Path) -> None:
    held = 0
    failed = []
    for path in sorted((corpora / "feeds-feedparser").rglob("*.xml")):
        body = path.read_bytes()
        told = comment(body)
        expected = re.search(r"Expect:\s*(.+)", told)
        if expected is None or "entries" not in expected[1]:
            continue
        headers = {
            name.lower(): value
            for line in re.findall(r"Header:\s*(.+)", told)
            for name, value in HeaderParser().parsestr(line).items()
        }
        result = reference(body, headers)
        try:
            is_satisfied = eval(expected[1], {}, result)
        except Exception:
            is_satisfied = False
        if not is_satisfied:
            continue
        try:
            items = parse_feed(body, headers.get("content-type", ""), BASE).items
        except SourceError as error:
            failed.append((str(path.relative_to(corpora)), error.reason, expected[1]))
            continue
        for fact in facts(expected[1]):
            if fact.entry < len(items) and holds(fact, items[fact.entry], result.entries[fact.entry]):
                held += 1
            else:
                failed.append((str(path.relative_to(corpora)), str(items[fact.entry : fact.entry + 1]), expected[1]))

    assert [one for one in failed if Path(one[0]).name not in EXCEPTIONS] == []
    assert {Path(one[0]).name for one in failed} == set(EXCEPTIONS)
    assert held > 770
