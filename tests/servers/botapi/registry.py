"""How a file of Bot API methods lists what it offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .wire import Json

if TYPE_CHECKING:
    from .server import BotApi

Handler = Callable[["BotApi", Json, dict[str, tuple[str, bytes]]], Any]
Register = Callable[..., Callable[[Handler], Handler]]


def registry() -> tuple[dict[str, Handler], Register]:
    """An empty table (lower-case method name to handler) and the decorator that fills it."""
    table: dict[str, Handler] = {}

    def method(*names: str) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            table.update((name.lower(), handler) for name in names)
            return handler

        return register

    return table, method
