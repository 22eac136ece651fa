"""The few words that go with a request: a kind of answer for them, and a ready sentence in the other's language."""

from __future__ import annotations

from typing import Any

from bot.talk import Again, Kept, Kind, Option, Said
from bot.text import Node, Reader, Verbatim, _, n_, p_, plain
from bot.text.cleaning import clean
from handlers.kinds.typed import has_letters
from handlers.partners.cards import subjects
from handlers.requests.contacts import contact_in
from storage.partners import Candidate

SHORTEST, LONGEST = 10, 500
_READY = "ready"
#: So many subjects are named in a ready sentence.
_NAMED = 3


class FirstMessage(Kind[str]):
    """Words to somebody who has not agreed to anything yet: ``at_least`` to ``at_most`` characters, and no contacts.

    ``ready`` is a sentence that may be sent as it is.
    """

    def __init__(self, *, ready: str | None = None, at_least: int = SHORTEST, at_most: int = LONGEST) -> None:
        self.ready, self.at_least, self.at_most = ready, at_least, at_most

    def options(self, draft: Any) -> tuple[Option, ...]:
        """The ready sentence, by a short name: it stands in the question."""
        return () if self.ready is None else (Option(_READY, p_("button", "Send these words")),)

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """The words as they were written; what is not possible is said with the reason."""
        if said.option == _READY and self.ready is not None:
            return Kept(self.ready)
        words = clean(said.text or "")
        note = self._refused(words)
        return Kept(words) if note is None else Again(note)

    def _refused(self, words: str) -> Node | None:
        if len(words) > self.at_most:
            return n_("Please keep it to {n} character.", "Please keep it to {n} characters.", self.at_most)
        if len(words) < self.at_least or not has_letters(words):
            return n_("Please write at least {n} character.", "Please write at least {n} characters.", self.at_least)
        return NO_CONTACTS if contact_in(words) else None

    def recall(self, kept: Any) -> str:
        """The words."""
        return str(kept)

    def show(self, value: str) -> Node:
        """The words."""
        return Verbatim(value)


NO_CONTACTS = _(
    "Please leave out links, addresses and telephone numbers for now. As soon as you are partners, you can share them."
)


def ready_sentence(me: Candidate, other: Candidate) -> Node:
    """A sentence for a first message, built from what the two have in common."""
    common = sorted(me.subjects & other.subjects)[:_NAMED]
    if common:
        # Translators: a ready first message from one teacher to another; names of subjects follow the colon.
        return _(
            "Hello! We have this in common: {subjects}. Shall we plan a project with our classes?",
            subjects=subjects(common),
        )
    if me.ages[0] <= other.ages[1] and other.ages[0] <= me.ages[1]:
        # Translators: a ready first message from one teacher to another.
        return _("Hello! Our pupils are of about the same age. Shall we plan a project with our classes?")
    # Translators: a ready first message from one teacher to another.
    return _("Hello! I think our classes would suit each other. Shall we plan a project together?")


def in_language(sentence: Node, language: str) -> str:
    """A sentence as its reader will see it, as plain words."""
    return clean(plain(sentence, Reader(language)))
