"""/privacy: what is stored, who sees it, how long."""

from __future__ import annotations

from bot.talk import Talk
from bot.text import Joined, Strong, _


def privacy(talk: Talk) -> None:
    """Says in plain words what happens to a person's data."""
    talk.say(
        Joined(
            (
                Strong(_("Your data")),
                _(
                    "I keep what you tell me when you register: your name as you wrote it, country, school, subjects, "
                    "languages, the ages of your pupils and what you look for."
                ),
                _(
                    "Other registered teachers see your school, town, country, subjects, languages, ages and what you "
                    "look for. They do not see your account, phone number or e-mail address."
                ),
                _(
                    "To verify you, support of your country sees your name, school and subjects, and what you write to "
                    "them. Your head teacher and ambassadors see your name, school and subjects only if you ask them."
                ),
                _(
                    "I also keep the number of your account on the platform you write from, so that I know you again. "
                    "A message to me is deleted once it is answered; one that I could not handle is kept for a month, "
                    "so that we can find out why. "
                    "The web page keeps the conversation for three months, for you to read."
                ),
                _("Accounts, addresses and what we write to each other are stored encrypted."),
                _(
                    "What you and a partner write to each other goes through me and is kept encrypted for three "
                    "months. Nobody reads it, unless one of you reports it: then support of both countries reads those "
                    "words and a few around them."
                ),
                _(
                    "What is said in the rooms of a project is read by those who are in the room. It is kept "
                    "encrypted, and erased 180 days after the end of the project. Support of your country sees which "
                    "projects there are, and their schools."
                ),
                _(
                    "Where a room has a door on Telegram or Matrix, what is said in it stands there as well, and that "
                    "platform keeps it by its own rules. In such a group I read only to bring what is said to the "
                    "other doors, and I note which teachers of the project are in it."
                ),
                _(
                    "Pupils come in with a card from their teacher: of them I keep a nickname and what they say, "
                    "and no name, no account and no address. Their places are erased together with what was said."
                ),
                _(
                    "Only where a teacher lets older pupils come in by Telegram or Matrix, I keep the number of that "
                    "account, encrypted, until the pupil leaves or the card ends. Others see the nickname alone."
                ),
                _(
                    "Your reminders are kept encrypted, and for three months after their end. Nobody sees them but you "
                    "and whoever you ask to an appointment."
                ),
                _(
                    "Nothing is sold, nothing is used for advertising, and no other company gets it. "
                    "Pupils' names have no place here: please do not write them."
                ),
                _(
                    "/profile shows and changes what others see of you. /record shows what support did about you. "
                    "/mydata sends you everything that is stored, /deleteme erases it."
                ),
            ),
            "\n\n",
        )
    )
