"""Who gets an announcement: every condition, on both databases; rows in chunks, each reader once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from handlers.announcing.flow import OPEN
from storage import links, people, post, staff
from storage.announcing import answers, drafts, figures, segments, sending
from storage.announcing.segments import NOTICE, Audience, Segment
from storage.announcing.sending import Words
from storage.database import Database
from storage.models import Announcement, AnnouncementAnswer, Chat, OutboxRow, Person, Teacher
from storage.models.teachers import SUSPENDED
from storage.playing import set_the_stage
from storage.populate import populate
from storage.staff import Post
from tests.bot.house import fresh

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = fresh(database_url)
    populate(made, 60, 20, 7, now=NOW)
    made.do(partial(set_the_stage, now=NOW))
    yield made
    made.close()


def asked(segment: Segment, category: str = "news", country: str | None = None) -> Audience:
    return Audience(segment, category, country, NOW)


def total(database: Database, *segment_and_more: Any) -> int:
    counted = database.do(partial(segments.count, audience=asked(*segment_and_more)))
    rows = database.do(lambda session: session.execute(segments.readers(asked(*segment_and_more))).all())
    # What is counted before sending is what is sent.
    assert counted.total == len({row.person for row in rows}) == len(rows)
    return counted.total


def teachers(session: Session, *where: Any) -> int:
    return session.scalar(select(func.count()).select_from(Teacher).join(Person).where(*where)) or 0


def test_each_condition_means_what_it_says(database: Database) -> None:
    assert total(database, Segment()) == 60
    country = database.do(lambda session: session.scalars(select(Teacher.country).limit(1)).one())
    there = database.do(lambda session: teachers(session, Teacher.country == country))
    assert total(database, Segment(countries=(country,))) == total(database, Segment(), "news", country) == there > 0
    days = timedelta(days=60)
    lately = database.do(lambda session: teachers(session, Person.active_at >= NOW - days))
    assert total(database, Segment(active=60)) == lately
    assert 0 < total(database, Segment(subjects=("music",))) < 60
    assert 0 < total(database, Segment(levels=("primary",))) < 60
    assert total(database, Segment(platforms=("web",))) == 60
    assert total(database, Segment(platforms=("telegram",))) == total(database, Segment(projects=True)) == 0
    assert total(database, Segment(verified=True)) == 60
    assert total(database, Segment(people=())) == 0
    assert total(database, Segment(roles=("central",))) == 0


def test_who_left_or_is_suspended_gets_notices_alone(database: Database) -> None:
    def change(session: Session) -> None:
        one, other, lost = session.scalars(select(Teacher.person_id).order_by(Teacher.person_id).limit(3))
        answers.leave(session, one, "news", NOW)
        session.execute(update(Teacher).where(Teacher.person_id == other).values(status=SUSPENDED))
        session.execute(update(Chat).where(Chat.person_id == lost).values(unreachable_at=NOW))

    database.do(change)
    counted = database.do(partial(segments.count, audience=asked(Segment())))
    assert (counted.total, counted.lost, counted.left) == (58, 1, 1)
    assert total(database, Segment(), "events") == 59
    assert total(database, Segment(), NOTICE) == 60


@given(st.lists(st.sampled_from(["PT", "FR", "PL"]), unique=True), st.booleans(), st.integers(0, 400))
def test_a_segment_comes_back_from_its_json(countries: list[str], verified: bool, active: int) -> None:
    one = Segment(countries=tuple(countries), verified=verified, active=active, people=(1, 2))
    assert Segment.from_json(one.to_json()) == one


def words(language: str) -> Words:
    return Words({"body": ["v", language]}, f"token {language} {len(language)} {id(object())}", [])


def begun(session: Session) -> int:
    person = people.meet(session, "web", "officer", "officer", "private", now=NOW, language="en").person
    officer: Post = staff.name_officer(session, person, staff.CENTRAL, None, named_by=None, now=NOW)
    number = drafts.begin(session, officer, "en", "Hello", NOW)
    row = session.get_one(Announcement, number)
    count = iter(range(100))
    drafts.move(session, number, drafts.DRAFT, drafts.SCHEDULED)
    assert sending.begin_step(
        session, row, sending.SEND, ["en", "fr"], lambda la: Words({"body": ["v", la]}, f"{la}{next(count)}", []), NOW
    )
    return number


def expanded(session: Session, number: int) -> bool:
    row = session.get_one(Announcement, number)
    return sending.expand(session, row, {"fr": "fr"}, lambda _reader: None, NOW)


def test_chunks_make_one_row_a_reader_and_the_report_adds_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "CHUNK", 13)
    database.do(lambda session: session.execute(update(Chat).where(Chat.person_id == 7).values(unreachable_at=NOW)))
    number = database.do(begun)
    rounds = 0
    while database.do(partial(expanded, number=number)):
        rounds += 1
        if rounds == 2:
            # A process that died before it noted how far it was begins the chunk again.
            database.do(lambda session: _back(session, number))
    rows = database.do(lambda session: session.scalars(select(OutboxRow.key)).all())
    assert sorted(rows) == sorted({f"a{number}.{person}" for person in range(1, 61)})

    def cancelled(session: Session) -> list[figures.Figure]:
        one = session.scalars(select(OutboxRow.id).where(OutboxRow.state == post.READY).limit(1)).one()
        post.settle(session, [(one, post.SENT, "ref", None)], NOW)
        assert sending.cancel(session, number, NOW)
        assert not sending.pause(session, number)
        row = session.get_one(Announcement, number)
        while sending.withdraw(session, row):
            pass
        row.total = 60
        figures.keep(session, row)
        return figures.figures(session, row)

    found = database.do(cancelled)
    assert figures.by(found, "outcome") == {"delivered": 1, "unreachable": 1, "cancelled": 58}
    assert sum(figures.by(found, "language").values()) == 60


def _back(session: Session, number: int) -> None:
    row = session.get_one(Announcement, number)
    row.cursor, row.total = 13, 13


def test_who_joins_accounts_has_left_what_they_had_left_and_still_answers_for_what_they_wrote(
    database: Database,
) -> None:
    def joined(session: Session) -> tuple[set[str], list[tuple[int, str]], int | None, set[int | None]]:
        number = begun(session)
        ana = session.get_one(Announcement, number).author_id
        assert ana is not None
        answers.leave(session, ana, "news", NOW)
        for person, said in ((ana, "in"), (1, "out")):
            answers.leave(session, person, "events", NOW)
            answers.answer(session, number, person, said, NOW)
        links.join(session, ana, into=1, now=NOW)
        said = session.execute(select(AnnouncementAnswer.person_id, AnnouncementAnswer.answer))
        deeds = {deed.person for deed in drafts.deeds(session, number)}
        author = session.scalar(select(Announcement.author_id).where(Announcement.id == number))
        return answers.left(session, 1), [(who, what) for who, what in said], author, deeds

    assert database.do(joined) == ({"news", "events"}, [(1, "out")], 1, {1})


def test_what_somebody_may_have_to_act_on_is_never_cut_from_the_list(database: Database) -> None:
    author = Post(database.do(lambda session: session.scalars(select(Person.id).limit(1)).one()), "central", None)

    def written(session: Session, many: int) -> list[int]:
        return [drafts.begin(session, author, "en", f"Number {number}", NOW) for number in range(many)]

    first, *rest = database.do(partial(written, many=12))
    database.do(lambda session: drafts.move(session, first, drafts.DRAFT, drafts.PAUSED))
    found = database.do(lambda session: [row.id for row in drafts.listed(session, author, *OPEN)])
    assert found == [first, *sorted(rest[-8:], reverse=True)]
