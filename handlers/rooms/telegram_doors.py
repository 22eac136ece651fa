"""How a door on Telegram stands: looked at, opened step by step, down when the bot loses what it needs, and back.

Each step is a deed (see `bot.platforms.telegram.doing`), and what comes of it leads to the next. A step that cannot be
taken leaves the door as it is, and somebody is told exactly what is missing; as soon as Telegram says that the bot has
it, the door goes on by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.talk import Do, Done, Listening, News, Option, Tell, go
from bot.text import Listed, Name, Node, Strong, Url, _, lines, n_, p_
from handlers.rooms.lacking import missing
from handlers.rooms.words import group_title, titled
from storage import people, projects, relay, rooms
from storage.models.projects import ASKED, IN
from storage.models.rooms import DOWN, OPEN, OPENING
from storage.rooms import opening
from storage.rooms.opening import Standing

TELEGRAM = "telegram"
_NO_TOPIC = "rejected: no such topic"
MINE = go("room", p_("button", "Rooms"))


def look(session: Session, door: int, now: datetime, tell: Tell) -> None:
    """Have the bot look how it stands in the group of a door, and who of the room is there."""
    one = opening.standing(session, door)
    if one is None or one.chat is None:
        return
    known = [account for _person, account in opening.accounts_in(session, one.room, TELEGRAM)]
    tell(Do(one.chat, f"look.{door}.{now.timestamp()}", "look", {"door": door, "people": known}))


def stands_otherwise(heard: Listening) -> list[int]:
    """Telegram says how the bot stands in a group now; the doors that are open again because of that."""
    event, session, now, tell = heard.heard.event, heard.session, heard.now, heard.news.append
    assert event is not None
    doors = opening.standing_at(session, heard.chat) if heard.chat else []
    if event.data["inside"] and doors:
        people.find_chat(session, heard.chat)
    for door in doors:
        if not event.data["inside"]:
            _away(session, door, tell)
        elif door.state == OPENING:
            look(session, door.id, now, tell)
        else:
            _stands(session, door, list(event.data["lacks"]), now, tell)
    after = {door.id: door.state for door in opening.standing_at(session, heard.chat)} if doors else {}
    return [door.id for door in doors if door.state == DOWN and after[door.id] == OPEN]


def moved(heard: Listening) -> None:
    """The group has another id now: its link is a new one, and what the bot may do there is looked at again."""
    for door in opening.standing_at(heard.session, heard.chat) if heard.chat else []:
        look(heard.session, door.id, heard.now, heard.news.append)


def did(session: Session, done: Done, now: datetime, tell: Tell) -> None:
    """What became of a step."""
    door = opening.standing(session, int(done.args.get("door", 0)))
    if door is None or door.chat != done.chat:
        return
    if done.what == "look":
        _looked(session, door, done.result, now, tell)
    elif done.what == "topic":
        _has_topic(session, door, done, now, tell)
    elif done.what == "link" and done.result is not None:
        _has_link(session, door, str(done.result["link"]), now, tell)


def lost(session: Session, row: int, error: str, tell: Tell) -> None:
    """The topic of a door is gone: nothing gets through there, and it has to be opened anew."""
    if error != _NO_TOPIC:
        return
    spoken = relay.copied_by(session, row)
    room = None if spoken is None else rooms.room_of(session, spoken.id)
    chat = relay.chat_of_copy(session, row)
    doors = [door for door in opening.standing_at(session, chat or 0) if door.room == room and door.state == OPEN]
    for door in doors:
        opening.set_state(session, door.id, DOWN, ["topic"])
        close = go(f"room shut {door.id}", p_("button", "Close the door"))
        anew = go(f"room telegram {door.room}", p_("button", "Open on Telegram"))
        tell_founders(session, door, tell, _DOWN, missing(["topic"]), options=(anew, close))


def _looked(session: Session, door: Standing, found: Mapping[str, Any] | None, now: datetime, tell: Tell) -> None:
    if found is None:
        _away(session, door, tell)
        return
    inside = set(found["inside"])
    for person, account in opening.accounts_in(session, door.room, TELEGRAM):
        if account in inside:
            opening.reads(session, door.id, person, IN, now)
    if door.state == OPENING:
        _goes_on(session, door, found, now, tell)
    else:
        _stands(session, door, list(found["lacks"]), now, tell)


def _goes_on(session: Session, door: Standing, found: Mapping[str, Any], now: datetime, tell: Tell) -> None:
    """The next step of opening a door, or what is missing for it."""
    lacks = list(found["lacks"])
    opening.set_state(session, door.id, OPENING, lacks)
    topic = bool(found["forum"]) and door.thread is None
    needed = [name for name in lacks if name in ("admin", "private") or (topic and name == "topics")]
    if needed:
        if tuple(lacks) != door.lacks:
            words = _("I am in the group. Please give me what is missing; then I go on by myself.")
            _tell(session, door, [door.by], tell, words, missing(lacks))
    elif topic:
        args = {"door": door.id, "found": dict(found)}
        name = group_title(_room(session, door))
        deed = Do(door.chat or 0, f"topic.{door.id}.{now.timestamp()}", "topic", args, again=False)
        tell(Do(deed.chat, deed.key, "topic", args, again=False, body=name, language=_language(session, door.by)))
    else:
        _open(session, door, found, now, tell)


def _has_topic(session: Session, door: Standing, done: Done, now: datetime, tell: Tell) -> None:
    if done.result is None:
        words = _("I could not make a topic in the group. Please try again.")
        _tell(session, door, [door.by], tell, words)
        opening.shut(session, door.id)
        return
    opening.set_place(session, door.id, door.chat, str(done.result["thread"]))
    placed = opening.standing(session, door.id)
    assert placed is not None
    _open(session, placed, done.args["found"], now, tell)


def _open(session: Session, door: Standing, found: Mapping[str, Any], now: datetime, tell: Tell) -> None:
    """From now on the door is open: the group hears so, and who opened it what is still to be done."""
    lacks = list(found["lacks"])
    opening.set_state(session, door.id, OPEN, lacks)
    greeting = lines(
        Strong(titled(_room(session, door))),
        _("This group is a door of that room now. What you write here is heard at its other doors."),
        _("Telegram does not tell me when you delete something. To take a message back, reply to it with /delete."),
    )
    tell(News(door.by, greeting, chat=door.chat, thread=door.thread))
    strangers = int(found["count"]) - len(found["inside"])
    names = [Name(str(name)) for name in found["others"]]
    _tell(
        session,
        door,
        [door.by],
        tell,
        _("The door on Telegram is open."),
        _strangers(strangers),
        lines(_("Unknown to me, and leading the group:"), Listed(tuple(names))) if names else None,
        missing(lacks),
    )
    _make_link(session, door, lacks, now, tell)


def _strangers(number: int) -> Node | None:
    if number <= 0:
        return None
    return n_(
        "{n} person in the group is not known to me as a member of the room. Everybody there reads along.",
        "{n} people in the group are not known to me as members of the room. Everybody there reads along.",
        number,
    )


def _make_link(session: Session, door: Standing, lacks: list[str], now: datetime, tell: Tell) -> None:
    """Have a link made by which members ask to be let in, where the bot may and there is none."""
    if door.link is None and "invite" not in lacks and door.chat is not None:
        key, name = f"link.{door.id}.{now.timestamp()}", group_title(_room(session, door))
        tell(Do(door.chat, key, "link", {"door": door.id}, body=name, language=_language(session, door.by)))


def _has_link(session: Session, door: Standing, link: str, now: datetime, tell: Tell) -> None:
    """The members who are on Telegram, and not in the group yet, get the link."""
    opening.set_link(session, door.chat or 0, link)
    there = opening.readers(session, door.id)
    for person in dict.fromkeys(person for person, _account in opening.accounts_in(session, door.room, TELEGRAM)):
        if person not in there:
            opening.reads(session, door.id, person, ASKED, now)
            tell(News(person, invitation(session, door, link), (MINE,)))


def invitation(session: Session, door: Standing, link: str) -> Node:
    """What a member is told of a door that they can go through."""
    return lines(
        Strong(titled(_room(session, door))),
        _("This room has a door on Telegram. Follow the link and ask to be let in; I do that at once."),
        Url(link),
    )


def _stands(session: Session, door: Standing, lacks: list[str], now: datetime, tell: Tell) -> None:
    """A door that was open already: it goes down without what it needs most, and comes back with it."""
    if door.thread is None:
        lacks = [name for name in lacks if name != "topics"]
    if "topic" in door.lacks:
        lacks = [*lacks, "topic"]
    state = opening.down_or_open(lacks)
    opening.set_state(session, door.id, state, lacks)
    new = [name for name in lacks if name not in door.lacks]
    if state == DOWN and (door.state == OPEN or new):
        _tell(session, door, _those(session, door), tell, _DOWN, missing(lacks), _AGAIN)
        if "inside" not in door.lacks and "admin" in lacks:
            tell(News(door.by, _DEAF, chat=door.chat, thread=door.thread))
    elif state == OPEN and door.state == DOWN:
        _tell(session, door, _those(session, door), tell, _("The door on Telegram is open again."), missing(lacks))
    elif new:
        _tell(session, door, _those(session, door), tell, _("Something has changed in the group."), missing(new))
    if state == OPEN:
        _make_link(session, door, lacks, now, tell)


# Translators: a door of a room, which is a group on Telegram.
_DOWN = _("The door on Telegram is closed for now. Nothing is brought there until this is mended.")
_DEAF = _("I am no administrator here any more, so I hear nothing. Please do not wait for answers from other doors.")
_AGAIN = _("As soon as I have it again, the door opens by itself, and what was said meanwhile is brought there.")


def _away(session: Session, door: Standing, tell: Tell) -> None:
    """The bot is not in the group."""
    if "inside" in door.lacks:
        return
    state = OPENING if door.state == OPENING else DOWN
    opening.set_state(session, door.id, state, ["inside"])
    if state == OPENING:
        words = _("I am not in that group yet. Please add me to it as an administrator; then I go on by myself.")
        _tell(session, door, [door.by], tell, words)
        return
    words = _("I was removed from the group on Telegram, so that door is closed for now.")
    _tell(session, door, _those(session, door), tell, words, _AGAIN)


def _those(session: Session, door: Standing) -> list[int]:
    """Whom a door concerns: the founders of its project, and who opened it."""
    found = projects.founders(session, door.project)
    seat = rooms.seat_of(session, door.room, door.by) if door.by else None
    return [*found, *([door.by] if seat is not None and door.by not in found else [])]


def tell_founders(
    session: Session, door: Standing, tell: Tell, *words: Node | None, options: tuple[Option, ...] = ()
) -> None:
    """Tell those whom a door concerns something about it."""
    _tell(session, door, _those(session, door), tell, *words, options=options)


def _tell(
    session: Session,
    door: Standing,
    whom: list[int],
    tell: Tell,
    *words: Node | None,
    options: tuple[Option, ...] = (),
) -> None:
    body = lines(Strong(titled(_room(session, door))), *words)
    for person in whom:
        if person:
            tell(News(person, body, (*options, MINE)))


def _room(session: Session, door: Standing) -> rooms.Room:
    room = rooms.find(session, door.room)
    assert room is not None
    return room


def _language(session: Session, person: int) -> str:
    return people.language_of(session, person) or "en"
