"""Reminders and appointments, right in every time zone."""

from bot.talk import Chore
from handlers.reminders.digest import digests
from handlers.reminders.listing import reminders_
from handlers.reminders.remind import remind
from handlers.reminders.ringing import ring
from handlers.reminders.settings import calendar, settings
from handlers.reminders.upkeep import ZoneWatch, tidy

__all__ = ["calendar", "remind", "reminder_chores", "reminders_", "settings"]


def reminder_chores() -> list[Chore]:
    """What is done without anybody asking."""
    return [
        Chore("reminders", 1, ring),
        Chore("digests", 30, digests),
        Chore("zones", 10, ZoneWatch().work),
        Chore("old reminders", 3600, tidy),
    ]
