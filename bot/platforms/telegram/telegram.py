"""The platform itself: polling or webhook, reading, sending."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, BinaryIO, ClassVar

from telegram import Bot
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.platforms.platform import (
    CannotEdit,
    Deed,
    Ear,
    Marks,
    OnTyping,
    OutcomeUnknown,
    Pace,
    Post,
    Profile,
    Rejected,
    SendError,
    Shown,
    TryLater,
)
from bot.platforms.telegram import carrying, doing, files, introducing, rights, sending
from bot.platforms.telegram.busy import Busy
from bot.platforms.telegram.patience import Pause, bad_token, insist
from bot.platforms.telegram.polling import Polling
from bot.platforms.telegram.raw import ALLOWED, press_id, raw, update_id
from bot.platforms.telegram.reading import Me, read
from bot.platforms.telegram.transport import Transport
from bot.platforms.uploaded import Uploaded
from bot.talk.messages import Attachment, FileKind, Heard

log = logging.getLogger("twinbot.telegram")

Json = Any

OFFICIAL = "https://api.telegram.org"
SECRET, USERNAME = "webhook_secret", "username"
LARGEST_UPDATE = 1_000_000
#: Messages a second that Telegram lets an account send for nothing; more cost a tenth of a Star each.
FREE_RATE = 30
# So often, in seconds, it is looked whether another process has learnt the bot's name or made a secret.
_RECALL = 5.0


def _utc() -> datetime:
    return datetime.now(UTC)


class Telegram:
    """One bot account on one Bot API server.

    With ``webhook_url`` Telegram posts updates there, and the web server hands each to `receive`; without it the
    bot polls. ``webhook_secret`` is made and kept among the marks if none is given. ``pause`` waits some seconds
    before something is tried again. ``rate`` is how many messages a second the account may send, 0 as many as it
    can; what is above Telegram's free rate is paid for, and said so with each message of a bulk.
    """

    name: ClassVar[str] = "telegram"
    numbered: ClassVar[bool] = False
    limit: ClassVar[int] = 4096
    caption: ClassVar[int] = 1024
    # Telegram's published rates: about one message a second to a chat with short bursts, 20 a minute to a group.
    pace: Pace = Pace(chat_seconds=1.0, chat_burst=4, group_seconds=3.0, group_burst=5, account_rate=FREE_RATE)

    def __init__(
        self,
        *,
        token: str,
        marks: Marks,
        api_url: str = OFFICIAL,
        webhook_url: str | None = None,
        webhook_secret: str | None = None,
        now: Callable[[], datetime] = _utc,
        pause: Pause = asyncio.sleep,
        rate: int = FREE_RATE,
    ) -> None:
        self.pace = replace(self.pace, account_rate=rate)
        base = api_url.rstrip("/")
        self._transport = Transport(token, base)
        self._bot = Bot(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=self._transport,
            get_updates_request=self._transport,
        )
        self._me = Me(int(token.partition(":")[0]))
        self._source = f"{base}/{self._me.id}"
        self._marks, self._now, self._pause = marks, now, pause
        self._webhook_url, self._secret = webhook_url, webhook_secret
        self._ear: Ear | None = None
        self.on_typing: OnTyping | None = None  # Telegram tells bots nothing of it.
        self._answers: set[asyncio.Task[None]] = set()
        self._busy = Busy(self._transport)
        self._token_refused = asyncio.Event()
        self._uploaded: Uploaded[Attachment] = Uploaded()

    @property
    def username(self) -> str | None:
        """The bot's name on Telegram without the @, for links; None until the server or the marks have told it."""
        return self._me.username

    def group_link(self, payload: str) -> str | None:
        """The link that brings the bot into a group as an administrator, and ``payload`` with it."""
        if self._me.username is None:
            return None
        return f"https://t.me/{self._me.username}?startgroup={payload}&admin={rights.IN_LINK}"

    async def run(self, ear: Ear) -> None:
        """Listen until cancelled. Raises `Setback` if the token or the webhook's address is refused."""
        await self._recall()
        self._ear = ear
        try:
            await self._meet()
            await (self._poll() if self._webhook_url is None else self._wait_for_posts(self._webhook_url))
        finally:
            self._ear = None
            await self._stop_answering()

    async def stand_by(self, ear: Ear) -> None:
        """Take what comes to the webhook and read what others stored, while another process has the account."""
        self._ear = ear
        try:
            while True:
                with suppress(Exception):  # The database may be away; what is known serves meanwhile.
                    await self._remember()
                await asyncio.sleep(_RECALL)
        finally:
            self._ear = None
            await self._stop_answering()

    async def receive(self, secret: str | None, body: bytes) -> int:
        """Take an update that came to the webhook and return the HTTP status to answer with.

        ``secret`` is the header X-Telegram-Bot-Api-Secret-Token. 200 means stored; 403 a wrong secret, 400
        something that is no update; 503 that it cannot be stored now, so that Telegram brings it again.
        """
        if self._ear is None or self._secret is None:
            return HTTPStatus.SERVICE_UNAVAILABLE
        if not hmac.compare_digest((secret or "").encode("utf-8", "replace"), self._secret.encode()):
            return HTTPStatus.FORBIDDEN
        update = _update_in(body)
        if update_id(update) is None:
            return HTTPStatus.BAD_REQUEST
        try:
            await self._store([update])
        except Exception as error:
            log.error("an update could not be stored (%s)", type(error).__name__)
            return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.OK

    def read(self, body: Json) -> Heard | None:
        """Understand a stored update; None if it asks for nothing. Raises `Unreadable`."""
        return read(body, self._bot, self._me)

    async def send(self, post: Post) -> str:
        """Send, edit or take away a message and return its id. Raises a `SendError`."""
        known = post.edits or post.removes or post.marks
        try:
            if post.marks is not None:
                return await self._react(post, post.marks)
            if post.removes is not None:
                return await self._remove(post, post.removes)
            return await (self._write(post) if post.edits is None else self._rewrite(post, post.edits))
        except SendError:
            raise
        except TelegramError as error:
            if known is not None and (sending.is_unchanged(error) or sending.is_removed(error)):
                return known
            if isinstance(error, InvalidToken):
                self._token_refused.set()
            raise sending.send_error(error, editing=known is not None) from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            # Telegram said ok, but python-telegram-bot could not read the message that it gave back.
            raise _unread_answer(post, error) from None

    async def do(self, deed: Deed) -> Mapping[str, Json]:
        """Do something in a group (see `doing`). Raises a `SendError`."""
        return await doing.do(self._transport, self._me.id, deed)

    async def largest(self, kind: FileKind) -> int:
        """What the Bot API takes; a picture that is too big for a photo goes as a document."""
        return files.MOST_SENT

    def resends(self, what: Attachment) -> bool:
        """By its id, for Telegram itself takes the metadata out of photos."""
        return files.resends(what)

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        """Download a file. Raises `NotCarried` or another `SendError`."""
        await carrying.fetch(self._transport, what, into, most)

    async def typing(self, chat: str, on: bool) -> None:
        """Show that somebody writes, for five seconds; Telegram has no way to end it before a message comes."""
        if on:
            await self._busy.show(chat)

    async def introduce(self, profiles: Sequence[Profile]) -> None:
        """Set menu and descriptions in each language where they changed; waits and tries again by itself."""
        await introducing.introduce(self._bot, profiles, self._marks, self._source, self._pause)

    async def close(self) -> None:
        """Let go of connections."""
        await self._stop_answering()
        await self._transport.shutdown()

    async def _recall(self) -> None:
        """What is known from before, so that updates stored then can be read at once."""
        await self._remember()
        if self._webhook_url is not None and self._secret is None:
            self._secret = secrets.token_urlsafe(32)
            await self._marks.save({SECRET: self._secret})

    async def _remember(self) -> None:
        marks = await self._marks.load()
        self._me = Me(self._me.id, marks.get(USERNAME) or self._me.username)
        if self._webhook_url is not None:
            self._secret = self._secret or marks.get(SECRET)

    async def _meet(self) -> None:
        """Ask the server who the bot is."""
        user = await insist("getMe", self._bot.get_me, self._pause)
        if user.username != self._me.username and user.username is not None:
            await self._marks.save({USERNAME: user.username})
        self._me = Me(self._me.id, user.username)
        log.info("connected to Telegram as @%s", user.username)

    async def _poll(self) -> None:
        """A webhook of earlier days would refuse polling; taking it away keeps the updates that wait."""
        await insist("deleteWebhook", self._bot.delete_webhook, self._pause)
        await Polling(self._transport, self._store, self._source, self._now, self._pause).run(self._marks)

    async def _wait_for_posts(self, url: str) -> None:
        """Set the webhook; after that everything comes through `receive`."""
        await insist(
            "the webhook under TWINBOT_PUBLIC_URL",
            lambda: self._bot.set_webhook(url, secret_token=self._secret, allowed_updates=ALLOWED),
            self._pause,
        )
        await self._token_refused.wait()
        raise bad_token()

    async def _store(self, updates: Sequence[Json], marks: Mapping[str, str] | None = None) -> None:
        """Store updates; after that end the little clocks on the buttons that were pressed."""
        assert self._ear is not None
        await self._ear([raw(update) for update in updates], marks)
        for press in filter(None, map(press_id, updates)):
            task = asyncio.create_task(self._answer(press), name="telegram answers a press")
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def _answer(self, press: str) -> None:
        """Without it the button shows a clock. It only counts at once: a failure is not worth a second try."""
        try:
            await self._transport.call("answerCallbackQuery", {"callback_query_id": press})
        except TelegramError as error:
            log.debug("a press was not answered: %s", error.message)

    async def _stop_answering(self) -> None:
        answers = list(self._answers)
        for task in answers:
            task.cancel()
        await asyncio.gather(*answers, return_exceptions=True)

    async def _write(self, post: Post) -> str:
        # Called by name and not through Bot.send_message, which builds a whole Message out of every answer.
        params = {
            "chat_id": _chat(post),
            **sending.content(post.shown, caption=post.shown.file is not None),
            **sending.reply(post.replies_to),
            **sending.thread(post.thread),
        }
        if post.bulk and self.pace.account_rate > FREE_RATE:
            params["allow_paid_broadcast"] = True
        if post.shown.file is None:
            return _message_id(await self._transport.call("sendMessage", params))
        return _message_id(await carrying.send(self._transport, post.shown.file, params, self._uploaded))

    async def _rewrite(self, post: Post, edits: str) -> str:
        """Whether a message has a file under which the text stands is known to Telegram better than to us."""
        place, caption = _place(post, edits), post.shown.file is not None
        try:
            await self._edit(place, post.shown, caption=caption)
        except BadRequest as error:
            if not sending.is_other_kind(error):
                raise
            await self._edit(place, post.shown, caption=not caption)
        return edits

    async def _edit(self, place: dict[str, Json], shown: Shown, *, caption: bool) -> None:
        method = "editMessageCaption" if caption else "editMessageText"
        await self._transport.call(method, {**place, **sending.content(shown, caption=caption)})

    async def _react(self, post: Post, marks: str) -> str:
        """A bot has one reaction a message; the next one takes its place, and an empty one takes it away."""
        sign = post.emoji or post.shown.text
        reactions = [sending.reaction(sign)] if sign else []
        await self._transport.call("setMessageReaction", {**_place(post, marks), "reaction": reactions})
        return ""

    async def _remove(self, post: Post, removes: str) -> str:
        await self._transport.call("deleteMessage", _place(post, removes))
        return removes


def _message_id(sent: Json) -> str:
    """The id in an answer to sendMessage. Raises `OutcomeUnknown` if there is none, for something was sent."""
    if not isinstance(sent, dict) or not isinstance(sent.get("message_id"), int):
        raise OutcomeUnknown("the answer names no message")
    return str(sent["message_id"])


def _update_in(body: bytes) -> Json:
    """The JSON of a webhook's body; None if it is none, or far larger than any update."""
    try:
        return json.loads(body) if len(body) <= LARGEST_UPDATE else None
    except (ValueError, RecursionError):
        return None


def _chat(post: Post) -> int:
    """Telegram's number of the chat. Raises `Rejected`."""
    if not post.chat.removeprefix("-").isdecimal():
        raise Rejected("not a chat of Telegram")
    return int(post.chat)


def _place(post: Post, message: str) -> dict[str, Json]:
    """The message that a post changes or takes away. Raises `CannotEdit` if Telegram has no such message."""
    if not message.isdecimal():
        raise CannotEdit("not a message of Telegram")
    return {"chat_id": _chat(post), "message_id": int(message)}


def _unread_answer(post: Post, error: Exception) -> SendError:
    reason = f"an answer that could not be read ({type(error).__name__})"
    fresh = post.edits is None and post.removes is None and post.marks is None
    return OutcomeUnknown(reason) if fresh else TryLater(sending.TROUBLE_SECONDS, reason)
