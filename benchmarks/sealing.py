"""What sealing costs a turn: the same bot with its vault, and with one that lets everything through in clear.

Turns are made as in `benchmarks.turns`. What counts is the processor time of the bot's process for each, taken in turn
with the other's, several rounds; turns a second depend more on what else the machine does.

    .venv/bin/python -m benchmarks.sealing [--users 1000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.turns import MESSAGES, _say, server
from storage.sealing import Digest, Vault

TEXTS = {"a plain answer": "/privacy", "an answer with four choices": "how are you"}
_TICKS = os.sysconf("SC_CLK_TCK")


class Glass(Vault):
    """A vault that hides nothing: the same calls, and no cryptography in them."""

    def seal(self, plain: str, place: str) -> str:
        return plain

    def open(self, sealed: str, place: str) -> str:
        return sealed

    def _digest(self, plain: str, place: str) -> Digest:
        return Digest(plain)


def serve_in_clear() -> None:
    """Be `twinbot run`, with the vault of glass."""
    import bot.running
    from bot.cli import app

    vars(bot.running)["Vault"] = Glass
    app(["run"])


def once(words: list[str], text: str, users: int) -> tuple[float, float]:
    """Run one bot; turns a second, and microseconds of its processor a turn."""
    with server() as api, tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "TWINBOT_STATE_DIR": folder,
            "TWINBOT_TELEGRAM_TOKEN": api.token,
            "TWINBOT_TELEGRAM_API_URL": api.url,
            "TWINBOT_TELEGRAM_RATE": "0",
            "TWINBOT_WEB_PORT": "0",
        }
        people = [api.control("user", first_name=f"U{i}", started=True)["id"] for i in range(users)]
        quiet = subprocess.DEVNULL
        with subprocess.Popen([sys.executable, "-m", *words], env=environment, stdout=quiet, stderr=quiet) as bot:
            try:
                _say(api, people, ["hello"])
                start, used = time.perf_counter(), processor(bot.pid)
                _say(api, people, [text] * MESSAGES)
                turns = users * MESSAGES
                return turns / (time.perf_counter() - start), (processor(bot.pid) - used) / turns * 1e6
            finally:
                bot.terminate()


def processor(pid: int) -> float:
    """Seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--users", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--in-clear", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.in_clear:
        serve_in_clear()
        return
    table = Table("turn", "vault", "µs of processor a turn (median)", "each round", "turns a second (median)")
    for name, text in TEXTS.items():
        kinds = {"in clear": ["benchmarks.sealing", "--in-clear"], "sealed": ["bot", "run"]}
        found: dict[str, list[tuple[float, float]]] = {kind: [] for kind in kinds}
        for _round in range(chosen.rounds):
            for kind, words in kinds.items():
                found[kind].append(once(words, text, chosen.users))
        clear = statistics.median(used for _rate, used in found["in clear"])
        for kind, results in found.items():
            used = statistics.median(used for _rate, used in results)
            more = f" (+{(used / clear - 1) * 100:.1f} %)" if kind == "sealed" else ""
            each = " ".join(f"{used:.0f}" for _rate, used in results)
            rate = statistics.median(rate for rate, _used in results)
            table.add_row(name, kind, f"{used:.0f}{more}", each, f"{rate:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
