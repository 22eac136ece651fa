"""The kinds of answers: what may be chosen, how words are read, how an answer is kept and recalled.

A kind is written once and serves every flow. It reads an answer into ``Kept`` (JSON that is stored) or says
``Again``: a question not finished yet (a box ticked, a list searched) with the ``draft`` to go on from.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from rapidfuzz import fuzz, process

from bot.talk.errors import Outdated
from bot.talk.messages import Given, Option
from bot.text import Joined, Node, Reader, Verbatim, _, n_, p_, plain
from bot.text.catalogs import available
from bot.text.cleaning import clean

T = TypeVar("T")
Json = Any


@dataclass(frozen=True)
class Said:
    """What the person answered: an option chosen by button, number or label, words of their own, or a file."""

    text: str | None = None
    option: str | None = None
    pressed: bool = False
    file: Given | None = None


@dataclass(frozen=True)
class Kept:
    """An answer that is understood, as JSON."""

    value: Json


@dataclass(frozen=True)
class Again:
    """Not finished: ``note`` says why (None: the question itself changed), ``draft`` is where it stands."""

    note: Node | None = None
    draft: Json = None


class Kind(ABC, Generic[T]):
    """What counts as an answer to a question, and what it becomes."""

    #: Whether a bare number is an answer of its own ("11" is an age) where options do not stand there with numbers.
    reads_numbers = False
    #: The largest file, in bytes, that is an answer; ``read`` gets it with its content. 0: no file is one.
    reads_files = 0

    def options(self, draft: Json) -> Sequence[Option]:
        """What is offered, given how far the question got."""
        return ()

    def asks(self, draft: Json) -> Node | None:
        """What is still to be asked, given how far the question got; None for the question of the flow."""
        return None

    @abstractmethod
    def read(self, said: Said, draft: Json) -> Kept | Again:
        """Understand an answer, or say why not."""

    @abstractmethod
    def recall(self, kept: Json) -> T:
        """Turn the kept answer into its value. Raises Outdated if it is no longer true."""

    def show(self, value: T) -> Node:
        """The answer in words, for the answered question and for summaries."""
        return Verbatim(str(value))


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Bring a label or an answer to the form in which they are compared."""
    return " ".join(clean(text, one_line=True).casefold().split()).strip(" .!?…✓☐☑")


def labelled(text: str, options: Sequence[Option], reader: Reader) -> str | None:
    """Find the one option that these words mean: its label in the reader's language or any other, typos forgiven."""
    wanted = fold(text)
    if not wanted:
        return None
    for language in dict.fromkeys((reader.language, *available())):
        labels = _labels(options, language)
        if labels.count(wanted) == 1:
            return options[labels.index(wanted)].id
    close = process.extract(wanted, _labels(options, reader.language), scorer=fuzz.ratio, score_cutoff=80, limit=2)
    if len(close) == 1 or (len(close) > 1 and close[0][1] - close[1][1] >= 6):
        return options[close[0][2]].id
    return None


def _labels(options: Sequence[Option], language: str) -> list[str]:
    reader = Reader(language)
    return [fold(plain(option.label, reader)) for option in options]


class Choice(Kind[str]):
    """One of a fixed list of options."""

    def __init__(self, options: Sequence[Option]) -> None:
        self._options = tuple(options)

    def options(self, draft: Json) -> Sequence[Option]:
        """The options, always the same."""
        return self._options

    def read(self, said: Said, draft: Json) -> Kept | Again:
        """An option of the list; other words are asked about."""
        if said.option is not None and any(o.id == said.option for o in self._options):
            return Kept(said.option)
        return Again(_("Please choose one of the answers."))

    def recall(self, kept: Json) -> str:
        """The chosen id, while it is still on the list."""
        if not any(o.id == kept for o in self._options):
            raise Outdated(_("That answer is no longer on the list. Please choose again."))
        return str(kept)

    def show(self, value: str) -> Node:
        """The option's label."""
        return next(o.label for o in self._options if o.id == value)


class Several(Kind[list[str]]):
    """Some of a fixed list of options: boxes that are ticked, then "Done"; or all named in one line."""

    def __init__(self, options: Sequence[Option], *, at_least: int, at_most: int) -> None:
        self._all = tuple(options)
        self._labels = {o.id: o.label for o in self._all}
        self.at_least, self.at_most = at_least, at_most

    def options(self, draft: Json) -> Sequence[Option]:
        """The boxes as they stand, and "Done" once enough are ticked."""
        ticked = list(draft or ())
        boxes = [Option(o.id, o.label, o.id in ticked) for o in self.offered(ticked)]
        return [*boxes, Option("!done", p_("button", "✓ Done"))] if len(ticked) >= self.at_least else boxes

    def offered(self, ticked: list[str]) -> Sequence[Option]:
        """Which boxes to show; a longer list may show the likely ones and those ticked."""
        return self._all

    def found(self, text: str) -> list[str]:
        """The options that a line of words names; a kind with a lexicon does better than labels."""
        parts = re.split(r"[,;،\n]", text)
        ids = [labelled(part, self._all, Reader()) for part in parts]
        return [i for i in ids if i is not None]

    def read(self, said: Said, draft: Json) -> Kept | Again:
        """Tick or untick a box, take a line of names, or finish."""
        ticked = list(draft or ())
        if said.option == "!done":
            return Kept(ticked) if len(ticked) >= self.at_least else Again(self._too_few(), ticked)
        if said.option is not None:
            return self._toggle(said.option, ticked)
        named = [i for i in self.found(said.text or "") if i in self._labels]
        if not named:
            return Again(_("I did not find that on the list. Choose, or write the names with commas."), ticked)
        return self._within([*ticked, *(i for i in named if i not in ticked)])

    def _toggle(self, option: str, ticked: list[str]) -> Again:
        if option in ticked:
            return Again(None, [i for i in ticked if i != option])
        if option not in self._labels:
            return Again(_("Please choose one of the answers."), ticked)
        if len(ticked) >= self.at_most:
            return Again(n_("Only {n} can be chosen.", "At most {n} can be chosen.", self.at_most), ticked)
        return Again(None, [*ticked, option])

    def _within(self, ids: list[str]) -> Kept | Again:
        if len(ids) > self.at_most:
            return Again(n_("Only {n} can be chosen.", "At most {n} can be chosen.", self.at_most), ids[: self.at_most])
        return Kept(ids) if len(ids) >= self.at_least else Again(self._too_few(), ids)

    def _too_few(self) -> Node:
        return n_("Please choose at least {n}.", "Please choose at least {n}.", self.at_least)

    def recall(self, kept: Json) -> list[str]:
        """The ids that are still on the list. Raises Outdated if too few are left."""
        known = [str(i) for i in kept if i in self._labels]
        if len(known) < min(self.at_least, len(kept) or self.at_least):
            raise Outdated(_("That answer is no longer on the list. Please choose again."))
        return known

    def show(self, value: list[str]) -> Node:
        """The labels, one after another."""
        return Joined(tuple(self._labels[i] for i in value), ", ")


class Words(Kind[str]):
    """A line or a few sentences in the person's own words."""

    def __init__(
        self, *, at_most: int, at_least: int = 1, one_line: bool = False, offers: Sequence[Option] = ()
    ) -> None:
        self.at_most, self.at_least, self.one_line = at_most, at_least, one_line
        self._offers = tuple(offers)

    def options(self, draft: Json) -> Sequence[Option]:
        """Ready answers, if any: the option's id is the answer."""
        return self._offers

    def read(self, said: Said, draft: Json) -> Kept | Again:
        """The words, cleaned; too long or too short is said with the number."""
        if said.option is not None:
            return Kept(said.option)
        words = clean(said.text or "", one_line=self.one_line)
        if len(words) > self.at_most:
            return Again(n_("Please keep it to {n} character.", "Please keep it to {n} characters.", self.at_most))
        if len(words) < self.at_least:
            return Again(
                n_("Please write at least {n} character.", "Please write at least {n} characters.", self.at_least)
            )
        return Kept(words)

    def recall(self, kept: Json) -> str:
        """The words."""
        return str(kept)


def one_of(*options: Option) -> Choice:
    """Exactly one of these."""
    return Choice(options)


def some_of(*options: Option, at_least: int = 1, at_most: int = 99) -> Several:
    """Between ``at_least`` and ``at_most`` of these."""
    return Several(options, at_least=at_least, at_most=at_most)


def free_text(*, at_most: int = 300, at_least: int = 1, one_line: bool = False, offers: Sequence[Option] = ()) -> Words:
    """The person's own words, ``at_least`` to ``at_most`` characters after cleaning."""
    return Words(at_most=at_most, at_least=at_least, one_line=one_line, offers=offers)


def yes_no(yes: Node, no: Node) -> Choice:
    """Yes or no, in the words of the question."""
    return Choice((Option("yes", yes), Option("no", no)))
