"""The demo: a visitor, an officer and a fictional teacher in three windows, from the addresses that it prints."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp

from tests.acceptance.process import STEPS, PatientWeb, Program
from tests.cast import Actor

_WORDS = ("demo", "--teachers", "200", "--schools", "90")


def printed(program: Program, before: str) -> str:
    """The address that stands after these words, as it was printed last."""
    return re.findall(rf"{before}[^:]*: (http\S+)", program.said)[-1]


async def browser(program: Program) -> tuple[Actor, PatientWeb]:
    ways = PatientWeb(lambda: program.url, "en", lambda: None)
    return Actor("Somebody", ways), ways


async def plays(ways: PatientWeb, name: str = "") -> str:
    """Choose somebody fictional on the demo's page, by name or the one told something last, and sign in.

    Gives what the sign-in page says.
    """
    status, page = await ways.opens(f"{ways._url()}/demo?name={name}")
    assert status == 200
    person = re.findall(rf'value="(\d+)"><strong><bdi>{name}', page)[0]
    headers = {"Origin": ways._url()}
    async with ways.http.post(f"{ways._url()}/demo", data={"person": person}, headers=headers) as answer:
        link, text = str(answer.url), await answer.text()
    assert (await ways.presses_on(link, "enter"))[0] == 303
    return text


async def test_three_windows(tmp_path: Path) -> None:
    program = Program(tmp_path, {})
    people: list[PatientWeb] = []
    try:
        await program.start(*_WORDS)
        for before, says in (("support of PT", "For: Portugal"), ("central support", "For: all countries")):
            ana, ways = await browser(program)
            people.append(ways)
            link = printed(program, before)
            assert "Support" in (await ways.opens(link))[1]
            assert (await ways.presses_on(link, "enter"))[0] == 303
            # Nothing was said yet, and the page offers a beginning.
            assert 'class="begin"' in (await ways.opens(program.url))[1]
            await ana.says("/staff", hears=["🛡 Support", says])
        joao, ways = await browser(program)
        people.append(ways)
        status, page = await ways.opens(printed(program, "any fictional teacher"))
        assert (status, "Play somebody fictional" in page, "Nobody was told anything yet" in page) == (200, True, True)
        name = await a_name(ways)
        assert name in await plays(ways, name)
        # Somebody fictional reads the language of their country.
        await joao.says("/language en", hears="English")
        await joao.says("/profile", hears=["Your profile", name])
    finally:
        for ways in people:
            await ways.close()
        program.close()


async def test_registered_verified_asked_and_answered_in_three_windows(folder: Path) -> None:
    """What the demo is for: a teacher in one window, support in another, a fictional partner in the third."""
    program = Program(folder, {})
    windows: list[PatientWeb] = []
    try:
        await program.start(*_WORDS)
        (amina, first), (ana, second), (partner, third) = [await browser(program) for _window in range(3)]
        windows += [first, second, third]
        assert (await second.presses_on(printed(program, "support of PT"), "enter"))[0] == 303
        await ana.says("/staff", hears="Nothing waits for you now.")
        for line, hears in STEPS:
            await amina.says(line, hears=hears)
        await amina.chooses("Save", hears="Saved.")
        await amina.says("/verification", hears="You are not verified yet")
        await amina.chooses("Write to support", hears="What shows that you teach there?")
        await ana.does(amina.says("See the page of our school", hears="Support reads it"), hears="A teacher waits")
        await ana.chooses("Look at it", hears=["Amina Diallo", "See the page of our school"])
        # The decision can be undone for ten seconds; then it is carried out.
        await amina.does(ana.chooses("Approve", hears="Approved"), hears="You are verified.")
        await amina.says("/partners", hears="Partners for you")
        await amina.chooses(amina.last.labels[0], hears="Ask this school")
        await amina.chooses("Ask this school", hears="A request to:")
        await amina.says("Shall our classes sing together?", hears="This is what they will see:")
        await amina.chooses("Send", hears="Sent.")
        await plays(third)
        # Somebody fictional reads the language of their country, until whoever plays them chooses another one.
        await partner.hears(["Amina Diallo", "Shall our classes sing together?"])
        accept = partner.last.labels[0]
        await partner.says("/language en", hears="English")
        await amina.does(partner.chooses(accept, hears="You are partners now."), hears="Your request is accepted")
        await amina.chooses("Write to each other", hears="What you write in this chat goes to")
        await partner.does(amina.says("Which song shall we begin with?"), hears="Which song shall we begin with?")
        await partner.chooses("Reply", hears="goes to Amina Diallo now")
        await amina.does(partner.says("One about rivers."), hears="One about rivers.")
    finally:
        for ways in windows:
            await ways.close()
        program.close()


async def a_name(ways: PatientWeb) -> str:
    """The given name of anybody fictional."""
    for given in ("Maria", "Ana", "Anna", "Mehmet", "Marta", "Ayşe", "Jan", "Laura", "Sofia", "Julia"):
        found = re.findall(
            r"<strong><bdi>([^<]+)</bdi></strong>", (await ways.opens(f"{ways._url()}/demo?name={given}"))[1]
        )
        if found:
            return str(found[0]).translate(str.maketrans("", "", "\u2068\u2069"))
    raise AssertionError("nobody has a common name")


async def test_real_people_are_not_played_and_other_programs_have_no_such_page(tmp_path: Path) -> None:
    program = Program(tmp_path, {})
    somebody, ways = await browser(program)
    try:
        await program.start(*_WORDS)
        await somebody.says("/start", hears="Welcome to twinbot")
        headers = {"Origin": program.url}
        async with aiohttp.ClientSession() as http:
            # Real people come after the 200 teachers, officers after them; and what is no number at all.
            for person in (*map(str, range(201, 206)), "0", "x", "-1", "9" * 30):
                async with http.post(f"{program.url}/demo", data={"person": person}, headers=headers) as answer:
                    assert answer.status == 400, person
            async with http.post(f"{program.url}/demo", data={"person": "1"}, headers={}) as answer:
                assert answer.status == 403
            async with http.post(f"{program.url}/demo", data={"person": "1"}, headers=headers) as answer:
                assert "/in/" in str(answer.url)
        program.kill()
        await program.start("run")
        assert (await ways.opens(f"{program.url}/demo"))[0] == 404
    finally:
        await ways.close()
        program.close()
