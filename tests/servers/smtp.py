"""A real mail server of the tests (aiosmtpd), which keeps what it is given and can be told to be difficult."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from ssl import SSLContext
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.patience import PATIENCE

USER, PASSWORD = "twinbot", "mail-secret"


class Mailbox:
    """Takes letters. ``refuse`` gives answers, each used once, in the place of "250 OK" at one of the steps."""

    def __init__(self) -> None:
        self.port = 0
        self.letters: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refuse: dict[str, list[str]] = {"MAIL": [], "RCPT": [], "DATA": []}
        #: Whether the server hangs up once it has a letter, without a word about it.
        self.hang_up = False
        self.encrypted: list[bool] = []
        self._news = asyncio.Event()

    async def until(self, count: int) -> EmailMessage:
        """Wait for so many letters in all; gives the last of them."""
        async with asyncio.timeout(PATIENCE):
            while len(self.letters) < count:
                self._news.clear()
                await self._news.wait()
        return self.letters[count - 1]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answer("MAIL")

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self._answer("RCPT")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self._answer("DATA")
        if answer.startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.letters.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
            self.recipients += envelope.rcpt_tos
            self.encrypted.append(session.ssl is not None)
            self._news.set()
        if self.hang_up and server.transport is not None:
            server.transport.abort()
        return answer

    def _answer(self, step: str) -> str:
        return self.refuse[step].pop(0) if self.refuse[step] else "250 OK"


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


@contextlib.asynccontextmanager
async def smtp(tls: SSLContext | None = None, *, login: bool = False) -> AsyncIterator[Mailbox]:
    """Serve on the loopback; with ``tls`` STARTTLS is demanded, with ``login`` nobody gets in without a password."""
    box = Mailbox()

    def connection() -> SMTP:
        return SMTP(
            box,
            tls_context=tls,
            require_starttls=tls is not None,
            authenticator=_authenticate,
            auth_required=login,
            auth_require_tls=tls is not None,
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()
