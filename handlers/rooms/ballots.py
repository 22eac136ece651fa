"""Polls in rooms: a teacher asks, everybody in the room chooses one answer at any door, and all see the counts."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.talk import Excuse, Listening, Option
from bot.talk.messages import Poll
from bot.talk.pressing import payload
from bot.text import Count, Joined, Node, Strong, Verbatim, When, _, entry, lines, n_, p_
from bot.text.cleaning import clean
from handlers import speaking
from handlers.rooms import screening
from handlers.rooms.here import Here, here_at
from handlers.rooms.rules import PERIOD, refusal, shut
from handlers.rooms.voices import who
from handlers.speaking import Saying
from storage import relay, rooms
from storage.rooms import ballots, notices, wordlists
from storage.rooms.ballots import Asks, Ballot
from storage.rooms.notices import Notice

#: How long a poll takes votes.
OPEN_FOR = timedelta(days=7)
LONGEST_QUESTION, LONGEST_ANSWER, LEAST, MOST = 300, 100, 2, 20
EXAMPLE = _("For example: /poll Where do we meet? | Lisbon | Athens")
_PARTS = re.compile(r"[|\n]")
_ANSWER = "answer"
_SHORT = 24


def understood(line: str) -> Asks:
    """A question and its answers, parted by strokes or by lines. Raises Excuse with what it lacks."""
    parts = [part for each in _PARTS.split(line) if (part := clean(each, one_line=True))]
    question, answers = (parts[0], list(dict.fromkeys(parts[1:]))) if parts else ("", [])
    if len(question) > LONGEST_QUESTION or any(len(answer) > LONGEST_ANSWER for answer in answers):
        most = LONGEST_QUESTION if len(question) > LONGEST_QUESTION else LONGEST_ANSWER
        raise Excuse(n_("Please keep it to {n} character.", "Please keep it to {n} characters.", most))
    if not LEAST <= len(answers) <= MOST:
        raise Excuse(lines(_("A poll has a question and {least} to {most} answers.", **_BOUNDS), EXAMPLE))
    return Asks(question, tuple(answers))


_BOUNDS: dict[str, Node] = {"least": Count(LEAST), "most": Count(MOST)}


def ask(here: Here, asks: Asks) -> Node | None:
    """Put a poll to all in a room; why that cannot be, if so. It counts as something that is said there."""
    heard, session = here.heard, here.heard.session
    text = "\n".join((asks.question, *asks.answers))
    lately = relay.said_since(session, here.seat.person, heard.now - PERIOD)
    why = refusal(here.room, here.seat, text, 0, lately, heard.now)
    why = why or screening.refused(here.seat, text, wordlists.lists(session, here.room.project))
    if why is None:
        _open(here, asks)
        here.stir()
    return why


def _open(here: Here, asks: Asks) -> None:
    heard, session, owner = here.heard, here.heard.session, here.seat.person
    closes = heard.now + OPEN_FOR
    none = Ballot(0, owner, asks, (0,) * len(asks.answers), closes, asks.ref is not None)
    speaking.speak(
        session,
        heard.relay,
        here.room.id,
        card(session, here.room.id, none),
        reads=speaking.reads(session, here.room, heard.reader.timezone),
        now=heard.now,
        kind=notices.BALLOT,
        person=owner,
        made=lambda message: ballots.opened(session, message, owner, asks, closes),
    )


def card(session: Session, room: int, ballot: Ballot) -> Saying:
    """A poll with its counts, and a button for each answer."""
    owner, asks = ballot.owner or None, ballot.asks
    counted = zip(asks.answers, ballot.votes, strict=True)
    shown = [entry(Verbatim(answer, owner), Strong(Count(number))) for answer, number in counted]
    heading = Joined((Verbatim("📊"), Strong(Verbatim(asks.question, owner))), " ")
    asked = who(rooms.voice_of(session, room, ballot.owner))
    if ballot.closes_at is None:
        return Saying(lines(heading, asked, *shown, p_("poll", "This vote is over.")))
    until = _("The vote ends: {when}", when=When(ballot.closes_at))
    how = _("Everybody has one vote; another answer takes its place.")
    # Telegram does not tell the bot who votes in a poll that somebody else has posted.
    only = _("Only votes under this list count.") if ballot.posted and not asks.ids else None
    options = [Option(f"{_ANSWER} {place}", _label(answer, owner)) for place, answer in enumerate(asks.answers)]
    # Translators: a button under a poll in a room: it takes no more votes from now on.
    return Saying(lines(heading, asked, *shown, until, how, only), [*options, Option("end", p_("button", "End poll"))])


def _label(answer: str, owner: int | None) -> Node:
    return Verbatim(answer if len(answer) <= _SHORT else f"{answer[:_SHORT].rstrip()}…", owner)


def for_all(option: str) -> bool:
    """Whether a button of a poll is for pupils too."""
    return option.startswith(f"{_ANSWER} ")


def drawn(session: Session, notice: Notice) -> Saying | None:
    """How a poll looks now."""
    ballot = ballots.get(session, notice.id)
    return None if ballot is None else card(session, notice.room, ballot)


def press(here: Here, notice: Notice, option: str) -> Node | None:
    """Somebody votes, or ends a poll; why that cannot be, if so."""
    heard, session = here.heard, here.heard.session
    why = shut(here.room, here.seat, heard.now)
    if why is not None:
        return why
    if for_all(option):
        voted = ballots.vote(session, notice.id, here.seat, int(option.removeprefix(_ANSWER)), heard.now)
        if voted and notice.drawn_at <= heard.now - speaking.EVERY:
            _redraw(here, notice)
    elif option == "end" and here.seat.pupil is None:
        if here.seat.person != notice.person and not here.seat.founder:
            return _("Only whoever made it can change it, and whoever leads its project.")
        if ballots.close(session, notice.id):
            _redraw(here, notice)
    return None


def _redraw(here: Here, notice: Notice) -> None:
    said = drawn(here.heard.session, notice)
    if said is not None:
        speaking.redraw(here.heard.session, here.heard.relay, notice, said, here.heard.now)


def pressed(here: Here) -> Node | None:
    """A pupil presses a button at their page: polls are all of the bot's that is for them."""
    carried = here.heard.heard.press or ""
    notice = notices.by_token(here.heard.session, carried.partition(".")[0])
    if notice is None or notice.room != here.room.id or notice.kind != notices.BALLOT:
        return None
    option = next((option for option, _label in notice.options if payload(notice.token, option) == carried), "")
    return press(here, notice, option)


def posted(heard: Listening) -> bool:
    """A poll that somebody has posted with the means of a platform is put to all in the room; a pupil's is let be."""
    what, here = heard.heard, None if heard.heard.poll is None else here_at(heard)
    if what.poll is None or here is None:
        return False
    if here.seat.pupil is None and not _known(here):
        why = _put(here, what.poll)
        if why is not None:
            heard.tell(heard.person, lines(Strong(Verbatim(here.room.title)), why))
    return True


def chosen(heard: Listening) -> bool:
    """A vote with the means of a platform, in a poll that was posted there, counts as one under the list."""
    what, here = heard.heard, None if heard.heard.choice is None else here_at(heard)
    if what.choice is None or here is None:
        return what.choice is not None
    spoken = here.pointed(what.about)
    ballot = None if spoken is None else ballots.get(heard.session, spoken.id)
    notice = None if ballot is None else notices.find(heard.session, ballot.id)
    if ballot is not None and notice is not None and what.choice in ballot.asks.ids:
        why = press(here, notice, f"{_ANSWER} {ballot.asks.ids.index(what.choice)}")
        if why is not None:
            heard.tell(heard.person, lines(Strong(Verbatim(here.room.title)), why))
    return True


def _known(here: Here) -> bool:
    ref = here.heard.heard.id
    return ref is not None and relay.said_in(here.heard.session, here.heard.chat, ref) is not None


def _put(here: Here, poll: Poll) -> Node | None:
    try:
        asks = understood("\n".join((poll.question, *poll.answers)))
    except Excuse as excuse:
        return excuse.reason
    # Where two answers are the same, or one is two, nobody can say which of the platform's is which of the list's.
    ids = poll.ids if len(asks.answers) == len(poll.answers) else ()
    return ask(here, Asks(asks.question, asks.answers, here.heard.chat, here.heard.heard.id, ids))


def end_due(session: Session, now: datetime, bring: speaking.Bring, limit: int) -> int:
    """End polls whose time is up; how many that were."""
    found = ballots.overdue(session, now, limit)
    for message in found:
        ballots.close(session, message)
        notice = notices.find(session, message)
        said = None if notice is None else drawn(session, notice)
        if notice is not None and said is not None:
            speaking.redraw(session, bring, notice, said, now)
    return len(found)
