"""What many get: few at a time, behind everybody's answers, and never lost or doubled by what happens on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.platforms.platform import FLOOD, OutcomeUnknown, TryLater, Unreachable
from bot.text import Verbatim, encode
from storage import bulk, people, post
from storage.models import Bulk, Chat, OutboxRow
from storage.post import FAILED, READY, SENT, UNKNOWN
from tests.bot.house import NOW, PostHouse, fresh, post_house

BODY = {"body": encode(Verbatim("News"))}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PostHouse]:
    async with post_house(tmp_path) as made:
        yield made


def _announce(session: Session, names: list[str], **more: bool) -> int:
    for name in names:
        people.meet(session, "mailbox", name, name, "private", now=NOW, language="en")
    made = bulk.begin(session, "mailbox", BODY, NOW, **more)
    after: int | None = 0
    while after is not None:
        after = bulk.expand(session, made, select(Chat.id), NOW, after=after, limit=7)
    return made


async def announce(house: PostHouse, names: list[str], **more: bool) -> int:
    made = await house.database.write(partial(_announce, names=names, **more))
    house.delivery.wake_bulks()
    return made


async def states(house: PostHouse, made: int) -> dict[int, int]:
    return await house.database.read(partial(bulk.progress, bulk=made))


def names(count: int) -> list[str]:
    return [f"chat {number}" for number in range(count)]


async def test_everybody_gets_it_once(house: PostHouse) -> None:
    made = await announce(house, names(300))
    await house.done()
    assert sorted(one.chat for one in house.mailbox.arrived) == sorted(names(300))
    assert await states(house, made) == {SENT: 300}
    assert all(one.bulk for one in house.mailbox.arrived)


def test_no_chat_gets_two_rows_however_often_it_is_made(database_url: str) -> None:
    database = fresh(database_url)
    made = database.do(partial(_announce, names=names(20)))
    for after in (0, 3, 20):
        database.do(partial(bulk.expand, bulk=made, chats=select(Chat.id), now=NOW, after=after))
    assert database.do(partial(bulk.progress, bulk=made)) == {READY: 20}
    parcels, places = database.do(partial(bulk.take, platform="mailbox", places={}, limit=15, now=NOW))
    assert len(parcels) == 15 and places[made] == parcels[-1].id
    rest, ended = database.do(partial(bulk.take, platform="mailbox", places=places, limit=15, now=NOW))
    assert len({one.id for one in parcels + rest}) == 20 and ended == {made: 0}
    assert parcels[0].payload == {**BODY, "again": False}
    database.close()


def _ended(session: Session, many: int) -> None:
    """Bulks of which every row has left."""
    for _bulk in range(many):
        made = _announce(session, ["chat 0"])
        session.execute(update(OutboxRow).where(OutboxRow.bulk_id == made).values(state=SENT))


def test_those_that_have_ended_take_nothing_from_the_next(database_url: str) -> None:
    database = fresh(database_url)
    database.do(partial(_ended, many=12))
    made = database.do(partial(_announce, names=names(20)))
    parcels, places = database.do(partial(bulk.take, platform="mailbox", places={}, limit=8, now=NOW))
    assert len(parcels) == 8 and list(places) == [made]
    database.close()


@pytest.mark.parametrize(("again", "retried"), [(False, 1), (True, 2)])
def test_what_its_author_leaves_is_sent_again_by_name_only(database_url: str, again: bool, retried: int) -> None:
    database = fresh(database_url)
    made = database.do(partial(_announce, names=names(2), again=again))
    rows = database.do(lambda session: list(session.scalars(select(OutboxRow.id).order_by(OutboxRow.id))))
    for row, state in zip(rows, (UNKNOWN, FAILED), strict=True):
        database.do(partial(_become, row=row, state=state))
    assert database.do(post.retry_rows) == retried
    database.do(partial(_become, row=rows[0], state=UNKNOWN))
    assert database.do(partial(post.retry_rows, ids=[rows[0]])) == 1
    assert database.do(partial(bulk.progress, bulk=made)) == {READY: 2}
    database.close()


def _become(session: Session, row: int, state: int) -> None:
    session.execute(update(OutboxRow).where(OutboxRow.id == row).values(state=state))


async def test_a_part_of_it_is_in_memory_and_answers_overtake(house: PostHouse) -> None:
    for name in names(1000):
        house.mailbox.held[name] = asyncio.Event()
    await announce(house, names(1000))
    bulks = house.delivery.bulks["mailbox"]
    await house.mailbox.bell.until(lambda: len(house.mailbox.tried) >= 64)
    assert bulks.under_way <= 128
    await house.says("somebody", Verbatim("an answer"))
    await house.mailbox.bell.until(lambda: house.mailbox.texts("somebody"))
    for event in house.mailbox.held.values():
        event.set()
    await house.done()
    assert len(house.mailbox.arrived) == 1001


async def test_a_pause_is_felt_and_nothing_is_lost(house: PostHouse) -> None:
    for name in names(400):
        house.mailbox.held[name] = asyncio.Event()
    made = await announce(house, names(400))
    await house.mailbox.bell.until(lambda: len(house.mailbox.tried) >= 100)
    await house.database.write(partial(bulk.set_state, bulk=made, state=bulk.PAUSED))
    for event in house.mailbox.held.values():
        event.set()
    await house.done()
    assert len(house.mailbox.arrived) <= 128
    await house.database.write(partial(bulk.set_state, bulk=made, state=bulk.RUNNING))
    house.delivery.wake_bulks()
    await house.done()
    assert sorted(one.chat for one in house.mailbox.arrived) == sorted(names(400))


async def test_a_chat_that_has_too_much_is_put_off_and_holds_no_place(house: PostHouse) -> None:
    house.mailbox.will("chat 0", TryLater(60.0, FLOOD))
    made = await announce(house, names(5))
    await house.done()
    assert house.pauses == []
    assert await states(house, made) == {SENT: 4, READY: 1}
    assert await house.database.read(_put_off) == (NOW + timedelta(seconds=60), 1)


def _put_off(session: Session) -> tuple[object, int]:
    row = session.scalars(select(OutboxRow).where(OutboxRow.state == READY)).one()
    return row.not_before, row.attempts


@pytest.mark.parametrize(("again", "state", "tries"), [(False, UNKNOWN, 1), (True, SENT, 2)])
async def test_its_author_decides_about_what_may_have_arrived(
    house: PostHouse, again: bool, state: int, tries: int
) -> None:
    house.mailbox.will("chat 0", OutcomeUnknown("broke"))
    made = await announce(house, names(1), again=again)
    await house.done()
    assert await states(house, made) == {state: 1}
    assert len(house.mailbox.tried) == tries


async def test_whoever_cannot_be_reached_is_counted(house: PostHouse) -> None:
    house.mailbox.will("chat 1", Unreachable("blocked"))
    made = await announce(house, names(3))
    await house.done()
    assert await states(house, made) == {SENT: 2, FAILED: 1}


async def test_it_goes_on_after_a_restart(tmp_path: Path) -> None:
    async with post_house(tmp_path) as house:
        for name in names(200):
            house.mailbox.held[name] = asyncio.Event()
        house.mailbox.held["chat 0"].set()
        made = await announce(house, names(200))
        await house.mailbox.bell.until(lambda: house.mailbox.arrived)
        await house.delivery.settling.settled()
    async with post_house(tmp_path) as house:
        await house.delivery.recover()
        await house.done()
        assert sorted(one.chat for one in house.mailbox.arrived) == sorted(set(names(200)) - {"chat 0"})
        assert await states(house, made) == {SENT: 200}


async def test_what_is_not_due_waits(house: PostHouse) -> None:
    def later(session: Session) -> None:
        session.scalars(select(Bulk)).one().not_before = NOW + timedelta(hours=1)

    made = await house.database.write(partial(_announce, names=names(3)))
    await house.database.write(later)
    house.delivery.wake_bulks()
    await house.done()
    assert await states(house, made) == {READY: 3}


async def test_what_waits_is_not_forgotten_however_old(house: PostHouse) -> None:
    waiting = await house.database.write(partial(_announce, names=names(2)))
    later, month = NOW + timedelta(days=60), timedelta(days=30)
    await house.database.write(partial(post.purge, now=later, keep=month, keep_dead=month))
    assert await states(house, waiting) == {READY: 2}
    house.delivery.wake_bulks()
    await house.done()
    await house.database.write(partial(post.purge, now=later, keep=month, keep_dead=month))
    assert await states(house, waiting) == {}
