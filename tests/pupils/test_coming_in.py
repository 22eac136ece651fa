"""How pupils come in and what they can do then, without a browser: their pages asked as the web asks them."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import func, select, update
from starlette.requests import Request

from bot.platforms.web.guard import Sources
from bot.pupil_pages import PupilPages
from bot.text import Reader, decode, plain
from storage import cards, projects, pupils, rooms
from storage.database import Database
from storage.models import Base, Chat, ProjectMember, Pupil, RoomMessage, Utterance
from storage.post import Parcel
from tests.projects.town import AMINA, DAY, JOAO, NOW, RIVERS, settle
from tests.vault import VAULT

NAMES = [("Blue Heron 4", "heron"), ("Red Fox 1", "fox"), ("Grey Wolf 2", "wolf")]


@dataclass
class Campus:
    """A project with a class of three, whose class room has a Telegram group as well."""

    database: Database
    sent: list[Parcel] = field(default_factory=list)
    now: datetime = NOW + DAY
    events: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.pages = PupilPages(self.database, self.sent.extend, lambda: self.now)
        self.database.do(settle)
        self.project = self.database.do(lambda s: projects.propose(s, AMINA, JOAO, RIVERS, NOW)).id
        self.database.do(lambda s: projects.sign(s, self.project, JOAO, NOW))
        self.staff, self.room = self.database.do(lambda s: rooms.of_project(s, self.project))
        self.database.do(self._group)
        made = self.database.do(lambda s: pupils.make(s, self.project, AMINA, NAMES, "en", NOW))
        self.free(True)
        self.cards = self.database.do(lambda s: pupils.numbered(s, AMINA, made, self.now))

    def _group(self, session: Any) -> None:
        chat = Chat(platform="telegram", external_id="-1001", kind="group")
        private = Chat(platform="web", external_id="amina", kind="private", person_id=AMINA, heard_at=NOW)
        session.add_all([chat, private])
        session.flush()
        rooms.add_door(session, self.room.id, "telegram", chat.id, NOW)

    def free(self, free: bool) -> None:
        theirs = update(ProjectMember).where(ProjectMember.person_id == AMINA)
        self.database.do(lambda s: s.execute(theirs.values(holds=not free, first_waits=not free)))

    async def comes_in(self, card: pupils.Place, token: str) -> str:
        assert await self.pages.enter(card.code, card.pictures, token) == "in"
        pupil = await self.pages.opened(token)
        assert pupil is not None
        return pupil.account

    async def does(self, account: str, **what: Any) -> str | None:
        event = what.pop("id", f"e{next(self.events)}")
        refused = await self.pages.hear(account, self.room.address, {"id": event, **what})
        return None if refused is None else plain(refused, Reader("en"))

    def at_the_group(self) -> list[str]:
        rows = [parcel.payload for parcel in self.sent if parcel.platform == "telegram" and "body" in parcel.payload]
        return [plain(decode(row["body"]), Reader("en")).translate({0x2068: None, 0x2069: None}) for row in rows]

    async def seen(self, account: str) -> Sequence[tuple[str, str, bool]]:
        said = await self.pages.newest(account, self.room.address, None, 99)
        return [(one.who, one.words, one.mine) for one in said]


@pytest.fixture
async def campus(tmp_path: Path) -> AsyncIterator[Campus]:
    database = Database(f"sqlite:///{tmp_path / 'twinbot.sqlite'}", VAULT)
    Base.metadata.create_all(database.engine)
    yield Campus(database)
    database.close()


def others(pictures: Sequence[int]) -> list[int]:
    return [number for number in range(cards.PICTURES) if number not in pictures][: cards.CHOSEN]


async def test_a_pupil_is_heard_at_all_doors_by_nickname_alone(campus: Campus) -> None:
    heron, fox = [await campus.comes_in(card, f"t{n}") for n, card in enumerate(campus.cards[:2])]
    assert await campus.does(heron, text="Good morning!") is None
    assert campus.at_the_group() == ["Blue Heron 4 · Escola 1 · 🇵🇹\nGood morning!"]
    who = "Blue Heron 4 · Escola 1 · 🇵🇹"
    assert await campus.seen(heron) == [(who, "Good morning!", True)]
    assert await campus.seen(fox) == [(who, "Good morning!", False)]
    message = (await campus.pages.newest(fox, campus.room.address, None, 1))[0]
    assert await campus.does(fox, reaction="🎉", about=f"m{message.id}", id="sign") is None
    assert await campus.does(fox, reaction="🎉", about=f"m{message.id}", id="sign") is None, "Sent twice, it is one."
    signs = (await campus.pages.newest(heron, campus.room.address, None, 1))[0].signs
    assert [(one.sign, one.number, one.mine) for one in signs] == [("🎉", 1, False)]
    # Nobody changes or takes back what others said, and pupils are not all the same.
    await campus.does(fox, text="Bad morning!", edits=f"m{message.id}")
    await campus.does(fox, removes=f"m{message.id}")
    assert (await campus.seen(fox))[0][1] == "Good morning!"
    await campus.does(heron, text="Good evening!", edits=f"m{message.id}")
    assert (await campus.seen(fox))[0][1] == "Good evening!"


async def test_planted_identities_stay_where_they_are(campus: Campus) -> None:
    """A browser may send whatever it likes beside the words: nothing of it is kept or goes out."""
    heron = await campus.comes_in(campus.cards[0], "t1")
    planted = {"name": "Maria Silva", "phone": "+351912345678", "username": "@maria", "account": "@maria:example.org"}
    await campus.pages.hear(heron, campus.room.address, {"id": "e1", "text": "Olá", **planted})
    rows = campus.database.do(lambda s: [[u.words, u.files, u.earlier, u.ref] for u in s.scalars(select(Utterance))])
    out = json.dumps([rows, [parcel.payload for parcel in campus.sent], [repr(parcel) for parcel in campus.sent]])
    assert "Olá" in json.loads(json.dumps(rows))[0]
    assert not [word for word in planted.values() if word in out]
    assert campus.database.do(lambda s: s.scalars(select(Utterance.author_id)).all()) == [None]


async def test_no_way_leads_out_of_the_class_room(campus: Campus) -> None:
    heron = await campus.comes_in(campus.cards[0], "t1")
    assert [place.address for place in await campus.pages.rooms(heron)] == [campus.room.address]
    for room in (campus.staff.address, "0" * 16):
        assert await campus.pages.room(heron, room) is None
        assert await campus.pages.newest(heron, room, None, 9) == ()
        assert await campus.pages.since(heron, room, 0, 9) is None
        assert await campus.pages.hear(heron, room, {"id": f"x{room}", "text": "psst"}) is None
    # A command is a line like any other: nobody answers it.
    await campus.does(heron, text="/pupils 24")
    assert [words for _who, words, _mine in await campus.seen(heron)] == ["/pupils 24"]
    assert campus.database.do(lambda s: s.scalars(select(Utterance.words)).all()) == ["/pupils 24"]
    private = [parcel for parcel in campus.sent if parcel.kind == "private"]
    assert private == []


async def test_unreleased_words_are_nobodys(campus: Campus) -> None:
    heron, fox = [await campus.comes_in(card, f"t{n}") for n, card in enumerate(campus.cards[:2])]
    await campus.does(heron, text="Hidden")
    campus.database.do(lambda s: s.execute(update(RoomMessage).values(state="held")))
    assert await campus.seen(fox) == []
    message = campus.database.do(lambda s: s.scalars(select(RoomMessage.id)).one())
    await campus.does(fox, text="What?", about=f"m{message}")
    await campus.does(fox, reaction="🎉", about=f"m{message}")
    said = (await campus.pages.newest(fox, campus.room.address, None, 9))[-1]
    assert (said.words, said.answers, said.quoted) == ("What?", None, None)
    assert campus.database.do(lambda s: rooms.signs(s, message)) == {}
    assert "Hidden" not in "".join(campus.at_the_group()[1:])


async def test_slow_mode_closed_rooms_and_floods(campus: Campus) -> None:
    heron = await campus.comes_in(campus.cards[0], "t1")
    answers = [await campus.does(heron, text=f"Line {n}") for n in range(25)]
    assert answers[:20] == [None] * 20 and "That was very quick" in (answers[20] or "")
    campus.now += timedelta(minutes=2)
    assert "4,000 characters" in (await campus.does(heron, text="x" * 4001) or "")
    campus.database.do(lambda s: projects.close(s, campus.project, AMINA, campus.now))
    assert "can only be read" in (await campus.does(heron, text="Bye") or "")
    assert len(await campus.seen(heron)) == 20


async def test_a_nickname_is_chosen_once_from_those_that_are_free(campus: Campus) -> None:
    heron = await campus.comes_in(campus.cards[0], "t1")
    pupil = await campus.pages.opened("t1")
    assert pupil is not None and pupil.fresh and (pupil.nickname, pupil.sign) == ("Blue Heron 4", "🪶")
    offered = await campus.pages.offered(heron)
    assert len({one.words for one in offered}) == 6
    for wrong in ("fox-1", "Maria Silva", "heron-", "heron-999", "heron-x", "nobody-3", "-3"):
        assert not await campus.pages.take(heron, wrong)
    assert await campus.pages.take(heron, offered[0].id)
    pupil = await campus.pages.opened("t1")
    assert pupil is not None and not pupil.fresh and pupil.nickname == offered[0].words
    # Kept as it stands on the card; and what a teacher wrote is not asked about.
    fox = await campus.comes_in(campus.cards[1], "t2")
    assert await campus.pages.take(fox, "")
    campus.database.do(lambda s: pupils.rename(s, AMINA, campus.cards[2].id, "Comet"))
    await campus.comes_in(campus.cards[2], "t3")
    comet = await campus.pages.opened("t3")
    assert comet is not None and not comet.fresh and comet.nickname == "Comet"


async def test_code_and_pictures_only_together_and_the_teacher_hears_of_guesses(campus: Campus) -> None:
    card, wrong = campus.cards[0], others(campus.cards[0].pictures)
    assert await campus.pages.enter(cards.grouped(card.code).lower(), card.pictures[::-1], "t0") == "in"
    tries = [await campus.pages.enter(card.code, wrong, f"w{n}") for n in range(15)]
    assert set(tries) == {"wrong"}
    told = [plain(decode(p.payload["body"]), Reader("en")) for p in campus.sent if p.kind == "private"]
    assert len(told) == 1 and "chose wrong pictures several times" in told[0] and "Blue Heron 4" in told[0]
    # Now not even the right ones count, until the hour is over; whoever is in stays in.
    assert await campus.pages.enter(card.code, card.pictures, "t1") == "often"
    assert await campus.pages.opened("t0") is not None and await campus.pages.opened("t1") is None
    campus.now += timedelta(hours=1)
    assert await campus.pages.enter(card.code, card.pictures, "t1") == "in"
    assert all([await campus.pages.opened(f"w{n}") is None for n in range(15)])


async def test_out_at_once_when_a_card_ends(campus: Campus) -> None:
    heron = await campus.comes_in(campus.cards[0], "t1")
    await campus.comes_in(campus.cards[1], "t2")
    await campus.pages.leave("t2")
    assert await campus.pages.opened("t2") is None
    campus.database.do(lambda s: pupils.revoke(s, AMINA, [campus.cards[0].id], campus.now))
    assert await campus.pages.opened("t1") is None and await campus.pages.room(heron, campus.room.address) is None
    assert await campus.does(heron, text="Still here?") is None
    assert campus.database.do(lambda s: s.scalars(select(Utterance.words)).all()) == []
    assert await campus.pages.enter(campus.cards[0].code, campus.cards[0].pictures, "t3") == "wrong"


def _tampered(code: str, chance: random.Random) -> str:
    """Another code: one sign changed, two swapped, the beginning of one, or one out of the air."""
    place = chance.randrange(cards.LENGTH)
    ways = (
        lambda: code[:place] + chance.choice(cards.ALPHABET) + code[place + 1 :],
        lambda: code[place:] + code[:place],
        lambda: "".join(chance.choice(cards.ALPHABET) for _sign in code),
        lambda: code[:-1] + chance.choice(cards.ALPHABET),
    )
    return chance.choice(ways)()


async def test_no_guess_is_accepted(campus: Campus) -> None:
    """20,000 by day, a million at night; each with the right pictures of the card it imitates."""
    many = 20_000 if settings().max_examples <= 100 else 1_000_000
    chance = random.Random(5)
    right = {card.code for card in campus.cards}

    def accepted(session: Any) -> int:
        guesses = {_tampered(chance.choice(campus.cards).code, chance) for _guess in range(500)} - right
        return session.scalar(select(func.count()).where(Pupil.card.in_(guesses))) or 0

    for _chunk in range(many // 500):
        assert campus.database.do(accepted) == 0
    for _guess in range(100):
        card = chance.choice(campus.cards)
        code = _tampered(card.code, chance)
        entry = await campus.pages.enter(code, card.pictures, "guess")
        assert (entry == "in") == (code == card.code)
    assert await campus.pages.enter(campus.cards[0].code, campus.cards[0].pictures, "right") == "in"


def test_where_tries_come_from() -> None:
    """A proxy on the same machine is believed, others are not; an IPv6 network counts as one."""

    def source(host: str, forwarded: str = "") -> str:
        headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
        return sources.of(Request({"type": "http", "client": (host, 1), "headers": headers}))

    sources = Sources()
    assert source("192.0.2.1") != source("192.0.2.2") and "192" not in source("192.0.2.1")
    assert source("192.0.2.1", "198.51.100.7") == source("192.0.2.1")
    assert source("127.0.0.1", "203.0.113.9, 198.51.100.7") == source("::1", "198.51.100.7")
    assert source("127.0.0.1", "198.51.100.7") != source("127.0.0.1", "198.51.100.8")
    assert source("2001:db8::1") == source("2001:db8::ffff") != source("2001:db8:0:1::1")
    assert source("127.0.0.1", "nonsense") == source("127.0.0.1") and source("") == source("nobody")
    assert Sources().of(Request({"type": "http", "client": ("192.0.2.1", 1), "headers": []})) != source("192.0.2.1")
