"""What may be wrong with a translation: each rule a small function from a source and a translation to sentences.

``msgfmt -c``, i18nspector and dennis each find about half of what was planted, and none of them an invisible sign, a
button that is too long or a command that got lost; so the rules of the house stand here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from string import Formatter

import regex
from babel.messages.catalog import Message

BUTTON_LENGTH, DESCRIPTION_LENGTH = 20, 256

_FORBIDDEN = {"Cc", "Cs", "Co", "Cn"}
_INVISIBLE = set("\u200b\u200e\u200f\u2060\ufeff\u00ad\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FIELD = re.compile(r"^[a-z_]+$")
_COMMAND = re.compile(r"(?<![A-Za-z0-9/{}.])/[a-z]+")
_PAIRS = (("(", ")"), ("[", "]"), ("«", "»"))
#: Words that are the same in many languages: names of things, and signs.
_SAME = re.compile(
    r"^(?:[\W\d_]|\{\w+\}|\b(?:eTwinning|Matrix|Telegram|iCalendar|CSV|JSON|ZIP|PDF|OK|E-?Mail|Web)\b)*$"
)
#: Translations that are letter for letter like the English ones, and right.
_ALIKE = {("da", "Central support"), ("da", "National support"), ("sv", "Central support")}
#: A translation of so many letters that is the English text, letter for letter, was most likely forgotten.
_LONG_ENOUGH = 12


def message_faults(message: Message, plurals: int, language: str) -> Iterator[str]:
    """What is wrong with one entry of a catalog with so many plural forms."""
    found, sources = forms(message.string), forms(message.id)
    if message.fuzzy:
        yield "fuzzy"
    if len(sources) > 1 and len(found) != plurals:
        yield f"{len(found)} plural forms instead of {plurals}"
    if not all(form.strip() for form in found):
        yield "not translated"
        return
    for form in found:
        yield from form_faults(form, sources, str(message.context or ""))
        if copied(form, sources, language):
            yield f"not translated but copied: {form!r}"


def form_faults(form: str, sources: list[str], context: str) -> Iterator[str]:
    """What is wrong with one form of a translation. ``sources``: the English singular and, if counted, the plural."""
    yield from _placeholders(form, sources[-1], counted=len(sources) > 1)
    bad = [c for c in form if c != "\n" and (c in _INVISIBLE or unicodedata.category(c) in _FORBIDDEN)]
    if bad:
        yield f"forbidden character U+{ord(bad[0]):04X}"
    for rule in (_commands, _lines, _edges, _pairs):
        fault = rule(form, sources[-1])
        if fault is not None:
            yield fault
    length, most = graphemes(form), BUTTON_LENGTH if context == "button" else DESCRIPTION_LENGTH
    if context in {"button", "command"} and "{" not in form and length > most:
        yield f"{length} characters, at most {most} may stand here: {form!r}"


def graphemes(text: str) -> int:
    """How many signs a reader counts (UAX 29)."""
    return len(regex.findall(r"\X", text))


def copied(form: str, sources: list[str], language: str) -> bool:
    """Whether a translation is the English text where it can hardly be right."""
    forgotten = form in sources and sum(map(str.isalpha, form)) >= _LONG_ENOUGH
    return forgotten and language != "en" and (language, form) not in _ALIKE and not _SAME.match(form)


def _placeholders(form: str, wanted_in: str, *, counted: bool) -> Iterator[str]:
    try:
        found = fields(form)
    except ValueError as error:
        yield f"{error} in {form!r}"
        return
    wanted = fields(wanted_in)
    # A form for one or two things may say the number in words.
    missing = set(wanted) - set(found) - ({"n"} if counted else set())
    if missing or set(found) - set(wanted):
        yield f"placeholders {sorted(set(found))} instead of {sorted(set(wanted))}"
    twice = [name for name, times in found.items() if times > wanted[name] > 0]
    if twice:
        yield f"the placeholder {twice[0]!r} stands there twice"


def fields(text: str) -> Counter[str]:
    """The names of a text's placeholders. Raises ValueError for anything but plain ``{names}``."""
    names: Counter[str] = Counter()
    for _literal, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not _FIELD.match(name) or spec or conversion:
            raise ValueError(f"only plain {{names}} may stand in a text, not {name!r}")
        names[name] += 1
    return names


def _commands(form: str, wanted: str) -> str | None:
    lost = set(_COMMAND.findall(wanted)) ^ set(_COMMAND.findall(form))
    return f"other commands: {', '.join(sorted(lost))}" if lost else None


def _lines(form: str, wanted: str) -> str | None:
    return None if form.count("\n") == wanted.count("\n") else "another number of lines"


def _edges(form: str, wanted: str) -> str | None:
    """A space at an end is invisible, and belongs to the code."""
    same = form[:1].isspace() == wanted[:1].isspace() and form[-1:].isspace() == wanted[-1:].isspace()
    return None if same and "  " not in form else "a space too many, or one that is missing"


def _pairs(form: str, wanted: str) -> str | None:
    for one, other in _PAIRS:
        if form.count(one) != form.count(other) and wanted.count(one) == wanted.count(other):
            return f"{one} and {other} do not pair"
    return None


def source(message: Message) -> str:
    """The English text of a message, in the singular."""
    return forms(message.id)[0]


def forms(string: object) -> list[str]:
    """A message has one string, or one for each plural form."""
    return [str(form or "") for form in string] if isinstance(string, (tuple, list)) else [str(string or "")]
