"""A scraped .txt page: site name, title, paragraphs, leftovers. Decides which line is what. Pure.

The leftovers (related articles, "leave a comment", the back-to-top button) are kept apart: nobody wants an alert
because a headline of another article stood under this one.
"""

from __future__ import annotations

import re

from monitor.sources.parsing import markup
from monitor.sources.parsing.items import Item

_MAX_NAME = 30  # characters of a site name
_MAX_NAME_WORDS = 4
_MAX_TITLE = 250
_MAX_TAIL = 90  # a line of the leftovers is shorter than this
_FINAL = tuple(".!?…؟۔:؛،,;")
_MARKS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u0640]")  # harakat and tatweel
_LETTERS = str.maketrans("أإآٱىة’", "ااااي" + "ه'")

# How the leftovers of a page begin, by language. A line that begins with one of these, as whole words.
_TAILS = {
    "ar": (
        "مقالات ذات صلة|مقالات مشابهة|مقالات متعلقة|مقالات أخرى|مواضيع ذات صلة|مواضيع مشابهة|مواضيع متعلقة"
        "|مواضيع قد تهمك|أخبار ذات صلة|أخبار متعلقة|أخبار مشابهة|الأخبار ذات الصلة|المزيد من الأخبار|ذات صلة"
        "|موضوعات متعلقة|موضوعات ذات صلة|اقرأ أيضا|اقرأ المزيد|إقرأ أيضا|شاهد أيضا|طالع أيضا|قد يعجبك أيضا"
        "|قد يهمك أيضا|قد يهمك|ربما يعجبك|الأكثر قراءة|الأكثر مشاهدة|اترك تعليقا|اترك ردا|أضف تعليقا"
        "|أضف تعليق|اكتب تعليقا|التعليقات|لن يتم نشر عنوان بريدك|الحقول الإلزامية|زر الذهاب إلى الأعلى"
        "|العودة إلى الأعلى|شارك المقال|شارك الخبر|شارك هذا|شاركها|تابعنا على|تابعونا على|اشترك في"
        "|النشرة البريدية|الكلمات المفتاحية|الكلمات الدلالية|الوسوم|كلمات دلالية|جميع الحقوق محفوظة"
        "|حقوق النشر"
    ),
    "en": (
        "Related articles|Related posts|Related stories|Related news|Related topics|Related content|Related"
        "|Read more|Read also|Read next|See also|Also read|More stories|More from|More on this story"
        "|More news|You may also like|You might also like|Recommended for you|Recommended|Most read"
        "|Most popular|Trending now|Leave a comment|Leave a reply|Post a comment|Add a comment|Comments"
        "|Your email address will not be published|Required fields are marked|Back to top|Scroll to top"
        "|Go to top|Share this|Share on|Share via|Follow us|Subscribe to|Sign up for|Newsletter|Tags"
        "|Filed under|Topics|All rights reserved|Copyright|Advertisement"
    ),
    "fa": (
        "مطالب مرتبط|اخبار مرتبط|خبرهای مرتبط|بیشتر بخوانید|دیدگاهتان را بنویسید|ارسال نظر|نشانی ایمیل شما"
        "|برچسب ها|بازگشت به بالا"
    ),
    "fr": (
        "Articles similaires|Articles liés|À lire aussi|Lire aussi|Laisser un commentaire"
        "|Votre adresse e-mail ne sera pas|Partager"
    ),
    "tr": (
        "İlgili haberler|İlgili yazılar|Benzer haberler|Bir yanıt yazın|Yorum yap"
        "|E-posta adresiniz yayınlanmayacak|Paylaş"
    ),
    "ru": (
        "Читайте также|Похожие новости|Похожие статьи|Материалы по теме|Добавить комментарий"
        "|Оставить комментарий|Поделиться"
    ),
    "de": (
        "Ähnliche Artikel|Lesen Sie auch|Mehr zum Thema|Schreiben Sie einen Kommentar|Kommentar hinterlassen"
        "|Nach oben|Teilen"
    ),
    "es": (
        "Artículos relacionados|Noticias relacionadas|Lea también|Deja un comentario|Tu dirección de correo|Compartir"
    ),
}


def read_page(text: str) -> Item:
    """The parts of a scraped page. The body of a page without a headline is all of it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    filled = [number for number, line in enumerate(lines) if line.strip()]
    publisher = title = ""
    if len(filled) > 2 and _is_name(lines[filled[0]]) and len(lines[filled[1]].strip()) <= _MAX_TITLE:
        publisher = lines[filled.pop(0)].strip()
    if len(filled) > 1 and len(lines[filled[0]].strip()) <= _MAX_TITLE:
        title = lines[filled.pop(0)].strip()
    start = filled[0] if filled else len(lines)
    tail = _tail(lines, start)
    return Item(
        publisher=publisher,
        title=title,
        text=_paragraphs(lines[start:tail]),
        boilerplate=_paragraphs(lines[tail:]),
    )


def _is_name(line: str) -> bool:
    name = line.strip()
    return len(name) <= _MAX_NAME and len(name.split()) <= _MAX_NAME_WORDS and not name.endswith(_FINAL)


def _tail(lines: list[str], start: int) -> int:
    """Where the leftovers begin: the first short line with a tail marker after which no line is long."""
    tail = len(lines)
    for number in range(len(lines) - 1, start - 1, -1):
        line = lines[number].strip()
        if len(line) >= _MAX_TAIL:
            break
        if _MARKER.match(_plain(line)):
            tail = number
    return tail


def _paragraphs(lines: list[str]) -> str:
    """Blank lines separate paragraphs; in a text without any, long lines are paragraphs themselves."""
    text = "\n".join(lines).strip()
    if "\n" in text and not re.search(r"\n\s*\n", text):
        filled = [line for line in text.split("\n") if line.strip()]
        if sum(map(len, filled)) / len(filled) >= _MAX_TAIL:
            text = "\n\n".join(filled)
    return markup.plain(text)


def _plain(text: str) -> str:
    return _MARKS.sub("", text.translate(_LETTERS)).lower()


_MARKER = re.compile(
    "(?:"
    + "|".join(re.escape(_plain(phrase)) for phrases in _TAILS.values() for phrase in phrases.split("|"))
    + r")(?!\w)"
)
