"""`rasid check` and `rasid test`: every problem of configuration and rules in one run, with exit codes."""

from __future__ import annotations

import json
import re

from click.testing import CliRunner

from monitor.cli import main
from monitor.rules.breadth import ENOUGH
from tests.flows.site import RULES, Site

EXAMPLES = """
    examples:
      hit:
        - وقع هجوم في الشمال
      miss:
        - text: Nothing happened.
"""
GOOD = RULES.replace("    note: Call the desk.\n", "    note: Call the desk." + EXAMPLES)
BAD = GOOD.replace("Nothing happened.", "An attack happened.")


def test_a_good_site_is_fine(site: Site) -> None:
    site.rules = GOOD
    site.write()
    result = site.rasid("check")
    assert (result.exit_code, result.stdout) == (0, "all fine: 2 rules, 2 examples, 1 source, 1 channel\n")


def test_problems_of_configuration_options_and_rules_are_told_together(site: Site) -> None:
    site.channels["desk"] = "{kind: webhook, ulr: x}"
    site.sources["news"] = "{url: 'ftp://x.example/', sinc: 24h}"
    site.rules = RULES.replace("[هجوم, attack]", "[$atack]")
    site.write()
    result = site.rasid("check")
    assert result.exit_code == 3
    for pattern in (
        r"monitor\.yaml:\d+:\d+: channel 'desk': unknown option 'ulr' \(did you mean 'url'\?\)",
        r"monitor\.yaml:\d+:\d+: source 'news': unknown option 'sinc' \(did you mean 'since'\?\)",
        r"rules\.yaml:7:\d+: rule 'attack': unknown name '\$atack'",
    ):
        assert re.search(pattern, result.stdout), (pattern, result.stdout)
    assert re.fullmatch(r"\d+ errors", result.stdout.splitlines()[-1])


def test_a_faulty_configuration_exits_3_with_its_lines(site: Site) -> None:
    site.extra = "databse: x"
    site.write()
    result = site.rasid("check")
    assert (result.exit_code, "unknown key 'databse' (did you mean 'database'?)" in result.stdout) == (3, True)


def test_a_suite_of_tests_that_cannot_be_read_is_an_error_at_its_place(site: Site) -> None:
    (site.folder / "tests").mkdir()
    suite = site.folder / "tests" / "attack.test.yaml"
    suite.write_text("version: 1\nrules: [../rules.yaml]\ntests:\n  one: {articls: [], expect: []}\n")
    faulty = site.rasid("check")
    assert faulty.exit_code == 3
    assert f"{suite}:4:9: test 'one': unknown key 'articls' (did you mean 'articles'?)" in faulty.stdout
    assert "articles: expected a list of articles with at, title or text, not an empty list" in faulty.stdout

    suite.write_text(
        "version: 1\nrules: [../rules.yaml]\ntests:\n  one: {articles: [{at: 0s, text: x}], expect: []}\n"
    )
    good = site.rasid("check")
    assert (good.exit_code, "1 suite" in good.stdout) == (0, True)


def test_an_option_is_told_at_its_own_place_and_a_kind_with_a_hint(site: Site) -> None:
    site.sources["wire"] = "{folder: drop, evry: 2m}"
    site.channels["desk"] = "{kind: webhok}"
    site.write()
    said = site.rasid("check").stdout
    assert "monitor.yaml:6:30: source 'wire': unknown option 'evry' (did you mean 'every'?)" in said
    assert "monitor.yaml:9:16: channel 'desk': unknown kind 'webhok' (did you mean 'webhook'?)" in said


def test_rules_that_are_not_there_are_told_once(site: Site) -> None:
    site.rules_path = "nowhere"
    site.write()
    assert [line.partition("rules: ")[2] for line in site.rasid("check").stdout.splitlines()[:-1]] == [
        f"there is no {str(site.folder / 'nowhere')!r}; a path is relative to this file"
    ]


def test_a_failing_example_is_an_error_at_its_place(site: Site) -> None:
    site.rules = BAD
    site.write()
    result = site.rasid("check")
    assert result.exit_code == 3
    assert re.search(r"rules\.yaml:14:\d+: rule 'attack'", result.stdout), result.stdout


def test_warnings_pass_unless_strict(site: Site) -> None:
    site.extra = 'web: {listen: "0.0.0.0:9464"}'
    site.write()
    assert site.rasid("check").exit_code == 0
    result = site.rasid("check", "--strict")
    assert (result.exit_code, "whoever reaches this address" in result.stdout) == (1, True)


def test_json_lists_the_problems(site: Site) -> None:
    site.extra = 'web: {listen: "0.0.0.0:9464"}'
    site.write()
    (row,) = json.loads(site.rasid("check", "--json").stdout)
    assert (row["level"], row["line"] > 0, row["file"]) == ("warning", True, str(site.config))


def test_no_secret_is_printed_by_check(site: Site) -> None:
    site.channels["desk"] = "{kind: webhook, url: '${env:DESK}', headers: {X-Key: '${env:KEY}'}}"
    site.write()
    env = {"DESK": "canary-that-is-no-url", "KEY": "canary\nkey"}
    result = site.rasid("check", env=env)
    assert (result.exit_code, "canary" in result.output) == (3, False)


def test_test_runs_the_examples_and_counts_them(site: Site) -> None:
    site.rules = GOOD
    site.write()
    result = site.rasid("test")
    assert (result.exit_code, result.stdout) == (0, "2 examples of 1 rule hold; 1 rule has none: storm\n")


def test_test_shows_a_failing_example_with_what_was_found(site: Site) -> None:
    site.rules = BAD
    site.write()
    result = site.rasid("test")
    assert result.exit_code == 1
    assert "An attack happened." in result.stdout
    assert re.match(r".*rules\.yaml:14:\d+: rule 'attack': example fails: expected a miss", result.stdout)
    assert result.stdout.splitlines()[-1] == "1 example failed"


def test_rules_lists_what_is_active(site: Site) -> None:
    site.rules = RULES + "  quiet: {title: Off for now, status: off, match: {any: [peace]}}\n"
    site.write()
    rows = {row["id"]: row for row in site.json("rules")}
    assert (rows["attack"]["state"], rows["attack"]["notify"], rows["quiet"]["state"]) == ("on", ["desk"], "off")


def test_check_takes_rule_files_without_a_configuration(site: Site) -> None:
    site.rules = GOOD
    site.write()
    result = CliRunner().invoke(main, ["check", "--rules", str(site.folder / "rules.yaml")])
    assert (result.exit_code, result.stdout) == (0, "all fine: 2 rules, 2 examples\n")


def test_a_clause_that_can_never_hold_is_a_warning_at_its_place(site: Site) -> None:
    site.rules = RULES.replace("{all: [storm, coast], within: sentence}", "{all: [storm, coast], none: [storm]}")
    site.write()
    result = site.rasid("check", "--strict")
    assert result.exit_code == 1
    assert re.search(
        r"rules\.yaml:13:41: warning: rule 'storm': none 'storm' takes away every hit of 'storm'", result.stdout
    )


def test_a_word_of_most_sample_articles_is_told_while_the_archive_is_small(site: Site) -> None:
    site.rules = RULES.replace("[هجوم, attack]", "[the, attack]")
    site.write()
    pattern = (
        r"rules\.yaml:7:19: warning: rule 'attack': 'the' hits \d+% of the articles in Latin letters in the sample"
    )
    assert re.search(pattern, site.rasid("check").stdout)


def test_a_term_that_hits_too_much_of_the_archive_is_told_with_its_figure(site: Site) -> None:
    site.put("many.json", *({"title": f"Number {n}", "text": f"Bread {n} was sold."} for n in range(ENOUGH - 6)))
    site.put("few.json", *({"title": f"Attack number {n}", "text": f"It was case {n}."} for n in range(6)))
    assert site.rasid("run", "--once").exit_code == 0
    line, *_ = site.rasid("check").stdout.splitlines()
    assert line.endswith(
        "rules.yaml:7:25: warning: rule 'attack': 'attack' hits 1.2% of the archive (6 of 500 articles); rule "
        "'attack' needs nothing close to it; write a longer phrase, or put more beside it with 'all' and 'within'"
    )


GUARDED = """
rules:
  attack:
    match: {all: [attack, harbour], within: sentence, none: [drill, film]}
    examples:
      hit: [An attack on the harbour.]
      miss:
        - An attack drill in the harbour.
  storm: {match: storm}
"""


def test_guards_that_no_example_notices_are_named_at_their_place(site: Site) -> None:
    path = site.folder / "rules.yaml"
    path.write_text(GUARDED)
    result = CliRunner().invoke(main, ["test", "--guards", "--rules", str(path)])
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            "2 examples of 1 rule hold; 1 rule has none: storm",
            "2 of 3 guards are noticed by no example:",
            "",
            f"{path}:4:45: rule 'attack': without within 'sentence' every example comes out the same",
            f"{path}:4:69: rule 'attack': without none 'film' every example comes out the same",
            "",
            "Nothing would tell you if one of these were wrong or lost. Add a miss that only this guard keeps away "
            "(because: and its name), or leave the guard out.",
        ],
    )
    assert CliRunner().invoke(main, ["test", "--guards", "--strict", "--rules", str(path)]).exit_code == 1


def test_guards_as_json_say_which_are_noticed(site: Site) -> None:
    path = site.folder / "rules.yaml"
    path.write_text(GUARDED)
    found = json.loads(CliRunner().invoke(main, ["test", "--guards", "--json", "--rules", str(path)]).stdout)
    assert found["examples"] == {"hold": 2, "failed": [], "rules_without": ["storm"]}
    assert [(one["guard"], one["what"], one["noticed"], one["line"], one["column"]) for one in found["guards"]] == [
        ("within", "sentence", False, 4, 45),
        ("none", "drill", True, 4, 62),
        ("none", "film", False, 4, 69),
    ]
    assert {(one["of"], one["id"], *one["rules"]) for one in found["guards"]} == {("rule", "attack", "attack")}


def test_a_rule_whose_guards_are_all_noticed_says_so(site: Site) -> None:
    path = site.folder / "rules.yaml"
    path.write_text(GUARDED.replace(", film", "").replace("within: sentence, ", ""))
    result = CliRunner().invoke(main, ["test", "--guards", "--strict", "--rules", str(path), "attack"])
    assert (result.exit_code, result.stdout) == (
        0,
        "2 examples of 1 rule hold\n1 guard: an example notices when any one of them is taken out\n",
    )


def test_a_failing_example_as_json_has_its_place(site: Site) -> None:
    site.rules = BAD
    site.write()
    result = site.rasid("test", "--json")
    (failed,) = json.loads(result.stdout)["examples"]["failed"]
    assert (result.exit_code, failed["line"], "expected a miss" in failed["message"]) == (1, 14, True)


def test_test_takes_rule_files_without_a_configuration_and_one_rule(site: Site) -> None:
    site.rules = GOOD
    site.write()
    path = str(site.folder / "rules.yaml")
    assert CliRunner().invoke(main, ["test", "--rules", path, "attack"]).stdout == "2 examples of 1 rule hold\n"
    result = CliRunner().invoke(main, ["test", "--rules", path, "atack"])
    assert (result.exit_code, "there is no rule 'atack' (did you mean 'attack'?)" in result.stderr) == (1, True)
