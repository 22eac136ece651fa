"""Letters: written by a flow, sent after the commit, through a mail server that may be away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.talk import FlowError, Talk, Turn, advance, free_text, mail_address
from bot.talk.commands import Command, Commands
from bot.talk.state import State
from bot.text import Name, Reader, Verbatim, _, lines, p_
from handlers import commands
from storage.models import Chat
from tests.talk import NOW, house
from tests.world import World


def post(talk: Talk) -> None:
    """Writes a letter to an address that is asked for."""
    address = mail_address(talk.ask("to", _("To which address?"), free_text()))
    assert address is not None
    words = talk.ask("words", _("What shall I write?"), free_text())
    body = lines(_("Hello {name}", name=Name("Amina", talk.person)), Verbatim(words, talk.person))
    until = talk.now + timedelta(minutes=15) if words == "short" else None
    link = (talk.web_address("in/abc"), p_("button", "Yes"))
    talk.mail(address, p_("button", "Privacy"), body, language="fr", link=link, until=until)
    talk.say(Verbatim("Posted."))


def table() -> Commands:
    return Commands([*commands(), Command("post", post, "anyone", _("Post"), p_("button", "Post"), _("Post"))])


async def written(world: World, words: str, to: str = "head@escola.example") -> None:
    amina = await world.actor("Amina", "web")
    await amina.says("/post", hears="To which")
    await amina.says(to, hears="What shall")
    await amina.says(words, hears="Posted.")


async def test_a_letter_is_sent_in_its_readers_language(worlds: Callable[..., World]) -> None:
    async with worlds("web", "mail") as world:
        await world.restart(table())
        await written(world, "good morning")
        letter = await world.mailbox.until(1)
        assert (letter["To"], letter["Subject"]) == ("head@escola.example", "Confidentialité")
        body = letter.get_body(("plain",))
        assert body is not None
        assert "good morning" in body.get_content()
        assert f"Oui:\r\n{world.address}/in/abc" in body.get_content()


async def test_a_server_that_is_away_gets_it_later_and_the_log_names_nobody(
    worlds: Callable[..., World], caplog: pytest.LogCaptureFixture
) -> None:
    async with worlds("web", "mail") as world:
        await world.restart(table())
        world.mailbox.refuse["RCPT"].append("550 5.1.1 <nobody@escola.example> unknown")
        await written(world, "to nobody", "nobody@escola.example")
        await world.app.idle()
        world.lost = 1
        # A process that ends before the letter is gone leaves it to the next one.
        await world.stop()
        await world.start(table())
        await written(world, "hello")
        await world.mailbox.until(1)
        assert world.mailbox.recipients == ["head@escola.example"]
    ours = [r.getMessage() for r in caplog.records if r.name.startswith(("twinbot", "aiosmtplib"))]
    assert "escola.example" not in str(ours)


async def test_what_is_worthless_by_now_is_not_sent(worlds: Callable[..., World]) -> None:
    async with worlds("web") as world:
        # Mail is on and its server is not reached for a while: the row waits.
        await world.restart(table())
        world.app.house.extra["mails"] = True
        await written(world, "short")
        await written(world, "long")
        await world.stop()
        world.offset += timedelta(minutes=16)
        world.platforms = ("web", "mail")
        await world.__aenter__()
        letter = await world.mailbox.until(1)
        assert "long" in letter.as_string()
        await world.app.idle()
        assert len(world.mailbox.letters) == 1
        world.lost = 1


async def test_addresses_are_forgotten(worlds: Callable[..., World]) -> None:
    def addresses(session: Session) -> int:
        return session.scalar(select(func.count()).where(Chat.platform == "mail")) or 0

    async with worlds("web", "mail") as world:
        await world.restart(table())
        await written(world, "good morning")
        await world.mailbox.until(1)
        await world.app.idle()
        await world.app.tidy()
        assert await world.database.read(addresses) == 1
        world.offset += timedelta(days=8)
        await world.app.tidy()
        assert await world.database.read(addresses) == 0


def test_where_none_can_be_sent_a_flow_must_not_try() -> None:
    def flow(talk: Talk) -> None:
        assert not talk.mails
        talk.mail("a@b.example", Verbatim("s"), Verbatim("b"))

    with Session(house()) as session, pytest.raises(FlowError, match="none can be sent"):
        advance(flow, Turn(session, 1, Reader(), NOW), State("flow"), None)
