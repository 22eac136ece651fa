"""Announcements: /announce for support, /news for their readers."""

from handlers.announcing.flow import announce
from handlers.announcing.reading import news
from handlers.announcing.running import announcement_chore

__all__ = ["announce", "announcement_chore", "news"]
