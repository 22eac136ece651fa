"""/partners: five suggestions at a time, why each, and filters that can be changed in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from bot.talk import Again, Excuse, Kept, Said, Talk, go
from bot.talk.kinds import Choice
from bot.text import Node, Verbatim, _, p_
from handlers.partners.filters import LONGEST_LINE, named, question
from handlers.partners.page import Page, page_of
from storage import partners as store
from storage import teachers
from storage.partners import FILTERS, Candidate, Filter, Wishes

_WORDS = "words:"


class Listing(Choice):
    """What can be done with a page of suggestions; words that name something are new filters."""

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """An option, or a line of filters."""
        if said.option is not None:
            return super().read(said, draft)
        words = (said.text or "")[:LONGEST_LINE]
        if named(words):
            return Kept(_WORDS + words)
        return Again(_("Choose a button, or write what you look for, such as: Greece, music, 10-12"))

    def recall(self, kept: Any) -> str:
        """The words, or the option while it is offered."""
        return str(kept) if str(kept).startswith(_WORDS) else super().recall(kept)

    def show(self, value: str) -> Node:
        """The words, or the option's label."""
        return Verbatim(value.removeprefix(_WORDS)) if value.startswith(_WORDS) else super().show(value)


def partners(talk: Talk) -> None:
    """A teacher looks for partner schools; what they filter by is remembered as their wishes."""
    me = store.myself(talk.session, talk.person)
    if me is None:
        raise Excuse(
            _("To suggest schools that fit yours, I need to know it. Registering takes about two minutes."),
            go("register", p_("button", "Register")),
        )
    if talk.turn.argument:
        _search(talk, me, talk.turn.argument)
        return
    page = page_of(talk.session, me, int(talk.start("page", 0)), talk.start("unknown", []), talk.now)
    choice = talk.ask("choice", page.body, Listing(page.options), instead=True)
    _act(talk, me, page, choice)


def _act(talk: Talk, me: Candidate, page: Page, choice: str) -> None:
    """Do what was chosen, and show the page that comes of it."""
    if choice.startswith(_WORDS):
        _search(talk, me, choice.removeprefix(_WORDS))
    elif choice in FILTERS:
        _change(talk, me, choice)
    elif choice == "clear":
        _save(talk, Wishes())
    elif choice.startswith("without:"):
        _save(talk, store.without(me.wishes, cast("Filter", choice.removeprefix("without:"))))
    else:
        talk.then("partners", page=page.number + (1 if choice == "more" else -1))


def _change(talk: Talk, me: Candidate, name: Filter) -> None:
    """Ask for one filter anew."""
    asked, kind = question(name, me)
    answer = talk.ask(name, asked, kind, instead=True)
    value = answer if name == "ages" else tuple(answer)
    _save(talk, replace(me.wishes, **{name: value}))


def _search(talk: Talk, me: Candidate, line: str) -> None:
    """Take a line of words as filters; what was not understood is said above the list."""
    found = named(line)
    _save(talk, found.over(me.wishes), unknown=found.unknown)


def _save(talk: Talk, wishes: Wishes, unknown: Sequence[str] = ()) -> None:
    """Remember the filters and show the first page that they give."""
    teachers.save_wishes(talk.session, talk.person, wishes)
    talk.then("partners", unknown=list(unknown))
