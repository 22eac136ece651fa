"""/link: one person, several platforms. A one-time code given on one is written on the other."""

from __future__ import annotations

from bot.talk import Option, Talk, go, one_of
from bot.text import Strong, Verbatim, _, lines, n_, p_
from storage import links, people, teachers


def link(talk: Talk) -> None:
    """Gives a code, or takes one that was given elsewhere."""
    if talk.turn.argument:
        # Begun anew with the code as its start, so that it is still there if a question has to be asked.
        talk.then("link", code=talk.turn.argument)
        return
    code = talk.start("code")
    if code is None:
        _give(talk)
    else:
        _take(talk, str(code))


def _give(talk: Talk) -> None:
    code = links.make_code(talk.session, talk.person, talk.now)
    minutes = int(links.LIFETIME.total_seconds() // 60)
    talk.say(
        lines(
            n_(
                "Your code, good for {n} minute and for one use:",
                "Your code, good for {n} minutes and for one use:",
                minutes,
            ),
            Strong(Verbatim(code)),
            _(
                "On the other platform (Telegram, Matrix or the web), write to me: {line}",
                line=Verbatim(f"/link {code}"),
            ),
            _("Then both accounts are yours, with one profile. Give the code to nobody else."),
        )
    )


def _take(talk: Talk, code: str) -> None:
    """Join this account to the person who was given the code; a wrong code counts as a guess."""
    if not links.may_guess(talk.session, talk.person, talk.now):
        talk.say(_("Too many wrong codes. Please wait an hour, then ask for a new code with /link."))
        return
    found = links.find(talk.session, code, talk.now)
    if found is None:
        links.count_guess(talk.session, talk.person, talk.now)
        talk.say(_("That code is not right, or it is too old. /link on the other platform gives a new one."))
        return
    if found.person == talk.person:
        talk.say(_("That is your own code. Write it on the other platform, where I do not know you yet."))
        return
    if _keeps_this(talk, found):
        stays, goes = talk.person, found.person
    else:
        stays, goes = found.person, talk.person
    links.join(talk.session, goes, into=stays, now=talk.now)
    places = ", ".join(dict.fromkeys(people.platforms_of(talk.session, stays)))
    talk.say(
        lines(
            _("Done: this account and the other one are the same person now."),
            # Translators: a list of platforms follows, such as: telegram, web.
            _("Your accounts: {places}", places=Verbatim(places)),
        ),
        go("profile", p_("button", "My profile")),
        go("help", p_("button", "Help")),
    )


def _keeps_this(talk: Talk, found: links.Found) -> bool:
    """Whose profile stays: the one there is; of two, the one that the person chooses."""
    here = teachers.facts(talk.session, talk.person) is not None
    if not (here and found.teacher):
        return here
    question = _("Both accounts have a profile, and one person has one. Which one do you want to keep?")
    # Translators: two buttons under the question which of two profiles to keep.
    this, other = p_("button", "This one"), p_("button", "The other one")
    return talk.ask("keep", question, one_of(Option("this", this), Option("other", other))) == "this"
