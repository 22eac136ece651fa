"""Pictures that the bot draws itself: what they show travels with the message, and they are drawn when it leaves."""

from __future__ import annotations

import asyncio
import json
from typing import BinaryIO, ClassVar

from bot.platforms.platform import NotCarried
from bot.talk import Attachment
from handlers.staff import bars


class Bars:
    """The source of bar charts. What is asked for are the figures."""

    name: ClassVar[str] = bars.SOURCE

    def resends(self, what: Attachment) -> bool:
        """Never: every picture is new."""
        return False

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        """Draw the picture."""
        figures = [int(figure) for figure in json.loads(what.ref)]
        await asyncio.to_thread(bars.draw, figures, into)
        if into.tell() > most:
            raise NotCarried("big", most)
