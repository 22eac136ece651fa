"""/mydata: everything stored about a person, as a file."""

from __future__ import annotations

import json

from bot.talk import Attachment, Talk, Working, go
from bot.text import Strong, _, lines, n_, p_
from handlers.rights.archive import SOURCE
from storage.rights import exporting


def mydata(talk: Talk) -> None:
    """Says how much there is, and sends the archive after it."""
    held = exporting.amount(talk.session, talk.person)
    ref = json.dumps([talk.person, talk.reader.chosen, talk.reader.timezone])
    number, title = sum(held.values()), Strong(_("Everything stored about you"))
    begun = n_("{n} entry is being put together.", "{n} entries are being put together.", number)
    done = n_("{n} entry was put together.", "{n} entries were put together.", number)
    talk.say(
        _("Here it is, as a page to read (index.html) and as JSON for programs (data.json)."),
        go("record", p_("button", "What support did")),
        go("deleteme", p_("button", "Erase my data")),
        go("privacy", p_("button", "Privacy")),
        file=(SOURCE, Attachment("file", ref, "twinbot-data.zip", "application/zip")),
        working=Working(lines(title, begun, _("The file follows in a few seconds.")), lines(title, done)),
    )
