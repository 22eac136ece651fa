"""How long tests wait for what comes by itself: one number for all of them."""

#: Seconds. Where all is well nobody waits so long, however slow the machine is at that moment.
PATIENCE = 60.0
