"""What the operator is told of files and rules that are held back: every sentence, in both languages."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.config import lastgood
from monitor.daemon.setbacks import (
    MOST_NAMED,
    MOST_PROBLEMS,
    Kind,
    Setback,
    Why,
    lines,
    mended,
    news,
    sentence,
    title,
)

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
BAGHDAD = ZoneInfo("Asia/Baghdad")
FILE = Setback(
    kind=Kind.FILE,
    about="rules/a.yaml",
    why=Why.FAULTY,
    problems=("rules/a.yaml:7:1: x",),
    has_kept=True,
    kept=NOON - timedelta(days=1),
)


def made(kind: Kind, why: Why, *, has_kept: bool = True, about: str = "rules") -> Setback:
    return Setback(kind=kind, about=about, why=why, problems=(), has_kept=has_kept, kept=FILE.kept)


@pytest.mark.parametrize(
    ("setback", "said"),
    [
        (
            FILE,
            "rules/a.yaml, not taken since SINCE: its text of KEPT goes on\nrules/a.yaml:7:1: x",
        ),
        (
            made(Kind.FILE, Why.NEEDED),
            "rules, not taken since SINCE: what it no longer holds is still needed; its text of KEPT goes on",
        ),
        (
            made(Kind.FILE, Why.DELETED),
            "rules, not taken since SINCE: it was deleted, and what it held is still needed;"
            " its text of KEPT goes on",
        ),
        (
            made(Kind.FILE, Why.FAULTY, has_kept=False),
            "rules, not taken since SINCE: there is no good text of it: nothing of it is active",
        ),
        (made(Kind.FOLDER, Why.GONE), "rules, not taken since SINCE: its last good rules go on"),
        (
            made(Kind.CONFIGURATION, Why.FAULTY),
            "rules, not taken since SINCE: the configuration of KEPT goes on",
        ),
        (
            made(Kind.RULE, Why.FAULTY, about="a"),
            "rule a, not taken since SINCE: it goes on as it was before",
        ),
        (
            made(Kind.RULE, Why.FAULTY, about="a", has_kept=False),
            "rule a, not taken since SINCE: it is not active",
        ),
    ],
)
def test_what_runs_instead_and_since_when(setback: Setback, said: str) -> None:
    said = said.replace("SINCE", "2026-11-27 15:00").replace("KEPT", "2026-11-26 15:00")
    assert sentence(setback, NOON, "en", BAGHDAD) == said
    assert sentence(setback, NOON, "fr", BAGHDAD) == said
    arabic = sentence(setback, NOON, "ar", BAGHDAD)
    assert "متعذّر منذ 2026-11-27 15:00" in arabic
    assert setback.about in arabic


def test_only_what_was_not_told_is_news_and_what_is_over_is_told_too() -> None:
    folder = made(Kind.FOLDER, Why.GONE)
    told = {folder.key: NOON, ("rule", "a"): NOON}
    assert news([FILE, folder], told) == ([FILE], {("rule", "a"): NOON})


def test_many_are_one_headline_and_are_cut_with_a_word() -> None:
    many = [made(Kind.RULE, Why.FAULTY, about=f"r{n}") for n in range(MOST_NAMED + 2)]
    assert title([many[0].key], "en", is_over=False) == "Not taken: rule r0"
    assert title([one.key for one in many], "en", is_over=False) == "Not taken: 22 files or rules"
    assert title([one.key for one in many], "ar", is_over=True) == "أُصلحت ملفات أو قواعد عددها 22"
    assert lines(many, NOON, "en", UTC)[-1] == "and 2 more: rasid status"
    over = mended({one.key: NOON for one in many}, "en", UTC)
    assert over[0] == "rule r0: what stands there now is active; it was not since 2026-11-27 12:00"
    assert over[-1] == "and 2 more: rasid status"


def test_of_several_each_is_a_line_with_its_first_problem() -> None:
    first, second = lines([FILE, made(Kind.FOLDER, Why.GONE)], NOON, "en", BAGHDAD)
    assert first.endswith("its text of 2026-11-26 15:00 goes on; rules/a.yaml:7:1: x")
    assert second.endswith("its last good rules go on")
    assert lines([FILE], NOON, "en", BAGHDAD)[1:] == ("rules/a.yaml:7:1: x",)


def test_many_problems_of_one_file_are_cut_with_a_word() -> None:
    problems = tuple(f"rules/a.yaml:{n}:1: x" for n in range(1, MOST_PROBLEMS + 4))
    setback = Setback(kind=Kind.FILE, about="a", why=Why.FAULTY, problems=problems, has_kept=True)
    assert sentence(setback, NOON, "en", UTC).split("\n")[-1] == "and 3 more problems: rasid check"


# --- the last good configuration ---------------------------------------------------------------------------------


def test_a_good_configuration_is_kept_for_this_user_alone(tmp_path: Path) -> None:
    config, place = tmp_path / "monitor.yaml", {"STATE_DIRECTORY": f"{tmp_path / 'state'}:/elsewhere"}
    assert lastgood.kept(config, place) is None
    lastgood.keep(config, b"one", place)
    (file,) = (tmp_path / "state").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    found = lastgood.kept(config, place)
    assert found is not None
    assert (found[0], found[1].tzinfo) == (b"one", UTC)
    assert lastgood.kept(tmp_path / "other.yaml", place) is None


def test_the_same_text_keeps_the_time_since_when_it_is_good(tmp_path: Path) -> None:
    config, place = tmp_path / "monitor.yaml", {"XDG_STATE_HOME": str(tmp_path / "state")}
    lastgood.keep(config, b"one", place)
    (file,) = (tmp_path / "state" / "rasid").iterdir()
    os.utime(file, (0, 0))
    lastgood.keep(config, b"one", place)
    assert file.stat().st_mtime == 0
    lastgood.keep(config, b"two", place)
    found = lastgood.kept(config, place)
    assert found is not None
    assert found[0] == b"two"
    assert found[1].year > 1970


def test_a_kept_file_that_others_can_read_or_a_link_is_left_alone(tmp_path: Path) -> None:
    config, place = tmp_path / "monitor.yaml", {"HOME": str(tmp_path)}
    lastgood.keep(config, b"one", place)
    (file,) = (tmp_path / ".local" / "state" / "rasid").iterdir()
    file.chmod(0o644)
    assert lastgood.kept(config, place) is None
    file.chmod(0o600)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert lastgood.kept(config, place) is None


def test_where_nothing_can_be_kept_it_goes_on_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lastgood.keep(tmp_path / "monitor.yaml", b"one", {"HOME": "nowhere"})
    assert lastgood.kept(tmp_path / "monitor.yaml", {}) is None
    assert caplog.messages == []
    (tmp_path / "file").write_text("")
    lastgood.keep(tmp_path / "monitor.yaml", b"one", {"STATE_DIRECTORY": str(tmp_path / "file")})
    assert caplog.messages == ["the good configuration could not be kept for a later start"]
