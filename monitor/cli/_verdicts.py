"""Verdicts in words and for scripts, as several screens show them."""

from __future__ import annotations

from monitor.model import Judged


def in_words(judged: Judged) -> str:
    """`8 useful, 2 noise: 80 %`."""
    share = "" if judged.precision is None else f": {judged.precision:.0%}".replace("%", " %")
    return f"{judged.useful} useful, {judged.noise} noise{share}"


def as_json(judged: Judged | None) -> dict[str, float | int | None]:
    """The numbers for scripts; precision is 0 to 1, null when nothing was judged."""
    judged = judged or Judged()
    precision = None if judged.precision is None else round(judged.precision, 4)
    return {"useful": judged.useful, "noise": judged.noise, "precision": precision}
