"""Reminders and appointments, right in every time zone."""

from bot.talk import Chore
from handlers.reminders.ringing import ring
from handlers.reminders.upkeep import ZoneWatch, tidy


def reminder_chores() -> list[Chore]:
    """What is done without anybody asking."""
    return [
        Chore("reminders", 1, ring),
        Chore("zones", 10, ZoneWatch().work),
        Chore("old reminders", 3600, tidy),
    ]
