"""While a rule file is faulty: what commands answer, by which rules, and how they exit."""

from __future__ import annotations

import pytest

from tests.flows.site import ATTACK, Site


@pytest.fixture
def broken(site: Site) -> Site:
    """A site that ran, and whose only rule file then got a fault."""
    site.put("one.json", ATTACK)
    assert site.rasid("run", "--once").exit_code == 0
    site.rules = site.rules.replace("match: {any: [هجوم, attack]}", "match: {any: [$atack]}")
    site.write()
    return site


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["rules"], "attack  on     high      desk"),
        (["route", "--rule", "attack"], "desk: told at"),
        (["explain", "ARTICLE", "attack"], "attack matches this article."),
        (["explain", "FILE"], "Told on desk"),
    ],
)
def test_what_is_asked_about_telling_is_answered_by_the_last_good_rules_and_exits_3(
    broken: Site, arguments: list[str], answer: str
) -> None:
    told = {"ARTICLE": str(broken.json("matches")[0]["article"]), "FILE": str(next(broken.drop.rglob("one.json")))}

    result = broken.rasid(*(told.get(word, word) for word in arguments))

    assert (result.exit_code, answer in result.stdout) == (3, True)
    assert "rules.yaml:7:19: rule 'attack': unknown name '$atack'" in result.stderr
    assert " goes on" in result.stderr


@pytest.mark.parametrize(
    "arguments", [["check"], ["test"], ["names", "attack"], ["backtest", "rules.yaml"], ["search", "$attack"]]
)
def test_what_is_asked_about_the_files_names_the_fault_and_exits_3(broken: Site, arguments: list[str]) -> None:
    result = broken.rasid(*(str(broken.folder / word) if word.endswith(".yaml") else word for word in arguments))

    assert (result.exit_code, "unknown name '$atack'" in result.output) == (3, True)


@pytest.mark.parametrize("arguments", [["matches"], ["deliveries"], ["search", "attack"], ["stories"], ["status"]])
def test_what_only_reads_the_archive_is_not_touched(broken: Site, arguments: list[str]) -> None:
    assert broken.rasid(*arguments).exit_code == 0


@pytest.mark.parametrize("arguments", [["rules"], ["route", "--rule", "attack"], ["explain", "PAGE", "attack"]])
@pytest.mark.parametrize(
    ("sound", "faulty", "told"),
    [
        ("match: {any: [هجوم, attack]}", "match: {any: [$atack]}", "unknown name '$atack'"),
        ("    note: Call", "    examples: {hit: [nothing of it]}\n    note: Call", "example fails: expected a hit"),
    ],
    ids=["never good", "its example fails"],
)
def test_a_rule_without_a_good_text_exits_3(
    site: Site, arguments: list[str], sound: str, faulty: str, told: str
) -> None:
    site.rules = site.rules.replace(sound, faulty)
    site.write()
    page = site.folder / "page.txt"
    page.write_text("An attack.")

    result = site.rasid(*(str(page) if word == "PAGE" else word for word in arguments))

    assert (result.exit_code, told in result.stderr) == (3, True)


def test_a_rule_that_is_off_is_no_fault(site: Site) -> None:
    site.rules = site.rules.replace("    note: Call", "    status: off\n    note: Call")
    site.write()

    asked = site.rasid("route", "--rule", "attack")

    assert site.rasid("rules").exit_code == 0
    assert (asked.exit_code, "rule 'attack' is not active: its status is off" in asked.stderr) == (2, True)
