"""A stored update is understood: Telegram's objects become `Heard`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from telegram import (
    Bot,
    CallbackQuery,
    Message,
    MessageEntity,
    MessageReactionUpdated,
    ReactionType,
    ReactionTypeEmoji,
)

from bot.platforms.platform import Unreadable
from bot.platforms.telegram import events, fields
from bot.platforms.telegram.entities import spans
from bot.platforms.telegram.files import attachments
from bot.talk.messages import Attachment, Event, Heard, Poll, Unread
from bot.text import Span

Json = Any

_COMMAND = re.compile(r"/(\w+)@(\w+)(?!\w)")
# In this order: an animation also carries a document, a venue a location.
_UNREAD: dict[str, Unread] = {
    "photo": "picture",
    "animation": "picture",
    "sticker": "sticker",
    "voice": "voice",
    "video_note": "voice",
    "document": "file",
    "video": "file",
    "audio": "file",
    "venue": "location",
    "location": "location",
    "contact": "contact",
    "poll": "other",
    "dice": "other",
    "game": "other",
    "story": "other",
    "paid_media": "other",
    "checklist": "other",
    "invoice": "other",
}


@dataclass(frozen=True)
class Me:
    """Who the bot is on Telegram; the name is known once the server has told it."""

    id: int
    username: str | None = None


def read(body: Json, bot: Bot, me: Me) -> Heard | None:
    """Understand one update; None if it asks for nothing.

    Raises `Unreadable`, and nothing else, for every update that is not what Telegram documents. The reason names
    no content, because it is kept and shown to operators.
    """
    try:
        return _read(body, bot, me)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"not an update of Telegram ({type(error).__name__})") from None


def _read(body: Json, bot: Bot, me: Me) -> Heard | None:
    if not isinstance(body, dict):
        raise Unreadable("not an object")
    fields.integer(body["update_id"])
    # Only the part that asks for something is parsed; an update never has two.
    if body.get("callback_query") is not None:
        return _press(CallbackQuery.de_json(body["callback_query"], bot))
    if body.get("message_reaction") is not None:
        return _reaction(MessageReactionUpdated.de_json(body["message_reaction"], bot))
    happened = events.happened(body, bot)
    if happened is not None:
        return happened[0]
    if body.get("edited_message") is not None:
        return _edit(_message(body["edited_message"], bot, me))
    return None if body.get("message") is None else _message(body["message"], bot, me)


def _edit(heard: Heard | None) -> Heard | None:
    """Other words or another file. A place that moves on is an edit for Telegram too, and none for us."""
    if heard is None or heard.id is None or (heard.text is None and not heard.files):
        return None
    return replace(heard, edits=heard.id)


def _press(query: CallbackQuery) -> Heard | None:
    """A button. Under a message sent through inline mode there is no chat but the person's own."""
    if query.data is None or query.from_user.is_bot:
        return None
    chat = None if query.message is None else query.message.chat
    return Heard(
        chat=str(fields.integer(query.from_user.id if chat is None else chat.id)),
        kind="private" if chat is None else fields.kind(chat),
        press=fields.words(query.data),
        about=None if query.message is None else str(fields.integer(query.message.message_id)),
        thread=_thread(query.message) if isinstance(query.message, Message) else None,
        **fields.who(query.from_user),
    )


def _reaction(change: MessageReactionUpdated) -> Heard | None:
    """The emoji that somebody has on a message now. Alone with the bot, that one was taken away is None."""
    before = {_emoji(each) for each in change.old_reaction}
    signs = tuple(emoji for each in change.new_reaction if (emoji := _emoji(each)))
    new = [emoji for emoji in signs if emoji not in before]
    kind = fields.kind(change.chat)
    if change.user is None or change.user.is_bot or not (new or kind == "group"):
        return None
    return Heard(
        fields.chat(change.chat),
        kind=kind,
        reaction=new[-1] if new else None,
        signs=signs,
        about=str(fields.integer(change.message_id)),
        **fields.who(change.user),
    )


def _emoji(reaction: ReactionType) -> str | None:
    return fields.words(reaction.emoji) if isinstance(reaction, ReactionTypeEmoji) else None


def _message(data: Json, bot: Bot, me: Me) -> Heard | None:
    """A message of a person. The service message about a move may come from an anonymous administrator."""
    message = Message.de_json(data, bot)
    sender = message.from_user
    if sender is None or message.chat.type == "channel":
        return None
    if message.migrate_to_chat_id is not None:
        moved = str(fields.integer(message.migrate_to_chat_id))
        here = fields.chat(message.chat)
        return Heard(here, kind="group", moved_to=moved, event=Event("moved"), **fields.who(sender))
    if sender.is_bot:
        return None
    if message.chat_shared is not None:
        chosen = events.chosen(message.chat_shared)
        return Heard(fields.chat(message.chat), kind=fields.kind(message.chat), event=chosen, **fields.who(sender))
    if message.text is None:
        return _without_text(message, attachments(data), me)
    return _with_text(message, fields.words(message.text), me)


def _with_text(message: Message, text: str, me: Me) -> Heard | None:
    command = _COMMAND.match(text)
    if command is not None:
        if me.username is not None and command[2].lower() != me.username.lower():
            return None
        text = f"/{command[1]}{text[command.end() :]}"
    mentioned = _mentions(message, text, me)
    if mentioned and message.chat.type != "private":
        text = _without_mention(text, me)
    addressed = mentioned or text.startswith("/") or _is_for_bot(message, me)
    return _heard(message, addressed=addressed, text=text, marks=_marks(text, message.text, message.entities))


def _without_text(message: Message, files: tuple[Attachment, ...], me: Me) -> Heard | None:
    """Files and the like, with the words under them; None for service messages."""
    words = fields.hint(message.caption)
    for name, unread in _UNREAD.items():
        if getattr(message, name):
            marks = _marks(words, message.caption, message.caption_entities)
            addressed = _is_for_bot(message, me)
            said = {"text": words, "files": files, "marks": marks, "poll": _poll(message)}
            return _heard(message, addressed=addressed, unread=unread, **said)
    return None


def _poll(message: Message) -> Poll | None:
    found = message.poll
    if found is None:
        return None
    return Poll(fields.words(found.question), tuple(fields.words(option.text) for option in found.options))


def _marks(text: str | None, written: str | None, found: Sequence[MessageEntity]) -> tuple[Span, ...]:
    """What stands out in a text that is still as it was written, so that places in it are the same."""
    return spans(text, found) if text is not None and text == written else ()


def _heard(message: Message, **what: Any) -> Heard:
    assert message.from_user is not None
    return Heard(
        chat=fields.chat(message.chat),
        kind=fields.kind(message.chat),
        about=_about(message),
        id=str(fields.integer(message.message_id)),
        thread=_thread(message),
        **fields.who(message.from_user),
        **what,
    )


def _thread(message: Message) -> str | None:
    """The topic of a group. Replies that hang together have such a number too, and are none."""
    if not message.is_topic_message or message.message_thread_id is None or message.chat.type == "private":
        return None
    return str(fields.integer(message.message_thread_id))


def _about(message: Message) -> str | None:
    """The message replied to. In a topic every message formally replies to the topic's beginning."""
    answered = message.reply_to_message
    if answered is None or answered.forum_topic_created is not None:
        return None
    return str(fields.integer(answered.message_id))


def _is_for_bot(message: Message, me: Me) -> bool:
    """A private chat, or a reply to the bot."""
    answered = message.reply_to_message if _about(message) is not None else None
    return message.chat.type == "private" or (
        answered is not None and answered.from_user is not None and answered.from_user.id == me.id
    )


def _mentions(message: Message, text: str, me: Me) -> bool:
    if any(entity.user is not None and entity.user.id == me.id for entity in message.entities):
        return True
    return me.username is not None and re.search(rf"(?<!\w)@{me.username}(?!\w)", text, re.I) is not None


def _without_mention(text: str, me: Me) -> str:
    """The text without the bot's name at its beginning or end, so that ``@bot 2`` answers a question with 2."""
    bare = re.sub(rf"^@{me.username}(?!\w)[\s,:]*|\s*@{me.username}\s*$", "", text, flags=re.I).strip()
    return bare or text
