"""Projects of partner schools: proposed by one, open with the other's word, led by their founders to their end."""

from storage.projects.codes import by_code, forget_codes, make_code
from storage.projects.joining import answer, ask_in, carry_over, invite
from storage.projects.life import (
    archive_due,
    close,
    drop,
    hand_over,
    lapse_due,
    leave,
    leave_all,
    propose,
    reopen,
    sign,
)
from storage.projects.reading import (
    Cannot,
    Facts,
    Member,
    Project,
    find,
    founders,
    in_country,
    member,
    members,
    mine,
    waiting_for,
)
from storage.projects.rooming import MOST_ROOMS, add_room, rename_room

__all__ = [
    "MOST_ROOMS",
    "Cannot",
    "Facts",
    "Member",
    "Project",
    "add_room",
    "answer",
    "archive_due",
    "ask_in",
    "by_code",
    "carry_over",
    "close",
    "drop",
    "find",
    "forget_codes",
    "founders",
    "hand_over",
    "in_country",
    "invite",
    "lapse_due",
    "leave",
    "leave_all",
    "make_code",
    "member",
    "members",
    "mine",
    "propose",
    "rename_room",
    "reopen",
    "sign",
    "waiting_for",
]
