"""uvicorn inside our own event loop: no signal handlers, no access log, and it ends when it is told to."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from bot.platforms.platform import Setback

_GRACE = 3


class Server(uvicorn.Server):
    """Serves an app on a socket; calls ``on_start`` once it listens."""

    def __init__(self, app: ASGIApp, on_start: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            # Nobody here wants to know who is calling: neither the client's address nor a proxy's word for it. The
            # level keeps the access log silent even where somebody gives its logger a handler.
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=_GRACE,
        )
        super().__init__(config)
        self._on_start = on_start

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the program."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        self._on_start()


def listen(host: str, port: int, *, together: bool = False) -> socket.socket:
    """Open the listening socket; ``together`` with other processes of ours, among whom the system spreads what comes.

    Raises Setback with a sentence for the operator if that cannot be.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048, reuse_port=together)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = f"Port {port} is in use by another program. Set TWINBOT_WEB_PORT to a free port."
        elif error.errno == errno.EACCES:
            why = f"Port {port} needs special rights. Set TWINBOT_WEB_PORT to a port above 1023."
        else:
            why = f"The web chat cannot listen on {host} port {port}. Check TWINBOT_WEB_HOST and TWINBOT_WEB_PORT."
        raise Setback(why) from error
