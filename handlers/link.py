"""/link: one person, several platforms. A one-time code given on one is written on the other."""

from __future__ import annotations

from bot.talk import Talk, go
from bot.text import Count, Strong, Verbatim, _, lines, p_
from storage import links, people, teachers


def link(talk: Talk) -> None:
    """Gives a code, or takes one that was given elsewhere."""
    if talk.turn.argument:
        redeem(talk, talk.turn.argument)
        return
    known = talk.start("code")
    if known is not None:
        redeem(talk, str(known))
        return
    code = links.make_code(talk.session, talk.person, talk.now)
    minutes = Count(int(links.LIFETIME.total_seconds() // 60))
    talk.say(
        lines(
            _("Your code, good for {minutes} minutes and for one use:", minutes=minutes),
            Strong(Verbatim(code)),
            _(
                "On the other platform (Telegram, Matrix or the web), write to me: {line}",
                line=Verbatim(f"/link {code}"),
            ),
            _("Then both accounts are yours, with one profile. Give the code to nobody else."),
        )
    )


def redeem(talk: Talk, code: str) -> None:
    """Join this account to the person who was given the code; a wrong code counts as a guess."""
    if not links.may_guess(talk.session, talk.person, talk.now):
        talk.say(_("Too many wrong codes. Please wait an hour, then ask for a new code with /link."))
        return
    found = links.find(talk.session, code, talk.now)
    if found is None:
        links.count_guess(talk.session, talk.person, talk.now)
        talk.say(
            _("That code is not right, or it is older than 15 minutes. /link on the other platform gives a new one.")
        )
        return
    if found.person == talk.person:
        talk.say(_("That is your own code. Write it on the other platform, where I do not know you yet."))
        return
    here = teachers.facts(talk.session, talk.person) is not None
    if here and found.teacher:
        talk.say(_("Both accounts are registered already. Please delete one of the profiles first."))
        return
    if here:
        # The profile is here and the code came from an account without one: that account joins this person.
        links.join(talk.session, found.person, into=talk.person)
    else:
        links.join(talk.session, talk.person, into=found.person)
    person = talk.person if here else found.person
    places = ", ".join(dict.fromkeys(people.platforms_of(talk.session, person)))
    talk.say(
        lines(
            _("Done: this account and the other one are the same person now."),
            _("Your accounts: {places}", places=Verbatim(places)),
        ),
        go("profile", p_("button", "My profile")),
        go("help", p_("button", "Help")),
    )
