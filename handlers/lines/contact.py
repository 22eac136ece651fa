"""/contact: somebody shares how else they can be reached, on purpose and in their own words."""

from __future__ import annotations

from bot.talk import Talk, free_text
from bot.text import Strong, Verbatim, _, lines, p_
from handlers.lines.choosing import line_meant
from handlers.lines.sending import Words, send
from handlers.lines.words import who

LONGEST = 300


def contact(talk: Talk) -> None:
    """Sends what a person types as their contact; nothing is ever taken from their account."""
    chosen = line_meant(talk, "contact", _("With whom do you want to share your contact?"))
    if chosen is None:
        return
    asked = _("Write what they shall have, such as an e-mail address. I send only what you write here, nothing else.")
    words = talk.ask("words", lines(Strong(who(chosen)), asked), free_text(at_most=LONGEST))
    sure = lines(_("This goes to:"), Strong(who(chosen)), Verbatim(words))
    # Translators: two buttons under a contact that is about to be shared with a partner.
    if not talk.confirm("sure", sure, yes=p_("button", "Share it"), no=p_("button", "Do not share")):
        talk.say(_("Nothing was shared."))
        return
    # Translators: stands over what a partner shares, under their name.
    note = _("Contact, shared on purpose:")
    if send(talk, talk.turn.chat, chosen, Words(words, talk.turn.platform), note):
        talk.say(_("Shared. /unsend takes it back."))
