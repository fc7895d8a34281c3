"""The HTML of an e-mail: a page in the reader's language, the article in its own direction, evidence marked.

Styles stand in the elements, since mail programs drop the rest. No image, no script, nothing that is fetched. Every
text is escaped here and nowhere else.
"""

from __future__ import annotations

from html import escape

from monitor.alerting.letter import Letter
from monitor.alerting.notice import Facts, marks, severity_words
from monitor.alerting.wording import Line, Part, Style, direction, is_foreign

_COLOURS = {"critical": "#c62828", "high": "#e06c00", "medium": "#d4a900", "low": "#1f6fc4", "info": "#8a929b"}
_FONT = "font-family:'Segoe UI',Tahoma,'Noto Sans Arabic','Noto Naskh Arabic','DejaVu Sans',Arial,sans-serif"
_QUIET = "color:#5b6570;font-size:14px"
_CODE = "font-family:Consolas,'DejaVu Sans Mono',monospace;font-size:13px;background:#eef1f4;padding:1px 5px"
_MARK = "background:#ffe58a;color:inherit;padding:0 2px;border-radius:2px"


def page(this: Facts, told: Letter) -> str:
    """The whole page."""
    way = "rtl" if this.language == "ar" else "ltr"
    colour = _COLOURS[this.severity]
    frame = f"max-width:640px;margin:0 auto;background:#fff;border-top:5px solid {colour};padding:20px 24px 16px"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{this.language}" dir="{way}">',
            f'<head><meta charset="utf-8"><title>{escape(told.subject)}</title></head>',
            f'<body style="margin:0;padding:16px;background:#f3f5f7;color:#1c2127;font-size:16px;line-height:1.6;'
            f'{_FONT}">',
            f'<div lang="{this.language}" dir="{way}" style="{frame}">',
            *_head(this, told),
            *_body(told, this.language),
            "</div>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _head(this: Facts, told: Letter) -> list[str]:
    """Severity, headline, origin and evidence."""
    dot = f"display:inline-block;width:11px;height:11px;border-radius:6px;background:{_COLOURS[this.severity]}"
    severity = " ".join([severity_words(this), *marks(this)])
    own = _own(this, told.title)
    # The excerpt may be in another language than the headline; its letters tell.
    quote = _own(this, "".join(part.text for part in told.excerpt))
    block = "margin:14px 0;padding:10px 14px;background:#f8f9fa;border-inline-start:3px solid #c9d0d7"
    lines = [
        f'<p style="margin:0;{_QUIET}"><span style="{dot}"></span> {escape(severity)}</p>',
        f'<h1 {own} style="font-size:21px;line-height:1.4;margin:6px 0 4px">{escape(told.title)}</h1>',
    ]
    if told.origin:
        lines.append(f'<p style="margin:0;{_QUIET}">{_line(told.origin, this.language)}</p>')
    if told.excerpt:
        words = "".join(_piece(part) for part in told.excerpt)
        lines.append(f'<blockquote {quote} style="{block}">{words}</blockquote>')
    if told.url:
        link = this.say("open").text
        button = "background:#1f4e79;color:#fff;text-decoration:none;padding:8px 16px;border-radius:4px"
        href = f'<a href="{escape(told.url)}" style="{button};display:inline-block">{escape(link.capitalize())}</a>'
        lines.append(f'<p style="margin:14px 0">{href}</p>')
    return lines


def _body(told: Letter, language: str) -> list[str]:
    """Why, what to do, what else, and how to ask."""
    lines = []
    if told.note:
        box = "margin:12px 0;padding:8px 14px;background:#fff7e0;border-radius:4px"
        lines.append(
            f'<p style="{box}"><b>{escape(told.labels["note"].strip())}</b> {_line(told.note, language)}</p>'
        )
    for key, line in (("why-you", told.why_you), ("why-now", told.why_now)):
        if line:
            label = f"<b>{escape(told.labels[key].strip())}</b>"
            lines.append(f'<p style="margin:4px 0;font-size:15px">{label} {_line(line, language)}</p>')
    if told.others:
        lines.append(f'<p style="margin:14px 0 2px"><b>{escape(told.others_heading)}</b></p>')
        lines.append('<ul style="margin:0;padding-inline-start:22px;font-size:15px">')
        lines += [f"<li>{_line(other, language)}</li>" for other in told.others]
        lines.append("</ul>")
    if told.hidden:
        lines.append(f'<p style="margin:4px 0;{_QUIET}">{_line(told.hidden, language)}</p>')
    if told.code:
        foot = f"margin:18px 0 0;padding-top:10px;border-top:1px solid #e1e5e9;{_QUIET}"
        lines.append(f'<p style="{foot}">{_line(told.code, language)}</p>')
    return lines


def _own(this: Facts, text: str) -> str:
    """The article's own direction and language as attributes."""
    way = direction(text) or ("rtl" if this.language == "ar" else "ltr")
    declared = str(this.head.get("language", ""))
    is_code = declared.isascii() and declared.isalpha()
    return f'dir="{way}"' + (f' lang="{declared}"' if is_code else "")


def _line(line: Line, language: str) -> str:
    return "".join(_part(part, language) for part in line)


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
