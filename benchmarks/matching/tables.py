"""The tables of a benchmark, filled straight: a population in the real tables, without going through the program.

Foreign keys are not checked while it is filled, and indexes are those of the migrations. A straightforward
implementation would also have a table of wished countries; it stands here as `bench_wish_countries`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Engine

from benchmarks.matching.people import TODAY, People
from storage.matching.side import EPOCH, WIDE, column_names
from storage.reference import LEVELS
from storage.reference.bits import AGES, WORDS, codes, positions

CHUNK = 20_000
#: 2026-09-04 12:00 UTC, as both databases take it.
NOON = datetime.fromordinal(EPOCH + TODAY) + timedelta(hours=12)


def fill(engine: Engine, people: People) -> None:
    """Write a population into the migrated, empty tables of a database."""
    raw = engine.raw_connection()
    try:
        connection: Any = raw.driver_connection
        write = _postgres(connection) if engine.dialect.name == "postgresql" else _sqlite(connection)
        size = len(people)
        schools = int(people.columns["school_id"].max())
        write("schools", ("id", "country", "name", "town", "level", "created_at"), _schools(schools))
        for start in range(0, size, CHUNK):
            places = np.arange(start, min(size, start + CHUNK))
            for table, columns, rows in _tables(people, places):
                write(table, columns, rows)
        connection.commit()
    finally:
        raw.close()
    _settle(engine)


def _settle(engine: Engine) -> None:
    """What a database that has run for a while has: the index that the join needs, and statistics."""
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")
    after = (
        ["VACUUM ANALYZE"] if engine.dialect.name == "postgresql" else ["PRAGMA wal_checkpoint(TRUNCATE)", "ANALYZE"]
    )
    with alone.connect() as connection:
        for statement in (_WISHED_INDEX, *after):
            connection.exec_driver_sql(statement)


_WISHED = (
    "CREATE TABLE bench_wish_countries (person_id integer NOT NULL, code varchar NOT NULL, "
    "PRIMARY KEY (person_id, code))"
)
_WISHED_INDEX = "CREATE INDEX bench_wish_by_code ON bench_wish_countries (code, person_id)"


def _sqlite(connection: Any) -> Any:
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute(_WISHED)
    connection.execute("BEGIN")

    def write(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    return write


def _postgres(connection: Any) -> Any:
    connection.execute("SET session_replication_role = replica")
    connection.execute(_WISHED)

    def write(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    return write


def _schools(count: int) -> Iterator[tuple[Any, ...]]:
    made = _moment(TODAY)
    return ((number, "PL", f"School {number}", "Town", "primary", made) for number in range(1, count + 1))


def _moment(day: int) -> str:
    return (NOON + timedelta(days=int(day) - TODAY)).isoformat(sep=" ")


Rows = Iterator[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]


def _tables(people: People, places: np.ndarray) -> Rows:
    c = {name: column[places].tolist() for name, column in people.columns.items()}
    country = {bit: code for code, bit in positions("countries").items()}
    ids, size = c["person_id"], len(places)
    active, joined = [_moment(d) for d in c["active_day"]], [_moment(d) for d in c["joined_day"]]
    about = ("id", "language", "language_chosen", "timezone", "created_at", "active_at")
    yes = [True] * size
    yield "people", about, zip(ids, ["en"] * size, yes, ["Europe/Warsaw"] * size, joined, active, strict=True)
    spans = [_years(mask) for mask in c["ages"]]
    rows = zip(
        ids,
        ["T"] * size,
        [country[bit] for bit in c["country"]],
        c["school_id"],
        [a for a, _b in spans],
        [b for _a, b in spans],
        ["We look for a class to write letters with."] * size,
        yes,
        ["verified"] * size,
        [False] * size,
        joined,
        active,
        strict=True,
    )
    names = ("person_id", "name", "country", "school_id", "ages_from", "ages_to", "wish", "looking", "status")
    yield "teachers", (*names, "silent", "registered_at", "active_at"), rows
    for table, facet in (("teacher_subjects", "subjects"), ("teacher_languages", "languages")):
        yield table, ("person_id", "code"), _codes(ids, facet, c[f"{facet}_0"])
    yield "bench_wish_countries", ("person_id", "code"), _codes(ids, "countries", c["wish_countries_0"])
    yield "match_rows", (*column_names(), "revision"), _match_rows(c, size)


def _codes(ids: Sequence[int], facet: Any, masks: Sequence[int]) -> Iterator[tuple[int, str]]:
    known: dict[int, tuple[str, ...]] = {}
    for person, mask in zip(ids, masks, strict=True):
        if mask not in known:
            known[mask] = codes(facet, mask)
        for code in known[mask]:
            yield person, code


def _match_rows(c: dict[str, list[int]], size: int) -> Iterator[tuple[Any, ...]]:
    columns = [c.get(name, [0] * size) for name in column_names()]
    columns[column_names().index("suggestible")] = [True] * size  # type: ignore[call-overload]
    assert all(f"{name}_{place}" in column_names() for name, f in WIDE.items() for place in range(WORDS[f]))
    # Revision 0, so that what the benchmark changes later is newer, as in a database that has run for a while.
    return zip(*columns, [0] * size, strict=True)


def _years(mask: int) -> tuple[int, int]:
    years = [age for age in range(AGES) if mask >> age & 1]
    return years[0], years[-1]


def level_of(bit: int) -> str:
    """The code of a level."""
    return LEVELS[bit]
