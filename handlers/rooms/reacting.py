"""Signs on messages of a room: put, taken off, and shown at the other doors.

Some platforms take one sign at a time from somebody, others say which ones they have now. Where the bot has but one
sign of its own on a message, the signs of several people stand in a line under its copy.
"""

from __future__ import annotations

from bot.talk import Heard, Mark, Rewrite
from bot.text import Joined, Node, Verbatim, lines
from bot.text.cleaning import clean
from bot.text.spans import from_json
from handlers.rooms import sums
from handlers.rooms.here import Here
from handlers.rooms.rules import LONGEST_SIGN, shut
from handlers.rooms.voices import called, copy
from storage import relay, rooms
from storage.models.rooms import OUT
from storage.relay import Spoken
from storage.rooms import Door, holding, notices

_KEYCAP = "\u20e3"
#: Where the bot has but one sign on a message, so that those of several people are summed up.
SUMS = frozenset({"telegram"})


def unsigned(here: Here, ref: str) -> None:
    """Somebody takes a sign off, which some platforms call like a message."""
    session, person = here.heard.session, here.seat.person
    message = rooms.signed(session, here.room.id, person, ref) if person else None
    spoken = None if message is None else relay.find(session, message)
    if spoken is not None:
        before = summed_at(here, spoken)
        rooms.unreact(session, spoken.id, person, ref)
        show_sums(here, spoken, before)
        here.stir()


def is_sign(here: Here, what: Heard) -> bool:
    """Whether this is a sign on a message of the room. A number chooses a button of the bot, and is none."""
    sign = clean(what.reaction or "", one_line=True, limit=LONGEST_SIGN)
    return bool(sign) and _KEYCAP not in (what.reaction or "") and here.meant(what.about) is not None


def reacted(here: Here, spoken: Spoken | None, sign: str) -> None:
    """A sign is put on a message, or taken off."""
    heard, session = here.heard, here.heard.session
    # Some platforms take any text for a sign; words are to be said, where they are kept as words are.
    wordy = not sign or any(letter.isalnum() for letter in sign)
    if spoken is None or wordy or spoken.removed_at is not None or shut(here.room, here.seat, heard.now) is not None:
        return
    if holding.state_of(session, spoken.id) != OUT:
        return
    by, before = here.seat, summed_at(here, spoken)
    ref = heard.heard.id if here.door.platform == "matrix" else None
    if rooms.react(session, spoken.id, by.person or None, sign, heard.now, pupil=by.pupil, door=here.door.id, ref=ref):
        _mark_elsewhere(here, spoken, sign)
    show_sums(here, spoken, before)
    here.stir()


def have_signs(here: Here, spoken: Spoken | None, signs: tuple[str, ...]) -> None:
    """All the signs that somebody has on a message at this door now; the platform says which."""
    heard, session, person = here.heard, here.heard.session, here.seat.person
    wanted = [sign for each in signs if (sign := clean(each, one_line=True, limit=LONGEST_SIGN))]
    if spoken is None or not person or spoken.removed_at is not None or shut(here.room, here.seat, heard.now):
        return
    known, before = set(rooms.signs_of(session, spoken.id, person)), summed_at(here, spoken)
    if rooms.react_all(session, spoken.id, person, wanted, here.door.id, heard.now):
        for sign in wanted:
            if sign not in known:
                _mark_elsewhere(here, spoken, sign)
        show_sums(here, spoken, before)
        here.stir()


def _mark_elsewhere(here: Here, spoken: Spoken, sign: str) -> None:
    """Put a sign at other doors as well; those that can show only one of the bot's get a sum of all."""
    drawn = Verbatim(sign, here.seat.person or None)
    said = Joined((called(here.voice()), drawn), ": ")
    for door in _elsewhere(here, spoken):
        if door.chat is not None and door.platform not in SUMS:
            here.heard.relay(Mark(spoken.id, door.chat, drawn, sign, otherwise=said))


def summed_at(here: Here, spoken: Spoken) -> dict[int, dict[str, int]]:
    """The signs of others that are to be seen at each door where the bot can show but one of its own."""
    session, found = here.heard.session, rooms.doors(here.heard.session, here.room.id)
    stands = _stands(here, spoken)
    return {d.id: rooms.signs(session, spoken.id, d.id) for d in found if d.platform in SUMS and d.chat in stands}


def show_sums(here: Here, spoken: Spoken, before: dict[int, dict[str, int]]) -> None:
    """Show what changed of the signs at those doors: the most frequent as the bot's own, and where there are more, all
    of them under its copy of the message."""
    session = here.heard.session
    after = summed_at(here, spoken)
    for door in rooms.doors(session, here.room.id):
        if door.chat is None or door.id not in after or after[door.id] == before.get(door.id):
            continue
        was, now = before.get(door.id, {}), after[door.id]
        top, first = (max(each, key=each.__getitem__, default="") for each in (now, was))
        if top != first:
            # A single sign that the platform does not have is said.
            said = Joined((called(here.voice()), Verbatim(top)), ": ") if sum(now.values()) == 1 else None
            here.heard.relay(Mark(spoken.id, door.chat, Verbatim(top), top, otherwise=said))
        if sums.line(was) != sums.line(now) and notices.find(session, spoken.id) is None:
            here.heard.relay(Rewrite(spoken.id, said_at(here, spoken, door), chat=door.chat))


def keep_sums(here: Here, message: int) -> None:
    """A message was changed: what stands under its copies stays there."""
    session, spoken = here.heard.session, relay.find(here.heard.session, message)
    for door in rooms.doors(session, here.room.id):
        summed = door.platform in SUMS and sums.line(rooms.signs(session, message, door.id)) is not None
        if spoken is not None and door.chat is not None and summed:
            here.heard.relay(Rewrite(message, said_at(here, spoken, door), chat=door.chat))


def said_at(here: Here, spoken: Spoken, door: Door) -> Node:
    """A message as it stands at a door, with the signs under it."""
    session = here.heard.session
    marks, voice = from_json(rooms.marks_of(session, spoken.id)), rooms.voice_in(session, spoken.id)
    return lines(copy(voice, spoken.words, marks=marks), sums.line(rooms.signs(session, spoken.id, door.id)))


def _elsewhere(here: Here, spoken: Spoken) -> list[Door]:
    """The other doors at which a message stands; the web shows signs by itself."""
    stands = _stands(here, spoken)
    others = [door for door in rooms.doors(here.heard.session, here.room.id) if door.platform != "web"]
    return [door for door in others if door.chat in stands and door.chat != here.heard.chat]


def _stands(here: Here, spoken: Spoken) -> set[int | None]:
    """The chats in which a message stands."""
    return {chat for chat, _row in relay.copies(here.heard.session, spoken.id)} | {spoken.chat}
