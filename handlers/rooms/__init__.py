"""/room: the rooms of projects; and what is said at one of their doors, brought to the others."""

from handlers.rooms.flow import room
from handlers.rooms.happening import room_listener
from handlers.rooms.holding import held_chore
from handlers.rooms.onmatrix import matrix_chore
from handlers.rooms.polling import poll
from handlers.rooms.telegram_people import telegram_chore

__all__ = ["held_chore", "matrix_chore", "poll", "room", "room_listener", "telegram_chore"]
