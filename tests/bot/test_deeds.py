"""Deeds: what is done on a platform beside sending, until there is an answer, which is handed back once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.notices import Notices
from bot.platforms.platform import Deed, OutcomeUnknown, Rejected, TryLater, Unreachable
from bot.talk import Do, Done
from bot.text import Verbatim
from storage import people, post
from storage.models import Chat, OutboxRow
from storage.post import FAILED, SENT, UNKNOWN, Parcel
from tests.bot.house import NOW, Mailbox, PostHouse, Step, post_house

GUEST = "@guest:example.org"


class Doer(Mailbox):
    """A mailbox that does deeds as well; ``plan`` holds what happens to them, too."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[Deed] = []

    async def do(self, deed: Deed) -> Mapping[str, Any]:
        steps = self.plan.get(deed.chat)
        step: Step = steps.popleft() if steps else None
        self.done.append(deed)
        if step is not None:
            raise step
        return {"number": len(self.done)}


class Handed:
    """Whoever wanted the deeds: notes what became of them, and wants another one after the first."""

    def __init__(self) -> None:
        self.heard: list[Done] = []
        self.fails = 0

    def __call__(self, session: Session, done: Done) -> list[Parcel]:
        self.heard.append(done)
        if self.fails:
            self.fails -= 1
            raise LookupError("in a test")
        notices = Notices(session, f"did.{done.row}.", NOW)
        if done.what == "open" and done.result is not None:
            notices.tell(Do(done.chat, f"then.{done.row}", "then"))
        return notices.parcels


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PostHouse]:
    async with post_house(tmp_path) as made:
        with_deeds(made)
        yield made


def with_deeds(house: PostHouse) -> None:
    house.mailbox = Doer()
    house.delivery.platforms = {"mailbox": house.mailbox}
    house.delivery.settling.did = Handed()


def parts(house: PostHouse) -> tuple[Doer, Handed]:
    doer, handed = house.mailbox, house.delivery.settling.did
    assert isinstance(doer, Doer) and isinstance(handed, Handed)
    return doer, handed


def wanted(session: Session, deeds: list[tuple[str, str]], again: bool) -> list[Parcel]:
    chat = people.meet(session, "mailbox", "amina", "room", "group", now=NOW, language="en").chat
    notices = Notices(session, "t", NOW)
    for key, what in deeds:
        notices.tell(Do(chat, key, what, {"user": GUEST}, again))
    return notices.parcels


async def wants(house: PostHouse, *deeds: tuple[str, str], again: bool = True) -> list[Parcel]:
    parcels = await house.database.write(partial(wanted, deeds=list(deeds), again=again))
    house.delivery.put(parcels)
    await house.done()
    return parcels


async def test_a_deed_is_done_and_what_came_of_it_leads_to_the_next(house: PostHouse) -> None:
    doer, handed = parts(house)
    (parcel,) = await wants(house, ("d1", "open"))
    assert doer.done[0] == Deed("room", "deed.d1", "open", {"user": GUEST})
    assert [(one.what, one.result, one.error) for one in handed.heard] == [
        ("open", {"number": 1}, None),
        ("then", {"number": 2}, None),
    ]
    assert handed.heard[0].args == {"user": GUEST} and handed.heard[0].platform == "mailbox"
    assert (await house.row(parcel.id))[0] == SENT
    # Whom a deed was about is forgotten with its end.
    assert (await house.database.read(lambda s: post.payload_of(s, parcel.id))) == {"deed": "open", "args": {}}


async def test_a_deed_waits_with_what_is_said_in_its_chat(house: PostHouse) -> None:
    doer, _handed = parts(house)
    doer.will("room", TryLater(2.0), OutcomeUnknown("hung up"))
    await wants(house, ("d1", "open"))
    assert [deed.what for deed in doer.done] == ["open", "open", "open", "then"]
    assert {deed.key for deed in doer.done[:3]} == {"deed.d1"}
    assert house.pauses[0] == 2.0


async def test_a_deed_of_the_same_key_is_wanted_once(house: PostHouse) -> None:
    doer, handed = parts(house)
    assert len(await wants(house, ("d1", "invite"), ("d1", "invite"))) == 1
    assert await wants(house, ("d1", "invite")) == []
    assert len(doer.done) == len(handed.heard) == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [(Rejected("M_FORBIDDEN"), "rejected: M_FORBIDDEN"), (Unreachable("not there"), "unreachable: not there")],
)
async def test_a_refusal_is_handed_back_and_the_chat_is_not_lost(house: PostHouse, error: Step, said: str) -> None:
    doer, handed = parts(house)
    doer.will("room", error)
    (parcel,) = await wants(house, ("d1", "open"))
    assert [(one.result, one.error) for one in handed.heard] == [(None, said)]
    assert (await house.row(parcel.id))[0] == FAILED
    assert (
        await house.database.read(lambda s: s.query(Chat).filter_by(external_key="room").one().unreachable_at) is None
    )
    # Nobody does by hand again what was given back already.
    assert await house.database.write(post.retry_rows) == 0


async def test_a_deed_that_must_not_be_repeated_ends_where_nobody_knows(house: PostHouse) -> None:
    doer, handed = parts(house)
    doer.will("room", OutcomeUnknown("hung up"))
    (parcel,) = await wants(house, ("d1", "open"), again=False)
    assert (await house.row(parcel.id))[0] == UNKNOWN
    assert [one.error for one in handed.heard] == ["outcome unknown: hung up"]
    assert len(doer.done) == 1


async def test_a_deed_left_by_an_earlier_run_is_done_and_handed_back(house: PostHouse) -> None:
    doer, handed = parts(house)
    await house.database.write(partial(wanted, deeds=[("d1", "invite")], again=True))
    await house.delivery.recover()
    await house.done()
    assert len(doer.done) == len(handed.heard) == 1


async def test_who_cannot_take_what_came_of_it_keeps_nothing_else_from_being_noted(
    house: PostHouse, caplog: pytest.LogCaptureFixture
) -> None:
    _doer, handed = parts(house)
    handed.fails = 1
    (parcel,) = await wants(house, ("d1", "open"))
    said = await house.says("a", Verbatim("on"))
    await house.done()
    assert (await house.row(parcel.id))[0] == (await house.row(said))[0] == SENT
    assert "could not be taken" in caplog.text and GUEST not in caplog.text


async def test_a_platform_without_deeds_refuses(tmp_path: Path) -> None:
    async with post_house(tmp_path) as house:
        (parcel,) = await house.database.write(partial(wanted, deeds=[("d1", "open")], again=True))
        house.delivery.put([parcel])
        await house.done()
        assert (await house.row(parcel.id))[0] == FAILED
        assert await house.database.read(lambda s: s.query(OutboxRow).count()) == 1
