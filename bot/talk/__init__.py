"""The conversation engine: flows that read like the conversation, replayed over their named answers."""

from bot.talk.chores import Chore, Tell, TellAll
from bot.talk.errors import Excuse, FileWanted, FlowError, NoFile, Outdated
from bot.talk.kinds import Again, Kept, Kind, Said, free_text, one_of, some_of, yes_no
from bot.talk.letters import Letter, mail_address
from bot.talk.listening import Did, Done, Listener, Listening
from bot.talk.messages import Attachment, Choosing, Event, Given, Heard, Message, Option, Working, go
from bot.talk.relaying import Do, Mark, PassOn, Relayed, Rewrite, Stir, TakeBack
from bot.talk.talk import Flow, Talk, advance
from bot.talk.turns import Change, News, Turn

__all__ = [
    "Again",
    "Attachment",
    "Change",
    "Choosing",
    "Chore",
    "Did",
    "Do",
    "Done",
    "Event",
    "Excuse",
    "FileWanted",
    "Flow",
    "FlowError",
    "Given",
    "Heard",
    "Kept",
    "Kind",
    "Letter",
    "Listener",
    "Listening",
    "Mark",
    "Message",
    "News",
    "NoFile",
    "Option",
    "Outdated",
    "PassOn",
    "Relayed",
    "Rewrite",
    "Said",
    "Stir",
    "TakeBack",
    "Talk",
    "Tell",
    "TellAll",
    "Turn",
    "Working",
    "advance",
    "free_text",
    "go",
    "mail_address",
    "one_of",
    "some_of",
    "yes_no",
]
