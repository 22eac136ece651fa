"""Who is in the groups that are doors: members are let in, others not, and whoever leaves the project leaves them too.

In a group everybody reads all that is said in it, in every topic. So whoever is let in must be in all rooms that have
a door there.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import Chore, Do, Done, Event, Listening, News, Tell, go
from bot.text import Name, Node, _, entry, lines, p_
from handlers.rooms.telegram_doors import MINE, TELEGRAM, invitation, tell_founders
from storage import accounts, people, rooms
from storage.models.projects import ASKED, IN, OUT
from storage.models.rooms import EVERYONE, OPENING
from storage.models.teachers import SUSPENDED
from storage.rooms import occupants, opening
from storage.rooms.opening import Standing

AT_ONCE = 50
# Translators: the line with the name of somebody who is in a group.
_WHO = p_("room", "Who")


def came(heard: Listening) -> None:
    """Somebody is in a group that is a door."""
    event, session = _event(heard), heard.session
    person = _person(session, event)
    for door in _open_at(session, heard.chat):
        if belongs(session, person, [door]) and person is not None:
            opening.reads(session, door.id, person, IN, heard.now)
        elif person is not None and _is_out(session, door.room, person):
            _send_away(session, door, heard.chat, event.who, event.name, heard.now, heard.news.append)
        else:
            _stranger(heard, door, event)


def went(heard: Listening) -> None:
    """Somebody is in a group no longer. They stay in the room."""
    person = _person(heard.session, _event(heard))
    for door in _open_at(heard.session, heard.chat) if person is not None else []:
        opening.reads(heard.session, door.id, person or 0, OUT, heard.now)


def asks(heard: Listening) -> None:
    """Somebody wants to be let in. In a group that is no door others decide."""
    event, session = _event(heard), heard.session
    doors = _open_at(session, heard.chat)
    if not doors:
        return
    key = f"{heard.chat}.{event.who}.{heard.now.timestamp()}"
    if belongs(session, _person(session, event), doors):
        heard.do(Do(heard.chat, f"in.{key}", "let in", {"who": event.who}))
        return
    args = {"who": event.who, "reach": event.data["reach"]}
    heard.do(Do(heard.chat, f"away.{key}", "turn away", args, body=_NOT_HERE, language=heard.reader.chosen))


_NOT_HERE = lines(
    _("This group is for the members of a project, and I do not know you as one of them."),
    _("If you are one, write /link to me first, so that I know this account of yours. Then ask again."),
)


def belongs(session: Session, person: int | None, doors: list[Standing]) -> bool:
    """Whether somebody is in all rooms that have a door in a group. Who is suspended is nowhere."""
    seats = [None if person is None else rooms.seat_of(session, door.room, person) for door in doors]
    return all(seat is not None and seat.status != SUSPENDED for seat in seats)


def joined(session: Session, project: int, person: int, now: datetime, tell: Tell) -> None:
    """Somebody is new in a project: they get the links of its groups, if they are on Telegram."""
    if TELEGRAM not in people.platforms_of(session, person):
        return
    for door in _groups(session, project).values():
        if door.link is not None and belongs(session, person, _open_at(session, door.chat or 0)):
            opening.reads(session, door.id, person, ASKED, now)
            tell(News(person, invitation(session, door, door.link), (MINE,)))


def left(session: Session, project: int, person: int, now: datetime, tell: Tell) -> None:
    """Somebody is in a project no longer, or erased: they leave its groups too. Before their accounts are gone."""
    for chat, door in _groups(session, project).items():
        for account in _accounts(session, person):
            _send_away(session, door, chat, account, None, now, tell)


def look_after(session: Session, now: datetime, tell: Tell) -> bool:
    """Put right what changed elsewhere: who was removed from a room or suspended leaves its group, and whoever joined
    an account on Telegram to theirs gets the link."""
    for number, person in opening.unwelcome(session, TELEGRAM, AT_ONCE):
        door = opening.standing(session, number)
        opening.is_out(session, number, person, now)
        if door is None or door.chat is None:
            continue
        for account in _accounts(session, person):
            _send_away(session, door, door.chat, account, None, now, tell)
    for number, person in opening.uninvited(session, TELEGRAM, AT_ONCE):
        door = opening.standing(session, number)
        opening.reads(session, number, person, ASKED, now)
        if door is not None and door.link is not None:
            tell(News(person, invitation(session, door, door.link), (MINE,)))
    return False


telegram_chore = Chore("telegram doors", 20, look_after)


def _is_out(session: Session, room: int, person: int) -> bool:
    """Whether somebody was removed from a room, so that no door lets them in again."""
    known = occupants.of_person(session, room, person)
    return known is not None and known.removed_at is not None


def closed(session: Session, project: int, now: datetime, tell: Tell, *, again: bool = False) -> None:
    """A project is closed: its groups can only be read, where the bot may do that. Or it is open ``again``."""
    for room in rooms.of_project(session, project):
        for door in opening.standing_of(session, room.id, TELEGRAM):
            if door.chat is None or door.state == OPENING:
                continue
            needed = "restrict" if door.thread is None else "topics"
            if {"inside", "admin", needed} & set(door.lacks):
                _cannot(session, door, tell, again)
                continue
            what = "speak" if again else "hush"
            args = {"door": door.id, "thread": door.thread}
            tell(Do(door.chat, f"{what}.{door.id}.{now.timestamp()}", what, args))


def did(session: Session, done: Done, now: datetime, tell: Tell) -> None:
    """What could not be done is said to those who can do it themselves."""
    if done.what not in ("send away", "hush", "speak") or (done.result is not None and not done.result.get("stays")):
        return
    door = opening.standing(session, int(done.args.get("door", 0)))
    if door is None or door.chat is None:
        return
    if done.what == "send away":
        _please_remove(session, door, done.args.get("name"), tell)
    else:
        _cannot(session, door, tell, done.what == "speak")


def _stranger(heard: Listening, door: Standing, event: Event) -> None:
    """Somebody was brought in who does not belong there. From rooms of teachers they are sent away."""
    if door.audience != EVERYONE:
        _send_away(heard.session, door, heard.chat, event.who, event.name, heard.now, heard.news.append)
        return
    words = _("Somebody is in the group who is not in this room, and reads along:")
    tell_founders(heard.session, door, heard.news.append, words, _called(event.name))


def _send_away(
    session: Session, door: Standing, chat: int, account: str, name: str | None, now: datetime, tell: Tell
) -> None:
    if {"inside", "admin", "restrict"} & set(door.lacks):
        _please_remove(session, door, name, tell)
        return
    args = {"door": door.id, "who": account, "name": name}
    tell(Do(chat, f"gone.{door.id}.{account}.{now.timestamp()}", "send away", args))


def _please_remove(session: Session, door: Standing, name: str | None, tell: Tell) -> None:
    words = _("Somebody is in the group who does not belong there, and I cannot remove them. Please do that yourself:")
    # Translators: a button; the bot leaves a group that is a door of a room.
    close = go(f"room shut {door.id}", p_("button", "Close the door"))
    tell_founders(session, door, tell, words, _called(name), options=(close,))


def _cannot(session: Session, door: Standing, tell: Tell, again: bool) -> None:
    closed_ = _("I cannot make the group read-only. Please do that yourself; nothing said there is brought on now.")
    open_ = _("I cannot let people write in the group again. Please do that yourself.")
    tell_founders(session, door, tell, open_ if again else closed_)


def _called(name: str | None) -> Node | None:
    return None if not name else entry(_WHO, Name(name))


def _accounts(session: Session, person: int) -> list[str]:
    return [account for platform, account in accounts.accounts_of(session, person) if platform == TELEGRAM]


def _groups(session: Session, project: int) -> dict[int, Standing]:
    """The groups of a project's rooms, each with one of its doors there."""
    found = [d for room in rooms.of_project(session, project) for d in opening.standing_of(session, room.id, TELEGRAM)]
    return {door.chat: door for door in found if door.chat is not None}


def _open_at(session: Session, chat: int) -> list[Standing]:
    return [door for door in opening.standing_at(session, chat) if door.state != OPENING] if chat else []


def _person(session: Session, event: Event) -> int | None:
    return accounts.owner_of(session, TELEGRAM, event.who)


def _event(heard: Listening) -> Event:
    assert heard.heard.event is not None
    return heard.heard.event
