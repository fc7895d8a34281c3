"""A guard is noticed when an example comes out otherwise without it."""

from __future__ import annotations

from pathlib import Path

from monitor.rulefiles import load_pack

FILE = """\
lists:
  attack:
    words: [attack, raid]
    not_part_of: [heart attack, panic attack]
  unused:
    words: [drill]
    not_part_of: [drill bit]
entities:
  who:
    cased: true
    names: [Bush]
    not_part_of: [Bush street]
rules:
  r:
    match:
      all: [$attack, $who]
      within: 5 words
      ordered: true
      none: [exercise, {any: [film], fields: [title]}]
      nowhere: [anniversary, {all: [old, news], within: sentence}]
    languages: [en]
    from: 2026-01-01
    examples:
      hit:
        - An attack on Bush was reported.
        - title: An old story
          text: An attack on Bush in a film was in the news.
      miss:
        - A heart attack made Bush ill.
        - text: An attack on Bush was an exercise.
          because: none
        - A raid and Bush on the anniversary.
        - An attack hit a bush.
        - Bush spoke of an attack.
        - {text: An attack on Bush, language: fr}
  plain:
    match: {all: [$attack, flood], within: sentence}
    examples:
      hit: [An attack and a flood.]
      miss: [Panic attack and flood. Quiet.]
  untried:
    match: {all: [$attack, storm], within: sentence}
"""


def verdicts(folder: Path, rule: str | None = None, text: str = FILE) -> dict[str, bool]:
    """Whether each guard is noticed, by `id line key what`."""
    file = folder / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    pack = load_pack(file)
    return {
        f"{guard.id}: {guard.key} {guard.what}": verdict.is_noticed for guard, verdict in pack.guards(rule).items()
    }


def test_each_guard_is_taken_out_by_itself(tmp_path: Path) -> None:
    assert verdicts(tmp_path) == {
        "r: within 5 words": True,  # with it goes `ordered`
        "r: ordered true": True,
        "r: none exercise": True,
        "r: none (film in title)": False,
        "r: nowhere anniversary": True,
        "r: nowhere (old and news within sentence)": False,
        "r: fields title": True,  # the second hit has a film in its text
        "r: within sentence": True,  # the second hit has old news in two sentences
        "r: languages en": True,
        "r: from 2026-01-01 00:00 UTC": False,
        "plain: within sentence": False,
        "attack: not_part_of heart attack": True,
        "attack: not_part_of panic attack": True,
        "who: cased true": True,
        "who: not_part_of Bush street": False,
    }


def test_a_guard_of_a_list_is_noticed_by_any_rule_that_uses_it(tmp_path: Path) -> None:
    alone = verdicts(tmp_path, "plain")
    assert alone == {
        "plain: within sentence": False,
        "attack: not_part_of heart attack": False,
        "attack: not_part_of panic attack": True,
    }


def test_a_miss_that_stays_one_notices_when_it_named_the_guard(tmp_path: Path) -> None:
    named = verdicts(tmp_path, text=AWAY.format(because=", because: none"))
    unnamed = verdicts(tmp_path, text=AWAY.format(because=""))
    assert (named["r: none drill"], unnamed["r: none drill"]) == (True, False)


AWAY = """\
rules:
  r:
    match: {{all: [attack, flood], none: [drill]}}
    examples:
      hit: [attack and flood]
      miss: [{{text: attack in a drill{because}}}]
"""


def test_a_guard_in_a_rule_that_others_name_is_judged_with_all_of_them(tmp_path: Path) -> None:
    text = """\
rules:
  inner:
    match: {any: [attack], none: [drill]}
    examples: {hit: [an attack]}
  outer:
    match: {all: [$inner, flood]}
    examples:
      hit: [an attack and a flood]
      miss: [an attack and a flood in a drill]
"""
    file = tmp_path / "rules.yaml"
    file.write_text(text)
    pack = load_pack(file)
    ((guard, verdict),) = pack.guards().items()
    assert (guard.id, guard.path, verdict.rules, verdict.is_noticed) == (
        "inner",
        ("rules", "inner", "match", "none", 0),
        ("inner", "outer"),
        True,
    )


def test_points_that_take_away_and_days_are_guards(tmp_path: Path) -> None:
    text = """\
lists:
  leak: {words: [leak], not_part_of: [leak test]}
rules:
  r:
    match: {at_least: 5, points: {5: [$leak, {term: Bush, cased: true}], -4: [hiring], -3: [film]}}
    until: 2026-02-01
    examples:
      hit: [a leak]
      miss: [a leak in hiring, a leak test, a bush]
"""
    assert verdicts(tmp_path, text=text.replace("[a leak in hiring, a leak test, a bush]", "[a leak in hiring]")) == {
        "r: points -4 hiring": True,
        "r: points -3 film": False,
        "r: until 2026-02-01 00:00 UTC": False,
        "leak: not_part_of leak test": False,
        "r: cased true": False,
    }


def test_a_query_has_guards_of_its_own(tmp_path: Path) -> None:
    text = """\
rules:
  r:
    match:
      query: attack NEAR/3 port NOT title:film
    examples:
      hit: [attack in port]
      miss: [{title: film, text: attack in port, because: query}]
"""
    assert verdicts(tmp_path, text=text) == {
        "r: within 3 words": False,
        "r: nowhere (film in title)": True,
        "r: fields title": False,
    }


def test_a_guard_is_named_by_what_it_looks_for(tmp_path: Path) -> None:
    text = """\
lists: {l: {words: [one]}}
entities: {e: {kind: base, names: [Ain]}}
rules:
  r:
    match:
      all: [attack]
      none:
        - {all: [$l, two], any: [three, {entity: {kind: base}}]}
        - {at_least: 2, of: [four, five, $e]}
        - {at_least: 4, points: {2: [six, seven]}}
        - {none: [eight], nowhere: [nine]}
    examples: {hit: [attack and eight]}
"""
    assert [name.removeprefix("r: none ") for name in verdicts(tmp_path, text=text)] == [
        "(($l and two) and (three or entity kind base))",
        "(2 of four, five, $e)",
        "(4 points of six, seven)",
        "(nothing of eight or nine)",
        "eight",
        "r: nowhere nine",
    ]


def test_what_a_name_needs_is_a_guard(tmp_path: Path) -> None:
    text = """\
entities:
  minister:
    cased: true
    names: [Ali]
    not_part_of: [Ali Pasha]
    needs: {any: [oil], within: sentence}
  other: {names: [Omar], needs: {any: [gas]}}
rules:
  r:
    match: [$minister, $other]
    examples:
      hit:
        - Ali sold oil.
        - Omar sold gas.
      miss:
        - Ali boxed.
        - Ali Pasha sold oil.
"""
    assert verdicts(tmp_path, text=text) == {
        "minister: not_part_of Ali Pasha": True,
        "minister: needs oil within sentence": True,
        "minister: cased true": False,
        "other: needs gas within paragraph": False,
    }
