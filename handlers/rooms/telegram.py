"""Opening a door on Telegram: a teacher chooses a group or makes one, and the bot does the rest.

A bot can make no groups there. So the teacher gets a button that lets them choose one, or a link that brings the bot
into one; both carry a number that was made for this teacher and this room. What follows is in
`handlers.rooms.telegram_doors`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.talk import Choosing, Do, Excuse, Listening, News, Talk, go
from bot.text import Node, Strong, Url, Verbatim, _, entry, lines, p_
from handlers.rooms.rules import shut
from handlers.rooms.telegram_doors import MINE, TELEGRAM, look
from handlers.rooms.words import titled
from storage import people, rooms
from storage.rooms import Room, opening, places

#: The platforms whose doors are closed by leaving them.
MATRIX = "matrix"
LEFT = frozenset({TELEGRAM, MATRIX})
_START = re.compile(r"/start d([0-9a-f]{1,8})")


def payload(number: int) -> str:
    """The number of a door that is being opened, as a link carries it."""
    return f"d{number:x}"


def open_telegram(talk: Talk, number: int) -> None:
    """Offer the button and the link that open a door of a room on Telegram."""
    room = _room(talk, number)
    if TELEGRAM not in people.platforms_of(talk.session, talk.person):
        raise Excuse(
            _("For that I have to know you on Telegram. Join your accounts first, then try again."),
            go("link", p_("button", "Link accounts")),
        )
    key = opening.begin(talk.session, room.id, TELEGRAM, talk.person, talk.now)
    link, here = _link(talk, key), talk.turn.platform == TELEGRAM
    if link is None and not here:
        raise Excuse(_("Please write this to me on Telegram."), MINE)
    # Translators: a button on Telegram; it opens the list of one’s groups, with “new group” at its head.
    button = Choosing(key, p_("button", "Choose a group"))
    talk.say(_offer(room, link, here), choosing=button if here else None)


def _offer(room: Room, link: str | None, here: bool) -> Node:
    return lines(
        Strong(titled(room)),
        _("A group on Telegram becomes a door of this room: what is written there is heard at its other doors too."),
        _("Everybody in that group reads along, so a new group of its own is best. I let in only members."),
        _("If topics are turned on there, several rooms fit into one group."),
        _("Press “Choose a group” below, choose one or make a new one, and confirm my rights.") if here else None,
        _("A link that does the same:") if here and link else None,
        _("Follow this link on Telegram, choose a group, and confirm my rights:") if link and not here else None,
        None if link is None else Url(link),
    )


def _room(talk: Talk, number: int) -> Room:
    """A room in which somebody may open a door. Raises Excuse."""
    room, seat = rooms.find(talk.session, number), rooms.seat_of(talk.session, number, talk.person)
    if room is None or seat is None:
        raise Excuse(_("There is no such room."), MINE)
    refused = shut(room, seat, talk.now)
    if refused is not None:
        raise Excuse(refused, MINE)
    return room


def _link(talk: Talk, key: int) -> str | None:
    """The link that brings the bot into a group, if the platform runs and knows its name by now."""
    links: dict[str, Callable[[str], str | None]] = talk.turn.extra.get("group_links", {})
    made = links.get(TELEGRAM)
    return None if made is None else made(payload(key))


def recognised(heard: Listening) -> bool:
    """The link was followed: the bot is told the number in the group itself."""
    found = _START.fullmatch((heard.heard.text or "").strip())
    if heard.platform != TELEGRAM or heard.heard.kind != "group" or found is None:
        return False
    bring(heard, int(found[1], 16), heard.heard.chat)
    return True


def bring(heard: Listening, number: int, group: str) -> None:
    """Somebody brings the group in which they open a door. Whom we do not know opens none."""
    if not heard.person:
        return
    session = heard.session
    door = opening.begun(session, TELEGRAM, heard.person, number, heard.now)
    seat = None if door is None else rooms.seat_of(session, door.room, heard.person)
    room = None if door is None else rooms.find(session, door.room)
    if door is None or seat is None or room is None or shut(room, seat, heard.now) is not None:
        heard.tell(heard.person, _("That way into a group is used up, or too old. Please begin anew."), MINE)
        return
    chat = opening.group(session, TELEGRAM, group, heard.now)
    for other in opening.standing_at(session, chat):
        if other.room == door.room and "topic" in other.lacks:
            opening.shut(session, other.id)
    if any(other.thread is None or other.room == door.room for other in opening.standing_at(session, chat)):
        words = _("This group is a door of a room already. Several rooms fit into a group that has topics turned on.")
        heard.tell(heard.person, lines(Strong(titled(room)), words), MINE)
        return
    people.find_chat(session, chat)
    opening.set_place(session, door.id, chat)
    look(session, door.id, heard.now, heard.news.append)


def shut_door(talk: Talk, number: int) -> None:
    """Close a door on Telegram or Matrix for good: founders may, and who opened it."""
    door = opening.standing(talk.session, number)
    seat = None if door is None else rooms.seat_of(talk.session, door.room, talk.person)
    room = None if door is None else rooms.find(talk.session, door.room)
    if door is None or seat is None or room is None or door.platform not in LEFT or door.state == "shut":
        raise Excuse(_("There is no such door."), MINE)
    if not seat.founder and door.by != talk.person:
        raise Excuse(_("Those who lead the project can do that, and who opened the door."), MINE)
    question = lines(
        Strong(titled(room)),
        Strong(Verbatim(door.platform.title())),
        _("Close this door? I leave the group then, and hear nothing there any more. What was said stays."),
    )
    # Translators: two buttons under the question whether to close a door of a room.
    if not talk.confirm("sure", question, yes=p_("button", "Close the door"), no=p_("button", "Leave it open")):
        talk.say(_("Good, it stays open."), MINE)
        return
    readers = opening.readers(talk.session, door.id)
    opening.shut(talk.session, door.id)
    if door.chat is not None and not opening.standing_at(talk.session, door.chat):
        if door.platform == MATRIX:
            _say_goodbye(talk, room, door.chat, [one for one, state in readers.items() if state == "in"])
        talk.do(Do(door.chat, f"leave.{door.id}", "leave"))
    talk.say(_("The door is closed."), MINE)


def _say_goodbye(talk: Talk, room: Room, chat: int, readers: list[int]) -> None:
    """Tell those in a room on Matrix, there and in private, that it is a door no more; and forget who is in it."""
    words = lines(Strong(titled(room)), entry(Verbatim("Matrix"), _("The door is closed.")))
    talk.tell_all(News(talk.person, words, chat=chat))
    for reader in readers:
        if reader != talk.person:
            talk.tell(reader, words, go(f"room {room.id}", p_("button", "Into the room")))
    places.forget_all(talk.session, chat)
