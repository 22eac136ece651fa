"""Names that imitate support, also with letters of other scripts, digits, spaces and typing errors. No I/O.

A name is reduced to what it looks like: letters that Unicode calls confusable with a Latin one become that one, digits
that stand for letters become letters, accents, signs and case disappear. The words of support are reduced alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from confusable_homoglyphs.confusables import confusables_data
from rapidfuzz.distance import OSA

from storage.reference import rows
from storage.spelling import country_lexicon

#: "outright": a name says in plain letters that it is support. "alike": it looks as if it did.
Likeness = Literal["outright", "alike"]

_DIGITS = str.maketrans("0134578$@|!€", "oleastbsalie")
_HIDDEN = "\u200e\u200f"
#: From this length on a word counts inside another word, and with one typing error.
_LONG = 7
_SMALL_CAPITAL = re.compile(r"LATIN LETTER SMALL CAPITAL ([A-Z])")
_WORDS, _LETTERLESS = re.compile(r"\w+"), re.compile(r"[^\w\s]|_")


@dataclass(frozen=True)
class _Words:
    """Words of support as they look: ``strong`` say it, ``signs`` make one look twice, ``weak`` only among such."""

    strong: frozenset[str]
    signs: frozenset[str]
    weak: frozenset[str]


def likeness(name: str) -> Likeness | None:
    """Whether a name looks like support's; None for the names of people."""
    plain, looking = _parts(name, _plain), _parts(name, looks)
    if _says(plain):
        return "outright"
    return "alike" if _says(looking) or _hints(looking) or _hints(plain) else None


def looks(text: str) -> str:
    """What a text looks like, in small Latin letters where there are such, without accents and signs."""
    latin = "".join(map(_latin, _bare(text)))
    bare = _bare("".join(map(_latin, latin.casefold())))
    return _LETTERLESS.sub("", bare.translate(_DIGITS))


def _plain(text: str) -> str:
    """A text without accents and signs, in the letters it is written with."""
    return _LETTERLESS.sub("", _bare(unicodedata.normalize("NFKC", text).casefold()))


def _bare(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in apart if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf")


def _latin(sign: str) -> str:
    return _table().get(sign, sign)


@cache
def _table() -> Mapping[str, str]:
    """Letters of other scripts that Unicode calls confusable with a Latin letter, and that letter."""
    # Small capitals are letters of their own to Unicode, and look like capitals to everybody else.
    table = {
        chr(code): found[1].lower()
        for code in range(0x0250, 0xA800)
        if (found := _SMALL_CAPITAL.fullmatch(unicodedata.name(chr(code), ""))) is not None
    }
    for sign, alike in confusables_data.items():
        own = sign.strip(_HIDDEN)
        latin = [c for one in alike if len(c := one["c"].strip(_HIDDEN)) == 1 and c.isascii() and c.isalpha()]
        if latin and len(own) == 1 and not own.isascii():
            table[own] = latin[0].lower()
    return table


def _parts(name: str, reduced: Callable[[str], str]) -> list[str]:
    return _WORDS.findall(reduced(re.sub(r"[-_./·]", " ", name)))


def _says(parts: list[str]) -> bool:
    """Whether a word of support is among the parts, or neighbouring parts together are one."""
    return not _support().strong.isdisjoint(_joined(parts))


def _hints(parts: list[str]) -> bool:
    """Whether the parts hint at support: a long word within, a typing error away, or weak words and nothing else."""
    words = _support()
    if not words.signs.isdisjoint(_joined(parts)):
        return True
    whole = "".join(parts)
    if any(strong in whole for strong in words.strong if len(strong) >= _LONG):
        return True
    if any(_slip(part, strong) for part in parts for strong in words.strong if len(strong) >= _LONG):
        return True
    known = words.weak | words.strong
    weak = [part for part in parts if part in known]
    return bool(weak) and all(part in known or country_lexicon().one(part) for part in parts)


def _slip(part: str, strong: str) -> bool:
    return abs(len(part) - len(strong)) <= 1 and OSA.distance(part, strong, score_cutoff=1) <= 1


def _joined(parts: list[str]) -> Iterable[str]:
    """Each run of up to four neighbouring parts as one word: "S u p", "Sup port", "pomoc techniczna"."""
    runs = [parts[start : start + length] for length in range(1, 5) for start in range(len(parts) - length + 1)]
    return {"".join(run) for run in runs} | {"".join(parts)}


@cache
def _support() -> _Words:
    """The words of support in all our languages, as they look and as they are written."""
    found: dict[str, set[str]] = {"strong": set(), "sign": set(), "weak": set()}
    for row in rows("support.csv"):
        for kind, words in found.items():
            for word in filter(None, row[kind].split("|")):
                words.update({looks(word).replace(" ", ""), _plain(word).replace(" ", "")})
    return _Words(frozenset(found["strong"]), frozenset(found["sign"]), frozenset(found["weak"]))
