"""Hand one e-mail for one recipient to a mail server, within one deadline, and say what came of it.

Reasons hold a status and a step, never the server's own text. The server is the operator's own: any address will do.
A refusal "for now" is tried again after five minutes, since servers that greylist want to see patience.
"""

from __future__ import annotations

import contextlib
import functools
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from certifi import where as bundled_certificates

from monitor.http.deadline import Deadline
from monitor.model import Outcome, Rejected, Retry, Sent

GREYLISTED = timedelta(minutes=5)

_LOGIN = (530, 534, 535, 538)
# Refused before the recipient was named: the server or the configuration is at fault, not this message.
_OF_THE_CHANNEL = ("greeting", "hello", "STARTTLS", "login", "sender")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mail server. `is_implicit`: TLS begins at once."""

    host: str
    port: int
    user: str = field(repr=False)
    is_implicit: bool


class _Refused(Exception):
    """The server said no."""

    def __init__(self, code: int, step: str) -> None:
        super().__init__(code, step)
        self.code, self.step = code, step


def send(
    raw: bytes,
    *,
    server: Server,
    password: str,
    needs_starttls: bool,
    sender: str,
    recipient: str,
    timeout: timedelta,
    now: datetime,
) -> Outcome:
    """Hand over `raw`, whose lines end with CRLF."""
    smtp = smtplib.SMTP(local_hostname=sender.rpartition("@")[2], timeout=timeout.total_seconds())
    with Deadline(timeout) as deadline:
        try:
            _greet(smtp, server, deadline, needs_starttls=needs_starttls)
            if password:
                smtp.login(server.user, password)
            _expect(smtp.mail(sender), "sender")
            _expect(smtp.rcpt(recipient), "recipient")
            _expect(smtp.data(raw), "message")
        except _Refused as refusal:
            return _refused(refusal.code, refusal.step, now)
        except smtplib.SMTPResponseException as error:
            step = "login" if isinstance(error, smtplib.SMTPAuthenticationError) else "message"
            return _refused(error.smtp_code, step, now)
        except smtplib.SMTPNotSupportedError:
            return Retry(reason="the mail server offers no login", parks=True, is_outage=True)
        except ssl.SSLCertVerificationError as error:
            reason = f"the mail server's certificate is not valid: {error.verify_message}"
            return Retry(reason=reason, parks=True, is_outage=True)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # ValueError: a line that cannot be read
            return Retry(reason=_lost(error, deadline), is_outage=True)
        finally:
            _part(smtp)
    return Sent(receipt="250 taken by the mail server")


def _greet(smtp: smtplib.SMTP, server: Server, deadline: Deadline, *, needs_starttls: bool) -> None:
    """Connect, encrypt, and say hello. smtplib's own way would connect unwatched by the deadline."""
    sock = socket.create_connection((server.host, server.port), deadline.remaining())
    smtp.sock = sock
    deadline.watch(sock)
    if server.is_implicit:
        smtp.sock = _context().wrap_socket(sock, server_hostname=server.host)
    _expect(smtp.getreply(), "greeting")
    _expect(smtp.ehlo(), "hello")
    if server.is_implicit or not needs_starttls:
        return
    if not smtp.has_extn("starttls"):
        raise _Refused(0, "STARTTLS")
    _expect(smtp.docmd("STARTTLS"), "STARTTLS")
    smtp.sock = _context().wrap_socket(sock, server_hostname=server.host)
    # What was said before is forgotten (RFC 3207, 4.2): it may have been slipped in.
    smtp.file = None
    smtp.ehlo_resp = smtp.helo_resp = None
    smtp.esmtp_features = {}
    _expect(smtp.ehlo(), "hello")


def _expect(reply: tuple[int, bytes], step: str) -> None:
    if not 200 <= reply[0] < 300:
        raise _Refused(reply[0], step)


def _refused(code: int, step: str, now: datetime) -> Outcome:
    """What a refusal means. 4xx passes; a login is for a person to mend; else this recipient is out of reach."""
    if code == 0:
        reason = "the mail server offers no STARTTLS; 'starttls: off' does without"
        return Retry(reason=reason, parks=True, is_outage=True)
    if code in _LOGIN:
        return Rejected(reason=f"SMTP {code}: the mail server refuses the login", parks=True)
    reason = f"SMTP {code} at the {step}"
    if 500 <= code < 600:
        return Rejected(reason=reason, parks=step in _OF_THE_CHANNEL)
    is_outage = code == 421 or step in ("greeting", "hello")  # 421: closing down, whoever asks
    return Retry(reason=reason, not_before=now + GREYLISTED, is_outage=is_outage)


def _lost(error: Exception, deadline: Deadline) -> str:
    if deadline.has_passed or isinstance(error, TimeoutError):
        return "no whole answer of the mail server in time"
    if isinstance(error, ssl.SSLError):
        return "no trustworthy TLS connection to the mail server"
    if isinstance(error, smtplib.SMTPServerDisconnected | ConnectionResetError | BrokenPipeError):
        return "the mail server broke off"
    if isinstance(error, ValueError | smtplib.SMTPException):  # the latter is an OSError too
        return "the mail server's answer cannot be understood"
    return "no connection to the mail server"


def _part(smtp: smtplib.SMTP) -> None:
    """Close without waiting for the answer to a farewell: what counts has been answered."""
    if smtp.sock is not None:
        with contextlib.suppress(OSError):
            smtp.putcmd("quit")
        smtp.close()


@functools.cache
def _context() -> ssl.SSLContext:
    """The system's trust (and `SSL_CERT_FILE`) plus bundled certificates, for systems that bring none."""
    context = ssl.create_default_context()
    context.load_verify_locations(bundled_certificates())
    return context
