"""The kind `email`: the contract, a real server's refusals, and letters as parser and reader see them."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import channels
from monitor.channels import Channel, Tools, smtp
from monitor.channels.mail import HeaderMismatch, build, verify
from monitor.http.session import Session
from monitor.model import ChannelSpec, Message, Outcome, Rejected, Retry, Sent
from monitor.text.clean import clean
from tests.alerting.samples import NOON
from tests.channels.contract import DELIVERY, SECRETS, Contract, Destination, a_message
from tests.channels.samples import ARABIC, ENGLISH, about, attacks
from tests.http.servers import certificate, dripping, serving
from tests.mailbox import Mailbox

# aiosmtpd does not see that a connection which began with TLS has it.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

BAGHDAD = ZoneInfo("Asia/Baghdad")
DUTY = "duty@example.org"
GREYLISTED = NOON + timedelta(minutes=5)


def a_channel(port: int, scheme: str = "smtp", **options: Any) -> Channel:
    """An e-mail channel to a server on loopback, in the clear unless the scheme says otherwise."""
    told = {"to": [DUTY], "from": "Rasid <rasid@example.org>", "server": f"{scheme}://127.0.0.1:{port}"}
    told |= {} if scheme == "smtps" else {"starttls": "off"}
    tools = Tools(session=Session(user_agent="rasid"), language="en", timezone=BAGHDAD)
    return channels.build(ChannelSpec(name="desk", kind="email", options=told | options), tools)


def _letter(content: dict[str, Any], language: str = "en", recipient: str = DUTY) -> EmailMessage:
    message = Message(delivery_id=DELIVERY, recipient=recipient, content=content)
    return _parsed(
        build(
            message, sender="راصد <rasid@example.org>", recipient=recipient, language=language, zone=BAGHDAD, now=NOON
        )
    )


def _parsed(raw: bytes) -> EmailMessage:
    found = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(found, EmailMessage)
    return found


def _part(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate()))
    smtp._context.cache_clear()
    yield
    smtp._context.cache_clear()


class TestEmailContract(Contract):
    """E-mail holds the contract of all channels."""

    kind = "email"

    @contextlib.contextmanager
    def working(self) -> Iterator[Destination]:
        with Mailbox() as box:
            yield Destination(a_channel(box.port), lambda: [(mail.raw.decode(), mail.raw) for mail in box.received])

    def broken(self) -> Iterator[AbstractContextManager[Channel]]:
        echo = " ".join(SECRETS)
        for step in ("sender", "recipient", "message"):
            for code in (421, 450, 550):
                yield self._refusing({step: [f"{code} {echo}"]})
        for said in (b"", b"554 s3cret-word\r\n", b"no SMTP\r\n", b"\0" * 9000, b"220 x\r\n999 s3cret-word\r\n"):
            yield self._saying(said)
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            yield contextlib.nullcontext(a_channel(sock.getsockname()[1]))
        yield contextlib.nullcontext(a_channel(1, server="smtp://no-such-host.invalid"))

    @contextlib.contextmanager
    def _refusing(self, replies: dict[str, list[str]]) -> Iterator[Channel]:
        with Mailbox(replies, login=("s3cret-user", "s3cret-word"), tls="implicit") as box:
            yield a_channel(
                box.port, "smtps", password="s3cret-word", server=f"smtps://s3cret-user@127.0.0.1:{box.port}"
            )

    @contextlib.contextmanager
    def _saying(self, said: bytes) -> Iterator[Channel]:
        with serving(said, reads=False) as server:
            yield a_channel(server.port)


def test_an_english_letter_reads_as_it_should() -> None:
    letter = _letter(ENGLISH)

    assert dict(letter.items()) == {
        "Content-Type": letter["Content-Type"],
        "MIME-Version": "1.0",
        "From": "راصد <rasid@example.org>",
        "To": DUTY,
        "Subject": "High: Five US troops hurt in rocket attack on Ain al-Asad",
        "Date": "Tue, 24 Nov 2026 07:42:30 +0000",
        "Message-ID": f"<{DELIVERY}@example.org>",
        "References": letter["References"],
        "List-Id": "base-attacked <base-attacked.rasid.example.org>",
        "Auto-Submitted": "auto-generated",
    }
    assert _part(letter, "plain") == (
        "Five US troops hurt in rocket attack on Ain al-Asad\n"
        "Example Wire, 1 publisher so far. Published 10:40, seen 10:42 (Baghdad).\n"
        "\n"
        "   …a rocket [attack] on [Ain al-Asad] air base in Anbar wounded five US troops, one seriously…\n"
        "\n"
        'Why you: alert "Attack on a base" found "Ain al-Asad" and "attack".\n'
        "Why now: first article of this story.\n"
        "Note: Call the Anbar desk before publishing.\n"
        "Article: https://wire.example/1\n"
        "\n"
        "Code A7K2. Ask: rasid why A7K2. Mute: rasid silence A7K2 2h\n"
    )


def test_an_arabic_letter_reads_as_it_should_to_the_character() -> None:
    letter = _letter(ARABIC, "ar")

    assert letter["Subject"] == "عالية: إصابة خمسة جنود في هجوم على قاعدة عين الأسد"
    assert _part(letter, "plain") == (
        "\u200fإصابة خمسة جنود في هجوم على قاعدة عين الأسد\n"
        "\u200fالرافدين، ناشر واحد حتى الآن. نُشر \u206810:40\u2069، رُصد \u206810:42\u2069 (بغداد).\n"
        "\n"
        "\u200f   …سقط صاروخان على [قاعدة عين الأسد] في [هجوم] أصيب فيه خمسة جنود…\n"
        "\n"
        "\u200fلماذا وصلك: تنبيه «هجوم على قاعدة» وجد «قاعدة عين الأسد» و«هجوم».\n"
        "\u200fلماذا الآن: أول خبر في هذه القصة.\n"
        "\u200fملاحظة: اتصل بمكتب الأنبار قبل النشر.\n"
        "\u200fالخبر: https://news.example/1?a=1&b=2\n"
        "\n"
        "\u200fالرمز \u2068A7K2\u2069. للسؤال: \u2068rasid why A7K2\u2069. للكتم: \u2068rasid silence A7K2 2h\u2069\n"
    )


def test_the_page_is_in_the_readers_language_and_the_article_in_its_own() -> None:
    arabic, mixed = _part(_letter(ARABIC, "ar"), "html"), _part(_letter(ENGLISH, "ar"), "html")

    assert '<html lang="ar" dir="rtl">' in arabic
    assert '<h1 dir="rtl" lang="ar"' in arabic
    assert arabic.count("<mark ") == 2
    assert '<h1 dir="ltr" lang="en"' in mixed
    assert '<bdi dir="ltr">Example Wire</bdi>' in mixed


def test_letters_of_one_group_are_one_conversation() -> None:
    first, update = _letter(ENGLISH), _letter(ENGLISH | {"sequence": 2, "reason": "update"})
    elsewhere = _letter(ENGLISH | {"group": "story=s2"}), _letter(ENGLISH, recipient="other@example.org")

    assert update["Subject"] == f"Re: {first['Subject']}"
    assert update["In-Reply-To"] == update["References"] == first["References"]
    assert first["In-Reply-To"] is None
    assert first["References"] not in {letter["References"] for letter in elsewhere}


def test_the_subject_stays_that_of_the_groups_first_alert() -> None:
    opening = {"title": "Blasts heard in Anbar", "severity": "medium"}

    assert _letter(ENGLISH | {"sequence": 2, "opening": opening})["Subject"] == "Re: Medium: Blasts heard in Anbar"


def test_other_articles_stand_below_with_their_addresses_and_the_rest_is_counted() -> None:
    other = ARABIC["articles"][0] | {"publisher": ""}
    letter = _letter(ENGLISH | {"articles": [*ENGLISH["articles"], other], "more_articles": 2, "publishers": 2})

    assert (
        "\nAlso in this alert:\n"
        "- \u2068إصابة خمسة جنود في هجوم على قاعدة عين الأسد\u2069 · rafidain"
        " · open article: https://news.example/1?a=1&b=2\n"
        "More articles, not shown here: 2\n"
    ) in _part(letter, "plain")
    assert '<a href="https://news.example/1?a=1&amp;b=2"' in _part(letter, "html")
    assert "More articles, not shown here: 2" in _part(letter, "html")


class _Page(HTMLParser):
    """Every element and address of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_titles_that_hurt_elsewhere_are_no_header_and_no_markup(corpora: Path) -> None:
    plain = _letter(ENGLISH)
    for name, text in attacks(corpora).items():
        for language in ("ar", "en"):
            for dirty in (text, clean(text)):
                letter = _letter(about(dirty), language)
                page = _Page(_part(letter, "html"))

                assert list(letter.keys()) == list(plain.keys()), name
                assert all("\n" not in str(value) for value in letter.values()), name
                assert page.elements <= {
                    "html", "head", "meta", "title", "body", "div", "p", "h1", "span", "b", "bdi", "mark", "a",
                    "blockquote",
                }, name  # fmt: skip
                assert page.attributes <= {"lang", "dir", "charset", "style", "href"}, name
                assert all(link.startswith("https://news.example/") for link in page.links), name
                if name.endswith("_ok"):
                    assert clean(text) in letter["Subject"]
                    assert clean(text) in _part(letter, "plain")
                    assert clean(text) in page.text


def test_an_encoded_word_in_a_headline_is_not_decoded_by_anyone() -> None:
    letter = _letter(about("=?utf-8?q?=0ABcc:_x=40evil.example?="))

    assert letter["Bcc"] is None
    assert letter["Subject"] == "High: = ?utf-8?q?=0ABcc:_x=40evil.example?="


_TITLES = st.text(st.sampled_from('ab =?_,;:"\\()<>@\u200f\u200cخبر عاجل👩\u200d💻ـ\u064b'), max_size=200)


@settings(max_examples=150, deadline=None)
@given(_TITLES)
def test_whatever_a_headline_says_every_program_reads_the_same_subject(title: str) -> None:
    _letter(about(title))  # raises HeaderMismatch when what was built is read otherwise


def test_headers_that_would_be_read_otherwise_are_refused() -> None:
    with pytest.raises(HeaderMismatch):
        verify(b"Content-Type: text/plain\r\nMIME-Version: 1.0\r\nSubject: a\r\nBcc: x\r\n\r\n", {"Subject": "a"})


def test_a_letter_that_cannot_be_built_is_dead_and_not_sent() -> None:
    message = Message(delivery_id=f"{DELIVERY}\r\nBcc: x@evil.example", recipient=DUTY, content=ENGLISH)
    with Mailbox() as box:
        outcome = a_channel(box.port).send(message, NOON)

    assert outcome == Rejected(reason="the headers cannot be written")
    assert box.received == []


def _sent(replies: dict[str, list[str]], *, recipient: str = DUTY, **options: Any) -> tuple[Outcome, Mailbox]:
    with Mailbox(replies) as box:
        message = Message(delivery_id=DELIVERY, recipient=recipient, content=ENGLISH)
        return a_channel(box.port, **options).send(message, NOON), box


def test_a_letter_arrives_whole() -> None:
    outcome, box = _sent({})

    assert outcome == Sent(receipt="250 taken by the mail server")
    (mail,) = box.received
    assert (mail.sender, mail.recipients) == ("rasid@example.org", (DUTY,))
    assert "rocket [attack]" in _part(_parsed(mail.raw), "plain")


@pytest.mark.parametrize("step", ["sender", "recipient", "message"])
def test_not_now_is_tried_again_after_five_minutes(step: str) -> None:
    outcome, box = _sent({step: ["451 4.7.1 greylisted"]})

    assert outcome == Retry(reason=f"SMTP 451 at the {step}", not_before=GREYLISTED, is_outage=step == "greeting")
    assert box.received == []


@pytest.mark.parametrize(("step", "parks"), [("sender", True), ("recipient", False), ("message", False)])
def test_never_is_dead_for_this_recipient_and_parked_for_the_channel(step: str, parks: bool) -> None:
    outcome, _ = _sent({step: ["550 5.1.1 no such user"]})

    assert outcome == Rejected(reason=f"SMTP 550 at the {step}", parks=parks)


def test_a_message_without_recipient_goes_to_all_and_is_tried_again_while_one_may_be_reached() -> None:
    both = ["a@example.org", "b@example.org"]

    sent, box = _sent({}, recipient="", to=both)
    partly, _ = _sent({"a@example.org": ["550 no"]}, recipient="", to=both)
    later, _ = _sent({"a@example.org": ["550 no"], "b@example.org": ["450 not now"]}, recipient="", to=both)
    never, _ = _sent({"recipient": ["550 no", "550 no"]}, recipient="", to=both)

    assert [mail.recipients for mail in box.received] == [("a@example.org",), ("b@example.org",)]
    assert sent == Sent(receipt="250")
    assert partly == Sent(receipt="250, refused for a@example.org")
    assert later == Retry(reason="SMTP 450 at the recipient", not_before=GREYLISTED)
    assert isinstance(never, Rejected)


@pytest.mark.parametrize(("tls", "scheme"), [("starttls", "smtp"), ("implicit", "smtps")])
def test_a_login_goes_over_tls_only(tls: str, scheme: str) -> None:
    with Mailbox(tls=tls, login=("rasid", "right")) as box:
        server = f"{scheme}://rasid@localhost:{box.port}"
        outcome = a_channel(box.port, scheme, server=server, starttls="required", password="right").send(
            a_message(), NOON
        )

    assert isinstance(outcome, Sent)
    assert len(box.received) == len(box.logins) == 1


def test_a_wrong_password_parks() -> None:
    with Mailbox(tls="implicit", login=("rasid", "right")) as box:
        server = f"smtps://rasid@127.0.0.1:{box.port}"
        outcome = a_channel(box.port, "smtps", server=server, password="wrong").send(a_message(), NOON)

    assert outcome == Rejected(reason="SMTP 535: the mail server refuses the login", parks=True)


def test_a_server_that_wants_a_login_without_one_parks() -> None:
    with Mailbox(tls="implicit", login=("rasid", "right")) as box:
        outcome = a_channel(box.port, "smtps").send(a_message(), NOON)

    assert outcome == Rejected(reason="SMTP 530: the mail server refuses the login", parks=True)


def test_a_server_without_logins_says_so() -> None:
    with Mailbox(tls="implicit") as box:
        server = f"smtps://rasid@127.0.0.1:{box.port}"
        outcome = a_channel(box.port, "smtps", server=server, password="right").send(a_message(), NOON)

    assert outcome == Retry(reason="the mail server offers no login", parks=True, is_outage=True)


def test_nothing_is_sent_in_the_clear_unless_it_may_be() -> None:
    with Mailbox() as box:
        outcome = a_channel(box.port, starttls="required").send(a_message(), NOON)

    assert outcome == Retry(
        reason="the mail server offers no STARTTLS; 'starttls: off' does without", parks=True, is_outage=True
    )
    assert box.received == []


def test_an_unknown_certificate_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    smtp._context.cache_clear()
    with Mailbox(tls="implicit") as box:
        outcome = a_channel(box.port, "smtps").send(a_message(), NOON)

    assert isinstance(outcome, Retry)
    assert outcome.reason.startswith("the mail server's certificate is not valid: ")


def test_a_server_that_speaks_no_tls_says_so() -> None:
    with Mailbox() as box:
        outcome = a_channel(box.port, "smtps").send(a_message(), NOON)

    assert outcome == Retry(reason="no trustworthy TLS connection to the mail server", is_outage=True)


def test_a_server_that_stops_or_drips_is_left_at_the_timeout() -> None:
    with Mailbox(is_slow=True) as box:
        stopped = a_channel(box.port, timeout="300ms").send(a_message(), NOON)
    with serving(dripping(b"220-", b"x"), reads=False) as server:
        dripped = a_channel(server.port, timeout="300ms").send(a_message(), NOON)

    assert stopped == dripped == Retry(reason="no whole answer of the mail server in time", is_outage=True)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"", "the mail server broke off"),
        (b"554 go away\r\n", "SMTP 554 at the greeting"),
        (b"no SMTP\r\n", "SMTP -1 at the greeting"),
    ],
)
def test_a_server_that_breaks_off_is_an_outcome_with_its_reason(said: bytes, reason: str) -> None:
    with serving(said, reads=False) as server:
        outcome = a_channel(server.port).send(a_message(), NOON)

    assert isinstance(outcome, Retry | Rejected)
    assert outcome.reason == reason
