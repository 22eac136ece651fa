"""/when with a vote: it is asked, people say which times suit them, and the last one to vote decides it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.talk import Do, Excuse, Letter, News, Option, Relayed, Talk, TellAll, go, some_of
from bot.text import Count, Node, Strong, Verbatim, When, _, entry, lines, n_, p_
from handlers import daytime, speaking
from handlers.reminders import cards, deciding, polling
from handlers.reminders.appointment import USUAL_LENGTH, others, people_in
from handlers.reminders.circle import Circle, kept_as, title
from handlers.reminders.remind import ask_what
from storage import attendees, polls, rooms
from storage.attendees import Guest
from storage.polls import Asked, Proposed
from storage.rooms import Room, notices

Json = Any

#: The most votes that one person may have open.
MOST = 10
_AGAIN = go("when", p_("button", "Common hours"))


def slots_kept(slots: Sequence[Proposed]) -> Json:
    """Times as a flow keeps them."""
    return [[slot.at.isoformat(), slot.strain] for slot in slots]


def begin(talk: Talk, known: Sequence[Circle], who: Sequence[str], kept: Json) -> None:
    """Ask what it is about, and then everybody."""
    slots = [Proposed(datetime.fromisoformat(at), strain) for at, strain in kept]
    if polls.count(talk.session, talk.person) >= MOST:
        raise Excuse(n_("{n} vote is open already.", "{n} votes are open already.", MOST), _AGAIN)
    words = ask_what(talk, _("What is the appointment about?"))
    guests = attendees.people(talk.session, people_in(talk, known, who))
    rows = [polling.proposed(slot, guests) for slot in slots]
    about = Strong(Verbatim(words, talk.person))
    summary = lines(Strong(_("Shall I let them vote?")), others(talk, guests), about, *rows)
    # Translators: two buttons under a vote that is about to be asked.
    if not talk.confirm("sure", summary, yes=p_("button", "Let them vote"), no=p_("button", "Not now")):
        talk.say(_("Nobody was asked."), _AGAIN)
        return
    _open(talk, words, [slot for slot in slots if slot.at > talk.now], guests, kept_as(talk.person, who))


def _open(talk: Talk, words: str, slots: Sequence[Proposed], guests: Sequence[Guest], circle: str) -> None:
    if not slots:
        raise Excuse(_("These times have passed."), _AGAIN)
    poll = polls.open_(
        talk.session,
        talk.person,
        words,
        slots,
        [guest.person for guest in guests],
        minutes=USUAL_LENGTH,
        now=talk.now,
        closes_at=polling.closing(slots, talk.now),
        circle=circle,
    )
    room = staff_room(talk.session, attendees.project_in(circle))
    if room is not None:
        show(talk.session, talk.relay, room, poll, talk.reader.timezone, talk.now)
        talk.say(
            lines(
                _("The vote is in the staff room of your project, at all its doors."),
                _("The vote ends: {when}", when=_end(poll)),
            ),
            *_ways(poll),
        )
        return
    polling.ask(talk.session, poll, talk.now, through(talk))
    talk.say(
        lines(
            n_("{n} person is asked.", "{n} people are asked.", len(guests) - 1),
            _("When all have voted, the best time becomes an appointment. The vote ends: {when}", when=_end(poll)),
        ),
        *_ways(poll),
    )


def staff_room(session: Session, project: int | None) -> Room | None:
    """Where the teachers of an open project talk."""
    its = [] if project is None else rooms.of_project(session, project)
    return next((room for room in its if room.kind == rooms.STAFF and room.open), None)


def show(session: Session, bring: speaking.Bring, room: Room, poll: Asked, zone: str, now: datetime) -> None:
    """Ask in a room which times suit."""
    reads = speaking.reads(session, room, zone)
    said = cards.vote(session, poll)
    more = {"kind": notices.VOTE, "person": poll.owner, "poll": poll.id}
    speaking.speak(session, bring, room.id, said, reads=reads, now=now, **more)  # type: ignore[arg-type]


def act(talk: Talk, words: Sequence[str]) -> None:
    """Do what a button under a vote says: a verb and the vote's number."""
    verb, number, *_rest = [*words, "", ""]
    poll = _mine(talk, number)
    if verb not in _VERBS or (verb in {"close", "drop"} and poll.owner != talk.person):
        raise _over()
    _VERBS[verb](talk, poll)


def vote(talk: Talk, number: int) -> None:
    """Ask which times suit, and count them."""
    poll = _mine(talk, str(number))
    guests = attendees.people(talk.session, polls.votes(talk.session, poll.id))
    rows = [polling.proposed(slot, guests) for slot in poll.slots]
    question = lines(Strong(Verbatim(poll.words, poll.owner)), *rows, _("Which of these times suit you?"))
    options = [Option(str(place), When(slot.at)) for place, slot in enumerate(poll.slots)]
    chosen = talk.ask("suits", question, some_of(*options, at_least=0))
    _count(talk, poll, list(map(int, chosen)))


def through(talk: Talk) -> TellAll:
    """Tell through a conversation what a chore would tell by itself."""

    def tell(what: News | Letter | Do | Relayed) -> None:
        if isinstance(what, News):
            talk.tell(what.person, what.body, *what.options, later=what.later)
        elif not isinstance(what, Letter | Do):
            talk.relay(what)

    return tell


def _mine(talk: Talk, number: str) -> Asked:
    """An open vote in which this person has a say. Raises Excuse for any other."""
    known = number.isascii() and number.isdecimal() and len(number) < 10
    poll = polls.get(talk.session, int(number)) if known else None
    if poll is None or talk.person not in polls.votes(talk.session, poll.id):
        raise _over()
    if poll.state != polls.OPEN:
        shown = Option(f"/reminders show {poll.reminder}", p_("button", "Who comes?"))
        raise _over(*([shown] if poll.reminder is not None else []))
    return poll


def _over(*ways: Option) -> Excuse:
    return Excuse(_("That vote is over."), *ways, go("reminders", p_("button", "My reminders")))


def _count(talk: Talk, poll: Asked, chosen: Sequence[int]) -> None:
    """Take a vote; the last one decides."""
    if not polls.vote(talk.session, poll.id, talk.person, chosen, talk.now):
        raise _over()
    votes = polls.votes(talk.session, poll.id)
    if None in votes.values():
        talk.say(lines(_("Thank you. I tell you the time when it is decided."), _suits(poll, chosen)), *_ways(poll))
        _tell_owner(talk, poll, chosen)
        return
    talk.say(_("Thank you. All have voted."))
    deciding.decide(talk.session, poll, talk.now, through(talk))


def _tell_owner(talk: Talk, poll: Asked, chosen: Sequence[int]) -> None:
    if poll.owner != talk.person:
        guest = next(iter(attendees.people(talk.session, [talk.person])))
        body = lines(entry(title(guest), _suits(poll, chosen)), Strong(Verbatim(poll.words, poll.owner)))
        later = daytime.until_day(talk.session, poll.owner, talk.now)
        talk.tell(poll.owner, body, *_owner_ways(poll), later=later)


def _suits(poll: Asked, chosen: Sequence[int]) -> Node:
    # Translators: of all proposed times, how many suit somebody.
    return n_("{n} of {all} times suits", "{n} of {all} times suit", len(chosen), all=Count(len(poll.slots)))


def _all(talk: Talk, poll: Asked) -> None:
    _count(talk, poll, range(len(poll.slots)))


def _none(talk: Talk, poll: Asked) -> None:
    _count(talk, poll, ())


def _choose(talk: Talk, poll: Asked) -> None:
    talk.then("when", poll=poll.id)


def _show(talk: Talk, poll: Asked) -> None:
    ways = _owner_ways(poll) if poll.owner == talk.person else polling.answers(poll)
    talk.say(lines(polling.standing(talk.session, poll), _("The vote ends: {when}", when=_end(poll))), *ways)


def _close(talk: Talk, poll: Asked) -> None:
    """The one who asks wants no more votes."""
    talk.say(_("The vote is over."))
    deciding.decide(talk.session, poll, talk.now, through(talk))


def _drop(talk: Talk, poll: Asked) -> None:
    """The one who asks calls it off."""
    if not polls.close(talk.session, poll.id, polls.CLOSED, talk.now):
        raise _over()
    body = lines(_("This vote was called off:"), Strong(Verbatim(poll.words, poll.owner)))
    for person in polls.votes(talk.session, poll.id):
        if person != talk.person:
            talk.tell(person, body, later=daytime.until_day(talk.session, person, talk.now))
    talk.say(body, _AGAIN)


def _end(poll: Asked) -> Node:
    return When(poll.closes_at)


def _ways(poll: Asked) -> tuple[Option, ...]:
    # Translators: a button: how many people each of the proposed times suits.
    return (go(f"when show {poll.id}", p_("button", "How it stands")),)


def _owner_ways(poll: Asked) -> tuple[Option, ...]:
    return (
        *_ways(poll),
        # Translators: two buttons of the one who lets others vote on a time.
        go(f"when close {poll.id}", p_("button", "Decide now")),
        go(f"when drop {poll.id}", p_("button", "Call it off")),
    )


_VERBS: dict[str, Callable[[Talk, Asked], None]] = {
    "vote": _choose,
    "all": _all,
    "none": _none,
    "show": _show,
    "close": _close,
    "drop": _drop,
}
