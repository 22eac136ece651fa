"""Updates in which nobody says anything: who comes and goes, who asks to be let in, how the bot itself stands."""

from __future__ import annotations

from typing import Any

from telegram import Bot, Chat, ChatShared, User

from bot.platforms.telegram import fields, raw, rights
from bot.talk.messages import Event, Heard

Json = Any

_KINDS = ("my_chat_member", "chat_member", "chat_join_request")


def happened(body: Json, bot: Bot) -> tuple[Heard | None] | None:
    """What an update says of a group, alone in a tuple; None in it if that concerns nobody. None if it is no such
    update."""
    kind = next((name for name in _KINDS if body.get(name) is not None), None)
    if kind is None:
        return None
    if raw.inside(body, kind, "chat", "type") == "channel":
        return (None,)
    # Read without the library's types for members, which want every right of theirs to be named.
    change = body[kind]
    chat, sender = Chat.de_json(change["chat"], bot), User.de_json(change["from"], bot)
    if kind == "chat_join_request":
        return (_asks(chat, sender, change["user_chat_id"]),)
    old, new = change["old_chat_member"], change["new_chat_member"]
    if kind == "my_chat_member":
        return (_me(chat, sender, new),)
    return (_other(chat, sender, old, new, User.de_json(new["user"], bot)),)


def chosen(shared: ChatShared) -> Event:
    """A group that somebody chose with a button of ours."""
    return Event("chosen", str(fields.integer(shared.chat_id)), data={"request": fields.integer(shared.request_id)})


def _me(chat: Chat, sender: User, now: Json) -> Heard | None:
    """The bot was blocked or sent away, or stands otherwise in a group. That it may come back to somebody is None: the
    first message there says so."""
    kind, there = fields.kind(chat), rights.inside(now)
    if kind == "private":
        gone = fields.string(now["status"]) in ("kicked", "left")
        return Heard(fields.chat(chat), kind=kind, gone=True, **fields.who(sender)) if gone else None
    lacks = rights.lacks(now, chat.to_dict()) if there else []
    event = Event("me", data={"inside": there, "lacks": lacks})
    return Heard(fields.chat(chat), kind=kind, gone=not there, event=event, **fields.who(sender))


def _other(chat: Chat, sender: User, old: Json, new: Json, user: User) -> Heard | None:
    """Somebody came or went; other rights of somebody who stays are None."""
    before, now = rights.inside(old), rights.inside(new)
    if before == now:
        return None
    of = fields.who(user)
    event = Event("in" if now else "out", of["sender"], of["name"], {"bot": True} if user.is_bot else {})
    return Heard(fields.chat(chat), kind=fields.kind(chat), event=event, **fields.who(sender))


def _asks(chat: Chat, sender: User, reach: Json) -> Heard:
    """Somebody wants to be let in; for some minutes the bot may write to them."""
    of = fields.who(sender)
    event = Event("asks", of["sender"], of["name"], {"reach": str(fields.integer(reach))})
    return Heard(fields.chat(chat), kind=fields.kind(chat), event=event, **of)
