"""Files, replies, edits and removals on their way: what arrives, and what is said where something cannot."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.platforms.platform import CannotEdit, NotCarried, OutcomeUnknown, SendError, TryLater, Unreachable
from bot.talk import Attachment
from bot.text import Verbatim
from storage import post
from storage.post import FAILED, SENT, Parcel
from tests.bot.house import PostHouse, post_house, written
from tests.pictures import HTML, MARK, SVG, bomb, film, opened, photo


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PostHouse]:
    async with post_house(tmp_path) as made:
        yield made


def file(house: PostHouse, data: bytes | deque[SendError], kind: Any = "file", name: str = "a.txt", **more: Any) -> Any:
    """A file that was heard, as an outbox row names it."""
    house.mailbox.shelf["r"] = data
    return {"platform": "mailbox", **Attachment(kind, "r", name, **more).to_json()}


def away() -> deque[SendError]:
    return deque([TryLater(3.0), TryLater(99.0), TryLater(1.0), TryLater(1.0), TryLater(1.0)])


async def test_a_file_goes_with_the_words_that_say_whose_it_is(house: PostHouse) -> None:
    row = await house.says(
        "a", Verbatim("Amina:"), file=file(house, b"lesson plan", name="plan.txt", mime="text/plain")
    )
    await house.done()
    (one,) = house.mailbox.arrived
    assert one.shown.file is not None
    assert (one.shown.text, one.shown.file.what.name, one.shown.file.what.mime) == ("Amina:", "plan.txt", "text/plain")
    assert (one.shown.file.what.size, house.mailbox.brought) == (11, [b"lesson plan"])
    assert await house.row(row) == (SENT, "ref 1", None)


async def test_words_that_do_not_fit_under_a_file_follow_it(house: PostHouse) -> None:
    words = "Amina: here it is. " + "And more. " * 6
    await house.says("a", Verbatim(words.strip()), file=file(house, b"x"))
    await house.done()
    parts = house.mailbox.arrived
    assert [one.shown.file is not None for one in parts] == [True] + [False] * (len(parts) - 1)
    assert " ".join(one.shown.text for one in parts) == words.strip()
    assert len(parts[0].shown.text) <= 20


@pytest.mark.parametrize("kind", ["picture", "file"])
async def test_no_picture_tells_where_it_was_taken(house: PostHouse, kind: str) -> None:
    await house.says("a", Verbatim("A"), file=file(house, photo(turned=True), kind, "IMG.JPG", mime="image/png"))
    await house.done()
    (data,) = house.mailbox.brought
    assert data is not None
    assert MARK not in data
    assert opened(data).size == (30, 20)
    what = house.mailbox.arrived[0].shown.file.what  # type: ignore[union-attr]
    assert (what.kind, what.name, what.mime, what.width, what.height) == (kind, "IMG.JPG", "image/jpeg", 30, 20)


async def test_no_film_tells_where_it_was_made(house: PostHouse) -> None:
    await house.says("a", Verbatim("A"), file=file(house, film(), "video", "a.mp4"))
    await house.done()
    assert MARK not in (house.mailbox.brought[0] or MARK)


@pytest.mark.parametrize(
    ("kind", "name", "claimed", "data", "sent_as"),
    [
        ("picture", "a.svg", "image/svg+xml", SVG, ("file", "a.svg", "image/svg+xml")),
        ("picture", "page.html", "image/jpeg", photo(), ("picture", "page.html.jpg", "image/jpeg")),
        ("file", "a.jpg", "text/html", photo(), ("file", "a.jpg", "image/jpeg")),
        ("picture", "a.png", "image/png", photo(), ("picture", "a.jpg", "image/jpeg")),
        ("video", "a.mp4", "video/mp4", HTML, ("file", "a.mp4", "video/mp4")),
        ("voice", "a.ogg", None, b"OggS" + bytes(40), ("voice", "a.ogg", "audio/ogg")),
        ("audio", "a.m4a", "audio/mp4", film(), ("audio", "a.m4a", "audio/mp4")),
        ("file", "a.pdf", "nonsense; drop table", b"%PDF-1.7", ("file", "a.pdf", "application/pdf")),
        ("file", "a", "<script>", b"words", ("file", "a", "application/octet-stream")),
    ],
)
async def test_a_file_goes_as_what_it_is(
    house: PostHouse, kind: str, name: str, claimed: str | None, data: bytes, sent_as: tuple[str, str, str]
) -> None:
    await house.says("a", Verbatim("A"), file=file(house, data, kind, name, mime=claimed))
    await house.done()
    what = house.mailbox.arrived[0].shown.file.what  # type: ignore[union-attr]
    assert (what.kind, what.name, what.mime) == sent_as


@pytest.mark.parametrize(
    ("found", "more", "why", "says"),
    [
        (b"x", {"size": 100_000_000}, "big", "1 MB is the most"),
        (bytes(1_000_001), {"size": 10}, "big", "1 MB is the most"),
        (b"", {}, "empty", "it is empty"),
        (deque([NotCarried("gone")]), {}, "gone", "not there any more"),
        (deque([Unreachable("left")]), {}, "gone", "not there any more"),
        (deque([OutcomeUnknown("?")]), {}, "gone", "not there any more"),
        (away(), {}, "gone", "not there any more"),
        (b"no picture", {"kind": "picture"}, "broken", "cannot be opened"),
        (photo()[:300], {"kind": "picture"}, "broken", "cannot be opened"),
        (bomb(), {"kind": "picture"}, "broken", "cannot be opened"),
        (bomb(), {"kind": "file"}, "broken", "cannot be opened"),
        (b"\0\0\0\x18ftypheic" + bytes(40), {"kind": "file"}, "hidden", "A JPEG picture can be sent"),
        (b"camera's own", {"kind": "file", "name": "IMG.DNG"}, "hidden", "A JPEG picture can be sent"),
    ],
)
async def test_words_arrive_without_a_file_that_cannot_be_brought(
    house: PostHouse, found: Any, more: dict[str, Any], why: str, says: str
) -> None:
    vars(house.mailbox)["limit"] = 400
    row = await house.says("a", Verbatim("Amina: look"), file=file(house, found, **{"name": "x.jpg", **more}))
    await house.says("a", Verbatim("next"))
    await house.done()
    first, second = house.mailbox.arrived
    assert (first.shown.file, second.shown.text) == (None, "next")
    assert first.shown.text.startswith("Amina: look\n\n")
    assert says in first.shown.text
    assert await house.row(row) == (SENT, "ref 1", f"file: {why}")


async def test_a_platform_that_gives_a_file_later_is_waited_for(house: PostHouse) -> None:
    house.mailbox.most = 5
    errors = deque[SendError]([TryLater(3.0), TryLater(99.0)])
    named = file(house, errors)

    async def pause(seconds: float) -> None:
        house.pauses.append(seconds)
        if not errors:
            house.mailbox.shelf["r"] = b"here"

    vars(house.delivery.carrier)["_pause"] = pause
    await house.says("a", Verbatim("A"), file=named)
    await house.done()
    assert (house.mailbox.brought, house.pauses) == ([b"here"], [3.0, 15.0])


async def test_a_file_that_the_platform_refuses_leaves_its_words(house: PostHouse) -> None:
    vars(house.mailbox)["limit"] = 400
    house.mailbox.will("a", NotCarried("refused"))
    row = await house.says("a", Verbatim("Amina:"), file=file(house, b"x"))
    await house.done()
    assert [one.shown.file for one in house.mailbox.arrived] == [None]
    assert "does not take it" in house.mailbox.texts("a")[0]
    assert (await house.row(row))[2] == "file: refused"


async def test_on_its_own_platform_a_file_is_sent_again_as_it_lies_there(house: PostHouse) -> None:
    house.mailbox.again = True
    for kind, name in (("voice", "a.ogg"), ("file", "a.pdf"), ("file", "IMG.jpeg")):
        await house.says("a", Verbatim("A"), file=file(house, photo(), kind, name))
    await house.done()
    voice, paper, picture = house.mailbox.brought
    assert (voice, paper) == (None, None)
    assert MARK not in (picture or MARK)


async def test_a_file_of_a_platform_that_is_off_is_not_there(house: PostHouse) -> None:
    named = {**file(house, b"x"), "platform": "elsewhere"}
    row = await house.says("a", Verbatim("A"), file=named)
    await house.done()
    assert (await house.row(row))[2] == "file: gone"


async def test_a_file_that_was_heard_before_a_crash_is_fetched_after_it(tmp_path: Path) -> None:
    async with post_house(tmp_path) as house:
        house.mailbox.shelf["r"] = deque([TryLater(1.0)])
        house.waiting = asyncio.Event()
        await house.says("a", Verbatim("A"), file={"platform": "mailbox", "kind": "file", "ref": "r", "name": "a"})
        await house.mailbox.bell.until(lambda: house.pauses)
    async with post_house(tmp_path, then=lambda house: house.mailbox.shelf.update(r=b"still there")) as house:
        await house.delivery.recover()
        await house.done()
        assert house.mailbox.brought == [b"still there"]


# Replies, edits, removals.


async def test_a_reply_names_the_message_it_answers(house: PostHouse) -> None:
    row = await house.says("a", Verbatim("one"))
    await house.says("a", Verbatim("two"), replies=row)
    await house.says("a", Verbatim("three"), replies="their own")
    await house.says("a", Verbatim("four"), replies=4711)
    await house.done()
    assert [one.replies_to for one in house.mailbox.arrived] == [None, "ref 1", "their own", None]


LONG = "This is the first sentence. This is the second one. And here is the third one."


async def test_an_edit_changes_each_part_and_takes_surplus_ones_away(house: PostHouse) -> None:
    row = await house.says("a", Verbatim(LONG))
    await house.says("a", Verbatim("Short now."), edits=row, answerable=True)
    await house.says("a", Verbatim(LONG.replace("This", "That")), edits=row, answerable=True)
    await house.says("a", Verbatim("And gone."), removes=row)
    await house.done()
    went = [(one.edits, one.removes, one.shown.text[:4]) for one in house.mailbox.arrived]
    assert went == [
        (None, None, "This"), (None, None, "This"), (None, None, "And "),
        ("ref 1", None, "Shor"), (None, "ref 2", ""), (None, "ref 3", ""),
        ("ref 1", None, "That"), (None, None, "That"), (None, None, "And "),
        (None, "ref 1", ""), (None, "ref 8", ""), (None, "ref 9", ""),
    ]  # fmt: skip


async def test_the_parts_are_known_after_a_restart(house: PostHouse) -> None:
    row = await house.says("a", Verbatim(LONG))
    await house.done()
    house.delivery.settling.references.clear()

    def found(session: Session) -> list[int | None]:
        return [post.row_of(session, 1, f"ref {number}") for number in (1, 2, 3, 4)]

    assert await house.database.read(found) == [row, row, row, None]
    await house.says("a", Verbatim("x"), removes=row)
    await house.done()
    assert [one.removes for one in house.mailbox.arrived[3:]] == ["ref 1", "ref 2", "ref 3"]


async def test_what_cannot_be_taken_away_loses_its_words(house: PostHouse) -> None:
    row = await house.says("a", Verbatim("secret"))
    await house.done()
    house.mailbox.will("a", CannotEdit("too old"))
    gone = await house.says("a", Verbatim("x"), removes=row)
    await house.done()
    last = house.mailbox.arrived[-1]
    assert (last.edits, last.removes, last.shown.text) == ("ref 1", None, "(This message was taken back.)")
    assert (await house.row(gone))[0] == SENT
    house.mailbox.will("a", CannotEdit("too old"), CannotEdit("far too old"))
    kept = await house.says("a", Verbatim("x"), removes=["ref 1"])
    await house.done()
    assert await house.row(kept) == (FAILED, None, "cannot be taken away: far too old")


async def test_an_edit_of_somebody_elses_words_is_said_anew_where_it_cannot_be_made(house: PostHouse) -> None:
    await house.says("a", Verbatim("before"))
    await house.done()
    house.mailbox.will("a", CannotEdit("too old"))
    await house.says("a", Verbatim("after"), edits="ref 1", answerable=True)
    await house.done()
    assert house.mailbox.texts("a") == ["before", "after"]


# Who is told.


async def test_somebody_is_told_of_what_did_not_get_through(house: PostHouse) -> None:
    told: list[tuple[int, str]] = []

    def tell(session: Session, row: int, error: str) -> list[Parcel]:
        told.append((row, error))
        if error == "file: empty":
            raise ZeroDivisionError
        return [written(session, "sender", Verbatim("not delivered"), {})]

    house.delivery.settling.troubled = tell
    house.mailbox.will("a", Unreachable("blocked"))
    lost = await house.says("a", Verbatim("lost"))
    bare = await house.says("a", Verbatim("A"), file=file(house, b""))
    await house.says("a", Verbatim("fine"))
    await house.done()
    await house.mailbox.bell.until(lambda: house.mailbox.texts("sender"))
    await house.done()
    assert told == [(lost, "unreachable: blocked"), (bare, "file: empty")]
    assert house.mailbox.texts("sender") == ["not delivered"]
    assert (await house.row(bare))[0] == SENT
