"""One teacher asks another to be partners; both hear of whatever comes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.orm import Session

from handlers.requests import lapse_chore
from storage import blocks, partnerships, teachers
from storage import requests as store
from tests.stories.teachers import PLACES, RARE_NAME, Colleague, stand, verified
from tests.world import PLATFORMS, World

Worlds = Callable[..., World]
MESSAGE = "We could sing each other's songs."


@pytest.fixture(params=PLATFORMS)
async def pair(request: pytest.FixtureRequest, worlds: Worlds) -> AsyncIterator[World]:
    """A world in which one is on each platform in turn, and the other on the web."""
    async with worlds(*dict.fromkeys((request.param, "web"))) as made:
        yield made


@pytest.fixture
async def web(worlds: Worlds) -> AsyncIterator[World]:
    """A world with the web alone."""
    async with worlds("web") as made:
        yield made


async def two(world: World) -> tuple[Colleague, Colleague]:
    return await verified(world, "Amina"), await verified(world, "João", "web")


async def begin(one: Colleague, other: Colleague) -> str:
    """Find the other among suggestions and begin to ask; what is heard then."""
    await look_at(one, other)
    return await one.actor.chooses("Ask this school", hears=["A request to:", _school(other)])


async def look_at(one: Colleague, other: Colleague) -> None:
    """Find the other among suggestions, where they may have been before."""
    heard = await one.actor.says(f"/partners {RARE_NAME}", hears="Filters")
    if _school(other) not in heard:
        await one.actor.chooses("Seen before", hears=_school(other))
    await one.actor.chooses(PLACES[other.actor.name][2], hears="Ask this school")


async def ask(one: Colleague, other: Colleague, message: str = MESSAGE) -> None:
    """Ask, and have the other hear it."""
    await begin(one, other)
    await one.actor.says(message, hears=["This is what they will see:", message])
    sends = one.actor.chooses("Send", hears="Sent.")
    await other.actor.does(sends, hears=["would like to plan a project with you", message, "Accept"])


def _school(of: Colleague) -> str:
    return PLACES[of.actor.name][1]


async def partners(world: World, one: Colleague) -> list[int]:
    found = await world.database.read(partial(partnerships.partners_of, person=one.person))
    return [partner.person for partner in found]


async def test_asked_and_accepted(pair: World) -> None:
    amina, joao = await two(pair)
    heard = await begin(amina, joao)
    assert "You can have 5 more requests open" in heard
    assert "João" not in heard.replace("João sings.", ""), "Who is asked is named only when they accept."
    preview = await amina.actor.says(MESSAGE, hears=["This is what they will see:", MESSAGE])
    assert "Amina Diallo" in preview
    assert "You both teach: History, Music" in preview
    sends = amina.actor.chooses("Send", hears=["Sent.", "You can ask 4 more now."])
    news = await joao.actor.does(sends, hears=["would like to plan a project with you", "Decline"])
    assert all(words in news for words in ("Amina Diallo", _school(amina), MESSAGE, "You both teach: History, Music"))
    accepts = joao.actor.chooses("Accept", hears=["You are partners now.", "Amina Diallo"])
    await amina.actor.does(accepts, hears=["Your request is accepted", "João Diallo", _school(joao)])
    assert await partners(pair, amina) == [joao.person]
    await joao.actor.says("/requests", hears=["You were asked · accepted:"])
    await amina.actor.says("/requests", hears=["Your requests", _school(joao), "You asked · accepted:"])
    await amina.actor.chooses("Kielce", hears=["João Diallo", "Write to each other"])
    await amina.actor.chooses("Write to each other", hears="What you write in this chat goes to João Diallo now")
    await joao.actor.does(amina.actor.says("Good morning!"), hears=["Amina Diallo", "Good morning!"])


async def test_declined_with_a_reason_by_button(pair: World) -> None:
    amina, joao = await two(pair)
    await ask(amina, joao)
    await joao.actor.chooses("Decline", hears="Do you want to say why?")
    declines = joao.actor.chooses("No time just now", hears="Declined.")
    news = await amina.actor.does(
        declines, hears=["cannot be your partner this time", _school(joao), "No time just now"]
    )
    assert "João Diallo" not in news
    await amina.actor.chooses("Other suggestions", hears="Partners for you")
    assert await partners(pair, amina) == []


async def test_withdrawn(pair: World) -> None:
    amina, joao = await two(pair)
    await ask(amina, joao)
    await amina.actor.says("/requests", hears=["1 of yours is open", "You asked · waits for an answer until:"])
    await amina.actor.chooses("Kielce", hears=[MESSAGE, "Take it back"])
    await amina.actor.chooses("Take it back", hears="Take this request back?")
    await amina.actor.chooses("Let it stand", hears=MESSAGE)
    await amina.actor.chooses("Take it back", hears="Take this request back?")
    takes = amina.actor.chooses("Take it back", hears="Taken back.")
    await joao.actor.does(takes, hears=["was withdrawn", "Amina Diallo"])
    await joao.actor.chooses("Accept", hears="This request was withdrawn.")
    assert await partners(pair, amina) == []


@pytest.mark.parametrize("platforms", [("telegram", "matrix"), ("matrix", "telegram")], ids="-".join)
async def test_between_two_platforms(worlds: Worlds, platforms: tuple[str, str]) -> None:
    async with worlds(*platforms) as world:
        amina, joao = await verified(world, "Amina"), await verified(world, "João", platforms[1])
        await ask(amina, joao)
        accepts = joao.actor.chooses("Accept", hears="You are partners now.")
        await amina.actor.does(accepts, hears="Your request is accepted")
        assert await partners(world, joao) == [amina.person]


async def test_a_reason_in_ones_own_words_and_none_at_all(web: World) -> None:
    amina, joao = await two(web)
    ines = await verified(web, "Ines")
    for other, says in ((joao, "Next year, gladly"), (ines, "Without a reason")):
        await web.database.write(partial(_send, one=amina, other=other, now=web.now()))
        await other.actor.says("/requests", hears="waits for your answer until:")
        await other.actor.chooses("Viseu", hears=[MESSAGE, "Decline"])
        await other.actor.chooses("Decline", hears="Do you want to say why?")
        declines = other.actor.says(says, hears="Declined.")
        news = await amina.actor.does(declines, hears=["cannot be your partner this time", _school(other)])
        assert ("“Next year, gladly”" in news) == ("“" in news) == (other is joao)
        assert "The reason" not in news


def _send(session: Session, one: Colleague, other: Colleague, now: object) -> int:
    return store.send(session, one.person, other.person, MESSAGE, now).request.id  # type: ignore[arg-type]


async def test_the_ready_words_are_in_the_others_language(worlds: Worlds) -> None:
    async with worlds("web") as world:
        amina, joao = await verified(world, "Amina"), await verified(world, "João", language="pl")
        heard = await begin(amina, joao)
        assert "This means: Hello! We have this in common: History, Music." in heard
        await amina.actor.chooses("Send these words", hears="This is what they will see:")
        await joao.actor.does(amina.actor.chooses("Send", hears="Sent."), hears="Dzień dobry!")


async def test_a_first_message_is_no_place_for_contacts(web: World) -> None:
    amina, joao = await two(web)
    await begin(amina, joao)
    for words in ("Write to amina@example.org", "See https://example.org/us", "Call me: +351 232 480 000"):
        await amina.actor.says(words, hears=["Please leave out links, addresses", "A request to:"])
    await amina.actor.says("Hi", hears="Please write at least 10 characters.")
    await amina.actor.says("x" * 501, hears="Please keep it to 500 characters.")
    await amina.actor.says(MESSAGE, hears="This is what they will see:")
    await amina.actor.chooses("Write it anew", hears="A request to:")
    await amina.actor.says("Our choir is good.", hears=["This is what they will see:", "Our choir is good."])
    await amina.actor.says("back", hears="A request to:")
    await amina.actor.says("cancel", hears="Stopped.")
    assert "plan a project" not in joao.actor.heard


async def test_both_ask_each_other(web: World) -> None:
    amina, joao = await two(web)
    await begin(amina, joao)
    await amina.actor.says(MESSAGE, hears="This is what they will see:")
    await ask(joao, amina, "Shall we dance together?")
    sends = amina.actor.chooses("Send", hears=["You asked each other", "João Diallo"])
    await joao.actor.does(sends, hears=["You asked each other", "Amina Diallo", MESSAGE])
    assert await partners(web, amina) == [joao.person]
    await amina.actor.says("/requests", hears=["You asked · accepted:", "You were asked · accepted:"])


async def test_who_was_asked_and_would_ask_sees_the_request(web: World) -> None:
    amina, joao = await two(web)
    await look_at(joao, amina)
    await ask(amina, joao)
    await joao.actor.chooses("Ask this school", hears=["They have asked you already:", MESSAGE, "Accept"])
    accepts = joao.actor.chooses("Accept", hears="You are partners now.")
    await amina.actor.does(accepts, hears="Your request is accepted")


async def test_a_double_tap_on_accept_makes_one_partnership(web: World) -> None:
    amina, joao = await two(web)
    await ask(amina, joao)
    await joao.actor.taps_twice("Accept", hears=["You are partners now.", "This request is accepted already."])
    assert await partners(web, joao) == [amina.person]


async def test_nobody_answers(web: World) -> None:
    amina, joao = await two(web)
    await ask(amina, joao)
    web.offset += timedelta(days=7) - timedelta(minutes=5)
    await web.app.do(lapse_chore)
    await web.app.idle()
    assert "has lapsed" not in amina.actor.heard
    web.offset += timedelta(minutes=5)
    lapses = web.app.do(lapse_chore)
    await amina.actor.does(lapses, hears=["got no answer within 7 days", _school(joao), "Other suggestions"])
    await joao.actor.hears(["was not answered and has lapsed", "Amina Diallo"])
    await joao.actor.chooses("Accept", hears="has lapsed, because nobody answered it in time.")
    await web.app.do(lapse_chore)
    await web.app.idle()
    assert amina.actor.heard.count("got no answer") == 1
    await joao.actor.chooses("Look at it", hears=["You were asked · lapsed", "Ask"])
    await joao.actor.chooses("Ask", hears="A request to:")
    await joao.actor.chooses("Send these words", hears="This is what they will see:")
    await amina.actor.does(joao.actor.chooses("Send", hears="Sent."), hears="plan a project with you")
    await amina.actor.chooses("Accept", hears="You are partners now.")


async def test_five_open_and_no_more(web: World) -> None:
    amina, joao = await two(web)
    heard = await web.database.write(partial(_fill, one=amina, now=web.now()))
    assert heard == 5
    await look_at(amina, joao)
    await amina.actor.chooses("Ask this school", hears=["You have 5 open requests", "My requests"])
    await amina.actor.chooses("My requests", hears=["5 of yours are open", "5. "])
    assert "plan a project" not in joao.actor.heard


def _fill(session: Session, one: Colleague, now: object) -> int:
    """Ask five others, so that no more can be asked."""
    asked = 0
    for other in range(1, 300):
        if asked < 5 and store.obstacle(session, one.person, other, now) is None:  # type: ignore[arg-type]
            store.send(session, one.person, other, MESSAGE, now)  # type: ignore[arg-type]
            asked += 1
    return asked


async def test_pages_of_five_open_to_act(web: World) -> None:
    amina, joao = await two(web)
    await web.database.write(partial(_fill, one=amina, now=web.now()))
    await web.database.write(partial(_send, one=joao, other=amina, now=web.now()))
    first = await amina.actor.says("/requests", hears=["Your requests", "1. ", "5. ", "More"])
    assert first.index("You were asked") < first.index("You asked")
    await amina.actor.chooses("More", hears=["Your requests", "Previous"])
    assert "2. " not in amina.actor.last.text
    await amina.actor.chooses(amina.actor.last.labels[0], hears=[MESSAGE, "All requests"])
    await amina.actor.chooses("All requests", hears="Previous")


async def test_no_requests_yet(web: World) -> None:
    amina = await verified(web, "Amina")
    await amina.actor.says("/requests", hears=["You have no requests yet.", "Find partners"])


@pytest.mark.parametrize("line", ["show 12", "accept 12", "decline 12", "withdraw 12", "accept 99999999999999999999"])
async def test_requests_of_others_are_none(web: World, line: str) -> None:
    amina, joao = await two(web)
    eve = await verified(web, "Eve")
    number = await web.database.write(partial(_send, one=amina, other=joao, now=web.now()))
    said = line.replace("12", str(number))
    hears = "You have no requests yet." if "9999" in said else "There is no such request."
    await eve.actor.says(f"/requests {said}", hears=hears)
    await amina.actor.says("/requests", hears="waits for an answer")
    if line.startswith(("accept 12", "decline")):
        await amina.actor.says(f"/requests {said}", hears="There is no such request.")
    if line.startswith("withdraw"):
        await joao.actor.says(f"/requests {said}", hears="There is no such request.")
    await amina.actor.says(f"/requests ask {eve.person}", hears="This teacher cannot be reached at the moment.")


async def test_only_the_verified_ask_and_accept(web: World) -> None:
    amina, joao = await two(web)
    await stand(web, amina, "unverified")
    await look_at(amina, joao)
    await amina.actor.chooses("Ask this school", hears="This is for verified teachers.")
    await stand(web, amina, "verified")
    await ask(amina, joao)
    await stand(web, joao, "unverified")
    await joao.actor.chooses("Accept", hears="This is for verified teachers.")
    await stand(web, joao, "verified")
    await stand(web, amina, "suspended")
    await joao.actor.chooses("Accept", hears="This teacher cannot be reached at the moment.")
    assert await partners(web, joao) == []


async def test_suspended_in_the_middle_of_asking(web: World) -> None:
    amina, joao = await two(web)
    await begin(amina, joao)
    await amina.actor.says(MESSAGE, hears="This is what they will see:")
    await stand(web, amina, "suspended")
    await amina.actor.chooses("Send", hears="Your account is suspended.")
    assert "plan a project" not in joao.actor.heard


async def test_who_is_blocked_or_pauses_is_not_asked(web: World) -> None:
    amina, joao = await two(web)
    await begin(amina, joao)
    await web.database.write(partial(blocks.block, blocker=joao.person, other=amina.person, now=web.now()))
    await amina.actor.says(MESSAGE, hears="This teacher cannot be reached at the moment.")
    await web.database.write(partial(blocks.unblock, blocker=joao.person, other=amina.person))
    await begin(amina, joao)
    await web.database.write(partial(teachers.set_looking, person=joao.person, looking=False))
    await amina.actor.says(MESSAGE, hears="This school is not looking for partners at the moment.")


async def test_declined_lately(web: World) -> None:
    amina, joao = await two(web)
    await ask(amina, joao)
    await joao.actor.chooses("Decline", hears="why?")
    await amina.actor.does(joao.actor.chooses("Without a reason", hears="Declined."), hears="this time")
    await look_at(amina, joao)
    await amina.actor.chooses("Ask this school", hears="You asked this school lately. You can ask again from:")
    web.offset += timedelta(days=31)
    await begin(amina, joao)


async def test_a_request_opens_while_a_question_is_open(web: World) -> None:
    """News interrupt nobody: the open question stays, and the buttons of the news work beside it."""
    amina, joao = await two(web)
    await joao.actor.says("/language", hears="Which language")
    await ask(amina, joao)
    await joao.actor.chooses("Accept", hears=["You are partners now.", "Which language"])
