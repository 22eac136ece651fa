"""Methods about chats, members, topics and invitations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .registry import registry
from .wire import Json, cannot
from .world import Chat, member

if TYPE_CHECKING:
    from .server import BotApi

METHODS, method = registry()
ICON_COLOR = 7322096


@method("getChat")
def get_chat(api: BotApi, p: Json, files: Any) -> Json:
    """A ChatFullInfo."""
    chat = api.reach(p["chat_id"], write=False)
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return {
        **chat.short,
        **chat.details,
        "accent_color_id": 1,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


@method("getChatMember")
def get_member(api: BotApi, p: Json, files: Any) -> Json:
    """A ChatMember; somebody known who is not inside has left."""
    chat = api.reach(p["chat_id"], write=False)
    if p["user_id"] in chat.members:
        return chat.members[p["user_id"]]
    if p["user_id"] not in api.users:
        raise cannot("PARTICIPANT_ID_INVALID")
    return member(api.users[p["user_id"]].json, "left")


@method("getChatAdministrators")
def get_administrators(api: BotApi, p: Json, files: Any) -> list[Json]:
    """Creator and administrators, without other bots."""
    chat = api.reach(p["chat_id"], write=False)
    return [one for one in chat.members.values() if one["status"] in ("creator", "administrator")]


@method("getChatMemberCount")
def count_members(api: BotApi, p: Json, files: Any) -> int:
    """How many are inside, the bot too."""
    chat = api.reach(p["chat_id"], write=False)
    return sum(chat.inside(user_id) for user_id in chat.members)


@method("leaveChat")
def leave_chat(api: BotApi, p: Json, files: Any) -> bool:
    """The bot goes."""
    api.reach(p["chat_id"]).members[api.me["id"]] = member(api.me, "left")
    api.bell.ring()
    return True


def _with_right(api: BotApi, p: Json, right: str) -> Chat:
    chat = api.reach(p["chat_id"])
    if chat.type == "private":
        raise cannot("method is available only for groups, supergroups and channels")
    if not chat.may(api.me["id"], right):
        raise cannot(f"not enough rights: the bot needs {right}")
    return chat


@method("createChatInviteLink")
def create_invite(api: BotApi, p: Json, files: Any) -> Json:
    """A ChatInviteLink of the bot."""
    chat = _with_right(api, p, "can_invite_users")
    link: Json = {
        "invite_link": f"https://t.me/+invite{api.serial()}",
        "creator": api.me,
        "creates_join_request": bool(p.get("creates_join_request")),
        "is_primary": False,
        "is_revoked": False,
    }
    link |= {key: p[key] for key in ("name", "expire_date", "member_limit") if p.get(key)}
    chat.invites[link["invite_link"]] = link
    return link


@method("revokeChatInviteLink")
def revoke_invite(api: BotApi, p: Json, files: Any) -> Json:
    """The link stops working."""
    chat = _with_right(api, p, "can_invite_users")
    if p["invite_link"] not in chat.invites:
        raise cannot("INVITE_HASH_INVALID")
    chat.invites[p["invite_link"]]["is_revoked"] = True
    return chat.invites[p["invite_link"]]


@method("approveChatJoinRequest")
def approve_join(api: BotApi, p: Json, files: Any) -> bool:
    """Let somebody in who asked."""
    chat = _with_right(api, p, "can_invite_users")
    _answered(api, chat, p)
    api.move(chat, api.users[p["user_id"]].json, "member", by=api.me)
    return True


@method("declineChatJoinRequest")
def decline_join(api: BotApi, p: Json, files: Any) -> bool:
    """Turn somebody away who asked."""
    _answered(api, _with_right(api, p, "can_invite_users"), p)
    return True


def _answered(api: BotApi, chat: Chat, p: Json) -> None:
    """A request has its answer; from now on the bot may not write to somebody just because they asked."""
    if chat.asking.pop(p["user_id"], None) is None:
        raise cannot("HIDE_REQUESTER_MISSING")
    api.users[p["user_id"]].chat.reachable_until = 0.0


def _target(api: BotApi, p: Json) -> Json:
    if p["user_id"] not in api.users:
        raise cannot("PARTICIPANT_ID_INVALID")
    return api.users[p["user_id"]].json


@method("banChatMember")
def ban(api: BotApi, p: Json, files: Any) -> bool:
    """Send somebody out for good."""
    chat = _with_right(api, p, "can_restrict_members")
    if chat.status(p["user_id"]) in ("creator", "administrator"):
        raise cannot("user is an administrator of the chat")
    api.move(chat, _target(api, p), "kicked", by=api.me)
    return True


@method("unbanChatMember")
def unban(api: BotApi, p: Json, files: Any) -> bool:
    """Allow to come back; without only_if_banned it also removes a member, as at Telegram."""
    chat = _with_right(api, p, "can_restrict_members")
    if chat.type == "group":
        raise cannot("method is available for supergroup and channel chats only")
    if chat.status(p["user_id"]) == "kicked" or not p.get("only_if_banned"):
        api.move(chat, _target(api, p), "left", by=api.me)
    return True


@method("setChatPermissions")
def set_permissions(api: BotApi, p: Json, files: Any) -> bool:
    """What those may do who are no administrators."""
    chat = _with_right(api, p, "can_restrict_members")
    if chat.permissions == p["permissions"]:
        raise cannot("CHAT_NOT_MODIFIED")
    chat.permissions = p["permissions"]
    api.bell.ring()
    return True


@method("createForumTopic")
def create_topic(api: BotApi, p: Json, files: Any) -> Json:
    """A ForumTopic, with its service message."""
    chat = _with_right(api, p, "can_manage_topics")
    if not chat.is_forum:
        raise cannot("the chat is not a forum")
    topic = {"name": p["name"], "icon_color": p.get("icon_color") or ICON_COLOR}
    message = api.keep(chat, api.me, {"forum_topic_created": topic})
    chat.topics[message.id] = dict(topic)
    api.bell.ring()
    return {"message_thread_id": message.id, **topic}


def _topic(api: BotApi, p: Json) -> tuple[Chat, Json]:
    chat = _with_right(api, p, "can_manage_topics")
    if p["message_thread_id"] not in chat.topics:
        raise cannot("message thread not found")
    return chat, chat.topics[p["message_thread_id"]]


@method("editForumTopic")
def edit_topic(api: BotApi, p: Json, files: Any) -> bool:
    """Rename a topic."""
    _, topic = _topic(api, p)
    topic["name"] = p.get("name") or topic["name"]
    return True


@method("closeForumTopic")
def close_topic(api: BotApi, p: Json, files: Any) -> bool:
    """Nobody writes there any more."""
    _set_closed(api, p, True)
    return True


@method("reopenForumTopic")
def reopen_topic(api: BotApi, p: Json, files: Any) -> bool:
    """Everybody writes there again."""
    _set_closed(api, p, False)
    return True


def _set_closed(api: BotApi, p: Json, closed: bool) -> None:
    _, topic = _topic(api, p)
    if bool(topic.get("closed")) is closed:
        raise cannot("TOPIC_NOT_MODIFIED")
    topic["closed"] = closed
    api.bell.ring()


@method("setChatTitle")
def set_title(api: BotApi, p: Json, files: Any) -> bool:
    """A new name for the group."""
    _with_right(api, p, "can_change_info").names["title"] = p["title"]
    return True


@method("setChatDescription")
def set_chat_description(api: BotApi, p: Json, files: Any) -> bool:
    """A new description of the group."""
    _with_right(api, p, "can_change_info").details["description"] = p.get("description") or ""
    return True


@method("pinChatMessage")
def pin(api: BotApi, p: Json, files: Any) -> bool:
    """Pin a message; in a private chat without any right."""
    chat = api.reach(p["chat_id"])
    if chat.type != "private":
        _with_right(api, p, "can_pin_messages")
    if p["message_id"] not in chat.kept:
        raise cannot("message to pin not found")
    chat.pinned.append(p["message_id"])
    return True


@method("unpinChatMessage")
def unpin(api: BotApi, p: Json, files: Any) -> bool:
    """Unpin one message, or the newest pinned one."""
    chat = api.reach(p["chat_id"])
    target = p.get("message_id") or (chat.pinned[-1] if chat.pinned else None)
    if target not in chat.pinned:
        raise cannot("message to unpin not found")
    chat.pinned.remove(target)
    return True
