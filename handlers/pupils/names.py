"""Nicknames that are made up: an animal and a number, so that nobody is known by theirs."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping

from bot.text import Node, Reader, p_, plain
from bot.text.cleaning import clean

LONGEST = 30
_HIGHEST = 99

# Translators: animals for pupils to be called after, with a number behind them ("Blue Heron 4"). Short, friendly, and
# nothing that is also used as an insult in your language; another animal that fits the little picture is fine.
ANIMALS: Mapping[str, tuple[str, Node]] = {
    "heron": ("🪶", p_("nickname", "Blue Heron")),
    "fox": ("🦊", p_("nickname", "Red Fox")),
    "owl": ("🦉", p_("nickname", "Snowy Owl")),
    "eagle": ("🦅", p_("nickname", "Golden Eagle")),
    "wolf": ("🐺", p_("nickname", "Grey Wolf")),
    "hedgehog": ("🦔", p_("nickname", "Little Hedgehog")),
    "squirrel": ("🐿️", p_("nickname", "Red Squirrel")),
    "dolphin": ("🐬", p_("nickname", "Blue Dolphin")),
    "turtle": ("🐢", p_("nickname", "Green Turtle")),
    "butterfly": ("🦋", p_("nickname", "Blue Butterfly")),
    "bee": ("🐝", p_("nickname", "Honey Bee")),
    "ladybird": ("🐞", p_("nickname", "Ladybird")),
    "lynx": ("🐱", p_("nickname", "Northern Lynx")),
    "panda": ("🐼", p_("nickname", "Panda")),
    "koala": ("🐨", p_("nickname", "Koala")),
    "lion": ("🦁", p_("nickname", "Golden Lion")),
    "tiger": ("🐯", p_("nickname", "White Tiger")),
    "otter": ("🦦", p_("nickname", "Sea Otter")),
    "seal": ("🦭", p_("nickname", "Grey Seal")),
    "penguin": ("🐧", p_("nickname", "Penguin")),
    "parrot": ("🦜", p_("nickname", "Green Parrot")),
    "swan": ("🦢", p_("nickname", "White Swan")),
    "octopus": ("🐙", p_("nickname", "Octopus")),
    "zebra": ("🦓", p_("nickname", "Zebra")),
    "giraffe": ("🦒", p_("nickname", "Giraffe")),
    "camel": ("🐫", p_("nickname", "Desert Camel")),
    "unicorn": ("🦄", p_("nickname", "Unicorn")),
    "dragon": ("🐉", p_("nickname", "Dragon")),
}
#: For a nickname that the teacher wrote.
OWN = "own"


def sign_of(picture: str) -> str:
    """The little picture of a nickname."""
    return ANIMALS[picture][0] if picture in ANIMALS else "🙂"


def made_up(language: str, number: int, taken: Collection[str], chance: random.Random) -> list[tuple[str, str]]:
    """So many nicknames that nobody has, each with its picture word; ``taken`` are those in use, without capitals."""
    reader, used = Reader(language), set(taken)
    found: list[tuple[str, str]] = []
    while len(found) < number:
        word = chance.choice(list(ANIMALS))
        # As long as numbers are plenty they stay small.
        nickname = f"{plain(ANIMALS[word][1], reader)} {chance.randint(1, 9 if len(used) < 100 else _HIGHEST)}"
        if nickname.casefold() not in used:
            used.add(nickname.casefold())
            found.append((nickname, word))
    return found


def written(words: str) -> str:
    """A nickname as a teacher writes it, in one line; empty if nothing is left of it."""
    return clean(words, one_line=True, limit=LONGEST).strip()


def named(chosen: str, language: str) -> tuple[str, str] | None:
    """The nickname that somebody chose, such as "heron-4", with its picture word; None if it is none of ours."""
    word, _dash, number = chosen.partition("-")
    if word not in ANIMALS or not number.isascii() or not number.isdecimal() or len(number) > 2:
        return None
    return f"{plain(ANIMALS[word][1], Reader(language))} {int(number)}", word
