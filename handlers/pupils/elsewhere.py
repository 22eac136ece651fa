"""/join: an older pupil comes into the class room by a private chat on Telegram or Matrix, if the teacher allows it.

As on the web there are a code, three pictures and a nickname, the same limits of wrong tries, and the same words. The
pictures are asked for in any case, so that nobody learns which codes there are.
"""

from __future__ import annotations

import random
from datetime import datetime
from typing import Protocol

from bot.talk import Excuse, Option, Talk, go, one_of, some_of
from bot.text import Name, Node, Verbatim, _, lines, p_
from bot.text.emblems import EMBLEMS
from handlers.help import IN_CLASS
from handlers.kinds.line import Line
from handlers.pupils.guessing import alarm
from handlers.pupils.names import made_up, named, sign_of
from storage import cards, pupil_chats, pupils, rooms
from storage.pupils import Place

#: Where a private chat may be a class room.
PLATFORMS = frozenset({"telegram", "matrix"})
_OFFERED, _LONGEST_CODE = 6, 100
_KEEP = "keep"
AGAIN = go("join", p_("button", "Try again"))


class Tries(Protocol):
    """Wrong tries with cards, counted for the whole program."""

    def blocked(self, place: int, now: datetime) -> bool:
        """Whether nothing opens this card at the moment."""

    def wrong(self, place: int, now: datetime) -> bool:
        """Count wrong pictures; whether its teacher has to hear of it now."""

    def often(self, who: tuple[int, int], now: datetime) -> bool:
        """Whether somebody who writes in a chat tries too often."""

    def tried(self, who: tuple[int, int], now: datetime) -> None:
        """Count a wrong try of theirs."""


def join(talk: Talk) -> None:
    """Come in with a card; what stands after the command is its code."""
    if not talk.turn.roles.isdisjoint({"teacher", "officer", "ambassador"}):
        raise Excuse(_("This is a teacher's account. Pupils come in with an account of their own, or by the web page."))
    if talk.turn.platform not in PLATFORMS:
        raise Excuse(_by_web(talk))
    if talk.turn.argument:
        # Begun anew with the code as its start, so that it is still there when the pictures are chosen.
        talk.then("join", code=talk.turn.argument)
        return
    code = talk.start("code") or talk.ask("code", p_("web", "The code on your card"), Line(_LONGEST_CODE))
    options = [Option(str(number), emblem.name) for number, emblem in enumerate(EMBLEMS)]
    question = p_("web", "The three pictures on your card, in any order")
    chosen = talk.ask("pictures", question, some_of(*options, at_least=cards.CHOSEN, at_most=cards.CHOSEN))
    place = _opened(talk, str(code), [int(number) for number in chosen])
    if place is not None:
        _enter(talk, place)


def _opened(talk: Talk, code: str, pictures: list[int]) -> Place | None:
    """The place that a card opens; None if it opens none, and then that was said."""
    tries: Tries = talk.turn.extra["card_tries"]
    who = (talk.turn.chat, talk.person)
    if tries.often(who, talk.now):
        talk.say(p_("web", "There were too many wrong tries from here. Please wait a minute."))
        return None
    meant = cards.read_code(code)
    place = None if meant is None else pupils.by_code(talk.session, meant, talk.now)
    if place is not None and tries.blocked(place.id, talk.now):
        tries.tried(who, talk.now)
        talk.say(_BLOCKED)
        return None
    if place is not None and cards.same(place.pictures, pictures):
        return place
    tries.tried(who, talk.now)
    if place is not None and tries.wrong(place.id, talk.now):
        news = alarm(place)
        talk.tell(news.person, news.body, *news.options)
    talk.say(p_("web", "The code and the pictures do not fit together. Please look at your card and try again."), AGAIN)
    return None


def _enter(talk: Talk, place: Place) -> None:
    """The card is right: a nickname, and in."""
    if not place.elsewhere:
        raise Excuse(_by_web(talk))
    room = rooms.class_room(talk.session, place.project)
    if rooms.pupil_seat(talk.session, room, place.id, talk.now) is None:
        talk.say(_BLOCKED)
        return
    if not pupils.take(talk.session, place.id, _nickname(talk, place), talk.now):
        talk.say(p_("web", "Somebody was quicker with that nickname. Please choose another."), AGAIN)
        return
    pupil_chats.come_in(talk.session, talk.turn.chat, talk.person, place.id, place.project)
    mine = pupils.find(talk.session, place.id, talk.now) or place
    talk.say(lines(Name(f"{sign_of(mine.picture)} {mine.nickname}"), IN_CLASS))


def _nickname(talk: Talk, place: Place) -> tuple[str, str] | None:
    """The nickname that is chosen the first time; None keeps the one on the card, or the teacher's."""
    if place.taken or place.written:
        return None
    taken = pupils.names_in(talk.session, place.project)
    # The same ones as long as nobody takes one of them: the answer is looked for among what is offered anew.
    offered = made_up(place.language, _OFFERED, taken, random.Random(place.id))
    options = [Option(f"{word}-{words.rsplit(maxsplit=1)[-1]}", Name(words)) for words, word in offered]
    question = lines(
        p_("web", "Choose your nickname"),
        p_("web", "By this the others know you in the room. Nobody sees your real name."),
    )
    chosen = talk.ask("nickname", question, one_of(Option(_KEEP, Name(place.nickname)), *options))
    return None if chosen == _KEEP else named(chosen, place.language)


def _by_web(talk: Talk) -> Node:
    """Where the card opens the class room instead."""
    address = str(talk.turn.extra.get("address", ""))
    return lines(_("This card is for the web page:"), Verbatim(f"{address}/join"))


_BLOCKED = p_("web", "There were too many wrong tries with this card. Please ask your teacher.")
