"""What the bot itself says in a room: once for all who are in it, at each of its doors, in the project's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.talk import Option, PassOn, Relayed, Rewrite, Stir, TakeBack
from bot.talk.pressing import new_token
from bot.text import Node, Reader, decode, encode, plain
from bot.text.catalogs import available
from storage import attendees, projects, pupil_chats, rooms
from storage.rooms import Door, Room, notices
from storage.rooms.notices import HINT, SAID, Notice, Words

Json = Any
Bring = Callable[[Relayed], None]
#: What may change often is drawn no more often than this.
EVERY = timedelta(seconds=3)


@dataclass(frozen=True)
class Saying:
    """What is said, and what everybody in the room may choose under it."""

    body: Node
    options: Sequence[Option] = ()


def reads(session: Session, room: Room, timezone: str) -> tuple[str, str]:
    """How the bot speaks in a room: in the first of the project's languages that it knows, by somebody's clock."""
    project = projects.find(session, room.project)
    spoken = project.facts.languages if project is not None else ()
    return next((language for language in spoken if language in available()), "en"), timezone


def zones(session: Session, room: int) -> list[str]:
    """The time zones of the teachers in a room."""
    return list(dict.fromkeys(g.timezone for g in attendees.people(session, notices.teachers(session, room))))


def speak(
    session: Session,
    bring: Bring,
    room: int,
    said: Saying,
    *,
    reads: tuple[str, str],
    now: datetime,
    kind: str = SAID,
    person: int | None = None,
    reminder: int | None = None,
    poll: int | None = None,
    draft: Json | None = None,
    made: Callable[[int], None] | None = None,
) -> Notice:
    """Say something at all doors of a room; a HINT on its page alone. ``made`` is called before it is brought."""
    notice = notices.say(
        session,
        room,
        _words(said, reads),
        kind=kind,
        token=new_token(),
        reads=reads,
        now=now,
        person=person,
        reminder=reminder,
        poll=poll,
        draft=draft,
    )
    if made is not None:
        made(notice.id)
    for door in (*rooms.doors(session, room), *pupil_chats.doors(session, room, now)):
        carry(bring, door, notice)
    return notice


def carry(bring: Bring, door: Door, notice: Notice) -> None:
    """Bring what was said to one door; the page of the web only has to look."""
    if door.chat is None:
        return
    if door.platform == "web":
        bring(Stir(door.chat))
    elif notice.kind != HINT:
        said = saying(notice)
        bring(
            PassOn(
                notice.id,
                said.body,
                chat=door.chat,
                thread=door.thread,
                options=tuple(said.options),
                token=notice.token,
                reads=(notice.language, notice.timezone),
            )
        )


def saying(notice: Notice) -> Saying:
    """What a notice says, from its row."""
    return Saying(decode(notice.body), [Option(option, decode(label)) for option, label in notice.options])


def redraw(
    session: Session,
    bring: Bring,
    notice: Notice,
    said: Saying,
    now: datetime,
    *,
    always: bool = False,
    **values: Any,
) -> None:
    """Let a notice say something else, wherever it stands; the same again only ``always``. ``values`` are other columns
    of its row."""
    new = _words(said, (notice.language, notice.timezone))
    if not (always or values) and [new.body, list(new.options)] == [notice.body, list(notice.options)]:
        notices.drawn(session, notice.id, now)
        return
    notices.redraw(session, notice.id, new, now, **values)
    bring(Rewrite(notice.id, said.body, options=tuple(said.options), token=notice.token))
    _stir(session, bring, notice.room)


def take_back(session: Session, bring: Bring, notice: Notice, now: datetime) -> None:
    """Take a notice away everywhere."""
    rooms.take_back(session, notice.id, now)
    bring(TakeBack(notice.id))
    _stir(session, bring, notice.room)


def _stir(session: Session, bring: Bring, room: int) -> None:
    chat = rooms.web_chat(session, room).chat
    if chat is not None:
        bring(Stir(chat))


def _words(said: Saying, reads: tuple[str, str]) -> Words:
    reader = Reader(*reads)
    options = [(option.id, encode(option.label)) for option in said.options]
    return Words(encode(said.body), options, plain(said.body, reader))
