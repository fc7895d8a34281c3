"""The kind `feed`: RSS, Atom, RDF and JSON feeds over HTTP, asked for only when they changed.

How it is asked, and what is remembered of it, is in `asking.py`. What the server says is believed only when it is a
feed: a login page is a failure, not an empty feed.
"""

from __future__ import annotations

import hashlib
import http
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, field_validator

from monitor.errors import ConfigError, HttpError, Problem, SourceError
from monitor.http.session import Response, url_problem
from monitor.http.waits import retry_after
from monitor.model import Fetched, SourceSpec
from monitor.sources import Source, Tools, asking
from monitor.sources.articles import Origin, articles, domain, warnings
from monitor.sources.fulltext import FullText
from monitor.sources.options import Options, Wait, Zone, read
from monitor.timing import parse_duration, to_epoch

_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
_LONGEST_WISH = timedelta(days=7)
_SHAPING = ("url", "headers", "user_agent", "timezone", "language", "publisher", "full_text")
_UNREACHABLE = ("network", "deadline")


def _since(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) and value != "all" else value


class FeedOptions(Options):
    """What may be said of a feed."""

    url: str
    every: Wait | None = None
    max_delay: Wait | None = None
    backoff_scope: Literal["", "source", "host", "domain"] = ""
    since: Annotated[timedelta | Literal["all"] | None, BeforeValidator(_since)] = None
    timezone: Zone | None = None
    language: str = Field(default="", pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]+)*)?$")
    publisher: str = ""
    headers: dict[str, str] = Field(default_factory=dict)
    user_agent: str = ""
    full_text: bool = False
    tags: object = None  # read by the configuration, for every kind

    auth: object = None
    keep: object = None  # a time is read by the configuration, for every kind; what comes here is none

    @field_validator("auth")
    @classmethod
    def _is_not_there(cls, value: object) -> object:
        raise ValueError("is no option; write user and password into the URL, or a header into `headers`")

    @field_validator("keep")
    @classmethod
    def _is_no_time(cls, value: object) -> object:
        raise ValueError("is how long its articles are kept: write a duration such as 30d, or forever")

    @field_validator("url")
    @classmethod
    def _is_web(cls, value: str) -> str:
        if reason := url_problem(value):
            raise ValueError(reason)
        return value

    @field_validator("headers")
    @classmethod
    def _are_sendable(cls, value: dict[str, str]) -> dict[str, str]:
        if any(not (name + text).isprintable() or not name.isascii() for name, text in value.items()):
            raise ValueError("a header must be one printable line")
        return value


class Feed:
    """One feed."""

    kind = "feed"
    has_baseline = True

    def __init__(self, spec: SourceSpec, options: FeedOptions, tools: Tools) -> None:
        self.id = spec.id
        self.spec = spec
        self.since = options.since
        self.every = options.every
        self.max_delay = options.max_delay
        self.backoff_scope: str = options.backoff_scope
        self.host = (urlsplit(options.url).hostname or "").lower()
        self._url = options.url
        self._headers = {"Accept": _ACCEPT, **options.headers}
        if options.user_agent:
            self._headers["User-Agent"] = options.user_agent
        self._tools = tools
        self._origin = Origin(
            source=spec.id,
            tags=spec.tags,
            language=options.language,
            publisher=options.publisher,
            zone=options.timezone,
            host=domain(options.url),
        )
        self._pages = (
            FullText(session=tools.session, parser=tools.parser, zone=options.timezone, agent=options.user_agent)
            if options.full_text
            else None
        )
        # Validators of one address mean nothing at another, nor what was made of a document under other options.
        shaping = [spec.options.get(name) for name in _SHAPING]
        self.about = _digest(json.dumps(shaping, sort_keys=True).encode())[:16]

    def fetch(self, cursor: Mapping[str, Any], now: datetime) -> Fetched:
        """The feed's articles, or `unchanged` when the server or the body's hash says so. Raises SourceError."""
        is_new = not cursor
        if cursor.get("about") != self.about:
            cursor = {}
        asked = asking.question(cursor, self._url, now)
        response = self._get(asked)
        if response.status == 304 and asked.conditions:
            kept = asking.after_same(cursor, asked, response, self._url, now)
            return self._fetched(now, kept, response, unchanged=True)
        if response.status not in (200, 203):
            raise self._refusal(cursor, asked, response, now)
        if not response.body.strip():
            raise SourceError("an empty body instead of a feed", host=response.host)
        fresh = asking.after_whole(cursor, asked, response, self._url, now, self.about)
        if cursor.get("sha256") == fresh["sha256"]:
            read = {"pages": cursor["pages"]} if "pages" in cursor else {}
            return self._fetched(now, fresh | read, response, unchanged=True)
        parsed = self._tools.parser.feed(
            response.body, response.headers.get("Content-Type", ""), _without_secrets(response.url)
        )
        found = articles(parsed, self._origin, now)
        next_time = fresh if parsed.complete else asking.without_document(fresh)
        is_whole = parsed.complete and not parsed.dropped
        told = warnings(parsed)
        if self._pages is None:
            return self._fetched(now, next_time, response, articles=found, complete=is_whole, warnings=told)
        pages = self._pages.read(found, cursor.get("pages"), now, is_new=is_new)
        return self._fetched(
            now,
            next_time | {"pages": pages.marks},
            response,
            articles=tuple(pages.articles),
            present=tuple(pages.present),
            complete=is_whole,
            warnings=told + pages.warnings,
        )

    def is_pending(self, cursor: Mapping[str, Any]) -> bool:
        """Never: one fetch takes all there is."""
        return False

    def _get(self, asked: asking.Question) -> Response:
        try:
            return self._tools.session.get(asked.url, headers={**self._headers, **asked.conditions}, own=self._url)
        except HttpError as error:
            raise SourceError(error.reason, is_unreachable=error.kind in _UNREACHABLE) from error

    def _refusal(
        self, cursor: Mapping[str, Any], asked: asking.Question, response: Response, now: datetime
    ) -> SourceError:
        return SourceError(
            _status(response.status),
            status=response.status,
            host=response.host,
            not_before=retry_after(response.headers, now, _LONGEST_WISH),
            cursor=asking.after_refusal(cursor, asked, response.status),
        )

    def _fetched(self, now: datetime, cursor: Mapping[str, Any], response: Response, **what: Any) -> Fetched:
        mark = _digest(repr(sorted(cursor.items())).encode())[:16]
        return Fetched(
            source=self.id,
            key=f"{self.id}:{to_epoch(now)}:{mark}",
            at=now,
            cursor=cursor,
            wishes=asking.wished(cursor, response),
            host=response.host,
            moved_to=cursor.get("url", ""),
            **what,
        )


class FeedKind:
    """The kind `feed`."""

    name = "feed"
    options = FeedOptions

    def check(self, spec: SourceSpec) -> tuple[Problem, ...]:
        """Every fault of a feed's options."""
        return read(FeedOptions, spec)[1]

    def build(self, spec: SourceSpec, tools: Tools) -> Source:
        """The feed. Raises ConfigError."""
        options, problems = read(FeedOptions, spec)
        if options is None:
            raise ConfigError(problems)
        return Feed(spec, options, tools)


KIND = FeedKind()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _status(status: int) -> str:
    try:
        return f"the server answered {status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return f"the server answered {status}"


def _without_secrets(url: str) -> str:
    """The feed's address as the base of its links: no user info, no query."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
