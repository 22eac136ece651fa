"""`python -m tests.servers.botapi --port N`: the server as a process of its own, driven under /control/."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal

from .faults import Rates
from .server import BotApi
from .state import TOKEN


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT; the first line printed is JSON with url and token."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    rates = Rates() if options.rates else None
    async with BotApi.start(
        port=options.port, token=options.token, validate=not options.no_validate, rates=rates
    ) as api:
        print(json.dumps({"url": api.url, "token": api.token}), flush=True)
        await stop.wait()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.botapi", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 takes a free one")
    parser.add_argument("--token", default=TOKEN, help="the bot's token, <number>:<text>")
    parser.add_argument("--no-validate", action="store_true", help="skip all checks (benchmarks)")
    parser.add_argument("--rates", action="store_true", help="enforce Telegram's rates with 429")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
