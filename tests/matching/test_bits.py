"""Bits keep their meaning for ever, and there is room: a new subject, country or language is a line of data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import reference, teachers
from storage.database import Database
from storage.matching import rows, sql
from storage.matching.index import Index
from storage.matching.rules import Fit, Terms
from storage.partners import Wishes
from storage.reference import LEVELS, bits, countries, languages, subjects
from storage.reference.bits import FACETS, WORD, WORDS, NoRoom, codes, mask, positions, span, whole, words
from tests.matching.parts import TODAY
from tests.matching.test_rows import register

#: How many bits each facet had when this was written, and a digest of which code has which.
GIVEN = {
    "countries": (47, "6b966fd92ca2"),
    "subjects": (48, "e637b9ae45e2"),
    "languages": (48, "af556b99cde4"),
    "levels": (5, "d6b74d76c491"),
    "kinds": (10, "3deace4acd3f"),
}


def digest(facet: bits.Facet, number: int) -> str:
    first = sorted(positions(facet).items(), key=lambda pair: pair[1])[:number]
    return hashlib.sha256(repr(first).encode()).hexdigest()[:12]


@pytest.mark.parametrize("facet", FACETS)
def test_a_bit_that_was_given_never_changes(facet: bits.Facet) -> None:
    number, known = GIVEN[facet]
    assert digest(facet, number) == known


def test_each_code_has_its_own_bit() -> None:
    listed = {
        "countries": countries(),
        "subjects": subjects(),
        "languages": languages(),
        "levels": LEVELS,
        "kinds": bits.kinds(),
    }
    for facet in FACETS:
        places = positions(facet)
        assert set(listed[facet]) <= set(places)
        assert len(set(places.values())) == len(places)
        assert max(places.values()) < WORD * WORDS[facet]


@pytest.mark.parametrize("facet", FACETS)
@given(data=st.data())
def test_codes_come_back_out_of_their_mask(facet: bits.Facet, data: st.DataObject) -> None:
    chosen = data.draw(st.sets(st.sampled_from(sorted(positions(facet)))))
    made = mask(facet, chosen)
    assert set(codes(facet, made)) == chosen
    assert whole(words(facet, made)) == made
    assert all(0 <= word < 2**63 for word in words(facet, made))


def test_what_is_unknown_has_no_bit_and_what_is_too_far_is_refused() -> None:
    assert mask("subjects", ["alchemy"]) == 0
    assert codes("subjects", 1 << 125) == ()
    with pytest.raises(NoRoom, match="subjects need another word"):
        words("subjects", 1 << 126)


def test_ages_are_years() -> None:
    assert span((3, 5)) == 0b111000
    assert span((7, 7)) == 1 << 7
    assert span(None) == span((9, 8)) == 0
    assert span((-3, 0)) == 1
    assert span((30, 99)) == 0b11 << 30


@pytest.fixture
def grown(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The reference with a 49th subject, a 48th country, and languages up to the 65th."""
    more = [("subjects", "gardening", 48), ("countries", "CH", 47)]
    more += [("languages", f"x{number}", number) for number in range(48, 65)]
    added = [{"facet": facet, "code": code, "bit": str(bit)} for facet, code, bit in more]
    kept = reference.rows

    def with_more(path: str) -> Iterator[dict[str, str]]:
        yield from kept(path)
        if path == "bits.csv":
            yield from added

    monkeypatch.setattr(bits, "rows", with_more)
    positions.cache_clear()
    yield
    monkeypatch.undo()
    positions.cache_clear()


@pytest.mark.usefixtures("grown")
def test_a_new_subject_country_and_language_are_lines_of_data(database: Database) -> None:
    """The tables have room for 126 of each, so lines in bits.csv and in the facet's own file are all it takes."""
    amina = database.do(lambda s: register(s, subjects=("gardening", "art"), languages=("x64",)))
    swiss = database.do(lambda s: register(s, country="CH", subjects=("gardening",), languages=("x64", "x50")))
    database.do(lambda s: register(s, subjects=("art",), languages=("x64",)))
    database.do(lambda s: teachers.save_wishes(s, amina, Wishes(("CH",), ("gardening",), ("x64",))))
    database.do(lambda s: teachers.save_wishes(s, swiss, Wishes(("PL",))))
    me = database.do(lambda s: rows.side(s, amina))
    assert me is not None
    assert me.subjects == 1 << 48 | 1
    assert me.languages == 1 << 64
    index = Index()
    assert index.fill(database.engine)
    for found in (
        database.do(lambda s: sql.search(s, Terms(me, TODAY), 5)),
        index.search(Terms(me, TODAY), 5),
    ):
        assert found == Fit((swiss,), found.newcomers, 1, 1)
