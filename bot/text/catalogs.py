"""The catalogs: read straight from the ``.po`` files, so that what a translator edits is what runs."""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALES = Path(__file__).resolve().parents[2] / "locales"
SOURCE = "en"

_PLURAL = re.compile(r"plural\s*=\s*(.+?)\s*;?\s*$")


@dataclass(frozen=True)
class Catalog:
    """One language's translations: ``forms[(context, id)]`` has one form, or one for each plural class."""

    language: str
    forms: dict[tuple[str | None, str], tuple[str, ...]]
    plural: Callable[[int], int]


@lru_cache(maxsize=64)
def catalog(language: str) -> Catalog:
    """Read a language's catalog; an empty one if there is none."""
    path = LOCALES / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalog(language, {}, lambda n: int(n != 1))
    with path.open("rb") as file:
        po = read_po(file, locale=None)
    header = dict(po.mime_headers).get("Plural-Forms", "nplurals=2; plural=(n != 1);")
    found = _PLURAL.search(header)
    rule = gettext.c2py(found.group(1) if found else "n != 1")
    forms: dict[tuple[str | None, str], tuple[str, ...]] = {}
    for message in po:
        strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if message.id and all(strings) and not message.fuzzy:
            key = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
            forms[message.context, key] = tuple(str(s) for s in strings)
    return Catalog(language, forms, rule)


@lru_cache(maxsize=1)
def available() -> tuple[str, ...]:
    """The languages that have a catalog, English first."""
    found = sorted(p.parent.parent.name for p in LOCALES.glob("*/LC_MESSAGES/messages.po"))
    return (SOURCE, *(code for code in found if code != SOURCE))


def chain(language: str) -> Iterator[str]:
    """The languages to try for a reader, nearest first: ``sr_Latn``, ``sr``, then English."""
    yield language
    if "_" in language:
        yield language.split("_", maxsplit=1)[0]
    if language != SOURCE:
        yield SOURCE


def translate(language: str, context: str | None, message: str, plural: str | None, n: int | None) -> str:
    """Find the string for a reader, with the form for ``n`` where the message is counted."""
    for code in chain(language):
        known = catalog(code)
        forms = known.forms.get((context, message))
        if forms is None:
            continue
        if n is None or len(forms) == 1:
            return forms[0]
        return forms[min(known.plural(n), len(forms) - 1)]
    return plural if plural is not None and n is not None and n != 1 else message


def nearest(hint: str | None) -> str:
    """The catalog language for a platform's hint such as ``fr-CA`` or ``pl``; English if none fits."""
    code = (hint or "").replace("-", "_")
    for candidate in (code, code.split("_")[0].lower()):
        if candidate in available():
            return candidate
    return SOURCE
