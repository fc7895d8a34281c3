"""The values of an e-mail's HTML: every text escaped, the article in its own direction, evidence marked.

`templates/email.html` puts them in order. Styles stand in the elements, since mail programs drop the rest. No image,
no script, nothing that is fetched.
"""

from __future__ import annotations

from html import escape
from typing import Any

from monitor.alerting.facts import Facts
from monitor.alerting.letter import Letter
from monitor.alerting.notice import marks, severity_words
from monitor.alerting.wording import Line, Part, Style, direction, is_foreign
from monitor.channels.rendering import Html

_COLOURS = {"critical": "#c62828", "high": "#e06c00", "medium": "#d4a900", "low": "#1f6fc4", "info": "#8a929b"}
_CODE = "font-family:Consolas,'DejaVu Sans Mono',monospace;font-size:13px;background:#eef1f4;padding:1px 5px"
_MARK = "background:#ffe58a;color:inherit;padding:0 2px;border-radius:2px"


def values(this: Facts, told: Letter) -> dict[str, Any]:
    """What `email.html` shows. Every text is escaped here; lines that have nothing to say are empty."""
    language = this.language
    lines = {"origin": told.origin, "note": told.note, "why_you": told.why_you, "why_now": told.why_now}
    lines |= {"hidden": told.hidden, "code": told.code}
    labels = {f"{name.replace('-', '_')}_label": told.labels[name].strip() for name in ("note", "why-you", "why-now")}
    beside = () if this.is_drill else marks(this)  # a drill is marked in its title
    texts = {
        "language": language,
        "direction": "rtl" if language == "ar" else "ltr",
        "colour": _COLOURS[this.severity],
        "severity": " ".join([severity_words(this), *beside]),
        "subject": told.subject,
        "title": told.title,
        "url": told.url,
        "open": this.say("open").text.capitalize(),
        "others_heading": told.others_heading,
        **labels,
    }
    return {
        **{name: Html(escape(text)) for name, text in texts.items()},
        **{name: _line(line, language) for name, line in lines.items()},
        "title_own": _own(this, told.title),
        # The excerpt may be in another language than the headline; its letters tell.
        "excerpt_own": _own(this, "".join(part.text for part in told.excerpt)),
        "excerpt": Html("".join(_piece(part) for part in told.excerpt)),
        "others": [_line(other, language) for other in told.others],
    }


def _own(this: Facts, text: str) -> Html:
    """The article's own direction and language as attributes."""
    way = direction(text) or ("rtl" if this.language == "ar" else "ltr")
    declared = str(this.head.get("language", ""))
    is_code = declared.isascii() and declared.isalpha()
    return Html(f'dir="{way}"' + (f' lang="{declared}"' if is_code else ""))


def _line(line: Line, language: str) -> Html:
    return Html("".join(_part(part, language) for part in line))


def _part(part: Part, language: str) -> str:
    if part.style is Style.LINK:
        return f'<a href="{escape(part.url)}" style="color:#1f4e79">{escape(part.text)}</a>'
    if part.style is Style.COMMAND:
        return f'<bdi dir="ltr" style="{_CODE}">{escape(part.text)}</bdi>'
    if part.style is Style.PLAIN:
        return escape(part.text)
    way = direction(part.text) or "auto"
    return f'<bdi dir="{way}">{escape(part.text)}</bdi>' if is_foreign(part.text, language) else escape(part.text)


def _piece(part: Part) -> str:
    """A piece of the excerpt."""
    text = escape(part.text)
    return f'<mark style="{_MARK}">{text}</mark>' if part.style is Style.HIT else text
