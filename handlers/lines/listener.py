"""What people do in a chat that concerns a line: they write, reply, edit, take back, react, send files."""

from __future__ import annotations

from bot.talk import Listener, Listening, Mark, Option, Rewrite, TakeBack, go
from bot.text import Joined, Name, Node, Verbatim, _, n_, p_
from handlers.lines.arriving import back, lost, typing
from handlers.lines.rules import MOST_CHARACTERS
from handlers.lines.sending import Words, closed, send, send_waiting, talking_on
from handlers.lines.words import copy, left
from storage import dialogues, lines, relay
from storage.lines import Line
from storage.relay import Spoken
from storage.spelling import fold

_KEYCAP = "\u20e3"
_NOBODY = "/line drop"
#: So many partners are offered when it is asked to whom something goes; the others are found by the list.
OFFERED = 6
#: Some platforms take any text for a reaction.
LONGEST_SIGN = 20


def listener() -> Listener:
    """The one who listens for what goes out on lines."""
    return Listener(earlier, stop, words, stray, back=back, lost=lost, typing=typing)


def earlier(heard: Listening) -> bool:
    """Something about what was said on a line: an edit, a removal, a reaction, a reply."""
    what = heard.heard
    if what.edits is not None:
        return _edited(heard, what.edits)
    if what.removes is not None:
        return _removed(heard, what.removes)
    if what.about is None or what.press is not None or (what.text or "").startswith("/"):
        return False
    return _answered(heard, what.about)


def _answered(heard: Listening, about: str) -> bool:
    """A reaction or a reply to something that was said on a line."""
    what, spoken = heard.heard, relay.shown_in(heard.session, heard.chat, about)
    line = None if spoken is None else _line(heard, spoken)
    if spoken is None or line is None:
        return False
    if what.reaction is not None:
        return _reacted(heard, spoken, line, what.reaction)
    return _said(heard, line, Words.heard(what, heard.platform, spoken.id))


def stop(heard: Listening) -> bool:
    """A "cancel" while somebody talks on a line: they talk to the bot again."""
    line = talking_on(heard, heard.chat)
    if line is None:
        return False
    lines.choose(heard.session, heard.chat, None, heard.now)
    heard.say(left(line))
    return True


def words(heard: Listening) -> bool:
    """Words or files while somebody talks on a line. A reply to something that cannot be told is asked about: it may
    have been meant for somebody else."""
    line = talking_on(heard, heard.chat)
    if line is None:
        return _former(heard)
    if heard.heard.about is not None:
        return stray(heard)
    return _said(heard, line, Words.heard(heard.heard, heard.platform))


def _former(heard: Listening) -> bool:
    """The one who was written to here may have had everything of theirs erased."""
    if lines.chosen(heard.session, heard.chat)[0] is None:
        return False
    lines.choose(heard.session, heard.chat, None, heard.now)
    heard.say(_("Not sent: this line has ended."), go("line", p_("button", "My partners")))
    return True


def stray(heard: Listening) -> bool:
    """Words or files of somebody who has partners, and has not said to whom: kept, and asked for."""
    known = lines.lines_of(heard.session, heard.person) if "verified" in heard.roles else []
    said = Words.heard(heard.heard, heard.platform)
    if not known or not (said.text or said.files):
        return False
    before = lines.waits(heard.session, heard.chat)
    named = _named(known, said.text) if before else None
    if named is not None:
        send_waiting(heard, heard.chat, named)
        return True
    waiting = lines.put_by(heard.session, heard.chat, said.to_json(), heard.now)
    heard.say(_to_whom(waiting), *_partners(known), instead=_asked_before(heard))
    return True


def _asked_before(heard: Listening) -> str | None:
    """The question to whom, if it is the last thing that was offered: then it only has to count one more."""
    asked = None if heard.last is None else dialogues.prompt(heard.session, heard.chat, heard.person, heard.last)
    return None if asked is None or _NOBODY not in [option for option, _label in asked.options] else heard.last


def _edited(heard: Listening, ref: str) -> bool:
    changed = Words.heard(heard.heard, heard.platform)
    if lines.edit_unsent(heard.session, heard.chat, ref, {**changed.to_json(), "ref": ref}):
        return True
    spoken = relay.said_in(heard.session, heard.chat, ref)
    line = None if spoken is None else _line(heard, spoken)
    if spoken is None or line is None or spoken.author != heard.person:
        return False
    if spoken.words == changed.text or spoken.removed_at is not None:
        return True
    refused = _unchangeable(heard, line, changed.text)
    if refused is not None:
        heard.say(refused)
        return True
    relay.rewrite(heard.session, spoken.id, changed.text, heard.now)
    me = lines.line_of(heard.session, line.id, line.other)
    assert me is not None
    heard.relay(Rewrite(spoken.id, copy(me, changed.text)))
    return True


def _unchangeable(heard: Listening, line: Line, text: str) -> Node | None:
    """Why an edit is not passed on; None if it is."""
    ended = closed(line)
    if ended is not None or "verified" not in heard.roles:
        return _("Your change was not passed on: this line is closed.")
    if len(text) > MOST_CHARACTERS or not text.strip():
        return n_(
            "Your change was not passed on: {n} character is the most.",
            "Your change was not passed on: {n} characters are the most.",
            MOST_CHARACTERS,
        )
    return None


def _removed(heard: Listening, ref: str) -> bool:
    if lines.edit_unsent(heard.session, heard.chat, ref, None):
        return True
    spoken = relay.said_in(heard.session, heard.chat, ref)
    if spoken is None or spoken.author != heard.person:
        return False
    relay.take_back(heard.session, spoken.id, heard.now)
    heard.relay(TakeBack(spoken.id))
    return True


def _reacted(heard: Listening, spoken: Spoken, line: Line, emoji: str) -> bool:
    """A reaction goes to the chats where the other has the same message; a number chooses a button."""
    if _KEYCAP in emoji:
        return False
    if closed(line) is None and "verified" in heard.roles:
        places = {chat for chat, _row in relay.copies(heard.session, spoken.id)} | {spoken.chat or heard.chat}
        mirrored = lines.line_of(heard.session, line.id, line.other)
        sign = Verbatim(emoji[:LONGEST_SIGN], heard.person)
        said = None if mirrored is None else Joined((Name(mirrored.name, heard.person), sign), ": ")
        for chat in places - {heard.chat}:
            heard.relay(Mark(spoken.id, chat, sign, sign.words, otherwise=said))
        lines.read(heard.session, line.id, heard.person, heard.now)
    return True


def _said(heard: Listening, line: Line, said: Words) -> bool:
    if "verified" not in heard.roles:
        heard.say(_("Not sent: only verified teachers write to partners."))
        return True
    send(heard, heard.chat, line, said)
    return True


def _line(heard: Listening, spoken: Spoken) -> Line | None:
    """The line on which something was said, or the one that follows it."""
    return None if spoken.partnership is None else lines.line_now(heard.session, spoken.partnership, heard.person)


def _to_whom(waiting: int) -> Node:
    return n_(
        "To whom shall this go? I keep it until you choose.",
        "To whom shall these {n} messages go? I keep them until you choose.",
        waiting,
    )


def _partners(known: list[Line]) -> list[Option]:
    """The partners spoken to last, a way to the others, and nobody."""
    offered = [go(f"line {line.id} send", Name(line.name, line.other)) for line in known[:OFFERED]]
    if len(known) > OFFERED:
        # Translators: a button after the names of some partners; it shows the list of all.
        offered.append(go("line send", p_("button", "Somebody else")))
    # Translators: a button; what was written is not sent.
    return [*offered, Option(_NOBODY, p_("button", "To nobody"))]


def _named(known: list[Line], text: str) -> Line | None:
    """The partner whose name, or first name, is all that was written, while something waits for this choice."""
    wanted = fold(text)
    meant = [line for line in known if wanted and wanted in {fold(line.name), fold(line.name.split()[0])}]
    return meant[0] if len(meant) == 1 else None
