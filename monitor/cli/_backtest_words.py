"""What a backtest came to, in words that screen and Markdown share: counts, causes, verdicts, the days plotted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from monitor.backtest import IS, SIDES, WAS, Difference, daily
from monitor.cli._tree import steady
from monitor.rules.causes import Cause

BARS = "▁▂▃▄▅▆▇█"
NOTHING = "·"
COLUMNS = 60
MOST_CAUSES = 6


@dataclass(frozen=True, slots=True)
class Plot:
    """Volume over time: a line of bars for each form with its highest count, days to a bar, first and last day."""

    lines: tuple[tuple[str, str, int], ...]
    width: int
    first: date
    last: date


def arrow(was: object, now: object) -> str:
    """`61 → 70`, or `61` when nothing changed."""
    return f"{was:,} → {now:,}" if isinstance(was, int) and was != now else f"{now:,}"


def articles(number: int) -> str:
    """`1,200 articles`."""
    return f"{number:,} {'article' if number == 1 else 'articles'}"


def standing(this: Difference) -> str:
    """What the edit does to the rule itself, in a word or two."""
    if WAS not in this.cards:
        return "new"
    if IS not in this.cards:
        return "no longer active"
    before, after = this.cards[WAS], this.cards[IS]
    words = ["on trial: told to nobody"] if after.is_trial else []
    if before.severity != after.severity:
        words.append(f"severity {before.severity.word} → {after.severity.word}")
    if before == after:
        words.append("not edited")
    elif before.hash == after.hash:
        words.append("matches the same, is told otherwise")
    return ", ".join(words)


def severity(this: Difference) -> str:
    """The severity of the rule as it is, else as it was."""
    return (this.cards.get(IS) or this.cards[WAS]).severity.word


def title(this: Difference) -> str:
    """The rule's title."""
    return (this.cards.get(IS) or this.cards[WAS]).title


def changes(this: Difference) -> str:
    """`41 gained, 9 lost`."""
    return ", ".join(f"{count:,} {word}" for count, word in ((this.gained, "gained"), (this.lost, "lost")) if count)


def alerts(counts: Mapping[str, Counter[str]]) -> tuple[str, str]:
    """Alerts in all, and on each channel when there are several."""
    names = sorted({name for side in SIDES for name in counts[side]})
    total = arrow(counts[WAS].total(), counts[IS].total())
    return total, ", ".join(f"{name} {arrow(counts[WAS][name], counts[IS][name])}" for name in names)


def judged(this: Difference) -> str:
    """How the edit treats matches of which people judged the alert; "" when there are none."""
    was, now = this.verdicts(WAS), this.verdicts(IS)
    if was.precision is None and now.precision is None:
        return ""
    shares = ["none" if one.precision is None else f"{one.precision:.0%}".replace("%", " %") for one in (was, now)]
    share = shares[0] if shares[0] == shares[1] else " → ".join(shares)
    return f"{arrow(was.useful, now.useful)} useful, {arrow(was.noise, now.noise)} noise: precision {share}"


def causes(this: Difference, what: str) -> str:
    """The causes of most gains or losses, each with how many: `هجمة 21, no longer none: exercise 8`."""
    return ", ".join(
        f"{steady(_cause(one, what))} {'' if is_exact else 'about '}{count:,}"
        for one, count, is_exact in this.ranked(what)[:MOST_CAUSES]
    )


def _cause(cause: Cause, what: str) -> str:
    if cause.kind == "term":
        return cause.what if what == "gained" else f"without {cause.what}"
    return f"no longer {cause}" if what == "gained" else str(cause)


def plot(this: Difference, first: date, last: date) -> Plot:
    """The matches of each form over time; one line when both are the same."""
    width = 1
    sums = {}
    for side in SIDES:
        width, sums[side] = daily(this.days[side], first, last, COLUMNS)
    most = max(max(sums[WAS]), max(sums[IS]))
    shown = [side for side in SIDES if side in this.cards]
    if len(shown) == 2 and sums[WAS] == sums[IS]:
        shown = [IS]
    lines = tuple((side if len(shown) > 1 else "", _bars(sums[side], most), max(sums[side])) for side in shown)
    return Plot(lines, width, first, last)


def plotted(plot: Plot) -> Iterator[str]:
    """The plot's lines, then the days below them."""
    for side, bars, most in plot.lines:
        yield f"{bars}  {side + ', ' if side else ''}at most {most:,} {_per(plot.width)}"
    first, last = day(plot.first), day(plot.last)
    gap = max(1, len(plot.lines[0][1]) - len(first) - len(last))
    yield first + " " * gap + last if plot.first != plot.last else first


def day(moment: date) -> str:
    """`27 Nov`."""
    return f"{moment.day} {moment:%b}"


def _per(width: int) -> str:
    return "a day" if width == 1 else f"in {width} days"


def _bars(counts: tuple[int, ...], most: int) -> str:
    return "".join(BARS[max(0, -(-count * len(BARS) // most) - 1)] if count else NOTHING for count in counts)
