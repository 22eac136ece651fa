"""Erasing a person: a wait in which minds may change, then everything of theirs, then their name in what others have.

The row in `people` stays as a bare number, because others' requests and partnerships refer to it; nothing says any
more who that was. What others were told is cleaned in small steps, so that no turn waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, select, update
from sqlalchemy.orm import Session, object_session

from storage import accounts, partnerships, post, projects, teachers
from storage.matching import rows
from storage.models import (
    Account,
    Chat,
    Erasure,
    OutboxRow,
    PartnerRequest,
    Person,
    Prompt,
    RoomMessage,
    RoomNotice,
    Utterance,
    WebMessage,
)
from storage.models.partnerships import LAPSED, OPEN, WITHDRAWN
from storage.rights.holdings import HOLDINGS
from storage.rights.scrubbing import Former, without, without_lines, without_message

ASKED, IDLE = "asked", "idle"
WAITING, FAREWELL, ROWS = "waiting", "farewell", "rows"

CHANGE_OF_MIND = timedelta(hours=24)
#: How long the last word to a person has to arrive before their chat is forgotten.
_LAST_WORD = timedelta(minutes=10)
#: Where a chat goes on after its last word, unless the bot leaves it; the others know no such thing.
_LEFT = ("matrix",)
_FORGET, _PATIENCE = "forget", timedelta(days=1)
#: After so long without a word a person is asked; so much later they are erased.
IDLE_FOR, IDLE_GRACE = timedelta(days=730), timedelta(days=30)
#: So many rows of what others have are looked at in one transaction.
_STEP = 500


def ask(session: Session, person: int, reason: str, now: datetime, *, keeps_words: bool = False) -> datetime:
    """Have a person erased after the time for a change of mind; gives the moment. Asking twice changes nothing.

    With ``keeps_words`` what they said in rooms stays there, as that of a former member.
    """
    known = pending(session, person)
    if known is not None and known.reason == ASKED:
        return known.due_at
    if known is not None:
        session.delete(known)
        session.flush()
    due = now + (CHANGE_OF_MIND if reason == ASKED else IDLE_GRACE)
    told = teachers.facts(session, person)
    looking = told is not None and told.looking
    row = Erasure(person_id=person, reason=reason, stage=WAITING, asked_at=now, due_at=due, looking=looking)
    row.keeps_words = keeps_words
    session.add(row)
    if looking and reason == ASKED:
        teachers.set_looking(session, person, False)
    session.flush()
    return due


def pending(session: Session, person: int) -> Erasure | None:
    """The erasure of a person that is under way, if there is one."""
    return session.get(Erasure, person, populate_existing=True)


def keep(session: Session, person: int) -> bool:
    """Change of mind. False: there is nothing to stop, or it has begun."""
    row = pending(session, person)
    if row is None or row.stage != WAITING:
        return False
    if row.looking:
        teachers.set_looking(session, person, True)
    session.delete(row)
    session.flush()
    return True


def send_away(session: Session, person: int, now: datetime) -> None:
    """Erase somebody without a wait, as soon as their last word has arrived; it was told already."""
    row = pending(session, person) or Erasure(person_id=person, reason=ASKED, stage=WAITING, asked_at=now, due_at=now)
    session.add(row)
    _leave(session, person, now)
    row.stage, row.due_at = FAREWELL, now + _LAST_WORD
    session.flush()


def recall(session: Session, person: int) -> None:
    """Somebody who is being sent away comes in anew before their rows are gone."""
    row = pending(session, person)
    if row is not None and row.stage in (WAITING, FAREWELL):
        session.delete(row)
        chats = select(Chat.id).where(Chat.person_id == person)
        left = delete(OutboxRow).where(OutboxRow.kind == _FORGET, OutboxRow.chat_id.in_(chats), post.WAITS)
        session.execute(left.execution_options(synchronize_session=False))
        session.flush()


def due(session: Session, now: datetime) -> Erasure | None:
    """The next erasure on which something is to be done."""
    found = select(Erasure).where(Erasure.due_at <= now).order_by(Erasure.due_at, Erasure.person_id).limit(1)
    return session.scalar(found)


def advance(session: Session, row: Erasure, now: datetime, farewell: Callable[[int], None], former: Former) -> None:
    """Do one step of an erasure. ``farewell`` tells the person; ``former`` is what stands in place of their name."""
    person = row.person_id
    if row.stage == WAITING and row.reason == IDLE and _heard_since(session, row):
        session.delete(row)
    elif row.stage == WAITING:
        farewell(person)
        _leave(session, person, now)
        rows.forget(session, person)
        row.stage, row.due_at = FAREWELL, now + _LAST_WORD
    elif row.stage == FAREWELL and _leaves(session, person, now):
        row.due_at = now + _LAST_WORD
    elif row.stage == FAREWELL:
        _erase_rows(session, person, now, keeps_words=row.keeps_words)
        row.stage, row.cursor = _SCRUBBED[0].name, None
    else:
        _scrub(session, row, former)
    session.flush()


def idle_people(session: Session, now: datetime, limit: int = 100) -> list[int]:
    """People who have not been heard of for two years, and have not been asked."""
    asked = select(Erasure.person_id)
    silent = select(Person.id).where(
        Person.active_at < now - IDLE_FOR, Person.erased_at.is_(None), Person.id.not_in(asked)
    )
    return list(session.scalars(silent.order_by(Person.id).limit(limit)))


def _heard_since(session: Session, row: Erasure) -> bool:
    active = session.scalar(select(Person.active_at).where(Person.id == row.person_id))
    return active is not None and active > row.asked_at


def _leave(session: Session, person: int, now: datetime) -> None:
    """Have the bot leave the private chats of a person, a little after its last word there."""
    theirs = Account.person_id == Chat.person_id, Account.platform == Chat.platform
    there = select(Chat.id, Account.id, Account.external_id).join(Account, and_(*theirs))
    left = there.where(Chat.person_id == person, Chat.kind == "private", Chat.platform.in_(_LEFT))
    for chat, account, name in session.execute(left).all():
        key, later = f"forget.{chat}.{account}", now + _LAST_WORD / 2
        post.put(
            session, chat=chat, kind=_FORGET, payload={"forgets": name}, key=key, lane=0, now=now, not_before=later
        )


def _leaves(session: Session, person: int, now: datetime) -> bool:
    """Whether a chat is still to be left; after a day without its platform, it stays."""
    theirs = OutboxRow.chat_id == Chat.id, Chat.person_id == person, OutboxRow.kind == _FORGET
    waits = select(OutboxRow.id).join(Chat, and_(*theirs)).where(post.WAITS, OutboxRow.created_at > now - _PATIENCE)
    return session.scalar(waits.limit(1)) is not None


def _part(session: Session, person: int, now: datetime) -> None:
    """End what is open between this person and others, who keep their own side of it."""
    waits = PartnerRequest.state == OPEN
    for theirs, state in ((PartnerRequest.asker_id, WITHDRAWN), (PartnerRequest.asked_id, LAPSED)):
        closing = update(PartnerRequest).where(theirs == person, waits)
        session.execute(closing.values(state=state, decided_at=now))
    for partner in partnerships.partners_of(session, person):
        partnerships.end(session, person, partner.person, person, now)
    projects.leave_all(session, person, now)


def said_in_rooms(session: Session, person: int) -> bool:
    """Whether somebody said anything in a room."""
    said = select(Utterance.id).join(RoomMessage, RoomMessage.id == Utterance.id)
    return session.scalar(said.where(Utterance.author_id == person).limit(1)) is not None


def _let_go(session: Session, person: int) -> None:
    """What somebody said in rooms is nobody's from now on."""
    in_rooms = select(RoomMessage.id).where(RoomMessage.id == Utterance.id).exists()
    where = update(Utterance).where(Utterance.author_id == person, in_rooms)
    session.execute(where.values(author_id=None).execution_options(synchronize_session=False))


def _erase_rows(session: Session, person: int, now: datetime, *, keeps_words: bool = False) -> None:
    """Everything that is theirs, table by table; then only a number is left of the person."""
    _part(session, person, now)
    if keeps_words:
        _let_go(session, person)
    for holding in HOLDINGS:
        if holding.ends == "deleted":
            session.execute(delete(holding.model).where(holding.rows(person)))
        elif holding.ends == "emptied":
            session.execute(update(holding.model).where(holding.rows(person)).values(**holding.emptied))
    gone = {"language": "en", "language_chosen": False, "timezone": "UTC", "created_at": now, "active_at": now}
    session.execute(update(Person).where(Person.id == person).values(**gone, erased_at=now))


@dataclass(frozen=True)
class _Scrubbed:
    """A table of what others were told: the key by which it is walked, and how a row is cleaned."""

    name: str
    model: Any
    key: Any
    clean: Callable[[Any, int, Former], None]


def _outbox(row: OutboxRow, person: int, former: Former) -> None:
    if row.payload.get("of") == person:
        _throw_away(row)
    else:
        row.payload = without_message(row.payload, person, former)


def _throw_away(letter: OutboxRow) -> None:
    """A letter that was written for a person goes, and with the last one at an address the address."""
    session = object_session(letter)
    assert session is not None
    session.delete(letter)
    session.flush()
    accounts.forget_mailbox(session, letter.chat_id)


def _web(row: WebMessage, person: int, former: Former) -> None:
    row.content = without_lines(row.content, person, former)


def _prompt(row: Prompt, person: int, former: Former) -> None:
    row.options = without(row.options, person, former)


def _notice(row: RoomNotice, person: int, former: Former) -> None:
    """What the bot said in a room is drawn anew without the name, at all its doors."""
    body, options = without(row.body, person, former), without(row.options, person, former)
    if [body, options] != [row.body, row.options]:
        row.body, row.options, row.changed_at = body, options, row.drawn_at


_SCRUBBED = (
    _Scrubbed("outbox", OutboxRow, OutboxRow.id, _outbox),
    _Scrubbed("web", WebMessage, WebMessage.id, _web),
    _Scrubbed("notices", RoomNotice, RoomNotice.id, _notice),
    _Scrubbed("prompts", Prompt, Prompt.token, _prompt),
)


def _scrub(session: Session, row: Erasure, former: Former) -> None:
    """Clean the next rows of the table at hand; after the last table the erasure is done."""
    place = next(place for place, each in enumerate(_SCRUBBED) if each.name == row.stage)
    table = _SCRUBBED[place]
    found = _next_rows(session, table, row.cursor)
    for each in found:
        table.clean(each, row.person_id, former)
    if len(found) == _STEP:
        row.cursor = str(getattr(found[-1], table.key.key))
    elif place + 1 < len(_SCRUBBED):
        row.stage, row.cursor = _SCRUBBED[place + 1].name, None
    else:
        session.delete(row)


def _next_rows(session: Session, table: _Scrubbed, cursor: str | None) -> Sequence[Any]:
    rows = select(table.model).order_by(table.key).limit(_STEP)
    if cursor is not None:
        rows = rows.where(table.key > table.key.type.python_type(cursor))
    return session.scalars(rows).all()
