"""A saved e-mail to one item: subject, text, sender, date and Message-ID. Attachments are not looked at."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from monitor.errors import SourceError
from monitor.sources.parsing import markup
from monitor.sources.parsing.items import Item, Parsed
from monitor.xmltext.decoding import decode


def parse_letter(body: bytes) -> Parsed:
    """The article of an .eml file. Raises SourceError when it holds neither a subject nor text."""
    letter = BytesParser(EmailMessage, policy=policy.default).parsebytes(body)
    item = Item(
        guid=_header(letter, "Message-ID").strip("<>"),
        url=_header(letter, "Archived-At").strip("<>"),
        title=_header(letter, "Subject"),
        text=_text(letter),
        author=_sender(letter),
        language=_header(letter, "Content-Language").partition(",")[0],
        date=_header(letter, "Date"),
    )
    if not item.title and not item.text:
        raise SourceError("neither a subject nor text in the e-mail")
    return Parsed(items=(item,))


def _header(letter: EmailMessage, name: str) -> str:
    return " ".join(str(letter.get(name, "")).split())


def _text(letter: EmailMessage) -> str:
    for wanted, readable in (("plain", markup.plain), ("html", markup.to_text)):
        part = letter.get_body(preferencelist=(wanted,))
        if part is None:
            continue
        raw = part.get_payload(decode=True)
        # The charset is looked up in our own list, never among all that Python knows.
        text = readable(decode(raw, str(part.get("Content-Type", "")))) if isinstance(raw, bytes) else ""
        if text:
            return text
    return ""


def _sender(letter: EmailMessage) -> str:
    written = _header(letter, "From")
    addresses = getattr(letter.get("From"), "addresses", ())
    return (addresses[0].display_name or addresses[0].addr_spec) if addresses else written
