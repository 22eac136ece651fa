"""What support gets to read of a room: what is reported, and what stood around it, as it was at that moment."""

from __future__ import annotations

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from storage import relay
from storage.models import RoomAct, RoomMessage
from storage.models.rooms import OUT
from storage.reports import Evidence
from storage.rooms.seats import voice_in


def around(session: Session, room: int, message: int | None, each_side: int) -> list[Evidence]:
    """What came out just before and after a message, with it, oldest first; without one, the newest. Also what was
    taken back since; nothing that was never let out, but for the message itself."""
    out = and_(RoomMessage.room_id == room, RoomMessage.state == OUT)
    if message is None:
        found = select(RoomMessage.id).where(out).order_by(RoomMessage.place.desc()).limit(2 * each_side + 1)
        return _evidence(session, list(reversed(session.scalars(found).all())), None)
    place = session.scalars(select(RoomMessage.place).where(RoomMessage.id == message)).one()
    upto = or_(and_(out, RoomMessage.place < place), RoomMessage.id == message)
    before = select(RoomMessage.id).where(upto).order_by(RoomMessage.place.desc()).limit(each_side + 1)
    after = select(RoomMessage.id).where(out, RoomMessage.place > place).order_by(RoomMessage.place).limit(each_side)
    return _evidence(session, [*reversed(session.scalars(before).all()), *session.scalars(after).all()], message)


def taken_from(session: Session, room: int, person: int, limit: int) -> list[Evidence]:
    """The last messages of a teacher that others took away in a room, oldest first."""
    theirs = RoomAct.room_id == room, RoomAct.subject_id == person, RoomAct.act == "removed"
    found = select(RoomAct.message_id).where(*theirs).order_by(RoomAct.id.desc()).limit(limit)
    ids = [message for message in session.scalars(found) if message is not None]
    return _evidence(session, list(reversed(ids)), None)


def last_actor(session: Session, room: int, person: int) -> int | None:
    """Who did something to a teacher in a room last, other than themselves."""
    theirs = RoomAct.room_id == room, RoomAct.subject_id == person, RoomAct.actor_id != person
    return session.scalar(select(RoomAct.actor_id).where(*theirs).order_by(RoomAct.id.desc()).limit(1))


def _evidence(session: Session, ids: list[int], reported: int | None) -> list[Evidence]:
    said = [relay.find(session, each) for each in ids]
    return [Evidence.of(one, reported, voice_in(session, one.id).name) for one in said if one is not None]
