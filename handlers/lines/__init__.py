"""Private lines: what partners write to each other, through the bot."""

from handlers.lines.contact import contact
from handlers.lines.ending import block, end, unblock
from handlers.lines.flow import leave, line, unsend
from handlers.lines.listener import listener

__all__ = ["block", "contact", "end", "leave", "line", "listener", "unblock", "unsend"]
