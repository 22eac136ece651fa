"""How long an answer takes while an announcement to everybody waits, and while nothing does.

    .venv/bin/python -m benchmarks.reliability.replies [--people 335000] [--answers 200]

Somebody else writes each time, one after the other with short pauses, to `twinbot run` at 30 messages a second.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.reliability.crowd import announce, bot, settle
from benchmarks.reliability.sink import sink

_ASKING = 5_000_000


def answers(url: str, count: int) -> list[float]:
    """Seconds from the update to its answer, as the server sees it."""
    with sink() as server, tempfile.TemporaryDirectory() as folder, bot(url, server.url, Path(folder), 30):
        for number in range(5):
            server.ask("say", chat=_ASKING + number, text="/privacy")
        found = []
        for number in range(count):
            found.append(server.ask("say", chat=_ASKING + 100 + number, text="/privacy"))
            time.sleep(0.05)
        return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=335_000)
    options.add_argument("--answers", type=int, default=200)
    chosen = options.parse_args()
    table = Table("waiting", "half of the answers within", "95 % within", "99 % within")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/twinbot.db"
        database = settle(url, chosen.people)
        for name in ("nothing", f"{chosen.people:,} announcements"):
            if name != "nothing":
                announce(database)
            times = sorted(answers(url, chosen.answers))
            cuts = statistics.quantiles(times, n=100)
            table.add_row(name, *(f"{1000 * seconds:.0f} ms" for seconds in (cuts[49], cuts[94], cuts[98])))
        database.close()
    Console().print(table)


if __name__ == "__main__":
    main()
