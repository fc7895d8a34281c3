"""Whether we are offline."""

from __future__ import annotations

from monitor.rhythm.reach import LATELY_S, VOTES_S, Reach


def reach(*answered: str, at: float = 0.0) -> Reach:
    made = Reach()
    for host in answered:
        made.answered(host, at)
    return made


def test_we_are_offline_when_most_hosts_that_answered_do_not_any_more() -> None:
    made = reach("a", "b", "c", "d", "e")
    for number, host in enumerate(("a", "b", "c"), 1):
        made.missed(host, 10.0 * number)
        assert made.is_offline(10.0 * number) is (number == 3)


def test_we_are_back_with_the_first_answers() -> None:
    made = reach("a", "b", "c")
    for host in ("a", "b", "c"):
        made.missed(host, 1)
    assert made.is_offline(1)
    made.answered("a", 5)
    assert made.is_offline(5)
    made.answered("b", 6)
    assert not made.is_offline(6)


def test_hosts_that_never_answered_or_long_ago_have_no_vote() -> None:
    made = reach("a", "b", "c")
    for n in range(100):
        made.missed(f"dead{n}", 1)
    assert not made.is_offline(1)
    for host in ("a", "b", "c"):
        made.missed(host, VOTES_S + 1)
    assert not made.is_offline(VOTES_S + 1)


def test_what_was_tried_long_ago_says_nothing() -> None:
    made = reach("a", "b", "c")
    for host in ("a", "b", "c"):
        made.missed(host, 1)
    assert made.is_offline(2)
    assert not made.is_offline(LATELY_S + 2)


def test_two_hosts_are_too_few_to_tell() -> None:
    made = reach("a", "b")
    made.missed("a", 1)
    made.missed("b", 1)
    assert not made.is_offline(1)


def test_the_judgement_is_kept_for_a_second() -> None:
    made = reach("a", "b", "c")
    assert not made.is_offline(10)
    for host in ("a", "b", "c"):
        made.missed(host, 10.5)
    assert not made.is_offline(10.5)
    assert made.is_offline(11)


def test_a_host_that_answers_for_the_first_time_meanwhile_disturbs_nothing() -> None:
    made = reach("a", "b", "c")

    class Meanwhile(float):
        """A moment; whoever compares it gives another thread its turn."""

        def __rsub__(self, now: float) -> float:
            made.answered(f"new at {now}", now)
            return now - float(self)

    made.missed("a", Meanwhile(1))
    assert not made.is_offline(2)
    assert not made.is_offline(4)
