"""A process that runs follows what others commit, and answers out of the tables while its index is being filled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from bot import following as module
from bot.following import Following
from storage import teachers
from storage.database import Database
from storage.matching import index as index_module
from storage.matching import keeper as keeper_module
from storage.matching import sql
from storage.matching.index import Index
from storage.matching.keeper import Keeper, keeper_of
from tests.matching.parts import NOW
from tests.matching.test_keeper import POLES
from tests.matching.test_rows import register
from tests.patience import PATIENCE
from tests.vault import VAULT


@asynccontextmanager
async def followed(database: Database) -> AsyncIterator[Index]:
    """The index of a process that follows, once it is there."""
    task = asyncio.create_task(Following(database, lambda: NOW).run())
    try:
        keeper = keeper_of(database.engine)
        async with asyncio.timeout(PATIENCE):
            while keeper.index is None:  # noqa: ASYNC110  What is awaited is a thread's doing.
                await asyncio.sleep(0.005)
        yield keeper.index
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_what_another_process_commits_is_known(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL has to tell of it here: the look that would come by itself is an hour away."""
    monkeypatch.setattr(keeper_module, "FEWEST", 1)
    monkeypatch.setattr(module, "_TOLD", 3600.0)
    monkeypatch.setattr(module, "_UNTOLD", 0.01)
    person = database.do(register)
    ours = Database(database.engine.url.render_as_string(hide_password=False), VAULT)
    async with followed(ours) as index, asyncio.timeout(PATIENCE):
        for looking in (False, True, False):
            await asyncio.to_thread(database.do, partial(teachers.set_looking, person=person, looking=looking))
            while index.counts(POLES) != int(looking):  # noqa: ASYNC110  As above.
                await asyncio.sleep(0.005)
    ours.close()


def test_suggestions_go_on_while_the_index_is_filled(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "FEWEST", 1)
    monkeypatch.setattr(index_module, "CHUNK", 1)
    people = [database.do(register) for _one in range(3)]
    keeper, begun, may_end = Keeper(), threading.Event(), threading.Event()

    def going() -> bool:
        begun.set()
        return may_end.wait(30)

    filling = threading.Thread(target=keeper.refresh, args=(database.engine, going))
    filling.start()
    assert begun.wait(30)
    assert keeper.index is None
    assert set(database.do(lambda s: keeper.search(s, POLES, 9)).best) == set(people)
    # Who changes meanwhile is right in the index as well.
    database.do(partial(teachers.set_looking, person=people[0], looking=False))
    may_end.set()
    filling.join()
    assert keeper.index is not None
    assert keeper.index.search(POLES, 9) == database.do(lambda s: sql.search(s, POLES, 9))
    assert keeper.index.counts(POLES) == 2
