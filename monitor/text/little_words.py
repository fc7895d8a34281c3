"""The little words by which a language of Latin letters is known, and the letters only it has. Our own lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

_WORDS = {
    "en": """
        the of and to in is was for that with by from at are were has have had be been will would this which
        their not it its his he she they but after over says said who what when how than new more into about
        against could an as on or out up
    """,
    "fr": """
        le la les des du de un une et est en dans pour que qui sur par avec au aux plus ne pas ce cette ces
        son sa ses leur leurs se il elle ils été ont sont après entre selon contre mais ou où mort morts
        deux lors sans sous depuis dont comme être
    """,
    "de": """
        der die das den dem des ein eine einen einem einer und ist sind war wird werden wurde im in zu zum
        zur von vom mit auf für nicht sich auch nach bei aus an am als um über es er sie noch wie hat haben
        gegen vor durch oder unter bis nur dass mehr zwei
    """,
    "tr": """
        ve bir bu da de için ile olarak olan çok daha en gibi kadar sonra ancak göre ise ne var yok oldu
        etti edildi dedi açıkladı tarafından arasında karşı üzerine yeni ilk iki üç son yıl gün hakkında
        değil mi her bin kişi saldırı öldü geri
    """,
    "es": """
        el la los las de del un una y en que es por con para se su sus al lo como más no ha han fue son está
        este esta entre sobre tras desde hasta sin pero contra según muy también dos años ya le les o donde
        cuando ser
    """,
    "it": """
        il lo la i gli le di del della dei delle degli un una uno e è in nel nella che per con su sul sulla
        da dal dalla al alla non si sono ha hanno più come anche ma dopo tra fra contro stato stata due se
        ai alle questo
    """,
    "nl": """
        de het een en van in is op te dat met voor zijn aan niet door om bij uit naar over als maar heeft
        hebben wordt werd worden was tot na ook er nog die dit deze meer tegen tussen zich hij ze geen twee
        wil
    """,
    "pt": """
        o a os as de do da dos das um uma e em no na nos nas que é por para com se ao aos à mais não foi são
        como mas seu sua seus suas pelo pela após entre sobre contra até também já ser está dois anos diz
        ele ela
    """,
    "id": """
        yang dan di ke dari dengan untuk pada ini itu dalam adalah akan tidak telah oleh sebagai juga bisa
        karena ada sudah para saat setelah antara terhadap kata mereka dia atau lebih seorang orang tahun
        hari serangan
    """,
    "sv": """
        och att det som en ett är på av för med till den i de har inte om var från vid efter men kan ska sig
        så han hon där mot under över eller när också nya enligt två mellan
    """,
    "da": """
        og at det som en et er på af for med til den i de har ikke om var fra ved efter men kan skal sig så
        han hun der mod under over eller når også nye ifølge to mellem blev
    """,
    "no": """
        og at det som en et er på av for med til den i de har ikke om var fra ved etter men kan skal seg så
        han hun der mot under over eller når også nye ifølge to mellom ble
    """,
    "pl": """
        i w na z do że się nie jest to o po za od dla przez przed przy oraz jak ale co tym są był była było
        będzie jego jej ich który która które już także tylko między przeciwko po dwa roku ze
    """,
    "ro": """
        și în de la cu pe din un o care este sunt a au fost pentru că nu se mai după dar prin sau între
        despre fi lui ale său acest această cel cea către doi ani
    """,
    "hu": """
        a az és hogy nem is egy van volt meg de ez el csak már még mint után vagy szerint lesz két ellen
        között amely aki minden majd ki be fel le
    """,
    "cs": """
        a v na se je že s z do o k i za po ve pro ale jak jsou byl byla bylo bude jeho její který která
        které už také jen mezi proti podle nebo při od dva roku ze
    """,
}
_LETTERS = {
    "fr": "êœçèëîôû",
    "de": "ßäöü",
    "tr": "ğışçİ",
    "es": "ñ¿¡",
    "pt": "ãõç",
    "sv": "åä",
    "da": "øæå",
    "no": "øæå",
    "pl": "łżźśćńęą",
    "ro": "șțşţăâ",
    "hu": "őű",
    "cs": "řůěčšž",
}


def _owners(lists: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for lang, items in lists.items():
        for item in items:
            owners[item].append(lang)
    return {item: tuple(langs) for item, langs in owners.items()}


WORDS = _owners({lang: words.split() for lang, words in _WORDS.items()})
"""Each little word, in lower case, with the languages that have it."""
LETTERS = _owners({lang: list(letters) for lang, letters in _LETTERS.items()})
"""Each letter that few languages have, with them."""
