"""E-mail as a platform: send-only. A letter leaves through the operator's mail server, with delivery's retries."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from ssl import SSLContext
from typing import BinaryIO, ClassVar

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from bot.platforms.mail.server import MailServer
from bot.platforms.mail.writing import letter_of
from bot.platforms.platform import (
    CannotEdit,
    Ear,
    Json,
    NotCarried,
    OnTyping,
    OutcomeUnknown,
    Pace,
    Post,
    Profile,
    Rejected,
    TryLater,
    Unreachable,
    Unreadable,
)
from bot.talk.messages import Attachment, FileKind, Heard

log = logging.getLogger("twinbot.mail")

_AT_ONCE = 4
_PATIENCE = 30.0
# A server that says "not now" of one mailbox (greylisting, a full one) is asked again for about an hour.
_AGAIN, _MOST_AGAIN = 60.0, 14
_REMEMBERED = 1000
_DETAIL = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class Mail:
    """Sends letters. ``tls`` is what the server's certificate is checked against, if not the system's authorities."""

    name: ClassVar[str] = "mail"
    numbered: ClassVar[bool] = False
    limit: ClassVar[int] = 100_000
    caption: ClassVar[int] = 0
    pace: ClassVar[Pace] = Pace()

    def __init__(self, server: MailServer, *, now: Callable[[], datetime], tls: SSLContext | None = None) -> None:
        self._server, self._now, self._tls = server, now, tls
        self.on_typing: OnTyping | None = None
        self._few = asyncio.Semaphore(_AT_ONCE)
        self._refusals: OrderedDict[str, int] = OrderedDict()

    async def run(self, ear: Ear) -> None:
        """There is nothing to hear; this lasts until it is cancelled."""
        await asyncio.Event().wait()

    def read(self, body: Json) -> Heard | None:
        """Nobody writes to us here. Raises Unreadable."""
        raise Unreadable("nothing is heard by e-mail")

    async def send(self, post: Post) -> str:
        """Hand a letter to the mail server; gives its Message-ID. Raises CannotEdit for one that is sent already."""
        if post.removes is not None or post.edits is not None:
            raise CannotEdit("a letter is not changed once it is sent")
        letter = letter_of(self._server, post, self._now())
        async with self._few, self.connected() as client:
            await self._hand_over(client, post, letter)
        return str(letter["Message-ID"])

    async def largest(self, kind: FileKind) -> int:
        """Letters bring no files."""
        return 0

    def resends(self, what: Attachment) -> bool:
        """No file lies here."""
        return False

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        """No file was heard here. Raises NotCarried."""
        raise NotCarried("gone")

    async def typing(self, chat: str, on: bool) -> None:
        """Nobody sees it."""

    async def introduce(self, profiles: Sequence[Profile]) -> None:
        """A letter introduces itself."""

    async def close(self) -> None:
        """Nothing to let go of: each letter has a connection of its own."""

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[SMTP]:
        """A connection that the server has let us in on. Raises TryLater (for everyone) if there is none."""
        client = SMTP(
            hostname=self._server.host,
            port=self._server.port,
            username=self._server.user,
            password=self._server.password,
            use_tls=self._server.tls == "from the start",
            start_tls=self._server.tls == "starttls",
            tls_context=self._tls,
            timeout=_PATIENCE,
            # The name of this machine is nobody's business.
            local_hostname=self._server.sender.rpartition("@")[2],
        )
        try:
            await client.connect()
        except (SMTPException, OSError) as error:
            log.warning("the mail server cannot be used now: %s", reason_of(error))
            seconds = 300.0 if isinstance(error, SMTPAuthenticationError | SMTPNotSupported) else 30.0
            raise TryLater(seconds, reason_of(error), everyone=True) from None
        try:
            yield client
        finally:
            client.close()

    async def _hand_over(self, client: SMTP, post: Post, letter: EmailMessage) -> None:
        try:
            await client.mail(self._server.sender)
            await client.rcpt(post.chat)
            await client.data(letter.as_bytes())
        except (SMTPRecipientRefused, SMTPDataError, SMTPSenderRefused) as error:
            raise self._refusal(post, error) from None
        except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as error:
            raise OutcomeUnknown(reason_of(error)) from None
        self._refusals.pop(post.key, None)
        # The letter is theirs by now, however the goodbye goes.
        with contextlib.suppress(SMTPException, OSError):
            await client.quit()

    def _refusal(self, post: Post, error: SMTPResponseException) -> TryLater | Rejected | Unreachable:
        """What a refusal means. The server's words stay out of it: they quote the address."""
        reason = reason_of(error)
        if error.code < 500:
            tries = self._refusals[post.key] = self._refusals.pop(post.key, 0) + 1
            if len(self._refusals) > _REMEMBERED:
                self._refusals.popitem(last=False)
            return TryLater(_AGAIN, reason) if tries < _MOST_AGAIN else Rejected(f"not taken for an hour: {reason}")
        return Unreachable(reason) if isinstance(error, SMTPRecipientRefused) else Rejected(reason)


def reason_of(error: BaseException) -> str:
    """What went wrong, in a form that may be logged: codes and kinds, never an address or a password."""
    if not isinstance(error, SMTPResponseException):
        cause = error.__cause__ or error.__context__
        return type(error).__name__ + (f" ({type(cause).__name__})" if cause is not None else "")
    detail = _DETAIL.search(str(error.message))
    return f"{type(error).__name__} {error.code}" + (f" {detail[0]}" if detail else "")
