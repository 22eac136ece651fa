"""Reminders and appointments, right in every time zone."""

from bot.talk import Chore
from handlers.reminders.addresses import calendar
from handlers.reminders.appointment import appointment
from handlers.reminders.cards import look_after
from handlers.reminders.deciding import end_overdue
from handlers.reminders.digest import digests
from handlers.reminders.listing import reminders_
from handlers.reminders.meeting import when
from handlers.reminders.remind import remind
from handlers.reminders.ringing import ring
from handlers.reminders.settings import settings
from handlers.reminders.upkeep import ZoneWatch, tidy

__all__ = ["appointment", "calendar", "remind", "reminder_chores", "reminders_", "settings", "when"]


def reminder_chores() -> list[Chore]:
    """What is done without anybody asking."""
    return [
        Chore("reminders", 1, ring),
        Chore("digests", 30, digests),
        Chore("votes", 60, end_overdue),
        Chore("room cards", 2, look_after),
        Chore("zones", 10, ZoneWatch().work),
        Chore("old reminders", 3600, tidy),
    ]
