"""/news: what readers answer to announcements, and which of them they want."""

from __future__ import annotations

from bot.talk import Excuse, Option, Talk, go, one_of
from bot.text import Joined, Node, Strong, Verbatim, _, lines, p_
from handlers.announcing.looking import ONLY_TEST
from handlers.announcing.words import CATEGORY
from storage.announcing import answers
from storage.announcing.drafts import DRAFT
from storage.announcing.segments import CATEGORIES, NOTICE
from storage.models import Announcement

_ANSWERS = {"in": _("You are counted in. Thank you!"), "out": _("Noted: this is not for you.")}


def news(talk: Talk) -> None:
    """Answers a button under an announcement, or shows which categories somebody gets, each left with one tap."""
    words = talk.turn.argument.split()
    if len(words) == 2:
        _pressed(talk, *words)
        return
    left = answers.left(talk.session, talk.person)
    saved = _("Saved.") if talk.start("saved") else None
    chosen = talk.ask("category", lines(saved, _card(left)), one_of(*_switches(left)), instead=True)
    if chosen in left:
        answers.come_back(talk.session, talk.person, chosen)
    else:
        answers.leave(talk.session, talk.person, chosen, talk.now)
    talk.then("news", saved=True)


def _card(left: set[str]) -> Node:
    rows = [Joined((Verbatim("☐" if code in left else "☑"), CATEGORY[code]), " ") for code in CATEGORIES]
    always = Joined((Verbatim("☑"), CATEGORY[NOTICE]), " ")
    why = _("Notices of law and safety always come.")
    return lines(Strong(_("What support may write to you")), *rows, always, why)


def _switches(left: set[str]) -> list[Option]:
    return [Option(code, CATEGORY[code], code not in left) for code in CATEGORIES]


def _pressed(talk: Talk, number: str, what: str) -> None:
    """One tap under an announcement. The number may be made up."""
    if number == "back" and what in CATEGORIES:
        answers.come_back(talk.session, talk.person, what)
        talk.say(_("Done. You get them again."), _all())
        return
    known = number.isascii() and number.isdecimal() and len(number) < 10
    row = talk.session.get(Announcement, int(number)) if known else None
    if row is not None and row.state == DRAFT and talk.person in {row.author_id, row.editor_id}:
        talk.say(ONLY_TEST, go(f"announce {row.id}", p_("button", "To the draft")))
        return
    if row is None or not answers.may_have_got(talk.session, row.id, talk.person):
        raise Excuse(_("There is no such announcement."), _all())
    if what in _ANSWERS and row.joins:
        answers.answer(talk.session, row.id, talk.person, what, talk.now)
        talk.say(_ANSWERS[what])
    elif what == "leave" and row.category in CATEGORIES:
        answers.leave(talk.session, talk.person, row.category, talk.now)
        talk.say(
            _("Done. You get no more of these: {category}.", category=CATEGORY[row.category]),
            go(f"news back {row.category}", p_("button", "Undo")),
            _all(),
        )
    else:
        raise Excuse(_("There is no such announcement."), _all())


def _all() -> Option:
    return go("news", p_("button", "What I get"))
