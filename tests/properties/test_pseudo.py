"""A language made at test time, in which every text stands between brackets: what has none escaped translation.

Everybody of the village reads it. Words of people stand in the bot's messages as `Name` or `Verbatim`; all others must
be texts of the catalogs, or come of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from bot.catalog_faults import forms
from bot.locales import extract
from bot.text import Language, Reader, catalogs, decode, plain
from bot.text.nodes import Joined, Name, Text, Verbatim
from storage.post import Parcel
from tests.properties.test_gate import WORDS, Walk
from tests.properties.village import OTHERS, WALKERS, Village

#: A language that the programme has, whose catalog is not read here.
PSEUDO = "nn"
#: What people wrote in the village, and the names of what is theirs.
WRITTEN = {
    *WORDS,
    *WALKERS,
    *OTHERS,
    *(f"{name.title()} Diallo" for name in (*WALKERS, *OTHERS)),
    *(f"Escola {name}{town}" for name in (*WALKERS, *OTHERS) for town in ("", ", Viseu")),
    *("Viseu", "Songs", "Good morning!", "I am on the school's page.", "I am sorry.", "Please look at this."),
    *("Shall we sing together?", "Unkind words.", "Call my school.", "Whom?"),
    # A language is called by its own name in every language.
    *(plain(Language(code, own=True), Reader(code)) for code in catalogs.available()),
}
#: What is the same in every language: commands, codes to copy, domains and addresses.
_SAME = re.compile(r"/[a-z]+( [A-Z0-9]{5}-[A-Z0-9]{5})?|[A-Z0-9]{5}-[A-Z0-9]{5}|@?[\w.-]+\.example|https?://\S+")


def bracketed() -> catalogs.Catalog:
    """The catalog of the pseudo-language."""
    texts = {
        (message.context or None, forms(message.id)[0]): tuple(f"⟦{form}⟧" for form in forms(message.id))
        for message in extract()
        if message.id
    }
    return catalogs.Catalog(PSEUDO, texts, lambda n: int(n != 1))


def escaped(node: Any, known: catalogs.Catalog) -> Iterator[str]:
    """Words in a message that no catalog has and nobody wrote."""
    if isinstance(node, (Name, Verbatim)):
        if re.search(r"[^\W\d_]", node.words) and not _fine(node.words):
            yield node.words
    elif isinstance(node, Text) and (node.context, node.id) not in known.forms:
        yield node.id
    elif is_dataclass(node):
        values = node.args.values() if isinstance(node, Text) else (getattr(node, f.name) for f in fields(node))
        for value in values:
            for each in value if isinstance(value, tuple) else (value,):
                yield from escaped(each, known)


def _fine(words: str) -> bool:
    return words in WRITTEN or ("⟦" in words and "⟧" in words) or bool(_SAME.fullmatch(words))


def nodes(parcel: Parcel) -> Iterator[Any]:
    """The texts of a message, its buttons' among them."""
    if parcel.payload.get("body") is not None:
        yield decode(parcel.payload["body"])
    for kind in ("options", "controls"):
        yield from (decode(shown[0]) for shown in parcel.payload.get(kind, ()))


@pytest.mark.parametrize("name", ["new", "verified", "central"])
def test_nothing_escapes_translation(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known, read = bracketed(), catalogs.catalog
    monkeypatch.setattr(catalogs, "catalog", lambda language: known if language == PSEUDO else read(language))
    said: set[str] = set()
    village = Village(
        PSEUDO, lambda parcel: said.update(word for node in nodes(parcel) for word in escaped(node, known))
    )
    try:
        Walk(village, name).all()
    finally:
        village.close()
    assert not said


def test_a_text_that_escapes_would_be_found() -> None:
    known = bracketed()
    assert list(escaped(Joined((Verbatim("Please wait"), Text("Not in a catalog"))), known)) == [
        "Please wait",
        "Not in a catalog",
    ]
