"""Catalogs are read as Babel reads them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from hypothesis import given
from hypothesis import strategies as st

from bot.text.catalogs import LOCALES, chain
from bot.text.pofile import Entry, entries
from storage.reference import languages


def babels(data: bytes) -> dict[tuple[str | None, str], Entry]:
    """What Babel finds in a file."""
    found = {}
    for message in read_po(BytesIO(data), locale=None):
        strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        key = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
        if key:
            found[message.context, key] = Entry(message.context, key, tuple(map(str, strings)), message.fuzzy)
    return found


def ours(data: bytes) -> dict[tuple[str | None, str], Entry]:
    return {(entry.context, entry.id): entry for entry in entries(data.decode()) if entry.id}


@pytest.mark.parametrize("path", sorted(LOCALES.glob("*/LC_MESSAGES/messages.po")), ids=lambda path: path.parts[-3])
def test_every_catalog_is_read_as_babel_reads_it(path: Path) -> None:
    data = path.read_bytes()
    assert ours(data) == babels(data)


_WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]) | st.sampled_from('\n\t"\\ '))
_MESSAGES = st.lists(
    st.tuples(st.none() | st.sampled_from(["button", 'a "b"']), _WORDS.filter(str.strip), _WORDS, st.booleans())
)


@given(_MESSAGES, st.sampled_from([20, 76, 110]))
def test_whatever_babel_writes_is_read(messages: list[tuple[str | None, str, str, bool]], width: int) -> None:
    catalog = Catalog(fuzzy=False)
    for context, key, words, plural in messages:
        strings = (words, words[::-1]) if plural else words
        flags = ["fuzzy"] if len(words) % 3 == 1 else []
        catalog.add((key, key + "s") if plural else key, strings, flags=flags, context=context, auto_comments=["x"])
    out = BytesIO()
    write_po(out, catalog, width=width)
    assert ours(out.getvalue()) == babels(out.getvalue())


def test_a_missing_text_is_looked_for_where_the_reference_says() -> None:
    for code, known in languages().items():
        assert list(chain(code)) == list(dict.fromkeys((code, *known.fallback, "en")))
