"""`twinbot run` as a process of its own, and a town around it: real servers, and people who keep on talking."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from uuid import uuid4

import aiohttp

from tests.cast import Actor, OnMatrix, OnTelegram, OnWeb
from tests.patience import PATIENCE
from tests.servers.botapi import BotApi
from tests.servers.child import end, free_port, spawn, tail, wait_until_ready
from tests.servers.matrix_user import matrix_user
from tests.servers.synapse import Synapse
from tests.vault import KEY

ROOT = Path(__file__).resolve().parents[2]
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")


# A newcomer's whole registration, line by line: what is said, and what is heard.
STEPS = [
    ("/start", "Welcome to twinbot"),
    ("/register", "1/7"),
    ("Amina Diallo", "2/7"),
    ("Portugal", "3/7"),
    ("Viseu", "Which of these is it?"),
    ("1", "4/7"),
    ("music, history", "5/7"),
    ("English", "6/7"),
    ("8-10", "7/7"),
    ("Songs of our rivers", "Is everything right?"),
]


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """What the process sees: our settings, and nothing of the environment that the tests run in."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    ours = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "COLUMNS": "200", "TWINBOT_SECRET_KEY": KEY}
    return {**kept, **ours, **settings}


def command(
    *words: str, settings: Mapping[str, str], folder: Path, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `twinbot ...` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        input=typed, text=True, capture_output=True, check=False, timeout=120, cwd=folder, env=environment(settings),
    )  # fmt: skip


class Program:
    """A running `twinbot`. Output and errors go to one file, which outlives restarts."""

    def __init__(self, folder: Path, settings: Mapping[str, str], name: str = "twinbot") -> None:
        self.log = folder / f"{name}.log"
        self.port = free_port()
        self.settings = {
            "TWINBOT_DATABASE_URL": f"sqlite:///{folder}/twinbot.db",
            "TWINBOT_STATE_DIR": str(folder / "state"),
            "TWINBOT_WEB_PORT": str(self.port),
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """All that it has written."""
        return self.log.read_text() if self.log.exists() else ""

    def begin(self, *words: str) -> None:
        """Start, and do not wait. The kernel ends it with the tests."""
        settings = [f"{name}={value}" for name, value in environment(self.settings).items()]
        line = ["/usr/bin/env", "-i", *settings, sys.executable, "-m", "bot", *(words or ("run",))]
        self.process = spawn(line, self.log)
        self.starts += 1

    async def start(self, *words: str) -> None:
        """Start, and wait until the web chat answers."""
        self.begin(*words)
        await self.serves()

    async def serves(self) -> None:
        assert self.process is not None
        await asyncio.to_thread(wait_until_ready, self.process, self.answers, self.log)

    def answers(self) -> bool:
        """Whether the web chat says that it is well."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def until_it_says(self, words: str) -> None:
        """Wait for words of its log; its end is a failure, and so is a minute without them."""
        assert self.process is not None
        give_up = monotonic() + PATIENCE
        while words not in self.said:
            assert self.process.poll() is None and monotonic() < give_up, self.said[-20_000:]
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.02)

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    async def ended(self, by: int | None = None) -> int:
        """Wait for its end, after a signal if one is given; the exit code."""
        assert self.process is not None
        if by is not None:
            self.process.send_signal(by)
        return await asyncio.to_thread(self.process.wait, 60)

    def close(self) -> None:
        if self.process is not None:
            end(self.process, signal.SIGKILL)

    def __str__(self) -> str:
        return tail(self.log)


class PatientWeb(OnWeb):
    """A browser that sends a form again, under the same number, until the server has taken it."""

    async def _post(self, path: str, **form: str) -> None:
        event = str(uuid4())
        while True:
            try:
                return await super()._post(path, event=event, **form)
            except (aiohttp.ClientError, ConnectionError):
                # The server is being restarted; connecting is what waits.
                await asyncio.sleep(0.05)


class Town:
    """Servers, one program on the platforms that are named, and people."""

    def __init__(
        self,
        folder: Path,
        *platforms: str,
        homeserver: Synapse | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.folder, self.platforms, self._homeserver = folder, platforms, homeserver
        self._settings = dict(settings or {})
        self.stack = contextlib.AsyncExitStack()
        self._people = 0

    async def __aenter__(self) -> Town:
        settings = dict(self._settings)
        if "telegram" in self.platforms:
            self.api = await self.stack.enter_async_context(BotApi.start())
            settings |= {"TWINBOT_TELEGRAM_TOKEN": self.api.token, "TWINBOT_TELEGRAM_API_URL": self.api.url}
            settings.setdefault("TWINBOT_TELEGRAM_RATE", "0")
        if "matrix" in self.platforms:
            assert self._homeserver is not None
            self.login = await asyncio.to_thread(self._homeserver.register, f"bot{uuid4().hex[:12]}", "secret-pass")
            settings |= {
                "TWINBOT_MATRIX_HOMESERVER": self._homeserver.url,
                "TWINBOT_MATRIX_USER": self.login.user_id,
                "TWINBOT_MATRIX_PASSWORD": "secret-pass",
            }
        self.program = Program(self.folder, settings)
        self.stack.callback(self.program.close)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stack.aclose()

    async def actor(self, name: str, platform: str) -> Actor:
        self._people += 1
        return Actor(name, await getattr(self, f"_on_{platform}")(name))

    async def _on_telegram(self, name: str) -> OnTelegram:
        return OnTelegram(self.api, self.api.user(name, language_code="en", started=True))

    async def _on_web(self, _name: str) -> PatientWeb:
        ways = PatientWeb(lambda: self.program.url, "en", lambda: None)
        self.stack.push_async_callback(ways.close)
        return ways

    async def _on_matrix(self, name: str) -> OnMatrix:
        assert self._homeserver is not None
        user = await self.stack.enter_async_context(matrix_user(self._homeserver, f"{name}{uuid4().hex[:8]}".lower()))
        room = await user.direct_chat(self.login.user_id)
        # The bot greets whoever invited it, unless they have said something before it came.
        await user.ear.until(lambda: any("Welcome to twinbot" in h.body for h in user.ear.events), 60)
        return OnMatrix(user, room)
