"""How the program is, seen from outside: figures, names in the documents, ready or not, and one id in the log."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from bot.logs import set_up
from bot.metrics import Metrics
from bot.platforms.platform import FLOOD, Rejected, TryLater
from bot.platforms.web.watching import watching_routes
from bot.text import Verbatim
from bot.watch import Watch
from storage import post
from storage.measures import Measures, measure
from tests.bot.house import NOW, PostHouse, fresh, post_house, written

OPERATIONS = Path(__file__).resolve().parents[2] / "docs" / "operations"
TOKEN = "a-token-of-the-tests"
NOTHING = Measures({}, {}, 0, 0.0, 0, 0)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PostHouse]:
    async with post_house(tmp_path) as made:
        yield made


def samples(metrics: Metrics) -> dict[str, float]:
    """Each line of the page with its value."""
    lines = [line for line in metrics.page().decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _space, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.parametrize("file", ["dashboard.json", "alerts.yml", "runbook.md"])
def test_every_figure_that_the_documents_name_exists(file: str) -> None:
    metrics = Metrics()
    metrics.measured = NOTHING
    there = set()
    for family in metrics.registry.collect():
        there |= {family.name, f"{family.name}_total", f"{family.name}_bucket"}
    content = (OPERATIONS / file).read_text()
    named = set(re.findall(r"\b(?:twinbot|process)_[a-z_]+\b", content))
    assert named, "A file that names nothing is not checked."
    assert named <= there


def test_every_alert_has_its_chapter_and_the_dashboard_is_one() -> None:
    alerts = re.findall(r"alert: (\w+)", (OPERATIONS / "alerts.yml").read_text())
    chapters = re.findall(r"^## (\w+)$", (OPERATIONS / "runbook.md").read_text(), re.MULTILINE)
    assert sorted(alerts) == sorted(chapters)
    panels = json.loads((OPERATIONS / "dashboard.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 10


def test_what_waits_is_measured(database_url: str) -> None:
    database = fresh(database_url)
    for lane, name in ((0, "a"), (0, "b"), (2, "c")):
        database.do(partial(written, chat=name, body=Verbatim("x"), payload={}, lane=lane))
    database.do(partial(_later))
    rows = [("1", "a", "{}")]
    stored = database.do(partial(post.store_updates, platform="mailbox", updates=rows, marks={}, now=NOW))
    later = NOW + timedelta(seconds=90)
    assert database.do(partial(measure, now=later)) == Measures(
        {0: 2, 1: 0, 2: 1, 3: 0}, {0: 90.0, 1: 0.0, 2: 90.0, 3: 0.0}, 1, 90.0, 0, 0
    )
    database.do(partial(post.set_aside, update_id=stored[0].id, reason="odd"))
    assert database.do(partial(measure, now=later)).dead_updates == 1
    database.close()


def _later(session):  # type: ignore[no-untyped-def]
    put = {"kind": "message", "payload": {}, "key": "later", "lane": 0, "now": NOW}
    post.put(session, chat=1, not_before=NOW + timedelta(hours=1), **put)


async def test_what_becomes_of_messages_is_counted(house: PostHouse) -> None:
    house.mailbox.will("a", TryLater(1.0, FLOOD), TryLater(1.0), None, Rejected("odd"))
    await house.says("a", Verbatim("one"))
    await house.says("a", Verbatim("two"), lane=0)
    await house.done()
    found = samples(house.delivery.metrics)
    assert found['twinbot_sends_total{lane="interactive",outcome="sent",platform="mailbox"}'] == 1
    assert found['twinbot_sends_total{lane="interactive",outcome="failed",platform="mailbox"}'] == 1
    assert found['twinbot_retries_total{platform="mailbox",reason="flood"}'] == 1
    assert found['twinbot_retries_total{platform="mailbox",reason="trouble"}'] == 1
    assert found['twinbot_delivery_seconds_count{lane="interactive",platform="mailbox"}'] == 2
    assert found['twinbot_platform_held_back{platform="mailbox"}'] == 0
    assert found["twinbot_database_up"] == 0


async def test_ready_means_that_the_database_takes_what_is_heard(house: PostHouse) -> None:
    watch = Watch(house.database, Metrics(), lambda: NOW)
    assert await watch.ready() == "standing by or starting"
    watch.started = True
    assert await watch.ready() is None
    await watch.figures()
    assert samples(watch.metrics)["twinbot_database_up"] == 1


class _Watched:
    trouble: str | None = None

    async def figures(self) -> bytes:
        return b"figures"

    async def ready(self) -> str | None:
        return self.trouble


async def ask(watched: _Watched, path: str, token: str | None, **headers: str) -> Response | None:
    """The answer of a page, or None if it is not there."""
    pages = {route.path: route.endpoint for route in watching_routes(watched, token)}
    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    return await pages[path](Request({"type": "http", "headers": given})) if path in pages else None


async def test_the_figures_are_for_whoever_has_the_token() -> None:
    for given, status in (("Bearer other", 401), ("", 401), (f"Bearer {TOKEN}", 200)):
        answer = await ask(_Watched(), "/metrics", TOKEN, authorization=given)
        assert answer is not None and answer.status_code == status
    assert await ask(_Watched(), "/metrics", None) is None


async def test_not_ready_says_why_and_when_to_ask_again() -> None:
    watched = _Watched()
    good = await ask(watched, "/health/ready", None)
    watched.trouble = "the database is away"
    bad = await ask(watched, "/health/ready", None)
    assert good is not None and good.status_code == 200
    assert bad is not None and (bad.status_code, bad.body) == (503, b"the database is away")
    assert bad.headers["Retry-After"] == "5"


async def test_one_id_follows_a_message(house: PostHouse, capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger("twinbot").level
    set_up("json", "debug")
    try:
        await house.says("a", Verbatim("one"))
        await house.done()
    finally:
        logging.getLogger().handlers[:] = before[0]
        logging.getLogger("twinbot").setLevel(before[1])
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["id"], line["message"]) for line in lines] == [("k0", "interactive on mailbox: sent")]
