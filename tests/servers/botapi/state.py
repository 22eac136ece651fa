"""The state of the server and the changes that it knows: people, chats, messages, files, memberships."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from PIL import Image

from .actors import User
from .faults import Rates, upgraded
from .updates import Updates
from .wire import Json, Refusal, cannot
from .world import Bell, Chat, Message, Query, member

if TYPE_CHECKING:
    from .server import BotApi

TOKEN = "4242:A-token-for-tests-only"


class State:
    """Everything that one bot account and the people around it have. See BotApi."""

    MEDIA = ("photo", "animation", "document", "voice", "sticker", "video", "audio")

    def __init__(
        self, *, token: str = TOKEN, validate: bool = True, clock: Callable[[], float] = time.time,
        rates: Rates | None = None, username: str = "twin_test_bot", reads_all: bool = False,
    ) -> None:  # fmt: skip
        self.token, self.validate, self.rates, self.reads_all = token, validate, rates, reads_all
        self.url = ""
        self.me: Json = {
            "id": int(token.partition(":")[0]), "is_bot": True, "first_name": "Twin", "username": username,
        }  # fmt: skip
        self._clock, self._ahead = clock, 0.0
        self._serial = 1000
        self.revision = 0
        self.bell = Bell()
        self.updates = Updates(cast("BotApi", self))
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.queries: dict[str, Query] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.kinds: dict[str, str] = {}
        self.claimed: dict[str, int] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.profile: dict[tuple[str, str], str] = {}
        self.menus: dict[int, Json] = {}

    def now(self) -> float:
        """Unix seconds as this server sees them."""
        return self._clock() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the server's time on."""
        self._ahead += seconds

    def serial(self) -> int:
        """A number not used before, for ids of all kinds."""
        self._serial += 1
        return self._serial

    def user(
        self, first_name: str, *, language_code: str | None = None, username: str | None = None,
        last_name: str | None = None, started: bool = False, user_id: int | None = None,
    ) -> User:  # fmt: skip
        """A person. Until they write (or with `started`), the bot may not write to them, as at Telegram."""
        user_id = user_id or self.serial() + 500_000_000
        who: Json = {"id": user_id, "is_bot": False, "first_name": first_name}
        names = {"first_name": first_name, "last_name": last_name, "username": username}
        names = {key: value for key, value in names.items() if value}
        who |= names | ({"language_code": language_code} if language_code else {})
        self.chats[user_id] = Chat(user_id, "private", names, started=started)
        self.users[user_id] = User(cast("BotApi", self), who)
        return self.users[user_id]

    def group(
        self, title: str, *, creator: User, kind: str = "supergroup", forum: bool = False,
        bot: str | None = "member", rights: list[str] | None = None, chat_id: int | None = None,
    ) -> Chat:  # fmt: skip
        """A "group" or "supergroup" that exists already. `bot`: None, "member" or "administrator" (with rights)."""
        number = self.serial() + 700_000_000
        chat_id = chat_id or (-1_000_000_000_000 - number if kind == "supergroup" else -number)
        chat = Chat(chat_id, kind, {"title": title}, is_forum=forum)
        chat.members[creator.id] = member(creator.json, "creator")
        if bot:
            chat.members[self.me["id"]] = member(self.me, bot, rights)
        self.chats[chat_id] = chat
        return chat

    def chat(self, chat: int | Chat | User) -> Chat:
        """The chat of this id, or the private chat of a person. Raises KeyError."""
        return self.chats[chat if isinstance(chat, int) else chat.id]

    def reach(self, chat_id: int | str, *, write: bool = True) -> Chat:
        """The chat that a request names. Raises Refusal if there is none or the bot is shut out."""
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else self._named(chat_id)
        if chat is None:
            raise cannot("chat not found")
        if chat.migrated_to:
            raise upgraded(chat.migrated_to)
        if chat.type == "private":
            if write and chat.blocked:
                raise Refusal(403, "Forbidden: bot was blocked by the user")
            if write and not chat.started and self.now() > chat.reachable_until:
                raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        elif not chat.inside(self.me["id"]):
            kicked = chat.status(self.me["id"]) == "kicked"
            raise Refusal(
                403, f"Forbidden: bot {'was kicked from' if kicked else 'is not a member of'} the {chat.type} chat"
            )
        return chat

    def _named(self, name: str) -> Chat | None:
        wanted = name.removeprefix("@").lower()
        return next((c for c in self.chats.values() if str(c.names.get("username", "")).lower() == wanted), None)

    def keep(self, chat: Chat, author: Json, content: Json) -> Message:
        """Put a message into a chat; the bot hears nothing of it yet."""
        chat.last_id += 1
        self.revision += 1
        data = {
            "message_id": chat.last_id, "from": author, "chat": chat.short, "date": int(self.now()), **content,
        }  # fmt: skip
        message = Message(data, by_bot=author["id"] == self.me["id"], revision=self.revision)
        chat.kept[chat.last_id] = message
        self.bell.ring()
        return message

    def touch(self, message: Message) -> None:
        """Count a change of a message and wake those who wait for one."""
        self.revision += 1
        message.revision = self.revision
        self.bell.ring()

    def change(self, message: Message, data: Json) -> None:
        """Give a message a new state and keep the old one."""
        message.edits.append(message.data)
        message.data = data
        self.touch(message)

    def delete(self, message: Message) -> None:
        """Take a message away."""
        message.deleted = True
        self.touch(message)

    def file_object(
        self, kind: str, data: bytes, name: str, *, mime: str | None = None, size: int | None = None
    ) -> Any:
        """Store a file and give the JSON of a photo, document, voice, sticker, video, audio or animation.

        ``size`` claims another size than it has.
        """
        file_id = f"file-{self.serial()}"
        self.files[file_id], self.kinds[file_id] = (name, data), kind
        self.claimed[file_id] = len(data) if size is None else size
        base = {**self.file_names(file_id), "file_size": self.claimed[file_id]} | ({"mime_type": mime} if mime else {})
        if kind == "photo":
            width, height = _measures(data)
            return [base | {"width": width, "height": height}]
        if kind == "document":
            return base | {"file_name": name}
        extra: Json = {} if kind in ("voice", "audio") else {"width": 512, "height": 512}
        if kind == "sticker":
            return base | extra | {"type": "regular", "is_animated": False, "is_video": False}
        return base | extra | {"duration": 1}

    def file_names(self, file_id: str) -> Json:
        """Both identifiers of a file."""
        return {"file_id": file_id, "file_unique_id": f"unique-{file_id}"}

    def move(self, chat: Chat, who: Json, status: str, *, by: Json, rights: list[str] | None = None) -> None:
        """Change somebody's membership; the bot hears of it as far as Telegram would tell it."""
        old = chat.members.get(who["id"]) or member(who, "left")
        new = chat.members[who["id"]] = member(who, status, rights)
        mine = who["id"] == self.me["id"]
        if mine or chat.may(self.me["id"], "can_manage_chat"):
            self.updates.emit("my_chat_member" if mine else "chat_member", {
                "chat": chat.short, "from": by, "date": int(self.now()),
                "old_chat_member": old, "new_chat_member": new,
            })  # fmt: skip
        self.bell.ring()


def _measures(photo: bytes) -> tuple[int, int]:
    """Width and height of a picture; people's own may be none at all."""
    try:
        with Image.open(BytesIO(photo)) as image:
            return image.size
    except Exception:
        return 90, 60
