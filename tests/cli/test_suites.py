"""`rasid test` with suites: beside the rules, by name, for one rule; what fails is shown, and reported to CI."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from monitor.cli import main
from monitor.cli._junit import Case, Report, lines
from tests.conftest import ROOT
from tests.flows.site import Site

SCHEMA = etree.XMLSchema(etree.parse(str(Path(__file__).with_name("junit.xsd"))))

SUITE = """version: 1
rules: [../rules.yaml]
defaults: {notify: [desk]}
tests:
  an-attack-is-told:
    articles:
      - at: 0s
        title: هجوم على مستودع
        text: وقع هجوم على مستودع للوقود فجر الأحد.
    expect:
      - at: 30s
        channel: desk
        rules: [attack]
  a-storm-is-stored-only:
    articles:
      - at: 0s
        text: A storm reached the coast on Monday.
    expect: []
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site whose rules have a suite in the folder `tests` beside them."""
    made = Site(folder=tmp_path, channels={"desk": "{kind: stdout}"})
    (tmp_path / "tests").mkdir()
    write(made, SUITE)
    return made


def write(site: Site, text: str) -> Path:
    path = site.folder / "tests" / "news.test.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def broken(site: Site) -> Path:
    """A suite that expects the storm too, and a rule that no article has."""
    return write(site, SUITE.replace("expect: []", "expect: [{at: 30s, channel: desk, rules: [storm]}]"))


def test_suites_beside_the_rules_run_with_the_examples(site: Site) -> None:
    result = site.rasid("test")
    assert result.exit_code == 0, result.output
    assert "2 tests of 1 suite hold" in result.stdout


def test_without_suites_nothing_is_said_of_them(site: Site) -> None:
    (site.folder / "tests" / "news.test.yaml").unlink()
    assert "suite" not in site.rasid("test").stdout


def test_a_failing_test_shows_the_tree_of_its_rule_and_exits_1(site: Site) -> None:
    path = write(site, SUITE.replace("وقع هجوم على", "جرى بيع").replace("هجوم على مستودع", "بيع مستودع"))
    result = site.rasid("test")
    assert result.exit_code == 1
    shown = result.stdout
    assert f"{path}:11:9: test 'an-attack-is-told': nothing was told on desk at 30s" in shown
    assert "  article 1, at 0s: بيع مستودع" in shown
    assert "    attack does not match this article:" in shown
    assert "      ✗ any of these" in shown
    assert "1 test failed; 1 test of 1 suite holds" in shown


def test_what_became_of_a_match_stands_beside_its_tree(site: Site) -> None:
    broken(site)
    shown = site.rasid("test", "storm").stdout
    assert "    storm matches this article.\n      store-only: the rule notifies no channel" in shown
    assert "1 test failed; no tests of 1 suite hold" in shown


def test_one_suite_needs_no_configuration(site: Site) -> None:
    path = broken(site)
    result = CliRunner().invoke(main, ["test", "--suite", str(path)], env={"RASID_CONFIG": None})
    assert result.exit_code == 1
    assert "1 test failed; 1 test of 1 suite holds" in result.stdout
    assert "example" not in result.stdout
    held = CliRunner().invoke(main, ["test", "--suite", str(path), "attack"], env={"RASID_CONFIG": None})
    assert (held.exit_code, held.stdout) == (0, "1 test of 1 suite holds\n")


def test_rules_given_by_path_bring_their_suites(site: Site) -> None:
    broken(site)
    site.rules = site.rules.replace("high\n", "high\n    notify: [desk]\n", 1)
    site.write()
    arguments = ["test", "--rules", str(site.folder / "rules.yaml")]
    result = CliRunner().invoke(main, arguments, env={"RASID_CONFIG": None})
    assert (result.exit_code, "1 test failed" in result.stdout) == (1, True), result.output


def test_json_says_what_was_told(site: Site) -> None:
    broken(site)
    result = site.rasid("test", "--json")
    (suite,) = json.loads(result.stdout)["suites"]
    told, stored = suite["tests"]
    assert result.exit_code == 1
    assert (told["holds"], stored["holds"]) == (True, False)
    assert told["alerts"] == [
        {"at": "30s", "channel": "desk", "rules": ["attack"], "articles": [1], "sequence": 1, "severity": "high"}
    ]
    (failure,) = stored["failures"]
    assert (failure["line"], failure["column"]) == (18, 14)
    assert "nothing was told on desk at 30s" in failure["message"]


def test_faults_of_every_suite_come_in_one_run_with_their_places(site: Site) -> None:
    path = write(site, SUITE.replace("at: 30s", "at: soon"))
    other = site.folder / "tests" / "other.test.yaml"
    other.write_text("rules: [nowhere]\ntests: {}\n")
    result = site.rasid("test")
    assert result.exit_code == 3
    assert f"{path}:11:13: test 'an-attack-is-told': expectation 1: at: 'soon' is no time" in result.stderr
    assert f"{other}:1:9: rules: there is no 'nowhere' beside the suite" in result.stderr


def test_junit_holds_examples_and_tests_and_is_valid(site: Site) -> None:
    broken(site)
    site.rules += "  flood: {match: flood, notify: [], examples: {hit: [A flood came, 'A dry <year> & more']}}\n"
    site.write()
    report = site.folder / "report.xml"
    assert site.rasid("test", "--junit", str(report)).exit_code == 1
    document = etree.parse(str(report))
    SCHEMA.assertValid(document)
    assert dict(document.getroot().attrib).items() >= {("tests", "3"), ("failures", "2")}
    (example, test) = document.findall(".//failure")
    assert "expected a hit, found none" in example.get("message")
    assert test.get("message").startswith(f"{site.folder}/tests/news.test.yaml:18:14: test 'a-storm-is-stored-only'")
    assert "store-only: the rule notifies no channel" in test.text


def test_a_report_that_cannot_be_written_is_said(site: Site) -> None:
    result = site.rasid("test", "--junit", str(site.folder / "none" / "report.xml"))
    assert (result.exit_code, "report.xml: cannot be written" in result.stderr) == (1, True)


def test_a_suite_names_the_rules_itself(site: Site) -> None:
    path = str(broken(site))
    assert site.rasid("test", "--suite", path, "--guards").exit_code == 2
    assert site.rasid("test", "--suite", path, "--rules", path).exit_code == 2


def test_text_that_xml_cannot_hold_is_made_fit() -> None:
    odd = "<b> & \"quoted\" 'text' \x1b[31m \x00 \ud800 هجوم ]]>\nnext"
    case = Case(odd, odd, 1.5, ((odd, odd), ("second", "")))
    document = etree.fromstring("\n".join(lines([Report(odd, (case, Case("fine", "g")))])).encode())
    SCHEMA.assertValid(document)
    (failure,) = document.findall(".//failure")
    assert "\ufffd" in failure.get("message") and "<b> & \"quoted\" 'text'" in failure.get("message")
    assert "]]>" in failure.text and failure.text.endswith("second")
    assert document.get("failures") == "1"


def test_the_shipped_suites_hold() -> None:
    result = CliRunner().invoke(main, ["test", "--rules", str(ROOT / "rules")], env={"RASID_CONFIG": None})
    assert result.exit_code == 0, result.output
    assert "3 tests of 1 suite hold" in result.stdout
