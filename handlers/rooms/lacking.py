"""Which rights the bot still needs in a group, and what does not work without each of them."""

from __future__ import annotations

from collections.abc import Iterable

from bot.text import Node, Strong, _, lines, p_

#: What a right is called on Telegram, and what it is for.
RIGHTS: dict[str, tuple[Node, Node]] = {
    "inside": (
        # Translators: the names of rights in a group on Telegram; please as Telegram itself calls them.
        p_("right", "To be in the group"),
        _("Without it nothing is heard there, and nothing is brought."),
    ),
    "private": (
        p_("right", "A private group"),
        _("This one is public, so everybody could read along. Please make it private, then choose it again."),
    ),
    "admin": (
        p_("right", "To be an administrator"),
        _("Without it I do not hear what is written there; Telegram shows me only commands."),
    ),
    "delete": (
        p_("right", "Delete messages"),
        _("Without it I cannot take away what was removed at another door."),
    ),
    "restrict": (
        p_("right", "Ban users"),
        _("Without it I cannot send away who does not belong to the project, or make the group read-only."),
    ),
    "invite": (
        p_("right", "Add users"),
        _("Without it I cannot make a link, and let in those who belong to the project."),
    ),
    "topic": (
        p_("right", "The topic of the room"),
        _("It was deleted or closed, so nothing is heard or brought there. Please open the door anew."),
    ),
    "topics": (
        p_("right", "Manage topics"),
        _("Without it I cannot make a topic for the room."),
    ),
}


def missing(lacks: Iterable[str]) -> Node | None:
    """Says exactly which rights are missing; None where none is."""
    known = [RIGHTS[name] for name in RIGHTS if name in set(lacks)]
    if not known:
        return None
    rows = [part for name, why in known for part in (Strong(name), why)]
    return lines(_("This is missing in the group:"), *rows)
