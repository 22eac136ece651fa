"""The people on the other side: what they write, press, edit and send, and whom they let in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.patience import PATIENCE

from . import entities
from .wire import Json
from .world import Chat, Message, Query, member

if TYPE_CHECKING:
    from .server import BotApi


class User:
    """A person in a Telegram client. Every action is an update for the bot, if Telegram would tell it."""

    def __init__(self, api: BotApi, data: Json) -> None:
        self.api, self.json = api, data
        self.id = int(data["id"])
        self.heard = 0

    @property
    def chat(self) -> Chat:
        """The private chat with the bot."""
        return self.api.chats[self.id]

    # Messages.

    async def says(
        self, text: str, chat: Chat | None = None, *, reply_to: Message | None = None, thread: int | None = None
    ) -> Message:
        """Write a text; commands, mentions and links are marked as Telegram marks them."""
        marks = entities.found(text)
        return self._post({"text": text} | ({"entities": marks} if marks else {}), chat, reply_to, thread)

    async def sends_photo(self, data: bytes = b"photo", chat: Chat | None = None, caption: str = "") -> Message:
        """A picture."""
        return self._media("photo", data, "photo.jpg", chat, caption)

    async def sends_document(
        self, data: bytes = b"document", name: str = "paper.pdf", chat: Chat | None = None, caption: str = ""
    ) -> Message:
        """A file."""
        return self._media("document", data, name, chat, caption)

    async def sends_voice(self, chat: Chat | None = None) -> Message:
        """A voice message."""
        return self._media("voice", b"voice", "voice.ogg", chat, "")

    async def sends_file(
        self, kind: str, data: bytes, name: str, chat: Chat | None = None, caption: str = "", **claims: Any
    ) -> Message:
        """Any file, as a photo, document, voice, video, audio or animation; ``mime`` and ``size`` are claims."""
        content: Json = {kind: self.api.file_object(kind, data, name, **claims)}
        if kind == "animation":
            content["document"] = self.api.file_object("document", data, name, **claims)
        return self._post(content | ({"caption": caption} if caption else {}), chat)

    async def sends_sticker(self, chat: Chat | None = None) -> Message:
        """A sticker."""
        return self._media("sticker", b"sticker", "sticker.webp", chat, "")

    async def sends_location(
        self, latitude: float = 48.2, longitude: float = 16.4, chat: Chat | None = None
    ) -> Message:
        """A place."""
        return self._post({"location": {"latitude": latitude, "longitude": longitude}}, chat)

    async def sends_contact(self, phone: str = "+4312345", chat: Chat | None = None) -> Message:
        """The own phone number."""
        contact = {"phone_number": phone, "first_name": self.json["first_name"], "user_id": self.id}
        return self._post({"contact": contact}, chat)

    async def shares_chat(self, request_id: int, group: Chat) -> Message:
        """Answer a request_chat button with a group."""
        return self._post({"chat_shared": {"request_id": request_id, "chat_id": group.id}}, None)

    async def chooses_group(self, label: str, group: Chat) -> Message:
        """Use a request_chat button: the program gives the bot its rights in the group, then tells it which it was.

        Raises LookupError where there is no such button, or where the group would not be offered to this person.
        """
        shown = [button for one in reversed(self.chat.visible) for button in (one.button(label),) if button]
        wants: Json = next((button["request_chat"] for button in shown if "request_chat" in button), {})
        if not wants:
            raise LookupError(f"no button {label!r} that asks for a group")
        if wants.get("chat_has_username") is False and "username" in group.names:
            raise LookupError("this group is not offered: it is public")
        needed = [name for name, on in wants.get("user_administrator_rights", {}).items() if on]
        if not all(group.may(self.id, right) for right in needed):
            raise LookupError("this group is not offered: its person has not the rights for it there")
        self._promote(group, [name for name, on in wants.get("bot_administrator_rights", {}).items() if on])
        told = {"title": group.names["title"]} if wants.get("request_title") else {}
        return self._post({"chat_shared": {"request_id": wants["request_id"], "chat_id": group.id} | told}, None)

    async def follows_link(self, url: str, group: Chat) -> Message:
        """Follow a t.me link with startgroup: the bot comes into the group, with the rights of the link if there are
        some and they may be given, and is told the payload there. Raises LookupError for a link to another bot."""
        parts = urlsplit(url)
        said = parse_qs(parts.query, keep_blank_values=True)
        if parts.path != f"/{self.api.me['username']}" or "startgroup" not in said:
            raise LookupError(f"this link brings the bot nowhere: {url}")
        # In a query a plus sign is a space.
        wanted = [f"can_{right}" for right in said.get("admin", [""])[0].split()]
        if wanted and group.may(self.id, "can_promote_members"):
            self._promote(group, wanted)
        else:
            await self.adds_bot(group)
        payload = said["startgroup"][0]
        return await self.says(f"/start@{self.api.me['username']} {payload}".strip(), group)

    def _promote(self, group: Chat, rights: list[str]) -> None:
        there = group.inside(self.api.me["id"])
        if not there or not all(group.may(self.api.me["id"], right) for right in rights):
            self.api.move(group, self.api.me, "administrator", by=self.json, rights=rights)
        if not there:
            self._post({"new_chat_members": [self.api.me]}, group)

    async def edits(self, message: Message, text: str) -> Message:
        """Change an own message, or what is written under a file."""
        marks = entities.found(text)
        said, listed = ("text", "entities") if "text" in message.data else ("caption", "caption_entities")
        kept = {key: value for key, value in message.data.items() if key not in (said, listed)}
        changed = {said: text, "edit_date": int(self.api.now())} | ({listed: marks} if marks else {})
        self.api.change(message, kept | changed)
        self.api.publish(message, "edited_message")
        return message

    async def deletes(self, message: Message) -> None:
        """Take a message away; Telegram tells the bot nothing."""
        self.api.delete(message)

    async def presses(self, button: str, message: Message | None = None, chat: Chat | None = None) -> Query | Message:
        """Press a button by label or callback data; without a message, on the newest one that shows it.

        A named message may be an old one: buttons it carried earlier can still be pressed, as on a slow client.
        An inline button gives a Query, a reply keyboard button the message it wrote. Raises LookupError.
        """
        room = self.api.chats[message.chat_id] if message else chat or self.chat
        shown = [message] if message else [m for m in reversed(room.visible) if m.by_bot]
        for one in shown:
            found = one.button(button) if message else _current(one, button)
            if found and "callback_data" in found:
                return self._query(one, found["callback_data"])
            if found and "_keyboard" in one.data and not any(key.startswith("request_") for key in found):
                return await self.says(found["text"], room)
            if found:
                raise LookupError(f"the button {button!r} sends the bot nothing: {found}")
        raise LookupError(f"no button {button!r}; shown: {[m.labels for m in shown if m.labels][:3]}")

    async def presses_data(self, data: str, message: Message) -> Query:
        """Send any callback data, as a forged client could."""
        return self._query(message, data)

    async def reacts(self, message: Message, *emoji: str) -> None:
        """Put reactions on a message (none: take them away)."""
        new = [{"type": "emoji", "emoji": one} for one in emoji]
        old = message.user_reactions.get(self.id, [])
        message.user_reactions[self.id] = new
        room = self.api.chats[message.chat_id]
        if room.type != "private" and room.status(self.api.me["id"]) != "administrator":
            return  # Of groups only administrators are told.
        self.api.updates.emit("message_reaction", {
            "chat": self.api.chats[message.chat_id].short, "message_id": message.id, "user": self.json,
            "date": int(self.api.now()), "old_reaction": old, "new_reaction": new,
        })  # fmt: skip

    async def hears(self, wanted: str | Callable[[Message], bool] = "", timeout: float = PATIENCE) -> Message:  # noqa: ASYNC109 - a test names it.
        """The bot's next message or edit in the private chat that matches, after what was heard before."""
        message = await self.api.wait_for(self.id, wanted, timeout, since=self.heard)
        self.heard = message.revision
        return message

    # Blocking, groups and membership.

    async def blocks_bot(self) -> None:
        """The bot can no longer write to this person."""
        self._stops("kicked", "member")

    async def unblocks_bot(self) -> None:
        """The bot can write again."""
        self._stops("member", "kicked")

    async def adds_bot(self, group: Chat, *, admin: bool = False, rights: list[str] | None = None) -> None:
        """Bring the bot into a group."""
        self.api.move(group, self.api.me, "administrator" if admin else "member", by=self.json, rights=rights)
        self._post({"new_chat_members": [self.api.me]}, group)

    async def promotes_bot(self, group: Chat, rights: list[str] | None = None) -> None:
        """Make the bot an administrator (rights None: all of them)."""
        self.api.move(group, self.api.me, "administrator", by=self.json, rights=rights)

    async def removes_bot(self, group: Chat) -> None:
        """Send the bot out of a group."""
        self.api.move(group, self.api.me, "kicked", by=self.json)

    async def joins(self, group: Chat) -> None:
        """Come into a group."""
        self.api.move(group, self.json, "member", by=self.json)
        self._post({"new_chat_members": [self.json]}, group)

    async def adds(self, other: User, group: Chat) -> None:
        """Bring somebody into a group by hand."""
        self.api.move(group, other.json, "member", by=self.json)
        self._post({"new_chat_members": [other.json]}, group)

    async def makes_topic(self, group: Chat, name: str) -> int:
        """Begin a topic of a forum; its number."""
        message = self._post({"forum_topic_created": {"name": name, "icon_color": 7322096}}, group)
        group.topics[message.id] = {"name": name, "icon_color": 7322096}
        return message.id

    async def leaves(self, group: Chat) -> None:
        """Go out of a group."""
        self.api.move(group, self.json, "left", by=self.json)
        self._post({"left_chat_member": self.json}, group)

    async def promotes(self, other: User, group: Chat, rights: list[str] | None = None) -> None:
        """Make somebody an administrator."""
        self.api.move(group, other.json, "administrator", by=self.json, rights=rights)

    async def asks_to_join(self, group: Chat, link: str | None = None) -> None:
        """Ask to be let in; for 300 seconds the bot may write to this person. Raises LookupError."""
        request: Json = {
            "chat": group.short, "from": self.json, "user_chat_id": self.id, "date": int(self.api.now()),
        }  # fmt: skip
        if link:
            if group.invites[link]["is_revoked"]:
                raise LookupError("this invitation was revoked")
            if not group.invites[link]["creates_join_request"]:
                raise LookupError("this invitation lets everybody in")
            request["invite_link"] = group.invites[link]
        group.asking[self.id] = request
        self.chat.reachable_until = self.api.now() + 300
        if group.may(self.api.me["id"], "can_invite_users"):
            self.api.updates.emit("chat_join_request", request)

    # What they have in common.

    def _post(
        self, content: Json, chat: Chat | None, reply_to: Message | None = None, thread: int | None = None
    ) -> Message:
        room = chat or self.chat
        if chat is None and self.chat.blocked:
            self._stops("member", "kicked")
        if chat is None:
            room.started = True
        if reply_to:
            quoted = {key: value for key, value in reply_to.wire.items() if key != "reply_to_message"}
            content = content | {"reply_to_message": quoted}
        if room.type != "private" and not room.lets_write(self.id, thread):
            raise LookupError("nobody but administrators can write here")
        if thread:
            # Whatever replies to nothing else replies to the beginning of its topic.
            begun = {key: value for key, value in room.kept[thread].wire.items() if key != "reply_to_message"}
            content = {"reply_to_message": begun, **content, "message_thread_id": thread, "is_topic_message": True}
        message = self.api.keep(room, self.json, content)
        if chat is None:
            self.heard = message.revision
        if self._shown_to_bot(room, message, reply_to):
            self.api.publish(message)
        return message

    def _shown_to_bot(self, room: Chat, message: Message, reply_to: Message | None) -> bool:
        """Privacy mode: in a group a plain member bot sees commands, mentions, replies and service messages."""
        if room.type == "private":
            return True
        if not room.inside(self.api.me["id"]):
            return False
        if self.api.reads_all or room.status(self.api.me["id"]) == "administrator":
            return True
        if {"new_chat_members", "left_chat_member"} & message.data.keys() or (reply_to and reply_to.by_bot):
            return True
        name = f"@{self.api.me['username']}"
        for entity in message.entities:
            part = entities.cut(message.text, entity["offset"], entity["length"])
            if (entity["type"] == "mention" and part == name) or (
                entity["type"] == "bot_command" and part.partition("@")[2] in ("", name[1:])
            ):
                return True
        return False

    def _media(self, kind: str, data: bytes, name: str, chat: Chat | None, caption: str) -> Message:
        content: Json = {kind: self.api.file_object(kind, data, name)}
        return self._post(content | ({"caption": caption} if caption else {}), chat)

    def _query(self, message: Message, data: str) -> Query:
        query = Query(f"query-{self.api.serial()}", data, self.id, message, self.api.now())
        self.api.queries[query.id] = query
        shown: Any = message.wire
        if message.deleted:
            shown = {"chat": message.data["chat"], "message_id": message.id, "date": 0}
        self.heard = self.api.revision
        self.api.updates.emit("callback_query", {
            "id": query.id, "from": self.json, "message": shown, "data": data,
            "chat_instance": f"instance-{message.chat_id}",
        })  # fmt: skip
        return query

    def _stops(self, new: str, old: str) -> None:
        self.chat.blocked = new == "kicked"
        self.api.updates.emit("my_chat_member", {
            "chat": self.chat.short, "from": self.json, "date": int(self.api.now()),
            "old_chat_member": member(self.api.me, old), "new_chat_member": member(self.api.me, new),
        })  # fmt: skip


def _current(message: Message, wanted: str) -> Json | None:
    buttons = (button for row in message.rows for button in row)
    return next((b for b in buttons if wanted in (b["text"], b.get("callback_data"))), None)
