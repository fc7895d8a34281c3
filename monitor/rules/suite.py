"""The shape of a suite of rule tests: articles at times, and what is told of them when, on which channel. Data only.

A file `*.test.yaml` names rule files and holds tests by id. Everything that is told must be expected: what no
expectation covers fails, so that an empty list expects silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator

from monitor.model import Article, Severity
from monitor.rules import faults as read
from monitor.rules.conditions import SEVERITIES, STRICT, Count, Words
from monitor.rules.faults import ID, Faults, Path, one_of, shape
from monitor.rules.schema import Text, Word, check
from monitor.timing import parse_duration

SECTIONS = ("version", "rules", "defaults", "channels", "timezone", "tests")
TEST_KEYS = ("title", "start", "articles", "expect")
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
"""When a test begins that says nothing of it: a Monday morning, in the suite's timezone."""

MOST_ARTICLES = 1_000
"""Articles of one test."""


def _at(data: Any) -> timedelta | datetime:
    """A time after the start (`30m`), or a date and time."""
    text = read.text(data)
    try:
        return parse_duration(text)
    except ValueError:
        try:
            return read.moment(text)
        except ValueError:
            raise ValueError(
                f"{text[:40]!r} is no time; write one after the start, such as 30s or 2h, or 2026-11-01 18:00"
            ) from None


At = Annotated[timedelta | datetime, BeforeValidator(_at)]
Level = Annotated[str, BeforeValidator(lambda v: read.choice(v, SEVERITIES, "severity"))]


class _Shape(BaseModel):
    model_config = STRICT


class ArticleSpec(_Shape):
    """One article: when it comes, and what it says."""

    at: At | None = None
    source: Word = "test"
    publisher: Text = ""
    title: Text = ""
    text: Text = ""
    url: Text = ""
    language: Word = ""
    tags: Words = ()
    published: At | None = None


class ExpectSpec(_Shape):
    """An alert at a time, or silence until one."""

    at: At | None = None
    silent_until: At | None = None
    channel: Word = ""
    rules: Words | None = None
    articles: Count | None = None
    sequence: Count | None = None
    severity: Level | None = None


class ChannelSpec(_Shape):
    """What a channel takes."""

    from_severity: Level | None = None


class _Start(_Shape):
    title: Text = ""
    start: At | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One expectation: an alert `at` a time, or silence until then (after the expectation before it).

    What is None is not compared; without a channel any will do. `path` is where it stands in the suite.
    """

    at: datetime
    is_silence: bool
    channel: str
    rules: tuple[str, ...] | None
    articles: int | None
    sequence: int | None
    severity: Severity | None
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTest:
    """One test: articles in the order in which they come (`seen` is when), and what is expected, in order of time."""

    id: str
    title: str
    start: datetime
    articles: tuple[Article, ...]
    expected: tuple[Expected, ...]
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Tests of the rules in some files, as these are named. `floors` are the lowest severities that channels take."""

    rules: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    floors: Mapping[str, Severity] = field(default_factory=lambda: MappingProxyType({}))
    timezone: tzinfo = UTC
    tests: tuple[RuleTest, ...] = ()


def read_suite(data: Any, faults: Faults) -> Suite:
    """Read a suite; every fault goes to `faults`."""
    if not isinstance(data, dict):
        faults.add((), f"expected the keys {', '.join(SECTIONS)}, not {shape(data)}")
        return Suite()
    for key in data:
        if key not in SECTIONS:
            faults.add((key,), f"unknown key {key!r}{one_of(key, SECTIONS)}", at_key=True)
    if data.get("version", "1") != "1":
        faults.add(("version",), f"version {data['version']} is not known here; this Rasid reads version 1")
    names = _value(data, "rules", read.several, (), faults)
    if not names:
        faults.add(("rules",), "name the rule files or folders that are tested, such as 'rules: [..]'")
    zone = _value(data, "timezone", _zone, UTC, faults)
    defaults = _mapping(data, "defaults", faults)
    channels = _mapping(data, "channels", faults)
    floors = {}
    for name, options in channels.items():
        spec = check(ChannelSpec, options, ("channels", name), f"channel {name!r}: ", faults)
        if spec is not None and spec.from_severity is not None:
            floors[name] = Severity.from_word(spec.from_severity)
    tests = _mapping(data, "tests", faults)
    if not tests and not faults.items:
        faults.add((), "there is no test; write 'tests:' with tests by id")
    read_tests = tuple(_test(id, body, zone, faults) for id, body in tests.items())
    return Suite(rules=names, defaults=defaults, floors=floors, timezone=zone, tests=read_tests)


T = TypeVar("T")


def _value(data: Mapping[str, Any], key: str, reader: Any, default: T, faults: Faults) -> T:
    if key not in data:
        return default
    try:
        found: T = reader(data[key])
    except ValueError as error:
        faults.add((key,), f"{key}: {error}")
        return default
    return found


def _mapping(data: Mapping[str, Any], key: str, faults: Faults) -> Mapping[str, Any]:
    found = data.get(key, {})
    if isinstance(found, dict):
        return found
    faults.add((key,), f"{key}: expected a mapping, not {shape(found)}")
    return {}


def _zone(data: Any) -> tzinfo:
    try:
        return ZoneInfo(read.word(data))
    except (OSError, KeyError) as error:
        raise ValueError(f"{data!r} is no timezone; write one such as Asia/Baghdad") from error


def _test(id: str, body: Any, zone: tzinfo, faults: Faults) -> RuleTest:
    path, about = ("tests", id), f"test {id!r}: "
    start = START.replace(tzinfo=zone)
    empty = RuleTest(id=id, title="", start=start, articles=(), expected=(), path=path)
    faults.about = about
    if not ID.fullmatch(id):
        faults.add(path, "an id begins with a letter a-z and goes on with a-z, 0-9 and '-'", at_key=True)
    if not isinstance(body, dict):
        faults.add(path, f"expected the keys {', '.join(TEST_KEYS)}, not {shape(body)}")
        return empty
    for key in body.keys() - set(TEST_KEYS):
        faults.add((*path, key), f"unknown key {key!r}{one_of(key, TEST_KEYS)}", at_key=True)
    head = check(_Start, {key: body[key] for key in ("title", "start") if key in body}, path, about, faults)
    if head is not None and head.start is not None:
        start = _moment(head.start, start).astimezone(zone)
    articles = _articles(body.get("articles", []), (*path, "articles"), about, start, faults)
    expected = _expected(body.get("expect"), (*path, "expect"), about, start, faults)
    faults.about = ""
    return RuleTest(
        id=id,
        title=head.title if head is not None else "",
        start=start.astimezone(UTC),
        articles=articles,
        expected=expected,
        path=path,
    )


def _moment(at: timedelta | datetime, start: datetime) -> datetime:
    """A moment in UTC; one without a timezone is in that of the start."""
    if isinstance(at, timedelta):
        return start.astimezone(UTC) + at
    return (at if at.tzinfo else at.replace(tzinfo=start.tzinfo)).astimezone(UTC)


def _articles(data: Any, path: Path, about: str, start: datetime, faults: Faults) -> tuple[Article, ...]:
    faults.about = about
    if not isinstance(data, list) or not data:
        faults.add(path, f"articles: expected a list of articles with at, title or text, not {shape(data)}")
        return ()
    if len(data) > MOST_ARTICLES:
        faults.add(path, f"{len(data):,} articles; a test has at most {MOST_ARTICLES:,}")
    found = []
    for number, item in enumerate(data[:MOST_ARTICLES], 1):
        spec = check(ArticleSpec, item, (*path, number - 1), f"{about}article {number}: ", faults)
        if spec is None:
            continue
        faults.about = f"{about}article {number}: "
        if spec.at is None:
            if "at" not in item:
                faults.add((*path, number - 1), "'at' is missing; write when it comes, such as 'at: 5m'")
            continue
        if not spec.title and not spec.text:
            faults.add((*path, number - 1), "it needs a text or a title")
        seen = _moment(spec.at, start)
        article = Article(
            id=f"article-{number}",
            source=spec.source,
            title=spec.title,
            text=spec.text,
            url=spec.url,
            publisher=spec.publisher,
            language=spec.language,
            tags=spec.tags,
            published=_moment(spec.published, start) if spec.published is not None else seen,
            seen=seen,
        )
        found.append(article)
    faults.about = about
    return tuple(sorted(found, key=lambda article: article.seen or start))


def _expected(data: Any, path: Path, about: str, start: datetime, faults: Faults) -> tuple[Expected, ...]:
    faults.about = about
    if not isinstance(data, list):
        what = "nothing" if data is None else shape(data)
        faults.add(path, f"expect: expected a list of alerts and silences, not {what}; [] expects silence")
        return ()
    found: list[Expected] = []
    for number, item in enumerate(data):
        here = (*path, number)
        spec = check(ExpectSpec, item, here, f"{about}expectation {number + 1}: ", faults)
        if spec is None:
            continue
        faults.about = f"{about}expectation {number + 1}: "
        until = spec.silent_until
        moment = spec.at if until is None else until
        if moment is None or (spec.at is not None and until is not None):
            if not {"at", "silent_until"} & item.keys() or moment is not None:
                faults.add(here, "write either 'at', when an alert is told, or 'silent_until'")
            continue
        for key in ("rules", "articles", "sequence", "severity"):
            if until is not None and key in item:
                faults.add((*here, key), f"{key!r} belongs to an alert, not to silence", at_key=True)
        at = _moment(moment, start)
        if found and at < found[-1].at:
            faults.add(here, "it stands behind a later one; write expectations in the order of time")
        found.append(
            Expected(
                at=at,
                is_silence=until is not None,
                channel=spec.channel,
                rules=spec.rules,
                articles=spec.articles,
                sequence=spec.sequence,
                severity=Severity.from_word(spec.severity) if spec.severity else None,
                path=here,
            )
        )
    faults.about = about
    return tuple(found)
