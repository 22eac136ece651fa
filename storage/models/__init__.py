"""The tables. One file a subject; `Base.metadata` holds them all for Alembic."""

from storage.models.announcements import (
    Announcement,
    AnnouncementAnswer,
    AnnouncementBulk,
    AnnouncementDeed,
    AnnouncementFile,
    AnnouncementText,
    LeftCategory,
    SavedSegment,
)
from storage.models.audit import AuditEntry
from storage.models.base import Base
from storage.models.dialogue import Dialogue, Prompt
from storage.models.groups import GroupMember, SchoolGroup
from storage.models.keys import VaultKey
from storage.models.lines import LineChat, LineSide, Unsent
from storage.models.matching import Counter, MatchRow, Suggestion
from storage.models.moderation import ProjectWord, RoomAct
from storage.models.notices import RoomNotice
from storage.models.partnerships import Block, PartnerRequest, Partnership
from storage.models.people import Account, Chat, LinkCode, Person, WebSession
from storage.models.polls import Poll, Vote
from storage.models.post import Bulk, OutboxPart, OutboxRow, PlatformState, Update, WebMessage
from storage.models.projects import Project, ProjectCode, ProjectFeed, ProjectMember, Pupil, PupilChat, PupilSession
from storage.models.relay import Copy, Utterance
from storage.models.reminders import Alarm, Attendee, Occurrence, Reminder, Rhythm, SchoolBreak, ZoneRules
from storage.models.reports import Report
from storage.models.rights import Erasure
from storage.models.rooms import (
    DoorMember,
    Guest,
    ProjectSpace,
    Room,
    RoomDoor,
    RoomFile,
    RoomMember,
    RoomMessage,
    RoomReaction,
    RoomVote,
)
from storage.models.schools import School, SchoolWord
from storage.models.staff import Officer
from storage.models.suspensions import Appeal, Suspension
from storage.models.teachers import Teacher, TeacherLanguage, TeacherStem, TeacherSubject, Wish
from storage.models.tickets import Ticket
from storage.models.verification import Case, CaseWord, MailCode, Proof, QueueLine

__all__ = [
    "Account",
    "Alarm",
    "Announcement",
    "AnnouncementAnswer",
    "AnnouncementBulk",
    "AnnouncementDeed",
    "AnnouncementFile",
    "AnnouncementText",
    "Appeal",
    "Attendee",
    "AuditEntry",
    "Base",
    "Block",
    "Bulk",
    "Case",
    "CaseWord",
    "Chat",
    "Copy",
    "Counter",
    "Dialogue",
    "DoorMember",
    "Erasure",
    "GroupMember",
    "Guest",
    "LeftCategory",
    "LineChat",
    "LineSide",
    "LinkCode",
    "MailCode",
    "MatchRow",
    "Occurrence",
    "Officer",
    "OutboxPart",
    "OutboxRow",
    "PartnerRequest",
    "Partnership",
    "Person",
    "PlatformState",
    "Poll",
    "Project",
    "ProjectCode",
    "ProjectFeed",
    "ProjectMember",
    "ProjectSpace",
    "ProjectWord",
    "Prompt",
    "Proof",
    "Pupil",
    "PupilChat",
    "PupilSession",
    "QueueLine",
    "Reminder",
    "Report",
    "Rhythm",
    "Room",
    "RoomAct",
    "RoomDoor",
    "RoomFile",
    "RoomMember",
    "RoomMessage",
    "RoomNotice",
    "RoomReaction",
    "RoomVote",
    "SavedSegment",
    "School",
    "SchoolBreak",
    "SchoolGroup",
    "SchoolWord",
    "Suggestion",
    "Suspension",
    "Teacher",
    "TeacherLanguage",
    "TeacherStem",
    "TeacherSubject",
    "Ticket",
    "Unsent",
    "Update",
    "Utterance",
    "VaultKey",
    "Vote",
    "WebMessage",
    "WebSession",
    "Wish",
    "ZoneRules",
]
