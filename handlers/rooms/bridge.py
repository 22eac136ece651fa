"""The bridge: what is said at one door of a room is kept once and brought to its other doors, in one order.

The page of the web reads the room itself, so only files travel there. What becomes of a message later (an edit, a
removal, a sign) finds its copies by the relay, as on private lines.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from bot.talk import Attachment, Heard, Listener, Listening, Mark, PassOn, Rewrite, Stir, TakeBack
from bot.text import Joined, Name, Node, Strong, Verbatim, _, lines
from bot.text.cleaning import clean
from handlers.lines.words import quote
from handlers.partners.cards import flag
from handlers.rights.ending import FORMER
from handlers.rooms.rules import LONGEST_SIGN, PERIOD, refusal, shut
from handlers.rooms.words import room_name
from storage import relay, rooms
from storage.relay import Spoken
from storage.rooms import Door, Room, Seat, Voice

_KEYCAP = "\u20e3"
#: How the page of a room calls a message: this and its number.
PAGE = "m"


def room_listener() -> Listener:
    """The one who listens at the doors of rooms."""
    return Listener(earlier, _never, words, _never, attends=attends)


def _never(_heard: Listening) -> bool:
    return False


def attends(session: Session, platform: str, chat: str) -> bool:
    """Whether a group is a door of a room."""
    return rooms.door_of(session, platform, chat) is not None


@dataclass(frozen=True)
class Here:
    """A door at which something is heard, its room, and the seat of whoever does it."""

    heard: Listening
    door: Door
    room: Room
    seat: Seat

    def meant(self, ref: str | None) -> Spoken | None:
        """The message of this room that is called so at this door: by the page, or by the platform."""
        if ref is None:
            return None
        session = self.heard.session
        number = ref.removeprefix(PAGE)
        if self.door.platform == "web":
            known = number.isascii() and number.isdecimal() and len(number) < 19
            spoken = relay.find(session, int(number)) if known else None
        else:
            spoken = relay.shown_in(session, self.heard.chat, ref)
        return spoken if spoken is not None and rooms.room_of(session, spoken.id) == self.room.id else None

    def stir(self) -> None:
        """Let open pages look for what is new."""
        web = rooms.web_chat(self.heard.session, self.room.id)
        if web.chat is not None:
            self.heard.relay(Stir(web.chat))


def _here(heard: Listening) -> Here | None:
    """Where this is heard; None where it is no door, or by nobody who is in the room: they are not listened to."""
    if heard.heard.kind != "group":
        return None
    door = rooms.door_of(heard.session, heard.platform, heard.heard.chat)
    room = None if door is None else rooms.find(heard.session, door.room)
    seat = None if door is None else rooms.seat_of(heard.session, door.room, heard.person)
    return None if door is None or room is None or seat is None else Here(heard, door, room, seat)


def earlier(heard: Listening) -> bool:
    """An edit, a removal or a reaction at a door; and a reply to what the bot has brought there, which is meant for
    the room and not for the bot."""
    what = heard.heard
    here = _here(heard)
    if here is None:
        return False
    if what.edits is not None:
        _edited(here, here.meant(what.edits), what.text or "")
    elif what.removes is not None:
        _removed(here, here.meant(what.removes))
    elif what.reaction is not None:
        return _reacted(here, here.meant(what.about), what.reaction)
    else:
        return _replied(here, what)
    return True


def _replied(here: Here, what: Heard) -> bool:
    command = (what.text or "").startswith("/")
    return not command and what.press is None and here.meant(what.about) is not None and words(here.heard)


def words(heard: Listening) -> bool:
    """Words or files at a door."""
    here = _here(heard)
    if here is None:
        return False
    what, now = heard.heard, heard.now
    lately = relay.said_since(heard.session, heard.person, now - PERIOD)
    refused = refusal(here.room, here.seat, what.text or "", len(what.files), lately, now)
    if refused is not None:
        heard.tell(heard.person, lines(Strong(room_name(here.room)), refused))
        return True
    answered = here.meant(what.about)
    said = rooms.say(
        heard.session,
        here.room.id,
        author=heard.person,
        chat=heard.chat,
        door=here.door.id,
        ref=what.id,
        words=what.text or "",
        files=[{**file.to_json(), "platform": heard.platform} for file in what.files],
        answers=None if answered is None else answered.id,
        now=now,
    )
    if said is not None:
        bring(here, said, answered)
        here.stir()
    return True


def bring(here: Here, message: int, answered: Spoken | None) -> None:
    """Bring a message to the other doors; its files to the web as well, where they are cleaned like everywhere."""
    session = here.heard.session
    spoken, voice = relay.find(session, message), rooms.voice_of(session, here.room.id, here.seat.person)
    assert spoken is not None
    files = [(Attachment.from_json(file), str(file["platform"])) for file in spoken.files]
    first = PassOn(
        message,
        copy(voice, here.seat.person, spoken.words),
        answers=spoken.answers,
        quote=None if answered is None else quote(answered),
    )
    alone = PassOn(message, copy(voice, here.seat.person, ""))
    for door in rooms.doors(session, here.room.id):
        web = door.platform == "web"
        if door.id == here.door.id and not web:
            continue
        texts = [] if web else [first]
        carried = [
            replace(alone if place or web else first, file=file, source=source)
            for place, (file, source) in enumerate(files)
        ]
        for what in carried or texts:
            here.heard.relay(replace(what, chat=door.chat))


def copy(voice: Voice, person: int, said: str) -> Node:
    """A message as other doors show it: who speaks stands first and stands out."""
    return lines(Strong(who(voice, person)), Verbatim(said, person) if said.strip() else None)


def who(voice: Voice, person: int) -> Node:
    """Who is heard: first name, school, flag."""
    if not voice.name:
        return FORMER
    parts: list[Node] = [Name(voice.name, person), Name(voice.school), Verbatim(flag(voice.country))]
    return Joined(tuple(parts), " · ")


def _edited(here: Here, spoken: Spoken | None, text: str) -> None:
    """Somebody changes what they said; nobody changes the words of others."""
    if spoken is None or spoken.author != here.seat.person or spoken.removed_at is not None or spoken.words == text:
        return
    heard, session = here.heard, here.heard.session
    refused = refusal(here.room, replace(here.seat, spoke_at=None), text, len(spoken.files), 0, heard.now)
    if refused is not None:
        heard.tell(heard.person, lines(Strong(room_name(here.room)), _("Your change was not passed on."), refused))
        return
    rooms.rewrite(session, spoken.id, text, heard.now)
    heard.relay(Rewrite(spoken.id, copy(rooms.voice_of(session, here.room.id, heard.person), heard.person, text)))
    here.stir()


def _removed(here: Here, spoken: Spoken | None) -> None:
    """Somebody takes back what they said. That is possible as long as they are in the room, also when it is closed."""
    if spoken is None or spoken.author != here.seat.person or spoken.removed_at is not None:
        return
    rooms.take_back(here.heard.session, spoken.id, here.heard.now)
    here.heard.relay(TakeBack(spoken.id))
    here.stir()


def _reacted(here: Here, spoken: Spoken | None, emoji: str) -> bool:
    """A sign is put on a message, or taken off. A number chooses a button of the bot, and is no sign."""
    sign = clean(emoji, one_line=True, limit=LONGEST_SIGN)
    if spoken is None or not sign or _KEYCAP in emoji:
        return False
    heard, session = here.heard, here.heard.session
    if spoken.removed_at is not None or shut(here.room, here.seat, heard.now) is not None:
        return True
    if rooms.react(session, spoken.id, heard.person, sign, heard.now):
        voice = rooms.voice_of(session, here.room.id, heard.person)
        said = Joined((Name(voice.name, heard.person), Verbatim(sign, heard.person)), ": ")
        for chat in _elsewhere(here, spoken):
            heard.relay(Mark(spoken.id, chat, Verbatim(sign, heard.person), sign, otherwise=said))
    here.stir()
    return True


def _elsewhere(here: Here, spoken: Spoken) -> list[int]:
    """The chats of other doors in which a message stands; the web shows signs by itself."""
    stands = {chat for chat, _row in relay.copies(here.heard.session, spoken.id)} | {spoken.chat}
    others = [door.chat for door in rooms.doors(here.heard.session, here.room.id) if door.platform != "web"]
    return [chat for chat in others if chat is not None and chat in stands and chat != here.heard.chat]
