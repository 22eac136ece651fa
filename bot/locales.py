"""The catalogs' upkeep: what the code says, what the catalogs have, and what is wrong between them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.text.catalogs import LOCALES
from storage.reference import language

ROOT = LOCALES.parent
TEMPLATE = LOCALES / "messages.pot"
KEYWORDS = {"_": None, "p_": ((1, "c"), 2), "n_": (1, 2)}
SOURCES = ("bot", "handlers")
BUTTON_LENGTH = 20

_FORBIDDEN = {"Cc", "Cs", "Co", "Cn"}
_INVISIBLE = set("\u200b\u200e\u200f\u2060\ufeff\u00ad\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DATED = (b'"POT-', b'"PO-Rev', b'"Generated-By', b'"Report-', b'"Last-Trans', b'"Language-Team', b"# ")
_FIELD = re.compile(r"^[a-z_]+$")


def extract() -> Catalog:
    """Collect every message of the code, with its translators' comments and the files it stands in."""
    template = Catalog(project="twinbot", charset="utf-8", fuzzy=False)
    for folder in SOURCES:
        found = extract_from_dir(
            ROOT / folder,
            [("**.py", "python")],
            keywords=KEYWORDS,
            comment_tags=["Translators:"],
            strip_comment_tags=True,
        )
        for name, _line, message, comments, context in found:
            template.add(message, None, [(f"{folder}/{name}", 0)], auto_comments=comments, context=context)
    return template


def update(languages: list[str] | None = None) -> None:
    """Write the template, and bring each catalog to it: new messages are empty, old ones go."""
    template = extract()
    TEMPLATE.write_bytes(_written(template))
    for path in _catalogs():
        code = path.parent.parent.name
        if languages is None or code in languages:
            catalog = _read(path)
            catalog.update(template, no_fuzzy_matching=True)
            catalog.obsolete.clear()
            path.write_bytes(_written(catalog))


def check() -> list[str]:
    """Look through template and catalogs; gives a sentence for each fault."""
    template = extract()
    problems = []
    if not TEMPLATE.exists() or _keys(_read(TEMPLATE)) != _keys(template):
        problems.append("messages.pot is stale: run `make catalogs`")
    for path in _catalogs():
        code = path.parent.parent.name
        problems += [f"{code}: {problem}" for problem in _faults(code, _read(path), template)]
    return problems


def _faults(code: str, catalog: Catalog, template: Catalog) -> Iterator[str]:
    wanted, known = _keys(template), _keys(catalog)
    for context, source in sorted(wanted - known, key=str):
        yield f"missing: {context or ''} {source!r}"
    for context, source in sorted(known - wanted, key=str):
        yield f"not in the code any more: {context or ''} {source!r}"
    if not _same_plurals(catalog.plural_forms, language(code).plural_forms):
        yield f"plural forms are {catalog.plural_forms}, CLDR has {language(code).plural_forms}"
    for message in catalog:
        if message.id:
            yield from (f"{_source(message)!r}: {fault}" for fault in _message_faults(message, catalog.num_plurals))


def _message_faults(message: Message, plurals: int) -> Iterator[str]:
    forms = _forms(message.string)
    if message.fuzzy:
        yield "fuzzy"
    if isinstance(message.id, (tuple, list)) and len(forms) != plurals:
        yield f"{len(forms)} plural forms instead of {plurals}"
    if not all(forms):
        yield "not translated"
        return
    sources = _forms(message.id)
    wanted = _fields(sources[-1])
    for form in forms:
        yield from _form_faults(form, wanted, counted=len(sources) > 1)
        if message.context == "button" and "{" not in form and len(form) > BUTTON_LENGTH:
            yield f"a button of more than {BUTTON_LENGTH} characters: {form!r}"


def _form_faults(form: str, wanted: set[str], *, counted: bool) -> Iterator[str]:
    try:
        fields = _fields(form)
    except ValueError as error:
        yield f"{error} in {form!r}"
        return
    # A form for one or two things may say the number in words.
    missing = wanted - fields - ({"n"} if counted else set())
    if missing or fields - wanted:
        yield f"placeholders {sorted(fields)} instead of {sorted(wanted)}"
    bad = [c for c in form if c != "\n" and (c in _INVISIBLE or unicodedata.category(c) in _FORBIDDEN)]
    if bad:
        yield f"forbidden character {bad[0]!r}"


def _fields(text: str) -> set[str]:
    """The names of a text's placeholders. Raises ValueError for anything but plain ``{names}``."""
    fields = set()
    for _literal, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not _FIELD.match(name) or spec or conversion:
            raise ValueError(f"only plain {{names}} may stand in a text, not {name!r}")
        fields.add(name)
    return fields


def _same_plurals(one: str, other: str) -> bool:
    def bare(rule: str) -> str:
        return re.sub(r"[\s()]|;$", "", rule.replace(" ", ""))

    return bare(one).rstrip(";") == bare(other).rstrip(";")


def _keys(catalog: Catalog) -> set[tuple[str | None, str]]:
    return {(message.context, _source(message)) for message in catalog if message.id}


def _source(message: Message) -> str:
    return _forms(message.id)[0]


def _forms(string: object) -> list[str]:
    """A message has one string, or one for each plural form."""
    return [str(form or "") for form in string] if isinstance(string, (tuple, list)) else [str(string or "")]


def _catalogs() -> list[Path]:
    return sorted(LOCALES.glob("*/LC_MESSAGES/messages.po"))


def _read(path: Path) -> Catalog:
    # Babel's own plural table differs from CLDR for some languages, so the file's header is what counts.
    with path.open("rb") as file:
        catalog = read_po(file, locale=None)
    header = dict(catalog.mime_headers).get("Plural-Forms")
    if header:
        count, _semicolon, rule = header.partition(";")
        catalog._num_plurals = int(count.partition("=")[2])  # type: ignore[assignment]
        catalog._plural_expr = rule.partition("=")[2].strip().rstrip(";")
    return catalog


def _written(catalog: Catalog) -> bytes:
    out = BytesIO()
    write_po(out, catalog, width=110, include_lineno=False, sort_output=True, ignore_obsolete=True)
    # Dates would change a file in which nothing else changed, and the other headers say nothing.
    lines = [line for line in out.getvalue().split(b"\n") if not line.startswith(_DATED)]
    return b"\n".join(lines).lstrip(b"\n")
