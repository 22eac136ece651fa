"""The web chat: server-rendered pages with live updates, for browsers with and without scripts."""

from bot.platforms.web.book import Book, Line
from bot.platforms.web.platform import Web

__all__ = ["Book", "Line", "Web"]
