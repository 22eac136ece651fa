"""Files of pupils, as they go on."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import replace

from bot.talk import Attachment

_ENDING = re.compile(r"\.[A-Za-z0-9]{1,4}$")


def nameless(file: Attachment) -> Attachment:
    """A file without the name that it had on a pupil's device, which may be theirs; its ending says what opens it.

    It is sent anew everywhere, since what a platform sends on keeps its name.
    """
    ending = _ENDING.search(file.name) if file.kind == "file" else None
    known = ending[0].lower() if ending is not None else mimetypes.guess_extension(file.mime or "") or ""
    return replace(file, name=f"{file.kind}{known}", anew=True)
