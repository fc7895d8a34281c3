"""Each slip and fault of a rule file is told at its place, with what was expected and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.build import problems, warnings

NO_NAME = ": no list, entity or rule has this id. To look for the word itself leave out the '$'"

START = """\
lists:
  attack: {words: [attack, strike]}
entities:
  asad: {kind: base, names: [Ain al-Asad]}
rules:
  r:
    title: T
"""


def messages(folder: Path, lines: str, **options: object) -> list[str]:
    """Problems of a rule with these lines, after a list and an entity; its lines begin at 8."""
    return problems(folder, START + "".join(f"    {line}\n" for line in lines.splitlines()), **options)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("match: $atacks", "8:12: rule 'r': unknown name '$atacks' (did you mean '$attack'?)"),
        ("match: $xyz", f"8:12: rule 'r': unknown name '$xyz'{NO_NAME}"),
        (
            "match: [تدريب، مناورة]",
            "8:13: rule 'r': 'تدريب، مناورة': the sign '،' separates nothing, this is one term; write an English "
            "comma or one a line",
        ),
        ("match:\n  -", "9:8: rule 'r': an empty item (a text that begins with '#' must be in quotes)"),
        ("match: []", "8:12: rule 'r': nothing stands here"),
        ("match: {}", "8:12: rule 'r': nothing stands here"),
        ("match: {all: []}", "8:18: rule 'r': nothing stands here"),
        (
            "match:\n  - Breaking: attack",
            "9:9: rule 'r': unknown key 'Breaking'; known are all, any, at_least, of, points, mentions, entity, "
            "query, within, ordered, fields, none, nowhere. If 'Breaking: ...' is a text to look for, put it in "
            "quotes: ': ' makes a mapping",
        ),
        (
            "match: {all: [a1], zzzz: [b]}",
            "8:24: rule 'r': unknown key 'zzzz'; known are all, any, at_least, of, points, "
            "mentions, entity, query, within, ordered, fields, none, nowhere",
        ),
        ("match: {all: [a1], not: [b]}", "8:24: rule 'r': unknown key 'not' (did you mean 'none'?)"),
        (
            "match:\n  - “Breaking: attack”",
            "9:9: rule 'r': unknown key '“Breaking'; known are all, any, at_least, of, points, mentions, entity, "
            "query, within, ordered, fields, none, nowhere. If '“Breaking: ...' is a text to look for, put it in "
            "straight quotes (not “ ”): ': ' makes a mapping",
        ),
        ("match: {all: [a1], witin: sentence}", "8:24: rule 'r': unknown key 'witin' (did you mean 'within'?)"),
        ("match: {term: WHO, casd: true}", "8:24: rule 'r': unknown key 'casd' (did you mean 'cased'?)"),
        (
            "match: {all: [a1], cased: true}",
            "8:24: rule 'r': 'cased' belongs to a spelt-out term: {term: ..., cased: ...}",
        ),
        (
            "match: [/car bomb/, b]",
            "8:13: rule 'r': '/car bomb/': a regular expression inside [...] must be in single quotes, because "
            "YAML splits "
            "it at , [ ] { }; or write one item a line",
        ),
        (
            "match: ['/car bomb']",
            "8:13: rule 'r': '/car bomb' begins a regular expression that does not end with '/'",
        ),
        (
            "match: {none: [a1]}",
            "8:12: rule 'r': there is nothing to look for: 'none' and 'nowhere' only take matches away",
        ),
        (
            "match: {all: [{none: [a1]}]}",
            "8:12: rule 'r': there is nothing to look for: 'none' and 'nowhere' only take matches away",
        ),
        (
            "match: [a1, {none: [b1]}]",
            "8:12: rule 'r': each alternative of 'any' must have something to look for, not only 'none' or 'nowhere'",
        ),
        (
            "match: {at_least: 1, of: [{none: [b1]}]}",
            "8:30: rule 'r': each item of 'of' must have something to look for, not only 'none' or 'nowhere'",
        ),
        (
            "match: {all: [{none: [a1]}], within: sentence}",
            "8:42: rule 'r': 'within' needs something to look for beside it: all, any or at_least",
        ),
        ("match: {all: [a1], ordered: true}", "8:24: rule 'r': 'ordered' needs a 'within' beside it"),
        (
            "match: {all: [a1], within: sentence, ordered: maybe}",
            "8:51: rule 'r': ordered: 'maybe' is neither true nor false",
        ),
        (
            "match: {all: [a1], within: 5}",
            "8:32: rule 'r': within: expected sentence, paragraph or N words (at most 10000), not the text '5' "
            "(did you mean "
            "'5 words'?)",
        ),
        (
            "match: {all: [a1], within: sentnce}",
            "8:32: rule 'r': within: expected sentence, paragraph or N words (at most 10000), not the text 'sentnce' "
            "(did you mean 'sentence'?)",
        ),
        (
            "match: {all: [a1], within: [b]}",
            "8:32: rule 'r': within: expected sentence, paragraph or N words (at most 10000), not a list",
        ),
        (
            "match: {all: [a1,b1,c1,d1,e1,f1,g1,h1,i1,j1,k1,l1,m1], within: paragraph}",
            "8:68: rule 'r': 'within' combines at most 12 things, not 13",
        ),
        (
            "match: {all: [a1], fields: [titel]}",
            "8:32: rule 'r': fields: unknown field 'titel' (did you mean 'title'?)",
        ),
        ("match: {all: [a1], fields: []}", "8:32: rule 'r': fields: nothing stands here"),
        ("match: {all: [a1], fields: {a: b}}", "8:32: rule 'r': fields: expected a list, not a mapping"),
        ("match: {at_least: 3, of: [a1, b1]}", "8:23: rule 'r': at_least 3 of 2 can never hold"),
        ("match: {at_least: 3, of: $attack}", "8:23: rule 'r': at_least 3 of 2 can never hold"),
        ("match: {at_least: 0, of: [a1]}", "8:23: rule 'r': at_least: '0' is not a whole number from 1 to 1000"),
        ("match: {at_least: 1, of: []}", "8:30: rule 'r': nothing stands here"),
        ("match: {at_least: 2}", "8:13: rule 'r': 'at_least' needs 'of: [...]' or 'points: {...}' beside it"),
        ("match: {all: [a1], of: [b1]}", "8:24: rule 'r': 'of' needs 'at_least: N' beside it"),
        ("match: {at_least: 1, of: $r}", "8:30: rule 'r': a circle of references: $r -> $r"),
        (
            "match: {entity: asad}",
            "8:21: rule 'r': expected a selection such as entity: {id: ...}, not the text 'asad'",
        ),
        (
            "match: {entity: []}",
            "8:21: rule 'r': expected a selection such as entity: {kind: ...}, not an empty list",
        ),
        ("match: {entity: {sort: base}}", "8:22: rule 'r': unknown key 'sort'; known are id, kind, country, tag"),
        ("match: {entity: {kind: []}}", "8:28: rule 'r': kind: nothing stands here"),
        ("match: {entity: {kind: bases}}", "8:21: rule 'r': no entity has the kind 'bases' (did you mean 'base'?)"),
        (
            "match: {at_least: 1, of: {entity: {kind: bases}}}",
            "8:39: rule 'r': no entity has the kind 'bases' (did you mean 'base'?)",
        ),
        ("match: {entity: {kind: base, id: x}}", "8:21: rule 'r': no entity has the id 'x'"),
        ("match: '~'", "8:12: rule 'r': nothing stands behind the mark"),
        ("match: '...'", "8:12: rule 'r': '...': holds no letter or digit, so it can never be found"),
        (
            "match: 'fire # now'",
            "8:12: rule 'r': 'fire # now': '#' is part of this term; a comment needs a space before its "
            "'#', and no quotes around both",
        ),
        (
            "match: fire, flood",
            "8:12: rule 'r': 'fire, flood': a phrase never crosses a comma; write one term a line",
        ),
        ("match: {points: {3: [a1]}}", "8:13: rule 'r': 'points' needs 'at_least: N' beside it"),
        (
            "match: {at_least: 1, points: {3: [a1]}, of: [b1]}",
            "8:26: rule 'r': 'at_least' counts 'of' or 'points', not both",
        ),
        (
            "match: {at_least: 1, points: [a1]}",
            "8:34: rule 'r': expected points and what earns them, such as {6: [leak]}, not a list",
        ),
        (
            "match: {at_least: 1, points: {}}",
            "8:34: rule 'r': expected points and what earns them, such as {6: [leak]}, not a mapping",
        ),
        (
            "match: {at_least: 1, points: {six: [a1], 2: [b1]}}",
            "8:35: rule 'r': 'six' is no number of points: 6, or -4 to take away",
        ),
        (
            "match: {at_least: 1, points: {0: [a1], 2: [b1]}}",
            "8:35: rule 'r': '0' is no number of points: 6, or -4 to take away",
        ),
        (
            "match: {at_least: 1, points: {2: ['']}}",
            "8:39: rule 'r': an empty item (a text that begins with '#' must be in quotes)",
        ),
        (
            "match: {at_least: 1, points: {2: [{none: [a1]}]}}",
            "8:38: rule 'r': each item must have something to look for, not only 'none' or 'nowhere'",
        ),
        (
            "match: {at_least: 9, points: {3: [a1, b1], -3: [c1]}}",
            "8:23: rule 'r': at_least 9 of at most 6 points can never hold",
        ),
        (
            "match: {at_least: 3, points: {3: [a1], 2: [$attack, a1]}}",
            "8:34: rule 'r': 'a1' stands twice: each counts once",
        ),
        (
            "match: {at_least: 1, of: [$attack, b1, $attack]}",
            "8:44: rule 'r': '$attack' stands twice: each counts once",
        ),
        ("match: {mentions: 0, any: [a1]}", "8:23: rule 'r': mentions: '0' is not a whole number from 1 to 1000"),
        (
            "match: {mentions: 2, none: [a1]}",
            "8:23: rule 'r': 'mentions' counts hits of all, any, at_least or entity beside it",
        ),
        (
            "match: {at_least: 3, points: {3: [a1]}, within: sentence}",
            "8:53: rule 'r': 'within' needs something beside it whose hits it can combine: points give none",
        ),
        (
            "match: {all: [{at_least: 3, points: {3: [a1]}}], within: sentence}",
            "8:62: rule 'r': 'within' needs something beside it whose hits it can combine: points give none",
        ),
        (
            "match: {all: [c1, {any: [b1, {at_least: 3, points: {3: [a1]}}]}], within: sentence}",
            "8:79: rule 'r': 'within' combines hits, and points give none: they cannot stand in 'any' or 'of' here",
        ),
        (
            "match: {at_least: 2, of: [b1, c1, {at_least: 3, points: {3: [a1]}}], within: 5 words}",
            "8:82: rule 'r': 'within' combines hits, and points give none: they cannot stand in 'any' or 'of' here",
        ),
        ("match: {query: [a1]}", "8:20: rule 'r': expected a query in one text, not a list"),
        (
            "match: [{query: 'a1 lang:ar'}, b1]",
            "8:21: rule 'r': 'lang:', 'source:' and 'publisher:' narrow a whole rule; this query is part of one",
        ),
        (
            "match: {query: 'NOT a1'}",
            "8:12: rule 'r': there is nothing to look for: 'none' and 'nowhere' only take matches away",
        ),
        ("match: {term: a1, mode: wrd}", "8:29: rule 'r': mode: unknown mode 'wrd' (did you mean 'word'?)"),
        ("match: {term: a1, fold: loose}", "8:29: rule 'r': fold: expected 'strict', not the text 'loose'"),
        ("match: {term: a1, clitics: never}", "8:32: rule 'r': clitics: expected 'always', not the text 'never'"),
        (
            "match: {term: a1, not_part_of: [$attack]}",
            "8:37: rule 'r': '$attack': not_part_of takes terms, not references",
        ),
        (
            "match: {term: a1, not_part_of: ['']}",
            "8:37: rule 'r': an empty item (a text that begins with '#' must be in quotes)",
        ),
        (
            "match: {term: a1, not_part_of: [{term: b, x: y}]}",
            "8:47: rule 'r': unknown key 'x'; known are term, mode, lang, "
            "cased, name, translit, fold, clitics, not_part_of",
        ),
        ("titel: x\nmatch: a1", "8:5: rule 'r': unknown key 'titel' (did you mean 'title'?)"),
        ("severity: hihg\nmatch: a1", "8:15: rule 'r': severity: unknown severity 'hihg' (did you mean 'high'?)"),
        ("status: maybe\nmatch: a1", "8:13: rule 'r': status: unknown status 'maybe'; known are on, trial, off"),
        (
            "owner: {a: b}\nmatch: a1",
            "8:12: rule 'r': owner: expected a text; ': ' turned it into a mapping with the key "
            "'a'. Put the text in quotes",
        ),
        ("owner: [a]\nmatch: a1", "8:12: rule 'r': owner: expected a text, not a list"),
        (
            "note: ''\nmatch: a1",
            "8:11: rule 'r': note: the value is empty (a text that begins with '#' must be in quotes)",
        ),
        (
            "tags: [a؛ b]\nmatch: a1",
            "8:11: rule 'r': tags: 'a؛ b' is one item: '؛' separates nothing; write an English comma or one a line",
        ),
        (
            "from: 2026-13-01\nmatch: a1",
            "8:11: rule 'r': from: '2026-13-01' is not a date; write one such as 2026-11-01 or 2026-11-01 18:00",
        ),
        ("languages: {some: [ar]}\nmatch: a1", "8:17: rule 'r': unknown key 'some'; known are any, all, none"),
        ("alert: {throtle: 2h}\nmatch: a1", "8:13: rule 'r': unknown key 'throtle' (did you mean 'throttle'?)"),
        ("alert: soon\nmatch: a1", "8:12: rule 'r': alert: expected a mapping of keys"),
        (
            "alert: {group_by: [storey]}\nmatch: a1",
            "8:23: rule 'r': alert.group_by: unknown group key 'storey' (did you mean 'story'?)",
        ),
        (
            "alert: {throttle: 2 hours}\nmatch: a1",
            "8:23: rule 'r': alert.throttle: '2 hours' is not a duration; write a number "
            "and a unit, such as 30s, 15m, 2h or 7d",
        ),
        (
            "examples: soon\nmatch: a1",
            "8:15: rule 'r': examples: expected the keys hit and miss, not the text 'soon'",
        ),
        ("examples: {hits: [a1]}\nmatch: a1", "8:16: rule 'r': unknown key 'hits' (did you mean 'hit'?)"),
        (
            "examples: {hit: ['']}\nmatch: a1",
            "8:22: rule 'r': an empty hit example (a text that begins with '#' must be in quotes)",
        ),
        ("examples: {hit: [{source: x}]}\nmatch: a1", "8:22: rule 'r': an example needs a text or a title"),
        ("examples: {hit: [{text: a1, because: all}]}\nmatch: a1", "8:33: rule 'r': 'because' belongs to a miss"),
        (
            "examples: {miss: [{text: b, because: al}]}\nmatch: a1",
            "8:42: rule 'r': example: because: unknown reason 'al' (did you mean 'all'?)",
        ),
        (
            "examples: {hit: [{text: Basra, a flood}]}\nmatch: a1",
            "8:36: rule 'r': example: unknown key 'a flood'; known are "
            "title, text, source, publisher, language, published, entities, group, because. Was a text split at a "
            "comma or "
            "read as a key? Put it in quotes",
        ),
        (
            "examples: {hit: [An attack in Basra, two dead]}\nmatch: attack",
            "8:42: rule 'r': a new example begins at 'two dead', because YAML splits [...] at commas; write one "
            "example a line",
        ),
        ("owner: x", "6:3: rule 'r': it has no 'match'"),
        (
            "sources: [a، b]\nmatch: a1",
            "8:14: rule 'r': sources: 'a، b' is one item: '،' separates nothing; write an English comma or one a "
            "line",
        ),
        ("match: {entity: {kind: base, country: IQ}}", "8:21: rule 'r': no entity has the country 'IQ'"),
    ],
)
def test_each_slip_is_told_at_its_place_with_what_to_do(tmp_path: Path, lines: str, expected: str) -> None:
    assert messages(tmp_path, lines) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a", "1:1: expected the keys version, defaults, lists, entities, entities_from, rules, not a list"),
        ("rule: {}", "1:1: unknown key 'rule' (did you mean 'rules'?)"),
        ("rules: [a]", "1:8: rules: expected a mapping by id, not a list; write 'my-rule:' before its keys"),
        ("version: 2", "1:10: version 2 is not known here; this Rasid reads version 1"),
        ("version: one", "1:10: 'one' is not a whole number from 0 to 1000000"),
        (
            "rules: {Base: {match: a1}}",
            "1:9: rule 'Base': an id begins with a letter a-z and goes on with a-z, 0-9 and '-' (did you mean "
            "'base'?)",
        ),
        ("rules:\n  r:", "2:5: rule 'r': it is empty"),
        ("rules: {r: x}", "1:12: rule 'r': expected a mapping of keys, not the text 'x'"),
        ("defaults: {severty: low}", "1:12: defaults: unknown key 'severty' (did you mean 'severity'?)"),
        ("defaults: [a]", "1:11: defaults: expected a mapping of keys, not a list"),
        (
            "defaults: {alert: {group_wait: {a: b}}}",
            "1:32: defaults: alert.group_wait: expected a text; ': ' turned it into a mapping with the key 'a'. Put "
            "the text in quotes",
        ),
        (
            "lists: {x: {title: T}}",
            "1:9: list 'x': it holds no terms; write them under words, exact, starts, patterns or terms",
        ),
        ("lists: {x: {words: {a: b}}}", "1:20: list 'x': expected a list of texts, not a mapping"),
        ("lists: {x: {words: ''}}", "1:20: list 'x': nothing stands here"),
        (
            "lists: {x: {words: [a: b]}}",
            "1:21: list 'x': expected a text; ': ' turned it into a mapping with the key 'a'. Put the text in quotes",
        ),
        (
            "lists: {x: {words: [~a]}}",
            "1:21: list 'x': '~a': marks such as '~' stand under 'terms' or in 'match'; write the word without it",
        ),
        ("lists: {x: {words: [a*]}}", "1:21: list 'x': 'a*': '*' stands under 'terms'"),
        ("lists: {x: {starts: [explo*]}}", "1:22: list 'x': 'explo*': under 'starts' a beginning stands without '*'"),
        (
            "lists: {x: {starts: [ab]}}",
            "1:22: list 'x': 'ab': 'ab' is too short: a beginning needs at least 4 letters; write them out",
        ),
        (
            "lists: {x: {words: [$y]}}",
            "1:21: list 'x': '$y': a reference stands under 'terms' or in 'match', not here",
        ),
        (
            "lists: {x: {words: [/a/]}}",
            "1:21: list 'x': '/a/': a regular expression stands under 'patterns', without the slashes",
        ),
        (
            "lists: {x: {patterns: ['/a/']}}",
            "1:24: list 'x': '/a/': under 'patterns' an expression stands without the slashes",
        ),
        (
            "lists: {x: {patterns: [a(b|c)]}}",
            "1:24: list 'x': 'a(b|c)': a regular expression inside [...] must be in single "
            "quotes, because YAML splits it at , [ ] { }; or write one item a line",
        ),
        ("lists: {x: {terms: [$zz]}}", f"1:21: list 'x': unknown name '$zz'{NO_NAME}"),
        ("lists: {x: {terms: ['']}}", "1:21: list 'x': an empty item"),
        ("lists: {x: {terms: [[a]]}}", "1:21: list 'x': expected a term, not a list"),
        (
            "lists: {x: {terms: [/a/]}}",
            "1:21: list 'x': '/a/': a regular expression inside [...] must be in single quotes, "
            "because YAML splits it at , [ ] { }; or write one item a line",
        ),
        ("lists: {x: {terms: [$x]}}", "1:21: list 'x': a circle of references: $x -> $x"),
        (
            "lists: {x: {terms: [$r]}}\nrules: {r: {match: a1}}",
            "1:21: list 'x': a list takes lists and entities; '$r' is a rule",
        ),
        (
            "entities: {x: {kind: a, names: [x1]}, y: {kind: b, names: [y1]}}\n"
            "rules: {r: {match: {entity: {kind: a, id: y}}}}",
            "2:29: rule 'r': no entity has all of: entity kind a, id y",
        ),
        (
            "entities: {x: {names: [{term: ''}]}}",
            "1:31: entity 'x': term: the value is empty (a text that begins with '#' must be in quotes)",
        ),
        ("lists: {x: {terms: [{term: a1, mod: word}]}}", "1:32: list 'x': unknown key 'mod' (did you mean 'mode'?)"),
        ("entities: {x: {kind: base}}", "1:12: entity 'x': it has no names"),
        ("entities: {x: {names: [a1], place: {lat: north}}}", "1:42: entity 'x': place.lat: 'north' is not a number"),
        (
            "entities: {x: {names: [a1], place: {lng: 4}}}",
            "1:37: entity 'x': unknown key 'lng' (did you mean 'lon'?)",
        ),
        (
            "entities: {x: {names: [a1], needs: {all: [b]}}}",
            "1:36: entity 'x': expected {any: [terms or $names], within: sentence, paragraph or N words}",
        ),
        (
            "entities: {x: {names: [{term: a1, mod: word}]}}",
            "1:35: entity 'x': unknown key 'mod' (did you mean 'mode'?)",
        ),
    ],
)
def test_each_fault_of_a_file_is_told_at_its_place(tmp_path: Path, text: str, expected: str) -> None:
    assert problems(tmp_path, text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lists: {x: {patterns: ['(a']}}", "1:25: list 'x': '(a': the pattern is not valid RE2: missing ): (a"),
        (
            "lists:\n  x:\n    patterns:\n      - ab(?=c)\n",
            "4:11: list 'x': 'ab(?=c)': the pattern uses look-around, a back-reference or another construct that RE2 "
            "does not have; write what must stand around it as terms of the rule",
        ),
        (
            "rules: {r: {match: ['/a[b/']}}",
            "1:24: rule 'r': 'a[b': the pattern opens a bracket [ that nothing closes",
        ),
        (
            "rules: {r: {match: {term: 'x\\By', mode: pattern}}}",
            "1:29: rule 'r': 'x\\\\By': the pattern \\B is not available: a pattern is bounded at word edges",
        ),
    ],
)
def test_a_pattern_that_cannot_be_used_is_told_at_its_letter(tmp_path: Path, text: str, expected: str) -> None:
    assert problems(tmp_path, text) == [expected]


def test_a_pattern_that_costs_too_much_is_told_with_its_figure(tmp_path: Path) -> None:
    (long,) = problems(tmp_path, f"lists: {{x: {{patterns: ['{'ab' * 6000}']}}}}")
    assert long.endswith("': the pattern has 12,000 letters (at most 10,000); write several")
    assert len(long) < 250
    (large,) = problems(tmp_path, "lists: {x: {patterns: ['(\\pL{20}){5}']}}")
    assert "compiles to " in large
    assert "steps (at most 10,000); write several" in large


def test_a_pattern_that_no_word_leads_to_is_warned_of(tmp_path: Path) -> None:
    assert warnings(tmp_path, "lists: {x: {patterns: ['\\d{4}-\\d+', 'cve-\\d+']}}") == [
        "1:24: warning: list 'x': '\\\\d{4}-\\\\d+': no word must stand in what this finds, so every article is "
        "searched for it"
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            "match: {term: Ain al-Asad, translit: yes}",
            "8:32: warning: rule 'r': 'Ain al-Asad' is not in Arabic letters: translit finds the Latin spellings of "
            "an Arabic name, so write that name instead",
        ),
        (
            "match: {term: حوثي, translit: yes}",
            "8:25: warning: rule 'r': 'حوثي' is short: in Latin letters it may be another word (hottie is nearly "
            "حوثي); two words or 4 consonants are safe",
        ),
        (
            "match: $Attack",
            "8:12: warning: rule 'r': '$Attack' is looked for as text; a reference is '$' and an id of a-z, "
            "0-9 and '-'",
        ),
        ("match: \u200f$attack", "8:12: warning: invisible direction marks in '$attack' are ignored"),
    ],
)
def test_what_may_not_be_meant_is_a_warning_that_says_what_happens(tmp_path: Path, lines: str, expected: str) -> None:
    text = START + "".join(f"    {line}\n" for line in lines.splitlines())
    assert warnings(tmp_path, text) == [expected]


def test_a_long_name_with_translit_and_a_term_with_forms_are_no_news(tmp_path: Path) -> None:
    assert (
        warnings(
            tmp_path, START + "    match: [{term: عين الأسد, translit: yes}, ~attack, {term: a1, mode: forms}]\n"
        )
        == []
    )


def test_false_corrections_are_no_news(tmp_path: Path) -> None:
    assert warnings(tmp_path, START + "    match: a1\n    alert: {corrections: false}\n") == []
