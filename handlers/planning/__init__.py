"""What is planned in a room itself: reminders, appointments and votes, by a line and by buttons, at every door."""

from handlers.planning.listening import plan_listener

__all__ = ["plan_listener"]
