"""One place for a pupil: a new card, another nickname, or its end."""

from __future__ import annotations

from bot.talk import Talk, go
from bot.text import Joined, Name, Node, Strong, Verbatim, _, lines, p_
from handlers.kinds.line import Line
from handlers.pupils.names import LONGEST, sign_of
from handlers.pupils.words import MINE, excuse, titled
from storage import projects, pupils
from storage.projects import Cannot
from storage.pupils import Place


def one(talk: Talk, pupil: int) -> None:
    """A place with what can be done about it."""
    place = _mine(talk, pupil)
    taken = _("Somebody has come in with this card.") if place.taken else _("Nobody has come in with this card yet.")
    talk.say(
        lines(_head(talk, place), taken),
        go(f"pupils card {pupil}", p_("button", "New card")),
        go(f"pupils name {pupil}", p_("button", "Another nickname")),
        go(f"pupils off {pupil}", p_("button", "End this place")),
        MINE,
    )


def card(talk: Talk, pupil: int) -> Node:
    """Replace a card; what to say about it."""
    place = _mine(talk, pupil)
    try:
        pupils.replace(talk.session, talk.person, pupil)
    except Cannot as cannot:
        raise excuse(cannot) from None
    return lines(
        _head(talk, place), _("This is the new card. The old one opens nothing any more, and whoever was in is out.")
    )


def nickname(talk: Talk, pupil: int) -> None:
    """A teacher writes a nickname."""
    place = _mine(talk, pupil)
    question = lines(_head(talk, place), _("What shall this pupil be called? Please use no real name."))
    words = talk.ask("nickname", question, Line(LONGEST))
    try:
        pupils.rename(talk.session, talk.person, pupil, words)
    except Cannot as cannot:
        raise excuse(cannot) from None
    talk.say(_("Done. The room shows the new nickname, also above what was said before."), MINE)


def revoke(talk: Talk, pupil: int) -> None:
    """End a place."""
    place = _mine(talk, pupil)
    question = lines(_head(talk, place), _("End this place? Its card opens nothing then. What was said stays."))
    # Translators: two buttons under the question whether to end the place of a pupil.
    if talk.confirm("sure", question, yes=p_("button", "End this place"), no=p_("button", "Keep it")):
        pupils.revoke(talk.session, talk.person, [pupil], talk.now)
        talk.say(_("It is ended. Whoever was in is out."), MINE)
    else:
        talk.say(_("Good, it stays."), MINE)


def _mine(talk: Talk, pupil: int) -> Place:
    found = next((place for place in pupils.of_owner(talk.session, talk.person) if place.id == pupil), None)
    if found is None:
        raise excuse(Cannot("foreign"))
    return found


def _head(talk: Talk, place: Place) -> Node:
    project = projects.find(talk.session, place.project)
    name = Joined((Verbatim(sign_of(place.picture)), Strong(Name(place.nickname))), " ")
    return lines(titled(project) if project is not None else None, name)
