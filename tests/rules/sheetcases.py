"""Cases of articles that are judged many at a time: what each matches, whatever stands before and behind it.

A case is some rules, named by one letter, and articles as they come one after the other. `{a|attack}` marks a span of
rule `a`, `{ab|attack}` one of both; a rule that no mark of an article names must not match it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor.text.numbering import WINDOW
from monitor.text.sheet import ROOM


@dataclass(frozen=True)
class Paper:
    """An article with its spans marked."""

    text: str = ""
    title: str = ""


@dataclass(frozen=True)
class Case:
    """Rules, what they refer to, and articles; what is referred to bears other names in every case."""

    rules: Mapping[str, Any]
    papers: Sequence[Paper]
    lists: Mapping[str, Any] = field(default_factory=dict)
    entities: Mapping[str, Any] = field(default_factory=dict)


def case(
    rules: Mapping[str, Any],
    *papers: str | Paper,
    lists: Mapping[str, Any] | None = None,
    entities: Mapping[str, Any] | None = None,
) -> Case:
    own = [Paper(paper) if isinstance(paper, str) else paper for paper in papers]
    return Case(rules, own, lists or {}, entities or {})


NEAR = {"all": ["attack", "Basra"], "within": "sentence"}
LONG = "Word and word " * (ROOM // 14 + 1)
"""More letters than a sheet has room for."""
UP_TO_WINDOW = "word " * (WINDOW // 5)

CASES = {
    "a unit never goes on in the next article": case(
        {"a": NEAR, "b": {**NEAR, "within": "paragraph"}, "c": {**NEAR, "within": "3 words"}},
        "An {abc|attack} on {abc|Basra}.",
        "Nobody knew of an attack",
        "Basra was calm",
        "attack",
        "",
        "Basra",
        "{abc|Basra} saw an {abc|attack}",
        Paper("Basra", title="attack"),
        Paper("calm", title="{abc|Attack} on {abc|Basra}"),
        "An {bc|attack} failed. {bc|Basra} slept.",
        "An attack failed.\n\nBasra slept.",
    ),
    "without a unit an article is one, title and text, and the next is another": case(
        {"a": {"all": ["attack", "Basra"]}, "b": {"all": ["attack", "Basra"], "fields": ["title"]}},
        Paper("{a|Basra} slept.", title="An {a|attack}"),
        Paper("Basra slept.", title="A calm night"),
        Paper("An attack", title="A calm night"),
        Paper("nothing of it", title="{ab|Basra}: an {ab|attack}"),
        "The {a|attack} came.\n\nIt came to {a|Basra}. It was an {a|attack}.",
    ),
    "a hit that goes over the end of a sentence is in neither, and in the paragraph": case(
        {
            "a": {"all": ["Yahoo! News", "raid"], "within": "sentence"},
            "b": {"all": ["Yahoo! News", "raid"], "within": "paragraph"},
            "c": {"all": ["Yahoo! News", "raid"], "within": "2 words"},
            "d": {"all": ["raid", "coast"], "within": "sentence", "none": ["Yahoo! News"]},
            "e": "Yahoo! News",
        },
        "A {bc|raid}, wrote {bce|Yahoo! News} today.",
        "It was told by {be|Yahoo! News} that there had been a {b|raid}.",
        "A {b|raid} on the coast, wrote {be|Yahoo! News} today.",
        "They read in {bce|Yahoo! News} of a {bc|raid} on the coast.",
        "A {d|raid} on the {d|coast}.",
        "A raid, wrote Yahoo!",
        "News of a raid.",
    ),
    "a phrase stands in one article and one field": case(
        {"a": "car bomb", "b": "old car bomb factory", "c": {"all": ["car bomb", "raid"], "within": "4 words"}},
        "They found a {a|car bomb}",
        "{a|Car bomb} found",
        "They found a car",
        "bomb found",
        Paper("bomb found", title="They found a car"),
        "They found an old",
        "{a|car bomb} factory",
        "an old {ac|car bomb}: a {c|raid}",
        "factory, and a raid",
        "car",
        "",
        "bomb",
        "the {b|old {a|car bomb} factory}",
        "{b|old {a|car-bomb} factory}",
        "old car. Bomb factory",
    ),
    "one list asked by two parts wants two hits": case(
        {
            "a": {"all": ["$blow", "$blow"], "within": "sentence"},
            "b": {"all": ["$blow", ["$blow", "quay"]], "within": "3 words"},
            "c": {"all": ["$blow", "strike"], "within": "paragraph"},
            "d": {"at_least": "2", "of": "$blow"},
            "e": {"all": ["$blow", "quay"], "within": "sentence", "none": ["$blow"]},
            "f": {"all": ["$blow", "quay"], "within": "sentence", "none": ["strike"]},
            "g": {"all": ["$blow", "$blow"]},
        },
        "A {abcdg|strike}, then a {abcdg|blast}.",
        "A {g|strike}, and calm.",
        "A {bfg|blast} at the {bf|quay}.",
        "A {bg|strike} at the {b|quay}.",
        "A {abcg|strike} and a {abcg|strike}.",
        "A {cdg|strike} came. Far away from there, much later, a {cdg|blast}.",
        "The quay is open.",
        lists={"blow": {"words": ["strike", "blast"]}},
    ),
    "lists that share a word share its hits": case(
        {
            "a": {"all": ["$loud", "$quick"], "within": "sentence"},
            "b": {"all": ["$loud", "$quick"]},
            "c": {"all": ["$loud"], "none": ["$quick"]},
        },
        "A {b|salvo} alone.",
        "A {ab|salvo} and another {ab|salvo}.",
        "A {ab|roar} and a {ab|sprint}.",
        "A {c|roar} alone.",
        lists={"loud": {"words": ["roar", "salvo"]}, "quick": {"words": ["sprint", "salvo"]}},
    ),
    "none counts in the unit of the combination, and in this article": case(
        {
            "a": {**NEAR, "none": ["drill"]},
            "b": {**NEAR, "within": "paragraph", "none": ["drill"]},
            "c": {**NEAR, "within": "2 words", "none": ["drill"]},
            "d": {"all": ["attack", "Basra"], "none": ["drill"]},
        },
        "An {abcd|attack} on {abcd|Basra}",
        "drill",
        Paper("An {abc|attack} on {abc|Basra}.", title="A drill"),
        "An {c|attack} on {c|Basra} was a drill.",
        "An {ac|attack} on {ac|Basra}. It was no drill.",
        "An {ac|attack} on {ac|Basra}. It wasn't a drill, said the governor.",
        "An {abc|attack} on {abc|Basra}.\n\nIt was no drill.",
        "The drill of old, an {c|attack} on {c|Basra}.",
        "A drill for an {c|attack} on {c|Basra}.",
        "A drill or attack on Basra.",
        "An attack on Basra for drill.",
        "An {c|attack} on {c|Basra} for no drill.",
        "An attack on Basra, a drill. An {a|attack} on {a|Basra} in earnest.",
    ),
    "nowhere counts in the whole article, and in no other": case(
        {"a": {**NEAR, "nowhere": ["drill"]}, "b": {**NEAR, "nowhere": [{"any": ["drill"], "fields": ["title"]}]}},
        "An {ab|attack} on {ab|Basra}",
        Paper("An attack on Basra", title="drill"),
        "An {b|attack} on {b|Basra}.\n\nA drill.",
        "drill",
    ),
    "a hit that is part of a longer one does not count, in its own article": case(
        {
            "a": "$seizure",
            "b": {"all": ["$seizure", "Basra"], "within": "sentence"},
            "c": {
                "all": [{"term": "guard", "not_part_of": ["coast guard", "guard dog"]}, "port"],
                "within": "4 words",
            },
            "d": "guard",
        },
        "A heart attack in Basra.",
        "All heart",
        "{ab|attack} on {b|Basra}",
        "A heart attack in {b|Basra}, an {ab|attack} in {b|Basra}.",
        "A {cd|guard} of the {c|port}.",
        "The coast {d|guard} of the port.",
        "A {d|guard} dog of the port.",
        "coast",
        "{cd|guard} at the {c|port} and a {cd|guard}",
        "dog",
        lists={"seizure": {"words": ["attack"], "not_part_of": ["heart attack"]}},
    ),
    "a name that needs company has it in its own article": case(
        {
            "a": "$minister",
            "b": {"all": ["$minister", "output"], "within": "sentence"},
            "c": "$clerk",
            "d": "$scribe",
        },
        "{ab|Mohammed Ali} told OPEC that {b|output} rose.",
        "Mohammed Ali was a boxer.",
        "OPEC met.",
        Paper("Mohammed Ali won again, and his output rose.", title="OPEC met"),
        "{a|Mohammed Ali} spoke. OPEC listened.",
        "Mohammed Ali spoke.\n\nOPEC listened.",
        "{c|Karim} of the ministry",
        "Karim",
        "of the ministry. Karim",
        "{d|Salim} the ministry",
        "the ministry of {d|Salim}",
        "the ministry has got Salim",
        "Salim and what is far from it, the ministry",
        entities={
            "minister": {"names": ["Mohammed Ali"], "needs": {"any": ["OPEC"], "within": "paragraph"}},
            "clerk": {"names": ["Karim"], "needs": {"any": ["ministry"], "within": "sentence"}},
            "scribe": {"names": ["Salim"], "needs": {"any": ["ministry"], "within": "1 words"}},
        },
    ),
    "a pattern finds nothing across articles or fields": case(
        {
            "a": {"all": ["/cve-\\d{4}-\\d+/", "exploited"], "within": "sentence"},
            "b": "/(car|truck)[- ]bombs?/",
            "c": {"all": ["/(car|truck)[- ]bombs?/", "quay"], "within": "2 words"},
            "d": {"all": ["quay"], "none": ["/truck bombs?/"], "within": "sentence"},
            "e": "/\\d+ dead/",
            "f": {"all": ["/mi[gk]-\\d+/", "quay"], "within": "sentence", "none": ["/cve-\\d{4}-\\d+/"]},
        },
        "They {a|exploited} {a|CVE-2026-12345}",
        "It was calm. Then they {a|exploited} {a|CVE-2026-5}. And {a|exploited} {a|CVE-2026-6}",
        Paper("They {a|exploited} {a|CVE-2026-5}", title="What is new of it"),
        "CVE-2026-1. It was exploited.",
        "exploited",
        "CVE-2026-77",
        "A {b|truck bomb}",
        "a truck",
        "bomb",
        Paper("bomb", title="truck"),
        Paper("{d|quay}", title="{b|Truck-bombs}"),
        "a {bc|car bomb} at the {cd|quay}",
        "a {bc|truck bomb} by a {c|quay}",
        "{e|12 dead}",
        "dead",
        "Then 12",
        "dead, a {f|MiG-29} over the {df|quay}",
        "a MiK-29 over the {d|quay} of CVE-2026-9",
    ),
    "an article longer than a sheet is read to its end": case(
        {
            "a": {"all": ["harpoon", "whale"], "within": "sentence"},
            "b": {"all": ["harpoon", "whale"], "within": "3 words", "none": ["ship"]},
            "c": "white whale",
            "d": {"all": ["harpoon", "whale"]},
            "e": "/whales? no \\d/",
        },
        "whale",
        "{abd|harpoon} the {abd|whale}. " + LONG + "{d|harpoon}",
        "{c|white whale}",
        LONG + "the {c|white {bd|whale}}. A {bd|harpoon}",
        UP_TO_WINDOW + "a {abd|harpoon} of the {c|white {abd|whale}} " + LONG + "{e|{ad|whale} no 7}",
        Paper(LONG + "{d|harpoon}", title="{c|white {d|whale}}"),
        "harpoon",
        "a {ad|harpoon} ship and {ad|whale}",
    ),
    "letters that become two and signs without spaces keep their places": case(
        {
            "a": {"all": ["Straße", "Angriff"], "within": "sentence"},
            "b": {"all": ["爆炸", "北京"], "within": "sentence"},
            "c": "Großmaß",
            "d": {"all": ["爆炸", "北京"], "within": "1 words"},
            "e": {"all": ["國防部"]},
            "f": {"all": ["Maß", "爆炸"]},
        },
        "Ein {a|Angriff} auf der {a|Straße}",
        "ßß ß {c|Großmaß} ß. Der {a|ANGRIFF} auf die {a|STRASSE}!",
        "Straße",
        "Angriff",
        "今天{bd|北京}{bd|爆炸}",
        "今天{d|北京}。{d|爆炸}",
        "北京",
        "爆炸",
        "{e|國防部}和{e|国防部}",
        "国防",
        "部",
        "Das {f|Maß}: 大{f|爆炸}",
        "Das {f|Mass} {f|爆炸}ß",
        "{b|爆炸}，昨天，在{b|北京}",
    ),
    "articles with letters that are folded as strings part nothing from their neighbours": case(
        {
            "a": {"all": ["fire", "café"], "within": "sentence"},
            "b": "п'ятниця",
            "c": {"all": ["هجوم", "البصرة"], "within": "3 words", "none": ["تدريب"]},
            "d": "istanbul",
            "e": {"all": ["fire", "الله"], "within": "paragraph"},
            "f": "fire café",
        },
        "A {a|fire} in a {a|café}",
        "A {a|ﬁre} in a {a|cafe\u0301}",
        "A ﬁre",
        "café",
        "Була {b|п’ятниця}",
        "Була {b|пятниця}. У {d|İstanbul}",
        "{c|هُجُومٌ} على {c|الْبَصْرَةِ}",
        "{c|ﻫﺠﻮﻡ} على {c|البصرة}",
        "وقع هجوم",
        "البصرة",
        "هجوم على البصرة تدريب",
        "{c|هجـــوم} على مدينة {c|البصرة} ﷺ",
        "{e|ﬁre} {e|والله}",
        "\ud800 {f|{a|fire} {a|café}} \U0001f525 {a|fire}",
        "\u0301\u0301",
        "{f|{a|Fire} {a|Café}}",
        "ﬁre",
        "café",
    ),
    "capitals are asked of the article's own sentence": case(
        {"a": {"all": ["WHO", "Basra"], "within": "sentence"}, "b": "US"},
        "The {a|WHO} went to {a|Basra}",
        Paper("The {a|WHO} went to {a|Basra}", title="WHO WAS IN BASRA"),
        "who went to Basra",
        "THE ATTACK HITS US",
        Paper("let us go", title="LET US GO"),
        "the {b|U.S.} went",
    ),
    "addresses and mentions are no words, and what stands beside them is": case(
        {"a": {"all": ["attack", "Basra"], "within": "2 words"}, "b": "attack"},
        "see https://news.example/attack/Basra",
        "{ab|attack} (www.attack.example) {a|Basra}",
        "@attack",
        "{b|attack} attack@example.org",
        "{a|Basra} #{ab|attack}",
    ),
    "order, number and weight are of one article": case(
        {
            "a": {"all": ["flood", "dam"], "within": "3 words", "ordered": "true"},
            "b": {"any": ["flood"], "mentions": "3"},
            "c": {"all": ["river", {"at_least": "5", "points": {"3": ["flood", "dam"], "-2": ["model"]}}]},
            "d": {"at_least": "2", "of": ["flood", "dam", "river"], "within": "sentence"},
        },
        "A {ad|flood} broke the {ad|dam}",
        "The {d|dam}, then the {d|flood}",
        "{b|flood}, {b|flood}, {b|flood}",
        "flood, flood",
        "flood",
        "A {cd|river}, a {acd|flood}, a {acd|dam}",
        "A {d|river}, a {ad|flood}, a {ad|dam}: a model",
        "river",
        "dam",
    ),
}
