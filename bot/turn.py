"""One turn: what somebody did in a chat becomes answers, all in one transaction.

The order in which words are understood: something about what was passed on to others or by others; a button or
reaction; a command; back and cancel; the open question; what the newest message offered; others, where the person has
chosen to talk to them; a command in plain words; others, who are asked for; and, for anything else, a way on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy.orm import Session

from bot.conversation import CONTROLS, Conversation, House
from bot.guessing import PERIOD
from bot.notices import Notices
from bot.outgoing import Outgoing
from bot.prompts import chosen_by_payload, chosen_by_reaction, chosen_by_words
from bot.relay import Relay
from bot.talk import Do, Given, Heard, Letter, Listening, News, NoFile, Option, Relayed, Said
from bot.talk.kinds import labelled
from bot.talk.messages import Unread
from bot.talk.talk import BACK, CANCEL
from bot.text import Node, Reader, _, n_, plain
from bot.text.catalogs import available, nearest
from storage import accounts, people, spelling
from storage.dialogues import Asked
from storage.post import Parcel

UNREAD: dict[str, Node] = {
    "encrypted": _("I could not decrypt that message. Please send it again."),
}
IN_ROOM = _("I bring what is said here to the other doors of this room. For all else, write to me in a private chat.")
# What these say fills a screen, of everybody who is in a room.
_LONG = frozenset({"start", "help", "privacy"})
ONLY_TEXT = _("I can only read text here. Please write it in words.")


class Hearing:
    """Takes one thing that was heard. ``run`` gives the parcels to deliver after the commit.

    ``opened`` is the file that came with it, looked into, if an earlier try of this turn wanted that (`FileWanted`).
    """

    def __init__(
        self,
        house: House,
        session: Session,
        platform: str,
        heard: Heard,
        *,
        key: str,
        now: datetime,
        opened: Given | None = None,
    ) -> None:
        self.opened = opened
        self.house, self.session, self.platform, self.heard, self.now = house, session, platform, heard, now
        self.out = Outgoing(session, platform, heard.chat, heard.kind, key=key, now=now, thread=heard.thread)

    def run(self) -> list[Parcel]:
        """Understand what was heard and answer it."""
        heard = self.heard
        if heard.moved_to is not None:
            people.move_chat(self.session, self.platform, heard.chat, heard.moved_to)
        if heard.gone:
            people.lose_chat(self.session, self.platform, heard.chat, self.now)
        if heard.event is not None:
            return self._happened()
        if heard.moved_to is not None or heard.gone:
            return []
        if self._no_business():
            return []
        self._meet()
        self._understand()
        self.talk.keep()
        return [*self.out.parcels, *self._hand_over(self.talk.news, self.talk.relayed)]

    def _happened(self) -> list[Parcel]:
        """Something happened to a group. That makes nobody known who was not known before."""
        heard, session = self.heard, self.session
        place = people.place_of(session, self.platform, heard.moved_to or heard.chat)
        person = accounts.owner_of(session, self.platform, heard.sender)
        chat, reader = 0 if place is None else place.chat, Reader(nearest(heard.language))
        listening = Listening(session, heard, person or 0, chat, self.platform, reader, self.now)
        for listener in self.house.listeners:
            listener.happens(listening)
        return self._hand_over(listening.news, listening.relayed)

    def _hand_over(self, told: Sequence[News | Letter | Do], relayed: Sequence[Relayed]) -> list[Parcel]:
        """Put into the outbox what others are told and brought."""
        notices = Notices(self.session, f"{self.out.key}.to", self.now)
        for news in told:
            notices.tell(news)
        relay = Relay(self.session, f"{self.out.key}.by", self.now)
        for what in relayed:
            relay.bring(what)
        return [*notices.parcels, *relay.parcels]

    def _no_business(self) -> bool:
        """What was said in a group to others, and what strangers change of their own, makes nobody known."""
        heard = self.heard
        if heard.kind == "group":
            place = self.session, self.platform, heard.chat
            attended = any(listener.attends(*place) for listener in self.house.listeners)
            if attended and accounts.owner_of(self.session, self.platform, heard.sender) is None:
                return True  # Where others talk with each other, whoever is unknown is not even answered.
            if not attended and not self._for_us():
                return True
        changed = heard.edits is not None or heard.removes is not None
        return changed and not people.knows(self.session, self.platform, heard.sender, heard.chat)

    def _for_us(self) -> bool:
        """In a group the bot is a guest: it answers commands, mentions and its own buttons alone."""
        words = self.heard.text is not None and self.heard.unread is None
        return self.heard.press is not None or (self.heard.addressed and words)

    def _meet(self) -> None:
        heard = self.heard
        hint = nearest(heard.language)
        met = people.meet(
            self.session, self.platform, heard.sender, heard.chat, heard.kind, now=self.now, language=hint
        )
        self.out.to(met)
        self.met = met
        self.talk = Conversation(self.house, self.session, met, self.out, heard, now=self.now)
        if met.back:
            self.talk.back_again()

    def _understand(self) -> None:
        heard = self.heard
        if self.talk.overheard("earlier") or heard.edits is not None or heard.removes is not None:
            return  # An answer that was taken stands, whatever becomes of its words; going back is what changes it.
        if heard.kind == "group" and not self._for_us():
            self.talk.overheard("words")
            return
        if heard.unread is not None:
            self._unreadable(heard.unread)
        elif heard.press is not None:
            self._press(heard.press)
        elif heard.reaction is not None:
            self._reacted(heard.reaction, heard.about or "")
        elif heard.text is not None:
            self._text(heard.text.strip())

    def _unreadable(self, unread: Unread) -> None:
        """A file may be for others, unless a question is open; few of these are answered by one."""
        free = self.talk.question is None and self.heard.kind == "private" and unread != "encrypted"
        if free and (self.talk.overheard("words") or self.talk.overheard("stray")):
            return
        if self._gave_file():
            return
        self.talk.say(UNREAD.get(unread, ONLY_TEXT))
        self.talk.repeat()

    def _gave_file(self) -> bool:
        """Whether a file is the answer to the open question. Raises `FileWanted` until that has been looked into."""
        if self.talk.question is None or self.heard.kind != "private" or not self.heard.files:
            return False
        given = self.opened or Given(self.platform, self.heard.files[0])
        try:
            self.talk.answer(Said(text=self.heard.text, file=given))
        except NoFile:
            return False
        return True

    def _reacted(self, emoji: str, about: str) -> None:
        asked, option = chosen_by_reaction(self.session, self.met, about, emoji)
        if asked is not None and option is not None:
            self._pressed(asked, option)

    def _press(self, carried: str) -> None:
        """What a button carries may be made up; whoever tries many gets no answer for a while."""
        guesses, who = self.house.guesses, (self.met.chat, self.met.person)
        if guesses.too_many(who, self.now):
            return
        asked, option = chosen_by_payload(self.session, self.met, carried)
        if option is None and guesses.count(who, self.now):
            minutes = int(PERIOD.total_seconds() // 60)
            self.talk.say(
                n_(
                    "Too many buttons that open nothing. For {n} minute I only read what you write.",
                    "Too many buttons that open nothing. For {n} minutes I only read what you write.",
                    minutes,
                )
            )
            return
        self._pressed(asked, option)

    def _pressed(self, asked: Asked | None, option: str | None) -> None:
        """A choice made on a message: a way on, a control, or the answer to its question."""
        if asked is None or option is None:
            self.talk.say(_("That button is too old. Here is where we are."))
            self.talk.repeat_or_offer()
        elif option.startswith("/"):
            self._command(option[1:])
        elif asked.question != self.talk.question:
            self._stale()
        elif option == BACK:
            self.talk.back()
        elif option == CANCEL:
            self.talk.cancel()
        else:
            self.talk.answer(Said(option=option, pressed=True))

    def _stale(self) -> None:
        """The question of this button is not the open one. An open question stands just below; it is not repeated."""
        self.talk.say(_("That question is answered already."))
        if self.talk.question is None:
            self.talk.repeat_or_offer()

    def _text(self, text: str) -> None:
        word = spelling.fold(text)
        if text.startswith("/"):
            self._command(text[1:])
        elif self.heard.kind == "group":
            self._mentioned(text)
        elif not word and self.talk.question is not None:
            self.talk.repeat()
        elif word in words_for("back") | words_for("cancel"):
            self._control("back" if word in words_for("back") else "cancel")
        elif word in words_for("help"):
            self._command("help")
        else:
            self._words(text)

    def _control(self, word: str) -> None:
        if self.talk.question is None and self.talk.overheard("stop"):
            return
        self.talk.back() if word == "back" else self.talk.cancel()

    def _mentioned(self, text: str) -> None:
        """In a group words are a choice only as a reply; any others call the bot."""
        if self.heard.about is None or not self._replied(text):
            self._command("start")

    def _words(self, text: str) -> None:
        """Words that are no command: the answer to the open question, a choice, or something to guess at."""
        if self.heard.about is not None and self._replied(text):
            return
        if self.talk.question is not None:
            self.talk.answer(Said(text=text))
            return
        option = chosen_by_words(self.session, self.met, text, self.talk.reader)
        if option is not None and option.startswith("/"):
            self._command(option[1:])
        elif not self.talk.overheard("words"):
            self._guess(text)

    def _guess(self, text: str) -> None:
        """Words that answer nothing: a command in plain words, or something for others, or nothing that I know."""
        command = self._meant(text)
        if command is not None:
            self._command(command)
        elif self.talk.overheard("stray"):
            return
        elif not spelling.fold(text):
            self.talk.repeat_or_offer()
        else:
            self.talk.say(_("Sorry, I did not understand that. Here is what I can do:"), *self.talk.ways_on())

    def _replied(self, text: str) -> bool:
        """A reply to a message with choices that names one of them."""
        asked, option = chosen_by_reaction(self.session, self.met, self.heard.about or "", text)
        if asked is None or option is None:
            return False
        self._pressed(asked, option)
        return True

    def _meant(self, text: str) -> str | None:
        buttons = [Option(c.word, c.button) for c in self.house.commands if c.public or c.open_to(self.met.roles)]
        return labelled(text, buttons, self.talk.reader)

    def _command(self, line: str) -> None:
        word, argument = [*line.split(maxsplit=1), "", ""][:2]
        word = word.casefold()
        if word in {"back", "cancel"}:
            self._control(word)
            return
        command = self.house.commands.get(word)
        if word in _LONG and not argument and self._in_room():
            self.talk.say(IN_ROOM)
        elif command is None:
            self._unknown(word)
        elif self.heard.kind == "group" and not command.in_groups:
            self.talk.say(_("Please write to me in a private chat for this, so that your answers stay yours."))
        elif not command.open_to(self.met.roles):
            self.talk.refuse(command)
            self.talk.repeat()
        else:
            self.talk.command(command, argument.strip())

    def _in_room(self) -> bool:
        """Whether this is a group in which people talk to each other through the bot."""
        place = self.session, self.platform, self.heard.chat
        return self.heard.kind == "group" and any(listener.attends(*place) for listener in self.house.listeners)

    def _unknown(self, word: str) -> None:
        if self.heard.kind == "group":
            return  # There it may be meant for another bot.
        like = self.house.commands.like(word)
        if like is not None:
            self.talk.say(_("I do not know that command. Did you mean this?"), Option(f"/{like.word}", like.button))
        else:
            self.talk.say(_("I do not know that command. Here is what I can do:"), *self.talk.ways_on())
        self.talk.repeat()


@cache
def words_for(control: str) -> frozenset[str]:
    """What a person may write for a control: its label in any of our languages, however it is spelt."""
    return frozenset(spelling.fold(plain(CONTROLS[control], Reader(language))) for language in available())
