"""Two who turn one announcement at the same moment, on both databases; and who is gone when it was to go out."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.talk import News
from handlers.announcing import announcement_chore
from storage import bulk, people, post, rhythms, staff
from storage.announcing import drafts, sending
from storage.announcing.drafts import CANCELLED, DRAFT, FINISHED, PAUSED, RUNNING, SCHEDULED
from storage.announcing.sending import Words
from storage.database import Database
from storage.models import Announcement, Bulk, Chat, OutboxRow
from storage.models.post import SENT
from tests.announcing.rounds import awake, comes, drafted, round_, sent
from tests.bot.house import fresh
from tests.staff.parts import Worlds, newest_person, officer, teacher
from tests.world import World

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
Turn = Callable[[Session, Announcement], bool]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = fresh(database_url)
    yield made
    made.close()


def begin(session: Session, row: Announcement) -> bool:
    return sending.begin_step(session, row, sending.SEND, ["en"], lambda la: Words({"body": ["v", la]}, la, []), NOW)


def again(session: Session, row: Announcement) -> bool:
    words = Words({"body": ["v", "other"]}, f"token {threading.get_ident()}", [])
    return sending.begin_step(session, row, sending.CORRECT, ["en"], lambda _language: words, NOW)


def finish(session: Session, row: Announcement) -> bool:
    return sending.finish(session, row, NOW)


def cancel(session: Session, row: Announcement) -> bool:
    return sending.cancel(session, row.id, NOW)


def pause(session: Session, row: Announcement) -> bool:
    return sending.pause(session, row.id)


def resume(session: Session, row: Announcement) -> bool:
    return sending.resume(session, row.id)


def made(session: Session, state: str) -> int:
    """An announcement in a state, to which it came the usual way."""
    person = people.meet(session, "web", "officer", "officer", "private", now=NOW, language="en").person
    named = staff.name_officer(session, person, staff.CENTRAL, None, named_by=None, now=NOW)
    row = session.get_one(Announcement, drafts.begin(session, named, "en", "Hello", NOW))
    assert session.scalars(select(Chat.platform)).all() == ["web"]
    assert drafts.move(session, row.id, DRAFT, SCHEDULED)
    ways: dict[str, tuple[Turn, ...]] = {
        SCHEDULED: (), RUNNING: (begin,), PAUSED: (begin, pause), FINISHED: (begin, finish)
    }  # fmt: skip
    for turn in ways[state]:
        assert turn(session, row)
    return row.id


@pytest.mark.parametrize(
    ("before", "one", "other", "ends"),
    [
        (RUNNING, finish, cancel, {FINISHED, CANCELLED}),
        (RUNNING, finish, pause, {FINISHED, PAUSED}),
        (PAUSED, resume, cancel, {CANCELLED}),
        (SCHEDULED, begin, cancel, {CANCELLED}),
        (FINISHED, again, again, {RUNNING}),
    ],
)
def test_of_two_who_turn_it_at_once_the_second_knows(
    database: Database, before: str, one: Turn, other: Turn, ends: set[str]
) -> None:
    """Both have read it as it stood when they write, where a database lets two write at once."""
    number = database.do(partial(made, state=before))
    both_read, done = threading.Barrier(2), dict[int, bool]()

    def turns(session: Session, turn: Turn) -> bool:
        row = session.get_one(Announcement, number)
        if not database.embedded:
            both_read.wait(10)
        return turn(session, row)

    def run(place: int, turn: Turn) -> None:
        done[place] = database.do(partial(turns, turn=turn))

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate((one, other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    state = database.do(lambda s: s.get_one(Announcement, number).state)
    bulks = set(database.do(lambda s: s.scalars(select(Bulk.state)).all()))
    assert state in ends
    # Both can have done it where one comes after the other, but what ended stays as it ended.
    assert done[1] or state not in {CANCELLED, PAUSED}
    assert sum(done.values()) == 1 or (state == CANCELLED and before in {PAUSED, SCHEDULED})
    if state in {CANCELLED, PAUSED}:
        assert bulks <= {{CANCELLED: bulk.CANCELLED, PAUSED: bulk.PAUSED}[state]}, bulks


def test_a_draft_that_is_deleted_meanwhile_is_not_sent(database: Database) -> None:
    number = database.do(partial(made, state=SCHEDULED))

    def sends(session: Session) -> bool:
        row = session.get_one(Announcement, number)
        assert drafts.move(session, number, SCHEDULED, DRAFT) and row.state == DRAFT
        # Behind the back of the session, as another transaction does it.
        session.connection().execute(delete(Announcement).where(Announcement.id == number))
        return drafts.move(session, number, DRAFT, SCHEDULED)

    assert not database.do(sends)


def test_what_was_sent_is_kept_while_the_announcement_is_not_at_its_end(database: Database) -> None:
    number, week = database.do(partial(made, state=PAUSED)), timedelta(days=7)

    def sends(session: Session) -> None:
        chat, made_by = session.scalars(select(Chat.id)).one(), session.scalars(select(Bulk.id)).one()
        values = {"payload": {}, "lane": post.ANNOUNCEMENT, "kind": "message", "created_at": NOW, "state": SENT}
        session.add(OutboxRow(chat_id=chat, key="held", bulk_id=made_by, sent_at=NOW, **values))
        session.add(OutboxRow(chat_id=chat, key="late", sent_at=NOW + 2 * week, **values))
        session.add(OutboxRow(chat_id=chat, key="old", sent_at=NOW, **values))

    def left(now: datetime) -> set[str]:
        database.do(partial(post.purge, now=now, keep=week, keep_dead=5 * week))
        return set(database.do(lambda s: s.scalars(select(OutboxRow.key)).all()))

    database.do(sends)
    assert left(NOW + 2 * week) == {"held", "late"}
    assert left(NOW + 6 * week) == {"held"}
    database.do(partial(sending.cancel, number=number, now=NOW + 6 * week))
    assert left(NOW + 6 * week) == {"held"}
    assert left(NOW + 8 * week) == set()


def waiting(session: Session, quiet: tuple[int, int] | None) -> None:
    """A row that could leave now, for a reader with these quiet hours."""
    name = f"reader {quiet}"
    met = people.meet(session, "web", name, name, "private", now=NOW, language="en")
    if quiet is not None:
        rhythms.set_quiet(session, met.person, *quiet)
    of, place = session.scalars(select(Bulk.id)).one(), people.reach(session, met.person)
    assert place is not None
    post.put_many(session, [{"chat_id": place.chat, "payload": {}, "key": name, "not_before": None}], 3, NOW)
    session.execute(update(OutboxRow).values(bulk_id=of))


@pytest.mark.parametrize("before", [PAUSED, RUNNING])
def test_quiet_hours_that_began_meanwhile_hold_what_goes_on(database: Database, before: str) -> None:
    """It is resumed in the evening, or has run until then; there are more readers than one chunk takes."""
    number = database.do(partial(made, state=before))
    evening, morning = NOW.replace(hour=23, minute=6), NOW.replace(hour=7, minute=0) + timedelta(days=1)
    for quiet in (None, (0, 0), (22 * 60, 6 * 60)):
        database.do(partial(waiting, quiet=quiet))

    def evenings(session: Session) -> list[bool]:
        row = session.get_one(Announcement, number)
        if before == PAUSED:
            assert sending.resume(session, number)
        row.cursor, row.shown = None, {"at": (evening - timedelta(seconds=10)).isoformat(), "total": 0, "left": 0}
        told: list[News] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sending, "CHUNK", 1)
            return [announcement_chore.work(session, evening, told.append) for _round in range(3)]

    assert database.do(evenings) == [True, True, False]
    found = database.do(lambda s: s.scalars(select(OutboxRow.not_before).order_by(OutboxRow.id)).all())
    assert found == [morning, None, morning - timedelta(hours=1)]
    assert database.do(lambda s: s.scalars(select(Bulk.state)).all()) == [bulk.RUNNING]


@pytest.fixture
async def world(worlds: Worlds) -> AsyncIterator[World]:
    async with worlds("telegram", "web") as opened:
        yield opened


async def put_off(world: World, morning: bool) -> None:
    """What is sent off waits for the day after tomorrow."""
    values = {"at": world.now() + timedelta(hours=48), "morning": morning}
    await world.database.write(lambda session: session.execute(update(Announcement).values(values)) and None)


@pytest.mark.parametrize("morning", [False, True])
async def test_what_waits_does_not_go_out_for_somebody_who_lost_the_role(world: World, morning: bool) -> None:
    ana = await officer(world, "Ana", "telegram")
    author = await world.database.read(newest_person)
    amina, cleo = await teacher(world, "Amina Diallo", "web"), await officer(world, "Cleo", "web", None)
    await awake(world)
    await drafted(ana)
    await put_off(world, morning)
    await sent(ana)
    await world.app.do(announcement_chore)
    assert await world.database.read(lambda s: s.get_one(Announcement, 1).state) == SCHEDULED
    await world.database.write(lambda session: staff.remove_officer(session, author) and None)
    world.offset += timedelta(hours=49)
    await round_(world)
    # Her country has no other officer, so central support is told.
    await comes(world, cleo, "nobody answers for it any more")
    await cleo.chooses("Look at it", hears=["Draft", "A webinar on Monday"])
    assert "A webinar" not in amina.heard
