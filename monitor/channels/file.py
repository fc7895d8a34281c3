"""The channel kind `file`: each alert as one line of JSON at the end of a file, the webhook's body.

The file is opened by its name each time, so that it may be rotated; it is the owner's alone, and no link is followed.
A line is on the disk when it counts as sent. One that a crash cut short is ended, and the next begins anew; who reads
should drop lines whose `id` it has seen.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from monitor.alerting.message import body_of
from monitor.alerting.retries import RetryPolicy
from monitor.channels import Channel, Tools
from monitor.channels.options import Duration, Options, Waits, read
from monitor.errors import Problem
from monitor.model import ChannelSpec, Message, Outcome, Retry, Sent

# O_NONBLOCK: a pipe without a reader must not hold the lane. It is refused below.
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_IDLE = {"language": "the line is the same in every language"}


class FileOptions(Options):
    """What may be configured beside `kind`."""

    path: str
    retry: Waits = RetryPolicy().waits
    give_up: Duration = RetryPolicy().give_up


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as a channel."""

    name: str
    retry: RetryPolicy
    path: Path
    kind: str = "file"
    recipients: tuple[str, ...] = ("",)

    def send(self, message: Message, now: datetime) -> Outcome:
        """Append one line, whole and on the disk."""
        line = body_of(message) + b"\n"
        try:
            file = os.open(self.path, _FLAGS, 0o600)
            try:
                return _append(file, line, self.path)
            finally:
                os.close(file)
        except OSError as error:
            reason = f"the file takes nothing: {error.strerror or type(error).__name__}"
            return Retry(reason=reason, parks=True, is_outage=True)


def _append(file: int, line: bytes, path: Path) -> Outcome:
    if not stat.S_ISREG(os.fstat(file).st_mode):
        return Retry(reason="there is something else than a file", parks=True, is_outage=True)
    size = os.lseek(file, 0, os.SEEK_END)
    if size and os.pread(file, 1, size - 1) != b"\n":
        line = b"\n" + line
    try:
        done = 0
        while done < len(line):
            done += os.write(file, line[done:])
        os.fsync(file)
    except OSError:
        os.ftruncate(file, size)
        raise
    if not size:
        _keep_name(path.parent)
    return Sent(receipt="written")


def _keep_name(folder: Path) -> None:
    """Put the entry of a new file on the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


class FileKind:
    """Checks options and builds the channel."""

    name = "file"
    options = FileOptions

    def check(self, spec: ChannelSpec) -> tuple[Problem, ...]:
        """Every fault of the options."""
        return read(FileOptions, spec, _IDLE)[1]

    def build(self, spec: ChannelSpec, tools: Tools) -> Channel:
        """The channel; what is shared is not needed. A relative path is relative to the configuration file."""
        options, _ = read(FileOptions, spec, _IDLE)
        assert options is not None
        return File(
            name=spec.name,
            retry=RetryPolicy(waits=options.retry, give_up=options.give_up),
            path=Path(spec.where.file).parent / options.path,
        )


KIND = FileKind()
