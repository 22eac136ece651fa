"""What is meant for other people goes to listeners; edits, removals and files change nothing in a dialogue."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.relay import Relay
from bot.talk import Heard, Listener, Listening, Mark, PassOn, Rewrite, TakeBack, go
from bot.talk.listening import Take
from bot.text import Verbatim
from storage import people, post, relay
from storage.post import Parcel
from tests.bot.house import NOW, fresh, written
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


async def test_a_listener_takes_what_is_meant_for_others(office: Office) -> None:
    seen: list[tuple[str, Heard, str]] = []

    def take(when: str) -> Take:
        def taken(heard: Listening) -> bool:
            seen.append((heard.platform, heard.heard, when))
            if heard.heard.chat == "a" and (when == "words" or heard.heard.edits or heard.heard.removes):
                heard.say(Verbatim(f"{when} {heard.heard.text}"))
                return True
            return False

        return taken

    def attends(_session: Session, platform: str, chat: str) -> bool:
        return (platform, chat) == ("mailbox", "a")

    listener = Listener(take("earlier"), take("stop"), take("words"), take("stray"), attends)
    office.desk.house.listeners = [listener]
    for more in ({}, {"edits": "m1"}, {"removes": "m1"}, {"unread": "file"}, {"kind": "group", "addressed": False}):
        await office.hears("a", "hello", more=more)
    await office.hears("c", "/echo mine")
    await office.hears("g", "not ours", more={"kind": "group", "addressed": False})
    await office.desk.lanes.idle()
    whens = ["words hello", "earlier hello", "earlier hello", "words hello", "words hello", "echo mine"]
    assert [json.loads(body)[1] for body in said(office)] == whens
    assert {heard.chat for _platform, heard, _when in seen} == {"a", "c"}
    assert [when for _platform, heard, when in seen if heard.chat == "c"] == ["earlier"]


async def test_what_is_relayed_becomes_copies_that_follow(office: Office) -> None:
    """An utterance is brought to a chat, changed there, marked where it was said, and taken away again."""

    def people_and_words(session: Session) -> int:
        for name in ("a", "b"):
            written(session, name, Verbatim("hello"), {})
        told = {"partnership": None, "words": "one", "now": NOW}
        return relay.keep(session, author=1, chat=1, ref="m1", **told)

    said = await office.database.write(people_and_words)
    steps = [
        PassOn(said, Verbatim("one"), person=2, options=(go("help", Verbatim("Help")),)),
        Rewrite(said, Verbatim("two")),
        Mark(said, 1, Verbatim("♥"), "♥"),
        Mark(said, 2, Verbatim("♥"), "♥", otherwise=Verbatim("A: ♥")),
        TakeBack(said),
        PassOn(said, Verbatim("nobody"), person=99),
    ]

    def brought(session: Session) -> list[Parcel]:
        bringing = Relay(session, "u1.by", NOW)
        for step in steps:
            bringing.bring(step)
        return bringing.parcels

    copy, edit, there, here, gone = await office.database.write(brought)
    assert (copy.chat, copy.payload["answerable"], len(copy.payload["options"])) == ("b", True, 1)
    assert (edit.chat, edit.payload["edits"], edit.payload["options"]) == ("b", copy.id, copy.payload["options"])
    assert (there.chat, there.payload["marks"]) == ("a", "m1")
    assert (here.chat, here.payload["marks"]) == ("b", copy.id)
    assert (gone.chat, gone.payload["removes"]) == ("b", copy.id)
    assert len({parcel.key for parcel in (copy, edit, there, here, gone)}) == 5
