"""An officer announces to 2,000 teachers in four languages, pauses, the program is killed with -9, and it adds up."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import accounts, staff
from storage.database import Database
from storage.migrations import upgrade
from storage.models import Account, Chat, Person, Teacher
from storage.playing import set_the_stage
from storage.populate import populate
from tests.acceptance.process import Town
from tests.cast import Actor, OnTelegram
from tests.vault import VAULT

TEACHERS, ON_TELEGRAM, A_SECOND = 2000, 30, 5
WORDS = {"en": "Good morning", "français": "Bonjour", "polski": "Dzień dobry", "العربية": "صباح الخير"}
LANGUAGES = ("en", "fr", "pl", "ar")


def people(session: Session, officers: list[str], users: list[str]) -> None:
    """Two officers; teachers who speak four languages, some of them on Telegram."""
    now = datetime.now(UTC)
    set_the_stage(session, now)
    for number, language in enumerate(LANGUAGES):
        session.execute(update(Person).where(Person.id % 4 == number).values(language=language))
    for person, user in zip(session.scalars(select(Teacher.person_id).limit(len(users))).all(), users, strict=True):
        for table in (Account, Chat):
            where = update(table).where(table.person_id == person, table.platform == "web")
            session.execute(where.values(platform="telegram", external_id=user, external_key=user))
    for user in officers:
        person = accounts.made_known(session, "telegram", user, now)
        staff.name_officer(session, person, staff.CENTRAL, None, named_by=None, now=now)


async def written(ana: Actor) -> None:
    """An urgent announcement in four languages: no quiet hours hold it."""
    await ana.says("/announce new", hears="What do you want to announce?")
    await ana.says(WORDS["en"], hears="2,000 readers")
    for language, words in list(WORDS.items())[1:]:
        await ana.chooses("Text", hears="The words of which language?")
        await ana.chooses(language, hears="Write the words in this language.")
        await ana.says(words, hears="2,000 readers")
    await ana.chooses("Kind", hears="What kind is it?")
    await ana.chooses("Urgent", hears="2,000 readers")


async def test_paused_killed_resumed_and_it_adds_up(tmp_path: Path) -> None:
    async with Town(tmp_path, "telegram") as town:
        town.program.settings["TWINBOT_TELEGRAM_RATE"] = str(A_SECOND)
        ana, cleo = await town.actor("Ana", "telegram"), await town.actor("Cleo", "telegram")
        assert isinstance(ana.ways, OnTelegram) and isinstance(cleo.ways, OnTelegram)
        readers = [town.api.user(f"T{number}", language_code="en", started=True) for number in range(ON_TELEGRAM)]
        users = [str(user.id) for user in readers]
        database = Database(town.program.settings["TWINBOT_DATABASE_URL"], VAULT)
        upgrade(database.engine)
        populate(database, TEACHERS, 300, 7, now=datetime.now(UTC))
        database.do(partial(people, officers=[str(ana.ways.user.id), str(cleo.ways.user.id)], users=users))
        database.close()
        await town.program.start()
        await cleo.says("/start", hears="twinbot")
        await written(ana)
        await ana.chooses("Send", hears="a second officer has to agree")
        await cleo.does(ana.chooses("Yes", hears="It waits"), hears="An announcement waits for a second officer")
        await cleo.chooses("Look at it", hears="Agree and send")
        await cleo.chooses("Agree and send", hears="it is on its way")
        await ana.ways.until(lambda: "Pause" in ana.last.labels)
        # Everybody else is answered meanwhile.
        joao = await town.actor("Joao", "web")
        await joao.says("/help", hears="/register")
        await ana.chooses("Pause")
        await ana.ways.until(lambda: "Resume" in ana.last.labels)
        town.program.kill()
        before = sum(1 for user in readers if town.api.chat(user).messages)
        assert before < ON_TELEGRAM
        await town.program.start()
        await joao.says("/help", hears="/register")
        await ana.says("/announce 1", hears=["Paused", "of 2,000"])
        await ana.chooses("Resume")
        await ana.ways.until(lambda: "The announcement has arrived" in ana.heard)
        heard = await ana.chooses("Figures", hears=["Together: 2,000", "By platform", "By language", "By country"])
        found = re.findall(r"(\w[\w ]*): ([\d,]+)$", heard, re.MULTILINE)
        counts = {name: int(number.replace(",", "")) for name, number in found}
        whole = counts.pop("Together")
        assert whole == TEACHERS == sum(counts.values()), heard
        for kind in ("platform", "language", "country"):
            line = re.findall(rf"By {kind}: (.*)", heard)[0]
            assert sum(int(n.replace(",", "")) for n in re.findall(r" ([\d,]*\d)(?:, |$)", line)) == TEACHERS, line
        times = [len([m for m in town.api.chat(user).messages if m.by_bot]) for user in readers]
        doubled = sum(times) - ON_TELEGRAM
        print(f"\nbefore the kill {before} of {ON_TELEGRAM} on Telegram; doubled {doubled}; {counts}")
        # What was under way when it was killed may come twice, and nothing is lost.
        assert min(times) == 1 and doubled <= A_SECOND
        assert town.api.violations == []
