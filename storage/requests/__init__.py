"""Partner requests: one teacher asks another, who accepts, declines or lets it lapse."""

from storage.models.partnerships import ACCEPTED, DECLINED, LAPSED, OPEN, WITHDRAWN
from storage.requests.deciding import (
    MOST_A_DAY,
    MOST_OPEN,
    Cannot,
    Obstacle,
    Sent,
    accept,
    decline,
    lapse,
    obstacle,
    send,
    withdraw,
)
from storage.requests.joining import carry_over
from storage.requests.reading import (
    AGAIN,
    LIFETIME,
    Request,
    again_from,
    counted,
    find,
    last_from,
    listed,
    number_open,
    open_from,
)

__all__ = [
    "ACCEPTED",
    "AGAIN",
    "DECLINED",
    "LAPSED",
    "LIFETIME",
    "MOST_A_DAY",
    "MOST_OPEN",
    "OPEN",
    "WITHDRAWN",
    "Cannot",
    "Obstacle",
    "Request",
    "Sent",
    "accept",
    "again_from",
    "carry_over",
    "counted",
    "decline",
    "find",
    "lapse",
    "last_from",
    "listed",
    "number_open",
    "obstacle",
    "open_from",
    "send",
    "withdraw",
]
