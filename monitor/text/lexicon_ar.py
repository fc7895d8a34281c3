"""Arabic words that the grammar must know by name: radical ال, function words, spelling pairs.

Our own small lists; each name says what its words are.
"""

from __future__ import annotations


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_RADICAL = """
التزام التهاب التماس التحام التحاق التباس التواء التجاء التفات التفاف التقاط التقاء التهام التئام التياع
التصاق التحاف التماع التزم التهب التمس التحم التحق التبس التوى التجأ التجا التفت التف التقط التقى التهم
التأم التصق المانيا الماني البانيا الباني البوم الماس الغاء الغام الغى الكترون الكتروني الزام الحاح الحاق
القاء العاب الوان القاب اليات الية الاف اليكس اليكسي اليزابيث البرت البرتو الكسندر الكساندر الكسي الاسكا
الزهايمر اليساندرو
"""
_ENDINGS = ("", "ة", "ه", "ي", "ات", "ية", "يه", "يا", "يين", "ين", "ون", "ان", "ا")

NOT_ARTICLES = frozenset(
    stem + ending for stem in _RADICAL.split() for ending in (_ENDINGS if len(stem) > 4 else ("",))
)
"""Words whose first two letters look like the article and are not, written without hamza."""

FUNCTION_WORDS = _listed("""
    اليه عليه فيه منه عنه له به لديه معه بينه عنده بعده قبله فوقه تحته دونه ضده حوله نحوه مثله غيره هذه انه
    لانه كانه لكنه كله بعضه نفسه
    """)
"""Folded words in ه that are no careless spelling of a word in ة."""

OTHER_LEMMAS = _listed("""
    علي على الي الى حتي حتى لدي لدى بشري بشرى مني منى متي متى مدي مدى يحيي يحيى
    """)
"""Folded words in ي or ى whose other spelling is another word."""

PREPOSITIONS = _listed("""
    عليها عليهم عليهما عليهن عليك عليكم عليكما عليكن علينا عليا اليها اليهم اليهما اليهن اليك اليكم اليكن الينا
    """)
"""Folded prepositions with a pronoun that are no علي or إلي with an ending, and عليا, the highest."""

NOT_INFLECTED = _listed("""
    لبنان سودان عدنان عمران طهران شعبان سلطان سليمان سلمان سفيان مروان نعمان عثمان حمدان زيدان جبران رضوان
    غسان حسان رمضان نيسان بركان بستان ديوان شيطان طوفان قربان ميزان نجران همدان هجران ميدان عنوان بنيان
    سرطان انسان اسوان المان رومان رهبان عدوان طيران قطران قمران لقمان فقدان مهرجان مطران قبطان قرصان جثمان
    عجمان ظهران مرجان طالبان كردستان بحرين فلسطين ياسين زيتون قانون كانون مليون بليون تلفزيون عمرو مايو مترو
    راديو يورو بيانو
    """)
"""Folded words whose ان, ين, ون or و is no ending: Lebanon is no pair of milks."""

SPELLINGS = (
    ("أمريك", "أميرك"),
    ("غوتيريش", "جوتيريش"),
    ("نتنياهو", "نتانياهو"),
    ("زيلينسكي", "زيلنسكي"),
    ("ديمقراط", "ديموقراط"),
    ("كردستان", "كوردستان"),
    ("إنجلترا", "إنكلترا"),
    ("إنجليزي", "إنكليزي"),
    ("غوغل", "جوجل"),
    ("هيئة", "هيأة"),
    ("إسطنبول", "إستانبول"),
    ("إسطنبول", "إسطمبول"),
    ("أذربيجان", "أذربايجان"),
    ("هونغ", "هونج"),
    ("كونغ", "كونج"),
    ("لوكسمبورغ", "لوكسمبورج"),
    ("غوانتانامو", "جوانتانامو"),
    ("شنغهاي", "شانغهاي"),
)
"""Beginnings of words, without the article, that stand for each other."""

WHOLE_SPELLINGS = (
    ("سوريا", "سورية"),
    ("داود", "داوود"),
    ("ترامب", "ترمب"),
    ("مئتين", "مائتين"),
    ("مئتان", "مائتان"),
    ("مئات", "مائات"),
    *((unit + "مئة", unit + "مائة") for unit in ("", "ثلاث", "أربع", "خمس", "ست", "سبع", "ثمان", "ثماني", "تسع")),
)
"""Whole words, without the article, that stand for each other."""

FAMILIES = (("أبو", "أبا", "أبي"), ("ذو", "ذا", "ذي"), ("بنو", "بني"), ("بن", "ابن"))
"""Words of names that change with their case or place; only inside a phrase."""
