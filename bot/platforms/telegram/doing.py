"""What the bot does in groups beside sending: looking how it stands, topics, links, who is let in and who is not.

Every deed does no harm when it is done twice, but for "topic": Telegram makes another one then.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from telegram.error import BadRequest, Forbidden, TelegramError

from bot.platforms.platform import Deed, OutcomeUnknown, Rejected, SendError
from bot.platforms.telegram import rights, sending
from bot.platforms.telegram.introducing import cut
from bot.platforms.telegram.transport import Transport

Json = Any
Act = Callable[[Transport, int, int, Deed], Awaitable[dict[str, Json]]]

#: The longest name of a link, and of a topic.
LINK_NAME, TOPIC_NAME = 32, 128
MOST_LOOKED_AT = 50

_SPEAKING = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
)
# Refusals that say that it was done before, or that there is nothing to do; in lower case.
_DONE = {
    "let in": ("hide_requester_missing", "user_already_participant"),
    "turn away": ("hide_requester_missing", "user_already_participant"),
    "send away": ("participant_id_invalid", "user_not_participant", "user not found"),
    "hush": ("topic_not_modified", "chat_not_modified"),
    "speak": ("topic_not_modified", "chat_not_modified"),
    "erase": ("message to delete not found",),
}


async def do(transport: Transport, me: int, deed: Deed) -> Mapping[str, Json]:
    """Do it. Raises a `SendError`."""
    act = _ACTS.get(deed.what)
    if act is None or not deed.chat.removeprefix("-").isdecimal():
        raise Rejected("no such deed on Telegram")
    try:
        return await act(transport, int(deed.chat), me, deed)
    except TelegramError as error:
        if isinstance(error, BadRequest) and _has(error, *_DONE.get(deed.what, ())):
            return {}
        raise _error(deed, error) from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise OutcomeUnknown(f"an answer that could not be read ({type(error).__name__})") from None


def _error(deed: Deed, error: TelegramError) -> SendError:
    """What is done again without harm is tried again; of the rest nobody knows what became of it."""
    return sending.send_error(error, editing=deed.what != "topic")


def _has(error: TelegramError, *parts: str) -> bool:
    return any(part in error.message.lower() for part in parts)


async def _look(transport: Transport, chat: int, me: int, deed: Deed) -> dict[str, Json]:
    """How the bot stands in a group, what kind of group it is, and who of some people is there.

    ``count`` is how many are in it beside the bot; ``others`` are the names of administrators who are not among them.
    """
    group = await transport.call("getChat", {"chat_id": chat})
    forum = bool(group.get("is_forum"))
    member = await transport.call("getChatMember", {"chat_id": chat, "user_id": me})
    found = {"forum": forum, "lacks": rights.lacks(member, group)}
    known = [int(each) for each in deed.args.get("people", ()) if str(each).isdecimal()][:MOST_LOOKED_AT]
    inside = [person for person in known if await _inside(transport, chat, person)]
    leading = await transport.call("getChatAdministrators", {"chat_id": chat})
    strange = [one["user"] for one in leading if one["user"]["id"] not in (me, *known)]
    count = await transport.call("getChatMemberCount", {"chat_id": chat})
    names = [str(user["first_name"])[:64] for user in strange]
    return {**found, "inside": [str(each) for each in inside], "others": names[:10], "count": int(count) - 1}


async def _inside(transport: Transport, chat: int, person: int) -> bool:
    """Whether somebody is in a group. Telegram knows nothing of people who never were."""
    try:
        return rights.inside(await transport.call("getChatMember", {"chat_id": chat, "user_id": person}))
    except BadRequest:
        return False


async def _topic(transport: Transport, chat: int, _me: int, deed: Deed) -> dict[str, Json]:
    name = cut(_said(deed), TOPIC_NAME)
    made = await transport.call("createForumTopic", {"chat_id": chat, "name": name})
    return {"thread": str(int(made["message_thread_id"]))}


async def _link(transport: Transport, chat: int, _me: int, deed: Deed) -> dict[str, Json]:
    """A link by which one can ask to be let in, and no more."""
    params = {"chat_id": chat, "name": cut(_said(deed), LINK_NAME), "creates_join_request": True}
    made = await transport.call("createChatInviteLink", params)
    return {"link": str(made["invite_link"])}


async def _let_in(transport: Transport, chat: int, _me: int, deed: Deed) -> dict[str, Json]:
    await transport.call("approveChatJoinRequest", {"chat_id": chat, "user_id": int(deed.args["who"])})
    return {}


async def _turn_away(transport: Transport, chat: int, _me: int, deed: Deed) -> dict[str, Json]:
    """Say why, as long as the bot may write to them; after the answer it may not."""
    if deed.shown is not None:
        word = sending.content(deed.shown)
        with contextlib.suppress(Forbidden, BadRequest):
            await transport.call("sendMessage", {"chat_id": int(deed.args["reach"]), **word})
    await transport.call("declineChatJoinRequest", {"chat_id": chat, "user_id": int(deed.args["who"])})
    return {}


async def _send_away(transport: Transport, chat: int, _me: int, deed: Deed) -> dict[str, Json]:
    """Out of the group, but not for ever: who belongs to the project again may ask to be let in. Who leads the group
    ``stays``: a bot can send none of them away."""
    who = {"chat_id": chat, "user_id": int(deed.args["who"])}
    try:
        await transport.call("banChatMember", who)
    except BadRequest as error:
        if not _has(error, "user is an administrator", "remove chat owner"):
            raise
        return {"stays": True}
    try:
        await transport.call("unbanChatMember", {**who, "only_if_banned": True})
    except BadRequest as error:
        if not _has(error, "supergroup"):
            raise
    return {}


async def _hush(transport: Transport, chat: int, _me: int, deed: Deed) -> dict[str, Json]:
    return await _speaking(transport, chat, deed, False)


async def _speak(transport: Transport, chat: int, _me: int, deed: Deed) -> dict[str, Json]:
    return await _speaking(transport, chat, deed, True)


async def _speaking(transport: Transport, chat: int, deed: Deed, on: bool) -> dict[str, Json]:
    """Let those who are no administrators write, in a topic or in the whole group, or no longer."""
    topic = sending.thread(deed.args.get("thread"))
    if topic:
        await transport.call("reopenForumTopic" if on else "closeForumTopic", {"chat_id": chat, **topic})
        return {}
    await transport.call("setChatPermissions", {"chat_id": chat, "permissions": dict.fromkeys(_SPEAKING, on)})
    return {}


async def _erase(transport: Transport, chat: int, _me: int, deed: Deed) -> dict[str, Json]:
    """Take away a message of somebody, such as a command that was answered."""
    await transport.call("deleteMessage", {"chat_id": chat, "message_id": int(deed.args["message"])})
    return {}


async def _leave(transport: Transport, chat: int, _me: int, _deed: Deed) -> dict[str, Json]:
    await transport.call("leaveChat", {"chat_id": chat})
    return {}


def _said(deed: Deed) -> str:
    """The name that something gets: without line breaks, and never empty."""
    return " ".join((deed.shown.text if deed.shown is not None else "").split()) or "twinbot"


_ACTS: dict[str, Act] = {
    "look": _look,
    "topic": _topic,
    "link": _link,
    "let in": _let_in,
    "turn away": _turn_away,
    "send away": _send_away,
    "hush": _hush,
    "speak": _speak,
    "erase": _erase,
    "leave": _leave,
}
