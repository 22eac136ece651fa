"""What a command is; the table of them stands in `handlers`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz, process

from bot.talk.talk import Flow
from bot.text import Node, Text

#: Who may use a command: anyone, or those who are this. A verified teacher is a teacher too; "officer" is support,
#: national or central; "suspended" is a teacher who is, and nobody else.
Role = Literal["anyone", "teacher", "verified", "suspended", "ambassador", "officer", "central"]


@dataclass(frozen=True)
class Command:
    """A command word, the flow behind it, who may use it, and how it is described.

    ``line`` is its one-line description, ``button`` its short name, ``help`` an example with a sentence.
    ``in_groups``: whether it also answers where the bot is only a guest. ``suspended``: whether it stays open to a
    teacher who is suspended, ``pupils``: whether pupils have it who are in a class room by this chat; these have no
    other. ``also`` are other words for it. ``listed``: whether it stands in the menus of platforms;
    the others are reached from a flow, typed, or found in /help.
    """

    word: str
    flow: Flow
    who: Role
    line: Text
    button: Text
    help: Node
    in_groups: bool = False
    suspended: bool = False
    pupils: bool = False
    also: tuple[str, ...] = ()
    listed: bool = True

    def open_to(self, roles: Collection[str]) -> bool:
        """Whether somebody with these roles may use it."""
        if "suspended" in roles:
            return self.suspended
        if "pupil" in roles:
            return self.pupils
        return self.who == "anyone" or self.who in roles

    @property
    def public(self) -> bool:
        """Whether it is for teachers, and not for those who help them."""
        return self.who in {"anyone", "teacher", "verified"}


class Commands:
    """The table: command word to command."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self._by_word = {command.word: command for command in commands}
        self._also = {word: command for command in self._by_word.values() for word in command.also}

    def __iter__(self) -> Iterator[Command]:
        return iter(self._by_word.values())

    def __getitem__(self, word: str) -> Command:
        return self._by_word[word]

    def get(self, word: str) -> Command | None:
        """The command of this word, if there is one."""
        return self._by_word.get(word) or self._also.get(word)

    def like(self, word: str) -> Command | None:
        """The command that was probably meant by a misspelt word."""
        found = process.extractOne(word, list(self._by_word), scorer=fuzz.ratio, score_cutoff=70)
        return self._by_word[found[0]] if found else None
