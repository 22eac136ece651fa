"""A Bot API server that takes everything and notes when: the limits are what the sender keeps, not what it is told.

It runs as a process of its own. Under ``/control`` it is asked what came, and lets somebody say something.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import uvloop
from aiohttp import web

TOKEN = "123456789:benchmark-of-delivery"


class Sink:
    """What came: the chat of each message, and when."""

    def __init__(self) -> None:
        self.sent: list[tuple[float, int]] = []
        self.updates: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.number = 0

    async def method(self, request: web.Request) -> web.Response:
        name = request.match_info["method"].lower()
        if name == "getupdates":
            return ok(await self.get_updates())
        # python-telegram-bot may send a form where we send JSON.
        form = await (request.json() if request.content_type == "application/json" else request.post())
        if name == "getme":
            return ok({"id": 123456789, "is_bot": True, "first_name": "B", "username": "sink_bot"})
        if name.startswith("sendmessage"):
            chat = int(form["chat_id"])
            self.sent.append((time.monotonic(), chat))
            return ok({"message_id": len(self.sent), "date": 0, "chat": {"id": chat, "type": "private"}, "text": "x"})
        return ok(True)

    async def get_updates(self) -> list[dict[str, Any]]:
        try:
            async with asyncio.timeout(5):
                found = [await self.updates.get()]
        except TimeoutError:
            return []
        while not self.updates.empty():
            found.append(self.updates.get_nowait())
        return found

    async def say(self, request: web.Request) -> web.Response:
        """Somebody writes; answers with how long the first message to them took."""
        given = await request.json()
        self.number += 1
        chat, began, before = given["chat"], time.monotonic(), len(self.sent)
        person = {"id": chat, "is_bot": False, "first_name": "P", "language_code": "en"}
        message = {"message_id": self.number, "date": int(time.time()), "chat": {"id": chat, "type": "private"},
                   "from": person, "text": given["text"]}  # fmt: skip
        self.updates.put_nowait({"update_id": self.number, "message": message})
        async with asyncio.timeout(60):
            while True:
                for at, to in self.sent[before:]:
                    if to == chat:
                        return web.json_response(at - began)
                before = len(self.sent)
                await asyncio.sleep(0.001)

    async def count(self, _request: web.Request) -> web.Response:
        return web.json_response(len(self.sent))

    async def stats(self, _request: web.Request) -> web.Response:
        return web.json_response([at for at, _chat in self.sent])


def ok(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=0)
    sink, app = Sink(), web.Application()
    app.add_routes(
        [
            web.post("/bot{token}/{method}", sink.method),
            web.post("/control/say", sink.say),
            web.post("/control/count", sink.count),
            web.post("/control/stats", sink.stats),
        ]
    )

    async def serve() -> None:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", options.parse_args().port)
        await site.start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.Event().wait()

    uvloop.run(serve())


class Control:
    """The sink from outside."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, name: str, **given: Any) -> Any:
        body = json.dumps(given).encode()
        request = urllib.request.Request(f"{self.url}/control/{name}", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)

    def count(self) -> int:
        return int(self.ask("count"))


@contextlib.contextmanager
def sink() -> Iterator[Control]:
    """A running sink."""
    command = [sys.executable, "-m", "benchmarks.reliability.sink"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Control(f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
