"""What each table holds of a person, and what becomes of it when that person is erased.

Every table of the database stands here, in `HOLDINGS` or in `IMPERSONAL`; a test says so. A new table without a place
here is a table that a person can neither take nor erase.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, or_, select

from storage.models import (
    Account,
    Alarm,
    Announcement,
    AnnouncementAnswer,
    AnnouncementBulk,
    AnnouncementDeed,
    AnnouncementFile,
    AnnouncementText,
    Appeal,
    Attendee,
    AuditEntry,
    Base,
    Block,
    Bulk,
    Case,
    CaseWord,
    Chat,
    Copy,
    Counter,
    Dialogue,
    DoorMember,
    Erasure,
    GroupMember,
    Guest,
    LeftCategory,
    LineChat,
    LineSide,
    LinkCode,
    MailCode,
    MatchRow,
    Occurrence,
    Officer,
    OutboxPart,
    OutboxRow,
    PartnerRequest,
    Partnership,
    Person,
    PlatformState,
    Poll,
    Project,
    ProjectCode,
    ProjectFeed,
    ProjectMember,
    ProjectSpace,
    ProjectWord,
    Prompt,
    Proof,
    Pupil,
    PupilChat,
    PupilSession,
    QueueLine,
    Reminder,
    Report,
    Rhythm,
    Room,
    RoomAct,
    RoomDoor,
    RoomFile,
    RoomMember,
    RoomMessage,
    RoomNotice,
    RoomReaction,
    RoomVote,
    SavedSegment,
    School,
    SchoolBreak,
    SchoolGroup,
    SchoolWord,
    Suggestion,
    Suspension,
    Teacher,
    TeacherLanguage,
    TeacherStem,
    TeacherSubject,
    Ticket,
    Unsent,
    Update,
    Utterance,
    VaultKey,
    Vote,
    WebMessage,
    WebSession,
    Wish,
    ZoneRules,
)

#: Which rows of a table are a person's.
Rows = Callable[[int], ColumnElement[bool]]


@dataclass(frozen=True)
class Holding:
    """What a table holds of a person.

    ``ends`` is what erasing does with such rows: "deleted", "emptied" (the columns of ``emptied`` get these values;
    the row is needed by others) or "kept", because nothing in it says who the person was. ``hidden`` are columns that
    an export leaves out: digests and tokens that would let somebody in. ``secret`` tables are in no export.
    """

    model: type[Base]
    rows: Rows
    ends: Literal["deleted", "emptied", "kept"] = "deleted"
    emptied: Mapping[str, Any] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    secret: bool = False


def _by(column: Any) -> Rows:
    return lambda person: column == person


def _either(one: Any, other: Any) -> Rows:
    return lambda person: or_(one == person, other == person)


def _in(column: Any, ids: Callable[[int], Any]) -> Rows:
    return lambda person: column.in_(ids(person))


def _chats(person: int) -> Any:
    return select(Chat.id).where(Chat.person_id == person)


def _accounts(person: int) -> Any:
    return select(Account.external_key).where(Account.person_id == person)


def _said(person: int) -> Any:
    return select(Utterance.id).where(Utterance.author_id == person)


def _noticed(person: int) -> Any:
    return select(RoomNotice.id).where(RoomNotice.person_id == person)


def _seats(person: int) -> Any:
    return select(RoomMember.id).where(RoomMember.person_id == person)


def _places(person: int) -> Any:
    return select(Pupil.id).where(Pupil.owner_id == person)


def _cases(person: int) -> Any:
    return select(Case.id).where(Case.person_id == person)


def _heard_in_their_chats(person: int) -> ColumnElement[bool]:
    """Raw updates of their chats, with the words of those that wait or are set aside."""
    theirs = select(Chat.id).where(
        Chat.person_id == person, Chat.platform == Update.platform, Chat.external_key == Update.lane
    )
    return theirs.exists()


def _suspensions(person: int) -> Any:
    return select(Suspension.id).where(Suspension.person_id == person)


def _web_accounts(person: int) -> Any:
    return select(Chat.external_key).where(Chat.person_id == person, Chat.platform == "web")


def _recorded(person: int) -> ColumnElement[bool]:
    """What support did about them, also under the number they had before their accounts were joined, and as support."""
    joined = select(AuditEntry.detail["person"].as_integer())
    earlier = joined.where(AuditEntry.act == "accounts_joined", AuditEntry.subject == person)
    return or_(AuditEntry.subject == person, AuditEntry.actor == person, AuditEntry.subject.in_(earlier))


# A list of people is other people's.
_SEGMENT = frozenset({"segment"})
_WORKINGS = frozenset({"segment", "card", "card_for", "editor_id", "approved_by", "shown", "figures", "cursor"})

#: In the order in which they are erased: what refers to other rows comes before them.
HOLDINGS: tuple[Holding, ...] = (
    Holding(Update, _heard_in_their_chats),
    Holding(WebMessage, _in(WebMessage.chat, _web_accounts)),
    Holding(WebSession, _in(WebSession.account_key, _web_accounts), hidden=frozenset({"token_hash"})),
    Holding(Prompt, _by(Prompt.person_id), hidden=frozenset({"token"})),
    Holding(Dialogue, _by(Dialogue.person_id), hidden=frozenset({"last"})),
    Holding(Unsent, _in(Unsent.chat_id, _chats)),
    Holding(AnnouncementAnswer, _by(AnnouncementAnswer.person_id)),
    Holding(LeftCategory, _by(LeftCategory.person_id)),
    # What support wrote to many stays, without who of them wrote it.
    Holding(AnnouncementDeed, _by(AnnouncementDeed.person_id), ends="emptied", emptied={"person_id": None}),
    Holding(SavedSegment, _by(SavedSegment.owner_id), ends="emptied", emptied={"owner_id": None}, hidden=_SEGMENT),
    Holding(Announcement, _by(Announcement.author_id), ends="emptied", emptied={"author_id": None}, hidden=_WORKINGS),
    Holding(Announcement, _by(Announcement.editor_id), ends="emptied", emptied={"editor_id": None}, secret=True),
    Holding(Announcement, _by(Announcement.approved_by), ends="emptied", emptied={"approved_by": None}, secret=True),
    Holding(Announcement, _by(Announcement.card_for), ends="emptied", emptied={"card_for": None}, secret=True),
    Holding(LineChat, _in(LineChat.chat_id, _chats)),
    Holding(LineSide, _by(LineSide.person_id)),
    Holding(Copy, _in(Copy.chat_id, _chats)),
    Holding(RoomFile, _in(RoomFile.message_id, _said)),
    Holding(RoomReaction, _by(RoomReaction.person_id)),
    Holding(RoomVote, _by(RoomVote.person_id)),
    # Who decided on it is another person.
    Holding(RoomMessage, _in(RoomMessage.id, _said), hidden=frozenset({"decided_by", "removed_by"})),
    Holding(RoomMessage, _by(RoomMessage.decided_by), ends="emptied", emptied={"note": None}, secret=True),
    # What the bot said in a room because they asked for it, which are mostly their own words.
    Holding(Utterance, _in(Utterance.id, _noticed), secret=True),
    Holding(RoomNotice, _by(RoomNotice.person_id), hidden=frozenset({"token"})),
    # What was done to somebody goes with them; what they did stays without them.
    Holding(RoomAct, _by(RoomAct.subject_id), hidden=frozenset({"actor_id"})),
    Holding(RoomAct, _by(RoomAct.actor_id), ends="emptied", emptied={"actor_id": None}, secret=True),
    Holding(DoorMember, _in(DoorMember.member_id, _seats)),
    Holding(RoomMember, _by(RoomMember.person_id)),
    Holding(
        RoomDoor,
        _by(RoomDoor.opened_by),
        ends="emptied",
        emptied={"opened_by": None},
        hidden=frozenset({"key", "link"}),
    ),
    Holding(
        ProjectSpace,
        _by(ProjectSpace.opened_by),
        ends="emptied",
        emptied={"opened_by": None},
        hidden=frozenset({"key"}),
    ),
    Holding(Guest, _in(Guest.external_key, _accounts)),
    Holding(Room, _by(Room.made_by), ends="emptied", emptied={"made_by": None}),
    Holding(PupilSession, _in(PupilSession.pupil_id, _places), secret=True),
    Holding(PupilChat, _by(PupilChat.person_id)),
    Holding(Pupil, _by(Pupil.owner_id), hidden=frozenset({"code", "card", "pictures"})),
    Holding(ProjectCode, _by(ProjectCode.made_by), secret=True),
    Holding(ProjectWord, _by(ProjectWord.added_by), ends="emptied", emptied={"added_by": None}),
    Holding(ProjectMember, _by(ProjectMember.person_id)),
    # What it is about was agreed to by all of its founders, and stays as long as one of them goes on.
    Holding(Project, _by(Project.starter_id), ends="emptied", emptied={"starter_id": None}),
    Holding(Utterance, _by(Utterance.author_id)),
    Holding(
        Report,
        _by(Report.reporter_id),
        ends="emptied",
        emptied={"words": "", "evidence": [], "note": None},
        hidden=frozenset({"handled_by", "note"}),
    ),
    # Who was reported does not learn it from an export.
    Holding(Report, _by(Report.reported_id), ends="emptied", emptied={"evidence": [], "note": None}, secret=True),
    Holding(OutboxPart, _in(OutboxPart.chat_id, _chats)),
    Holding(OutboxRow, _in(OutboxRow.chat_id, _chats)),
    Holding(PartnerRequest, _by(PartnerRequest.asker_id), ends="emptied", emptied={"message": ""}),
    Holding(PartnerRequest, _by(PartnerRequest.asked_id), ends="emptied", emptied={"reason": None, "words": None}),
    Holding(Partnership, _either(Partnership.one_id, Partnership.other_id), ends="kept"),
    Holding(GroupMember, _by(GroupMember.person_id)),
    Holding(SchoolGroup, _by(SchoolGroup.founder_id), ends="emptied", emptied={"idea": ""}),
    Holding(Block, _either(Block.blocker_id, Block.blocked_id)),
    Holding(CaseWord, _in(CaseWord.case_id, _cases)),
    Holding(CaseWord, _by(CaseWord.author_id), ends="emptied", emptied={"words": ""}),
    Holding(Case, _by(Case.person_id)),
    # What an officer wrote goes with them; that they decided is a bare number, as in the audit log.
    Holding(Case, _by(Case.decided_by), ends="emptied", emptied={"words": None}),
    Holding(Case, _by(Case.looked_by), ends="emptied", emptied={"looked_by": None}),
    Holding(Proof, _by(Proof.person_id)),
    Holding(Proof, _by(Proof.by_id), ends="emptied", emptied={"by_id": None}),
    Holding(MailCode, _by(MailCode.person_id), hidden=frozenset({"code", "address"})),
    Holding(QueueLine, _by(QueueLine.person_id)),
    Holding(LinkCode, _by(LinkCode.person_id), secret=True),
    Holding(Suggestion, _either(Suggestion.person_id, Suggestion.other_id)),
    Holding(MatchRow, _by(MatchRow.person_id)),
    Holding(Ticket, _by(Ticket.person_id), secret=True),
    Holding(Alarm, _by(Alarm.person_id)),
    Holding(Occurrence, _by(Occurrence.person_id)),
    Holding(Vote, _by(Vote.person_id)),
    Holding(Poll, _by(Poll.owner_id)),
    Holding(Attendee, _by(Attendee.person_id)),
    Holding(Reminder, _by(Reminder.owner_id)),
    Holding(Rhythm, _by(Rhythm.person_id), hidden=frozenset({"feed", "feed_secret"})),
    Holding(Wish, _by(Wish.person_id)),
    Holding(Appeal, _in(Appeal.suspension_id, _suspensions), hidden=frozenset({"answered_by"})),
    Holding(Suspension, _by(Suspension.person_id), hidden=frozenset({"by_id", "ended_by"})),
    Holding(TeacherStem, _by(TeacherStem.person_id)),
    Holding(TeacherSubject, _by(TeacherSubject.person_id)),
    Holding(TeacherLanguage, _by(TeacherLanguage.person_id)),
    Holding(School, _by(School.added_by), ends="emptied", emptied={"added_by": None}),
    Holding(Teacher, _by(Teacher.person_id)),
    Holding(Officer, _by(Officer.person_id)),
    # Numbers, codes and dates, which triggers keep as they are.
    Holding(AuditEntry, _recorded, ends="kept", hidden=frozenset({"key", "digest"})),
    Holding(Chat, _by(Chat.person_id)),
    Holding(Account, _by(Account.person_id)),
    Holding(Person, _by(Person.id), ends="kept"),
)

#: Tables that hold nothing of a person, each with the reason.
IMPERSONAL: Mapping[type[Base], str] = {
    SchoolWord: "words of the names of schools",
    PlatformState: "the bot's own marks on a platform",
    ProjectFeed: "where calendar programs read what a project has planned",
    Counter: "numbers that only grow",
    SchoolBreak: "school holidays of countries",
    ZoneRules: "what the tz database says of zones",
    VaultKey: "the names of secret keys",
    Bulk: "what support writes to many",
    AnnouncementText: "what support writes to many",
    AnnouncementFile: "what support sends to many",
    AnnouncementBulk: "how that is carried",
    Erasure: "a number and two dates, gone when the erasure is done",
}
