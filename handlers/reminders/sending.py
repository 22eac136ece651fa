"""The file of an appointment, as a flow sends it; it is made when it is sent."""

from __future__ import annotations

import json

from bot.talk import Attachment

#: The name of the source from which delivery takes such files.
SOURCE = "calendar"


def calendar_file(reminder: int) -> tuple[str, Attachment]:
    """A reminder or appointment as a file for a calendar program."""
    return SOURCE, Attachment("file", json.dumps(reminder), "appointment.ics", "text/calendar")
