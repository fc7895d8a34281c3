"""Build an e-mail from the content of an alert: headers, a text part and an HTML part, as bytes that never vary.

Whatever stands in an article, the headers of the result are exactly those set here: the bytes are parsed again and
compared before anything is sent. Feed text is always a value, escaped; links are http or https only.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from email import policy
from email.errors import HeaderParseError
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesParser
from email.utils import format_datetime, formataddr, parseaddr
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from monitor.alerting.drill import drill
from monitor.alerting.facts import Facts, facts
from monitor.alerting.letter import Letter, letter
from monitor.alerting.wording import LANGUAGES, Line, bare, begun, plain, quoted, value
from monitor.channels import UTC
from monitor.channels.mail_html import values
from monitor.channels.rendering import check, fill
from monitor.errors import Problem
from monitor.model import Message
from monitor.timing import from_epoch

_POLICY = policy.compat32.clone(linesep="\r\n")
_UNSAFE = re.compile(r"[^A-Za-z0-9-]")

TEXT, PAGE = "email.txt", "email.html"
"""The templates of a letter's two parts."""


class HeaderMismatch(Exception):
    """The built headers would not be read back as they were set: nothing is sent."""


def build(
    message: Message,
    *,
    sender: str,
    recipient: str,
    language: str,
    zone: ZoneInfo,
    now: datetime,
    folder: Path | None = None,
) -> bytes:
    """The e-mail for one recipient. The same delivery gives the same bytes. Raises HeaderMismatch.

    `folder` holds the operator's own templates.
    """
    this = facts(message.content, language, zone, now)
    told = letter(this)
    headers = _headers(message, this, told, sender, recipient)
    boundary = f"=_{hashlib.sha256(message.delivery_id.encode()).hexdigest()[:32]}"
    mail = MIMEMultipart("alternative", boundary=boundary)
    for name, text in headers.items():
        mail.add_header(name, _encoded(name, text))
    text = fill(folder, TEXT, this.language, text_values(told, this.language))
    mail.attach(MIMEText(text, "plain", "utf-8"))
    mail.attach(MIMEText(fill(folder, PAGE, this.language, values(this, told)), "html", "utf-8"))
    try:
        raw = mail.as_bytes(policy=_POLICY)
    except (HeaderParseError, ValueError) as error:  # a line end in a header
        raise HeaderMismatch("the headers cannot be written") from error
    verify(raw, headers)
    return raw


def verify(raw: bytes, headers: Mapping[str, str]) -> None:
    """Parse what was built: exactly the headers that were set, each with its value. Raises HeaderMismatch."""
    parsed = BytesParser(policy=policy.default).parsebytes(raw, headersonly=True)
    found = [(name, str(text)) for name, text in parsed.items() if name not in ("Content-Type", "MIME-Version")]
    if len(parsed.keys()) != len(headers) + 2 or found != list(headers.items()):
        raise HeaderMismatch("the headers would not be read as they were written")


def host_of(sender: str) -> str:
    """The domain of an address."""
    return parseaddr(sender)[1].rpartition("@")[2]


def text_values(told: Letter, language: str) -> dict[str, Any]:
    """What `email.txt` shows. Lines that have nothing to say are empty."""
    labels = told.labels
    return {
        "language": language,
        "title": bare((value(told.title),), language),
        "origin": bare(told.origin, language),
        "excerpt": quoted(told.excerpt, language, hits=("[", "]"), indent="   "),
        "why_you": _labelled(labels["why-you"], told.why_you, language),
        "why_now": _labelled(labels["why-now"], told.why_now, language),
        "note": _labelled(labels["note"], told.note, language),
        "article": begun(f"{labels['article']}{told.url}", language) if told.url else "",
        "others_heading": begun(f"{told.others_heading}:", language),
        "others": [bare((plain("- "), *line), language) for line in told.others],
        "hidden": bare(told.hidden, language),
        "code": bare(told.code, language),
    }


def check_templates(folder: Path | None) -> tuple[Problem, ...]:
    """A warning for each of the operator's templates for letters that cannot be filled."""
    told = {name: facts(drill("desk", name, "n0", from_epoch(0)), name, UTC, from_epoch(0)) for name in LANGUAGES}
    texts = {name: text_values(letter(this), name) for name, this in told.items()}
    pages = {name: values(this, letter(this)) for name, this in told.items()}
    return check(folder, TEXT, texts) + check(folder, PAGE, pages)


def thread_id(content: Mapping[str, Any], recipient: str, host: str) -> str:
    """The Message-ID of a conversation's root, the same for all letters of a group to one recipient.

    Nothing was ever sent under it: mail programs put letters together that refer to the same id, known or not.
    """
    group = content.get("group") or content.get("code") or content.get("alert")
    key = "\0".join(str(part) for part in (content.get("channel", ""), group, recipient))
    return f"<thread-{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:24]}@{host}>"


def _headers(message: Message, this: Facts, told: Letter, sender: str, recipient: str) -> dict[str, str]:
    """Every header but those of the structure, as a reader is to see them."""
    host = host_of(sender)
    root = thread_id(message.content, recipient, host)
    rule = _UNSAFE.sub("", str((message.content.get("rules") or ["alerts"])[0]))
    headers = {
        "From": _address(sender),
        "To": recipient,
        # `=?` begins an encoded word: a headline that holds one would be decoded into whatever it says.
        "Subject": ("Re: " if this.is_update else "") + told.subject.replace("=?", "= ?"),
        "Date": format_datetime(this.created),
        "Message-ID": f"<{message.delivery_id}@{host}>",
        "References": root,
        "List-Id": f"{rule} <{rule}.rasid.{host}>",
        "Auto-Submitted": "auto-generated",
    }
    return headers | ({"In-Reply-To": root} if this.is_update else {})


def _address(sender: str) -> str:
    name, address = parseaddr(sender)
    return f"{name} <{address}>" if name else address


def _encoded(name: str, text: str) -> str:
    """A header's value for the wire. `Header` keeps every blank; the newer interface loses some while folding."""
    if name == "From":
        return formataddr(parseaddr(text))
    if name == "Subject":
        return Header(text, "us-ascii" if text.isascii() else "utf-8", header_name=name).encode(linesep="\r\n")
    return text


def _labelled(label: str, line: Line, language: str) -> str:
    return bare((plain(label), *line), language) if line else ""
