"""What is counted while the program runs, in the terms of Prometheus. No name, id or word of anybody is a label."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from storage.measures import Measures
from storage.post import ANNOUNCEMENT, INTERACTIVE, REMINDER, ROOM

#: What the lanes of the outbox are called.
LANES: Final = {INTERACTIVE: "interactive", ROOM: "room", REMINDER: "reminder", ANNOUNCEMENT: "announcement"}

_TURN = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_SEND = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_DELIVERY = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120, 600, 3600, 14400)


class Metrics:
    """The counters of one running program; `measured` is what the database said last."""

    def __init__(self) -> None:
        ours = self.registry = CollectorRegistry()
        self.measured: Measures | None = None
        self.updates = Counter(
            "twinbot_updates", "Updates that had their turn.", ["platform", "outcome"], registry=ours
        )
        self.turns = Histogram(
            "twinbot_turn_seconds",
            "From the start of a turn to its commit.",
            ["platform"],
            buckets=_TURN,
            registry=ours,
        )
        self.sends = Counter(
            "twinbot_sends", "Messages that came to an end.", ["platform", "lane", "outcome"], registry=ours
        )
        self.send_seconds = Histogram(
            "twinbot_send_seconds",
            "One try of a platform to take a message.",
            ["platform"],
            buckets=_SEND,
            registry=ours,
        )
        self.delivery_seconds = Histogram(
            "twinbot_delivery_seconds",
            "From when delivery knew of a message to its end.",
            ["platform", "lane"],
            buckets=_DELIVERY,
            registry=ours,
        )
        self.retries = Counter(
            "twinbot_retries", "Tries that did not get through.", ["platform", "reason"], registry=ours
        )
        self.held_back = Gauge(
            "twinbot_platform_held_back",
            "1 while one message tries whether a platform works.",
            ["platform"],
            registry=ours,
        )
        ProcessCollector(registry=ours)
        self.registry.register(_Queues(self))

    def page(self) -> bytes:
        """Everything as Prometheus reads it."""
        return generate_latest(self.registry)


class _Queues(Collector):
    """What waits in the database."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def describe(self) -> Iterator[Metric]:
        """The names of what `collect` gives, which need no database."""
        return iter(_families(Measures({}, {}, 0, 0.0, 0, 0)))

    def collect(self) -> Iterator[Metric]:
        """What the database said last; nothing while it is away."""
        measured = self._metrics.measured
        yield GaugeMetricFamily(
            "twinbot_database_up", "1 if the database answered the last question.", 0.0 if measured is None else 1.0
        )
        if measured is not None:
            yield from _families(measured)


def _families(measured: Measures) -> list[Metric]:
    depth = GaugeMetricFamily("twinbot_queue_depth", "Messages that could be sent now.", labels=["lane"])
    age = GaugeMetricFamily("twinbot_queue_age_seconds", "How long the oldest of them waits.", labels=["lane"])
    for lane, name in LANES.items():
        depth.add_metric([name], measured.depth.get(lane, 0))
        age.add_metric([name], measured.age.get(lane, 0.0))
    return [
        depth,
        age,
        GaugeMetricFamily("twinbot_intake_depth", "Updates that wait for their turn.", measured.updates),
        GaugeMetricFamily("twinbot_intake_age_seconds", "How long the oldest of them waits.", measured.updates_age),
        GaugeMetricFamily("twinbot_dead_updates", "Updates that were set aside.", measured.dead_updates),
        GaugeMetricFamily("twinbot_dead_messages", "Messages that did not get through.", measured.dead_messages),
    ]
