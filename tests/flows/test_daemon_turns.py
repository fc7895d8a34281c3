"""Whose turn it is: one request in flight at a host, a second between starts, and nobody waits for ever."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.daemon.turns import BETWEEN_STARTS_S, Turns


def taken(turns: Turns, now: float) -> list[str]:
    """Everyone whose turn it is."""
    found = []
    while (source := turns.take(now)) is not None:
        found.append(source)
    return found


def test_sources_of_different_hosts_go_together_and_those_of_one_host_one_by_one() -> None:
    turns = Turns()
    for source, host in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        turns.put(source, host)
    assert taken(turns, 0) == ["a1", "b1"]
    assert (taken(turns, 100), len(turns)) == ([], 1)  # a1 is still in flight
    turns.done("a1")
    assert taken(turns, 100) == ["a2"]


def test_a_second_lies_between_two_starts_however_fast_the_answer() -> None:
    turns = Turns()
    turns.put("a1", "a")
    turns.put("a2", "a")
    assert taken(turns, 0) == ["a1"]
    turns.done("a1")
    assert turns.next_at == BETWEEN_STARTS_S
    assert taken(turns, 0.99) == []
    assert taken(turns, 1.0) == ["a2"]


def test_a_source_that_comes_later_keeps_the_distance_too() -> None:
    turns = Turns()
    turns.put("a1", "a")
    taken(turns, 0)
    turns.done("a1")
    turns.put("a2", "a")
    assert (taken(turns, 0.5), taken(turns, 1)) == ([], ["a2"])


def test_more_may_be_in_flight_where_the_operator_allows_it() -> None:
    turns = Turns(per_host=2)
    for n in range(3):
        turns.put(f"a{n}", "a")
    assert [taken(turns, now) for now in (0.0, 1.0, 2.0)] == [["a0"], ["a1"], []]
    turns.done("a0")
    assert taken(turns, 2) == ["a2"]
    turns.per_host = 1  # a reload
    turns.put("a3", "a")
    turns.done("a1")
    assert taken(turns, 9) == []
    turns.done("a2")
    assert taken(turns, 9) == ["a3"]


def test_what_has_no_host_never_waits() -> None:
    turns = Turns()
    for n in range(3):
        turns.put(f"folder{n}", "")
    assert turns.next_at == float("-inf")
    assert taken(turns, 0) == ["folder0", "folder1", "folder2"]
    turns.done("folder0")
    turns.done("never taken")
    assert (turns.next_at, len(turns)) == (float("inf"), 0)


@given(
    hosts=st.lists(st.integers(0, 5), min_size=1, max_size=60),
    per_host=st.integers(1, 3),
    seconds=st.lists(st.floats(0.05, 3.0), min_size=1, max_size=10),
)
def test_every_source_has_its_turn_and_no_host_more_than_it_bears(
    hosts: list[int], per_host: int, seconds: list[float]
) -> None:
    turns = Turns(per_host)
    for number, place in enumerate(hosts):
        turns.put(f"{place}-{number}", str(place))
    now = 0.0
    ends: dict[str, float] = {}
    starts: list[tuple[str, float]] = []
    for step in range(10_000):
        for source in [source for source, end in ends.items() if end <= now]:
            turns.done(source)
            del ends[source]
        for source in taken(turns, now):
            ends[source] = now + seconds[step % len(seconds)]
            starts.append((source.partition("-")[0], now))
            assert max(Counter(name.partition("-")[0] for name in ends).values()) <= per_host
        if not ends and not len(turns):
            break
        now = min([turns.next_at, *ends.values()]) if turns.next_at > now else min(ends.values())
    assert len(starts) == len(hosts)
    for wanted in map(str, hosts):
        moments = [moment for host, moment in starts if host == wanted]
        assert all(later - before > 0.999 for before, later in pairwise(moments))
