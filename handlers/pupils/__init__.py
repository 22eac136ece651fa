"""/pupils: places for a class in a project, their cards, and how pupils come in."""

from handlers.pupils.chatting import in_class, leave_class, pupil_chore, pupil_listener, report_class
from handlers.pupils.elsewhere import join
from handlers.pupils.flow import pupils

__all__ = ["in_class", "join", "leave_class", "pupil_chore", "pupil_listener", "pupils", "report_class"]
