"""`rasid backtest`: an edited copy, a new file, a file against git; screen, Markdown and JSON; what is refused."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path

import pytest

from monitor import batch
from monitor.backtest import IS, WAS, Difference
from monitor.cli import _backtest_words as words
from monitor.cli import _screen
from monitor.cli._markdown import escaped, marked
from monitor.rules.causes import Cause
from tests.alerting.samples import a_card
from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, QUIET, STORM, Site

RULES = """version: 1
rules:
  attack:
    title: هجوم في الأخبار
    severity: high
    match: {any: [هجوم, attack], none: [exercise]}
    examples: {hit: [An attack at dawn]}
  storm:
    title: Storms
    severity: low
    match: {all: [storm, coast], within: sentence}
    notify: []
"""
EXERCISE = {"title": "Exercise on Sunday", "text": "An exercise will simulate an attack on the base near the town."}
ARABIC = {"title": "غارة على مستودع", "text": "أصابت غارة جوية مستودعا للوقود قرب المدينة فجر الأحد."}


@pytest.fixture
def site(tmp_path: Path, receiver: Receiver) -> Site:
    made = Site(
        folder=tmp_path,
        channels={"desk": f"{{kind: webhook, url: '{receiver.url}', retry: 1ms}}"},
        rules=RULES,
    )
    made.put("one.json", ATTACK, STORM, QUIET, EXERCISE, ARABIC)
    assert made.rasid("run", "--once").exit_code == 0
    return made


def edited(site: Site, *changes: tuple[str, str], name: str = "draft.yaml") -> str:
    """An edited copy of the rules beside the configuration."""
    text = site.rules
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = site.folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


MORE = ("[هجوم, attack], none: [exercise]", "[غارة, attack]")


def test_an_edited_copy_takes_the_place_of_the_file_that_has_its_names(site: Site) -> None:
    result = site.rasid("backtest", edited(site, MORE))
    assert result.exit_code == 0, result.output
    shown = result.stdout
    assert f"against {site.folder / 'rules.yaml'}" in shown
    assert "attack · high" in shown
    assert "matches      1 → 3   2 gained" in shown
    assert "alerts       1 → 3   desk 1 → 3" in shown
    assert "غارة\u200e 1" in shown and "no longer none: exercise 1" in shown
    assert "An exercise will simulate an [attack] on the base" in shown
    assert "not changed by the edit" in shown and "storm  1" in shown


def test_nothing_is_stored_or_told(site: Site, receiver: Receiver) -> None:
    before = site.json("matches")
    told = len(receiver.bodies)
    site.rasid("backtest", edited(site, MORE))
    assert (site.json("matches"), len(receiver.bodies)) == (before, told)


def test_a_large_archive_is_judged_by_workers_with_the_same_result(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [{"title": f"Drill {n}", "text": f"Exercise {n}: an attack on base {n} is feigned."} for n in range(600)]
    site.put("many.json", *many)
    assert site.rasid("run", "--once").exit_code == 0
    given = ("backtest", edited(site, MORE), "--json")
    with monkeypatch.context() as patch:
        patch.setattr(_screen, "MANY", 10_000)
        alone = json.loads(site.rasid(*given).stdout)
    monkeypatch.setattr(batch, "_cores", lambda: 2)
    monkeypatch.setattr(batch, "_judged", lambda rules, articles: pytest.fail("judged here, by no worker"))

    spawned = site.rasid(*given)  # the receiver is a thread of this process, which is therefore not forked
    forked = site.process(*given)

    assert (alone["articles"], alone["rules"][0]["gained"]) == (605, 602)
    for shown in (spawned.stdout, forked.stdout):
        found = json.loads(shown)
        assert {**found, "since": "", "until": ""} == {**alone, "since": "", "until": ""}


def test_json_holds_both_forms_of_each_rule(site: Site) -> None:
    found = site.json("backtest", edited(site, ("attack]", "attack, storm]")), "--rule", "attack")
    (row,) = found["rules"]
    assert found["articles"] == 5
    assert (row["matches"], row["gained"], row["lost"]) == ({"was": 1, "is": 2}, 1, 0)
    assert row["causes"]["gained"] == [{"kind": "term", "what": "storm", "count": 1, "exact": True}]
    assert sum(row["days"]["is"].values()) == 2
    (sample,) = row["samples"]["gained"]
    assert (sample["title"], sample["spans"][0]["text"]) == (STORM["title"], "Storm")


def test_verdicts_say_what_an_edit_keeps(site: Site, receiver: Receiver) -> None:
    site.rasid("verdict", receiver.bodies[0]["code"], "noise")
    shown = site.rasid("backtest", edited(site, ("[هجوم, attack]", "[غارة]"), ("An attack at dawn", "غارة"))).stdout
    assert "judged       0 useful, 1 → 0 noise: precision 0 % → none" in shown
    assert "lost         without attack 1" in shown


def test_markdown_is_fit_for_a_merge_request(site: Site) -> None:
    shown = site.rasid("backtest", edited(site, MORE), "--markdown").stdout
    assert "| `attack` | 1 → 3 | 2 | 0 | 1 → 3 |  |" in shown
    assert "| `storm` (not edited) | 1 | 0 | 0 | 0 |  |" in shown
    assert "**2 gained**: " in shown
    assert "An exercise will simulate an **attack** on the base" in shown


def test_a_new_file_gains_all(site: Site) -> None:
    path = site.folder / "prices.yaml"
    path.write_text("rules: {prices: {title: Prices, match: bread, notify: []}}", encoding="utf-8")
    shown = site.rasid("backtest", str(path)).stdout
    assert "against no rules of before: the file is new" in shown
    assert "prices · medium · new" in shown and "matches      0 → 1   1 gained" in shown


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=desk", "-c", "user.email=desk@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def test_a_file_is_held_against_a_revision_of_git(site: Site) -> None:
    git(site.folder, "init", "-q")
    git(site.folder, "add", "rules.yaml")
    git(site.folder, "commit", "-qm", "rules")
    rules = edited(site, MORE, name="rules.yaml")
    in_place = site.json("backtest", rules, "--against", "git:HEAD")
    assert (in_place["against"], in_place["rules"][0]["gained"]) == ("git:HEAD", 2)
    assert site.rasid("run", "--once").exit_code == 0  # from now on the edit runs
    assert site.json("backtest", rules)["against"] == "git:HEAD"
    unknown = site.rasid("backtest", rules, "--against", "git:no-such-branch")
    assert (unknown.exit_code, "there is no revision 'no-such-branch'" in unknown.stderr) == (1, True)
    option = site.rasid("backtest", rules, "--against", "git:--output=x")
    assert (option.exit_code, "no revision" in option.stderr) == (1, True)


def test_a_configured_file_without_history_gains_all_that_it_matches(site: Site) -> None:
    rules = str(site.folder / "rules.yaml")
    found = site.json("backtest", rules)
    assert found["against"].startswith("the rules without it")
    assert {row["rule"]: (row["matches"]["was"], row["gained"]) for row in found["rules"]} == {
        rule: (0, row["matches"]["is"]) for row in found["rules"] for rule in [row["rule"]]
    }
    assert sum(row["gained"] for row in found["rules"]) > 0
    current = site.rasid("backtest", rules, "--against", "current")
    assert (current.exit_code, "is itself one of the configured rule files" in current.stderr) == (2, True)


def test_a_folder_is_no_rule_file(site: Site) -> None:
    result = site.rasid("backtest", str(site.folder))
    assert (result.exit_code, "a folder; backtest takes one rule file" in result.stderr) == (1, True)


def test_a_configured_file_is_held_against_the_text_of_it_that_runs(site: Site) -> None:
    rules = edited(site, MORE, name="rules.yaml")
    found = site.json("backtest", rules)
    assert (found["against"], found["rules"][0]["gained"]) == ("the text of it that runs", 2)
    assert site.json("backtest", rules, "--against", "current")["rules"] == found["rules"]


def test_rules_that_are_no_good_exit_3_with_their_places(site: Site) -> None:
    broken = site.rasid("backtest", edited(site, ("[هجوم, attack]", "[$nothing]")))
    assert (broken.exit_code, "draft.yaml:6:" in broken.stderr and "unknown name" in broken.stderr) == (3, True)
    failing = site.rasid("backtest", edited(site, ("[هجوم, attack]", "[هجوم]")))
    assert (failing.exit_code, "draft.yaml:7:" in failing.stderr and "example fails" in failing.stderr) == (3, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--against", "main"], "write current, or git: and a revision"),
        (["--since", "long"], "is not a duration"),
        (["--rule", "atack"], "did you mean 'attack'?"),
        (["--json", "--markdown"], "one at a time"),
    ],
)
def test_what_cannot_be_asked_is_said(site: Site, arguments: list[str], words: str) -> None:
    result = site.rasid("backtest", edited(site, MORE), *arguments)
    assert (result.exit_code, words in result.stderr) == (2, True), result.output


def test_a_file_that_is_not_there_is_said(site: Site) -> None:
    result = site.rasid("backtest", "nowhere.yaml")
    assert (result.exit_code, "nowhere.yaml: No such file" in result.stderr) == (1, True)


def test_names_of_several_files_want_a_file_name(site: Site) -> None:
    (site.folder / "pack").mkdir()
    for name in ("a", "b"):
        text = f"rules: {{{name}: {{match: {name}ttack, notify: []}}}}"
        (site.folder / "pack" / f"{name}.yaml").write_text(text, encoding="utf-8")
    site.rules_path = "pack"
    site.write()
    path = site.folder / "draft.yaml"
    both = "rules: {a: {match: siege, notify: []}, b: {match: siege, notify: []}}"
    path.write_text(both, encoding="utf-8")
    result = site.rasid("backtest", str(path))
    assert (result.exit_code, "give it the name of the one it stands for" in result.stderr) == (3, True)


# --- words ---------------------------------------------------------------------------------------------------


def test_a_plot_is_as_high_as_its_highest_day() -> None:
    card = a_card("r")
    this = Difference("r", {WAS: card, IS: card})
    first, last = date(2026, 11, 1), date(2026, 11, 4)
    this.days[WAS].update({first: 1, last: 8})
    this.days[IS].update({first: 4})
    assert list(words.plotted(words.plot(this, first, last))) == [
        "▁··█  was, at most 8 a day",
        "▄···  is, at most 4 a day",
        "1 Nov 4 Nov",
    ]


def test_causes_are_named_by_what_they_mean() -> None:
    this = Difference("r", {})
    this.causes["gained"].update({Cause("term", "هجمة"): 21, Cause("none", "exercise"): 8})
    this.asked["gained"].update({True: 8, False: 8})
    assert words.causes(this, "gained") == "هجمة\u200e 21, no longer none: exercise about 16"
    this.causes["lost"].update({Cause("none", "memorial"): 2, Cause("term", "siege"): 1})
    assert words.causes(this, "lost") == "none: memorial 2, without siege 1"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* [link](x) <b>", "\\*bold\\* \\[link\\]\\(x\\) \\<b\\>"),
        ("@team see #12", "@\u2060team see #\u206012"),
        ("# heading", "\u2060# heading"),
        ("1. item\nnext", "\u20601. item next"),
        ("a | b `c`", "a \\| b \\`c\\`"),
    ],
)
def test_text_of_articles_makes_no_markdown(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_hits_are_bold_and_the_rest_is_text() -> None:
    assert marked("- an *attack* on", [(6, 12)]) == "\u2060- an \\***attack**\\* on"
