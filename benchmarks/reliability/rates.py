"""The rate of an account kept: twinbot beside python-telegram-bot's AIORateLimiter, as a server sees both.

    .venv/bin/python -m benchmarks.reliability.rates [--seconds 30] [--rates 25 30]

AIORateLimiter needs the package aiolimiter, which comes with the test extra and not with twinbot.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.reliability.crowd import FIRST, announce, bot, most_in_a_second, processor, settle
from benchmarks.reliability.sink import TOKEN, Control, sink

_PEOPLE = 5000


def ours(rate: int, seconds: float) -> tuple[list[float], float]:
    with sink() as server, tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/twinbot.db"
        database = settle(url, _PEOPLE)
        announce(database)
        database.close()
        with bot(url, server.url, Path(folder), rate) as process:
            return _measured(server, process.pid, seconds)


def theirs(rate: int, seconds: float) -> tuple[list[float], float]:
    with sink() as server:
        words = [sys.executable, "-m", "benchmarks.reliability.rates", "--be-ptb", server.url, "--rates", str(rate)]
        with subprocess.Popen(words) as process:
            try:
                return _measured(server, process.pid, seconds)
            finally:
                process.kill()


def _measured(server: Control, pid: int, seconds: float) -> tuple[list[float], float]:
    """When messages came, and the share of a core that it took; the first five seconds are not counted."""
    deadline = time.monotonic() + 60
    while server.count() == 0:
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.1)
    time.sleep(5)
    used, began = processor(pid), time.monotonic()
    time.sleep(seconds)
    used, ended = processor(pid) - used, time.monotonic()
    return [at for at in server.ask("stats") if began <= at < ended], used / (ended - began)


async def be_ptb(server: str, rate: int) -> None:
    """Send the same list with AIORateLimiter, as its documentation shows."""
    from telegram.ext import AIORateLimiter, ExtBot
    from telegram.request import HTTPXRequest

    limiter = AIORateLimiter(overall_max_rate=rate, overall_time_period=1)
    ways = HTTPXRequest(connection_pool_size=64)
    sender = ExtBot(TOKEN, base_url=f"{server}/bot", rate_limiter=limiter, request=ways)
    async with sender:
        text = "The conference begins on Monday at ten. " * 5
        await asyncio.gather(*(sender.send_message(FIRST + n, text) for n in range(_PEOPLE)))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=30)
    options.add_argument("--rates", type=int, nargs="+", default=[25, 30])
    options.add_argument("--be-ptb")
    chosen = options.parse_args()
    if chosen.be_ptb:
        asyncio.run(be_ptb(chosen.be_ptb, chosen.rates[0]))
        return
    table = Table(
        "sender", "allowed a second", "sent a second", "of what is allowed", "most in any second", "of a core"
    )
    for rate in chosen.rates:
        for name, once in (("twinbot run", ours), ("AIORateLimiter", theirs)):
            times, core = once(rate, chosen.seconds)
            sent = len(times) / chosen.seconds
            share = f"{sent / rate:.1%}"
            table.add_row(name, str(rate), f"{sent:.2f}", share, str(most_in_a_second(times)), f"{core:.1%}")
    Console().print(table)


if __name__ == "__main__":
    main()
