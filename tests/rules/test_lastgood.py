"""Which text of each file is active: in small worlds of files that define names and use those of others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from hypothesis import event, given
from hypothesis import strategies as st

from monitor.errors import Problem
from monitor.rules.lastgood import MOST_ROUNDS, Complaint, Decision, Judged, Refusal, Why, decide


class Text(NamedTuple):
    """What one file says: the names it defines and uses; a broken one says nothing."""

    defines: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    is_broken: bool = False
    wants: int = 0  # so many names must be defined in all


BROKEN = Text(is_broken=True)


def text(defines: str = "", uses: str = "", wants: int = 0) -> Text:
    return Text(frozenset(defines.split()), frozenset(uses.split()), wants=wants)


def judge(texts: Mapping[str, Text]) -> Judged:
    """What Rasid finds in such files: broken ones, names defined twice, names that nobody defines."""
    sound = {file: one for file, one in texts.items() if not one.is_broken}
    defined = Counter(name for one in sound.values() for name in one.defines)
    found = [Complaint(file=file, problem=Problem(file=file, message="broken")) for file in texts.keys() - sound]
    for file, one in sound.items():
        twice = sorted(name for name in one.defines if defined[name] > 1)
        messages = [f"{name} is taken twice" for name in twice]
        messages += ["too few names"] if len(defined) < one.wants else []
        found += [Complaint(file=file, problem=Problem(file=file, message=message)) for message in messages]
        for name in sorted(one.uses - defined.keys()):
            problem = Problem(file=file, message=f"unknown name {name}")
            found.append(Complaint(file=file, problem=problem, missing=name))
    return Judged(complaints=tuple(found), provides={file: one.defines for file, one in sound.items()})


def held(decision: Decision[Text, Judged]) -> dict[str, Why]:
    return {file: refusal.why for file, refusal in decision.refusals.items()}


# --- single worlds -----------------------------------------------------------------------------------------------


def test_a_faulty_file_keeps_its_last_good_text_and_the_others_are_taken() -> None:
    kept = {"a": text("x"), "b": text("y")}
    decision = decide({"a": BROKEN, "b": text("y z")}, kept, judge)
    assert decision.texts == {"a": text("x"), "b": text("y z")}
    broken = Problem(file="a", message="broken")
    refusal = Refusal(why=Why.INVALID, problems=(broken,), has_kept=True, is_deleted=False)
    assert decision.refusals == {"a": refusal}


def test_a_faulty_file_that_never_was_good_is_left_out() -> None:
    decision = decide({"a": BROKEN, "b": text("y")}, {"b": text("y")}, judge)
    assert (decision.texts, decision.refusals["a"].has_kept) == ({"b": text("y")}, False)


def test_a_name_that_was_never_there_is_the_fault_of_who_uses_it() -> None:
    decision = decide({"a": text("x", "tpyo")}, {"a": text("x")}, judge)
    assert held(decision) == {"a": Why.INVALID}


def test_a_change_that_takes_a_name_from_an_unchanged_file_is_held_back() -> None:
    kept = {"lists": text("attack"), "rules": text("", "attack")}
    decision = decide({**kept, "lists": text("attacks")}, kept, judge)
    assert (decision.texts, held(decision)) == (kept, {"lists": Why.NEEDED})


def test_a_change_that_takes_a_name_from_a_file_held_back_is_held_back_too() -> None:
    kept = {"lists": text("attack"), "rules": text("", "attack")}
    decision = decide({"lists": text("raid"), "rules": BROKEN}, kept, judge)
    assert (decision.texts, held(decision)) == (kept, {"rules": Why.INVALID, "lists": Why.NEEDED})


def test_an_edit_that_needs_what_another_takes_away_is_taken_and_the_other_is_not() -> None:
    kept = {"lists": text("attack"), "rules": text("", "attack")}
    decision = decide({"lists": text("raid"), "rules": text("more", "attack")}, kept, judge)
    assert decision.texts == {"lists": text("attack"), "rules": text("more", "attack")}


def test_a_renamed_name_is_taken_when_all_who_use_it_follow() -> None:
    kept = {"lists": text("attack"), "rules": text("", "attack")}
    new = {"lists": text("raid"), "rules": text("", "raid")}
    assert decide(new, kept, judge).texts == new


def test_a_deleted_file_ends_its_rules_but_not_those_of_others() -> None:
    kept = {"lists": text("attack"), "old": text("storm"), "rules": text("", "attack")}
    decision = decide({"rules": kept["rules"]}, kept, judge)
    assert decision.texts == {"lists": text("attack"), "rules": kept["rules"]}
    assert decision.refusals["lists"].is_deleted


def test_a_name_taken_twice_is_the_fault_of_the_file_that_changed() -> None:
    kept = {"a": text("x"), "b": text("y")}
    decision = decide({**kept, "b": text("x y")}, kept, judge)
    assert (decision.texts, held(decision)) == (kept, {"b": Why.INVALID})


def test_a_fault_that_the_last_good_texts_have_as_well_holds_nothing_back() -> None:
    kept = {"a": text("x", "gone"), "b": text("y")}
    new = {**kept, "b": text("z")}
    decision = decide(new, kept, judge)
    assert (decision.texts, held(decision)) == (new, {})
    assert [one.missing for one in decision.judged.complaints] == ["gone"]


def test_changes_of_which_one_harms_a_file_that_did_not_change_are_held_back_together() -> None:
    kept = {"a": text("x", wants=3), "b": text("y"), "c": text("z")}
    decision = decide({**kept, "b": text(), "c": text("z")}, kept, judge)
    assert (decision.texts, held(decision)) == (kept, {"b": Why.NEEDED})


def test_a_chain_of_changes_longer_than_the_rounds_is_held_back_whole() -> None:
    size = MOST_ROUNDS + 3
    kept = {f"f{n:02}": text(f"n{n}", f"n{n + 1}" if n < size else "") for n in range(size + 1)}
    new = {**{file: text(f"m{n}") for n, file in enumerate(kept)}, "f00": BROKEN, "z": text("harmless")}
    judged: list[int] = []

    def counted(texts: Mapping[str, Text]) -> Judged:
        judged.append(1)
        return judge(texts)

    decision = decide(new, kept, counted)
    assert (decision.texts, held(decision)["z"]) == (kept, Why.NEEDED)
    assert len(judged) <= MOST_ROUNDS + 3


# --- any world ---------------------------------------------------------------------------------------------------

NAMES = st.frozensets(st.sampled_from("pqrs"), max_size=2)
TEXTS = st.one_of(st.builds(Text, NAMES, NAMES), st.just(BROKEN))
WORLDS = st.dictionaries(st.sampled_from("abcd"), TEXTS, max_size=4)


def sound(world: Mapping[str, Text]) -> dict[str, Text]:
    """A world without faults: what remains of `world` when its faulty files go, and those that miss them then."""
    found = dict(world)
    while faulty := {one.file for one in judge(found).complaints}:
        del found[min(faulty)]
    return found


@given(WORLDS, WORLDS.map(sound))
def test_what_runs_is_without_fault_and_made_of_whole_files(new: dict[str, Text], kept: dict[str, Text]) -> None:
    decision = decide(new, kept, judge)
    event(f"{len(decision.refusals)} held back")
    assert decision.judged == judge(decision.texts)
    assert not decision.judged.complaints
    for file in new.keys() | kept.keys():
        source = kept if file in decision.refusals else new
        assert decision.texts.get(file) == source.get(file), file


@given(WORLDS, WORLDS)
def test_nothing_becomes_faulty_that_was_not(new: dict[str, Text], kept: dict[str, Text]) -> None:
    before = {(one.file, one.problem) for one in judge(kept).complaints}
    decision = decide(new, kept, judge)
    assert {(one.file, one.problem) for one in decision.judged.complaints} <= before


@given(WORLDS, WORLDS.map(sound))
def test_files_without_fault_are_all_taken(new: dict[str, Text], kept: dict[str, Text]) -> None:
    whole = sound(new)
    assert decide(whole, kept, judge).texts == whole


@given(WORLDS, WORLDS.map(sound))
def test_no_rule_ends_but_by_an_edit_that_is_taken(new: dict[str, Text], kept: dict[str, Text]) -> None:
    decision = decide(new, kept, judge)
    for file, before in kept.items():
        after = decision.texts.get(file, text())
        ended = before.defines - after.defines
        assert not ended or (file not in decision.refusals and not new.get(file, text()).is_broken)


@given(WORLDS, WORLDS.map(sound))
def test_a_second_look_at_the_same_files_changes_nothing(new: dict[str, Text], kept: dict[str, Text]) -> None:
    first = decide(new, kept, judge)
    second = decide(new, first.texts, judge)
    assert second.texts == first.texts


@given(WORLDS, WORLDS.map(sound), st.booleans())
def test_a_file_that_shares_no_name_is_taken_whatever_the_others_do(
    new: dict[str, Text], kept: dict[str, Text], is_edited: bool
) -> None:
    own = text("own", "own")
    edited = text("own more", "own") if is_edited else own
    assert decide({**new, "z": edited}, {**kept, "z": own}, judge).texts["z"] == edited
