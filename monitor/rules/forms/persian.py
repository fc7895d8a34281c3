"""The inflected forms of a Persian word: what simplemma lists, Arabic plurals, plurals in ان, and finite verbs.

Plurals in ها are the grammar's. A form with می is two words, since a half-space parts words here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from monitor.rules.forms.inflected import Inflected
from monitor.rules.forms.tables import Table

_PLURALS = """
حمله حملات | خبر اخبار | هدف اهداف | منطقه مناطق | مرکز مراکز | سفیر سفرا سفیران | وزیر وزرا وزیران | شهید شهدا شهیدان
حادثه حوادث | عامل عوامل | مجروح مجروحان مجروحین | مقام مقامات | انتخاب انتخابات | انفجار انفجارات
سلاح اسلحه تسلیحات | مسئول مسئولان مسئولین | رئیس روسا رئیسان | عضو اعضا | مدرسه مدارس | قاعده قواعد | نظامی نظامیان
غیرنظامی غیرنظامیان | شبه‌نظامی شبه‌نظامیان | معترض معترضان معترضین | مهاجم مهاجمان مهاجمین | مسلح مسلحان
سرباز سربازان | جنگنده جنگنده‌ها | کشته کشتگان | زخمی زخمیان | گروگان گروگان‌ها | زندانی زندانیان | بازداشتی بازداشتیان
قربانی قربانیان | شهروند شهروندان | کارگر کارگران | خبرنگار خبرنگاران | روزنامه‌نگار روزنامه‌نگاران | دانشجو دانشجویان
فرمانده فرماندهان | تروریست تروریستان | نماینده نمایندگان | رزمنده رزمندگان | جنگجو جنگجویان | پناهنده پناهندگان
مذاکره مذاکرات | اقدام اقدامات | تحریم تحریمات | خسارت خسارات | اعتراض اعتراضات
اعتصاب اعتصابات | اطلاع اطلاعات | قرارداد قراردادها | توافق توافقات | جنایت جنایات | جزیره جزایر | ساحل سواحل
شهر شهرها | کشور کشورها | دولت دول | حزب احزاب | فرد افراد | طرف اطراف | نقطه نقاط | مرحله مراحل | منبع منابع
تیر تیرها | پایگاه پایگاه‌ها | موشک موشک‌ها | پهپاد پهپادها | بالگرد بالگردها
"""
_PRESENT = """
کردن کن | زدن زن | رفتن رو | دادن ده | گرفتن گیر | کشتن کش | شدن شو | گفتن گو | آمدن آی | رسیدن رس | ساختن ساز
افتادن افت | بستن بند | یافتن یاب | خواستن خواه | شکستن شکن | سوختن سوز | باختن باز | انداختن انداز | فرستادن فرست
ربودن ربا | گریختن گریز | ریختن ریز | نشستن نشین | دیدن بین | خوردن خور | بردن بر | آوردن آور
گذاشتن گذار | داشتن دار
"""
_PERSONS = ("م", "ی", "د", "یم", "ید", "ند")
_LEAST = 4


def _listed(text: str) -> dict[str, tuple[str, ...]]:
    groups = (tuple(group.split()) for group in text.replace("\n", "|").split("|"))
    return {words[0]: words for words in groups if words}


_FAMILIES = {word: words for words in _listed(_PLURALS).values() for word in words}
_STEMS = {words[0]: words[1] for words in _listed(_PRESENT).values()}


def inflect(word: str, lemma: str, listed: Sequence[str], table: Table) -> tuple[Inflected, ...]:
    """Return the forms of a word."""
    if word in _FAMILIES:
        return tuple(map(Inflected, dict.fromkeys((*_FAMILIES[word], *(listed if lemma == word else ())))))
    found = dict.fromkeys((word, lemma, *listed))
    found.update(dict.fromkeys(_verb(lemma)))
    if len(lemma) >= _LEAST and not found.keys() & _STEMS.keys():
        found.update(dict.fromkeys(form for form in _plurals(lemma) if table.get(form) in (None, lemma)))
    return tuple(map(Inflected, found))


def _plurals(word: str) -> Iterator[str]:
    if word[-1] == "ه":
        yield word[:-1] + "گان"
    elif word[-1] in "اوی":
        yield word + "یان" if word[-1] != "ی" else word + "ان"
    else:
        yield word + "ان"


def _verb(infinitive: str) -> Iterator[str]:
    """Past, perfect and present of an infinitive in ن; a present needs its stem, which is listed."""
    if not infinitive.endswith(("تن", "دن")) or infinitive not in _STEMS:
        return
    past = infinitive[:-1]
    for ending in ("", *_PERSONS[:2], *_PERSONS[3:]):
        yield from (past + ending, f"می {past}{ending}", f"نمی {past}{ending}", f"می{past}{ending}")
    yield past + "ه"
    stem = _STEMS[infinitive]
    for ending in _PERSONS:
        yield from (f"می {stem}{ending}", f"نمی {stem}{ending}", f"می{stem}{ending}", f"ب{stem}{ending}")
