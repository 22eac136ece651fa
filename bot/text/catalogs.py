"""The catalogs: read straight from the ``.po`` files, so that what a translator edits is what runs."""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.text.pofile import entries

LOCALES = Path(__file__).resolve().parents[2] / "locales"
SOURCE = "en"

#: Where to look for a missing text before English, as in `storage.reference.Language.fallback`.
_NEXT = {"sr_Latn": ("sr",), "lb": ("fr", "de"), "nn": ("nb",), "gsw": ("de",), "lb_DE": ("lb", "de", "fr")}
#: Codes of a language with the second one that its reader chose; where none was chosen the first of `_NEXT` is meant.
SECONDS = {"lb_DE": ("lb", "de")}
_PLURAL = re.compile(r"plural\s*=\s*(.+?)\s*;?\s*$", re.MULTILINE)


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
    forms: dict[tuple[str | None, str], tuple[str, ...]] = {}
    rule = gettext.c2py("n != 1")
    for entry in entries(path.read_text(encoding="utf-8")):
        if not entry.id:
            found = _PLURAL.search(entry.forms[0])
            rule = gettext.c2py(found.group(1)) if found else rule
        elif all(entry.forms) and not entry.fuzzy:
            forms[entry.context, entry.id] = entry.forms
    return Catalog(language, forms, rule)


@lru_cache(maxsize=1)
def available() -> tuple[str, ...]:
    """The languages that have a catalog, English first."""
    found = sorted(p.parent.parent.name for p in LOCALES.glob("*/LC_MESSAGES/messages.po"))
    return (SOURCE, *(code for code in found if code != SOURCE))


def chain(language: str) -> Iterator[str]:
    """The languages to try for a reader, nearest first: ``nn``, ``nb``, then English."""
    yield language
    yield from _NEXT.get(language, ())
    if language != SOURCE:
        yield SOURCE


def parted(code: str) -> tuple[str, str]:
    """A person's language and the one of what it lacks, which is empty unless it was chosen."""
    return SECONDS.get(code, (code, ""))


def seconds(language: str) -> dict[str, str]:
    """Which second languages one may choose beside a language, and the code of each pair; none for most."""
    other = {second: code for code, (first, second) in SECONDS.items() if first == language}
    return {_NEXT[language][0]: language, **other} if other else {}


def with_seconds(codes: Iterable[str]) -> tuple[str, ...]:
    """Languages as people's are kept: each by itself, and with every second language that may be chosen."""
    return tuple(kept for code in codes for kept in (seconds(code).values() or (code,)))


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
        if candidate in available() or candidate in SECONDS:
            return candidate
    return SOURCE
