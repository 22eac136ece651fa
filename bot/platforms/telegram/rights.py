"""What the bot may do in a group, and what it is called where one asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Any

#: The names under which `lacks` knows a right, and what Telegram calls it.
RIGHTS = {
    "delete": "can_delete_messages",
    "restrict": "can_restrict_members",
    "invite": "can_invite_users",
    "topics": "can_manage_topics",
}
#: As a link asks for them that brings the bot into a group.
IN_LINK = "delete_messages+restrict_members+invite_users+manage_topics"

# All that Telegram wants to be said of an administrator; what is no right of ours is False.
_ALL = (
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
)


def wanted(*, of_user: bool) -> dict[str, bool]:
    """The rights that the bot asks for in a group, or those that who brings it there must have to give them."""
    ours = {"can_manage_chat", *RIGHTS.values(), *(["can_promote_members"] if of_user else [])}
    return {name: name in ours for name in _ALL}


def inside(member: Mapping[str, Json]) -> bool:
    """Whether a ChatMember is in the group."""
    status = member["status"]
    return status in ("creator", "administrator", "member") or (status == "restricted" and member["is_member"] is True)


def lacks(member: Mapping[str, Json], group: Mapping[str, Json]) -> list[str]:
    """What the bot still needs in a group, by the ChatMember that it is there and the Chat.

    That is "admin" where it is no administrator, and so hears nothing but commands; else the missing rights, "topics"
    only in a group that has them. A public group, which everybody can read, has to become "private".
    """
    public = ["private"] if group.get("username") else []
    if member.get("status") == "creator":
        return public
    if member.get("status") != "administrator":
        return [*public, "admin"]
    forum = bool(group.get("is_forum"))
    missing = [name for name, right in RIGHTS.items() if not member.get(right) and (name != "topics" or forum)]
    return [*public, *missing]
