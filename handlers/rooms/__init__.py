"""/room: the rooms of projects; and what is said at one of their doors, brought to the others."""

from handlers.rooms.bridge import room_listener
from handlers.rooms.flow import room

__all__ = ["room", "room_listener"]
