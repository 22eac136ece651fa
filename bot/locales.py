"""The catalogs' upkeep: what the code says, what the catalogs have, and what is wrong between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.catalog_context import context_of
from bot.catalog_faults import message_faults, source
from bot.text.catalogs import LOCALES
from bot.text.pofile import entries
from storage.reference import language

ROOT = LOCALES.parent
TEMPLATE = LOCALES / "messages.pot"
KEYWORDS = {"_": None, "p_": ((1, "c"), 2), "n_": (1, 2)}
SOURCES = ("bot", "handlers")

_LATIN = dict(
    zip(
        "абвгдђежзијклљмнњопрстћуфхцчџш",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "đ",
            "e",
            "ž",
            "z",
            "i",
            "j",
            "k",
            "l",
            "lj",
            "m",
            "n",
            "nj",
            "o",
            "p",
            "r",
            "s",
            "t",
            "ć",
            "u",
            "f",
            "h",
            "c",
            "č",
            "dž",
            "š",
        ],
        strict=True,
    )
)
_CYRILLIC = re.compile(f"[{''.join(_LATIN)}]", re.IGNORECASE)
_DATED = (b'"POT-', b'"PO-Rev', b'"Generated-By', b'"Report-', b'"Last-Trans', b'"Language-Team', b"# ")


def extract(*, described: bool = False) -> Catalog:
    """Collect every message of the code, with its translators' comments and the files it stands in; ``described`` tells
    of each text where it appears as well."""
    template = Catalog(project="twinbot", charset="utf-8", fuzzy=False)
    for folder in SOURCES:
        found = extract_from_dir(
            ROOT / folder,
            [("**.py", "python")],
            keywords=KEYWORDS,
            comment_tags=["Translators:"],
            strip_comment_tags=True,
        )
        for name, line, message, comments, context in found:
            told = context_of(ROOT / folder / name, line, context) if described else []
            template.add(message, None, [(f"{folder}/{name}", 0)], auto_comments=[*comments, *told], context=context)
    return template


def update(languages: list[str] | None = None) -> None:
    """Write the template, and bring each catalog to it: new messages are empty, old ones go."""
    # Only the template describes each text: a translator's editor takes that from there, and 43 copies would be read
    # at each start.
    TEMPLATE.write_bytes(_written(extract(described=True)))
    template = extract()
    for path in _catalogs():
        code = path.parent.parent.name
        if languages is None or code in languages:
            catalog = _read(path)
            catalog.update(template, no_fuzzy_matching=True)
            catalog.obsolete.clear()
            path.write_bytes(_written(catalog))
    if languages is None or "sr" in languages:
        for cyrillic, latin in SERBIAN:
            latin.parent.mkdir(parents=True, exist_ok=True)
            latin.write_bytes(in_latin(cyrillic.read_text(encoding="utf-8")).encode())


def in_latin(text: str) -> str:
    """Serbian in Latin script out of Serbian in Cyrillic: letter by letter, and without doubt in this direction."""
    return _CYRILLIC.sub(_latin, text).replace('"Language: sr\\n"', '"Language: sr_Latn\\n"')


def _latin(found: re.Match[str]) -> str:
    letter, after = found[0], found.string[found.end() : found.end() + 1]
    latin = _LATIN[letter.lower()]
    if letter.islower():
        return latin
    return latin.upper() if after.isupper() else latin.capitalize()


def check() -> list[str]:
    """Look through template and catalogs; gives a sentence for each fault."""
    template = extract()
    problems = []
    if not TEMPLATE.exists() or _keys(_read(TEMPLATE)) != _keys(template):
        problems.append("messages.pot is stale: run `make catalogs`")
    for path in _catalogs():
        code = path.parent.parent.name
        problems += [f"{code}: {problem}" for problem in faults(code, path.read_bytes(), template)]
    return problems


def faults(code: str, data: bytes, template: Catalog) -> Iterator[str]:
    """What is wrong with a file that should be the catalog of a language: a sentence for each fault."""
    catalog = read(data)
    wanted, known = _keys(template), _keys(catalog)
    for context, text in sorted(wanted - known, key=str):
        yield f"missing: {context or ''} {text!r}"
    for context, text in sorted(known - wanted, key=str):
        yield f"not in the code any more: {context or ''} {text!r}"
    if not _same_plurals(catalog.plural_forms, language(code).plural_forms):
        yield f"plural forms are {catalog.plural_forms}, CLDR has {language(code).plural_forms}"
    # Babel drops the forms that are too many without a word.
    for entry in entries(data.decode()):
        if len(entry.forms) > catalog.num_plurals:
            yield f"{entry.id!r}: {len(entry.forms)} plural forms instead of {catalog.num_plurals}"
    for message in catalog:
        if message.id:
            yield from (f"{source(message)!r}: {fault}" for fault in message_faults(message, catalog.num_plurals, code))


def _same_plurals(one: str, other: str) -> bool:
    def bare(rule: str) -> str:
        return re.sub(r"[\s()]|;$", "", rule.replace(" ", ""))

    return bare(one).rstrip(";") == bare(other).rstrip(";")


def _keys(catalog: Catalog) -> set[tuple[str | None, str]]:
    return {(message.context, source(message)) for message in catalog if message.id}


def _catalog(code: str) -> Path:
    return LOCALES / code / "LC_MESSAGES" / "messages.po"


_WORDS = ROOT / "handlers" / "reminders" / "words"
#: What is made in Latin letters out of Cyrillic ones: the catalog, and the words of dates.
SERBIAN = (
    (_catalog("sr"), _catalog("sr_Latn")),
    (_WORDS / "sr.csv", _WORDS / "sr_Latn.csv"),
)


def _catalogs() -> list[Path]:
    return sorted(LOCALES.glob("*/LC_MESSAGES/messages.po"))


def _read(path: Path) -> Catalog:
    return read(path.read_bytes())


def read(data: bytes) -> Catalog:
    """A catalog out of a file, with the plural forms that its head names: Babel's table is not always CLDR's."""
    catalog = read_po(BytesIO(data), locale=None)
    header = dict(catalog.mime_headers).get("Plural-Forms")
    if header:
        count, _semicolon, rule = header.partition(";")
        catalog._num_plurals = int(count.partition("=")[2])  # type: ignore[assignment]
        catalog._plural_expr = rule.partition("=")[2].strip().rstrip(";")
    return catalog


def _written(catalog: Catalog) -> bytes:
    out = BytesIO()
    catalog.project, catalog.version = "twinbot", "1"
    for message in catalog:
        # Babel takes "50 % of" for a placeholder of the old kind, of which there are none here.
        message.flags.discard("python-format")
    write_po(out, catalog, width=110, include_lineno=False, sort_output=True, ignore_obsolete=True)
    # Dates would change a file in which nothing else changed, and the other headers say nothing.
    lines = [line for line in out.getvalue().split(b"\n") if not line.startswith(_DATED)]
    return b"\n".join(lines).lstrip(b"\n")
