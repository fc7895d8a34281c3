"""What a channel may ask for to be left in peace, as it is written in the configuration."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.alerting.calm import Calm, Digest, Quiet
from monitor.config import load_config
from monitor.errors import ConfigError
from monitor.model import Severity

PAGE = """
version: 1
timezone: Asia/Baghdad
channels:
  desk:
    kind: {kind}
    url: https://hooks.example/T0
"""


def calm(folder: Path, *lines: str, kind: str = "slack") -> Calm:
    path = folder / "monitor.yaml"
    path.write_text(PAGE.format(kind=kind) + "".join(f"    {line}\n" for line in lines), encoding="utf-8")
    return load_config(path, environment={}).calm["desk"]


def fault(folder: Path, *lines: str) -> str:
    with pytest.raises(ConfigError) as caught:
        calm(folder, *lines)
    return str(caught.value).removeprefix(f"{folder}/")


def test_everything_that_may_be_asked_for(tmp_path: Path) -> None:
    asked = calm(
        tmp_path,
        "from_severity: medium",
        "at_most: 20 per 1h",
        'quiet: [{days: [fri, Saturday]}, {hours: ["22:00-06:00", "13:00-14:00"]}]',
        "quiet_lets_through: critical",
        "digest: daily 07:30, 18:00",
        "catch_up: each",
    )

    assert asked == Calm(
        from_severity=Severity.MEDIUM,
        quiet=(
            Quiet(days=frozenset({4, 5})),
            Quiet(start=time(22), end=time(6)),
            Quiet(start=time(13), end=time(14)),
        ),
        lets_through=Severity.CRITICAL,
        digest=Digest(times=(time(7, 30), time(18))),
        at_most=20,
        per=timedelta(hours=1),
        catches_up=False,
        zone=ZoneInfo("Asia/Baghdad"),
    )


def test_a_drill_has_a_time_of_each_day(tmp_path: Path) -> None:
    calm(tmp_path, "drill: daily ٠٩:٠٥")

    assert load_config(tmp_path / "monitor.yaml", environment={}).drills == {"desk": time(9, 5)}


@pytest.mark.parametrize(("kind", "catches_up"), [("slack", True), ("webhook", False)])
def test_people_catch_up_by_one_message_and_programs_by_each(tmp_path: Path, kind: str, catches_up: bool) -> None:
    assert calm(tmp_path, kind=kind).catches_up is catches_up
    assert calm(tmp_path, "catch_up: digest", kind=kind).catches_up


def test_one_span_and_arabic_digits_do_as_well(tmp_path: Path) -> None:
    assert calm(tmp_path, 'quiet: {hours: "٢٢:٠٠-٠٦:٠٠"}').quiet == (Quiet(start=time(22), end=time(6)),)
    assert calm(tmp_path, "digest: hourly").digest == Digest()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("from_severity: hihg", "from_severity: 'hihg' is not a severity (did you mean 'high'?)"),
        ("at_most: 20", "at_most: '20' is not a bound; write for example '20 per 1h'"),
        ("at_most: 0 per 1h", "at_most: '0 per 1h' is not a bound; write for example '20 per 1h'"),
        ("at_most: 5 per 0s", "at_most: the time must be longer than nothing"),
        ("at_most: 5 per hour", "at_most: 'hour' is not a duration; write a number and a unit, such as 30s"),
        ("quiet: night", 'quiet: expected items such as {days: [fri, sat]} or {hours: "22:00-06:00"}'),
        ("quiet: [{day: fri}]", "quiet: unknown key 'day' (did you mean 'days'?)"),
        ("quiet: [{days: fry}]", "quiet: 'fry' is not a day (did you mean 'fri'?)"),
        ("quiet: [{hours: 22-06}]", "quiet: '22-06' is not a span of hours; write for example '22:00-06:00'"),
        ('quiet: [{hours: "22:00-26:00"}]', "quiet: '26:00' is not a time of day; write for example '07:30'"),
        (
            "quiet: [{days: [mon, tue, wed, thu, fri, sat, sun]}]",
            "quiet: leaves no hour of the week in which anything may be told",
        ),
        ("quiet_lets_through: all", "quiet_lets_through: 'all' is not a severity; known are"),
        ("digest: weekly", "digest: 'weekly' is not a plan; write for example 'daily 07:30' or 'hourly'"),
        ("digest: daily noon", "digest: 'noon' is not a time of day; write for example '07:30'"),
        ("drill: 09:00", "drill: '09:00' is not a plan; write for example 'daily 09:00'"),
        ("drill: daily 09:00, 18:00", "drill: 'daily 09:00, 18:00' is not a plan; write for example 'daily 09:00'"),
        ("catch_up: yes", "catch_up: 'yes' is neither 'digest' (one message for all that waited) nor 'each'"),
    ],
)
def test_a_slip_is_told_with_its_place_and_what_to_write(tmp_path: Path, line: str, message: str) -> None:
    found = fault(tmp_path, line)

    assert found.startswith(f"monitor.yaml:8:{len(line.split(':')[0]) + 7}: {message}")
