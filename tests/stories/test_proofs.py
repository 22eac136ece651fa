"""The ways without an officer, where they go wrong: codes guessed or late, links looked at or used twice, words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from bot.text import Reader, p_, plain
from storage import staff
from tests.cast import Actor
from tests.stories.support import comes_round, dismiss, helper, newest, status, waiting, writes_to_support
from tests.stories.telling import register
from tests.stories.test_verification import TUESDAY, browser, link_in
from tests.world import World

ADDRESS = "amina@viriato.example"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
async def world(worlds: Callable[..., World]) -> AsyncIterator[World]:
    async with worlds("web", "mail") as made:
        made.stands = TUESDAY
        yield made


async def newcomer(world: World, name: str = "Amina Diallo") -> Actor:
    actor = await world.actor(name.split(maxsplit=1)[0], "web")
    await register(actor, name=name)
    return actor


async def asks_for_code(actor: Actor, address: str = ADDRESS, hears: str = "A code is on its way") -> None:
    await actor.says("/verification", hears="You are not verified yet.")
    if actor.offers("Another way") and "Code by e-mail" not in str(actor.last):
        await actor.chooses("Another way", hears="Code by e-mail")
    await actor.chooses("Code by e-mail", hears="What is your e-mail address at the school?")
    await actor.says(address, hears=hears)


async def code_of(world: World, number: int) -> str:
    letter = await world.mailbox.until(number)
    return str(letter["Subject"]).rpartition(" ")[2].strip("\u2068\u2069")


async def test_only_a_teachers_address_of_the_school_will_do(world: World) -> None:
    amina = await newcomer(world)
    await asks_for_code(amina, "amina", "That is no e-mail address. Please write it like this: name@viriato.example")
    await amina.says("amina@gmail.com", hears="Anybody can get an address there.")
    await amina.says("amina@other-school.example", hears="That address is not of your school.")
    await amina.says("amina@alunos.viriato.example", hears="That looks like a pupil’s address.")
    assert world.mailbox.letters == []
    await amina.says("Amina@ESCOLA.example", hears="A code is on its way to your address at escola.example.")
    await world.mailbox.until(1)
    assert world.mailbox.recipients == ["Amina@escola.example"]


async def test_a_code_is_guessed_five_times_at_most(world: World) -> None:
    amina = await newcomer(world)
    await asks_for_code(amina)
    code = await code_of(world, 1)
    await amina.says("hello", hears="The code looks like this")
    for _guess in range(4):
        await amina.says("ZZZ-ZZZ", hears="That code is not right. Look at the newest mail.")
    await amina.says("ZZZ-ZZZ", hears="it was the last guess")
    await amina.chooses("Write to support", hears="What shows")
    await amina.says("/cancel", hears="Stopped")
    assert "Enter the code" not in await amina.says("/verification", hears="You are not verified yet.")
    # The right code is of no use any more, and the next one works.
    await asks_for_code(amina)
    await amina.says(code, hears="That code is not right.")
    await amina.says(await code_of(world, 2), hears="You are verified.")


async def test_a_code_is_good_for_a_quarter_of_an_hour(world: World) -> None:
    amina = await newcomer(world)
    await asks_for_code(amina)
    code = await code_of(world, 1)
    world.offset += 16 * MINUTE
    assert "Enter the code" not in await amina.says(code, hears="You are not verified yet.")
    assert await status(world) == "unverified"


async def test_mails_are_limited(world: World) -> None:
    amina = await newcomer(world)
    for _mail in range(3):
        await asks_for_code(amina)
        await amina.chooses("Another way", hears="Enter the code")
    await asks_for_code(amina, hears="There were too many mails within an hour.")
    assert len(world.mailbox.letters) == 3
    # The address is spared as well, whoever asks.
    bea = await newcomer(world, "Bea Kot")
    await asks_for_code(bea, hears="There were too many mails within an hour.")
    world.offset += 61 * MINUTE
    await asks_for_code(amina)


async def test_an_address_proves_one_teacher_alone(world: World) -> None:
    amina = await newcomer(world)
    await asks_for_code(amina)
    await amina.says(await code_of(world, 1), hears="You are verified.")
    bea = await newcomer(world, "Bea Kot")
    await asks_for_code(bea, ADDRESS.upper(), hears="With this address another profile was verified.")
    # Also after the rest of that day is forgotten.
    world.offset += 3 * DAY
    await comes_round(world, "codes")
    await asks_for_code(bea, hears="With this address another profile was verified.")


async def test_a_code_for_one_school_is_none_for_another(world: World) -> None:
    amina = await newcomer(world)
    await asks_for_code(amina)
    code = await code_of(world, 1)
    await amina.says("/profile", hears="Your profile")
    await amina.chooses("Change: School", hears="Which school?")
    await amina.says("Ponta Delgada", hears="Which of these")
    await amina.chooses("Escola Básica Vitorino Nemésio", hears="Saved.")
    await amina.says("/cancel", hears="Stopped")
    await amina.says(code)
    await world.app.idle()
    assert await status(world) == "unverified"


async def test_a_proof_closes_the_case_that_waits(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    amina = await waiting(world, "Amina", "web")
    await ines.says("/verify", hears="Amina Diallo")
    await asks_for_code(amina)
    await amina.says(await code_of(world, 1), hears="You are verified.")
    await ines.chooses("Decline", hears=["Somebody was quicker", "Settled without support: Amina Diallo"])
    await ines.chooses("Verified lately", hears=["Amina Diallo", "a code sent to a school address"])


async def asks_head(world: World, actor: Actor, number: int = 1) -> str:
    await actor.says("/verification", hears="You are not verified yet.")
    await actor.chooses("Head teacher", hears="Shall I write?")
    await actor.chooses("Yes", hears="I have written to your school")
    return link_in(await world.mailbox.until(number))


async def test_a_link_acts_once_and_only_when_pressed(world: World) -> None:
    amina = await newcomer(world)
    link = await asks_head(world, amina)
    head, robot = await world.actor("Rosa", "web"), await world.actor("Robot", "web")
    for _look in range(3):
        assert (await browser(robot).opens(link))[0] == 200
    assert await status(world) == "unverified"
    await amina.does(browser(head).presses_on(link, "yes"), hears="You are verified.")
    # Used up: neither a second press nor another answer changes anything.
    code, page = await browser(head).presses_on(link, "no")
    # The page speaks as the school's country does.
    confirmed = plain(p_("web", "You have confirmed that this person teaches at your school."), Reader("pt"))
    assert confirmed in page
    code, page = await browser(head).opens(link)
    assert (code, confirmed in page) == (410, True)
    assert await status(world) == "verified"


async def test_a_head_who_says_no_leaves_it_to_support(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    amina = await newcomer(world)
    link = await asks_head(world, amina)
    head = browser(await world.actor("Rosa", "web"))
    answered = amina.does(head.presses_on(link, "no"), hears=["Your school has answered.", "with support now"])
    await ines.does(answered, hears="A teacher waits to be verified.")
    assert "not our teacher" not in amina.heard
    await ines.chooses("Look at it", hears=["Amina Diallo", "Head teacher: NO"])
    assert (await status(world)) == "unverified"


async def test_a_head_who_does_not_answer_leaves_it_to_support(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    amina = await newcomer(world)
    link = await asks_head(world, amina)
    world.offset += 7 * DAY - MINUTE
    await comes_round(world, "unanswered")
    assert (await browser(await world.actor("Rosa", "web")).opens(link))[0] == 200
    world.offset += 2 * MINUTE
    late = amina.does(comes_round(world, "unanswered"), hears=["has not answered", "with support now"])
    await ines.does(late, hears="A teacher waits")
    code, page = await browser(await world.actor("Rosa", "web")).presses_on(link, "yes")
    assert (code, "too old" in page) == (410, True)
    assert await status(world) == "unverified"
    await ines.chooses("Look at it", hears="never answered")


async def test_a_link_is_needless_once_the_teacher_is_verified_or_gone(world: World) -> None:
    amina = await newcomer(world)
    link = await asks_head(world, amina)
    await asks_for_code(amina)
    await amina.says(await code_of(world, 2), hears="You are verified.")
    code, page = await browser(await world.actor("Rosa", "web")).opens(link)
    assert (code, "this is settled" in page) == (410, True)


async def test_a_school_is_not_written_to_without_end(world: World) -> None:
    for number, name in enumerate(["Amina Diallo", "Bea Kot", "Carl Ott", "Dora Maar", "Eva Lund"]):
        await asks_head(world, await newcomer(world, name), number + 1)
    finn = await newcomer(world, "Finn Berg")
    assert "Head teacher" not in await finn.says("/verification", hears="Code by e-mail")
    world.offset += DAY
    await asks_head(world, finn, 6)


async def test_an_ambassador_who_cannot_say_leaves_it_to_others_and_then_to_support(world: World) -> None:
    near = await helper(world, "João", "web", staff.AMBASSADOR, region="Viseu")
    ines = await helper(world, "Inês", "web")
    amina = await newcomer(world)
    await asks_ambassador(amina, near)
    await near.chooses("Look at it", hears="Do you know that this person teaches there?")
    answered = amina.does(near.chooses("I cannot say", hears="Nobody waits for your word now."), hears="with support")
    await ines.does(answered, hears="A teacher waits")
    await ines.chooses("Look at it", hears="Ambassadors: 1 cannot say")
    assert "Ambassador –" not in await amina.says("/verification", hears="With support since")


async def asks_ambassador(teacher: Actor, ambassador: Actor) -> None:
    await teacher.says("/verification", hears="Ambassador")
    await teacher.chooses("Ambassador", hears="Shall I ask?")
    await ambassador.does(teacher.chooses("Yes", hears="I have asked."), hears="asks for your word")


async def test_an_answer_counts_for_the_teacher_on_the_screen_alone(world: World) -> None:
    joao = await helper(world, "João", "web", staff.AMBASSADOR, region="Viseu")
    amina, bea = await newcomer(world), await newcomer(world, "Bea Kot")
    await asks_ambassador(amina, joao)
    await asks_ambassador(bea, joao)
    await joao.says("/vouch", hears=["2 teachers ask for your word.", "Amina Diallo"])
    await asks_for_code(amina)
    await amina.says(await code_of(world, 1), hears="You are verified.")
    await joao.chooses("Yes, I know it", hears=["no longer waits for your word", "Bea Kot"])
    assert await status(world, "Bea Kot") == "unverified"


async def test_who_is_no_ambassador_any_more_vouches_for_nobody(world: World) -> None:
    joao = await helper(world, "João", "web", staff.AMBASSADOR, region="Viseu")
    person = await newest(world)
    amina = await newcomer(world)
    await asks_ambassador(amina, joao)
    await joao.chooses("Look at it", hears="Do you know")
    await dismiss(world, person)
    await joao.chooses("Yes, I know it", hears="This is for those who help teachers")
    assert await status(world) == "unverified"


async def test_an_ambassador_answers_only_what_they_were_asked(world: World) -> None:
    joao = await helper(world, "João", "web", staff.AMBASSADOR, region="Viseu")
    rui = await helper(world, "Rui", "web", staff.AMBASSADOR, "PL")
    amina = await newcomer(world)
    await asks_ambassador(amina, joao)
    await world.app.idle()
    assert "asks for your word" not in rui.heard
    for number in (1, 2, 999999999999, "x"):
        assert "Amina" not in await rui.says(f"/vouch {number}", hears="Nobody waits for your word now.")


async def test_ambassadors_who_do_not_answer_are_not_waited_for(world: World) -> None:
    joao = await helper(world, "João", "web", staff.AMBASSADOR, region="Viseu")
    amina = await newcomer(world)
    await asks_ambassador(amina, joao)
    # Asked on a Tuesday: three working days later it is Friday.
    world.offset += 3 * DAY + MINUTE
    await amina.does(comes_round(world, "unanswered"), hears="No ambassador could give their word")
    await joao.chooses("Look at it", hears=["no longer waits", "Nobody waits for your word now."])
    await amina.chooses("Where it stands", hears="With central support since")


async def test_without_mail_and_ambassadors_support_remains(worlds: Callable[..., World]) -> None:
    async with worlds("web") as world:
        amina = await newcomer(world)
        heard = await amina.says("/verification", hears="Write to support")
        assert not {"Code by e-mail", "Head teacher", "Ambassador"} & set(amina.last.labels)
        assert "Code by e-mail" not in heard
        await writes_to_support(amina)
