"""/group: four to six schools around one idea, all asked at once; it opens when enough have said yes."""

from handlers.groups.flow import group
from handlers.groups.gathering import group_chore

__all__ = ["group", "group_chore"]
