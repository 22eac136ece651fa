"""The bridge: what is said at one door of a room is kept once and brought to its other doors, in one order.

The page of the web reads the room itself, so only files travel there. What becomes of a message later (an edit, a
removal, a sign) finds its copies by the relay, as on private lines. Teachers are heard by a listener, pupils by their
own page; both have a seat, and what is done here goes by the seat alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.talk import Attachment, Heard, Listener, Listening, News, PassOn, Rewrite, TakeBack, Tell, go
from bot.text import Node, Span, Strong, When, _, lines, p_
from bot.text.cleaning import clean
from bot.text.spans import from_json, to_json
from handlers import speaking
from handlers.lines.arriving import FILES
from handlers.lines.sending import Voice as Speaker
from handlers.lines.words import quote
from handlers.rooms import reacting, screening
from handlers.rooms.here import Here, here_at, stir
from handlers.rooms.rules import LONGEST_SIGN, PERIOD, refusal
from handlers.rooms.voices import copy
from handlers.rooms.waiting import waiting_news
from handlers.rooms.words import room_name, titled_room
from storage import projects, pupil_chats, relay, rooms
from storage.models.rooms import HELD, OUT
from storage.relay import Spoken
from storage.rooms import Door, holding, notices, occupants, order, wordlists
from storage.rooms.wordlists import Lists

__all__ = ["Here", "here_at", "room_listener", "stir"]

#: A door that is open again gets what was said within this, and so many messages at most.
CAUGHT_UP, MOST_CAUGHT_UP = timedelta(days=7), 200
#: What came out so much later than it was written says when that was.
LATE = timedelta(minutes=10)


def room_listener() -> Listener:
    """The one who listens at the doors of rooms."""
    return Listener(earlier, _never, words, _never, attends=attends, back=back, lost=lost)


def _never(_heard: Listening) -> bool:
    return False


def attends(session: Session, platform: str, chat: str) -> bool:
    """Whether a group is a door of a room."""
    return bool(rooms.doors_in(session, platform, chat))


def earlier(heard: Listening) -> bool:
    """An edit, a removal or a reaction at a door; and a reply to what the bot has brought there, which is meant for
    the room and not for the bot."""
    here = here_at(heard)
    if here is None:
        return False
    what = heard.heard
    if what.edits is None and what.removes is None and what.reaction is None and what.signs is None:
        return _replied(here, what)
    if what.signs is not None:
        reacting.have_signs(here, here.meant(what.about), what.signs)
        return True
    if what.reaction is not None and not reacting.is_sign(here, what):
        return False
    _tell(here, change(here))
    return True


def change(here: Here) -> Node | None:
    """Let somebody change, take back or put a sign on what was said; why it cannot be, if so."""
    what = here.heard.heard
    if what.edits is not None:
        return _edited(here, here.meant(what.edits), what.text or "", what.marks)
    if what.removes is not None:
        spoken = here.meant(what.removes)
        reacting.unsigned(here, what.removes) if spoken is None else _removed(here, spoken)
    elif what.reaction is not None:
        reacting.reacted(here, here.meant(what.about), clean(what.reaction, one_line=True, limit=LONGEST_SIGN))
    return None


def _tell(here: Here, refused: Node | None) -> None:
    if refused is not None:
        here.heard.tell(here.heard.person, lines(Strong(room_name(here.room)), refused))


def _replied(here: Here, what: Heard) -> bool:
    command = (what.text or "").startswith("/")
    return not command and what.press is None and here.meant(what.about) is not None and words(here.heard)


def words(heard: Listening) -> bool:
    """Words or files at a door; what is neither (a sign on something that was never said here, a game) is let be."""
    here = here_at(heard)
    if here is None:
        return False
    if heard.heard.reaction is None and heard.heard.unread != "other":
        _tell(here, say(here))
    return True


def say(here: Here) -> Node | None:
    """Let somebody say something, and bring it to the other doors; why it cannot be said, if so."""
    heard, what, now = here.heard, here.heard.heard, here.heard.now
    text = what.text or ""
    lists = wordlists.lists(heard.session, here.room.project)
    refused = refusal(here.room, here.seat, text, len(what.files), _lately(here), now)
    refused = refused or screening.refused(here.seat, text, lists)
    if refused is not None:
        return refused
    answered, held = here.meant(what.about), _waits(here, text, len(what.files), lists)
    said = rooms.say(
        heard.session,
        here.room.id,
        author=here.seat.person or None,
        pupil=here.seat.pupil,
        chat=heard.chat,
        door=here.door.id or None,
        ref=what.id,
        words=text,
        marks=to_json(what.marks),
        files=[{**file.to_json(), "platform": heard.platform} for file in what.files],
        answers=None if answered is None else answered.id,
        state=HELD if held else OUT,
        now=now,
    )
    if said is not None:
        _hold(here, said) if held else bring(here, said)
        _calm(here)
        here.stir()
    return None


def _waits(here: Here, text: str, files: int, lists: Lists) -> bool:
    """Whether what somebody says waits for a teacher."""
    pupil, room = here.seat.pupil, here.room.id
    known = pupil is None or not (files or here.seat.first) or holding.heard_before(here.heard.session, room, pupil)
    return screening.waits(here.seat, text, lists, files=files, heard_before=known)


def _hold(here: Here, message: int) -> None:
    """Let a message wait: its files are cleaned for the page, where only those see them who decide; the teacher is
    told. In a group it stands already, so there it is taken away."""
    heard = here.heard
    if here.door.platform not in ("web", pupil_chats.PUPIL):
        heard.relay(TakeBack(message, origin=True))
    _bring_to(heard, rooms.web_chat(heard.session, here.room.id), message)
    _ring(here)


def _ring(here: Here) -> None:
    """Tell the teacher of a pupil what waits."""
    who = None if here.seat.pupil is None else occupants.of_pupil(here.heard.session, here.room.id, here.seat.pupil)
    news = None if who is None or who.owner is None else waiting_news(here.heard.session, here.room.id, who.owner)
    if news is not None:
        here.heard.news.append(news)


def _calm(here: Here) -> None:
    """Where very much is said in a minute, everybody waits a little from now on; founders hear so."""
    session, room, now = here.heard.session, here.room, here.heard.now
    first = rooms.nth_newest(session, room.id, screening.MOST_IN_ROOM) if room.slow_seconds == 0 else None
    if first is None or first < now - screening.MINUTE or not order.slow(session, room.id, screening.SLOWED, None, now):
        return
    words = lines(titled_room(room), _("Very much is said here at once, so everybody waits a little between messages."))
    for founder in projects.founders(session, room.project):
        here.heard.tell(founder, words, go(f"room slow {room.id}", p_("button", "Slow mode")))


def _lately(here: Here) -> int:
    since, session = here.heard.now - PERIOD, here.heard.session
    if here.seat.pupil is not None:
        return rooms.said_lately(session, here.seat.pupil, since)
    return relay.said_since(session, here.seat.person, since)


def bring(here: Here, message: int) -> None:
    """Bring a message to the other doors; its files to the web as well, where they are cleaned like everywhere."""
    for door in _doors(here.heard, here.room.id):
        if door.chat != here.door.chat or door.thread != here.door.thread or door.platform == "web":
            _bring_to(here.heard, door, message)


def _doors(by: Speaker, room: int) -> list[Door]:
    """Where a room is heard: its doors, and the chats of older pupils."""
    return [*rooms.doors(by.session, room), *pupil_chats.doors(by.session, room, by.now)]


def let_out(by: Speaker, room: int, message: int) -> None:
    """Bring a message that was held to all doors; its files are on the web already. What was written much earlier has
    the moment at which it was."""
    spoken = relay.find(by.session, message)
    assert spoken is not None
    for door in _doors(by, room):
        if door.platform != "web" and (door.platform != pupil_chats.PUPIL or door.chat != spoken.chat):
            _bring_to(by, door, message, late=by.now - spoken.said_at > LATE)


def _bring_to(heard: Speaker, door: Door, message: int, *, late: bool = False) -> None:
    """Bring a message to one door: the words with the first file, and each more file on its own. What comes late has
    the moment at which it was said."""
    session, web = heard.session, door.platform == "web"
    own = notices.find(session, message)
    if own is not None:
        speaking.carry(heard.relay, door, own)
        return
    spoken, voice = relay.find(session, message), rooms.voice_in(session, message)
    assert spoken is not None
    answers = spoken.answers if spoken.answers and holding.state_of(session, spoken.answers) == OUT else None
    answered = None if answers is None else relay.find(session, answers)
    marks = from_json(rooms.marks_of(session, message))
    said = copy(voice, spoken.words, When(spoken.said_at) if late else None, marks)
    quoted = None if answered is None else quote(answered)
    first = PassOn(message, said, chat=door.chat, answers=answers, quote=quoted, thread=door.thread)
    alone = PassOn(message, copy(voice, ""), chat=door.chat, thread=door.thread)
    files = [(Attachment.from_json(file), str(file["platform"])) for file in spoken.files]
    carried = [
        replace(alone if place or web else first, file=file, source=source)
        for place, (file, source) in enumerate(files)
    ]
    for what in carried or ([] if web else [first]):
        heard.relay(what)


def back(heard: Listening) -> None:
    """A door through which nothing could be brought is open again: it gets what was said meanwhile, in order."""
    for door in rooms.doors_in(heard.session, heard.platform, heard.heard.chat):
        if door.platform != "web":
            catch_up(heard, door.id)


def catch_up(heard: Listening, number: int, since: datetime | None = None) -> None:
    """Bring to a door what was said while it was down; ``since`` a moment, if that is known."""
    door = rooms.door(heard.session, number)
    if door is not None:
        catch_up_at(heard, door, since)


def catch_up_at(heard: Listening, door: Door, since: datetime | None = None) -> None:
    """The same for a door that is known."""
    if door.chat is None:
        return
    begin = max(since or heard.now - CAUGHT_UP, heard.now - CAUGHT_UP)
    for message in rooms.missing_at(heard.session, door.room, door.chat, begin, MOST_CAUGHT_UP):
        _bring_to(heard, door, message, late=True)


def lost(session: Session, row: int, error: str, now: datetime, tell: Tell) -> None:
    """Tell who sent it that a file did not arrive at a door. What a door does not take waits until it is open again."""
    spoken = relay.copied_by(session, row)
    room = None if spoken is None else rooms.room_of(session, spoken.id)
    its = None if room is None else rooms.find(session, room)
    if spoken is not None and its is not None and spoken.author and error.startswith("file: "):
        why = FILES.get(error.removeprefix("file: "), FILES["gone"])
        tell(News(spoken.author, lines(Strong(room_name(its)), quote(spoken), why)))


def _edited(here: Here, spoken: Spoken | None, text: str, marks: tuple[Span, ...]) -> Node | None:
    """Somebody changes what they said; nobody changes the words of others."""
    spoken = here.own(spoken)
    # A poll is theirs too, but nobody changes it when others have voted.
    if spoken is None or spoken.words == text or notices.find(here.heard.session, spoken.id) is not None:
        return None
    heard, session = here.heard, here.heard.session
    refused = refusal(here.room, replace(here.seat, spoke_at=None), text, len(spoken.files), 0, heard.now)
    refused = refused or _unchangeable(here, spoken, text)
    if refused is not None:
        return lines(_("Your change was not passed on."), refused)
    rooms.rewrite(session, spoken.id, text, heard.now, to_json(marks))
    if holding.state_of(session, spoken.id) != OUT:
        # What was given back and is better now waits again.
        rooms.wait_again(session, spoken.id)
        _ring(here)
        here.stir()
        return None
    heard.relay(Rewrite(spoken.id, copy(here.voice(), text, marks=marks)))
    reacting.keep_sums(here, spoken.id)
    here.stir()
    return None


def _unchangeable(here: Here, spoken: Spoken, text: str) -> Node | None:
    """Why a change cannot come out: its words are stopped; or they would have to wait, and what they change is out."""
    lists = wordlists.lists(here.heard.session, here.room.project)
    refused = screening.refused(here.seat, text, lists)
    out = holding.state_of(here.heard.session, spoken.id) == OUT
    if refused is None and out and _waits(here, text, 0, lists):
        return p_("room", "Please take this message back and write a new one; your teacher reads it first.")
    return refused


def _removed(here: Here, spoken: Spoken | None) -> None:
    """Somebody takes back what they said. That is possible as long as they are in the room, also when it is closed."""
    spoken = here.own(spoken)
    if spoken is None:
        return
    rooms.take_back(here.heard.session, spoken.id, here.heard.now)
    here.heard.relay(TakeBack(spoken.id))
    here.stir()
