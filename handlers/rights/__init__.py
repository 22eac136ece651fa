"""Everyone's rights over their data: /mydata takes it along, /deleteme ends it."""

from handlers.rights.deleteme import deleteme
from handlers.rights.ending import erasing_chore, idle_chore
from handlers.rights.mydata import mydata
from handlers.rights.record import record

__all__ = ["deleteme", "erasing_chore", "idle_chore", "mydata", "record"]
