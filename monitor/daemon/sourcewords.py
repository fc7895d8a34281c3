"""How the operator is told of sources in trouble, in Arabic and in English. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from monitor.model import SourceState
from monitor.rhythm.states import median_gap
from monitor.rhythm.troubles import Trouble
from monitor.timing import format_duration

MOST_NAMED = 20
"""Sources named in one message; the rest is counted."""

_BEGUN = {
    "en": {
        Trouble.FAILING: ("Source {one} keeps failing", "{n} sources keep failing"),
        Trouble.SILENT: ("Source {one} has gone silent", "{n} sources have gone silent"),
        Trouble.MOVED: ("Source {one} has moved", "{n} sources have moved"),
        Trouble.GONE: ("Source {one} is gone (410)", "{n} sources are gone (410)"),
    },
    "ar": {
        Trouble.FAILING: ("يتعذّر جلب المصدر {one} مرارا", "مصادر يتعذّر جلبها مرارا، عددها {n}"),
        Trouble.SILENT: ("صمت المصدر {one}", "مصادر صمتت، عددها {n}"),
        Trouble.MOVED: ("انتقل المصدر {one} إلى عنوان آخر", "مصادر انتقلت إلى عنوان آخر، عددها {n}"),
        Trouble.GONE: ("لم يعد المصدر {one} موجودا (410)", "مصادر لم تعد موجودة (410)، عددها {n}"),
    },
}
_OVER = {
    "en": {
        Trouble.FAILING: ("Source {one} works again", "{n} sources work again"),
        Trouble.SILENT: ("Source {one} brings articles again", "{n} sources bring articles again"),
        Trouble.MOVED: ("The address of source {one} is right again", "The addresses of {n} sources are right again"),
        Trouble.GONE: ("Source {one} is there again", "{n} sources are there again"),
    },
    "ar": {
        Trouble.FAILING: ("عاد المصدر {one} إلى العمل", "مصادر عادت إلى العمل، عددها {n}"),
        Trouble.SILENT: ("عاد المصدر {one} إلى النشر", "مصادر عادت إلى النشر، عددها {n}"),
        Trouble.MOVED: ("عنوان المصدر {one} صحيح من جديد", "مصادر صحّت عناوينها من جديد، عددها {n}"),
        Trouble.GONE: ("عاد المصدر {one} إلى الوجود", "مصادر عادت إلى الوجود، عددها {n}"),
    },
}
_LINES = {
    "en": {
        Trouble.FAILING: "{one}: {error} ({n} times in a row, since {since})",
        Trouble.SILENT: "{one}: nothing new since {since}, though its server answers{gap}",
        Trouble.MOVED: "{one}: it is polled at {where}; write that into the configuration",
        Trouble.GONE: "{one}: its server says so since {since}; it is looked for once a day",
    },
    "ar": {
        Trouble.FAILING: "{one}: {error} ({n} مرات متتالية منذ {since})",
        Trouble.SILENT: "{one}: لا جديد منذ {since} مع أن الخادم يجيب{gap}",
        Trouble.MOVED: "{one}: يُجلب الآن من {where}، فاكتبه في الإعدادات",
        Trouble.GONE: "{one}: هذا جواب خادمه منذ {since}، ويُسأل عنه مرة في اليوم",
    },
}
_USUALLY = {"en": "; usually an article every {gap}", "ar": "، والمعتاد مقال كل {gap}"}
_MORE = {"en": "and {n} more: rasid sources errors", "ar": "وغيرها {n}: rasid sources errors"}


def title(trouble: Trouble, names: Sequence[str], language: str, *, is_over: bool) -> str:
    """The headline: one source by name, several by number."""
    words = _OVER if is_over else _BEGUN
    one, many = words.get(language, words["en"])[trouble]
    return one.format(one=names[0]) if len(names) == 1 else many.format(n=len(names))


def lines(
    trouble: Trouble, states: Sequence[tuple[SourceState, datetime]], language: str, zone: tzinfo, *, is_over: bool
) -> tuple[str, ...]:
    """A line for each source: states with the moment since when it is wrong; those over are only named."""
    spoken = language if language in _LINES else "en"
    shown = states[:MOST_NAMED]
    more = len(states) - len(shown)
    return (
        *(state.id if is_over else _line(trouble, state, since, spoken, zone) for state, since in shown),
        *([_MORE[spoken].format(n=more)] if more else []),
    )


def _line(trouble: Trouble, state: SourceState, since: datetime, language: str, zone: tzinfo) -> str:
    gap = median_gap(state.appeared)
    return _LINES[language][trouble].format(
        one=state.id,
        error=state.last_error,
        n=state.failures,
        since=f"{since.astimezone(zone):%Y-%m-%d %H:%M}",
        where=state.moved_to,
        gap=_USUALLY[language].format(gap=format_duration(gap)) if gap else "",
    )
