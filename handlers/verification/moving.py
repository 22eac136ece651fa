"""Another school: whoever is verified was so for the old one, so it begins anew, and is said before it is saved."""

from __future__ import annotations

from bot.talk import Talk
from bot.text import _, lines, p_
from handlers.verification import recording
from handlers.verification.entering import due_in
from storage import teachers
from storage.verification import cases, reading


def may_move(talk: Talk) -> bool:
    """Ask a verified teacher whether they want another school all the same."""
    if reading.status_of(talk.session, talk.person) != "verified":
        return True
    question = lines(
        _("You are verified for your present school."),
        _("With another one you have to show again that you teach there. Until then you can look, and not write."),
    )
    return talk.confirm("move", question, yes=p_("button", "Change my school"), no=p_("button", "Leave it"))


def moved_to(talk: Talk, country: str, school: int) -> None:
    """Give the teacher this school; if it is another one, they are not verified, and an open case is about the new."""
    before = teachers.school_of(talk.session, talk.person)
    teachers.set_line(talk.session, talk.person, "school", school)
    if before is None or before.id == school:
        return
    if cases.move(talk.session, talk.person, country, now=talk.now, due=due_in(country, talk.now)):
        recording.moved(talk.session, talk.person, country, talk.now)
