"""How a draft looks to its readers: in any language, on any platform, and as a message to oneself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.talk import Option, Talk, go, one_of
from bot.text import Joined, Language, Node, Reader, Url, Verbatim, _, entry, lines, n_, p_
from bot.text.catalogs import available
from handlers.announcing.words import body, file, link, options, platform_name, variants
from storage.announcing import drafts
from storage.models import Announcement

#: In how many messages a platform brings a text, with or without a file.
Parts = Callable[[Node, Reader, bool], int]


def preview(talk: Talk, row: Announcement) -> None:
    """As readers of one language get it on one platform."""
    words = drafts.texts(talk.session, row.id)
    languages = [Option(code, Language(code, own=True)) for code in available()]
    language = talk.ask("as", _("As readers of which language?"), one_of(*languages))
    parts: Mapping[str, Parts] = talk.turn.extra.get("parts", {})
    platform = talk.ask("on", _("And on which platform?"), one_of(*(Option(p, platform_name(p)) for p in parts)))
    text = body(row, words[variants({language: 1}, words, row.language)[language]])
    there = file(talk.session, row)
    number = parts[platform](text, Reader(language), there is not None)
    numbered = platform in talk.turn.extra.get("numbered", ())
    talk.say(lines(text, *below(row, numbered=numbered), *split(number)), _back(row), file=there)


def below(row: Announcement, *, numbered: bool) -> list[Node]:
    """What stands below the words: as buttons, or as lines with numbers."""
    way, choices = link(row), [option.label for option in options(row)]
    if numbered:
        rows: list[Node] = [] if way is None else [entry(way[0], Url(way[1]))]
        return [*rows, *(Joined((Verbatim(f"{n}."), label), " ") for n, label in enumerate(choices, 1))]
    labels = [way[0], *choices] if way is not None else choices
    return [entry(p_("announcement", "Buttons"), Joined(tuple(labels), " · "))] if labels else []


def split(number: int) -> list[Node]:
    """That a text comes as several messages, if it does."""
    if number < 2:
        return []
    return [n_("There it comes as {n} message.", "There it comes as {n} messages, for it is long.", number)]


def test(talk: Talk, row: Announcement) -> None:
    """As it arrives, sent to nobody but its author; its buttons say so."""
    words = drafts.texts(talk.session, row.id)
    mine = variants({talk.reader.chosen: 1}, words, row.language)[talk.reader.chosen]
    talk.say(body(row, words[mine]), *options(row), file=file(talk.session, row), link=link(row))
    talk.say(ONLY_TEST, _back(row))


ONLY_TEST = _("This is how it arrives. Nobody else has got it.")


def _back(row: Announcement) -> Option:
    return go(f"announce {row.id}", p_("button", "To the draft"))
