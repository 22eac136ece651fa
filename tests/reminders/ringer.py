"""A process that does nothing but ring: `python -m tests.reminders.ringer URL NOW`. Tests kill it."""

from __future__ import annotations

import secrets
import sys
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from bot.telling import Telling
from handlers.reminders import ringing
from storage.database import Database
from tests.vault import VAULT

#: Few at a time, so that there are many moments at which to be killed.
ringing.BATCH = 4


def once(session: Session, now: datetime) -> bool:
    telling = Telling(session, f"reminders.{secrets.token_hex(8)}.", now, gathers=True)
    more = ringing.ring(session, now, telling.tell)
    telling.finish()
    return more


def main() -> None:
    url, now = sys.argv[1], datetime.fromisoformat(sys.argv[2])
    database = Database(url, VAULT)
    while database.do(partial(once, now=now)):
        pass
    database.close()


if __name__ == "__main__":
    main()
