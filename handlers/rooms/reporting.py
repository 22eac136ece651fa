"""Something is wrong in a room: its teachers and support hear at once, and what was said is kept for support.

Pupils need not explain anything. What is reported is copied into the report, so that taking it away or changing it
later changes nothing; reports are kept as long as those about private lines, by the same means.
"""

from __future__ import annotations

from datetime import timedelta

from bot.talk import Excuse, Option, Talk, go
from bot.text import Joined, Node, Strong, Verbatim, _, lines, p_
from handlers.kinds.line import Line as OwnWords
from handlers.lines.words import KINDS
from handlers.partners.cards import shortened
from handlers.reports.making import AROUND, MOST_A_DAY, readers
from handlers.rooms.ordering import Doer, Done
from handlers.rooms.screening import may_order, may_remove
from handlers.rooms.voices import who as heard_as
from handlers.rooms.words import titled_room
from storage import projects, relay, reports, rooms, teachers
from storage.rooms import Room, Seat, evidence, occupants, order
from storage.rooms.occupants import Occupant

_QUOTED, _LONGEST, _DAY = 300, 1000, timedelta(days=1)


def report(by: Doer, room: Room, seat: Seat, message: int | None, words: str = "") -> Done:
    """Somebody reports a message, or (None) that something is wrong. Raises Excuse."""
    _not_too_often(by, seat)
    author = None if message is None else occupants.author_of(by.session, message)
    if author is not None and (author.person or 0, author.pupil) == seat.who:
        raise Excuse(_("This is your own message; you can take it back."))
    country = _country(by, _me(by, room, seat))
    number = reports.make(
        by.session,
        room=room.id,
        reporter=seat.person or None,
        reported=None if author is None else author.person,
        pupils=(seat.pupil, None if author is None else author.pupil),
        countries=(country, country if author is None else author.country or country),
        reason="wrong",
        words=words[:_LONGEST],
        evidence=evidence.around(by.session, room.id, message, AROUND),
        now=by.now,
    )
    order.record(by.session, room.id, "reported", by.now, message=message)
    _tell_support(by, number, (country, country if author is None else author.country or country))
    _tell_teachers(by, room, seat, message, author)
    return Done(
        lines(titled_room(room), _("Reported. The teachers of this project and support know it now. Thank you."))
    )


def _not_too_often(by: Doer, seat: Seat) -> None:
    since = by.now - _DAY
    made = (
        reports.made_since(by.session, seat.person, since)
        if seat.pupil is None
        else reports.made_by_pupil_since(by.session, seat.pupil, since)
    )
    if made >= MOST_A_DAY:
        raise Excuse(_("Support has your reports of today and reads them. Please add more tomorrow."))


def _me(by: Doer, room: Room, seat: Seat) -> Occupant | None:
    if seat.pupil is not None:
        return occupants.of_pupil(by.session, room.id, seat.pupil)
    return occupants.of_person(by.session, room.id, seat.person)


def _country(by: Doer, me: Occupant | None) -> str:
    """The country of a teacher, or of the teacher of a pupil."""
    told = None if me is None else teachers.facts(by.session, me.person or me.owner or 0)
    return "" if told is None else told.country


def _tell_support(by: Doer, number: int, countries: tuple[str, str]) -> None:
    for officer in readers(by, countries):
        # Translators: news for support officers.
        told = _("Something was reported in a room of a project. Please read it soon.")
        by.tell(officer, told, go(f"reports {number}", p_("button", "Read it")))


def _tell_teachers(by: Doer, room: Room, seat: Seat, message: int | None, author: Occupant | None) -> None:
    """Tell the teachers in the room, but for the one who reports and the one who is reported. That a pupil calls is
    said with the nickname, so that somebody can look after them; which teacher reports is not said."""
    calls = None if seat.pupil is None else Strong(heard_as(rooms.voice_at(by.session, seat)))
    told = _("A pupil says that something is wrong:") if seat.pupil is not None else _("Somebody reports this:")
    body = lines(titled_room(room), told, calls, _quoted(by, message))
    known = {member.person for member in projects.members(by.session, room.project)}
    for person in sorted(known - {seat.person, 0 if author is None else author.person or 0}):
        theirs = rooms.seat_of(by.session, room.id, person)
        if theirs is not None:
            by.tell(person, body, *_ways(room, theirs, message, author))


def _quoted(by: Doer, message: int | None) -> Node | None:
    spoken = None if message is None else relay.find(by.session, message)
    if spoken is None:
        return None
    files = [Joined((Verbatim("📎"), KINDS[file["kind"]]), " ") for file in spoken.files]
    said = Verbatim(shortened(spoken.words, _QUOTED), spoken.author or None) if spoken.words.strip() else None
    return lines(heard_as(rooms.voice_in(by.session, spoken.id)), said, *files)


def _ways(room: Room, theirs: Seat, message: int | None, author: Occupant | None) -> list[Option]:
    # Translators: buttons under a message that was reported, for teachers of the project.
    gone = (
        [go(f"room remove {message}", p_("button", "Take it away"))] if message and may_remove(theirs, author) else []
    )
    if author is not None and may_order(theirs, author):
        gone.append(go(f"room who {author.member}", p_("button", "Mute or remove")))
    return [*gone, go(f"room {room.id}", p_("button", "The room"))]


def appeal(talk: Talk, number: int) -> None:
    """A teacher to whom something was done in a room asks support to look at it; also when they are out of it."""
    room = rooms.find(talk.session, number)
    me = occupants.of_person(talk.session, number, talk.person)
    by = evidence.last_actor(talk.session, number, talk.person)
    if room is None or me is None or by is None:
        raise Excuse(_("There is no such room."), go("room", p_("button", "Rooms")))
    if reports.made_since(talk.session, talk.person, talk.now - _DAY) >= MOST_A_DAY:
        raise Excuse(_("Support has your reports of today and reads them. Please add more tomorrow."))
    asked = lines(titled_room(room), _("What should support know? They read it as you write it."))
    words = talk.ask("words", asked, OwnWords(_LONGEST, lines=True))
    other = teachers.facts(talk.session, by)
    countries = (me.country, me.country if other is None else other.country)
    made = reports.make(
        talk.session,
        room=room.id,
        reporter=talk.person,
        reported=by,
        countries=countries,
        reason="appeal",
        words=words,
        evidence=evidence.taken_from(talk.session, number, talk.person, AROUND),
        now=talk.now,
    )
    order.record(talk.session, room.id, "appealed", talk.now, by=talk.person)
    for officer in readers(talk, countries):
        # Translators: news for support officers.
        told = _("A teacher asks support to look at what was done in a room. Please read it soon.")
        talk.tell(officer, told, go(f"reports {made}", p_("button", "Read it")))
    talk.say(_("Support has it. I tell you when they answer."))
