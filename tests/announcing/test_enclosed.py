"""A picture, a file, a link with an announcement: kept once, shown everywhere, uploaded once to each platform."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Account, AnnouncementFile
from tests.announcing.rounds import awake, comes, drafted, round_, sent
from tests.staff.parts import Worlds, officer, teacher
from tests.world import World


@pytest.fixture
async def everywhere(worlds: Worlds) -> AsyncIterator[World]:
    async with worlds("telegram", "web", "matrix") as made:
        yield made


@pytest.fixture
async def world(worlds: Worlds) -> AsyncIterator[World]:
    async with worlds("web") as made:
        yield made


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(data, "JPEG", exif=b"Exif\x00\x00secret place")
    return data.getvalue()


def uploaded(world: World) -> list[bool]:
    """Of each photo that the bot sent on Telegram, whether its bytes went there."""
    assert world.api is not None
    return ["photo" not in call.params for call in world.api.calls if call.method == "sendPhoto"]


async def test_a_picture_and_a_link_reach_everybody(everywhere: World) -> None:
    world = everywhere
    ana = await officer(world, "Ana", "telegram")
    readers = [await teacher(world, "Amina Diallo", "web"), await teacher(world, "Ines", "matrix")]
    readers += [await teacher(world, name, "telegram") for name in ("Joao Silva", "Rui Reis")]
    await awake(world)
    await drafted(ana)
    await ana.chooses("Picture or file", hears=["Send the picture or file", "10 megabytes"])
    await ana.says("It is a fine picture", hears="Send the picture or file")
    await ana.sends_picture(picture(), hears=["Draft", "File: "])
    await ana.chooses("Link", hears="Which link")
    await ana.says("http://example.org", hears="has to begin with https://")
    await ana.says("example.org/webinar", hears="What shall stand on its button?")
    await ana.chooses("Sign up", hears=["Draft", "Sign up: https://example.org/webinar"])
    await ana.chooses("“Count me in”", hears="Draft")
    await ana.chooses("Preview", hears="which language")
    await ana.chooses("English", hears="which platform")
    await ana.chooses("Matrix", hears=["A webinar", "Sign up: https://example.org/webinar", "1. Count me in"])
    await ana.chooses("To the draft", hears="Draft")
    await ana.chooses("Test to me", hears=["[picture", "A webinar", "[Sign up]", "[Count me in]", "Nobody else"])
    await ana.chooses("Count me in", hears="Nobody else has got it")
    await ana.chooses("To the draft", hears="Draft")
    before = len(uploaded(world))
    await sent(ana)
    await round_(world)
    amina, ines, joao, rui = readers
    for reader in readers:
        await reader.ways.until(lambda reader=reader: "A webinar" in reader.heard and reader.last.file is not None)
    assert joao.last.labels == rui.last.labels == ["Sign up", "Count me in", "Not for me", "No more news"]
    assert sorted(uploaded(world)[before:]) == [False, True]
    assert "Sign up: https://example.org/webinar" in ines.last.text
    for reader in readers:
        shown = await reader.opens("A webinar")
        assert b"secret place" not in shown
        assert Image.open(io.BytesIO(shown)).size == (40, 20)
    await amina.chooses("Count me in", hears="You are counted in")
    await comes(world, ana, "has arrived at 4 readers")
    # Corrected words stand under the picture that is there; what is taken back goes with it.
    await ana.says("/announce 1 correct", hears="The words of which language?")
    await ana.chooses("English", hears="instead")
    await ana.says("A *workshop*", hears="Change it for everybody")
    await ana.chooses("Yes")
    await comes(world, ana, "It was corrected for 4 readers")
    for reader in readers:
        await reader.ways.until(lambda reader=reader: "A workshop" in reader.heard)
    assert joao.ways.seen() and any(one.file and "A workshop" in one.text for one in joao.ways.seen().values())


async def test_a_file_goes_when_nobody_has_it_any_more(world: World) -> None:
    ana = await officer(world, "Ana", "web")
    await drafted(ana)

    async def files() -> int:
        return await world.database.read(lambda s: s.scalar(select(func.count()).select_from(AnnouncementFile)) or 0)

    await ana.chooses("Picture or file", hears="Send the picture or file")
    await ana.sends_picture(b"no picture at all", hears="cannot be taken out", name="broken.jpg")
    await ana.sends_picture(picture(), hears=["Draft", "File: "])
    await ana.says("/announce 1 copy", hears=["Draft", "File: "])
    await ana.chooses("Picture or file", hears="Send the picture or file")
    await ana.sends_picture(picture(), hears="Draft")
    assert await files() == 2
    await ana.chooses("Picture or file", hears="Send the picture or file")
    await ana.chooses("Without this one", hears="Draft")
    assert await files() == 1
    await ana.says("/announce 1", hears="Draft")
    await ana.chooses("Delete", hears="Delete this draft?")
    await ana.chooses("Yes", hears="The draft is deleted")
    assert await files() == 0


LIST = "account;note\nNobody Known;x\n{amina};a teacher\nJoao Silva;by name\n{marie};of another country\n"


async def test_a_list_that_is_sent_as_a_file(world: World) -> None:
    ana = await officer(world, "Ana", "web")
    await teacher(world, "Amina Diallo", "web")
    await teacher(world, "Joao Silva", "web")
    marie = await world.actor("Marie", "web")
    await marie.says("/start", hears="Welcome")
    accounts = await world.database.read(web_accounts)
    await drafted(ana)
    await ana.chooses("Readers", hears="Which condition")
    await ana.chooses("A list of accounts", hears="CSV or text")
    await ana.sends_picture(b"\0\0", hears="Please write 1 to 5,000 accounts", name="list.csv")
    file = LIST.format(amina=accounts[1], marie=accounts[3]).encode("utf-16")
    await ana.sends_picture(file, name="list.csv", hears=["2 lines are nobody's accounts", "2: Nobody", "5: web:"])
    assert "2 accounts of a list" in ana.heard
    await ana.chooses("Leave those out", hears=["Draft", "2 accounts of a list", "2 readers"])
    await ana.chooses("Readers", hears="Which condition")
    await ana.chooses("Keep these readers", hears="Under which name")
    await ana.says("The two", hears="Draft")
    await ana.chooses("Readers", hears="Which condition")
    await ana.chooses("Everybody", hears="Draft")
    await ana.chooses("Readers", hears="Which condition")
    await ana.chooses("The two", hears=["Draft", "2 accounts of a list"])


def web_accounts(session: Session) -> list[str]:
    """All web accounts as a list names them, in the order in which they were made."""
    found = session.scalars(select(Account.external_id).where(Account.platform == "web").order_by(Account.id))
    return [f"web:{account}" for account in found]
