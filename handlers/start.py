"""/start: what this is, and the next step."""

from __future__ import annotations

from bot.talk import Option, Talk, go
from bot.text import Name, Strong, _, lines, p_
from handlers.verification.standing import short
from storage import teachers
from storage.verification import cases, reading


def start(talk: Talk) -> None:
    """Somebody writes for the first time, or wants to begin anew."""
    if talk.turn.argument.startswith("link_"):
        talk.then("link", code=talk.turn.argument.removeprefix("link_"))
        return
    if talk.turn.argument.startswith("join_"):
        talk.then("join", code=talk.turn.argument.removeprefix("join_"))
        return
    known = teachers.facts(talk.session, talk.person)
    if known is None:
        _welcome(talk)
    else:
        status, case = reading.status_of(talk.session, talk.person), cases.open_of(talk.session, talk.person)
        unverified = status != "verified"
        talk.say(
            lines(
                _("Welcome back, {name}! What would you like to do?", name=Name(known.name)),
                short(status or "", case) if unverified else None,
            ),
            *_for_staff(talk),
            *([go("verification", p_("button", "Get verified"))] if unverified else []),
            go("partners", p_("button", "Find partners")),
            go("profile", p_("button", "My profile")),
            go("help", p_("button", "Help")),
        )


def _for_staff(talk: Talk) -> list[Option]:
    """The way to what waits, for support officers."""
    return [go("staff", p_("button", "What waits"))] if "officer" in talk.turn.roles else []


def _welcome(talk: Talk) -> None:
    talk.say(
        lines(
            Strong(_("Welcome to twinbot: eTwinning in a chat window.")),
            _("Teachers of schools all over Europe find each other here and plan projects for their classes."),
            _("Seven short questions, about two minutes, and I suggest partner schools that want what you want."),
        ),
        *_for_staff(talk),
        # Translators: a button; it begins the registration.
        go("register", p_("button", "Register")),
        go("help", p_("button", "What can you do?")),
        go("language", p_("button", "Language")),
        go("privacy", p_("button", "Privacy")),
    )
