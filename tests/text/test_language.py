"""Languages: declared, then script, then telling letters."""

from __future__ import annotations

import pytest

from monitor.text.language import detect


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("دوت صفارات الإنذار", "", "ar"),
        ("یہ ایک خبر ہے", "", "ur"),
        ("دا ښه خبر دی", "", "ps"),
        ("هەواڵی ئێمە", "", "ckb"),
        ("این خبر از تهران رسید", "", "fa"),
        ("پایگاه چند گروه", "", "fa"),
        ("חדשות מהיום", "", "he"),
        ("Нічні новини її міста", "", "uk"),
        ("Вчера выпал первый снег", "", "ru"),
        ("Добра вода", "", ""),
        ("新闻报道", "", "zh"),
        ("ニュースです", "", "ja"),
        ("The base was hit by rockets", "", "en"),
        ("Au moins douze morts dans une explosion à Bagdad", "", "fr"),
        ("Bundeskanzler reist nach Kiew und verspricht Hilfe", "", "de"),
        ("Bağdat'ta patlama: en az on iki ölü", "", "tr"),
        ("SALDIRI DIŞINDA İKİ KİŞİ", "", "tr"),
        ("Al menos doce muertos en una explosión", "", "es"),
        ("Attacco contro una base militare nel deserto", "", "it"),
        ("Zeker twaalf doden bij explosie in het centrum", "", "nl"),
        ("Pelo menos doze mortos em uma explosão", "", "pt"),
        ("Sedikitnya dua orang tewas dalam ledakan di Baghdad", "", "id"),
        ("Co najmniej dwanaście ofiar wybuchu", "", "pl"),
        ("in an", "", ""),
        ("a de", "", ""),
        ("قالت پوتين گوگل في بيان نشرته الوكالة على موقعها", "", "ar"),
        ("سياسة", "", "ar"),
        ("Вчера в Київ прибыла делегация, и мы выехали", "", "ru"),
        ("안녕", "", ""),
        ("Die Basis", "", ""),
        ("", "", ""),
        ("123", "", ""),
        ("Le chat dort", "fr-FR", "fr"),
        ("دوت صفارات الإنذار", "en-US", "ar"),
        ("دوت صفارات", "fa", "fa"),
        ("The base was hit", "ar", "en"),
        ("Le chat", "ar", ""),
        ("", "AR_iq", "ar"),
        ("Вода", "bg", "bg"),
    ],
)
def test_language_is_declared_unless_the_script_contradicts(text: str, declared: str, expected: str) -> None:
    assert detect(text, declared) == expected
