"""Writes names.csv: what countries, languages and conjunctions are called in all our languages.

Run `python -m storage.reference.names` after a new Babel or a change of other_names.csv or inflected.csv; a
test says when it is due. The file exists because asking Babel at every start costs 0.25 s and leaves 48 locales in
memory.
"""

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path

from babel import Locale

from storage import reference
from storage.spelling import Lexicon, fold

FILE = Path(__file__).with_name("names.csv")
Names = dict[str, list[str]]


def text() -> str:
    """Return the contents names.csv ought to have: kind, id (empty for decoys), phrases parted by "|"."""
    locales = [Locale.parse(code) for code in reference.languages()]
    target = StringIO()
    out = csv.writer(target, lineterminator="\n")
    out.writerow(("kind", "id", "phrases"))
    out.writerows(_kind("country", _countries(locales), _elsewhere(locales)))
    out.writerows(_kind("language", _languages(locales), _foreign(locales)))
    conjunctions = [*_conjunctions(locales), *_others("conjunction").get("and", [])]
    out.writerow(("conjunction", "and", "|".join(_distinct(conjunctions))))
    return target.getvalue()


def _countries(locales: Iterable[Locale]) -> Names:
    names: Names = {}
    for code, place in reference.countries().items():
        translated = [locale.territories[code] for locale in locales if code in locale.territories]
        names[code] = [code, *([place.seed_name] if place.seed_name else []), *translated]
    return names


def _languages(locales: Iterable[Locale]) -> Names:
    names: Names = {}
    for code, tongue in reference.languages().items():
        shown = Locale.parse(code)
        translated = (shown.get_display_name(locale) or "" for locale in locales)
        names[code] = [code, tongue.autonym, *translated]
    # Who says "Norwegian" means Bokmål far more often than Nynorsk, and can still correct it.
    names["nb"] += [locale.languages["no"] for locale in locales if "no" in locale.languages]
    return names


def _elsewhere(locales: Iterable[Locale]) -> list[str]:
    """Name every other country of the world: what must not be taken for a misspelt one of ours."""
    known = reference.countries()
    codes = re.compile(r"[A-Z]{2}").fullmatch
    return [
        name for locale in locales for code, name in locale.territories.items() if codes(code) and code not in known
    ]


def _foreign(locales: Iterable[Locale]) -> list[str]:
    known = {*reference.languages(), "no", "pt_PT", "sr_Latn"}
    return [
        name for locale in locales for code, name in locale.languages.items() if code not in known and len(code) < 4
    ]


def _kind(kind: str, names: Names, decoys: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    others = _others(kind)
    decoys = [*decoys, *others.pop("", [])]
    for code in names:
        names[code] = _distinct([*names[code], *others.pop(code, [])])
        yield kind, code, "|".join(names[code])
    if others:
        raise reference.UnknownReference(kind, min(others))
    lexicon = Lexicon(((phrase, code) for code in names for phrase in names[code]), conjunctions=())
    # Only the decoys that would be mistaken are worth their memory.
    exact = {fold(phrase) for phrases in names.values() for phrase in phrases}
    near = [decoy for decoy in _distinct(decoys) if fold(decoy) not in exact and lexicon.find(decoy)]
    yield kind, "", "|".join(near)


def _conjunctions(locales: Iterable[Locale]) -> Iterator[str]:
    for locale in locales:
        for style in ("standard", "or"):
            pattern = locale.list_patterns.get(style, {}).get("end", "")
            # Welsh and Luxembourgish give a choice of endings in brackets, which other_names.csv spells out.
            yield re.sub(r"\{\d\}|\(.*\)|,", " ", pattern).strip()


def _others(kind: str) -> Names:
    """What stands in no CLDR: other common names, and names as they are inflected in a sentence."""
    names: Names = {}
    for path in ("other_names.csv", "inflected.csv"):
        for row in reference.rows(path):
            if row["kind"] == kind:
                names.setdefault(row["id"], []).extend(row["phrases"].split("|"))
    return names


def _distinct(phrases: Iterable[str]) -> list[str]:
    """Keep the first of phrases that fold alike, and drop empty ones and those with our own separator."""
    seen: dict[str, str] = {}
    for phrase in phrases:
        if (folded := fold(phrase)) and "|" not in phrase:
            seen.setdefault(folded, phrase)
    return list(seen.values())


def main() -> None:
    """Write names.csv anew and say what it holds."""
    FILE.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"wrote {FILE.name}: {FILE.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
