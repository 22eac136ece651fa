"""Somebody is reminded of something, on every platform; and of a lesson with partners, each in their own time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import recurring_ical_events
from icalendar import Calendar

from handlers.reminders.zones import moment, wall
from tests.cast import Actor
from tests.stories.partners import become, pair, teacher
from tests.world import World

Worlds = Callable[..., World]
LISBON = "Europe/Lisbon"


def at_nine(world: World) -> None:
    """Let it be nine in the morning in Lisbon, on the next Monday: no quiet hours, and a week ahead."""
    local = wall(world.now(), LISBON)
    monday = local + timedelta(days=7 - local.weekday())
    world.offset += moment(monday.replace(hour=9, minute=0), LISBON) - world.now()


def later(world: World, **length: int) -> None:
    """Time goes on."""
    world.offset += timedelta(**length)


async def amina_of(world: World) -> Actor:
    at_nine(world)
    return await teacher(world, "Amina")


async def test_reminded_in_time_and_again_in_an_hour(world: World) -> None:
    amina = await amina_of(world)
    await amina.says(
        "/remind today at 10 call the museum", hears=["Shall I remember this?", "call the museum", "10:00"]
    )
    await amina.chooses("Save", hears="Saved. I will remind you.")
    later(world, hours=1)
    await amina.hears(["⏰ Reminder", "call the museum"])
    await amina.chooses("In an hour", hears="I will tell you again:")
    later(world, hours=1)
    await amina.hears(["⏰ Reminder", "call the museum"])
    await amina.chooses("Done", hears="Done:")


async def test_by_questions_then_changed_and_deleted(world: World) -> None:
    amina = await amina_of(world)
    await amina.says("/remind", hears="What shall I remind you of, and when?")
    await amina.says("choir each Tuesday", hears="At what time?")
    await amina.chooses("10:00", hears=["every week: Tuesday", "10:00"])
    await amina.chooses("Change: What", hears="What shall I remind you of?")
    await amina.says("big choir", hears=["What: big choir", "Shall I remember this?"])
    await amina.chooses("Save", hears="Saved. I will remind you.")
    await amina.says("/reminders", hears=["What is to come", "big choir", "every week: Tuesday"])
    await amina.chooses("big choir", hears="Next:")
    await amina.chooses("Skip the next one", hears="The next one is left out.")
    await amina.chooses("Pause", hears="It is paused.")
    await amina.chooses("Delete", hears="Deleted:")
    await amina.chooses("Undo", hears="It is back.")


async def test_quiet_hours_and_a_digest(world: World) -> None:
    amina = await amina_of(world)
    await amina.says("/settings", hears=["Quiet hours: 21:00–07:00", "Weekly digest: off"])
    await amina.chooses("Quiet hours", hears="When shall I be quiet?")
    await amina.says("22-6", hears="Quiet hours: 22:00–06:00")
    await amina.chooses("Weekly digest", hears="On which day")
    await amina.chooses("Monday", hears="At what time?")
    await amina.says("10", hears="Weekly digest: Monday 10:00")
    await amina.says("/remind every day at 16:00 bread", hears="every day")
    await amina.chooses("Save", hears="Saved.")
    later(world, hours=1)
    await world.app.do(next(chore for chore in world.app.chores if chore.name == "digests"))
    await amina.hears(["Your week", "bread"])


@pytest.mark.parametrize("platform", ["terminal"], indirect=True)
async def test_a_restart_and_six_hours_down(world: World) -> None:
    amina = await amina_of(world)
    await amina.says("/remind today at 10 call the museum", hears="Shall I remember this?")
    await amina.chooses("Save", hears="Saved.")
    await world.app.idle()
    await world.stop()
    later(world, hours=6)
    await world.start()
    await amina.hears(["call the museum", "This comes late: I was not running at that time."])


@pytest.mark.parametrize("platform", ["web"], indirect=True)
async def test_words_in_polish_and_arabic(world: World) -> None:
    at_nine(world)
    kasia = await world.actor("Amina", language="pl")
    await kasia.says("/start", hears="twinbot")
    await world.database.write(partial(_teacher, country="PL", now=world.now()))
    await kasia.says("/remind co wtorek o 9:30 oprócz świąt chór, godzinę wcześniej", hears=["chór", "wtorek", "9:30"])
    await kasia.says("/language العربية", hears="العربية")
    await kasia.says("/remind كل ثلاثاء الساعة 10 صباحا ما عدا العطل جوقة", hears=["جوقة", "الثلاثاء", "10:00"])


def _teacher(session: object, country: str, now: datetime) -> None:
    become(session, "Kasia", country, now)  # type: ignore[arg-type]


async def test_an_appointment_across_three_countries(worlds: Worlds) -> None:
    """Over the end of summer time, from Lisbon to Athens and Tunis; it is in everyone's calendar at the right time."""
    async with worlds("web", "telegram") as world:
        world.offset += moment(datetime(2027, 10, 18, 9, 0), LISBON) - world.now()
        joao = await teacher(world, "João", "telegram", country="PT")
        eleni, salma = (
            await teacher(world, "Eleni", "web", country="GR"),
            await teacher(world, "Salma", "web", country="TN"),
        )
        for partner in (eleni, salma):
            await pair(world, joao, partner)
        await joao.says("/appointment every Wednesday 10:00 until 10 November video call", hears="With whom?")
        clocks, theirs = "10:00 Lisbon · 12:00 Athens · 11:00 Tunis", "12:00 Athens · 10:00 Lisbon · 11:00 Tunis"
        await joao.says(
            "Eleni, Salma", hears=["Shall I ask them?", "10:00 Lisbon · 12:00 Athens · 10:00 Tunis", clocks]
        )
        await joao.chooses("Ask them", hears="2 people are asked.")
        await eleni.hears(["An appointment with you", "12:00 Athens"])
        await joao.does(eleni.chooses("Yes, I come", hears="Noted: you come."), hears="Eleni: yes")
        await joao.does(salma.chooses("No", hears="Noted: you do not come."), hears="Salma: no")
        text = await eleni.says("/calendar", hears="/calendar/")
        address = next(word for word in text.split() if "/calendar/" in word)
        moments = [
            moment(datetime(2027, 10, 20, 10, 0), LISBON),
            moment(datetime(2027, 10, 27, 10, 0), LISBON),
            moment(datetime(2027, 11, 3, 10, 0), LISBON),
            moment(datetime(2027, 11, 10, 10, 0), LISBON),
        ]
        assert await subscribed(address, moments[0], moments[-1]) == moments
        text = await salma.says("/calendar", hears="/calendar/")
        assert await subscribed(next(w for w in text.split() if "/calendar/" in w), moments[0], moments[-1]) == []
        later(world, days=15, hours=2)
        await eleni.hears(["video call", theirs])


async def test_a_vote_on_common_hours(worlds: Worlds) -> None:
    """From the web to Telegram: the one who is asked votes last, so that decides."""
    async with worlds("web", "telegram") as world:
        world.offset += moment(datetime(2027, 10, 18, 9, 0), LISBON) - world.now()
        joao, eleni = await teacher(world, "João", "web"), await teacher(world, "Eleni", "telegram", country="GR")
        await pair(world, joao, eleni)
        await joao.says("/when", hears=["Common lesson hours", "10:00 Lisbon · 12:00 Athens"])
        await joao.chooses("Let all of us vote", hears="What is the appointment about?")
        await joao.says("songs", hears="Shall I let them vote?")
        await joao.chooses("Let them vote", hears="1 person is asked.")
        await eleni.hears(["When shall we meet?", "songs"])
        await eleni.chooses("Choose times", hears="Which of these times suit you?")
        await eleni.chooses("Tue 26 Oct 12:00")
        decided = ["The time is decided", "Tuesday, October 26, 2027, 12:00", "Eleni: yes"]
        await eleni.chooses("✓ Done", hears=["Thank you. All have voted.", *decided])
        await joao.hears(["The time is decided", "Tuesday, October 26, 2027, 10:00"])


async def subscribed(address: str, since: datetime, until: datetime) -> list[datetime]:
    """What a calendar program sees at an address, which it asks for twice."""
    async with aiohttp.ClientSession() as http:
        async with http.get(address) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"].startswith("text/calendar")
            assert answer.headers["Cache-Control"] == "private, max-age=900"
            tag, content = answer.headers["ETag"], await answer.read()
        async with http.get(address, headers={"If-None-Match": tag}) as again:
            assert (again.status, await again.read()) == (304, b"")
    found = recurring_ical_events.of(Calendar.from_ical(content)).between(since, until + timedelta(hours=1))
    return sorted(event.start.astimezone(since.tzinfo) for event in found)


@pytest.mark.parametrize("platform", ["web"], indirect=True)
async def test_an_address_that_was_changed_leads_nowhere(world: World) -> None:
    amina = await amina_of(world)
    text = await amina.says("/calendar", hears="/calendar/")
    old = next(word for word in text.split() if "/calendar/" in word)
    await amina.chooses("New address", hears="/calendar/")
    async with aiohttp.ClientSession() as http:
        async with http.get(old) as answer:
            assert answer.status == 404
        async with http.get(f"{world.address}/calendar/{'x' * 5000}.ics") as answer:
            assert answer.status == 404


@pytest.mark.parametrize("platform", ["telegram"], indirect=True)
async def test_the_file_of_an_appointment_arrives(world: World) -> None:
    world.offset += moment(datetime(2027, 10, 18, 9, 0), LISBON) - world.now()
    joao, eleni = await teacher(world, "João"), await teacher(world, "Eleni", country="GR")
    await pair(world, joao, eleni)
    await joao.says("/appointment tomorrow at 10 video call", hears=["Shall I ask them?", "With: Eleni"])
    await joao.chooses("Ask them", hears="1 person is asked.")
    await joao.chooses("Calendar file", hears="Open this file with your calendar program.")
    content = await joao.opens("Open this file with your calendar program.")
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert (event["summary"], event.start) == ("video call", datetime(2027, 10, 19, 10, 0, tzinfo=ZoneInfo(LISBON)))


@pytest.mark.parametrize("place", ["terminal", "telegram"])
async def test_with_a_partner_on_the_web(worlds: Worlds, place: str) -> None:
    """An appointment, its calendar and a vote, asked for where the other is not."""
    async with worlds(place, "web") as world:
        world.offset += moment(datetime(2027, 10, 18, 9, 0), LISBON) - world.now()
        joao = await teacher(world, "João", place, country="PT")
        eleni = await teacher(world, "Eleni", "web", country="GR")
        await pair(world, joao, eleni)
        await joao.says("/appointment tomorrow at 10 video call", hears=["Shall I ask them?", "10:00 Lisbon"])
        await joao.chooses("Ask them", hears="1 person is asked.")
        await eleni.hears(["An appointment with you", "12:00 Athens · 10:00 Lisbon"])
        await joao.does(eleni.chooses("Yes, I come", hears="Noted: you come."), hears="Eleni: yes")
        await joao.says("/calendar", hears=["Add this address", "/calendar/", "New address"])
        await joao.says("/when", hears=["Common lesson hours", "10:00 Lisbon · 12:00 Athens"])
        await joao.chooses("Let all of us vote", hears="What is the appointment about?")
        await joao.says("songs", hears="Shall I let them vote?")
        await joao.chooses("Let them vote", hears="1 person is asked.")
        await eleni.hears(["When shall we meet?", "songs"])
        await joao.does(eleni.chooses("All of them suit", hears="All have voted."), hears="The time is decided")


@pytest.mark.parametrize("platform", ["matrix"], indirect=True)
async def test_with_partners_on_matrix(world: World) -> None:
    """An appointment, its calendar, a vote and a digest, where choices are numbers and reactions."""
    world.offset += moment(datetime(2027, 10, 18, 9, 0), LISBON) - world.now()
    joao, eleni = await teacher(world, "João", country="PT"), await teacher(world, "Eleni", country="GR")
    await pair(world, joao, eleni)
    await joao.says(
        "/appointment tomorrow at 10 video call", hears=["Shall I ask them?", "10:00 Lisbon · 12:00 Athens"]
    )
    await joao.chooses("Ask them", hears="1 person is asked.")
    await eleni.hears(["An appointment with you", "12:00 Athens · 10:00 Lisbon"])
    await joao.does(eleni.says("1", hears="Noted: you come."), hears="Eleni: yes")
    await eleni.says("/calendar", hears=["Add this address", "/calendar/", "New address"])
    await joao.says("/when", hears=["Common lesson hours", "10:00 Lisbon · 12:00 Athens"])
    await joao.chooses("Let all of us vote", hears="What is the appointment about?")
    await joao.says("songs", hears="Shall I let them vote?")
    await joao.chooses("Let them vote", hears="1 person is asked.")
    await eleni.hears(["When shall we meet?", "songs"])
    await joao.does(eleni.chooses("All of them suit", hears="All have voted."), hears="The time is decided")
    await eleni.says("/settings", hears="Weekly digest: off")
    await eleni.chooses("Weekly digest", hears="On which day")
    await eleni.chooses("Monday", hears="At what time?")
    await eleni.says("12", hears="Weekly digest: Monday 12:00")
    later(world, hours=1, minutes=1)
    await world.app.do(next(chore for chore in world.app.chores if chore.name == "digests"))
    await eleni.hears(["Your week", "video call"])
