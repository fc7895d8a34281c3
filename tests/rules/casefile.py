"""Read files of cases: one a line, `term | text | what is found ; in order`, under headings that say how."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from monitor.rules.terms import Mode

READ: dict[str, dict[str, Any]] = {
    "word": {},
    "exact": {"mode": Mode.EXACT},
    "name": {"name": True},
    "always": {"clitics_always": True},
    "strict": {"strict": True},
    "cased": {"cased": True},
    "uncased": {"cased": False},
    "starts": {"mode": Mode.STARTS},
    "strict exact": {"mode": Mode.EXACT, "strict": True},
    "strict starts": {"mode": Mode.STARTS, "strict": True},
    "pattern": {"mode": Mode.PATTERN},
    "forms": {"mode": Mode.FORMS},
    "translit": {"name": True, "translit": True},
}
"""What a heading asks of a term."""


class Case(NamedTuple):
    """One line: `found` are the whole words found, in order. `how` may end in ", any language"."""

    how: str
    term: str
    text: str
    found: tuple[str, ...]


def read_cases(path: Path) -> list[Case]:
    """Return the cases of a file."""
    read: list[Case] = []
    how = ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            how = line.strip("[]")
        elif line and not line.startswith("#"):
            term, text, found = (part.strip(" ") for part in line.rsplit(" |", 2))
            read.append(Case(how, term, text, tuple(found.split(" ; ")) if found else ()))
    return read
