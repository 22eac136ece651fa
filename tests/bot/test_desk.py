"""The desk: each update takes one turn, in the order of its chat, whatever is wrong with it or with the database."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.conversation import House
from bot.desk import Desk
from bot.talk import Talk
from bot.talk.commands import Command, Commands
from bot.tasks import Tasks
from bot.text import Verbatim, _
from storage import post
from storage.database import Database
from storage.models.post import Update
from storage.post import Parcel
from tests.bot.house import NOW, Mailbox, fresh, raw


class _Locked(Exception):
    sqlite_errorname = "SQLITE_BUSY"


def echo(talk: Talk) -> None:
    talk.say(Verbatim(f"echo {talk.turn.argument}"))


def fault(_talk: Talk) -> None:
    raise ZeroDivisionError


class Office:
    """A desk over a real database, with two commands; what it hands over is kept."""

    def __init__(self, database: Database) -> None:
        self.database, self.mailbox = database, Mailbox()
        self.tasks = Tasks()
        self.said: list[Parcel] = []
        self.away = 0
        words = [("echo", echo), ("fault", fault)]
        table = Commands([Command(word, flow, "anyone", _("x"), _("x"), _("x")) for word, flow in words])
        house = House(table, {})
        self.desk = Desk(database, {"mailbox": self.mailbox}, house, self.said.extend, self.tasks, lambda: NOW)
        self.desk.lanes._pause = self._pause
        self.pauses: list[float] = []
        self.numbers = 0
        self._write = database.write
        vars(database)["write"] = self._sometimes

    async def hears(self, chat: str, text: str, **more: Any) -> None:
        self.numbers += 1
        body = json.dumps({"chat": chat, "text": text, **more})
        await self.desk.hear("mailbox", [raw(self.numbers, chat, body)])

    async def states(self) -> list[tuple[int, str | None]]:
        return await self.database.read(lambda s: [(u.state, u.reason) for u in s.query(Update).order_by(Update.id)])

    async def _sometimes(self, unit: Any) -> Any:
        if self.away:
            self.away -= 1
            raise OperationalError("BEGIN", {}, _Locked())
        return await self._write(unit)

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = fresh(f"sqlite:///{tmp_path}/twinbot.db")
    made = Office(database)
    yield made
    await made.tasks.stop()
    database.close()


async def test_each_chat_keeps_its_order(office: Office) -> None:
    for number in range(120):
        await office.hears("ab"[number % 2], f"/echo {number}")
    await office.desk.lanes.idle()
    for chat, first in (("a", 0), ("b", 1)):
        said = [json.dumps(p.payload["body"]) for p in office.said if p.chat == chat]
        assert len(said) == 60
        assert all(f"echo {number}" in text for number, text in zip(range(first, 120, 2), said, strict=True))
    assert {state for state, _reason in await office.states()} == {post.DONE}


async def test_an_update_that_comes_twice_is_answered_once(office: Office) -> None:
    update = raw(1, "a", json.dumps({"chat": "a", "text": "/echo once"}))
    await office.desk.hear("mailbox", [update])
    await office.desk.hear("mailbox", [update])
    await office.desk.lanes.idle()
    assert len(office.said) == 1


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"chat":', "7", '{"chat": "a", "more": {"odd": 1}}'])
async def test_poison_is_set_aside_and_the_next_answered(office: Office, body: str) -> None:
    await office.desk.hear("mailbox", [raw(1000, "a", body)])
    await office.hears("a", "/echo next")
    await office.desk.lanes.idle()
    (state, reason), good = await office.states()
    assert state == post.DEAD
    assert reason is not None
    assert reason.startswith("unreadable: ")
    assert good == (post.DONE, None)
    assert len(office.said) == 1


async def test_a_flow_that_fails_is_undone_told_and_set_aside(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    await office.hears("a", "/fault")
    await office.hears("a", "/echo on")
    await office.desk.lanes.idle()
    apology, echoed = office.said
    assert "something went wrong" in json.dumps(apology.payload["body"])
    assert "echo on" in json.dumps(echoed.payload["body"])
    (letter,) = await office.database.read(post.dead_updates)
    assert letter.reason == "a flow failed"
    assert letter.error_id in json.dumps(apology.payload["body"])
    assert str(letter.error_id) in caplog.text


async def test_while_the_database_is_away_the_lane_waits(office: Office) -> None:
    await office.desk.lanes.idle()
    await office.hears("a", "/echo patient")
    office.away = 4
    await office.desk.lanes.idle()
    assert office.pauses == [1.0, 2.0, 4.0, 8.0]
    assert await office.states() == [(post.DONE, None)]
    assert len(office.said) == 1


async def test_what_cannot_be_stored_is_not_acknowledged(office: Office) -> None:
    office.away = 1
    with pytest.raises(OperationalError):
        await office.hears("a", "/echo lost?")
    await office.hears("a", "/echo again")
    await office.desk.lanes.idle()
    assert len(await office.states()) == 1


async def test_what_an_earlier_run_heard_is_answered(office: Office) -> None:
    lines = [(f"e{n}", "a", json.dumps({"chat": "a", "text": f"/echo {n}"})) for n in range(70)]
    await office.database.write(lambda s: post.store_updates(s, "mailbox", lines, {}, NOW))
    await office.database.write(lambda s: post.store_updates(s, "another", [("x", "a", "{}")], {}, NOW))
    await office.desk.recover()
    await office.desk.lanes.idle()
    assert len(office.said) == 70
    # A platform that is off keeps what it has heard.
    assert (await office.states())[-1] == (post.NEW, None)


async def test_updates_and_marks_are_stored_together(office: Office) -> None:
    body = json.dumps({"chat": "a", "text": "/echo marks"})
    await office.desk.hear("mailbox", [raw(1, "a", body)], {"since": "s1"})
    office.away = 1
    with pytest.raises(OperationalError):
        await office.desk.hear("mailbox", [raw(2, "a", body)], {"since": "s2"})
    assert await office.database.read(lambda s: post.marks(s, "mailbox")) == {"since": "s1"}
