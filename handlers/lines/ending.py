"""/end, /block and /unblock: a line is closed. The other hears that it has ended, and never why."""

from __future__ import annotations

from bot.talk import Excuse, Option, Talk, go, one_of
from bot.text import Name, Strong, Text, _, lines, p_
from handlers.lines.choosing import line_meant
from handlers.lines.words import who
from storage import blocks, partnerships, teachers
from storage import lines as store
from storage.lines import Line


def end(talk: Talk) -> None:
    """Ends a line in good order; a new request opens it again."""
    chosen = line_meant(talk, "end", _("Which line shall end?"))
    if chosen is None:
        return
    about = _("End this line? You both hear that it has ended. A new request opens it again.")
    # Translators: two buttons under the question whether to end the line with a partner.
    yes, no = p_("button", "End it"), p_("button", "Keep it open")
    if not talk.confirm("sure", lines(Strong(who(chosen)), about), yes=yes, no=no):
        talk.say(_("The line stays open."))
        return
    _close(talk, chosen)
    talk.say(ended(chosen), go("partners", p_("button", "Find partners")))


def block(talk: Talk) -> None:
    """Blocks a partner: nothing goes either way any more, also no request."""
    chosen = line_meant(talk, "block", _("Whom do you want to block?"))
    if chosen is None:
        return
    about = _(
        "Block this person? The line ends, and neither of you can write to or ask the other. They are not told why."
    )
    # Translators: two buttons under the question whether to block somebody.
    yes, no = p_("button", "Block"), p_("button", "Do not block")
    if not talk.confirm("sure", lines(Strong(who(chosen)), about), yes=yes, no=no):
        talk.say(_("Nobody was blocked."))
        return
    _close(talk, chosen)
    blocks.block(talk.session, talk.person, chosen.other, talk.now)
    talk.say(
        _("Blocked. You hear nothing of each other any more. /unblock takes it back."),
        go(f"report {chosen.id}", p_("button", "Report too")),
    )


def unblock(talk: Talk) -> None:
    """Takes a block back; requests are possible again, and the line stays closed until one is accepted."""
    options = [
        Option(str(person), Name(facts.name, person))
        for person, _at in blocks.blocked_by(talk.session, talk.person)
        if (facts := teachers.facts(talk.session, person)) is not None
    ]
    if not options:
        raise Excuse(_("You have blocked nobody."))
    choice = talk.ask("whom", _("Whose block shall be taken back?"), one_of(*options))
    blocks.unblock(talk.session, talk.person, int(choice))
    talk.say(_("The block is taken back. A new request opens the line again."))


def ended(line: Line) -> Text:
    """What both hear, whoever ended it, and whatever for."""
    return _("The line with {name} has ended.", name=Name(line.name, line.other))


def _close(talk: Talk, chosen: Line) -> None:
    """End the partnership, so that nothing goes through any more, and tell the other."""
    mirrored = store.line_of(talk.session, chosen.id, chosen.other)
    partnerships.end(talk.session, talk.person, chosen.other, talk.person, talk.now)
    store.leave_everywhere(talk.session, chosen.id)
    if mirrored is not None:
        talk.tell(chosen.other, ended(mirrored), go("line", p_("button", "My partners")))
