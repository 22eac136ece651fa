"""What can be talked about: the visible table of commands."""

from __future__ import annotations

from datetime import timedelta

from bot.talk import Chore, Listener
from bot.talk.commands import Command, Commands
from bot.talk.onetime import Purpose
from bot.text import _, p_
from handlers.announcing import announce, announcement_chore, news
from handlers.announcing.launching import announcements_wait
from handlers.groups import group, group_chore
from handlers.help import help_
from handlers.language import language
from handlers.lines import block, contact, end, leave, line, listener, unblock, unsend
from handlers.link import link
from handlers.looking import looking, looking_chore
from handlers.partners import partners
from handlers.planning import plan_listener
from handlers.privacy import privacy
from handlers.profile import profile
from handlers.projects import project, project_chore_for, projects_, schoolprojects
from handlers.pupils import in_class, join, leave_class, pupil_chore, pupil_listener, pupils, report_class
from handlers.register import register
from handlers.rematch import rematch, rematch_chore
from handlers.reminders import appointment, calendar, remind, reminder_chores, reminders_, settings, when
from handlers.reports import report, reports_
from handlers.requests import clock_chore, lapse_chore, requests
from handlers.rights import deleteme, erasing_chore, idle_chore, mydata, record
from handlers.rooms import held_chore, matrix_chore, poll, room, room_listener, telegram_chore
from handlers.signing_in import SIGN_IN
from handlers.staff.ambassadors import ambassadors
from handlers.staff.home import home_with
from handlers.staff.matching import matching
from handlers.staff.suspended import suspended, tell_suspended
from handlers.staff.suspending import suspend
from handlers.staff.waiting import appeals_wait, cases_wait, reports_wait
from handlers.start import start
from handlers.verification import HEAD, verification, verify, vouch
from handlers.verification import chores as verification_chores


def commands() -> Commands:
    """The table: word, flow, who may use it, its line in the menu, its button, an example for /help."""
    return Commands(
        [
            Command(
                "start",
                start,
                "anyone",
                _("What this is, and the next step"),
                p_("button", "Start"),
                _("Example: /start"),
                in_groups=True,
            ),
            Command(
                "register",
                register,
                "anyone",
                _("Register as a teacher, in seven short questions"),
                p_("button", "Register"),
                _("Example: write /register, then answer; you can stop and go on another day."),
            ),
            Command(
                "partners",
                partners,
                "teacher",
                _("Partner schools that fit yours"),
                p_("button", "Find partners"),
                _("Example: /partners Greece, music, 10-12"),
            ),
            *_lines(),
            Command(
                "group",
                group,
                "verified",
                _("Four to six schools around one idea"),
                p_("button", "Make a group"),
                _("Example: /group, then the idea; all of them are asked at once"),
            ),
            *_projects(),
            Command(
                "rematch",
                rematch,
                "verified",
                _("Partnerships that have gone quiet"),
                p_("button", "Quiet partnerships"),
                _("Example: /rematch; both are free again with one tap, and nobody is to blame"),
            ),
            Command(
                "looking",
                looking,
                "teacher",
                _("Whether others find you as a partner"),
                p_("button", "Looking or not"),
                _("Example: /looking no, while you have no time"),
            ),
            Command(
                "requests",
                requests,
                "verified",
                _("Requests to be partners, sent and got"),
                p_("button", "My requests"),
                _("Example: /requests; to ask somebody, choose a school in /partners"),
            ),
            Command(
                "profile",
                profile,
                "teacher",
                _("See and change what others see of you"),
                p_("button", "My profile"),
                _("Example: /profile, then “Not looking now” while you have no time."),
            ),
            *_reminders(),
            Command(
                "verification",
                verification,
                "teacher",
                _("Show that you teach, and see where your case stands"),
                p_("button", "Get verified"),
                _("Example: /verification, then choose a code by e-mail or one of the other ways."),
            ),
            Command(
                "verify",
                verify,
                "officer",
                _("Teachers who wait to be verified, the oldest first"),
                p_("button", "Who waits"),
                _("Example: /verify; /verify lately shows who was verified, and takes it back."),
            ),
            Command(
                "vouch",
                vouch,
                "ambassador",
                _("Teachers who ask for your word as an ambassador"),
                p_("button", "Give my word"),
                _("Example: /vouch"),
            ),
            Command(
                "language",
                language,
                "anyone",
                _("The language I speak with you"),
                p_("button", "Language"),
                _("Example: /language polski"),
                suspended=True,
                pupils=True,
            ),
            Command(
                "link",
                link,
                "anyone",
                _("Use the same profile on Telegram, Matrix and the web"),
                p_("button", "Link accounts"),
                _("Example: /link here, then /link and the code on the other platform"),
            ),
            Command(
                "privacy",
                privacy,
                "anyone",
                _("What is kept about you, and who sees it"),
                p_("button", "Privacy"),
                _("Example: /privacy"),
                in_groups=True,
                suspended=True,
            ),
            Command(
                "mydata",
                mydata,
                "anyone",
                _("Everything that is stored about you, as a file"),
                p_("button", "Take my data"),
                _("Example: /mydata"),
                suspended=True,
            ),
            Command(
                "record",
                record,
                "anyone",
                _("What support did about you, and when"),
                p_("button", "What support did"),
                _("Example: /record"),
                suspended=True,
            ),
            Command(
                "deleteme",
                deleteme,
                "anyone",
                _("Erase everything about you, after a day for a change of mind"),
                p_("button", "Erase my data"),
                _("Example: /deleteme"),
                suspended=True,
            ),
            Command(
                "staff",
                home_with(cases_wait, reports_wait, appeals_wait, announcements_wait),
                "officer",
                _("For support: what waits, and signing in on the web"),
                p_("button", "What waits"),
                _("Example: /staff"),
            ),
            Command(
                "ambassadors",
                ambassadors,
                "officer",
                _("For support: teachers who may vouch for others"),
                p_("button", "Ambassadors"),
                _("Example: /ambassadors"),
            ),
            Command(
                "suspend",
                suspend,
                "officer",
                _("For support: suspend a teacher, read appeals"),
                p_("button", "Suspensions"),
                _("Example: /suspend"),
            ),
            Command(
                "announce",
                announce,
                "officer",
                _("For support: write to many teachers at once"),
                p_("button", "Announcements"),
                _("Example: /announce new"),
            ),
            Command(
                "news",
                news,
                "anyone",
                _("Which announcements you get"),
                p_("button", "What I get"),
                _("Example: /news, then a tap on what you do not want"),
                listed=False,
            ),
            Command(
                "suspended",
                suspended,
                "suspended",
                _("Why your account is suspended, and what you say to it"),
                p_("button", "My suspension"),
                _("Example: /suspended"),
                suspended=True,
            ),
            Command(
                "help",
                help_,
                "anyone",
                _("What I can do, with examples"),
                p_("button", "Help"),
                _("Example: /help, or just “help” at any question"),
                in_groups=True,
                suspended=True,
                pupils=True,
            ),
        ]
    )


def _lines() -> list[Command]:
    """What partners say to each other, and what can be done about it."""
    return [
        Command(
            "line",
            line,
            "verified",
            _("Write to your partners"),
            p_("button", "My partners"),
            _(
                "Example: /line Maria; then what you write goes to Maria until you write /leave. "
                "/unsend, /contact, /end and /block help there too."
            ),
            also=("talk",),
        ),
        Command(
            "leave",
            in_class(leave_class, leave),
            "verified",
            _("Stop writing to a partner, and talk to me again"),
            p_("button", "Leave"),
            _("Example: /leave"),
            listed=False,
            pupils=True,
        ),
        Command(
            "unsend",
            unsend,
            "verified",
            _("Take back what you wrote to a partner"),
            p_("button", "Take back"),
            _("Example: reply to your message with /unsend"),
            listed=False,
        ),
        Command(
            "contact",
            contact,
            "verified",
            _("Share how else a partner can reach you"),
            p_("button", "Share my contact"),
            _("Example: /contact; I send only what you write then."),
            listed=False,
        ),
        Command(
            "report",
            in_class(report_class, report),
            "teacher",
            _("Show support what a partner wrote"),
            p_("button", "Report"),
            _("Example: reply to a message with /report, or write /report alone"),
            pupils=True,
        ),
        Command(
            "block",
            block,
            "teacher",
            _("Hear nothing of a partner any more"),
            p_("button", "Block"),
            _("Example: /block; they are not told why the line ends."),
            listed=False,
        ),
        Command(
            "unblock",
            unblock,
            "teacher",
            _("Take a block back"),
            p_("button", "Unblock"),
            _("Example: /unblock"),
            listed=False,
        ),
        Command(
            "end",
            end,
            "teacher",
            _("End the line with a partner"),
            p_("button", "End the line"),
            _("Example: /end, then choose which one"),
            listed=False,
        ),
        Command(
            "matching",
            matching,
            "officer",
            _("How matching goes, in figures and as a picture"),
            p_("button", "How matching goes"),
            _("Example: /matching"),
        ),
        Command(
            "reports",
            reports_,
            "officer",
            _("What teachers have reported"),
            p_("button", "Reports"),
            _("Example: /reports"),
        ),
    ]


def _projects() -> list[Command]:
    """What schools do together, and where they talk about it."""
    return [
        Command(
            "projects",
            projects_,
            "verified",
            _("Your projects, and invitations to some"),
            p_("button", "My projects"),
            _("Example: /projects"),
        ),
        Command(
            "project",
            project,
            "verified",
            _("Begin a project with a partner, or look at one"),
            p_("button", "A project"),
            _("Example: /project new; /project join and a code brings you into one of others"),
        ),
        Command(
            "room",
            room,
            "verified",
            _("The rooms of your projects"),
            p_("button", "Rooms"),
            _(
                "Example: /room; I bring you into it in your browser. /room new adds one to a project. In a group on "
                "Telegram that is a door of a room, reply to a message of yours with /delete to take it back "
                "everywhere."
            ),
            also=("rooms",),
        ),
        Command(
            "poll",
            poll,
            "verified",
            _("A question with answers to choose from, in a room"),
            p_("button", "New poll"),
            _("For example: /poll Where do we meet? | Lisbon | Athens"),
        ),
        Command(
            "pupils",
            pupils,
            "verified",
            _("Cards with which your pupils come into the class room"),
            p_("button", "My pupils"),
            _("Example: /pupils 24 makes 24 cards to print"),
        ),
        Command(
            "join",
            join,
            "anyone",
            _("Come into a class room with a pupil's card"),
            p_("button", "I have a card"),
            _("Example: /join and the code on the card"),
            listed=False,
        ),
        Command(
            "schoolprojects",
            schoolprojects,
            "officer",
            _("For support: the projects of schools"),
            p_("button", "School projects"),
            _("Example: /schoolprojects"),
        ),
    ]


def _reminders() -> list[Command]:
    """What comes at its time, alone and with partners."""
    return [
        Command(
            "remind",
            remind,
            "teacher",
            _("Be reminded of something at a time, once or again and again"),
            p_("button", "New reminder"),
            _("Example: /remind each Tuesday 9:30 except holidays choir; in a room it reminds all in it."),
        ),
        Command(
            "reminders",
            reminders_,
            "teacher",
            _("Your reminders and appointments: change, skip, pause, delete"),
            p_("button", "My reminders"),
            _("Example: /reminders"),
        ),
        Command(
            "appointment",
            appointment,
            "verified",
            _("A time with partners, shown to everyone in their own time"),
            p_("button", "New appointment"),
            _("Example: /appointment Thursday 10:00-10:45 video call; in a room it asks all teachers there."),
        ),
        Command(
            "when",
            when,
            "verified",
            _("Lesson hours that suit you and your partners"),
            p_("button", "Common hours"),
            _("Example: /when, then choose one of five times, or let all of you vote; in a room all vote."),
        ),
        Command(
            "calendar",
            calendar,
            "teacher",
            _("Your reminders, and those of projects, in your calendar program"),
            p_("button", "Calendar"),
            _("Example: /calendar"),
            listed=False,
        ),
        Command(
            "settings",
            settings,
            "teacher",
            _("Time zone, quiet hours, school hours, a weekly digest"),
            p_("button", "Settings"),
            _("Example: /settings, then “Quiet hours”"),
        ),
    ]


def listeners() -> list[Listener]:
    """Who takes what is said to other people and not to the bot."""
    return [pupil_listener(), listener(), plan_listener({command.word for command in commands()}), room_listener()]


def chores(room_days: int = 180) -> list[Chore]:
    """What is done without anybody asking, and how often; ``room_days``: how long words in rooms outlive a project."""
    suspensions = Chore("suspensions", 5, tell_suspended)
    ours = [
        erasing_chore,
        idle_chore,
        looking_chore,
        lapse_chore,
        clock_chore,
        rematch_chore,
        group_chore,
        suspensions,
        project_chore_for(timedelta(days=room_days)),
        matrix_chore,
        telegram_chore,
        pupil_chore,
        announcement_chore,
        held_chore,
    ]
    return [*ours, *reminder_chores(), *verification_chores()]


def purposes() -> list[Purpose]:
    """What one-time links are for."""
    return [SIGN_IN, HEAD]
