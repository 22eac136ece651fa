"""/calendar: the secret addresses at which calendar programs read a person's plans, and those of their projects."""

from __future__ import annotations

from bot.talk import Option, Talk, go
from bot.text import Strong, Url, Verbatim, _, lines, p_
from handlers.reminders.acting import gone
from storage import feeds, projects, rhythms

_LISTED = 6
_TITLE = 18


def calendar(talk: Talk) -> None:
    """Shows the address of one's own calendar, and the ways to those of one's projects; renews and closes them."""
    word, _space, rest = talk.turn.argument.partition(" ")
    if word == "project":
        _of_project(talk, rest)
    elif word == "close":
        rhythms.close_feed(talk.session, talk.person)
        talk.say(_("The address leads nowhere now."), Option("/calendar", p_("button", "Calendar")))
    elif word == "new":
        _own(talk, rhythms.renew_feed(talk.session, talk.person))
    else:
        secret = rhythms.wanted(talk.session, talk.person).feed
        _own(talk, secret or rhythms.renew_feed(talk.session, talk.person))


def _own(talk: Talk, secret: str) -> None:
    theirs = projects.mine(talk.session, talk.person, {"open"})[:_LISTED]
    talk.say(
        lines(
            _("Add this address to your calendar program, as a subscription. It brings itself up to date:"),
            Url(talk.web_address(f"calendar/{secret}.ics")),
            _("Whoever knows the address can read your reminders, so give it to nobody. You can change it."),
            _("Each of your projects has an address of its own, too.") if theirs else None,
        ),
        *(go(f"calendar project {one.id}", _short(one.facts.title)) for one, _role in theirs),
        Option("/calendar new", p_("button", "New address")),
        Option("/calendar close", p_("button", "Close it")),
        go("settings", p_("button", "Settings")),
    )


def _of_project(talk: Talk, argument: str) -> None:
    """The address of a project's calendar, for its teachers; those who lead it can renew it."""
    number, _space, word = argument.partition(" ")
    known = number.isascii() and number.isdecimal() and len(number) < 10
    project = projects.find(talk.session, int(number)) if known else None
    me = None if project is None else projects.member(talk.session, project.id, talk.person)
    if project is None or me is None or me.state != "in" or project.state not in {"open", "closed"}:
        raise gone()
    renewed = word == "new" and me.founder
    secret = (feeds.renew if renewed else feeds.secret_of)(talk.session, project.id)
    new = [Option(f"/calendar project {project.id} new", p_("button", "New address"))] if me.founder else []
    talk.say(
        lines(
            Strong(Verbatim(project.facts.title)),
            _("The old address leads nowhere now; give the new one to the others.") if renewed else None,
            _("Add this address to your calendar program, as a subscription. It brings itself up to date:"),
            Url(talk.web_address(f"calendar/{secret}.ics")),
            _("It shows what the project and its rooms have planned. Only teachers of the project may have it."),
        ),
        *new,
        Option("/calendar", p_("button", "My calendar")),
    )


def _short(title: str) -> Verbatim:
    return Verbatim(title if len(title) <= _TITLE else title[: _TITLE - 1].rstrip() + "…")
