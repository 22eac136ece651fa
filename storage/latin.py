"""Latin forms of names in other scripts, and the words under which a school is filed and looked for.

Tables follow each country's own practice where it has one: ELOT 743 for Greek, the laws of Bulgaria (2009) and
Ukraine (2010), the Latin alphabets of Serbian and Macedonian, the national system of Georgia (2002), BGN/PCGN for
Armenian. Arabic writes few vowels, so Arabic words are filed by their consonants instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

from storage.reference import rows
from storage.spelling import fold

__all__ = ["BONES", "bones", "numbers", "search_words", "to_latin", "words"]

BONES = "~"
"""Marks a word that is only consonants, so that it is never taken for a real one."""
_LONGEST_WORD = 48


def _table(letters: str, sounds: str) -> dict[str, str]:
    """Pair letters with what each becomes; "-" stands for nothing."""
    parted = ("" if sound == "-" else sound for sound in sounds.split())
    return dict(zip(letters, parted, strict=True))


_CYRILLIC = _table(
    "абвгдезиклмнопрстуфхцчшщъыьэюяёјљњћђџѓќѕіїєґжй",
    "a b v g d e z i k l m n o p r s t u f h ts ch sh sht a y y e yu ya yo j lj nj c dj dz gj kj dz i i e g zh y",
)
_UKRAINIAN = {
    "г": "h",
    "и": "y",
    "х": "kh",
    "щ": "shch",
    "ь": "",
    "’": "",
    "'": "",
    "й": "i",
    "ю": "iu",
    "я": "ia",
}
_SOUTH_SLAVIC = {"ц": "c", "ч": "c", "ш": "s", "ж": "z", "џ": "dz"}
_MACEDONIAN = {"ч": "ch", "ш": "sh", "ж": "zh", "ц": "c", "џ": "dj"}
_GREEK = _table("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o")
_GREEK_PAIRS = {"ου": "ou", "αυ": "av", "ευ": "ev", "γγ": "ng", "γξ": "nx", "γχ": "nch", "μπ": "b"}
_GEORGIAN = _table(
    "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h",
)
_ARMENIAN = {
    **_table(
        "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
        "a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts v p k o f ev",
    ),
    "ու": "u",
}
_LETTERS: dict[str, str] = _CYRILLIC | _GREEK | _GREEK_PAIRS | _GEORGIAN | _ARMENIAN
_BY_COUNTRY: Mapping[str, Mapping[str, str]] = {
    "UA": _LETTERS | _UKRAINIAN,
    "MK": _LETTERS | _MACEDONIAN,
    **dict.fromkeys(("RS", "BA", "ME", "XK", "HR", "SI"), _LETTERS | _SOUTH_SLAVIC),
}
_OTHER_SCRIPT = re.compile("[\u0370-\u058f\u1c90-\u1cbf\u10a0-\u10ff\u1f00-\u1fff]")
_ARABIC = re.compile("[\u0600-\u06ff]")
_GREEK_ACUTE = re.compile("(?<=[α-ω])\u0301")
_GREEK_VOICELESS = re.compile("([αε])υ(?=[θκξπσςτφχψ])")
_ARMENIAN_START = re.compile(r"(?<!\w)(ե|ո(?!ւ))")
_PAIRS = re.compile("|".join((*_GREEK_PAIRS, "ու", ".")), re.DOTALL)

_ARABIC_BONES = _table("بتثجحخدذرزسشصضطظعغفقكلمنه", "b t t j h x d d r z s s s d t z - g f k k l m n h")
_LATIN_BONES = {
    **{"kh": "x", "ch": "s", "sh": "s", "gh": "g", "th": "t", "dh": "d", "dj": "j", "ou": "", "gu": "g"},
    **{"q": "k", "c": "k", "p": "b", "v": "f", "x": "ks"},
    **dict.fromkeys("aeiouyw", ""),
}
_LATIN_BONE = re.compile("|".join((*sorted(_LATIN_BONES, key=len, reverse=True), ".")), re.DOTALL)
_PIECES = re.compile(r"\d+|[^\W\d_]+")
_ROMAN = re.compile("(?=.)x{0,3}(?:ix|iv|v?i{0,3})")


def to_latin(text: str, country: str) -> str:
    """Write Greek, Cyrillic, Georgian and Armenian letters of a text in Latin ones, as is done in the country.

    The result is lower case where a letter was replaced; other scripts stay as they are.
    """
    if not _OTHER_SCRIPT.search(text):
        return text
    plain = _GREEK_ACUTE.sub("", unicodedata.normalize("NFD", text.lower()))
    lower = unicodedata.normalize("NFC", _GREEK_VOICELESS.sub(r"\1φ", plain)).replace("եւ", "և")
    begun = _ARMENIAN_START.sub(lambda start: "ye" if start[1] == "ե" else "vo", lower)
    letters = _BY_COUNTRY.get(country, _LETTERS)
    return _PAIRS.sub(lambda found: _letter(found[0], letters), begun)


def _letter(sign: str, letters: Mapping[str, str]) -> str:
    if sign in letters or ord(sign[0]) < 0x370:
        return letters.get(sign, sign)
    return letters.get(unicodedata.normalize("NFD", sign)[0], sign)


def bones(word: str) -> str:
    """The consonants of a folded word, alike for Arabic and for a Latin spelling of it; "" if fewer than two."""
    if _ARABIC.search(word):
        kept = "".join(_ARABIC_BONES.get(sign, "") for sign in word)
    else:
        kept = _LATIN_BONE.sub(lambda found: _LATIN_BONES.get(found[0], found[0]), word)
    kept = re.sub(r"(.)\1+", r"\1", kept)
    return kept if len(kept) > 1 else ""


def words(text: str) -> list[str]:
    """The folded words of a text in order; digits part from letters, and numbers lose leading zeros."""
    found: list[str] = []
    for part in fold(text).split():
        pieces = _PIECES.findall(part)
        # The "ο" of "5ο" or the "r" of "14r" says nothing by itself.
        found += [_piece(piece) for piece in pieces if len(pieces) == 1 or len(piece) > 1 or piece.isdecimal()]
    return found


def _piece(piece: str) -> str:
    return str(int(piece))[:_LONGEST_WORD] if piece.isdecimal() else piece[:_LONGEST_WORD]


def numbers(of_words: Iterable[str]) -> list[str]:
    """The words that tell one school from the next of its kind: numbers, Arabic or Roman, in order."""
    return sorted(word for word in of_words if word.isdecimal() or _ROMAN.fullmatch(word))


def search_words(country: str, name: str, town: str) -> set[str]:
    """All words under which a school is filed: its own, their Latin forms, the bones of Arabic ones."""
    own = words(f"{name} {town}")
    filed = {*own, *words(to_latin(f"{name} {town}", country))}
    other = _other_towns().get((country, fold(town)))
    if other:
        filed.update(words(other))
    filed.update(BONES + bones(word) for word in own if _ARABIC.match(word) and bones(word))
    return filed


@cache
def _other_towns() -> dict[tuple[str, str], str]:
    """Towns with a second name, as far as we know them ("تونس" is Tunis, "Gaillimh" Galway)."""
    pairs = (
        (row["country"], town.partition("=")) for row in rows("fiction/towns.csv") for town in row["towns"].split("|")
    )
    return {(country, fold(own)): latin for country, (own, _, latin) in pairs if latin}
