"""What the operator hears of sources in trouble: once when it begins, once when it is over, in two languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.config import load_config
from monitor.daemon.ops import tell_of_sources
from monitor.daemon.sourcewords import MOST_NAMED
from monitor.daemon.wiring import Installed, install
from monitor.model import SourceState
from monitor.rhythm.troubles import Trouble
from monitor.sources.parser import Parser
from monitor.store import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FAILING = {
    "failures": 9,
    "failing_since": NOW - 7 * HOUR,
    "last_error": "the server answered 500",
    "last_error_at": NOW,
}
SILENT = {"first_parsed": NOW - 90 * DAY, "last_article": NOW - 30 * HOUR}


class Office:
    """An installation with an ops channel, and the sources' states of our choice."""

    def __init__(self, folder: Path, language: str, sources: int = 3, notify: str = "[desk]") -> None:
        (folder / "rules.yaml").write_text("version: 1\nrules: {r: {title: r, match: {any: [x-ray]}, notify: []}}\n")
        lines = [
            f"version: 1\ndatabase: rasid.db\nlanguage: {language}\ntimezone: Asia/Baghdad\nrules: [rules.yaml]",
            f"ops: {{notify: {notify}}}\nchannels: {{desk: {{kind: webhook, url: 'https://hooks.example/x'}}}}\nsources:",
            *(f"  s{n}: {{url: 'https://s{n}.example/rss?key=canary-of-a-subscriber'}}" for n in range(sources)),
        ]
        (folder / "monitor.yaml").write_text("\n".join(lines))
        self.config = load_config(folder / "monitor.yaml")
        self.parser = Parser()
        self.installed: Installed = install(self.config, self.parser)
        self.store = Store.open(self.config.database, write=True, now=NOW)

    def tell(self, states: Mapping[str, Mapping[str, Any]], at: datetime = NOW) -> list[tuple[str, str]]:
        """What is told anew of these states, as (headline, text)."""
        before = {row["id"] for row in self.store.deliveries()}
        healthy: dict[str, Any] = {"last_success": at, "last_article": at}
        made = {name: SourceState(**({"id": name} | healthy | dict(state))) for name, state in states.items()}
        tell_of_sources(made, self.installed, self.store, at)
        claimed = self.store.claim(at, limit=100)  # those of an hour ago again: nobody has settled them
        told = [message.content["articles"] for delivery, message in claimed if delivery.id not in before]
        return [
            (first["title"], "\n".join([first["excerpt"]["text"], *(one["title"] for one in more)]))
            for first, *more in told
        ]

    def close(self) -> None:
        self.store.close()
        self.parser.close()


Open = Callable[..., Office]


@pytest.fixture
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Open:
    def opened(language: str = "en", **more: Any) -> Office:
        made = Office(tmp_path, language, **more)
        request.addfinalizer(made.close)
        return made

    return opened


def test_a_failing_source_is_told_once_and_once_when_it_works_again(office: Open) -> None:
    desk = office()
    assert desk.tell({"s0": FAILING, "s1": {}}) == [
        ("Source s0 keeps failing", "s0: the server answered 500 (9 times in a row, since 2026-11-24 08:00)")
    ]
    assert desk.tell({"s0": FAILING, "s1": {}}, NOW + HOUR) == []
    assert desk.tell({"s0": {}, "s1": {}}, NOW + 2 * HOUR) == [("Source s0 works again", "s0")]
    assert desk.tell({"s0": {}}, NOW + 3 * HOUR) == []
    assert desk.store.troubles() == {}


def test_silence_move_and_disappearance_are_told_in_words(office: Open) -> None:
    desk = office()
    appeared = tuple(NOW - 30 * HOUR - n * HOUR for n in (4, 2, 0))
    told = desk.tell(
        {
            "s0": SILENT | {"appeared": appeared},
            "s1": {"moved_to": "https://new.example/rss"},
            "s2": {"failures": 2, "gone_since": NOW - DAY, "last_error_at": NOW},
        }
    )
    assert sorted(told) == [
        (
            "Source s0 has gone silent",
            "s0: nothing new since 2026-11-23 09:00, though its server answers; usually an article every 2h",
        ),
        (
            "Source s1 has moved",
            "s1: it is polled at https://new.example/rss; write that into the configuration",
        ),
        (
            "Source s2 is gone (410)",
            "s2: its server says so since 2026-11-23 15:00; it is looked for once a day",
        ),
    ]
    over = desk.tell({"s0": {}, "s1": {}, "s2": {}}, NOW + HOUR)
    assert sorted(over) == [
        ("Source s0 brings articles again", "s0"),
        ("Source s2 is there again", "s2"),
        ("The address of source s1 is right again", "s1"),
    ]


def test_the_operator_hears_it_in_arabic(office: Open) -> None:
    desk = office("ar")
    told = desk.tell({"s0": FAILING, "s1": SILENT, "s2": {"moved_to": "https://new.example/rss"}})
    assert sorted(told) == [
        ("انتقل المصدر s2 إلى عنوان آخر", "s2: يُجلب الآن من https://new.example/rss، فاكتبه في الإعدادات"),
        ("صمت المصدر s1", "s1: لا جديد منذ 2026-11-23 09:00 مع أن الخادم يجيب"),
        ("يتعذّر جلب المصدر s0 مرارا", "s0: the server answered 500 (9 مرات متتالية منذ 2026-11-24 08:00)"),
    ]
    assert ("عاد المصدر s0 إلى العمل", "s0") in desk.tell({"s0": {}}, NOW + HOUR)


def test_many_at_a_time_are_one_message_that_counts_them(office: Open) -> None:
    desk = office(sources=50)
    ((title, text),) = desk.tell({f"s{n}": FAILING for n in range(50)})
    assert title == "50 sources keep failing"
    assert len(text.split("\n")) == MOST_NAMED + 1
    assert text.endswith(f"and {50 - MOST_NAMED} more: rasid sources errors")
    ((title, _),) = desk.tell({f"s{n}": {} for n in range(50)}, NOW + HOUR)
    assert title == "50 sources work again"


def test_a_crash_between_two_sweeps_repeats_nothing(office: Open) -> None:
    desk = office()
    assert len(desk.tell({"s0": FAILING})) == 1
    assert desk.store.troubles() == {"s0": {Trouble.FAILING: NOW - 7 * HOUR}}  # committed with the alert
    assert desk.tell({"s0": FAILING}, NOW + HOUR) == []


def test_a_source_that_is_paused_or_gone_from_the_configuration_ends_its_troubles_in_silence(office: Open) -> None:
    desk = office()
    assert len(desk.tell({"s0": FAILING, "s1": FAILING})) == 1
    desk.store.commit_troubles({"removed": {Trouble.FAILING: NOW}}, [])
    assert desk.tell({"s0": FAILING | {"paused_at": NOW, "paused_by": "ali"}, "s1": FAILING}, NOW + HOUR) == []
    assert list(desk.store.troubles()) == ["s1"]


def test_failing_that_turns_into_gone_is_not_called_mended(office: Open) -> None:
    desk = office()
    desk.tell({"s0": FAILING})
    told = desk.tell({"s0": FAILING | {"gone_since": NOW - DAY}}, NOW + HOUR)
    assert [title for title, _ in told] == ["Source s0 is gone (410)"]


def test_without_an_ops_channel_it_is_remembered_and_logged(office: Open, caplog: pytest.LogCaptureFixture) -> None:
    desk = office(notify="[]")
    assert desk.tell({"s0": FAILING}) == []
    assert list(desk.store.troubles()) == ["s0"]
    assert "a source is in trouble" in caplog.text


def test_no_secret_is_told(office: Open) -> None:
    desk = office()
    error = "https://s0.example/rss?key=canary-of-a-subscriber: no answer"
    ((_, text),) = desk.tell({"s0": FAILING | {"last_error": error}})
    assert "canary" not in text and "s0.example/rss" in text


def test_how_long_silence_is_is_configured(tmp_path: Path, office: Open) -> None:
    desk = office()
    text = desk.config.path.read_text().replace("ops: {", "ops: {source_silent_for: 7d, ")
    desk.config.path.write_text(text)
    desk.installed = install(load_config(desk.config.path), desk.parser)
    assert desk.tell({"s0": SILENT}) == []
