"""Our own Telegram Bot API server for tests: real HTTP, checked by aiogram's models and Telegram's limits."""

from .actors import User
from .faults import Fault, Rates
from .server import BotApi
from .state import TOKEN
from .world import Call, Chat, Message, Query, Violation

__all__ = ["TOKEN", "BotApi", "Call", "Chat", "Fault", "Message", "Query", "Rates", "User", "Violation"]
