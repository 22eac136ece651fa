"""/pupils: places for a class in a project, their cards, and how pupils come in."""

from handlers.pupils.flow import pupils

__all__ = ["pupils"]
