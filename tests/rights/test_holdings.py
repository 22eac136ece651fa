"""Every table is accounted for: what it holds of a person, or why it holds nothing."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import inspect

from handlers.rights.archive import TITLES
from storage.models import Base, Person
from storage.rights.holdings import HOLDINGS, IMPERSONAL


def test_no_table_is_forgotten() -> None:
    told = [*{holding.model for holding in HOLDINGS}, *IMPERSONAL]
    assert len(told) == len(set(told))
    assert {model.__tablename__ for model in told} == set(Base.metadata.tables)


def test_what_a_table_holds_stands_together_so_that_an_export_has_each_table_once() -> None:
    tables = [holding.model.__tablename__ for holding in HOLDINGS if not holding.secret]
    assert [table for table, _same in groupby(tables)] == list(dict.fromkeys(tables))


def test_what_stays_or_is_emptied_refers_to_people_by_number_alone() -> None:
    for holding in HOLDINGS:
        known = {column.name for column in inspect(holding.model).columns}
        assert set(holding.emptied) <= known and holding.hidden <= known, holding.model
        assert (holding.ends == "emptied") == bool(holding.emptied), holding.model
    assert Person in [holding.model for holding in HOLDINGS if holding.ends == "kept"]


def test_each_exported_table_has_a_title_for_people() -> None:
    assert {h.model.__tablename__ for h in HOLDINGS if not h.secret} == set(TITLES)
