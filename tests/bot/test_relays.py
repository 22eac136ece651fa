"""What is meant for other people goes to a relay; edits, removals and files change nothing in a dialogue."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.talk import Heard
from bot.text import Verbatim
from storage import people, post
from storage.post import Parcel
from tests.bot.house import fresh, written
from tests.bot.test_desk import Office


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = fresh(f"sqlite:///{tmp_path}/twinbot.db")
    made = Office(database)
    yield made
    await made.tasks.stop()
    database.close()


def said(office: Office) -> list[str]:
    return [json.dumps(parcel.payload["body"]) for parcel in office.said]


@pytest.mark.parametrize("more", [{"edits": "m1", "id": "m1"}, {"removes": "m1"}])
async def test_edits_and_removals_change_nothing_and_are_not_answered(office: Office, more: dict[str, Any]) -> None:
    await office.hears("a", "/echo once", more={"id": "m1"})
    await office.hears("a", "/echo twice", more=more)
    await office.hears("stranger", "/echo twice", more=more)
    await office.desk.lanes.idle()
    assert len(office.said) == 1
    assert {state for state, _reason in await office.states()} == {post.DONE}
    assert await office.database.read(lambda s: s.query(people.Person).count()) == 1


async def test_a_file_in_a_dialogue_is_answered_in_words(office: Office) -> None:
    await office.hears("a", "/echo this", more={"unread": "picture"})
    await office.desk.lanes.idle()
    assert "only read text" in said(office)[0]


async def test_a_relay_takes_what_is_meant_for_others(office: Office) -> None:
    seen: list[tuple[str, Heard, str]] = []

    def relay(session: Session, platform: str, heard: Heard, *, key: str, now: datetime) -> Sequence[Parcel] | None:
        seen.append((platform, heard, key))
        if heard.chat != "a":
            return None
        return [written(session, "b", Verbatim(heard.text or "-"), {})]

    office.desk.house.relays.append(relay)
    for more in ({}, {"edits": "m1"}, {"removes": "m1"}, {"unread": "file"}, {"kind": "group", "addressed": False}):
        await office.hears("a", "hello", more=more)
    await office.hears("c", "/echo mine")
    await office.desk.lanes.idle()
    assert [parcel.chat for parcel in office.said] == ["b"] * 5 + ["c"]
    assert [heard.chat for _platform, heard, _key in seen] == ["a"] * 5 + ["c"]
    assert len({key for _platform, _heard, key in seen}) == 6
