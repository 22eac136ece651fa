"""/language: in which language the bot talks with a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.talk import Again, Kept, Option, Said, Talk
from bot.talk.kinds import Choice, one_of
from bot.text import Language, _
from bot.text.catalogs import available, seconds
from storage import people, teachers
from storage.reference import languages
from storage.spelling import language_lexicon


class BotLanguage(Choice):
    """One of the languages that have a catalog, by its own name or its name in any other language; those ``first``
    that are the likely ones."""

    def __init__(self, first: Iterable[str] = ()) -> None:
        known = set(available())
        codes = [code for code in dict.fromkeys([*first, *available()]) if code in known]
        super().__init__([Option(code, Language(code, own=True)) for code in codes])

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """Take a language name or code; one without a catalog is answered with what there is."""
        if said.option is None and said.text:
            code = language_lexicon().one(said.text)
            if code in available():
                return Kept(code)
            return Again(_("I do not speak that language yet. Please choose one of these."))
        return super().read(said, draft)


def language(talk: Talk) -> None:
    """A person chooses the language of everything I say to them."""
    kind = BotLanguage(_likely(talk))
    written = kind.read(Said(text=talk.turn.argument), None) if talk.turn.argument else None
    if isinstance(written, Kept):
        # The next question begins from it, because what stands behind a command is heard once only.
        talk.then("language", code=kind.recall(written.value))
        return
    code = talk.start("code") or talk.ask("language", _("Which language shall we speak?"), kind)
    code = _with_second(talk, str(code))
    people.set_language(talk.session, talk.person, code)
    talk.say(_("From now on I write to you in this language: {language}", language=Language(code, own=True)))


def _with_second(talk: Talk, code: str) -> str:
    """The language with the second one for what it lacks, where there is more than one that may be wanted."""
    codes = seconds(code)
    if not codes:
        return code
    question = _("Some texts may not be there in this language. Which language shall I use for them?")
    options = [Option(second, Language(second, own=True)) for second in codes]
    return codes[talk.ask("second", question, one_of(*options))]


def _likely(talk: Talk) -> list[str]:
    """The language that is spoken now, those of the country where somebody teaches, and English."""
    me = teachers.facts(talk.session, talk.person)
    theirs = [code for code, known in languages().items() if me is not None and me.country in known.countries]
    return [talk.reader.language, *theirs, "en"]
