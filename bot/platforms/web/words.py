"""The words of the page itself, as catalog messages; what the bot says comes from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from bot.text import Count, Node, Reader, Text, _, p_, plain

#: The longest text that is taken, in characters.
LONGEST = 4000

WORDS: Mapping[str, Node] = {
    "title": p_("web", "twinbot: find partner schools for eTwinning"),
    "headline": p_("web", "Find a partner school for your class"),
    "about": p_(
        "web",
        "twinbot is a chat for teachers in Europe: it asks a few short questions, then shows you "
        "schools that would like to do an eTwinning project with yours.",
    ),
    "nothing_kept": p_("web", "Nothing is kept until you press Start or write something."),
    "start": p_("web", "Start"),
    "skip": p_("web", "Skip to the text box"),
    "chat": p_("web", "Conversation"),
    "you": p_("web", "You:"),
    "bot": p_("web", "twinbot:"),
    "write": p_("web", "Your message"),
    "placeholder": p_("web", "Write here …"),
    "send": p_("web", "Send"),
    "writing": p_("web", "twinbot is writing …"),
    "earlier": p_("web", "Earlier messages"),
    "newest": p_("web", "Back to the newest messages"),
    "refresh": p_("web", "Look for new messages"),
    "lost": p_("web", "The connection is lost. Trying again …"),
    "language": p_("web", "Language"),
    "menu": p_("web", "Menu"),
    "help": p_("web", "Help"),
    "privacy": p_("web", "Privacy"),
    "leave": p_("web", "Leave this browser"),
    "leave_why": p_("web", "Signs this browser out. Your registration stays as it is."),
    "rooms": p_("web", "Rooms"),
    "no_rooms": p_("web", "You are in no room yet. Each project has two of them."),
    "chat_with_bot": p_("web", "Chat with twinbot"),
    # Translators: stands after a number of messages that nobody has read yet.
    "new": p_("web", "new"),
    "you_in_room": p_("web", "You"),
    "quiet": p_("web", "Nothing was said here yet."),
    "file_coming": p_("web", "The file is on its way …"),
    "file_lost": p_("web", "The file could not be brought."),
    "shut": p_("web", "Nothing can be written in this room just now."),
    # Translators: a link on the first page, for pupils whose teacher has given them a card.
    "join_here": p_("web", "I am a pupil and have a card"),
    "join_title": p_("web", "Come into your class room"),
    "join_code": p_("web", "The code on your card"),
    "join_pictures": p_("web", "The three pictures on your card, in any order"),
    "join_stays": p_("web", "This is my own device: remember me"),
    # Translators: a button with which a pupil goes into the class room.
    "join": p_("web", "Go in"),
    "join_nothing_kept": p_("web", "No account, no e-mail and no name: the card is all you need."),
    "join_incomplete": p_("web", "Please type the code and choose three pictures."),
    "join_wrong": p_("web", "The code and the pictures do not fit together. Please look at your card and try again."),
    "join_often": p_("web", "There were too many wrong tries from here. Please wait a minute."),
    "join_blocked": p_("web", "There were too many wrong tries with this card. Please ask your teacher."),
    "join_taken": p_("web", "Somebody was quicker with that nickname. Please choose another."),
    "nickname_title": p_("web", "Choose your nickname"),
    "nickname_how": p_("web", "By this the others know you in the room. Nobody sees your real name."),
    "nickname_keep": p_("web", "as on your card"),
    "nickname_others": p_("web", "Show me others"),
    # Translators: a button with which a pupil signs a browser out.
    "class_leave": p_("web", "Leave"),
    "class_leave_why": p_("web", "Do this when others use this computer after you. Your card lets you in again."),
    "home": p_("web", "Go to the chat"),
    "again": p_("web", "Try again"),
    "missing_title": p_("web", "This page does not exist"),
    "missing": p_("web", "The address may be mistyped or old. The chat is still where it was."),
    "no_link_title": p_("web", "This link does not work"),
    "no_link": p_("web", "It may be mistyped, used or very old. Please ask for a new one where you got it."),
    "play_title": p_("web", "Play somebody fictional"),
    "play_how": p_(
        "web",
        "This is a demo: its teachers are invented, and you may speak as any of them. Use a private window or another "
        "browser for each, so that you stay who you are in the others.",
    ),
    "play_name": p_("web", "A name"),
    "play_find": p_("web", "Find"),
    "play_newest": p_("web", "Told something lately"),
    "play_found": p_("web", "Found"),
    "play_nothing": p_("web", "Nobody was told anything yet. Ask somebody for a partnership, or look for a name."),
    "play_nobody": p_("web", "Nobody fictional has a name like that."),
    "announcements": _("Announcements"),
    "announce_write": p_("button", "Write one"),
    "announce_nothing": _("Nothing is under way."),
    "announce_past": _("History"),
    "announce_words": _("Write the words in this language."),
    "announce_which": _("The words of which language?"),
    "announce_preview": p_("button", "Preview"),
    "announce_save": p_("button", "Save"),
    "announce_yes": p_("button", "Yes"),
    "announce_no": p_("button", "No"),
    "announce_go_on": p_("web", "Go on"),
    "announce_figures": p_("button", "Figures"),
    "announce_table": p_("button", "As a table"),
    # Translators: "it" is an announcement. On its page only its words are written; the chat shows the same draft.
    "announce_chat": p_("web", "Who gets it, when, and with which picture or buttons is chosen in the chat."),
    "broken_title": p_("web", "Something went wrong"),
    "broken": p_("web", "It is our fault, not yours. Please try again in a moment."),
    "later": p_("web", "Your message could not be kept just now. Please send it again in a moment."),
    "refused_title": p_("web", "That did not work"),
    "foreign": p_("web", "This came from another page, so nothing was done. Please use the chat page itself."),
    "no_cookie": p_("web", "The chat needs one cookie to know you again. Please allow it, then try once more."),
    "crowded": p_("web", "Many people are starting just now. Please try again in a minute."),
    "fast": p_("web", "That was very quick. Please wait a few seconds, then go on."),
    "long": p_("web", "That is too long: please keep a message to {most} characters.", most=Count(LONGEST)),
    "big": p_("web", "That is too much at once. Please send less."),
    "attach": p_("web", "Add a file"),
    "without_file": p_("web", "Leave out the file"),
    "sending_file": p_("web", "The file is being sent …"),
    "options": p_("web", "What to do with this message"),
    "answer": p_("web", "Reply"),
    "change": p_("web", "Change"),
    "take_back": p_("web", "Take back"),
    "answering": p_("web", "Your reply to:"),
    "changing": p_("web", "Change your message:"),
    "no_more": p_("web", "Never mind"),
    "edited": p_("web", "changed"),
    "taken_back": p_("web", "This message was taken back."),
    "taken_away": p_("web", "This message was taken away."),
    # Translators: under a message of a pupil that nobody else sees yet.
    "waits": p_("web", "Waits until your teacher has read it"),
    "waits_for_you": p_("web", "Waits for you; the others do not see it"),
    "given_back": p_("web", "Given back by the teacher; it can be changed."),
    # Translators: what a teacher does with a message of a pupil that waits.
    "let_out": p_("web", "Let it out"),
    "give_back": p_("web", "Give it back"),
    "note": p_("web", "A word to the pupil"),
    "drop": p_("web", "Remove it"),
    # Translators: buttons in the menu of a message.
    "order_report": p_("web", "Something is wrong"),
    "reported": p_("web", "The teachers know it now. Thank you for telling."),
    "order_remove": p_("web", "Take it away for all"),
    "order_mute": p_("web", "Mute for an hour"),
    "order_out": p_("web", "Remove from the room"),
    "big_file": p_("web", "That file is too big: {most} MB is the most.", most=Count(0)),
    "empty_file": p_("web", "That file is empty, so it was not sent."),
    "no_files": p_("web", "Files cannot be taken here."),
    "first": p_("web", "Please press Start first; then files can be sent."),
    "too_late": p_("web", "That message cannot be changed any more."),
    "odd": p_("web", "That could not be understood. Please go back to the chat and try again."),
}


@lru_cache(maxsize=64)
def words(language: str, megabytes: int = 1) -> Mapping[str, str]:
    """The page's words in a language, by name. ``megabytes`` is what a file may have."""
    reader = Reader(language)
    big = WORDS["big_file"]
    assert isinstance(big, Text)
    known = {**WORDS, "big_file": replace(big, args={"most": Count(megabytes)})}
    return {name: plain(node, reader) for name, node in known.items()}
