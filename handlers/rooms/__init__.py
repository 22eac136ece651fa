"""/room: the rooms of projects; and what is said at one of their doors, brought to the others."""

from handlers.rooms.flow import room
from handlers.rooms.happening import room_listener

__all__ = ["room", "room_listener"]
