"""Read `config/monitor.yaml`: the same text-only YAML as rules, every problem of it in one run with its place.

Knows no kinds: sources and channels become specs whose `options` the kind's own file validates. A missing secret
turns its source or channel off and says so.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from monitor.alerting.calm import Calm
from monitor.config.calm import KEYS as CALM_KEYS
from monitor.config.calm import daily, read_calm
from monitor.config.fetch import Fetch, read_fetch
from monitor.config.heartbeat import Heartbeat, read_heartbeat
from monitor.config.keep import Keep, read_keep, read_source_keep
from monitor.config.page import (
    ID,
    NOTHING,
    KeyPath,
    Page,
    duration,
    feed_list,
    flag,
    language,
    near,
    nearest,
    several,
    timezone,
    version,
    words,
)
from monitor.config.secrets import MissingSecret, Options, Secrets
from monitor.config.web import Web, read_web
from monitor.errors import ConfigError, Level, Problem
from monitor.model import ChannelSpec, Severity, SourceSpec
from monitor.yamltext import parse

_TOP = (
    "version",
    "timezone",
    "language",
    "database",
    "rules",
    "defaults",
    "fetch",
    "sources",
    "channels",
    "ops",
    "heartbeat",
    "web",
    "keep",
)
_OPS = ("notify", "source_silent_for", "delivery_failing_for")
SILENT_FOR = timedelta(hours=24)
FAILING_FOR = timedelta(minutes=30)
_SOURCE_KEYS = ("url", "folder", "opml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disabled:
    """A source or channel that is configured and off, and why. `is_wanted` says that only a fault keeps it off."""

    what: str  # source, channel
    name: str
    reason: str
    is_wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One configuration, as read. Paths are absolute or relative to the working folder; secrets are resolved.

    `channel_names` and `source_tags` hold every entry, also those that are off or faulty: a rule may name them.
    `rules` are all paths that are named; `absent` has an error for each that is not there. `source` is the text, and
    `files` are the other files that were read: lists of feeds.
    """

    path: Path
    source: bytes = field(default=b"", repr=False, compare=False)
    files: tuple[Path, ...] = ()
    absent: tuple[Problem, ...] = field(default=(), compare=False)
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    language: str = "en"
    database: Path
    rules: tuple[Path, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    fetch: Fetch = field(default_factory=Fetch)
    sources: tuple[SourceSpec, ...] = ()
    channels: tuple[ChannelSpec, ...] = ()
    calm: Mapping[str, Calm] = field(default_factory=dict)  # by channel
    drills: Mapping[str, time] = field(default_factory=dict)  # local time of each day, by channel
    channel_names: frozenset[str] = frozenset()
    source_tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ops_notify: tuple[str, ...] = ()
    source_silent_for: timedelta = SILENT_FOR
    delivery_failing_for: timedelta = FAILING_FOR
    heartbeat: Heartbeat | None = None
    web: Web | None = None
    keep: Keep = field(default_factory=Keep)
    disabled: tuple[Disabled, ...] = ()
    warnings: tuple[Problem, ...] = ()
    secrets: Secrets = field(repr=False, compare=False)

    @property
    def floors(self) -> Mapping[str, Severity]:
        """The lowest severity that a channel takes, by its name."""
        return {name: calm.from_severity for name, calm in self.calm.items()}

    def redact(self, text: str) -> str:
        """Return `text` without any secret of this configuration."""
        return self.secrets.redact(text)


def load_config(path: str | Path, *, environment: Mapping[str, str] | None = None) -> Config:
    """Read and validate a configuration file.

    `environment` is where `${env:...}`, CREDENTIALS_DIRECTORY and STATE_DIRECTORY are looked up (default: the
    process's). Raises ConfigError with every problem found.
    """
    config, problems = inspect_config(path, environment=environment)
    if config is None or any(problem.level is Level.ERROR for problem in problems):
        raise ConfigError(problems)
    return config


def inspect_config(
    path: str | Path, *, environment: Mapping[str, str] | None = None, source: bytes | None = None
) -> tuple[Config | None, tuple[Problem, ...]]:
    """What can be read of a configuration, and every problem of it; with an error, good only for finding more.

    `source` is read instead of what stands at `path`.
    """
    path = Path(path)
    surroundings = os.environ if environment is None else environment
    try:
        source = path.read_bytes() if source is None else source
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        return None, (Problem(file=str(path), message=f"cannot be read: {reason}"),)
    located, problems = parse(source, str(path))
    if located is None:
        return None, problems
    page = Page(str(path), located)
    page.problems.extend(problems)
    config = replace(_Reader(page, path, surroundings).config(), source=source)
    return config, tuple(sorted((*page.problems, *config.absent)))


class _Reader:
    """Turns a page into a Config; used once."""

    def __init__(self, page: Page, path: Path, environment: Mapping[str, str]) -> None:
        self.page = page
        self.folder = path.parent
        self.path = path
        self.environment = environment
        self.secrets = Secrets(self.folder / "secrets", environment)
        self.disabled: list[Disabled] = []
        self.calm: dict[str, Calm] = {}
        self.drills: dict[str, time] = {}
        self.keep = Keep()
        self.source_keep: dict[str, timedelta | None] = {}
        self.files: list[Path] = []
        self.absent: list[Problem] = []

    def config(self) -> Config:
        """Read every section."""
        page = self.page
        top = page.mapping((), page.data, "the configuration")
        page.known_keys((), top, _TOP)
        page.value(("version",), top, version, "1")
        zone = page.value(("timezone",), top, timezone, ZoneInfo("UTC"))
        self.keep = read_keep(page, top)
        channels = self._channels(top, zone)
        names = frozenset(self._keys(top, "channels"))
        sources = self._sources(top)
        tags = dict.fromkeys(self._keys(top, "sources"), ()) | {spec.id: spec.tags for spec in sources}
        rules = self._rules(top)
        return Config(
            path=self.path,
            files=tuple(self.files),
            absent=tuple(self.absent),
            timezone=zone,
            language=page.value(("language",), top, language, "en"),
            database=self._database(page.value(("database",), top, words, "rasid.db")),
            rules=rules,
            defaults=self._defaults(top, names),
            fetch=read_fetch(page, top, self.secrets),
            sources=sources,
            channels=channels,
            calm=self.calm,
            drills=self.drills,
            channel_names=names,
            source_tags=tags,
            ops_notify=self._ops(top, names),
            source_silent_for=self._patience(top, "source_silent_for", SILENT_FOR),
            delivery_failing_for=self._patience(top, "delivery_failing_for", FAILING_FOR),
            heartbeat=read_heartbeat(page, top, self.secrets),
            web=read_web(page, top),
            keep=replace(self.keep, sources=self.source_keep),
            disabled=tuple(self.disabled),
            warnings=tuple(sorted(p for p in page.problems if p.level is Level.WARNING)),
            secrets=self.secrets,
        )

    def _keys(self, top: Mapping[str, Any], section: str) -> tuple[str, ...]:
        entries = top.get(section)
        return tuple(entries) if isinstance(entries, dict) else ()

    def _database(self, text: str) -> Path:
        path = Path(text).expanduser()
        state = self.environment.get("STATE_DIRECTORY", "").split(":")[0]
        if path.is_absolute():
            return path
        if not state:
            return near(self.folder, text)
        # Only the state folder is writable for a service: a path that climbs out of it keeps its name alone.
        inside = Path(os.path.normpath(Path(state) / path))
        return inside if inside.is_relative_to(state) else Path(state) / path.name

    def _rules(self, top: Mapping[str, Any]) -> tuple[Path, ...]:
        found = []
        for index, text in enumerate(self.page.value(("rules",), top, several, NOTHING)):
            path = near(self.folder, text)
            found.append(path)
            if not path.exists():
                at = self.page.place(("rules", index))
                what = f"rules: there is no {str(path)!r}; a path is relative to this file"
                self.absent.append(Problem(file=at.file, line=at.line, column=at.column, message=what))
        return tuple(found)

    def _defaults(self, top: Mapping[str, Any], channels: frozenset[str]) -> Mapping[str, Any]:
        defaults = self.page.mapping(("defaults",), top.get("defaults"), "defaults")
        self._notify("defaults", defaults, channels)
        return defaults

    def _ops(self, top: Mapping[str, Any], channels: frozenset[str]) -> tuple[str, ...]:
        """The channels that tell the operator."""
        data = self.page.mapping(("ops",), top.get("ops"), "ops")
        self.page.known_keys(("ops",), data, _OPS)
        return self._notify("ops", data, channels)

    def _patience(self, top: Mapping[str, Any], key: str, usual: timedelta) -> timedelta:
        data = top.get("ops")
        return self.page.value(("ops", key), data if isinstance(data, dict) else {}, duration, usual)

    def _notify(self, section: str, data: Mapping[str, Any], channels: frozenset[str]) -> tuple[str, ...]:
        notify = self.page.value((section, "notify"), data, several, NOTHING)
        for index, name in enumerate(notify):
            if name not in channels:
                self.page.fault((section, "notify", index), f"unknown channel {name!r}{nearest(name, channels)}")
        return notify

    def _sources(self, top: Mapping[str, Any]) -> tuple[SourceSpec, ...]:
        specs: list[SourceSpec] = []
        for name, options, path in self._entries(top, "source"):
            tags = self.page.value((*path, "tags"), options, several, NOTHING)
            kind = self._source_kind(path, name, options)
            if not kind:
                continue
            rest = {k: v for k, v in options.items() if k not in ("tags", "kind", "enabled", "opml")}
            keeps = read_source_keep(self.page, path, options, self.keep)
            if keeps is not None:
                del rest["keep"]
            if isinstance(rest.get("url"), str):
                self.secrets.hide_url(rest["url"], keep_path=True)
            spec = SourceSpec(id=name, kind=kind, options=Options(rest), tags=tags, where=self.page.entry(path, rest))
            found = [spec] if kind != "opml" else self._listed(spec, path, options)
            specs += found
            if keeps is not None:
                self.source_keep |= {each.id: keeps.articles for each in found}
        return tuple(specs)

    def _listed(self, spec: SourceSpec, path: KeyPath, options: Mapping[str, Any]) -> list[SourceSpec]:
        """The feeds of an OPML file, each a source with the options of the list; folders and the list are tags."""
        read = partial(feed_list, self.folder)
        found = self.page.value((*path, "opml"), options, read, None)
        if found is None:
            return []
        file, feeds = found
        self.files.append(file)
        for line, reason in feeds.refused:
            problem = f"source {spec.id!r}: skipped: {reason}"
            self.page.problems.append(
                Problem(file=str(file), line=line, column=1, message=problem, level=Level.WARNING)
            )
        if not feeds.feeds:
            message = f"source {spec.id!r}: there is no feed in {str(file)!r}"
            self.page.fault((*path, "opml"), message, level=Level.WARNING)
        specs = []
        for feed in feeds.feeds:
            self.secrets.hide_url(feed.url, keep_path=True)
            name = f"{spec.id}-{hashlib.sha256(feed.url.encode()).hexdigest()[:8]}"
            tags = tuple(dict.fromkeys((*spec.tags, *feed.folders, spec.id)))
            listed = Options({**spec.options, "url": feed.url})
            specs.append(replace(spec, id=name, kind="feed", options=listed, tags=tags, listed=spec.id))
        return specs

    def _source_kind(self, path: KeyPath, name: str, options: Mapping[str, Any]) -> str:
        """The kind of a source; "" after a problem or when it is not available yet."""
        page = self.page
        given = [key for key in _SOURCE_KEYS if key in options]
        if len(given) > 1:
            page.fault(path, f"source {name!r}: {given[0]!r} and {given[1]!r} together; write two sources", key=True)
            return ""
        if "opml" in options:
            return "opml"
        if "kind" in options:
            return page.value((*path, "kind"), options, words, "")
        if not given:
            wanted = "'url:' (a feed), 'folder:' (a drop folder) or 'opml:' (a list of feeds)"
            message = f"source {name!r}: nothing to poll; write {wanted}"
            page.fault(path, message, key=True)
            return ""
        return {"url": "feed", "folder": "folder"}[given[0]]

    def _channels(self, top: Mapping[str, Any], zone: ZoneInfo) -> tuple[ChannelSpec, ...]:
        specs = []
        for name, options, path in self._entries(top, "channel"):
            if "kind" not in options:
                message = f"channel {name!r}: 'kind' is missing; write for example 'kind: webhook'"
                self.page.fault(path, message, key=True)
                continue
            kind = self.page.value((*path, "kind"), options, words, "")
            self.calm[name] = read_calm(self.page, path, options, kind, zone)
            if (clock := self.page.value((*path, "drill"), options, daily, None)) is not None:
                self.drills[name] = clock
            rest = {k: v for k, v in options.items() if k not in (*CALM_KEYS, "drill", "kind", "enabled")}
            if isinstance(rest.get("url"), str):
                self.secrets.hide_url(rest["url"], keep_path=False)
            where = self.page.entry(path, [*rest, "kind"])
            specs.append(ChannelSpec(name=name, kind=kind, options=Options(rest), where=where))
        return tuple(specs)

    def _entries(
        self, top: Mapping[str, Any], what: str
    ) -> list[tuple[str, Mapping[str, Any], tuple[str | int, ...]]]:
        """The usable entries of `sources` or `channels`, secrets resolved; the others are noted."""
        section = f"{what}s"
        found = []
        for name, data in self.page.mapping((section,), top.get(section), section).items():
            path: KeyPath = (section, name)
            if not ID.fullmatch(name):
                message = f"{what} {name!r}: an id is made of small Latin letters, digits and '-', a letter first"
                self.page.fault(path, message, key=True)
                continue
            options = self.page.mapping(path, data, f"{what} {name!r}")
            if not self.page.value((*path, "enabled"), options, flag, True):
                self.disabled.append(Disabled(what=what, name=name, reason="enabled: no", is_wanted=False))
                continue
            faults = len(self.page.problems)
            try:
                resolved = self._resolve(path, options)
            except MissingSecret as error:
                self.page.fault(path, f"{what} {name!r} is off: {error}", key=True, level=Level.WARNING)
                self.disabled.append(Disabled(what=what, name=name, reason=str(error), is_wanted=True))
                continue
            if len(self.page.problems) > faults:  # without the secret no option can be judged
                if isinstance(url := resolved.get("url"), str):
                    self.secrets.hide_url(url, keep_path=what == "source")
                self.disabled.append(Disabled(what=what, name=name, reason="names no secret", is_wanted=True))
                continue
            found.append((name, resolved, path))
        return found

    def _resolve(self, path: KeyPath, data: Any) -> Any:
        """`data` with every secret in its place, however deep."""
        if isinstance(data, dict):
            return Options({key: self._resolve((*path, key), value) for key, value in data.items()})
        if isinstance(data, list):
            return [self._resolve((*path, index), value) for index, value in enumerate(data)]
        try:
            return self.secrets.resolve(data)
        except ValueError as error:
            self.page.fault(path, str(error))
            return data
