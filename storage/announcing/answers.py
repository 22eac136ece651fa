"""What readers do with an announcement: answer its buttons, leave a category and come back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from storage.dialogues import Asked
from storage.models import AnnouncementAnswer, AnnouncementBulk, Chat, LeftCategory, OutboxRow
from storage.post import insert_for


def asked(session: Session, token: str) -> Asked | None:
    """What may be chosen under an announcement, by the token that its buttons carry."""
    found = select(AnnouncementBulk.options).where(AnnouncementBulk.token == token)
    options = session.scalar(found)
    return None if options is None else Asked(token, None, [(i, label) for i, label in options], None)


def asked_by_row(session: Session, row: int) -> Asked | None:
    """What may be chosen under the message that an outbox row became."""
    query = select(AnnouncementBulk.token).join(OutboxRow, OutboxRow.bulk_id == AnnouncementBulk.bulk_id)
    token = session.scalar(query.where(OutboxRow.id == row))
    return None if token is None else asked(session, token)


def answer(session: Session, number: int, person: int, said: str, now: datetime) -> None:
    """Keep what a reader answered, in the place of what they said before."""
    new = insert_for(session.get_bind().dialect.name, AnnouncementAnswer)
    values = {"announcement_id": number, "person_id": person, "answer": said, "at": now}
    changed = {"answer": new.excluded.answer, "at": new.excluded.at}
    keys = ["announcement_id", "person_id"]
    session.execute(new.values(**values).on_conflict_do_update(index_elements=keys, set_=changed))


def answers(session: Session, number: int) -> dict[str, int]:
    """How many answered what."""
    query = select(AnnouncementAnswer.answer, func.count()).where(AnnouncementAnswer.announcement_id == number)
    found = session.execute(query.group_by(AnnouncementAnswer.answer)).all()
    return {row[0]: row[1] for row in found}


def may_have_got(session: Session, number: int, person: int) -> bool:
    """Whether there is such an announcement, and somebody is one of its readers. Its rows are forgotten some time after
    they have left; from then on nobody can tell, and everybody may be one."""
    ours = AnnouncementBulk.announcement_id == number
    rows = exists().where(ours, OutboxRow.bulk_id == AnnouncementBulk.bulk_id)
    theirs = rows.where(Chat.id == OutboxRow.chat_id, Chat.person_id == person)
    return bool(session.scalar(select(exists().where(ours) & (theirs | ~rows))))


def left(session: Session, person: int) -> set[str]:
    """The categories that somebody does not want."""
    return set(session.scalars(select(LeftCategory.category).where(LeftCategory.person_id == person)))


def leave(session: Session, person: int, category: str, now: datetime) -> None:
    """Let somebody get no more of a category."""
    new = insert_for(session.get_bind().dialect.name, LeftCategory)
    values = new.values(person_id=person, category=category, left_at=now)
    session.execute(values.on_conflict_do_nothing(index_elements=["person_id", "category"]))


def come_back(session: Session, person: int, category: str) -> None:
    """Let somebody get a category again."""
    session.execute(delete(LeftCategory).where(LeftCategory.person_id == person, LeftCategory.category == category))
