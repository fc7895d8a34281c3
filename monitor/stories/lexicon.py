"""Words that date or count: weekdays, months, small numbers in letters; and Arabic words that name nothing.

Spelt as they stand in a folded text. What is not listed here is only missed: figures are read in every language.
"""

from __future__ import annotations

from collections.abc import Mapping

from monitor.text.fold import folded

_WEEKDAYS = (
    "monday lundi montag pazartesi понедельник понеділок دوشنبه الاثنين الإثنين",
    "tuesday mardi dienstag salı вторник вівторок الثلاثاء",
    "wednesday mercredi mittwoch çarşamba среда среду середа середу چهارشنبه الأربعاء",
    "thursday jeudi donnerstag perşembe четверг четвер پنجشنبه الخميس",
    "friday vendredi freitag cuma пятница пятницу п'ятниця п'ятницю جمعه الجمعة",
    "saturday samedi samstag sonnabend cumartesi суббота субботу субота суботу السبت",
    "sunday dimanche sonntag pazar воскресенье неділя неділю یکشنبه الأحد",
)
_MONTHS = (
    "january jan janvier januar يناير جانفي",
    "february feb février februar شباط فبراير فيفري",
    "march mars märz آذار مارس",
    "april apr avril نيسان أبريل إبريل أفريل",
    "may mai أيار مايو ماي",
    "june juin juni حزيران يونيو يونيه جوان",
    "july juillet juli تموز يوليو يوليه جويلية",
    "august aug août آب أغسطس أوت غشت",
    "september sept sep septembre أيلول سبتمبر شتنبر",
    "october oct octobre oktober أكتوبر",
    "november nov novembre نوفمبر نونبر",
    "december dec décembre dezember ديسمبر دجنبر",
)
_NUMBERS = {
    2: "two اثنان اثنين اثنتان اثنتين",
    3: "three ثلاثة ثلاث",
    4: "four أربعة أربع",
    5: "five خمسة خمس",
    6: "six ستة ست",
    7: "seven سبعة سبع",
    8: "eight ثمانية ثماني ثمان",
    9: "nine تسعة تسع",
    10: "ten عشرة عشر",
    11: "eleven",
    12: "twelve",
    13: "thirteen",
    14: "fourteen",
    15: "fifteen",
    16: "sixteen",
    17: "seventeen",
    18: "eighteen",
    19: "nineteen",
    20: "twenty عشرون عشرين",
    30: "thirty ثلاثون ثلاثين",
    40: "forty أربعون أربعين",
    50: "fifty خمسون خمسين",
    60: "sixty ستون ستين",
    70: "seventy سبعون سبعين",
    80: "eighty ثمانون ثمانين",
    90: "ninety تسعون تسعين",
}
_COMMON = """
    التي الذي الذين اللذان اللتان اللواتي على إلى عن من في بعد قبل خلال حول بين تحت فوق ضد منذ عند لدى كما هذا هذه ذلك
    تلك كان كانت يكون تكون قال قالت يقول إنه إنها أنه أنها وفق بحسب حسب وفقا يوم اليوم أمس غدا بسبب غير أكثر أقل عدد
    مع ضمن نحو عبر حتى حيث لكن وقد قد لقد ليس ليست لم لن كل بعض أي أحد إحدى آخر أخرى أول بشأن أثناء بينما جراء إثر
    عاجل خبر صور فيديو بالصور بالفيديو
"""


def _spelt(rows: Mapping[int, str]) -> dict[str, int]:
    return {folded(word): number for number, words in rows.items() for word in words.split()}


WEEKDAYS: Mapping[str, int] = _spelt(dict(enumerate(_WEEKDAYS, start=1)))
"""Word to weekday, Monday is 1."""

MONTHS: Mapping[str, tuple[int, int]] = {
    **{word: (number, number) for word, number in _spelt(dict(enumerate(_MONTHS, start=1))).items()},
    "كانون": (12, 1),
    "تشرين": (10, 11),
}
"""Word to the month it means before `FIRST`, and elsewhere."""

FIRST = folded("الأول")

NUMBERS: Mapping[str, int] = _spelt(_NUMBERS)
"""Word to number. One is left out: it rarely counts anything."""

COMMON = frozenset(map(folded, _COMMON.split()))
