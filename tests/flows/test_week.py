"""A week of a thousand sources, as figures: polite to every host, nothing given up or starved, whatever clocks do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

import pytest

from monitor.model import Failure, Fetched, Wishes
from monitor.rhythm.plan import Pace, phase
from tests.flows.week import WEEK_S, Answer, Polled, Week

HOUR_S, DAY_S = 3600.0, 86400.0
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
YEAR = timedelta(days=365)


def fine(name: str, wishes: Wishes = Wishes()) -> Answer:  # noqa: B008 - frozen
    return lambda now, at: Fetched(source=name, key="k", at=now, unchanged=True, wishes=wishes)


def refusing(name: str, host: str, status: int, until: float = WEEK_S, after: timedelta | None = None) -> Answer:
    """Refuse until a moment, then be fine."""

    def answer(now: datetime, at: float) -> Fetched | Failure:
        if at >= until:
            return fine(name)(now, at)
        wish = None if after is None else now + after
        return Failure(source=name, at=now, reason=f"status {status}", status=status, host=host, not_before=wish)

    return answer


def source(number: int) -> Polled:
    """One of a thousand: most answer, with a rhythm of twelve hours to four days; some do not."""
    name = f"s{number}"
    host = f"h{number % 200}.d{number % 150}.example"
    domain = f"d{number % 150}.example"
    rhythm = 12 * HOUR_S * 8 ** phase(name)
    make: Callable[..., Polled] = lambda answer, **more: Polled(name, host, domain, answer, **more)  # noqa: E731
    match number:
        case _ if number < 10:
            return make(refusing(name, host, 500))
        case _ if number < 15:
            return make(refusing(name, host, 410))
        case 15:
            return make(refusing(name, host, 429, until=2 * DAY_S))
        case 16:
            return make(refusing(name, host, 503, until=DAY_S, after=2 * HOUR))
        case _ if number < 24:
            return make(fine(name), pace=Pace(every=15 * MINUTE))
        case _ if number < 60:
            return make(
                fine(name, Wishes(ttl=HOUR, skip_hours=(1, 2, 3))), pace=Pace(every=30 * MINUTE, max_delay=4 * HOUR)
            )
        case _:
            return make(fine(name), appears_every_s=rhythm, pace=Pace(slowest=SLOWEST))


SLOWEST = 24 * HOUR
HEALTHY = [f"s{n}" for n in range(60, 1000) if n % 150 not in (15, 16)]


@cache
def week() -> Week:
    return Week({f"s{n}": source(n) for n in range(1000)}).run()


def test_no_host_is_asked_twice_within_a_second() -> None:
    assert week().closest() > 0.999


def test_there_is_no_burst_neither_at_the_beginning_nor_later() -> None:
    assert week().most(1.0) <= 40  # a thousand new sources begin over 50 s
    assert week().most(60.0, since=HOUR_S) <= 40  # the mean is below 10 a minute
    assert 20_000 < len(week().starts) < 40_000


def test_each_source_follows_its_rhythm_and_none_is_starved() -> None:
    for name in HEALTHY:
        rhythm = week().sources[name].appears_every_s
        waits = week().waits(name)
        usual = sorted(waits)[len(waits) // 2]
        assert 0.89 * min(rhythm / 2, DAY_S) <= usual <= min(rhythm / 2, DAY_S) + 2
    assert week().longest_absence(HEALTHY) <= DAY_S + 60


def test_every_is_a_ceiling_and_chance_shortens_it_by_a_tenth_at_most() -> None:
    for n in range(17, 24):
        waits = week().waits(f"s{n}")
        assert len(waits) > 670
        assert min(waits) >= 0.9 * 900 and max(waits) <= 900 + 3  # its host's turn may take a moment


def test_hints_stretch_the_wait_and_hours_to_skip_are_kept() -> None:
    for n in range(24, 60):
        times = week().times(f"s{n}")[1:]
        assert not [at for at in times if 1 <= at % DAY_S / HOUR_S < 4]
        assert sorted(week().waits(f"s{n}"))[50] >= 0.9 * HOUR_S


def test_failures_double_the_wait_up_to_a_day_and_the_source_is_never_given_up() -> None:
    for n in range(10):
        waits = week().waits(f"s{n}")
        doubled = [min(900.0 * 2**k, DAY_S) for k in range(1, len(waits) + 1)]
        assert all(0.9 * wait <= real <= wait + 3 for wait, real in zip(doubled, waits, strict=True))
        assert 11 <= len(waits) <= 13
        assert week().times(f"s{n}")[-1] > 5.9 * DAY_S
        assert week().states[f"s{n}"].failures == len(waits) + 1


def test_what_is_gone_is_looked_for_once_a_day() -> None:
    for n in range(10, 15):
        late = [
            wait for at, wait in zip(week().times(f"s{n}")[1:], week().waits(f"s{n}"), strict=True) if at > 3 * DAY_S
        ]
        assert late and all(0.89 * DAY_S <= wait <= DAY_S + 3 for wait in late)


def test_429_pauses_the_domain_for_an_hour_then_a_day_then_two() -> None:
    same_domain = [name for name, one in week().sources.items() if one.domain == "d15.example"]
    assert len({week().sources[name].host for name in same_domain}) > 1
    first = week().times("s15")[0]
    asked = sorted(at for at, name in week().starts if name in same_domain and at > first + 1)
    assert asked[0] - first >= HOUR_S
    held = [wait for wait in week().waits("s15") if wait >= HOUR_S]
    assert held[0] >= HOUR_S and held[1] >= DAY_S and max(held) < 3 * DAY_S
    assert week().states["s15"].failures == 0 and week().times("s15")[-1] > 6 * DAY_S


def test_503_pauses_the_host_for_as_long_as_it_asks() -> None:
    waits = week().waits("s16")[:5]
    assert all(wait >= 2 * HOUR_S for wait in waits)
    assert week().states["s16"].failures == 0


@pytest.mark.parametrize("jump", [YEAR, -YEAR], ids=["forward", "back"])
def test_a_clock_that_jumps_a_year_starves_nobody_and_makes_no_burst(jump: timedelta) -> None:
    middle = 3.5 * DAY_S
    jumped = Week({f"s{n}": source(n) for n in range(1000)}, jumps=((middle, jump),)).run()

    assert jumped.closest() > 0.999
    assert jumped.most(1.0, since=middle - 1) <= 40
    assert jumped.longest_absence(HEALTHY) <= 2 * DAY_S  # once a whole interval again, at most
    polled = {name for at, name in jumped.starts if at > middle}
    assert polled >= set(HEALTHY) | {f"s{n}" for n in range(15)}
    for n in range(17, 24):
        assert max(jumped.waits(f"s{n}")) <= 1803
    assert max(jumped.waits("s1")) <= 2 * DAY_S
    assert jumped.states["s15"].failures == 0


def test_a_clock_that_is_put_right_again_leaves_no_trace() -> None:
    middle = 3 * DAY_S
    jumps = ((middle, YEAR), (middle + DAY_S, -YEAR))
    jumped = Week({f"s{n}": source(n) for n in range(0, 1000, 5)}, jumps=jumps).run()

    healthy = [name for name in HEALTHY if int(name[1:]) % 5 == 0]
    assert jumped.longest_absence(healthy) <= 2 * DAY_S
    last = [at for at, name in jumped.starts if at > 6 * DAY_S]
    assert len(last) > 0.8 * len([at for at, name in jumped.starts if DAY_S < at < 2 * DAY_S])
