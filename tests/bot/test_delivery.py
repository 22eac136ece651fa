"""Delivery against every way in which a platform can fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.circuit import MOST_IN_A_ROW, backoff
from bot.platforms.platform import FLOOD, CannotEdit, Moved, OutcomeUnknown, Pace, Rejected, TryLater, Unreachable
from bot.text import Verbatim, encode
from storage.models import Chat
from storage.post import ANNOUNCEMENT, FAILED, INTERACTIVE, READY, REMINDER, SENT, UNKNOWN
from tests.bot.house import PostHouse, post_house

BUTTONS: list[Any] = [[encode(Verbatim("Yes")), "t.1", False]]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PostHouse]:
    async with post_house(tmp_path) as made:
        yield made


async def chat_row(house: PostHouse, external: str) -> Chat | None:
    def look(session: Session) -> Chat | None:
        return session.query(Chat).filter_by(external_key=external).one_or_none()

    return await house.database.read(look)


async def test_what_is_said_arrives_in_order_and_is_noted(house: PostHouse) -> None:
    rows = [await house.says("a", Verbatim(str(n))) for n in range(5)]
    await house.done()
    assert house.mailbox.texts("a") == ["0", "1", "2", "3", "4"]
    assert [(await house.row(row))[:2] for row in rows] == [(SENT, f"ref {n}") for n in range(1, 6)]


async def test_try_later_waits_as_long_as_asked_and_longer_each_time(house: PostHouse) -> None:
    house.mailbox.will("a", *[TryLater(4.0, FLOOD) for _time in range(3)])
    await house.says("a", Verbatim("one"))
    await house.says("a", Verbatim("two"))
    await house.done()
    assert house.pauses == [4.0, 5.0, 6.0]
    assert house.mailbox.texts("a") == ["one", "two"]


async def test_try_later_without_end_never_gives_up_and_never_waits_for_ever(house: PostHouse) -> None:
    house.mailbox.will("a", *[TryLater(100.0) for _time in range(40)])
    row = await house.says("a", Verbatim("one"))
    await house.done()
    assert (await house.row(row))[0] == SENT
    assert max(house.pauses) == 300.0


async def test_a_chat_that_waits_holds_up_no_other(house: PostHouse) -> None:
    house.waiting = asyncio.Event()
    house.mailbox.will("slow", TryLater(60.0))
    await house.says("slow", Verbatim("slow"))
    quick = await house.says("quick", Verbatim("quick"))
    await house.mailbox.bell.until(lambda: house.mailbox.texts("quick"))
    await house.delivery.settling.settled()
    assert (await house.row(quick))[0] == SENT
    assert house.mailbox.texts("slow") == []
    house.waiting.set()
    await house.done()
    assert house.mailbox.texts("slow") == ["slow"]


async def test_a_wait_for_everyone_holds_everyone(house: PostHouse) -> None:
    house.waiting = asyncio.Event()
    house.mailbox.will("a", TryLater(30.0, everyone=True))
    await house.says("a", Verbatim("one"))
    await house.mailbox.bell.until(lambda: house.pauses)
    for name in "bcd":
        await house.says(name, Verbatim(name))
    for _step in range(50):
        await asyncio.sleep(0)
    assert [one.chat for one in house.mailbox.tried] == ["a"]
    house.waiting.set()
    await house.done()
    assert sorted(one.chat for one in house.mailbox.arrived) == ["a", "b", "c", "d"]
    assert house.pauses == [30.0]


async def test_a_chat_that_moved_is_followed_for_good(house: PostHouse) -> None:
    house.mailbox.will("old", Moved("new"))
    row = await house.says("old", Verbatim("hello"))
    await house.done()
    assert house.mailbox.texts("new") == ["hello"]
    assert (await house.row(row))[0] == SENT
    assert await chat_row(house, "old") is None
    assert await chat_row(house, "new") is not None


async def test_a_chat_that_cannot_be_reached_is_marked(house: PostHouse) -> None:
    house.mailbox.will("gone", Unreachable("blocked"))
    row = await house.says("gone", Verbatim("hello"))
    after = await house.says("gone", Verbatim("again"))
    await house.done()
    assert await house.row(row) == (FAILED, None, "unreachable: blocked")
    assert (await house.row(after))[0] == SENT
    chat = await chat_row(house, "gone")
    assert chat is not None


async def test_what_is_rejected_is_a_dead_letter_and_the_next_arrives(house: PostHouse) -> None:
    house.mailbox.will("a", Rejected("too odd"))
    row = await house.says("a", Verbatim("odd"))
    await house.says("a", Verbatim("even"))
    await house.done()
    assert await house.row(row) == (FAILED, None, "rejected: too odd")
    assert house.mailbox.texts("a") == ["even"]


async def test_an_unknown_outcome_is_tried_six_times_with_the_same_key(house: PostHouse) -> None:
    house.mailbox.will("a", *[OutcomeUnknown("broke") for _time in range(6)])
    row = await house.says("a", Verbatim("perhaps"))
    await house.says("a", Verbatim("surely"))
    await house.done()
    assert await house.row(row) == (UNKNOWN, None, "outcome unknown: broke")
    assert len({one.key for one in house.mailbox.tried[:6]}) == 1
    assert house.mailbox.texts("a") == ["surely"]


async def test_waiting_does_not_use_up_the_tries_of_an_unknown_outcome(house: PostHouse) -> None:
    later = [TryLater(1.0) for _time in range(5)]
    house.mailbox.will("a", *later, OutcomeUnknown("broke"), RuntimeError("a fault"))
    row = await house.says("a", Verbatim("hello"))
    await house.done()
    assert (await house.row(row))[0] == SENT


async def test_a_fault_is_tried_again_and_in_the_end_set_aside(house: PostHouse) -> None:
    house.mailbox.will("a", *[RuntimeError("a fault of ours") for _time in range(6)])
    row = await house.says("a", Verbatim("bad"))
    await house.says("a", Verbatim("good"))
    await house.done()
    assert await house.row(row) == (FAILED, None, "fault: RuntimeError")
    assert house.pauses == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert house.mailbox.texts("a") == ["good"]


async def test_a_database_that_is_away_costs_no_message(house: PostHouse) -> None:
    away = OperationalError("SELECT 1", {}, _Locked())
    house.mailbox.will("a", *[away for _time in range(9)])
    row = await house.says("a", Verbatim("patient"))
    await house.done()
    assert (await house.row(row))[0] == SENT
    assert len(house.pauses) == 9


class _Locked(Exception):
    sqlite_errorname = "SQLITE_BUSY"


async def test_a_long_text_goes_in_parts_with_the_buttons_under_the_last(house: PostHouse) -> None:
    words = "This is one sentence. " * 5
    row = await house.says("a", Verbatim(words.strip()), options=BUTTONS)
    await house.done()
    parts = house.mailbox.arrived
    assert " ".join(one.shown.text for one in parts) == words.strip()
    assert [bool(one.shown.buttons) for one in parts] == [False] * (len(parts) - 1) + [True]
    assert len({one.key for one in parts}) == len(parts) > 1
    assert (await house.row(row))[1] == f"ref {len(parts)}"


async def test_parts_that_arrived_are_not_sent_again(house: PostHouse) -> None:
    house.mailbox.will("a", None, TryLater(1.0), None, OutcomeUnknown("broke"))
    await house.says("a", Verbatim("This is one sentence. " * 5))
    await house.done()
    keys = [one.key for one in house.mailbox.arrived]
    assert len(keys) == len(set(keys)) >= 3


async def test_an_edit_changes_the_message_of_an_earlier_row(house: PostHouse) -> None:
    row = await house.says("a", Verbatim("Sure?"), options=BUTTONS)
    await house.says("a", Verbatim("Sure? Yes."), edits=row)
    await house.done()
    assert [one.edits for one in house.mailbox.arrived] == [None, "ref 1"]


async def test_an_edit_finds_its_message_after_a_restart(house: PostHouse) -> None:
    row = await house.says("a", Verbatim("Sure?"), options=BUTTONS)
    await house.done()
    house.delivery.settling.references.clear()
    await house.says("a", Verbatim("Sure? Yes."), edits=row)
    await house.done()
    assert house.mailbox.arrived[-1].edits == "ref 1"


@pytest.mark.parametrize("buttons", [True, False])
async def test_what_cannot_be_edited_is_said_anew_if_it_offers_something(house: PostHouse, buttons: bool) -> None:
    row = await house.says("a", Verbatim("Sure?"), options=BUTTONS)
    await house.done()
    house.mailbox.will("a", CannotEdit("too old"))
    edit = await house.says("a", Verbatim("Again?"), edits=row, **({"options": BUTTONS} if buttons else {}))
    await house.done()
    assert house.mailbox.texts("a") == (["Sure?", "Again?"] if buttons else ["Sure?"])
    assert await house.row(edit) == (SENT, "ref 2" if buttons else "ref 1", None)


async def test_what_was_committed_and_not_sent_goes_out_at_the_next_start(tmp_path: Path) -> None:
    async with post_house(tmp_path) as house:
        for number in range(120):
            await house.parcel("a", Verbatim(str(number)))
        await house.parcel("b", Verbatim("other"))
    async with post_house(tmp_path) as house:
        await house.delivery.recover()
        await house.done()
        assert house.mailbox.texts("a") == [str(number) for number in range(120)]
        assert house.mailbox.texts("b") == ["other"]
    async with post_house(tmp_path) as house:
        await house.delivery.recover()
        await house.done()
        assert house.mailbox.tried == []


async def test_a_crash_while_sending_repeats_only_what_was_in_flight(tmp_path: Path) -> None:
    async with post_house(tmp_path) as house:
        sent = await house.says("a", Verbatim("sent"))
        await house.done()
        house.mailbox.held["a"] = asyncio.Event()
        flying = await house.says("a", Verbatim("in flight"))
        await house.mailbox.bell.until(lambda: len(house.mailbox.tried) == 2)
        assert (await house.row(sent))[0] == SENT
        assert (await house.row(flying))[0] == READY
    async with post_house(tmp_path) as house:
        await house.delivery.recover()
        await house.done()
        assert house.mailbox.texts("a") == ["in flight"]


async def test_a_platform_that_is_off_keeps_its_post(house: PostHouse) -> None:
    del house.delivery.platforms["mailbox"]  # type: ignore[attr-defined]
    row = await house.says("a", Verbatim("later"))
    await house.delivery.recover()
    await house.done()
    assert (await house.row(row))[0] == READY
    assert house.mailbox.tried == []


async def test_answers_overtake_what_falls_due_in_the_same_chat(house: PostHouse) -> None:
    house.mailbox.held["a"] = asyncio.Event()
    await house.says("a", Verbatim("remember"), lane=REMINDER)
    await house.says("a", Verbatim("remember too"), lane=REMINDER)
    await house.mailbox.bell.until(lambda: house.mailbox.tried)
    await house.says("a", Verbatim("an answer"))
    await house.mailbox.bell.until(lambda: len(house.mailbox.tried) == 2)
    assert [one.shown.text for one in house.mailbox.tried] == ["remember", "an answer"]
    house.mailbox.held["a"].set()
    await house.done()


async def test_many_failures_in_a_row_let_one_message_try_for_all(house: PostHouse) -> None:
    names = [f"chat {number}" for number in range(MOST_IN_A_ROW + 5)]
    for name in names:
        house.mailbox.will(name, TryLater(1.0, "500"), TryLater(1.0, "500"))
        await house.parcel(name, Verbatim(name))
    house.waiting = asyncio.Event()
    await house.delivery.recover()
    await house.mailbox.bell.until(lambda: len(house.pauses) >= MOST_IN_A_ROW)
    assert house.delivery.circuits["mailbox"].open
    tried = len(house.mailbox.tried)
    await house.says("late", Verbatim("late"))
    for _step in range(50):
        await asyncio.sleep(0)
    assert len(house.mailbox.tried) == tried
    house.waiting.set()
    await house.done()
    assert not house.delivery.circuits["mailbox"].open
    assert sorted(one.chat for one in house.mailbox.arrived) == sorted([*names, "late"])


async def test_the_one_that_tried_for_all_and_gave_up_lets_the_others_try(house: PostHouse) -> None:
    house.mailbox.will("a", *[TryLater(1.0, "away", everyone=True)], RuntimeError("a fault"), Rejected("odd"))
    await house.says("a", Verbatim("one"))
    await house.says("b", Verbatim("two"))
    await house.done()
    assert house.mailbox.texts("b") == ["two"]


async def test_waits_are_shortened_at_random_and_never_below_half() -> None:
    assert [backoff(2.0, tries, 300.0, lambda: 0.0) for tries in range(9)][-3:] == [128.0, 256.0, 300.0]
    assert [backoff(2.0, tries, 300.0, lambda: 1.0) for tries in range(3)] == [1.0, 2.0, 4.0]


async def test_finishing_ends_what_is_in_hand_and_begins_nothing(tmp_path: Path) -> None:
    async with post_house(tmp_path) as house:
        house.mailbox.held["a"] = asyncio.Event()
        flying = await house.says("a", Verbatim("in hand"))
        waiting = await house.says("a", Verbatim("waiting"))
        await house.mailbox.bell.until(lambda: house.mailbox.tried)
        finishing = asyncio.create_task(house.delivery.finish())
        await asyncio.sleep(0)
        late = await house.says("b", Verbatim("late"))
        house.mailbox.held["a"].set()
        await finishing
        await house.delivery.settling.settled()
        assert [(await house.row(row))[0] for row in (flying, waiting, late)] == [SENT, READY, READY]


async def test_too_much_in_a_chat_that_got_little_rests_the_bulk_of_the_account_alone(tmp_path: Path) -> None:
    async with post_house(tmp_path, pace=Pace(chat_seconds=1.0, chat_burst=9)) as house:
        house.mailbox.will("a", TryLater(3600.0, FLOOD))
        await house.says("a", Verbatim("one"))
        await house.done()
        account = house.delivery._paces["mailbox"].account
        await account.ready(INTERACTIVE)
        bulk = asyncio.create_task(account.ready(ANNOUNCEMENT))
        await asyncio.sleep(0)
        assert not bulk.done()
        bulk.cancel()
