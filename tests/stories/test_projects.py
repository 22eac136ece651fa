"""Two teachers begin a project, a third comes in by a code, and it is handed over, closed and opened again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from handlers.projects import project_chore
from storage import partnerships, projects, staff
from tests.stories.teachers import Colleague, verified
from tests.world import World

Worlds = Callable[..., World]


async def two(world: World) -> tuple[Colleague, Colleague]:
    """Amina on the web and João on Telegram, who are partners."""
    amina, joao = await verified(world, "Amina", "web"), await verified(world, "João", "telegram")
    await world.database.write(partial(partnerships.open_, a=amina.person, b=joao.person, now=world.now()))
    return amina, joao


async def plan(amina: Colleague) -> str:
    """Plan a project with João, up to the summary."""
    actor = amina.actor
    await actor.says("/project new", hears="With whom do you begin?")
    await actor.chooses("João Diallo", hears=["ready plan", "Birds at our window", "My own idea"])
    await actor.chooses("My own idea", hears="What is it called?")
    await actor.says("Songs of our rivers", hears="What is it about?")
    await actor.says("We collect old songs and sing them.", hears="Which subjects?")
    await actor.says("music", hears="In which languages")
    await actor.says("English", hears="How old are the pupils?")
    await actor.says("9-11", hears="About how many pupils")
    await actor.says("40", hears="In which month does it start?")
    first = actor.last.labels[0]
    await actor.chooses(first, hears="In which month does it end?")
    await actor.says("1/2020", hears="too early or too far away")
    await actor.chooses(actor.last.labels[2], hears="What shall come of it?")
    return await actor.says("An album.", hears=["Shall I ask your partner?", "Songs of our rivers", "João Diallo"])


async def begun(world: World) -> tuple[Colleague, Colleague]:
    amina, joao = await two(world)
    await plan(amina)
    await joao.actor.does(
        amina.actor.chooses("Ask them", hears="Your partner is asked."), hears="A project for the two"
    )
    signs = joao.actor.chooses("Yes, gladly", hears=["The project is open", "you lead it together"])
    await amina.actor.does(signs, hears="The project is open")
    return amina, joao


async def test_proposed_signed_and_known_to_support(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        amina, joao = await two(world)
        officer = await world.actor("Eve", "web")
        await officer.says("/start", hears="Welcome to twinbot")
        number = joao.person + 1
        await world.database.write(
            partial(staff.name_officer, person=number, role="national", country="PL", named_by=None, now=world.now())
        )
        await plan(amina)
        asks = amina.actor.chooses("Ask them", hears="Your partner is asked.")
        await joao.actor.does(
            asks, hears=["A project for the two of you:", "Amina Diallo", "We collect old songs", "Yes, gladly"]
        )
        await officer.says("/schoolprojects", hears="There are no projects yet.")
        await amina.actor.says("/project yes 1", hears="not possible any more")
        signs = joao.actor.chooses("Yes, gladly", hears="The project is open")
        await officer.does(signs, hears=["A project has begun:", "Songs of our rivers", "Amina Diallo", "João Diallo"])
        await officer.chooses("Look at it", hears=["Songs of our rivers", "Kielce", "Viseu", "Open since"])
        await joao.actor.says("/project yes 1", hears="not possible any more")
        await amina.actor.says("/projects", hears=["Your projects", "Songs of our rivers", "open"])
        await amina.actor.says(
            "/project 1", hears=["🇵🇱 Kielce ★", "🇵🇹 Viseu ★", "About 40 pupils", "Staff room", "Class room"]
        )


async def test_declined_and_taken_back(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        amina, joao = await two(world)
        await plan(amina)
        await joao.actor.does(amina.actor.chooses("Ask them"), hears="A project for the two of you")
        no = joao.actor.chooses("Not this time", hears="Thank you for the answer.")
        await amina.actor.does(no, hears=["This time not, says:", "João Diallo"])
        await joao.actor.says("/project yes 1", hears="not possible any more")
        await plan(amina)
        await joao.actor.does(amina.actor.chooses("Ask them"), hears="A project for the two of you")
        await joao.actor.says("/projects", hears=["These wait for your answer", "Songs of our rivers"])
        back = amina.actor.says("/project drop 2", hears="It is taken back.")
        await joao.actor.does(back, hears="This proposal was taken back by:")
        await joao.actor.says("/project yes 2", hears="not possible any more")


async def test_a_ready_plan_answers_and_brings_dates(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        amina, joao = await two(world)
        actor = amina.actor
        await actor.says("/project new", hears="With whom do you begin?")
        await actor.chooses("João Diallo", hears="Birds at our window")
        await actor.says("2", hears="What is it called?")
        await actor.chooses("Birds at our window", hears="What is it about?")
        await actor.chooses(actor.last.labels[0], hears="Which subjects?")
        await actor.chooses("✓ Done", hears="In which languages")
        await actor.chooses("✓ Done", hears=["How old", "8–12"])
        await actor.chooses("8–12", hears="About how many pupils")
        await actor.chooses("20", hears="In which month does it start?")
        await actor.chooses(actor.last.labels[1], hears="In which month does it end?")
        await actor.chooses(actor.last.labels[0], hears="What shall come of it?")
        await actor.chooses(actor.last.labels[0], hears="Shall I ask your partner?")
        await actor.chooses("Change: Pupils", hears="About how many pupils")
        await actor.says("35", hears="Shall I ask your partner?")
        await joao.actor.does(actor.chooses("Ask them"), hears=["A project for the two of you", "About 35 pupils"])
        await amina.actor.does(joao.actor.chooses("Yes, gladly"), hears="The project is open")
        await actor.says("/project 1", hears=["What comes next", "Make a feeder"])
        await actor.chooses("Remind me", hears=["Shall I remind you of these?", "Make a feeder"])
        await actor.chooses("Remind me", hears="I will remind you of 5 dates.")
        await actor.says("/reminders", hears="Birds at our window: Make a feeder")


async def test_others_come_in_by_a_code_or_are_invited(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        amina, joao = await begun(world)
        ines, eve = await verified(world, "Ines", "web"), await verified(world, "Eve", "web")
        await amina.actor.says("/project invite 1", hears=["Whom do you invite?", "Show a code"])
        shown = await amina.actor.chooses("Show a code", hears="Verified teachers who write this to me can join:")
        found = re.search(r"/project join ([A-Z0-9-]+)", shown)
        assert found is not None
        await ines.actor.says("/project join ABCD-EFGH", hears="That code is not right")
        await ines.actor.says(f"/project join {found[1].lower()}", hears=["You are invited to a project:", "Viseu"])
        joins = ines.actor.chooses("Join", hears="You are in. Its rooms are open to you.")
        await joao.actor.does(joins, hears=["A school joins your project:", "Ines Diallo"])
        await ines.actor.says("/project invite 1", hears="There is no such project.")
        await ines.actor.says("/project close 1", hears="There is no such project.")
        await world.database.write(partial(partnerships.open_, a=amina.person, b=eve.person, now=world.now()))
        await amina.actor.says("/project invite 1", hears="Eve Diallo")
        asks = amina.actor.chooses("Eve Diallo", hears="They are asked.")
        await eve.actor.does(asks, hears="You are invited to a project:")
        await eve.actor.says("/room", hears="You are in no room yet.")
        await eve.actor.says("/project yes 1", hears="You are in.")
        await eve.actor.says("/room", hears=["Songs of our rivers", "Staff room", "Class room"])
        await eve.actor.says("/appointment Thursday 10:00 video call", hears="With whom?")
        assert "Songs of our rivers" in " ".join(eve.actor.last.labels)


async def test_handed_over_left_closed_and_opened_again(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        amina, joao = await begun(world)
        await joao.actor.says("/project leave 1", hears="Do you want to leave?")
        leaves = joao.actor.chooses("Leave the project", hears="You have left the project.")
        await amina.actor.does(leaves, hears=["This school has left the project:", "João Diallo"])
        await joao.actor.says("/project 1", hears="There is no such project.")
        await amina.actor.says("/project leave 1", hears="You are the only founder.")
        await amina.actor.chooses("Hand it over", hears="Invite somebody first.")
        await amina.actor.says("/project invite 1", hears="João Diallo")
        await joao.actor.does(amina.actor.chooses("João Diallo"), hears="You are invited to a project:")
        await amina.actor.does(joao.actor.chooses("Yes, gladly"), hears="A school joins your project:")
        await amina.actor.says("/project over 1", hears="Who shall lead it in your place?")
        over = amina.actor.chooses("João Diallo", hears="You are in the project as a teacher now.")
        await joao.actor.does(over, hears="you are one of those who lead this project")
        await joao.actor.says("/project close 1", hears="Its rooms can only be read then.")
        closes = joao.actor.chooses("Close it", hears="This project is closed now.")
        await amina.actor.does(closes, hears=["This project is closed now.", "It can be opened again until"])
        await amina.actor.says("/project open 1", hears="There is no such project.")
        opens = joao.actor.says("/project open 1", hears="The project is open again.")
        await amina.actor.does(opens, hears="The project is open again.")
        await joao.actor.says("/project close 1", hears="Its rooms can only be read then.")
        await joao.actor.chooses("Close it", hears="This project is closed now.")
        world.offset += timedelta(days=31)
        await world.app.do(project_chore)
        await joao.actor.says("/project open 1", hears="not possible any more")
        found = await world.database.read(partial(projects.find, project=1))
        assert found is not None and found.state == "archived"


async def test_what_is_no_business_of_theirs(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        await begun(world)
        eve = await verified(world, "Eve", "web")
        for act in ("show", "yes", "no", "drop", "invite", "over", "leave", "close", "open"):
            await eve.actor.says(f"/project {act} 1", hears="There is no such project.")
        await eve.actor.says("/room 1", hears="There is no such room.")
        await eve.actor.says("/project new", hears="A project needs a partner.")
        await eve.actor.says("/projects", hears="You have no projects yet.")


async def test_a_room_is_entered_from_telegram_by_a_link(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        _amina, joao = await begun(world)
        await joao.actor.says("/room", hears=["Songs of our rivers", "Staff room"])
        heard = await joao.actor.says("/room 1", hears=["opens the room in your browser", "/in/"])
        assert world.address in heard
