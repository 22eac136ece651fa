"""How soon after its start a process answers, and how much memory it holds, with Telegram, Matrix and the web on.

The database exists already and holds 2,000 teachers. A message waits at the Bot API server before the process is
started; the time runs from the start of the process to the answer.

    .venv/bin/python -m benchmarks.start [--rounds 5]
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

from benchmarks.turns import Server, memory, server
from tests.servers.synapse import synapse


def once(environment: dict[str, str], api: Server, person: int, text: str) -> tuple[float, float, float]:
    """Start the process; gives seconds to the first answer, and MB after it and after 300 more."""
    before = api.control("count", method="sendMessage")
    api.control("say_many", users=[person], texts=[text])
    begun = time.perf_counter()
    quiet = subprocess.DEVNULL
    with subprocess.Popen([sys.executable, "-m", "bot", "run"], env=environment, stdout=quiet, stderr=quiet) as bot:
        try:
            api.control("wait_count", method="sendMessage", count=before + 1, timeout=60)
            seconds = time.perf_counter() - begun
            first = memory(bot.pid)
            others = [api.control("user", first_name=f"U{i}", started=True)["id"] for i in range(100)]
            api.control("say_many", users=others, texts=["/start", "/register", "Amina"])
            api.control("wait_count", method="sendMessage", count=before + 301, timeout=60)
            return seconds, first, memory(bot.pid)
        finally:
            bot.terminate()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder, server() as api, synapse(Path(folder) / "synapse") as homeserver:
        login = homeserver.register("twinbot", "secret")
        environment = {
            **os.environ,
            "TWINBOT_STATE_DIR": f"{folder}/state",
            "TWINBOT_TELEGRAM_TOKEN": api.token,
            "TWINBOT_TELEGRAM_API_URL": api.url,
            "TWINBOT_TELEGRAM_RATE": "0",
            "TWINBOT_MATRIX_HOMESERVER": homeserver.url,
            "TWINBOT_MATRIX_USER": login.user_id,
            "TWINBOT_MATRIX_PASSWORD": "secret",
            "TWINBOT_WEB_PORT": "0",
        }
        subprocess.run([sys.executable, "-m", "bot", "populate"], env=environment, check=True, capture_output=True)
        person = api.control("user", first_name="Amina", started=True)["id"]
        found = [once(environment, api, person, "/privacy") for _round in range(rounds)]
    table = Table("", "median", "each", title="Telegram, Matrix and web on, 2,000 teachers in SQLite")
    titles = ("seconds from start to first answer", "MB after the first answer", "MB after 300 more answers")
    for title, figures in zip(titles, zip(*found, strict=True), strict=True):
        table.add_row(title, f"{statistics.median(figures):.2f}", " ".join(f"{figure:.2f}" for figure in figures))
    Console().print(table)


if __name__ == "__main__":
    main()
