"""/report: a partner said something that support should see."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from bot.talk import Excuse, Option, Talk, go, one_of
from bot.text import Node, Strong, Verbatim, _, entry, lines, n_, p_
from handlers.kinds.line import Line as OwnWords
from handlers.lines.choosing import line_meant, line_named
from handlers.lines.words import KINDS, who
from handlers.partners.cards import shortened
from storage import relay, reports, staff, teachers
from storage.lines import Line
from storage.relay import Spoken
from storage.reports import Evidence

#: So much is shown to support before and after what is reported.
AROUND = 5
CHOICES = 5
MOST_A_DAY = 10
_ALL = "all"

# Translators: why somebody is reported, as buttons and as the value after "Why:".
REASONS = {
    "unkind": p_("button", "Unkind or insulting"),
    "unsafe": p_("button", "Unsafe for pupils"),
    "selling": p_("button", "Selling something"),
    "pretending": p_("button", "Not who they say"),
    "other": p_("button", "Something else"),
}

#: What reports of other kinds are about: from rooms, where nobody has to explain.
# Translators: why something was reported to support, as the value after "Why:".
LABELS = {
    **REASONS,
    "wrong": p_("report", "Something is wrong in a room"),
    "appeal": p_("report", "Asks to look at what was done in a room"),
}


class Reporter(Protocol):
    """Somebody who reports: a flow, or what is heard in a room."""

    @property
    def session(self) -> Session:
        """The database session of this turn."""

    @property
    def person(self) -> int:
        """The one who reports; 0 for a pupil."""


def report(talk: Talk) -> None:
    """Asks what is reported and why, and shows it to support of both countries."""
    if talk.turn.about is not None and not talk.turn.argument:
        talk.then("report", about=_about(talk, talk.turn.about))
        return
    if talk.turn.argument or talk.start("about") is None:
        chosen = line_meant(talk, "report", _("Whom do you want to report?"), ended=True)
        spoken = None if chosen is None else _ask_message(talk, chosen)
    else:
        spoken = relay.find(talk.session, talk.start("about"))
        chosen = None if spoken is None else _line(talk, spoken)
    if chosen is not None:
        _report(talk, chosen, spoken)


def _about(talk: Talk, ref: str) -> int:
    """What the person replied to, if a partner said it."""
    spoken = relay.shown_in(talk.session, talk.turn.chat, ref)
    if spoken is None or spoken.author == talk.person or spoken.partnership is None:
        raise Excuse(_("Reply with /report to a message of your partner, or just write /report."))
    return spoken.id


def _line(talk: Talk, spoken: Spoken) -> Line:
    return line_named(talk.session, talk.person, spoken.partnership or 0, ended=True)


def _ask_message(talk: Talk, chosen: Line) -> Spoken | None:
    """What is reported: one of the last things that the other said; None: the person, and all of them."""
    said = relay.latest(talk.session, chosen.id, CHOICES, author=chosen.other)
    if not said:
        return None
    options = [Option(str(one.id), _begins(one)) for one in reversed(said)]
    # Translators: a button after the last messages of somebody who is reported.
    options.append(Option(_ALL, p_("button", "All of these")))
    choice = talk.ask("what", lines(Strong(who(chosen)), _("Which message do you want to report?")), one_of(*options))
    return None if choice == _ALL else next(one for one in said if str(one.id) == choice)


def _begins(one: Spoken) -> Node:
    if not one.words.strip() and one.files:
        return KINDS[one.files[0]["kind"]]
    return Verbatim(shortened(one.words, 40), one.author)


def _report(talk: Talk, chosen: Line, spoken: Spoken | None) -> None:
    if reports.made_since(talk.session, talk.person, talk.now - timedelta(days=1)) >= MOST_A_DAY:
        raise Excuse(_("Support has your reports of today and reads them. Please add more tomorrow."))
    reason = talk.ask("reason", _("What is wrong with it?"), one_of(*(Option(*each) for each in REASONS.items())))
    words = talk.ask("words", _("Do you want to add something for support?"), OwnWords(1000, skip=True, lines=True))
    if not talk.confirm(
        "sure", _summary(chosen, reason, words), yes=p_("button", "Report"), no=p_("button", "Do not report")
    ):
        talk.say(_("Nothing was reported."))
        return
    _make(talk, chosen, spoken, reason, words)
    talk.say(
        _("Reported. You hear from me when support has read it. Your partner is not told that it was you."),
        go(f"block {chosen.id}", p_("button", "Block too")),
    )


def _summary(chosen: Line, reason: str, words: str) -> Node:
    return lines(
        Strong(who(chosen)),
        # Translators: why somebody is reported; the reason follows.
        entry(_("Why"), REASONS[reason]),
        entry(_("You add"), Verbatim(words)) if words else None,
        n_(
            "Support of both countries will read this, with up to {n} message before it and after it. Report it?",
            "Support of both countries will read this, with up to {n} messages before it and after it. Report it?",
            AROUND,
        ),
    )


def _make(talk: Talk, chosen: Line, spoken: Spoken | None, reason: str, words: str) -> None:
    mine = teachers.facts(talk.session, talk.person)
    countries = (mine.country if mine else chosen.country, chosen.country)
    around = relay.latest(talk.session, chosen.id, 2 * AROUND + 1)
    if spoken is not None:
        around = relay.around(talk.session, spoken, AROUND)
    number = reports.make(
        talk.session,
        partnership=chosen.id,
        reporter=talk.person,
        reported=chosen.other,
        countries=countries,
        reason=reason,
        words=words,
        evidence=[Evidence.of(one, None if spoken is None else spoken.id) for one in around],
        now=talk.now,
    )
    for officer in readers(talk, countries):
        # Translators: news for support officers.
        told = _("A teacher has reported something. Please read it soon.")
        talk.tell(officer, told, go(f"reports {number}", p_("button", "Read it")))


def readers(by: Reporter, countries: tuple[str, str]) -> list[int]:
    """The officers who are told: national support of both countries; central support where one has none."""
    support = [post for post in staff.officers(by.session) if post.support]
    central = [post.person for post in support if post.country is None]
    told: dict[int, None] = {}
    for country in countries:
        told |= dict.fromkeys([post.person for post in support if post.country == country] or central)
    return [person for person in told if person != by.person]
