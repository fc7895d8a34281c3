"""A real SMTP server on 127.0.0.1 (aiosmtpd) that answers by a script, for the channel `email` and whole ways.

Replies are given by step ("hello", "sender", "recipient", "message") or by recipient; each list is used up, then the
server is content again.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.http.servers import certificate


@dataclass(frozen=True)
class Mail:
    """One e-mail as it came."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class _Protocol(SMTP):
    """The server's side of one connection, which notes what is to be closed in the end."""

    def __init__(self, transports: list[asyncio.Transport], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the connection; after STARTTLS it is made once more."""
        assert isinstance(transport, asyncio.Transport)
        self._transports.append(transport)
        super().connection_made(transport)


@dataclass
class Mailbox:
    """A context manager: a server, its replies, and what it received. `tls` is "", "starttls" or "implicit"."""

    replies: Mapping[str, list[str]] = field(default_factory=dict)
    tls: str = ""
    login: tuple[str, str] | None = None
    is_slow: bool = False
    received: list[Mail] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    _transports: list[asyncio.Transport] = field(default_factory=list)

    def __enter__(self) -> Mailbox:
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(self._loop.create_server(self._protocol, "127.0.0.1", 0, ssl=self._tls("implicit")))  # fmt: skip  # noqa: E501
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._ended())
        self._loop.close()

    async def _ended(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for transport in self._transports:
            transport.abort()
        await asyncio.sleep(0)

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def _tls(self, kind: str) -> ssl.SSLContext | None:
        if self.tls != kind:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate())
        return context

    def _protocol(self) -> SMTP:
        return _Protocol(
            self._transports,
            self,
            hostname="mx.test",
            loop=self._loop,
            tls_context=self._tls("starttls"),
            require_starttls=self.tls == "starttls",
            authenticator=self._authenticate if self.login else None,
            auth_required=self.login is not None,
            auth_require_tls=self.login is None or self.tls == "starttls",
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert self.login is not None
        self.logins.append(mechanism)
        user, password = self.login
        is_right = isinstance(data, LoginPassword) and data == LoginPassword(user.encode(), password.encode())
        return AuthResult(success=is_right, handled=False)

    def _reply(self, *steps: str) -> str:
        for step in steps:
            if self.replies.get(step):
                return self.replies[step].pop(0)
        return ""

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer MAIL FROM."""
        envelope.mail_from = address
        return self._reply("sender") or "250 fine"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer RCPT TO."""
        reply = self._reply(address, "recipient")
        if not reply:
            envelope.rcpt_tos.append(address)
        return reply or "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take the message."""
        if self.is_slow:
            await asyncio.sleep(3600)
        reply = self._reply("message")
        if not reply:
            raw = envelope.content if isinstance(envelope.content, bytes) else b""
            self.received.append(Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw))
        return reply or "250 taken"
