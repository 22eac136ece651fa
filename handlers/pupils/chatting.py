"""A class room in a private chat: what an older pupil writes there is said in the room, by the bridge of all doors.

Beside that they reply, vote, report, and leave. Everything goes by the seat of the pupil; of the account behind it
nothing goes on, neither name nor number.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import Chore, Excuse, Flow, Listener, Listening, News, Talk, Tell
from bot.talk.pressing import payload
from bot.text import Node, _, p_
from handlers.pupils.files import nameless
from handlers.rooms import ballots, bridge, reporting
from handlers.rooms.here import Here
from storage import pupil_chats, relay, rooms
from storage.models.rooms import HELD
from storage.pupil_chats import InChat
from storage.rooms import Room, Seat, holding, notices
from storage.rooms.notices import Notice

_KEYCAP = "\ufe0f\u20e3"
_AT_ONCE = 50
_OVER = _("Your card opens the class room no more, and I forget you now. Perhaps your teacher has a new one for you.")


def pupil_listener() -> Listener:
    """The one who listens where a private chat is a class room. It is asked before all others."""
    return Listener(earlier, words, words, words, back=back)


def here_of(heard: Listening) -> Here | None:
    """The class room of a pupil's chat with their seat; None where it is none, or none any more."""
    if heard.heard.kind != "private" or "pupil" not in heard.roles:
        return None
    place = _place(heard.session, heard.chat, heard.now)
    if place is None:
        return None
    room, seat = place
    known = replace(heard.heard, files=tuple(map(nameless, heard.heard.files)), thread=None)
    # The lists are the same ones, so what is to be done is done for the turn.
    return Here(replace(heard, heard=known), pupil_chats.door_of(room.id, heard.chat), room, seat)


def _place(session: Session, chat: int, now: datetime) -> tuple[Room, Seat] | None:
    mine = pupil_chats.of_chat(session, chat)
    if mine is None or mine.room is None or mine.pupil is None:
        return None
    room, seat = rooms.find(session, mine.room), rooms.pupil_seat(session, mine.room, mine.pupil, now)
    return None if room is None or seat is None else (room, seat)


def earlier(heard: Listening) -> bool:
    """A change of their own words, a reply to what was said, or a vote."""
    here, what = here_of(heard), heard.heard
    if here is None:
        return False
    notice = _voted(here)
    if notice is not None:
        token, option = notice
        pressed = replace(here.heard, heard=replace(here.heard.heard, press=payload(token.token, option), text=None))
        _answer(here, ballots.pressed(replace(here, heard=pressed)))
        return True
    if what.edits is not None or what.removes is not None:
        _answer(here, bridge.change(here))
        return True
    if what.signs is not None or what.reaction is not None:
        # Signs are put at the page of the room.
        return True
    command = what.press is not None or (what.text or "").startswith("/")
    return not command and here.meant(what.about) is not None and words(heard)


def words(heard: Listening) -> bool:
    """Words or files: they are said in the class room."""
    here, what = here_of(heard), heard.heard
    if here is None or what.unread == "other" or what.reaction is not None:
        return _over(heard)
    refused = bridge.say(here)
    _answer(here, refused)
    said = None if refused is not None or what.id is None else relay.said_in(heard.session, heard.chat, what.id)
    if said is not None and holding.state_of(heard.session, said.id) == HELD:
        heard.say(p_("web", "Waits until your teacher has read it"))
    return True


def _over(heard: Listening) -> bool:
    """Words of a pupil whose card is over go nowhere, and to no other listener."""
    here = here_of(heard) is not None
    if here or heard.heard.kind != "private" or "pupil" not in heard.roles:
        return False
    heard.say(_OVER)
    return True


def _answer(here: Here, refused: Node | None) -> None:
    if refused is not None:
        here.heard.say(refused)


def _voted(here: Here) -> tuple[Notice, str] | None:
    """What was chosen under a poll: by its button, or by its number in a reply or a reaction."""
    what, session = here.heard.heard, here.heard.session
    if what.press is not None:
        notice = notices.by_token(session, what.press.partition(".")[0])
        known = [] if notice is None or notice.room != here.room.id else notice.options
        for option, _label in known:
            if notice is not None and hmac.compare_digest(payload(notice.token, option).encode(), what.press.encode()):
                return notice, option
        return None
    number = (what.reaction or what.text or "").strip().replace(_KEYCAP, "").replace("\u20e3", "").rstrip(".)")
    if what.about is None or not (number.isascii() and number.isdecimal() and len(number) < 3):
        return None
    spoken = here.meant(what.about)
    notice = None if spoken is None else notices.find(session, spoken.id)
    if notice is None or not 1 <= int(number) <= len(notice.options):
        return None
    return notice, notice.options[int(number) - 1][0]


def back(heard: Listening) -> None:
    """Nothing could be brought here until now: it gets what was said meanwhile, in order."""
    here = here_of(heard)
    if here is not None:
        bridge.catch_up_at(here.heard, here.door)


def in_class(pupils: Flow, others: Flow) -> Flow:
    """A command that is another one for pupils than for teachers."""

    def either(talk: Talk) -> None:
        (pupils if "pupil" in talk.turn.roles else others)(talk)

    return either


def leave_class(talk: Talk) -> None:
    """A pupil goes: the account is forgotten, the card opens the room again."""
    mine = pupil_chats.of_chat(talk.session, talk.turn.chat)
    if mine is not None:
        pupil_chats.forget(talk.session, mine, talk.now)
    talk.say(_("You have left the class room, and I forget you. Your card opens it again."))


def report_class(talk: Talk) -> None:
    """A pupil says that something is wrong; as a reply, about that message. Raises Excuse."""
    place = _place(talk.session, talk.turn.chat, talk.now)
    if place is None:
        raise Excuse(_OVER)
    room, seat = place
    spoken = None if talk.turn.about is None else relay.shown_in(talk.session, talk.turn.chat, talk.turn.about)
    known = spoken is not None and rooms.reads(talk.session, spoken.id, seat)
    done = reporting.report(talk, room, seat, spoken.id if spoken is not None and known else None)
    talk.say(done.body)


def _end(session: Session, now: datetime, tell: Tell) -> bool:
    """Tell those whose cards are over, and forget their accounts."""
    found: list[InChat] = pupil_chats.over(session, now, _AT_ONCE)
    for one in found:
        tell(News(one.person, _OVER))
        pupil_chats.forget(session, one, now)
    return len(found) == _AT_ONCE


pupil_chore = Chore("pupil chats", 60, _end)
