"""Kinds and their options."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.model import Place, SourceSpec
from monitor.sources import Tools, build, check, kinds

WHERE = Place(file="config/monitor.yaml", line=7, column=3)
URL = "https://news.example/rss"


def spec(kind: str = "feed", **options: object) -> SourceSpec:
    return SourceSpec(id="news", kind=kind, options=options, where=WHERE)


def test_kinds_are_found_by_scanning_the_package() -> None:
    assert sorted(kinds()) == ["feed", "folder"]


def test_good_options_have_no_problem() -> None:
    assert check(spec(url=URL, every="5m", since="24h", timezone="Asia/Baghdad", language="ar")) == ()
    assert check(spec("folder", folder="drop", settle="2s", max_size="500KB")) == ()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (spec(), "source 'news': option 'url' is missing"),
        (spec(url=URL, evry="5m"), "source 'news': unknown option 'evry' (did you mean 'every'?)"),
        (
            spec(url=URL, every="5"),
            "source 'news': 'every': '5' is not a duration; write a number and a unit, such as 30s",
        ),
        (spec(url=URL, since="ever"), "source 'news': 'since': 'ever' is not a duration"),
        (spec(url=URL, timezone="Mars"), "source 'news': 'timezone': is not a time zone"),
        (spec(url=URL, language="Arabic!"), "source 'news': 'language': "),
        (spec(url=URL, headers={"X": "a\nb"}), "source 'news': 'headers': a header must be one printable line"),
        (spec(url=URL, auth="x"), "source 'news': 'auth': is no option; write user and password"),
        (
            spec(url=URL, keep="yes"),
            "source 'news': 'keep': is how long its articles are kept: write a duration such",
        ),
        (spec("folder", folder="x", keep="30"), "source 'news': 'keep': must be yes or no"),
        (spec(url="ftp://canary@x.example/"), "source 'news': 'url': only http and https are spoken, not ftp"),
        (spec(url="http://canary\\x"), "source 'news': 'url': the URL holds"),
        (spec("folder"), "source 'news': option 'folder' is missing"),
        (spec("folder", folder="x", max_size="big"), "source 'news': 'max_size': is not a size"),
        (spec("ftp"), "source 'news': unknown kind 'ftp'; known are feed, folder"),
    ],
)
def test_fault_names_place_source_and_option_and_stops_the_source(
    source: SourceSpec, message: str, tools: Tools
) -> None:
    with pytest.raises(ConfigError) as caught:
        build(source, tools)

    assert str(caught.value).startswith(f"config/monitor.yaml:7:3: {message}")
    assert "canary" not in str(caught.value)


def test_every_fault_is_told_at_once(tools: Tools) -> None:
    with pytest.raises(ConfigError) as caught:
        build(spec(every="x", since="y"), tools)

    assert len(caught.value.problems) == 3


def test_options_reach_the_source(tools: Tools, tmp_path: Path) -> None:
    feed = build(spec(url=URL, since="all", every="5m"), tools)
    recent = build(spec(url=URL, since="24h"), tools)
    folder = build(spec("folder", folder=str(tmp_path)), tools)

    assert (feed.has_baseline, feed.since, feed.every) == (True, "all", timedelta(minutes=5))
    assert (recent.since, recent.every) == (timedelta(hours=24), None)
    assert (folder.has_baseline, folder.since) == (False, None)
