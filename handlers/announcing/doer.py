"""Whoever does something with an announcement: in a chat, where that is the `Talk`, or on the page of announcements."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from bot.talk import Option
from bot.text import Node


class Doer(Protocol):
    """An officer at work: in which transaction, who, when, and how others are told."""

    @property
    def session(self) -> Session:
        """The transaction."""

    @property
    def person(self) -> int:
        """Who it is."""

    @property
    def now(self) -> datetime:
        """When it is."""

    def tell(
        self, person: int, body: Node, *options: Option, later: timedelta | None = None, token: str | None = None
    ) -> None:
        """Tell somebody something, where they were heard last."""
