"""`rasid names`: what a list or an entity catches, in samples and in articles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli import main
from tests.flows.site import Site

RULES = """\
lists:
  attack:
    title: كلمات الهجوم
    words: [attack]
    exact: [IED]
    starts: [explo]
    patterns: ['bombs?']
    terms: [$weapon]
    not_part_of: [heart attack]
  weapon: {words: [rocket]}
entities:
  asad:
    title: قاعدة عين الأسد
    kind: base
    country: IQ
    names: [عين الأسد, Ain al-Asad]
rules:
  r: {match: {all: [$attack, $asad]}, notify: []}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


def names(rules: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["names", "--rules", str(rules), *arguments])


def page(folder: Path, text: str) -> str:
    path = folder / "page.json"
    path.write_text(json.dumps({"title": "Page", "text": text}), encoding="utf-8")
    return str(path)


def test_an_entity_shows_its_names_with_samples_and_what_files_held(rules: Path, tmp_path: Path) -> None:
    result = names(rules, "asad", page(tmp_path, "بعين الأسد ثم Ain al-Asad وبعين الأسد، بعين الأسد"))
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            f"entity asad  {rules}:12",
            "  kind base, IQ",
            "  قاعدة عين الأسد",
            "",
            "Names, without endings",
            "  عين الأسد",
            "      وعين الأسد · بعين الأسد · لعين الأسد",
            "      also as it is written in Latin letters (translit)",
            "  Ain al-Asad",
            "      Ain al-Asad's · Ain-al-Asad · Ain al Asad",
            "",
            "Found in 1 file (1 article)",
            "      2  بعين الأسد",
            "      1  Ain al-Asad",
            "      1  وبعين الأسد",
        ],
    )


def test_a_list_shows_its_terms_by_how_they_are_read_and_what_is_not_counted(rules: Path, tmp_path: Path) -> None:
    result = names(rules, "$attack", page(tmp_path, "A heart attack, an attack, IED, bombs, explosion, rocket."))
    assert result.stdout.splitlines()[1:] == [
        "  كلمات الهجوم",
        "",
        "Words, also with clitics, possessives and the endings of their grammar",
        "  attack",
        "      attack's",
        "",
        "Exactly so",
        "  IED",
        "",
        "Every word that begins so",
        "  explo",
        "",
        "Regular expressions",
        "  bombs?",
        "",
        "Everything of these too (rasid names ...)",
        "  weapon",
        "",
        "Not counted inside (not_part_of)",
        "  heart attack",
        "",
        "Found in 1 file (1 article)",
        "      1  IED",
        "      1  attack",
        "      1  bombs",
        "      1  explosion",
        "      1  rocket",
        "",
        "Not counted there, because it stands inside",
        "      1  heart attack",
    ]


NEEDY = """\
entities:
  minister:
    names: [Mohammed Ali]
    needs: {any: [oil minister, $opec], within: sentence}
lists:
  opec: {words: [OPEC]}
  many: {terms: [%s]}
  forms: {forms: [seize]}
"""


def test_a_name_that_needs_company_shows_which_and_where_it_stood_alone(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(NEEDY.replace("%s", "$opec"))
    text = "Mohammed Ali boxed. The oil minister Mohammed Ali spoke. OPEC heard Mohammed Ali."
    assert names(path, "minister", page(tmp_path, text)).stdout.splitlines()[-9:] == [
        "Counted only beside one of these (needs), within sentence",
        "  oil minister",
        "  $opec",
        "",
        "Found in 1 file (1 article)",
        "      2  Mohammed Ali",
        "",
        "Not counted there, because what it needs is not beside it",
        "      1  Mohammed Ali",
    ]


def test_a_list_of_very_many_names_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(NEEDY.replace("%s", ", ".join(["$opec"] * 42)))
    assert "  opec\n  and 2 more\n" in names(path, "many", page(tmp_path, "x")).stdout


def test_every_inflected_form_is_shown_as_a_sample(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(NEEDY.replace("%s", "$opec"))
    assert {"seized", "seizes", "seizing"} <= set(
        json.loads(names(path, "forms", "--json", page(tmp_path, "x")).stdout)["terms"][0]["samples"]
    )


def test_json_holds_the_same(rules: Path, tmp_path: Path) -> None:
    found = json.loads(names(rules, "attack", "--json", page(tmp_path, "A heart attack, an attack.")).stdout)
    assert (found["id"], found["sort"], found["line"], len(found["terms"])) == ("attack", "list", 2, 5)
    assert found["terms"][0] == {
        "text": "attack",
        "mode": "word",
        "name": False,
        "translit": False,
        "samples": ["attack's"],
        "not_part_of": ["heart attack"],
        "needs": [],
    }
    assert found["found"] == {
        "in": "1 file",
        "articles": 1,
        "forms": [{"text": "attack", "hits": 1}],
        "not_counted": [{"text": "attack", "inside": "heart attack", "hits": 1}],
    }


def test_without_files_the_sample_articles_are_looked_at(rules: Path) -> None:
    output = names(rules, "asad").stdout
    assert "Found in the sample articles in seeds/ (50 articles)" in output
    assert "عين الأسد\n" in output.partition("Found in")[2]


def test_a_form_found_nowhere_is_said(rules: Path, tmp_path: Path) -> None:
    assert names(rules, "weapon", page(tmp_path, "Nothing.")).stdout.endswith(
        "Found in 1 file (1 article)\n  nothing\n"
    )


def test_many_forms_are_cut_on_the_screen(rules: Path, tmp_path: Path) -> None:
    text = " ".join(f"explo{letter}{other}" for letter in "abcdefg" for other in "abcdefg")
    assert names(rules, "attack", page(tmp_path, text)).stdout.endswith("and 9 more; --json has all\n")


def test_the_configured_rules_are_used_without_rules(site: Site) -> None:
    site.rules = RULES
    site.write()
    assert site.json("names", "weapon")["terms"][0]["text"] == "rocket"


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("atack", "'atack' is no list and no entity (did you mean 'attack'?)"),
        ("r", "'r' is a rule; rasid test runs it"),
    ],
)
def test_an_id_that_catches_nothing_is_an_error(rules: Path, id: str, message: str) -> None:
    result = names(rules, id)
    assert (result.exit_code, result.stderr) == (1, f"{message}\n")


def test_a_file_that_cannot_be_read_is_told_and_the_others_count(rules: Path, tmp_path: Path) -> None:
    result = names(rules, "weapon", str(tmp_path / "gone.txt"), page(tmp_path, "A rocket."))
    assert (result.exit_code, "1  rocket" in result.stdout, "gone.txt: No such file" in result.stderr) == (
        1,
        True,
        True,
    )
    (tmp_path / "photo.png").write_bytes(b"x")
    assert "unknown kind of file" in names(rules, "weapon", str(tmp_path / "photo.png")).stderr
