"""The kind `file`: the contract, and lines that survive rotation, crashes and a full disk."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from monitor import channels
from monitor.channels import Channel
from monitor.errors import ConfigError
from monitor.model import ChannelSpec, Place, Retry, Sent
from tests.alerting.samples import NOON
from tests.channels.contract import CONTENT, DELIVERY, Contract, Destination, a_message, build, tools


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


class TestFileContract(Contract):
    """A file holds the contract of all channels."""

    kind = "file"

    @contextlib.contextmanager
    def working(self) -> Iterator[Destination]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "alerts.ndjson"
            yield Destination(build("file", path=str(path)), lambda: [(line, line.encode()) for line in _lines(path)])

    def broken(self) -> Iterator[AbstractContextManager[Channel]]:
        yield contextlib.nullcontext(build("file", path="/dev/null/alerts"))
        yield contextlib.nullcontext(build("file", path="/no-such-folder/alerts"))
        yield contextlib.nullcontext(build("file", path="/dev/null"))
        yield contextlib.nullcontext(build("file", path="/"))


def test_a_line_is_the_webhooks_body_and_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "alerts.ndjson"
    assert build("file", path=str(path)).send(a_message(), NOON) == Sent(receipt="written")

    (line,) = _lines(path)
    assert json.loads(line) == {"id": DELIVERY, **CONTENT}
    assert "هجوم على قاعدة" in line
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_path_is_relative_to_the_configuration(tmp_path: Path) -> None:
    where = Place(file=str(tmp_path / "monitor.yaml"))
    spec = ChannelSpec(name="desk", kind="file", options={"path": "alerts.ndjson"}, where=where)
    channels.build(spec, tools()).send(a_message(), NOON)

    assert len(_lines(tmp_path / "alerts.ndjson")) == 1


def test_a_file_that_was_rotated_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "alerts.ndjson"
    channel = build("file", path=str(path))
    channel.send(a_message(), NOON)
    path.rename(tmp_path / "alerts.1")
    channel.send(a_message(), NOON)

    assert len(_lines(path)) == len(_lines(tmp_path / "alerts.1")) == 1


def test_a_line_that_was_cut_short_does_not_spoil_the_next(tmp_path: Path) -> None:
    path = tmp_path / "alerts.ndjson"
    path.write_text('{"id": "d1"}\n{"id": "d')
    build("file", path=str(path)).send(a_message(), NOON)

    first, broken, last = _lines(path)
    assert (first, broken) == ('{"id": "d1"}', '{"id": "d')
    assert json.loads(last)["id"] == DELIVERY


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    path = tmp_path / "alerts.ndjson"
    path.write_text("x" * 99 + "\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150, hard))
    try:
        outcome = build("file", path=str(path)).send(a_message(), NOON)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert outcome == Retry(reason="the file takes nothing: File too large", parks=True, is_outage=True)
    assert path.stat().st_size == 100


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "alerts").symlink_to(tmp_path / "other")

    assert isinstance(build("file", path=str(tmp_path / "alerts")).send(a_message(), NOON), Retry)
    assert not (tmp_path / "other").exists()


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    outcome = build("file", path=str(tmp_path / "pipe")).send(a_message(), NOON)

    assert outcome == Retry(reason="there is something else than a file", parks=True, is_outage=True)


def test_a_file_needs_a_path() -> None:
    with pytest.raises(ConfigError, match="option 'path' is missing"):
        build("file")
