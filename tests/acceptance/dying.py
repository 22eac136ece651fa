"""Runs a `twinbot` command that is killed with -9 just before the n-th thing it does to its key file or database.

    python -m tests.acceptance.dying 17 keys rotate

With 0 it lives, and says at the end how many such things there were.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from bot.cli import main

_FILE = {"open", "os.link", "os.rename", "os.remove", "tempfile.mkstemp"}


class Reaper:
    """Counts what is about to happen, and comes before the n-th."""

    def __init__(self, last: int) -> None:
        self.last, self.count = last, 0
        sys.addaudithook(self._audit)
        for name in ("before_cursor_execute", "commit", "rollback"):
            event.listen(Engine, name, self.before)

    def _audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in _FILE and "secret.key" in str(arguments[0]):
            self.before()

    def before(self, *_what: Any) -> None:
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    reaper = Reaper(int(sys.argv.pop(1)))
    try:
        main()
    finally:
        # The last thing is to have done everything, and not to have ended yet.
        reaper.before()
        print(f"{reaper.count} things", file=sys.stderr)
