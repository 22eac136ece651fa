"""Support hears of names that look like its own."""

from __future__ import annotations

from bot.talk import Talk, go
from bot.text import Name, _, lines, p_
from handlers.staff.badge import badge
from handlers.staff.lookalikes import likeness
from storage import staff


def flag_name(talk: Talk, name: str, country: str) -> None:
    """Tell support of the country if the name that a teacher takes imitates support. The teacher is not held up."""
    if likeness(name) is None:
        return
    body = lines(
        badge(country),
        _("A teacher has taken a name that looks like support: {name}", name=Name(name, talk.person)),
        _("It is shown to others as any other name, never with the mark of support."),
    )
    for officer in staff.support_for(talk.session, country):
        talk.tell(officer, body, go(f"suspend teacher {talk.person}", p_("button", "Suspend")))
