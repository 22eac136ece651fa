"""Reminders and appointments, right in every time zone."""
