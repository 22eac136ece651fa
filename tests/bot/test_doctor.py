"""The doctor looks at what suggestions rest on, and mends what is not true."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path

from bot.doctor import Finding, examine
from bot.running import open_database
from bot.settings import Settings
from storage.matching import rows
from storage.matching.side import Side
from storage.migrations import upgrade
from storage.populate import populate
from tests.matching.parts import NOW


async def matching(settings: Settings) -> Finding:
    (found,) = [finding for finding in await examine(settings) if finding.subject == "matching"]
    return found


async def test_a_corrupt_mask_is_found_and_mended(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, web_port=0)
    with closing(open_database(settings)) as database:
        upgrade(database.engine)
        populate(database, 20, 45, 3, now=NOW)
        before = database.do(partial(rows.sides, people=range(1, 21)))
        for person, values in {3: {"subjects_0": 0}, 7: {"wish_countries_1": 1 << 40}, 9: {"shown": -6}}.items():
            database.do(partial(rows.change, person=person, **values))
    assert "3 rows were not what teachers had said, and are mended." in (await matching(settings)).sentence
    assert "suggestions rest on what teachers have said." in (await matching(settings)).sentence
    with closing(open_database(settings)) as database:
        after: dict[int, Side] = database.do(partial(rows.sides, people=range(1, 21)))
    assert after == before
