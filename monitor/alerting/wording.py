"""The words around an alert, in Arabic and in English: grammar of numbers, clock times, and directions. Pure.

A message is made of lines, a line of parts; a channel turns parts into its own markup. Nothing here knows a channel.
In Arabic every line begins with U+200F, and whatever holds Latin letters or digits stands between U+2068 and U+2069:
a line that begins with Latin would be shown left to right, its Arabic scrambled.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from monitor.text.clean import clean
from monitor.timing import format_duration

LANGUAGES = ("ar", "en")
RLM, LRM, FSI, PDI = "\u200f", "\u200e", "\u2068", "\u2069"
ELLIPSIS = "…"

_LEFT = frozenset({"L"})
_RIGHT = frozenset({"R", "AL"})
_DIGITS = frozenset({"EN", "AN"})

SIGNS = {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "🔵", "info": "⚪"}

_TEXTS = {
    "en": {
        "critical": "critical",
        "high": "high",
        "medium": "medium",
        "low": "low",
        "info": "info",
        "drill": "[DRILL]",
        "untitled": "(no headline)",
        "comma": ", ",
        "published": "published ",
        "seen": "seen ",
        "edited": "edited version",
        "open": "open article",
        "alert": "Alert: ",
        "alerts": "Alerts: ",
        "entity": "entity: ",
        "entities": "entities: ",
        "why-now": "why now: ",
        "hidden": "More articles, not shown here: ",
        "hidden-alerts": "More alerts, not shown here: ",
        "code": "Code ",
        "why": "why? ",
        "mute": "mute 2 h: ",
        "first": "first article of this story",
        "firsts": "first articles of this story",
        "first-of-code": "first news under this code",
        "reopened": "news again after a quiet day",
        "update": "since the last message: ",
        "new-since": "new since ",
        "quiet": "Quiet for ",
        "severity rose": "more severe than told before",
        "escalated": "escalated by its rule",
        "spread": "many new publishers tell it",
        "silence": "nothing more came since",
        "silence-mark": "[SILENT]",
        "correction-mark": "[CORRECTION]",
        "correction": "correction: the article no longer says this",
        "drill-now": "this channel is being tested",
        "digest-since": " since ",
        "digest-quiet": "held through quiet hours",
        "digest-digest": "gathered for the digest",
        "digest-at_most": "more than this channel takes at once",
        "digest-outage": "could not be sent before",
    },
    "ar": {
        "critical": "حرجة",
        "high": "عالية",
        "medium": "متوسطة",
        "low": "منخفضة",
        "info": "للعلم",
        "drill": "[تمرين]",
        "untitled": "(بلا عنوان)",
        "comma": "، ",
        "published": "نُشر ",
        "seen": "رُصد ",
        "edited": "نسخة معدّلة",
        "open": "رابط الخبر",
        "alert": "تنبيه: ",
        "alerts": "تنبيهات: ",
        "entity": "الكيان: ",
        "entities": "الكيانات: ",
        "why-now": "لماذا الآن: ",
        "hidden": "أخبار أخرى لا تظهر هنا: ",
        "hidden-alerts": "تنبيهات أخرى لا تظهر هنا: ",
        "code": "الرمز ",
        "why": "لماذا؟ ",
        "mute": "كتم ساعتين: ",
        "first": "أول خبر في هذه القصة",
        "firsts": "أول الأخبار في هذه القصة",
        "first-of-code": "أول خبر تحت هذا الرمز",
        "reopened": "خبر جديد بعد يوم من الهدوء",
        "update": "منذ الرسالة السابقة: ",
        "new-since": "جديد منذ ",
        "quiet": "هدوء لمدة ",
        "severity rose": "أخطر مما أُبلغ عنه من قبل",
        "escalated": "رُفعت درجته وفق إعداد التنبيه",
        "spread": "تناقله ناشرون جدد كثيرون",
        "silence": "لم يرد شيء بعده",
        "silence-mark": "[صمت]",
        "correction-mark": "[تصحيح]",
        "correction": "تصحيح: لم يعد الخبر يقول ذلك",
        "drill-now": "تجربة لهذه القناة",
        "digest-since": " منذ ",
        "digest-quiet": "أُجّلت خلال ساعات الهدوء",
        "digest-digest": "جُمعت للملخّص",
        "digest-at_most": "أكثر مما تقبله هذه القناة دفعة واحدة",
        "digest-outage": "تعذّر إرسالها في حينها",
    },
}

# Arabic: one, two, 3 to 10 (plural), 11 to 99 (singular in the accusative), hundreds (singular).
_COUNTED = {
    "publisher": ("ناشر واحد", "ناشران", "ناشرين", "ناشرًا", "ناشر"),
    "article": ("خبر واحد", "خبران", "أخبار", "خبرًا", "خبر"),
    "alert": ("تنبيه واحد", "تنبيهان", "تنبيهات", "تنبيهًا", "تنبيه"),
    "d": ("يوم واحد", "يومين", "أيام", "يومًا", "يوم"),
    "h": ("ساعة واحدة", "ساعتين", "ساعات", "ساعة", "ساعة"),
    "m": ("دقيقة واحدة", "دقيقتين", "دقائق", "دقيقة", "دقيقة"),
    "s": ("ثانية واحدة", "ثانيتين", "ثوانٍ", "ثانية", "ثانية"),
}

_PLACES = {
    "Aden": "عدن",
    "Algiers": "الجزائر",
    "Amman": "عمّان",
    "Baghdad": "بغداد",
    "Bahrain": "البحرين",
    "Beirut": "بيروت",
    "Berlin": "برلين",
    "Cairo": "القاهرة",
    "Casablanca": "الدار البيضاء",
    "Damascus": "دمشق",
    "Dubai": "دبي",
    "Gaza": "غزة",
    "Hebron": "الخليل",
    "Istanbul": "إسطنبول",
    "Jerusalem": "القدس",
    "Khartoum": "الخرطوم",
    "Kuwait": "الكويت",
    "London": "لندن",
    "Moscow": "موسكو",
    "Muscat": "مسقط",
    "New York": "نيويورك",
    "Paris": "باريس",
    "Qatar": "قطر",
    "Riyadh": "الرياض",
    "Tehran": "طهران",
    "Tripoli": "طرابلس",
    "Tunis": "تونس",
}


class Style(StrEnum):
    """What a part of a line is: our own words, or somebody's, and how it stands out."""

    PLAIN = "plain"  # our words in the message's language
    VALUE = "value"  # a name, a number, somebody's words
    STRONG = "strong"  # the headline
    HIT = "hit"  # evidence inside somebody's words
    LINK = "link"  # our words that lead to `url`
    COMMAND = "command"  # to be typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a line: text without markup and without isolates."""

    text: str
    style: Style = Style.PLAIN
    url: str = ""


Line = tuple[Part, ...]


def said(language: str, key: str) -> str:
    """Our words for `key`."""
    return _TEXTS[language][key]


def plain(text: str) -> Part:
    """Our words."""
    return Part(text=text)


def value(text: str) -> Part:
    """Somebody's words, a name or a number."""
    return Part(text=text, style=Style.VALUE)


def joined(parts: Iterable[Line], separator: str = " · ") -> Line:
    """One line of several, a separator between them; empty ones are left out."""
    line: list[Part] = []
    for part in parts:
        if line and part:
            line.append(plain(separator))
        line.extend(part)
    return tuple(line)


def listed(parts: Sequence[Line], language: str) -> Line:
    """A list as a sentence has it: commas, and "and" before the last."""
    comma, last = ("، ", " و") if language == "ar" else (", ", " and ")
    return joined([joined(parts[:-1], comma), *parts[-1:]], last)


def one_line(text: object, longest: int = 10_000) -> str:
    """A text from outside as it may stand in a line: cleaned once more, white space as single spaces, cut."""
    return cut(" ".join(clean(str(text)).split()), longest)


def cut(text: str, longest: int) -> str:
    """At most `longest` code points, cut at a word where there is one in the second half."""
    if len(text) <= longest:
        return text
    space = text.rfind(" ", longest // 2, longest)
    return text[: space if space > 0 else longest - 1] + ELLIPSIS


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing of it: blanks and marks of direction only."""
    return all(unicodedata.category(letter)[0] in "ZC" for letter in text)


def direction(text: str) -> str:
    """rtl or ltr by what most letters are; "" without letters."""
    kinds = [unicodedata.bidirectional(letter) for letter in text]
    right, left = sum(kind in _RIGHT for kind in kinds), sum(kind in _LEFT for kind in kinds)
    if not right and not left:
        return ""
    return "rtl" if right >= left else "ltr"


def is_foreign(text: str, language: str) -> bool:
    """Whether `text` would disturb the order of a line in `language`: it holds letters of the other direction."""
    others = _LEFT | _DIGITS if language == "ar" else _RIGHT
    return any(unicodedata.bidirectional(letter) in others for letter in text)


def isolated(text: str, language: str, shown: str | None = None) -> str:
    """`text` between U+2068 and U+2069 where it would disturb its line. `shown` is `text` in a channel's markup."""
    shown = text if shown is None else shown
    if not is_foreign(text, language):
        return shown
    # The isolate takes its direction from its first letter; "F-16 ..." in an Arabic headline must not turn it.
    strong = (kind for kind in map(unicodedata.bidirectional, text) if kind in _LEFT | _RIGHT)
    first = "rtl" if next(strong, "L") in _RIGHT else "ltr"
    turned = {"rtl": RLM, "ltr": LRM}[direction(text)] if direction(text) not in ("", first) else ""
    return f"{FSI}{turned}{shown}{PDI}"


def begun(text: str, language: str) -> str:
    """A line as it begins in a language."""
    return RLM + text if language == "ar" and text else text


def counted(number: int, noun: str, language: str) -> Line:
    """A number with its noun, "publisher", "article" or "alert", in the form that the number asks for.

    In Arabic also with "d", "h", "m" or "s", a unit of time, as it stands after "for".
    """
    if language == "en":
        return (plain(f"{number} {noun}{'' if number == 1 else 's'}"),)
    one, two, few, many, hundreds = _COUNTED[noun]
    if number in (1, 2):
        return (plain(one if number == 1 else two),)
    rest = number % 100
    form = few if 3 <= rest <= 10 else many if rest >= 11 else hundreds
    return (value(str(number)), plain(f" {form}"))


def lasting(span: timedelta, language: str) -> Line:
    """A length of time, as it stands after "for", in its two largest units."""
    amounts = re.findall("([0-9]+)([dhms])", format_duration(_whole(span)))
    if language == "en":
        return (plain(" ".join(f"{number} {unit}" for number, unit in amounts)),)
    return listed([counted(int(number), unit, language) for number, unit in amounts], language)


def _whole(span: timedelta) -> timedelta:
    """In minutes, those under a minute in seconds; a year is days."""
    whole = timedelta(minutes=1) if span >= timedelta(minutes=1) else timedelta(seconds=1)
    return min(span // whole * whole, timedelta(days=364))


def clock(moment: datetime, zone: ZoneInfo, day: datetime) -> Part:
    """A clock time in `zone`, with its date when that is not the date of `day`."""
    local = moment.astimezone(zone)
    is_same = local.date() == day.astimezone(zone).date()
    return value(local.strftime("%H:%M" if is_same else "%Y-%m-%d %H:%M"))


def place(zone: ZoneInfo, language: str) -> Part:
    """The name of a timezone as a reader knows it: its city."""
    city = zone.key.rsplit("/", 1)[-1].replace("_", " ")
    return value(_PLACES.get(city, city) if language == "ar" else city)


def bare(line: Line, language: str) -> str:
    """A line as plain text with its isolates. A link gives its words and its URL.

    A URL stands without isolates: programs that find links take the closing one for a part of it.
    """
    shown = []
    for part in line:
        if part.style is Style.LINK:
            shown.append(f"{part.text}: {part.url}")
        elif part.style is Style.PLAIN:
            shown.append(part.text)
        else:
            shown.append(isolated(part.text, language))
    return begun("".join(shown), language)


def quoted(line: Line, language: str, *, hits: tuple[str, str], indent: str = "") -> str:
    """An excerpt as plain text: isolated as a whole, since its parts belong together."""
    text = "".join(part.text for part in line)
    shown = "".join(f"{hits[0]}{p.text}{hits[1]}" if p.style is Style.HIT else p.text for p in line)
    return begun(indent + isolated(text, language, shown), language) if text else ""
