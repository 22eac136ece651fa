"""What the server remembers: chats, their members and messages, button presses and files."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .wire import Json

ADMIN_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
    "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
    "can_delete_stories", "can_pin_messages", "can_manage_topics", "can_send_welcome_messages",
)  # fmt: skip


class Bell:
    """A condition without a lock, for one event loop: `ring` wakes everybody who waits at that moment."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    def ring(self) -> None:
        """Wake all who wait now."""
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    async def heard(self) -> None:
        """Wait for the next ring."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    async def until(self, found: Callable[[], Any], timeout: float) -> Any:  # noqa: ASYNC109 - callers name it.
        """The first true answer of `found`, asked again at every ring. Raises TimeoutError after real seconds."""
        async with asyncio.timeout(timeout):
            while not (answer := found()):
                await self.heard()
            return answer


@dataclass
class Message:
    """A message as it stands now, with its former states. `revision` grows over the whole server at each change."""

    data: Json
    by_bot: bool
    revision: int
    edits: list[Json] = field(default_factory=list)
    deleted: bool = False
    bot_reaction: list[Json] = field(default_factory=list)
    user_reactions: dict[int, list[Json]] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """The message id in its chat."""
        return int(self.data["message_id"])

    @property
    def chat_id(self) -> int:
        """The id of its chat."""
        return int(self.data["chat"]["id"])

    @property
    def text(self) -> str:
        """Text or caption; empty if it has none."""
        return str(self.data.get("text", self.data.get("caption", "")))

    @property
    def entities(self) -> list[Json]:
        """Entities of the text or caption."""
        return list(self.data.get("entities") or self.data.get("caption_entities") or [])

    @property
    def reply_markup(self) -> Json | None:
        """The inline keyboard it carries, or the reply keyboard it was sent with."""
        return self.data.get("reply_markup") or self.data.get("_keyboard")

    @property
    def rows(self) -> list[list[Json]]:
        """Rows of buttons, inline or reply; a plain text button becomes an object with its text."""
        return keyboard(self.data)

    @property
    def labels(self) -> list[str]:
        """The labels of all buttons, row by row."""
        return [str(button["text"]) for row in self.rows for button in row]

    @property
    def wire(self) -> Json:
        """The message as Telegram sends it."""
        return {key: value for key, value in self.data.items() if not key.startswith("_")}

    def button(self, wanted: str) -> Json | None:
        """The button of this label or callback data, also from a former state of the message."""
        for state in (self.data, *reversed(self.edits)):
            for button in itertools.chain(*keyboard(state)):
                if wanted in (button["text"], button.get("callback_data")):
                    return button
        return None


def keyboard(data: Json) -> list[list[Json]]:
    """The button rows of a message's JSON."""
    markup = data.get("reply_markup") or data.get("_keyboard") or {}
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
    return [[{"text": b} if isinstance(b, str) else b for b in row] for row in rows]


@dataclass
class Chat:
    """A private chat, group or supergroup. `members` holds ChatMember objects by user id."""

    id: int
    type: str
    names: Json
    started: bool = True
    blocked: bool = False
    reachable_until: float = 0.0
    is_forum: bool = False
    migrated_to: int | None = None
    members: dict[int, Json] = field(default_factory=dict)
    topics: dict[int, Json] = field(default_factory=dict)
    permissions: Json = field(default_factory=dict)
    invites: dict[str, Json] = field(default_factory=dict)
    asking: dict[int, Json] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    details: Json = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    kept: dict[int, Message] = field(default_factory=dict)
    last_id: int = 0

    @property
    def short(self) -> Json:
        """The Chat object of messages and updates."""
        forum = {"is_forum": True} if self.is_forum else {}
        return {"id": self.id, "type": self.type, **self.names, **forum}

    @property
    def messages(self) -> list[Message]:
        """Every message in order, deleted ones too (`deleted` is true on them)."""
        return list(self.kept.values())

    @property
    def visible(self) -> list[Message]:
        """Messages that are not deleted, in order."""
        return [message for message in self.kept.values() if not message.deleted]

    @property
    def texts(self) -> list[str]:
        """What the bot's visible messages say now."""
        return [message.text for message in self.visible if message.by_bot]

    def status(self, user_id: int) -> str:
        """creator, administrator, member, restricted, left or kicked."""
        return str(self.members.get(user_id, {"status": "left"})["status"])

    def inside(self, user_id: int) -> bool:
        """Whether somebody is in the chat now."""
        return self.status(user_id) in ("creator", "administrator", "member", "restricted")

    def lets_write(self, user_id: int, thread: int | None = None) -> bool:
        """Whether somebody can write here: everybody, unless that was forbidden or the topic is closed."""
        if self.status(user_id) in ("creator", "administrator"):
            return True
        open_ = thread is None or not self.topics.get(thread, {}).get("closed")
        return open_ and bool(self.permissions.get("can_send_messages", True))

    def may(self, user_id: int, right: str) -> bool:
        """Whether a member has an administrator's right."""
        status = self.status(user_id)
        return status == "creator" or (status == "administrator" and bool(self.members[user_id].get(right)))


def member(user: Json, status: str, rights: list[str] | None = None) -> Json:
    """A ChatMember object. `rights` None gives an administrator all rights."""
    who: Json = {"user": user, "status": status}
    if status == "creator":
        return who | {"is_anonymous": False}
    if status == "kicked":
        return who | {"until_date": 0}
    if status == "administrator":
        chosen = ADMIN_RIGHTS if rights is None else ("can_manage_chat", *rights)
        if strange := set(chosen) - set(ADMIN_RIGHTS):
            raise ValueError(f"no such administrator rights: {sorted(strange)}")
        held = {right: right in chosen for right in ADMIN_RIGHTS}
        return who | {"can_be_edited": False, "is_anonymous": False} | held
    return who


@dataclass
class Query:
    """A button press: `answer` holds the parameters of answerCallbackQuery once the bot has answered."""

    id: str
    data: str
    user_id: int
    message: Message
    date: float
    answer: Json | None = None


@dataclass(frozen=True)
class Violation:
    """A request (or an answer of this server) that breaks the documented interface."""

    method: str
    reason: str
    params: Json


@dataclass
class Call:
    """A request as received; `status` is the HTTP answer (0: connection dropped, None: not answered yet)."""

    method: str
    params: Json
    time: float
    status: int | None = None
