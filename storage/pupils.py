"""Places for pupils in a project: made by a teacher for a class, opened with a card, and over with the project.

Of a pupil nothing is kept but a nickname. A browser in which one is has a random cookie, of which the hash is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from storage import cards, projects, pupil_chats, rooms
from storage.models import Project, ProjectMember, Pupil, PupilSession, Teacher
from storage.models.projects import IN, OPEN
from storage.projects import Cannot
from storage.projects.reading import held
from storage.rooms.seats import answers_for, good

MOST_AT_ONCE = 40
"""How many places one teacher makes at a time."""

MOST = 200
"""How many places of one teacher there are in a project."""

_EXTRA = timedelta(days=30)

KEPT = timedelta(days=180)
"""For so long after their end places stand, because what was said in the rooms does."""


@dataclass(frozen=True)
class Place:
    """A place as it stands (see `storage.models.Pupil`); ``owner`` is the teacher whose it is."""

    id: int
    project: int
    owner: int
    nickname: str
    picture: str
    written: bool
    language: str
    code: str
    pictures: tuple[int, ...]
    elsewhere: bool
    taken: bool
    expires_at: datetime


def make(
    session: Session,
    project: int,
    owner: int,
    names: Sequence[tuple[str, str]],
    language: str,
    now: datetime,
    *,
    elsewhere: bool = False,
) -> list[int]:
    """Make places, each with a nickname and its picture word. Raises Cannot ("foreign", "state", "many")."""
    row = held(session, project)
    _answers(session, project, owner)
    if row.state != OPEN:
        raise Cannot("state")
    there = select(func.count()).where(Pupil.project_id == project, Pupil.owner_id == owner, Pupil.revoked_at.is_(None))
    if len(names) > MOST_AT_ONCE or (session.scalar(there) or 0) + len(names) > MOST:
        raise Cannot("many")
    made = [
        Pupil(
            project_id=project,
            owner_id=owner,
            nickname=nickname,
            picture=picture,
            language=language,
            code=cards.new_code(),
            pictures=cards.new_pictures(),
            elsewhere=elsewhere,
            made_at=now,
            expires_at=_end(row, now),
        )
        for nickname, picture in names
    ]
    session.add_all(made)
    session.flush()
    rooms.seat_pupils(session, project, [pupil.id for pupil in made], now)
    return [pupil.id for pupil in made]


def _end(project: Project, now: datetime) -> datetime:
    """Cards are good until the last day of a project is over everywhere in Europe; those that are made for one that
    goes on after its last day, for a month."""
    return max(datetime.combine(project.ends_on + timedelta(days=1), time(6), UTC), now + _EXTRA)


def _answers(session: Session, project: int, owner: int) -> ProjectMember:
    mine = session.get(ProjectMember, (project, owner), populate_existing=True)
    if mine is None or mine.state != IN:
        raise Cannot("foreign")
    return mine


def age_of(session: Session, project: int, owner: int) -> int | None:
    """How old the pupils of a teacher are in a project, as the teacher said."""
    theirs = ProjectMember.project_id == project, ProjectMember.person_id == owner
    return session.scalar(select(ProjectMember.pupils_age).where(*theirs))


def set_age(session: Session, project: int, owner: int, age: int) -> None:
    """Note how old the pupils of a teacher are."""
    _answers(session, project, owner).pupils_age = age
    session.flush()


def names_in(session: Session, project: int) -> set[str]:
    """The nicknames that are taken in a project, as they are compared: without regard to case."""
    found = select(Pupil.nickname).where(Pupil.project_id == project, Pupil.revoked_at.is_(None))
    return {nickname.casefold() for nickname in session.scalars(found)}


def of_owner(session: Session, owner: int, project: int | None = None) -> list[Place]:
    """The places of a teacher that are not revoked, in the order in which they were made."""
    where = [Pupil.owner_id == owner, Pupil.revoked_at.is_(None)]
    if project is not None:
        where.append(Pupil.project_id == project)
    rows = session.scalars(select(Pupil).where(*where).order_by(Pupil.project_id, Pupil.id))
    return [_place(row) for row in rows.all()]


def numbered(session: Session, owner: int, pupils: Collection[int], now: datetime) -> list[Place]:
    """Those of a teacher's places that have one of these numbers, and whose cards are good."""
    return _good(session, (Pupil.owner_id == owner) & Pupil.id.in_(pupils), now)


def find(session: Session, pupil: int, now: datetime) -> Place | None:
    """A place whose card is good."""
    return _one(session, Pupil.id == pupil, now)


def by_code(session: Session, code: str, now: datetime) -> Place | None:
    """The place whose card has this code, if the card is good."""
    return _one(session, Pupil.card == code, now)


def replace(session: Session, owner: int, pupil: int) -> Place:
    """Give a place a new card; the old one opens nothing, and whoever was in with it is out. Raises Cannot."""
    row = _mine(session, owner, pupil)
    row.code, row.pictures = cards.new_code(), cards.new_pictures()
    row.card = row.code
    session.execute(delete(PupilSession).where(PupilSession.pupil_id == pupil))
    pupil_chats.end(session, [pupil])
    session.flush()
    # Open pages look, and see that they are out.
    rooms.stir_all(session, row.project_id)
    return _place(row)


def rename(session: Session, owner: int, pupil: int, nickname: str) -> None:
    """A teacher writes a nickname. Raises Cannot: "foreign", or "member" if another in the project has it."""
    row = _mine(session, owner, pupil)
    held(session, row.project_id)
    if row.nickname.casefold() != nickname.casefold() and nickname.casefold() in names_in(session, row.project_id):
        raise Cannot("member")
    row.nickname, row.written = nickname, True
    session.flush()


def revoke(session: Session, owner: int, pupils: Collection[int], now: datetime) -> int:
    """End places of a teacher; how many that were. Whoever is in with one of them is out at once."""
    theirs = Pupil.owner_id == owner, Pupil.id.in_(pupils), Pupil.revoked_at.is_(None)
    found = session.execute(select(Pupil.id, Pupil.project_id).where(*theirs)).all()
    numbers = [row.id for row in found]
    session.execute(update(Pupil).where(Pupil.id.in_(numbers)).values(revoked_at=now))
    session.execute(delete(PupilSession).where(PupilSession.pupil_id.in_(numbers)))
    pupil_chats.end(session, numbers)
    for project in {row.project_id for row in found}:
        rooms.stir_all(session, project)
    return len(numbers)


def take(session: Session, pupil: int, name: tuple[str, str] | None, now: datetime) -> bool:
    """Somebody comes in for the first time, with a nickname and its picture word, or with the one that is there. False
    if another has it by now."""
    row = session.get_one(Pupil, pupil, populate_existing=True)
    held(session, row.project_id)
    if name is not None and not row.written and name[0].casefold() != row.nickname.casefold():
        if name[0].casefold() in names_in(session, row.project_id):
            return False
        row.nickname, row.picture = name
    row.taken_at = row.taken_at or now
    session.flush()
    return True


def sign_in(session: Session, pupil: int, token_hash: str, now: datetime) -> None:
    """Let a browser in as a pupil."""
    session.execute(delete(PupilSession).where(PupilSession.token_hash == token_hash))
    session.add(PupilSession(token_hash=token_hash, pupil_id=pupil, made_at=now))
    session.flush()


def sign_out(session: Session, token_hash: str) -> None:
    """Forget a browser."""
    session.execute(delete(PupilSession).where(PupilSession.token_hash == token_hash))


def of_browser(session: Session, token_hash: str, now: datetime) -> Place | None:
    """The place that a browser has opened, as long as its card is good."""
    row = session.scalars(_by_browser(), {"token": token_hash, "now": now}).one_or_none()
    return None if row is None else _place(row)


@cache
def _by_browser() -> Select[Pupil]:
    """One statement, made once: it is asked with each page and form."""
    found = _joined().join(PupilSession, PupilSession.pupil_id == Pupil.id)
    wanted = PupilSession.token_hash == bindparam("token")
    return found.where(wanted, *good(bindparam("now"))).execution_options(populate_existing=True)


def purge(session: Session, now: datetime, limit: int) -> int:
    """Forget places that ended long ago; how many that were."""
    old = select(Pupil.id).where(Pupil.expires_at <= now - KEPT).limit(limit)
    found = list(session.scalars(old))
    session.execute(delete(Pupil).where(Pupil.id.in_(found)).execution_options(synchronize_session=False))
    return len(found)


def _one(session: Session, where: ColumnElement[bool], now: datetime) -> Place | None:
    return next(iter(_good(session, where, now)), None)


def _good(session: Session, where: ColumnElement[bool], now: datetime) -> list[Place]:
    found = _joined().where(where, *good(now)).order_by(Pupil.project_id, Pupil.id)
    return [_place(row) for row in session.scalars(found.execution_options(populate_existing=True))]


def _joined() -> Select[Pupil]:
    """Places with what `good` looks at."""
    return (
        select(Pupil)
        .join(Project, Project.id == Pupil.project_id)
        .join(ProjectMember, answers_for())
        .join(Teacher, Teacher.person_id == Pupil.owner_id)
    )


def _mine(session: Session, owner: int, pupil: int) -> Pupil:
    row = session.get(Pupil, pupil, populate_existing=True)
    if row is None or row.owner_id != owner or row.revoked_at is not None:
        raise Cannot("foreign")
    if projects.member(session, row.project_id, owner) is None:
        raise Cannot("foreign")
    return row


def _place(row: Pupil) -> Place:
    return Place(
        id=row.id,
        project=row.project_id,
        owner=row.owner_id or 0,
        nickname=row.nickname,
        picture=row.picture,
        written=row.written,
        language=row.language,
        code=row.code,
        pictures=tuple(row.pictures),
        elsewhere=row.elsewhere,
        taken=row.taken_at is not None,
        expires_at=row.expires_at,
    )
