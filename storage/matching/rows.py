"""The rows that matching reads, kept true: whoever changes a teacher calls `touch` in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Engine, Row, bindparam, func, inspect, or_, select, update
from sqlalchemy.orm import Session

from storage.database import Database
from storage.matching.revisions import next_revision
from storage.matching.side import Side, column_names, day_of, side_of_row
from storage.models import MatchRow, PartnerRequest, School, Teacher, TeacherLanguage, TeacherSubject, Wish
from storage.models.partnerships import ACCEPTED, DECLINED, OPEN, WITHDRAWN
from storage.models.teachers import VERIFIED
from storage.post import insert_for
from storage.reference import LEVELS
from storage.reference.bits import WORD, WORDS, Facet, mask, positions, span, words

__all__ = ["complete", "here", "mend", "side", "sides", "suggestible", "touch", "touch_schools", "wrong"]

T = TypeVar("T")

_CHUNK = 500
_NOWHERE = WORD * WORDS["countries"] - 1
"""The bit of a country that is on no list: nobody can wish for it."""
_NO_RECORD = {"requests": 0, "asked": 0, "answered": 0}


def touch(session: Session, *people: int) -> None:
    """Bring the rows of these teachers up to date; whoever is no teacher is passed over."""
    for some in _chunks(dict.fromkeys(people)):
        rows = derived(session, some)
        if rows:
            revision = next_revision(session)
            statement = _keeping(session.get_bind().dialect.name)
            session.connection().execute(statement, [{**row, "revision": revision} for row in rows])


def touch_schools(session: Session, schools: Iterable[int]) -> None:
    """Bring the rows of all teachers of these schools up to date."""
    for some in _chunks(schools):
        touch(session, *session.scalars(select(Teacher.person_id).where(Teacher.school_id.in_(some))))


def here(session: Session, person: int, now: datetime) -> None:
    """Note that a teacher was here today. Days count, so this changes a row once a day."""
    day = day_of(now)
    there = select(MatchRow.person_id).where(MatchRow.person_id == person, MatchRow.active_day < day)
    if session.scalar(there) is not None:
        change(session, person, active_day=day)


def change(session: Session, person: int, **values: Any) -> None:
    """Set columns of a row that are not derived from other tables."""
    where = update(MatchRow).where(MatchRow.person_id == person)
    session.execute(where.values(revision=next_revision(session), **values))


def forget(session: Session, person: int) -> None:
    """Empty the row of a teacher who is about to go, so that the arrays of every process that follows forget them."""
    kept = {"person_id", "revision"}
    names = [column.name for column in inspect(MatchRow).columns if column.name not in kept]
    change(session, person, **{name: False if name == "suggestible" else 0 for name in names})


def side(session: Session, person: int) -> Side | None:
    """A teacher as matching sees them; None if this person is none."""
    return sides(session, [person]).get(person)


def sides(session: Session, people: Iterable[int]) -> dict[int, Side]:
    """Several teachers at once, by person."""
    found = session.connection().execute(_sides(), {"people": list(people)})
    return {row[0]: side_of_row(row) for row in found}


def suggestible(status: str, looking: bool, silent: bool, school_removed: bool) -> bool:
    """Whether a teacher may be suggested to anybody: the one place that says so."""
    return status == VERIFIED and looking and not silent and not school_removed


def complete(engine: Engine) -> int:
    """Make the rows that are missing, some at a time; how many there were. What is stopped goes on the next time."""
    made = 0
    while True:
        with engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            people = _missing(Session(connection))
        if not people:
            return made
        made += len(people)


def wrong(session: Session, after: int, limit: int = _CHUNK) -> tuple[list[int], int | None]:
    """Teachers beyond ``after`` whose row is missing or not what the other tables say, among the next ``limit``;
    and where to go on, or None at the end."""
    people = list(
        session.scalars(
            select(Teacher.person_id).where(Teacher.person_id > after).order_by(Teacher.person_id).limit(limit)
        )
    )
    if not people:
        return [], None
    kept = {row.person_id: row for row in session.execute(_table().where(MatchRow.person_id.in_(people)))}
    found = [row["person_id"] for row in derived(session, people) if not _same(row, kept.get(row["person_id"]))]
    return found, people[-1]


def mend(database: Database) -> int:
    """Find rows that are not true and make them anew; how many there were."""
    mended, after = 0, 0
    while (step := database.do(partial(_mend, after=after)))[1] is not None:
        mended, after = mended + step[0], step[1]
    return mended


def derived(session: Session, people: Sequence[int]) -> list[dict[str, Any]]:
    """The columns of rows as the other tables have them: all but how often somebody was shown."""
    subjects, languages = _codes(session, TeacherSubject, people), _codes(session, TeacherLanguage, people)
    wishes = {row.person_id: row for row in session.execute(_wishes().where(Wish.person_id.in_(people)))}
    records = _records(session, people)
    return [
        {**_about(row), **_masks("subjects", "subjects", subjects.get(row.person_id, ()))}
        | _masks("languages", "languages", languages.get(row.person_id, ()))
        | _wished(wishes.get(row.person_id))
        | records.get(row.person_id, _NO_RECORD)
        for row in session.execute(_teachers().where(Teacher.person_id.in_(people)))
    ]


def _about(row: Row[Any]) -> dict[str, Any]:
    return {
        "person_id": row.person_id,
        "suggestible": suggestible(row.status, row.looking, row.silent, row.removed_at is not None),
        "school_id": row.school_id,
        "country": positions("countries").get(row.country, _NOWHERE),
        "level": positions("levels").get(row.level, len(LEVELS)),
        "ages": span((row.ages_from, row.ages_to)),
        "active_day": day_of(row.active_at),
        "joined_day": day_of(row.registered_at),
    }


def _wished(row: Row[Any] | None) -> dict[str, Any]:
    """The masks of what somebody looks for; all "any" if they never said."""
    facets: tuple[Facet, ...] = ("countries", "subjects", "languages", "levels", "kinds")
    said: dict[Facet, Sequence[str]] = {facet: getattr(row, facet) if row is not None else () for facet in facets}
    masks: dict[str, Any] = {}
    for facet, codes in said.items():
        masks |= _masks(f"wish_{facet}", facet, codes)
    ages = None if row is None or row.ages_from is None else (row.ages_from, row.ages_to)
    return {**masks, "wish_ages": span(ages)}


def _records(session: Session, people: Sequence[int]) -> dict[int, dict[str, int]]:
    """The requests that teachers got: how many wait, how many had their time, how many of these were answered."""
    columns = (PartnerRequest.asked_id, PartnerRequest.state, func.count())
    there = select(*columns).where(PartnerRequest.asked_id.in_(people), PartnerRequest.state != WITHDRAWN)
    records: dict[int, dict[str, int]] = {}
    for person, state, number in session.execute(there.group_by(PartnerRequest.asked_id, PartnerRequest.state)):
        record = records.setdefault(person, dict(_NO_RECORD))
        record["requests"] += number if state == OPEN else 0
        record["asked"] += number if state != OPEN else 0
        record["answered"] += number if state in {ACCEPTED, DECLINED} else 0
    return records


def _masks(name: str, facet: Facet, codes: Iterable[str]) -> dict[str, int]:
    return {f"{name}_{place}": word for place, word in enumerate(words(facet, mask(facet, codes)))}


def _same(row: Mapping[str, Any], kept: Row[Any] | None) -> bool:
    """Whether a row is what was derived; how often somebody was shown is not, but it is never less than nothing."""
    if kept is None or kept.shown < 0 or kept.shown_week < 0:
        return False
    return all(getattr(kept, name) == value for name, value in row.items())


def _missing(session: Session) -> list[int]:
    without = select(Teacher.person_id).outerjoin(MatchRow, MatchRow.person_id == Teacher.person_id)
    people = list(session.scalars(without.where(MatchRow.person_id.is_(None)).limit(_CHUNK)))
    touch(session, *people)
    return people


def _mend(session: Session, after: int) -> tuple[int, int | None]:
    people, last = wrong(session, after)
    touch(session, *people)
    less_than_nothing = or_(MatchRow.shown < 0, MatchRow.shown_week < 0)
    where = update(MatchRow).where(MatchRow.person_id.in_(people), less_than_nothing)
    session.execute(where.values(shown=0, shown_week=0))
    return len(people), last


@lru_cache
def _sides() -> Any:
    columns = [getattr(MatchRow, name) for name in column_names()]
    return select(*columns).where(MatchRow.person_id.in_(bindparam("people", expanding=True)))


def _table() -> Any:
    return select(*MatchRow.__table__.columns)


def _teachers() -> Any:
    columns = (Teacher.person_id, Teacher.school_id, Teacher.country, Teacher.ages_from, Teacher.ages_to)
    standing = (Teacher.status, Teacher.looking, Teacher.silent, Teacher.registered_at, Teacher.active_at)
    there = select(*columns, *standing, School.level, School.removed_at)
    return there.join(School, School.id == Teacher.school_id)


def _wishes() -> Any:
    columns = (Wish.person_id, Wish.countries, Wish.subjects, Wish.languages, Wish.levels, Wish.kinds)
    return select(*columns, Wish.ages_from, Wish.ages_to)


def _codes(
    session: Session, table: type[TeacherSubject] | type[TeacherLanguage], people: Sequence[int]
) -> dict[int, list[str]]:
    codes: dict[int, list[str]] = {}
    for person, code in session.execute(select(table.person_id, table.code).where(table.person_id.in_(people))):
        codes.setdefault(person, []).append(code)
    return codes


@lru_cache
def _keeping(dialect: str) -> Any:
    """Insert a row; where there is one, what is derived changes, and how often somebody was shown stays."""
    statement = insert_for(dialect, MatchRow)
    kept = {"person_id", "shown", "shown_week"}
    changed = {c.name: statement.excluded[c.name] for c in MatchRow.__table__.columns if c.name not in kept}
    unshown = statement.values(shown=0, shown_week=0)
    return unshown.on_conflict_do_update(index_elements=["person_id"], set_=changed)


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, _CHUNK)):
        yield some
