"""What rules are made of, written as JSON and read back; and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.model import AlertPolicy, Escalation, RuleCard, Severity, When
from monitor.rules import packedwords, records
from monitor.rules.expression import All, Clause, Leaf, Unit, Within
from monitor.rules.filters import Filters, Wanted
from monitor.rules.forms import Inflected, Kind
from monitor.rules.packing import Packing, Parts
from monitor.rules.vocabulary import build
from monitor.rules.wording import Mode, Needs, Term

LEAF = Leaf("$x", (1, 2), ((1, "basra"),), 3)
THINGS = [
    Term(
        "a\ud800b",
        Mode.FORMS,
        cased=False,
        not_part_of=(Term("c", name=True),),
        needs=Needs((Term("d"),), "words", 3),
    ),
    Clause(
        (All((LEAF,)),), Within(Unit.WORDS, 4), ordered=True, fields=("title",), none=(LEAF,), path=("rules", "r")
    ),
    Filters((Wanted(("a",), (), ("b",)),), ends=datetime(2027, 1, 1, tzinfo=UTC)),
    RuleCard(
        id="r",
        hash="0",
        title="",
        severity=Severity.HIGH,
        notify=("desk",),
        alert=AlertPolicy(escalate=(Escalation(when=When(spike=1.5, silent=timedelta(hours=1))),)),
    ),
    (Inflected("x", Kind.PAST), frozenset({"b", "a"}), {"k": 1}),
]


@pytest.mark.parametrize("thing", THINGS)
def test_what_is_written_is_read_back(thing: object) -> None:
    assert records.read(json.loads(json.dumps(records.write(thing)))) == thing


def test_defaults_at_the_end_are_left_out() -> None:
    assert records.write(Term("x")) == {"Term": ["x"]}


def test_what_no_rule_is_made_of_is_not_written() -> None:
    with pytest.raises(TypeError, match="no rule holds a object"):
        records.write(object())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "no record"),
        ({"Term": ["x"], "Leaf": []}, "no record"),
        ({"eval": ["1"]}, "no record is called 'eval'"),
        ({"Term": "x"}, "no record of a Term"),
        ({"Term": ["x"] * 99}, "no record of a Term"),
        ({"Term": []}, "no record of a Term"),
    ],
)
def test_what_is_no_record_is_refused(data: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        records.read(data)


def test_a_record_of_another_class_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a Leaf"):
        records.read_as(Leaf, {"Term": ["x"]})


def test_parts_are_read_where_they_lie() -> None:
    packing = Packing()
    packing.words("words", ["b", "a\ud800"])
    packing.words("none", [])
    packing.ints("ints", [3, 1], "q")
    packing.records("records", [[1], ["x"]])
    parts = Parts(b"".join(packing.chunks()), packing.layout())
    found = parts.records("records", tuple, most=1)
    assert (parts.words("words"), parts.words("none"), parts.ints("ints", "q").tolist()) == (
        ["b", "a\ud800"],
        [],
        [3, 1],
    )
    assert (found[0], found[1], found[:1], len(found)) == ((1,), ("x",), [(1,)], 2)
    with pytest.raises(IndexError):
        found[2]
    with pytest.raises(ValueError, match="it has no part 'more'"):
        parts.raw("more")


def test_words_are_made_of_their_text_and_their_sort_and_kept_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packedwords, "MOST_KEPT", 1)
    made = build([Term("attack"), Term("قاعدة", translit=True), Term("Straße", lang="de")], ())
    packing = Packing()
    packedwords.pack(made, packing)
    words = packedwords.unpacked(Parts(b"".join(packing.chunks()), packing.layout())).words
    assert len(words) == len(made.words)
    assert [*words, words[0]] == [*made.words, made.words[0]]
