"""Where places of a sheet lie in the texts as they came, for many of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from monitor.text.document import Document
from monitor.text.drawing import BETWEEN
from monitor.text.numbering import Places
from monitor.text.scan import Scan


class Original(NamedTuple):
    """A range of an article's title or text as it came, and in it that of a core."""

    in_text: bool
    start: int
    end: int
    core: tuple[int, int]


class Ranges(NamedTuple):
    """Ranges from token to token of one field each, and the letters of the sheet where their cores lie."""

    firsts: Places
    lasts: Places
    starts: Places
    ends: Places


def originals(documents: Sequence[Document], ranges: Ranges) -> list[Original]:
    """The originals of ranges in the documents of one sheet."""
    sheet = documents[0].sheet
    places = np.array(sheet.firsts).searchsorted(ranges.firsts, "right") - 1
    is_text = ranges.firsts >= np.array(sheet.texts).take(places)
    where, bases = sheet.kept
    shifts = np.array(
        [
            [base + 1, base + 1 + len(one.fields.title) + len(BETWEEN)]
            for base, one in zip(bases, sheet.drawn, strict=True)
        ]
    )
    starts = np.stack((sheet.starts.take(ranges.firsts), ranges.starts))
    ends = np.stack((sheet.ends.take(ranges.lasts), ranges.ends))
    shift = shifts[places, is_text.view(np.uint8)]
    last = where.take(ends - 1) + 1
    firsts, lasts = where.take(starts) - shift, last - shift
    is_folded = np.array([one.folded is not None for one in sheet.drawn])
    odd = (where.take(ends) != last) | is_folded.take(places)
    for at in odd.any(axis=0).nonzero()[0].tolist():
        base, scan = sheet.bounds[place := places.item(at)], documents[place].scan
        for row in (0, 1):
            firsts[row, at], lasts[row, at] = scan.original(starts.item(row, at) - base, ends.item(row, at) - base)
    np.maximum(firsts[0], firsts[1], out=firsts[1])
    np.minimum(lasts[0], lasts[1], out=lasts[1])
    columns = zip(is_text.tolist(), *firsts.tolist(), *lasts.tolist(), strict=True)
    return [Original(in_text, a, b, (c, d)) for in_text, a, c, b, d in columns]


def original(scan: Scan, first: int, last: int, start: int, end: int) -> Original:
    """The original of one range, from token to token of a scan, and where its core lies there."""
    tokens = scan.starts.item(first), scan.ends.item(last)
    begins, ends = core = scan.original(*tokens)
    if tokens != (start, end):
        core_begins, core_ends = scan.original(start, end)
        core = max(begins, core_begins), min(ends, core_ends)
    return Original(first >= scan.titles, begins, ends, core)
