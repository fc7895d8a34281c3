"""The kind `folder`: files that other programs drop. Decides which are whole, reads them, moves them afterwards.

A file is read when its size, time and inode stood still over two scans. It is moved only by the fetch after the
commit: the cursor names what was taken, so a crash in between repeats a read, never loses a file. With `keep` nothing
is moved, and the cursor names what was read. Only regular files are opened, by descriptor, so that no link and no
pipe is followed. Names of sub-folders become tags.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from monitor.errors import ConfigError, ParserError, Problem, SourceError
from monitor.model import Article, Fetched, SourceSpec, TakenFile
from monitor.sources import Source, Tools
from monitor.sources.articles import Origin
from monitor.sources.dropbox import Dropbox, Entry, Mark
from monitor.sources.files import read_file
from monitor.sources.options import Duration, Options, Size, Zone, read
from monitor.timing import from_epoch, to_epoch

_MAX_FILES = 200  # of one fetch: one transaction, one message
_MAX_BYTES = 50_000_000


class FolderOptions(Options):
    """What may be said of a drop folder."""

    folder: str = Field(min_length=1)
    every: Duration | None = None
    settle: Duration = timedelta(seconds=2)
    max_size: Size = 10_000_000
    keep: bool = False
    timezone: Zone | None = None
    language: str = Field(default="", pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]+)*)?$")
    publisher: str = ""
    since: object = None  # a folder has no baseline
    tags: object = None  # read by the configuration, for every kind


@dataclass(slots=True)
class _Batch:
    """What one fetch has taken so far."""

    articles: dict[str, Article]
    files: list[TakenFile]
    size: int = 0

    @property
    def is_full(self) -> bool:
        return len(self.files) >= _MAX_FILES or self.size >= _MAX_BYTES

    def contradicts(self, found: Iterable[Article]) -> bool:
        """Whether one of these articles is here already with other words: an edit, which waits its turn."""
        return any(
            (known := self.articles.get(article.id)) and (known.title, known.text) != (article.title, article.text)
            for article in found
        )


class Folder:
    """One drop folder."""

    kind = "folder"
    has_baseline = False
    since: timedelta | Literal["all"] | None = None
    max_delay: timedelta | None = None
    backoff_scope = ""
    host = ""

    def __init__(self, spec: SourceSpec, options: FolderOptions, tools: Tools) -> None:
        self.id = spec.id
        self.spec = spec
        self.every = options.every
        self.path = Path(spec.where.file).parent / options.folder
        self._settle = options.settle
        self._max_size = options.max_size
        self._keeps = options.keep
        self._tools = tools
        self._origin = Origin(
            source=spec.id,
            tags=spec.tags,
            language=options.language,
            publisher=options.publisher,
            zone=options.timezone,
        )

    def fetch(self, cursor: Mapping[str, Any], now: datetime) -> Fetched:
        """Move what the last commit took, then read what has stood still since the last scan.

        Raises SourceError: nothing was taken then, and all of it waits for the next fetch.
        """
        try:
            with Dropbox(self.path) as box:
                return self._scan(box, cursor, now)
        except OSError as error:
            raise SourceError(f"folder {self.path}: {error.strerror or error}") from error

    def is_pending(self, cursor: Mapping[str, Any]) -> bool:
        """Whether files are still growing, or taken but not yet moved."""
        return any(cursor.get(name) for name in ("growing", "taken", "failed"))

    def _scan(self, box: Dropbox, cursor: Mapping[str, Any], now: datetime) -> Fetched:
        entries = box.entries()
        stuck, why = ({}, "") if self._keeps else self._move(box, entries, cursor)
        kept = self._kept(entries, cursor) if self._keeps else {}
        growing: dict[str, Any] = {}
        batch = _Batch({}, [])
        taken: dict[str, Any] = {}
        failed: dict[str, Any] = {}
        for name, entry in sorted(entries.items(), key=lambda pair: (pair[1].mark[1], pair[0])):
            if name in stuck or name in kept:
                continue
            since = self._still_since(cursor.get("growing", {}).get(name), entry, now)
            if now - from_epoch(since) < self._settle or batch.is_full:
                growing[name] = [*entry.mark, since]
                continue
            file = self._take(box, entry, batch, now)
            if file is None:
                growing[name] = [*entry.mark, since]
            elif self._keeps:
                kept[name] = [*entry.mark]
            elif file.reason:
                failed[name] = [*entry.mark, file.reason]
            else:
                taken[name] = [*entry.mark]
        states = {"growing": growing, "taken": taken, "failed": failed, "stuck": stuck, "kept": kept}
        warnings = (f"{why}; {len(stuck)} files were read and stay where they are",) if stuck else ()
        fresh = {name: value for name, value in states.items() if value}
        return Fetched(
            source=self.id,
            key=f"{self.id}:{to_epoch(now)}:{hashlib.sha256(repr(fresh).encode()).hexdigest()[:16]}",
            at=now,
            articles=tuple(batch.articles.values()),
            cursor=fresh,
            unchanged=not batch.files,
            complete=False,  # what lies in a folder now says nothing of what lay there before
            files=tuple(batch.files),
            warnings=warnings,
        )

    def _still_since(self, known: Any, entry: Entry, now: datetime) -> int:
        """Since when (epoch milliseconds) the file has been as it is now, as far as scans have seen."""
        if known and tuple(known[:3]) == entry.mark and from_epoch(known[3]) <= now:
            return int(known[3])
        return to_epoch(now)

    def _take(self, box: Dropbox, entry: Entry, batch: _Batch, now: datetime) -> TakenFile | None:
        """Read one file into the batch; None when it must wait for the next fetch. Raises ParserError."""
        if entry.refusal:
            file = TakenFile(name=entry.name, sha256=_unread(entry), reason=entry.refusal)
        else:
            try:
                body = box.read(entry, self._max_size)
            except SourceError as error:
                file = TakenFile(name=entry.name, sha256=_unread(entry), reason=error.reason)
            else:
                if body is None:
                    return None
                digest = hashlib.sha256(body).hexdigest()
                try:
                    found = read_file(
                        entry.name,
                        body,
                        source=self.id,
                        parser=self._tools.parser,
                        now=now,
                        origin=replace(self._origin, tags=tuple(dict.fromkeys((*self._origin.tags, *entry.tags)))),
                        max_size=self._max_size,
                    )
                except ParserError:
                    raise  # every file waits, this one too
                except SourceError as error:
                    file = TakenFile(name=entry.name, sha256=digest, reason=error.reason)
                else:
                    if batch.contradicts(found):
                        return None
                    # Bytes of the file or characters of what was packed in it, whichever is more.
                    batch.size += max(len(body), sum(len(article.text) for article in found))
                    batch.articles.update((article.id, article) for article in found)
                    file = TakenFile(name=entry.name, sha256=digest, articles=tuple(article.id for article in found))
        batch.files.append(file)
        return file

    def _kept(self, entries: dict[str, Entry], cursor: Mapping[str, Any]) -> dict[str, Any]:
        """What was read and lies there unchanged; taken and stuck count too, from before the folder was kept."""
        known = {
            name: mark[:3]
            for state in ("taken", "failed", "stuck", "kept")
            for name, mark in cursor.get(state, {}).items()
        }
        return {name: mark for name, mark in known.items() if name in entries and entries[name].mark == tuple(mark)}

    def _move(self, box: Dropbox, entries: dict[str, Entry], cursor: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """Move what was committed; returns what cannot be moved and why. Changes `entries` to what is left."""
        stuck: dict[str, Any] = {}
        why = ""
        for state in ("taken", "failed", "stuck"):
            for name, (size, changed, inode, *rest) in cursor.get(state, {}).items():
                mark: Mark = (size, changed, inode)
                entry = entries.get(name)
                if entry is None or entry.mark != mark:
                    continue  # gone, or another file under the same name
                reason = rest[0] if rest else ""
                try:
                    box.move(entry, reason)
                except OSError as error:
                    why = f"folder {self.path} cannot be written ({error.strerror})"
                    stuck[name] = [*mark, *rest]
                else:
                    del entries[name]  # moved, or another file by now, which the next scan finds
        return stuck, why


def _unread(entry: Entry) -> str:
    """A digest for a file whose bytes were not read: it must not equal that of another one."""
    return hashlib.sha256(repr(("unread", entry.name, entry.mark)).encode()).hexdigest()


class FolderKind:
    """The kind `folder`."""

    name = "folder"
    options = FolderOptions

    def check(self, spec: SourceSpec) -> tuple[Problem, ...]:
        """Every fault of a folder's options."""
        return read(FolderOptions, spec)[1]

    def build(self, spec: SourceSpec, tools: Tools) -> Source:
        """The folder. Raises ConfigError."""
        options, problems = read(FolderOptions, spec)
        if options is None:
            raise ConfigError(problems)
        return Folder(spec, options, tools)


KIND = FolderKind()
