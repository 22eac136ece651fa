"""Locks by which several processes on one PostgreSQL share the work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.database import make_engine
from storage.owner import Ownership
from storage.shares import Seen, Shares
from tests.servers.postgres import Postgres


@pytest.fixture
def pair(postgresql: Postgres) -> Iterator[tuple[Shares, Shares]]:
    """The locks of two processes."""
    engine = make_engine(postgresql.fresh_database())
    first, second = Shares(engine), Shares(engine)
    yield first, second
    first.close()
    second.close()
    engine.dispose()


def test_a_part_is_one_process_s_until_it_gives_it_or_goes(pair: tuple[Shares, Shares]) -> None:
    first, second = pair
    assert first.join()
    assert second.join()
    assert first.take(7)
    assert first.take(8)
    assert not second.take(7)
    assert second.look() == Seen(frozenset(), frozenset({7, 8}), 2)
    first.give(7)
    assert second.take(7)
    assert first.look() == Seen(frozenset({8}), frozenset({7}), 2)
    first.close()
    assert not first.joined
    # The server hears of the end a moment later.
    while not second.take(8):
        continue
    assert second.look() == Seen(frozenset({7, 8}), frozenset(), 1)


def test_nobody_joins_one_who_changes_the_tables(pair: tuple[Shares, Shares]) -> None:
    first, second = pair
    assert first.alone()
    assert not second.join()
    first.among_others()
    assert second.join()
    assert not second.alone()


def test_an_older_version_that_works_alone_is_waited_for(postgresql: Postgres) -> None:
    engine = make_engine(postgresql.fresh_database())
    older, newer = Ownership(engine), Shares(engine)
    assert older.take()
    assert not newer.join()
    older.release()
    while not newer.join():
        continue
    assert not older.take()
    newer.close()
    engine.dispose()
