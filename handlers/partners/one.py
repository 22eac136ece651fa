"""One suggestion by itself, and what one thinks of it: interesting, later, or not for me."""

from __future__ import annotations

from dataclasses import replace

from bot.talk import Excuse, Option, Talk, go, one_of
from bot.text import Node, _, lines, p_
from handlers.partners.cards import card
from handlers.partners.page import Trail
from handlers.partners.reasons import reasons
from storage.matching import seen
from storage.partners import Candidate, candidates

_REASONS: tuple[Option, ...] = (
    # Translators: why a suggested school is "not for me".
    Option("idea", p_("button", "Another idea")),
    Option("ages", p_("button", "Ages do not fit")),
    Option("language", p_("button", "Language")),
    Option("country", p_("button", "Country")),
    Option("known", p_("button", "We know each other")),
    Option("skip", p_("button", "Skip")),
)
# Translators: a button; it asks the teacher of a suggested school to be partners.
ASK = p_("button", "Ask this school")


def look_at(talk: Talk, me: Candidate, trail: Trail, person: int) -> None:
    """Show one of the suggestions with what may be said of it, then the list again."""
    other = _other(talk, person)
    choice = talk.ask("one", card(other, reasons(me, other), talk.now), one_of(*_choices()), instead=True)
    if choice == "list":
        talk.then("partners", **trail.as_start())
        return
    if choice == "ask":
        talk.then("requests", ask=person)
        return
    why = None
    if choice == "no":
        question = _("What does not fit? It helps me to suggest better, and nobody else sees it.")
        why = talk.ask("why", question, one_of(*_REASONS), instead=True)
    note = _mark(talk, me, other, choice, None if why == "skip" else why)
    talk.then("partners", **replace(trail, note=note, pages=_without(trail, person, choice)).as_start())


def _choices() -> list[Option]:
    return [
        Option("ask", ASK),
        # Translators: what a teacher may say of a school that is suggested.
        Option("interesting", p_("button", "Interesting")),
        Option("later", p_("button", "Later")),
        Option("no", p_("button", "Not for me")),
        # Translators: a button that leads back to the list of suggestions.
        Option("list", p_("button", "Back to the list")),
    ]


def _other(talk: Talk, person: int) -> Candidate:
    found = candidates(talk.session, [person])
    if not found:
        raise Excuse(_("This school is no longer here."), go("partners", p_("button", "Find partners")))
    return found[0]


def _mark(talk: Talk, me: Candidate, other: Candidate, said: str, why: str | None) -> str:
    """Write down what was said; if both find each other interesting, both hear it at once. Returns what to note."""
    before = seen.mark_of(talk.session, me.person, other.person)
    seen.mark(talk.session, me.person, other.person, seen.as_mark(said), talk.now, why)
    if said != "interesting" or seen.mark_of(talk.session, other.person, me.person) != "interesting":
        return said
    if before != "interesting":
        talk.tell(other.person, mutual_news(other, me, talk), go(f"requests ask {me.person}", ASK))
    return "mutual"


def mutual_news(reader: Candidate, other: Candidate, talk: Talk) -> Node:
    """What somebody hears when a school they find interesting finds theirs interesting too."""
    return lines(
        _("A school that you find interesting finds yours interesting too:"),
        card(other, reasons(reader, other), talk.now),
    )


def _without(trail: Trail, person: int, said: str) -> list[list[int]]:
    """The pages without somebody who is not for me, or who is put off."""
    if said == "interesting":
        return trail.pages
    return [[each for each in page if each != person] for page in trail.pages]
