"""Where the audit log ended when it was last looked at, kept in a file: a log that is cut off is noticed by it.

The chain of the log says nothing of entries that are missing at its end, and nothing at all once the table is empty.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

from sqlalchemy.orm import Session

from bot import disk
from storage.audit import Head
from storage.audit_check import check
from storage.database import Database, is_away

log = logging.getLogger("twinbot.audit")


class AnchorTrouble(Exception):
    """The file cannot be read or written, or holds something else; the sentence says what to do."""


class Anchor:
    """The file, and the look at what has come since. ``look`` is done every minute by the bot that runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._told: list[str] = []

    def read(self) -> Head | None:
        """Where the log ended; None if there is no file. Raises `AnchorTrouble`."""
        try:
            kept = json.loads(self.path.read_text())
            return Head(int(kept["entries"]), str(kept["digest"]))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise AnchorTrouble(f"{self.path} cannot be read: {error.strerror}.") from None
        except (ValueError, TypeError, KeyError):
            raise AnchorTrouble(f"{self.path} is damaged. Remove it, and what it knew is lost.") from None

    def write(self, head: Head) -> None:
        """Note where the log ends. Raises `AnchorTrouble`."""
        try:
            disk.replace(self.path, json.dumps({"entries": head.number, "digest": head.digest}) + "\n")
        except OSError as error:
            raise AnchorTrouble(f"{self.path} cannot be written: {error.strerror}.") from None

    def follow(self, session: Session) -> list[str]:
        """Go on from where the log ended to where it ends now. If all fits, that is noted; what does not is said."""
        since = self.read()
        found = check(session, since)
        if not found.problems and found.head != since:
            self.write(found.head)
        return found.problems

    async def look(self, database: Database) -> None:
        """Follow the log, and put what is wrong with it into the bot's own log, once."""
        try:
            problems = await database.read(self.follow)
        except AnchorTrouble as trouble:
            problems = [str(trouble)]
        except Exception as error:
            if not is_away(error):
                log.exception("the audit log could not be looked at")
            return
        if problems and problems != self._told:
            log.error("the audit log is not what it was (%s); see `twinbot audit verify`", "; ".join(problems[:3]))
        self._told = problems
