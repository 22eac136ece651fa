"""/requests: a teacher asks another to be partners; the other accepts, declines, or lets it lapse."""

from handlers.requests.clock import clock_chore
from handlers.requests.flow import requests
from handlers.requests.lapsing import lapse_chore

__all__ = ["clock_chore", "lapse_chore", "requests"]
