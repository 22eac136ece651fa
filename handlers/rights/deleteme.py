"""/deleteme: everything about a person is erased, after a confirmation and a day for a change of mind."""

from __future__ import annotations

from datetime import datetime

from bot.talk import Excuse, Option, Talk, go, one_of
from bot.text import Node, Strong, When, _, entry, lines, p_
from storage.models import Erasure
from storage.rights import erasing

KEEP = p_("button", "Keep my account")


def deleteme(talk: Talk) -> None:
    """Asks for certain, and sets the day; while it waits, offers to keep everything."""
    known = erasing.pending(talk.session, talk.person)
    if known is None:
        _ask(talk)
    elif known.stage != erasing.WAITING:
        raise Excuse(_("Your data is being erased. This cannot be stopped any more."))
    elif talk.turn.argument.casefold() == "keep":
        _keep(talk)
    else:
        _waiting(talk, known)


def _ask(talk: Talk) -> None:
    options = (
        Option("erase", p_("button", "Erase everything")),
        Option("data", p_("button", "Take my data first")),
        Option("no", KEEP),
    )
    choice = talk.ask("sure", _what_goes(), one_of(*options))
    if choice == "data":
        talk.then("mydata")
    elif choice == "no":
        talk.say(_("Nothing is erased."), go("help", p_("button", "Help")))
    else:
        keeps = erasing.said_in_rooms(talk.session, talk.person) and _ask_words(talk) == "keep"
        due = erasing.ask(talk.session, talk.person, erasing.ASKED, talk.now, keeps_words=keeps)
        talk.say(_set(due), go("deleteme keep", KEEP), go("mydata", p_("button", "Take my data")))


def _ask_words(talk: Talk) -> str:
    """What becomes of what they said in rooms: others may have answered it, and pupils worked with it."""
    question = lines(
        Strong(_("What you wrote in the rooms of projects:")),
        _("It can go with you, or stay there as that of “a former member”, with its files."),
        _("Names that stand in the words themselves stay then."),
    )
    # Translators: two buttons: what becomes of the messages in rooms of somebody who has everything erased.
    options = Option("go", p_("button", "Remove my words")), Option("keep", p_("button", "Leave them there"))
    return talk.ask("words", question, one_of(*options))


def _what_goes() -> Node:
    return lines(
        Strong(_("Erase everything about you?")),
        _("Your profile, your accounts here, your messages, requests and everything else that I keep go for good."),
        _("Partner teachers will see “a former member” in your place. What has reached their own apps stays there."),
        _("You have 24 hours to change your mind."),
    )


def _set(due: datetime) -> Node:
    return lines(
        Strong(_("Everything about you will be erased.")),
        # Translators: a line with the day and time at which a person's data is erased.
        entry(_("When"), When(due)),
        _("Until then you can keep your account with one tap. Nobody is shown your profile meanwhile."),
    )


def _waiting(talk: Talk, known: Erasure) -> None:
    """Say when it will be, and offer to stop it."""
    options = (Option("keep", KEEP), Option("leave", p_("button", "Go on erasing")))
    if talk.ask("choice", _set(known.due_at), one_of(*options)) == "keep":
        _keep(talk)
    else:
        talk.say(_set(known.due_at))


def _keep(talk: Talk) -> None:
    erasing.keep(talk.session, talk.person)
    talk.say(_("Everything stays. It is good to have you here."), go("help", p_("button", "Help")))
