"""How many durable turns a second one process makes, beside echo bots that keep nothing.

A turn: a Telegram update comes in over HTTP, is stored, answered, and the answer is sent over HTTP. The Bot API
server of the tests runs in a process of its own, without its checks, and is the same for all.

    .venv/bin/python -m benchmarks.turns [--users 1000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

MESSAGES = 3
CONTESTANTS = {
    "twinbot run, a plain answer": [sys.executable, "-m", "bot", "run"],
    "twinbot run, an answer with four choices": [sys.executable, "-m", "bot", "run"],
    "python-telegram-bot echo, concurrent": [sys.executable, "-m", "benchmarks.echo.on_ptb"],
    "python-telegram-bot echo, as it comes": [sys.executable, "-m", "benchmarks.echo.on_ptb"],
    "aiogram echo": [sys.executable, "-m", "benchmarks.echo.on_aiogram"],
}


class Server:
    """The Bot API server, through its control address."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def control(self, name: str, **arguments: Any) -> Any:
        request = urllib.request.Request(
            f"{self.url}/control/{name}", json.dumps(arguments).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.load(answer)["result"]


@contextlib.contextmanager
def server() -> Iterator[Server]:
    command = [sys.executable, "-m", "tests.servers.botapi", "--no-validate"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        known = json.loads(process.stdout.readline())
        try:
            yield Server(known["url"], known["token"])
        finally:
            process.terminate()


def once(name: str, users: int) -> tuple[float, float]:
    """Run one contestant; gives turns a second and its memory in MB at the end."""
    command, sequential = CONTESTANTS[name], "as it comes" in name
    text = "/privacy" if "plain" in name else "how are you"
    with server() as api, tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "TWINBOT_STATE_DIR": folder,
            "TWINBOT_TELEGRAM_TOKEN": api.token,
            "TWINBOT_TELEGRAM_API_URL": api.url,
            "TWINBOT_TELEGRAM_RATE": "0",
            "TWINBOT_WEB_PORT": "0",
            "PTB_TIMEDELTA": "1",
            **({"SEQUENTIAL": "1"} if sequential else {}),
        }
        people = [api.control("user", first_name=f"U{i}", started=True)["id"] for i in range(users)]
        quiet = subprocess.DEVNULL
        with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as bot:
            try:
                # The first message of each makes a person of them, and warms everything up.
                _say(api, people, ["hello"])
                start = time.perf_counter()
                _say(api, people, [text] * MESSAGES)
                seconds = time.perf_counter() - start
                return users * MESSAGES / seconds, memory(bot.pid)
            finally:
                bot.terminate()


def _say(api: Server, people: list[int], texts: list[str]) -> None:
    before = api.control("count", method="sendMessage")
    api.control("say_many", users=people, texts=texts)
    api.control("wait_count", method="sendMessage", count=before + len(people) * len(texts), timeout=300)


def memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--users", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in CONTESTANTS}
    for _round in range(chosen.rounds):
        for name in CONTESTANTS:
            found[name].append(once(name, chosen.users))
    table = Table("bot", "turns a second (median)", "each round", "memory MB", title="Telegram update in, answer out")
    for name, results in found.items():
        rates = [rate for rate, _memory_mb in results]
        each = " ".join(f"{rate:.0f}" for rate in rates)
        table.add_row(name, f"{statistics.median(rates):.0f}", each, f"{results[-1][1]:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
