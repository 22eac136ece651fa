"""Defects planted in a sound catalog, each of which is found; the sound one has none."""

from __future__ import annotations

import pytest

from bot.locales import SERBIAN, faults, in_latin, read
from storage.reference import language

SOURCES = """
msgctxt "button"
msgid "Send it now"
msgstr ""

msgctxt "button"
msgid "Change: {what}"
msgstr ""

msgid "Your school is in {country}."
msgstr ""

msgid "{n} teacher waits (of {most})."
msgid_plural "{n} teachers wait (of {most})."
msgstr[0] ""
msgstr[1] ""

msgid "Stop with /cancel.\\nGo back with /back."
msgstr ""

msgctxt "command"
msgid "Find partner schools"
msgstr ""

msgid "eTwinning (Matrix, Telegram)"
msgstr ""
"""

SOUND = """
msgid ""
msgstr ""
"Language: pl\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"

msgctxt "button"
msgid "Send it now"
msgstr "Wyślij teraz"

msgctxt "button"
msgid "Change: {what}"
msgstr "Zmień: {what}"

msgid "Your school is in {country}."
msgstr "Kraj Twojej szkoły: {country}."

msgid "{n} teacher waits (of {most})."
msgid_plural "{n} teachers wait (of {most})."
msgstr[0] "Czeka jedna osoba (z {most})."
msgstr[1] "Czekają {n} osoby (z {most})."
msgstr[2] "Czeka {n} osób (z {most})."

msgid "Stop with /cancel.\\nGo back with /back."
msgstr "Koniec: /cancel.\\nWstecz: /back."

msgctxt "command"
msgid "Find partner schools"
msgstr "Szkoły partnerskie"

msgid "eTwinning (Matrix, Telegram)"
msgstr "eTwinning (Matrix, Telegram)"
"""

_NOW, _WHERE, _WAIT = (
    'msgstr "Wyślij teraz"',
    'msgstr "Kraj Twojej szkoły: {country}."',
    'msgstr[2] "Czeka {n} osób (z {most})."',
)
_RULE = "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)"
_ENDS, _FIND = 'msgstr "Koniec: /cancel.\\nWstecz: /back."', 'msgstr "Szkoły partnerskie"'
_ENTRY = f'msgctxt "button"\nmsgid "Send it now"\n{_NOW}\n'

#: A part of the sound catalog, what stands there instead, and words of the fault that must be found.
DEFECTS = {
    "an entry is missing": (_ENTRY, "", "missing: button 'Send it now'"),
    "an entry is left over": (_ENTRY, f'{_ENTRY}\nmsgid "Gone"\nmsgstr "Nie ma"\n', "not in the code any more"),
    "another context": (_ENTRY, _ENTRY.replace("button", "title"), "missing: button"),
    "no context": (_ENTRY, _ENTRY.replace('msgctxt "button"\n', ""), "missing: button"),
    "empty": (_NOW, 'msgstr ""', "not translated"),
    "only spaces": (_NOW, 'msgstr "  "', "not translated"),
    "fuzzy": (_ENTRY, f"#, fuzzy\n{_ENTRY}", "fuzzy"),
    "a form is missing": (_WAIT, "", "not translated"),
    "a form is empty": (_WAIT, 'msgstr[2] ""', "not translated"),
    "a form too many": (_WAIT, f'{_WAIT}\nmsgstr[3] "Czeka {{n}} (z {{most}})."', "4 plural forms instead of 3"),
    "plural forms of another language": ("nplurals=3; plural=(n==1 ? 0", "nplurals=3; plural=(n==0 ? 0", "CLDR has"),
    "too few plural classes": (_RULE, "nplurals=2; plural=(n != 1)", "CLDR has"),
    "a placeholder is lost": (_WHERE, 'msgstr "Kraj Twojej szkoły."', "placeholders [] instead of ['country']"),
    "a placeholder is translated": (_WHERE, 'msgstr "Kraj Twojej szkoły: {kraj}."', "placeholders ['kraj']"),
    "a placeholder is misspelt": (_WHERE, 'msgstr "Kraj Twojej szkoły: {countri}."', "placeholders ['countri']"),
    "a placeholder in capitals": (_WHERE, 'msgstr "Kraj Twojej szkoły: {Country}."', "only plain {names}"),
    "a placeholder stands twice": (_WHERE, 'msgstr "Kraj {country}: {country}."', "stands there twice"),
    "a placeholder of another entry": (_WHERE, 'msgstr "Kraj {country}: {what}."', "placeholders ['country', 'what']"),
    "a number instead of a name": (_WHERE, 'msgstr "Kraj Twojej szkoły: {0}."', "only plain {names}"),
    "a conversion": (_WHERE, 'msgstr "Kraj Twojej szkoły: {country!r}."', "only plain {names}"),
    "a format": (_WHERE, 'msgstr "Kraj Twojej szkoły: {country:>9}."', "only plain {names}"),
    "an attribute": (_WHERE, 'msgstr "Kraj Twojej szkoły: {country.code}."', "only plain {names}"),
    "a brace is open": (_WHERE, 'msgstr "Kraj Twojej szkoły: {country."', "expected '}'"),
    "a brace is closed twice": (_WHERE, 'msgstr "Kraj Twojej szkoły: {country}}."', "Single '}'"),
    "a placeholder is lost in one form": (_WAIT, 'msgstr[2] "Czeka {n} osób."', "placeholders ['n']"),
    "a bracket is open": (_WAIT, 'msgstr[2] "Czeka {n} osób (z {most}."', "( and ) do not pair"),
    "a button too long": (_NOW, 'msgstr "Wyślij to teraz do wszystkich"', "at most 20 may stand here"),
    "a description too long": (_FIND, f'msgstr "{"Szkoły " * 40}partnerskie"', "at most 256 may stand here"),
    "a zero-width space": (_NOW, 'msgstr "Wyślij\u200b teraz"', "forbidden character U+200B"),
    "a bidi control": (_NOW, 'msgstr "Wyślij\u202e teraz"', "forbidden character U+202E"),
    "an isolate": (_WHERE, 'msgstr "Kraj: \u2068{country}\u2069."', "forbidden character U+2068"),
    "a soft hyphen": (_NOW, 'msgstr "Wy\u00adślij teraz"', "forbidden character U+00AD"),
    "a control character": (_NOW, 'msgstr "Wyślij\u0007 teraz"', "forbidden character U+0007"),
    "a byte order mark": (_NOW, 'msgstr "\ufeffWyślij teraz"', "forbidden character U+FEFF"),
    "a command is translated": (_ENDS, 'msgstr "Koniec: /koniec.\\nWstecz: /back."', "commands: /cancel, /koniec"),
    "a command is lost": (_ENDS, 'msgstr "Koniec.\\nWstecz: /back."', "other commands: /cancel"),
    "a line break is lost": (_ENDS, 'msgstr "Koniec: /cancel. Wstecz: /back."', "another number of lines"),
    "a space at the end": (_FIND, 'msgstr "Szkoły partnerskie "', "a space too many"),
    "two spaces": (_FIND, 'msgstr "Szkoły  partnerskie"', "a space too many"),
    "left in English": (_FIND, 'msgstr "Find partner schools"', "not translated but copied"),
    "left in English in one form": (_WAIT, 'msgstr[2] "{n} teachers wait (of {most})."', "not translated but copied"),
}  # fmt: skip


def found(text: str) -> list[str]:
    """The faults of a Polish catalog."""
    return list(faults("pl", text.lstrip().encode(), read(SOURCES.lstrip().encode())))


def test_a_sound_catalog_has_no_faults() -> None:
    assert language("pl").plural_forms in SOUND
    assert found(SOUND) == []


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_found(defect: str) -> None:
    place, instead, words = DEFECTS[defect]
    assert SOUND.count(place) == 1
    told = found(SOUND.replace(place, instead))
    assert any(words in fault for fault in told), told


def test_at_least_35_kinds_are_planted() -> None:
    assert len(DEFECTS) >= 35


def test_serbian_is_written_in_latin_letters_as_well() -> None:
    assert (
        in_latin("Њујорк, ЊЕГА, Џон и љубав: {name}, /help, ђак") == "Njujork, NJEGA, Džon i ljubav: {name}, /help, đak"
    )
    for cyrillic, latin in SERBIAN:
        assert latin.read_text(encoding="utf-8") == in_latin(cyrillic.read_text(encoding="utf-8"))
