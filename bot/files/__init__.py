"""Files go from platform to platform: fetched, cleaned of what their senders may not know to be in them, sent."""

from bot.files.carrying import Carrier, excuse

__all__ = ["Carrier", "excuse"]
