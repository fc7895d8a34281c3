"""A backtest counts what both forms of a rule match, says why they differ, and streams the archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from monitor import backtest as module
from monitor.backtest import IS, WAS, Difference, Outcome, backtest, daily, touched
from monitor.model import Article, Judged, Severity
from monitor.rulefiles import load_rules
from monitor.rules.causes import Cause
from monitor.rules.engine import Ruleset
from monitor.store.archive import Archived

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

TEXTS = (
    "An attack hit the base.",
    "A strike hit the base.",
    "An exercise: an attack on the base.",
    "Bread prices fell.",
    "A memorial of the attack on the base was opened.",
)


def archive(count: int, texts: tuple[str, ...] = TEXTS) -> Iterator[Archived]:
    """Articles an hour apart, the texts in turn."""
    for number in range(count):
        came = NOW - (count - number) * HOUR
        article = Article(id=f"a{number}", source="wire", title="", text=texts[number % len(texts)], seen=came)
        yield Archived(number=number, article=article, came=came, story_id=f"s{number}", wire=f"a{number}")


def rules(folder: Path, match: str, more: str = "") -> Ruleset:
    folder.mkdir(exist_ok=True)
    text = f"rules:\n  r: {{match: {match}, notify: [desk]{more}}}\n  other: {{match: bread, notify: []}}\n"
    (folder / "r.yaml").write_text(text)
    return load_rules(folder)


@pytest.fixture
def before(tmp_path: Path) -> Ruleset:
    return rules(tmp_path / "before", "{all: [attack, base], none: [exercise]}")


@pytest.fixture
def after(tmp_path: Path) -> Ruleset:
    return rules(tmp_path / "after", "{all: [{any: [attack, strike]}, base], none: [memorial]}")


def tried(before: Ruleset, after: Ruleset, count: int = 10, **more: Any) -> Outcome:
    given: dict[str, Any] = {"zone": UTC, "processes": 1, "load": lambda: (before, after), **more}
    return backtest(before, after, touched(before, after), archive(count), **given)


def again(before: Ruleset, after: Ruleset) -> partial[tuple[Ruleset, Ruleset]]:
    """What loads both forms in another process."""
    return partial(both, before.files, after.files)


def both(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[Ruleset, Ruleset]:
    return load_rules(*before), load_rules(*after)


def of(outcome: Outcome) -> Difference:
    (this,) = outcome.rules
    return this


def test_only_rules_that_the_edit_changes_are_touched(before: Ruleset, after: Ruleset, tmp_path: Path) -> None:
    assert touched(before, after) == ("r",)
    assert touched(before, before) == ()
    told_otherwise = rules(tmp_path / "told", "{all: [attack, base], none: [exercise]}", ", alert: {throttle: 2h}")
    assert touched(before, told_otherwise) == ("r",)


def test_gains_and_losses_are_counted_with_what_caused_them(before: Ruleset, after: Ruleset) -> None:
    this = of(tried(before, after))
    assert (this.matches[WAS], this.matches[IS], this.gained, this.lost) == (4, 6, 4, 2)
    assert this.ranked("gained") == [(Cause("none", "exercise"), 2, True), (Cause("term", "strike"), 2, True)]
    assert this.ranked("lost") == [(Cause("none", "memorial"), 2, True)]


def test_all_cores_count_the_same(before: Ruleset, after: Ruleset) -> None:
    assert of(tried(before, after, 300, processes=2, load=again(before, after))) == of(tried(before, after, 300))


def test_alerts_are_those_that_groups_would_have_told(before: Ruleset, tmp_path: Path) -> None:
    one_a_day = rules(tmp_path / "daily", "{all: [attack, base], none: [exercise]}",
                      ", alert: {group_by: [rule], throttle: 24h}")  # fmt: skip
    outcome = tried(before, one_a_day, 50)
    this = of(outcome)
    assert (this.matches[WAS], this.matches[IS], this.gained, this.lost) == (20, 20, 0, 0)
    assert this.alerts == {WAS: Counter(desk=20), IS: Counter(desk=4)}
    assert outcome.alerts == this.alerts


def test_a_floor_of_the_channel_holds_and_a_severity_lifts_over_it(before: Ruleset, tmp_path: Path) -> None:
    severe = rules(tmp_path / "severe", "{all: [attack, base], none: [exercise]}", ", severity: critical")
    this = of(tried(before, severe, floors={"desk": Severity.HIGH}))
    assert this.alerts == {WAS: Counter(), IS: Counter(desk=4)}


def test_verdicts_show_which_judged_matches_an_edit_keeps(before: Ruleset, after: Ruleset) -> None:
    said = {("r", "a0"): "useful", ("r", "a4"): "noise", ("r", "a9"): "noise", ("other", "a3"): "noise"}
    this = of(tried(before, after, verdicts=said))
    assert (this.verdicts(WAS), this.verdicts(IS)) == (Judged(useful=1, noise=2), Judged(useful=1, noise=0))


def test_a_new_rule_gains_all_and_a_removed_one_loses_all(before: Ruleset) -> None:
    nothing = before.without({"r": "removed"})
    new, gone = of(tried(nothing, before)), of(tried(before, nothing))
    assert (new.gained, new.lost, set(new.cards)) == (4, 0, {IS})
    assert (gone.gained, gone.lost, set(gone.cards)) == (0, 4, {WAS})
    assert {str(cause) for cause, _, _ in new.ranked("gained")} == {"attack", "base"}


def test_samples_are_few_in_the_order_of_time_and_the_same_each_run(before: Ruleset, after: Ruleset) -> None:
    samples = of(tried(before, after, 500, samples=4)).samples
    assert [len(samples["gained"]), len(samples["lost"])] == [4, 4]
    came = [sample.came for sample in samples["gained"]]
    assert came == sorted(came)
    assert came[-1] - came[0] > 100 * HOUR  # not only the first
    assert of(tried(before, after, 500, samples=4)).samples == samples


def test_of_many_gains_a_part_is_asked_for_its_clause(
    before: Ruleset, after: Ruleset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_EXPLAINED", 5)
    found = of(tried(before, after, 100)).ranked("gained")
    assert found == [(Cause("none", "exercise"), 20, False), (Cause("term", "strike"), 20, True)]


def test_the_archive_is_streamed_and_watched(before: Ruleset, after: Ruleset) -> None:
    taken, most = 0, 0

    def counted() -> Iterator[Archived]:
        nonlocal taken
        for one in archive(2_000):
            taken += 1
            yield one

    def watch(articles: Iterator[Archived]) -> Iterator[Archived]:
        nonlocal most
        for done, one in enumerate(articles):
            most = max(most, taken - done)
            yield one

    given = backtest(before, after, ["r"], counted(), again(before, after), zone=UTC, processes=2, watch=watch)
    assert given.articles == 2_000
    assert most <= 2 * 4 * 64 + 64


def test_an_article_that_cannot_be_judged_is_counted(
    before: Ruleset, after: Ruleset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Ruleset, "match_each", lambda self, articles: 1 // 0)
    outcome = tried(before, after, 30)
    assert (outcome.articles, outcome.failures, len(outcome.failed)) == (30, 30, module.MOST_FAILED)
    assert outcome.failed[0] == ("a0", "ZeroDivisionError: integer division or modulo by zero")


def test_days_are_put_together_where_they_are_too_many() -> None:
    counts = Counter({date(2026, 11, 1): 2, date(2026, 11, 2): 3, date(2026, 11, 10): 1, date(2026, 12, 1): 9})
    first, last = date(2026, 11, 1), date(2026, 11, 10)
    assert daily(counts, first, last, 10) == (1, (2, 3, 0, 0, 0, 0, 0, 0, 0, 1))
    assert daily(counts, first, last, 4) == (3, (5, 0, 0, 1))
