"""What commands put on the screen: tables, JSON, times in words, and text from outside made harmless for a terminal.

Colours only on a terminal. Text of articles never carries a control character to it: neither an escape sequence nor a
direction mark that could rearrange a line. Rich markup in that text stays text.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

# C0 and C1, and what reorders or hides text: embeddings, overrides, isolates, tags. ZWNJ, ZWJ, LRM and RLM stay.
_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\U000e0000-\U000e007f]+")
SIGNS = {"critical": "red", "high": "dark_orange", "medium": "yellow", "low": "blue", "info": "white"}
WIDE = 200  # where nobody looks: a pipe or a file wraps nothing
MANY = 500  # things that take long enough for a bar
T = TypeVar("T")


def plain(text: str) -> str:
    """`text` on one line without anything a terminal would obey."""
    return _HARMFUL.sub(" ", text).strip()


def console(*, err: bool = False) -> Console:
    """A console on the present stdout or stderr."""
    stream = sys.stderr if err else sys.stdout
    made = Console(file=stream, highlight=False, soft_wrap=False)
    return made if made.is_terminal else Console(file=stream, highlight=False, width=WIDE, color_system=None)


def say(text: str = "", *, err: bool = False) -> None:
    """Print one line, made harmless."""
    click.echo("\n".join(map(plain_line, text.split("\n"))), err=err)


def plain_line(text: str) -> str:
    """`text` without anything a terminal would obey, its indentation kept."""
    return _HARMFUL.sub(" ", text).rstrip()


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under columns. The last column wraps; put the text that may be Arabic there."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for index, name in enumerate(columns):
        grid.add_column(name, overflow="fold", no_wrap=index < len(columns) - 1)
    for row in rows:
        grid.add_row(*(Text(plain(cell), style=SIGNS.get(cell, "")) for cell in row))
    console().print(grid)


def progress(items: Iterable[T], what: str, total: int) -> Iterator[T]:
    """Yield the items, with a bar on stderr of how many of `total` are done; without one where nobody looks."""
    out = console(err=True)
    if not out.is_terminal or total < MANY:
        yield from items
        return
    with Progress(console=out, transient=True, auto_refresh=False) as bar:  # a thread would forbid forking workers
        task = bar.add_task(what, total=total)
        for count, item in enumerate(items, 1):
            yield item
            if count % (total // 100) == 0:
                bar.update(task, completed=count, refresh=True)


def clock(moment: datetime | None, zone: tzinfo, now: datetime) -> str:
    """A moment for a person: `10:42` today, `24 Nov 10:42` this year, else with the year; "" for None."""
    if moment is None:
        return ""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{local.day} {local:%b %H:%M}" if local.year == today.year else f"{local.day} {local:%b %Y %H:%M}"


def heading(text: str, severity: str) -> Text:
    """A line in the colour of a severity."""
    return Text(plain(text), style=f"bold {SIGNS.get(severity, '')}".strip())


def marked(text: str, ranges: Iterable[tuple[int, int]]) -> Text:
    """`text` with its half-open ranges in bold (in [brackets] where there are no styles)."""
    styled = console().is_terminal and not console().no_color
    out, last = Text(), 0
    for start, end in sorted(ranges):
        if start < last:
            continue
        out.append(_HARMFUL.sub(" ", text[last:start]))
        hit = _HARMFUL.sub(" ", text[start:end])
        out.append(hit if styled else f"[{hit}]", style="bold reverse" if styled else "")
        last = end
    out.append(_HARMFUL.sub(" ", text[last:]))
    return out


def count(number: int, one: str, many: str = "") -> str:
    """`1 article`, `2 articles`, `no articles`."""
    return f"{number or 'no'} {one if number == 1 else many or one + 's'}"
