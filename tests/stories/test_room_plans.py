"""What is planned in a room: by a line at one of its doors, answered at any of them, told once at each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from handlers.reminders.zones import moment, wall
from storage.models import Attendee, Poll, Reminder
from tests.servers.matrix_user import Heard, MatrixUser
from tests.stories.test_matrix_door import house
from tests.stories.test_rooms import Staff, plain, staff_room
from tests.world import World

Worlds = Callable[..., World]
LISBON = "Europe/Lisbon"


def at_nine(world: World) -> None:
    """Let it be nine in the morning in Lisbon, on the next Monday."""
    local = wall(world.now(), LISBON)
    monday = local + timedelta(days=7 - local.weekday())
    world.offset += moment(monday.replace(hour=9, minute=0), LISBON) - world.now()


def in_group(here: Staff, words: str) -> int:
    """How many messages of the bot in the group have these words."""
    return sum(words in text for text in here.by_bot())


async def card(here: Staff, *words: str) -> None:
    """Wait until the bot has said something in the group that has all these words."""
    assert here.world.api is not None
    await here.world.api.until(lambda: any(all(w in text for w in words) for text in here.by_bot()))


async def shows(here: Staff, message: str, words: str) -> None:
    """Wait until a message of the page has these words."""
    await here.page.until(lambda: words in plain(here.page.seen[message].parts["bubble"]))


async def do(here: Staff, name: str) -> None:
    """Let a chore look at the clock."""
    await here.world.app.do(next(chore for chore in here.world.app.chores if chore.name == name))
    await here.world.app.idle()


async def test_a_reminder_for_all_who_are_in_a_room(worlds: Worlds) -> None:
    async with staff_room(worlds) as here:
        at_nine(here.world)
        await here.page.says("/remind choir")
        await here.page.hears("In a room, please write it in one line.")
        await here.page.says("/remind today at 11 call the museum")
        draft = await here.page.hears("Shall I remind this room?")
        assert "Amina" in here.page.seen[draft].parts["bubble"]
        assert here.page.seen[draft].parts["who"].startswith("twinbot")
        await here.heard_in_group("Shall I remind this room?")
        # The line itself is for the bot: nobody in the room hears it.
        assert in_group(here, "/remind") == 0 and in_group(here, "In a room, please") == 0
        await here.page.presses(draft, "Yes, do that")
        await shows(here, draft, "A reminder for this room")
        await card(here, "A reminder for this room", "11:00 Lisbon · 12:00 Warsaw")
        here.world.offset += timedelta(hours=2)
        for _time in range(3):
            await do(here, "reminders")
        await here.page.hears("⏰ Reminder")
        await card(here, "⏰ Reminder", "call the museum", "11:00 Lisbon · 12:00 Warsaw")
        assert in_group(here, "⏰ Reminder") == 1
        told = [text for text in here.page.spoken() if "⏰ Reminder" in text]
        assert len(told) == 1 and "call the museum" in told[0]
        await do(here, "room cards")
        await shows(here, draft, "It is over.")


async def test_an_appointment_is_answered_at_every_door(worlds: Worlds) -> None:
    async with staff_room(worlds) as here:
        at_nine(here.world)
        await here.in_group.says("/appointment Thursday 10:00-10:45 video call", here.group)
        await card(here, "Shall I ask all teachers in this room?", "10:00 Warsaw · 09:00 Lisbon")
        await here.in_group.presses("Yes, do that", chat=here.group)
        await card(here, "📅 An appointment", "João", "yes: 1 · João")
        asked = await here.page.hears("📅 An appointment")
        await here.page.presses(asked, "Yes, I come")
        await here.in_group.presses("Maybe", chat=here.group)
        await here.page.presses(asked, "Calendar file")
        await here.page.hears("I have written to you in our private chat.")
        await here.amina.actor.hears("Calendar file")
        await here.amina.actor.chooses("Calendar file", hears="Open this file with your calendar program.")
        await here.in_group.presses("Calendar file", chat=here.group)
        await here.joao.actor.hears("Calendar file")
        await here.joao.actor.chooses("Calendar file", hears="Open this file with your calendar program.")
        await here.world.app.idle()
        here.world.offset += timedelta(seconds=4)
        await do(here, "room cards")
        await card(here, "📅 An appointment", "yes: 1 · Amina", "maybe: 1 · João")
        await shows(here, asked, "maybe: 1 · João")
        said = await here.world.database.read(
            lambda s: sorted(s.scalars(select(Attendee.answer)), key=lambda a: a or "")
        )
        assert said == ["maybe", "yes"]
        # Another time is told to those concerned, and the card shows it.
        await here.joao.actor.says("/reminders show 1", hears="Change the time")
        await here.joao.actor.chooses("Delete", hears="Deleted:")
        await here.amina.actor.hears("This appointment is off")
        here.world.offset += timedelta(seconds=4)
        await do(here, "room cards")
        await card(here, "📅 An appointment", "This appointment is off")


async def test_a_vote_in_a_room_makes_the_appointment(worlds: Worlds) -> None:
    async with staff_room(worlds) as here:
        at_nine(here.world)
        await here.page.says("/when songs")
        vote = await here.page.hears("🗳 When shall we meet?")
        await card(here, "🗳 When shall we meet?", "Not voted yet: João")
        labels = here.page.choices(vote)
        assert labels[-2:] == ["None suits me", "Decide now"] and len(labels) == 7
        button = next(b for b in here.by_label() if b.startswith(labels[1]))
        await here.in_group.presses(button, chat=here.group)
        await here.world.app.idle()
        await here.page.presses(vote, "Decide now")
        await here.page.hears("📅 An appointment")
        await card(here, "📅 An appointment", "songs", "yes: 2")
        await shows(here, vote, "The time is decided.")
        found = select(Reminder.circle, Poll.state).join(Poll, Poll.reminder_id == Reminder.id)
        made = await here.world.database.read(lambda s: s.execute(found).one())
        assert tuple(made) == ("project:1", "decided")
        assert plain(here.page.seen[vote].parts["bubble"]).count("suits 2 of 2") == 1


async def heard(user: MatrixUser, room: str, *words: str) -> Heard:
    """The next message in a room of Matrix, or the next change of one, that has all these words."""
    return await user.hears(lambda one: all(word in plain(one.body) for word in words), room_id=room)


async def test_every_command_of_a_room_on_matrix(worlds: Worlds) -> None:
    """Where there are no buttons: by a number in a reply, and by a digit in a box put on the message."""
    async with house(worlds) as here:
        at_nine(here.world)
        _space, staff, _classroom = await here.open()
        user, world = here.user, here.world
        await user.is_invited(staff)
        await user.join(staff)
        page = here.page(here.staff)
        page.listen()
        await user.says(staff, "!remind choir")
        await heard(user, staff, "In a room, please write it in one line.")
        await user.says(staff, "!remind today at 11 call the museum")
        draft = await heard(user, staff, "Shall I remind this room?", "1. Yes, do that", "2. No")
        await user.replies(staff, draft.event_id, "1")
        saved = await heard(user, staff, "A reminder for this room", "11:00 Warsaw · 10:00 Lisbon")
        assert saved.replaces == draft.event_id
        await user.says(staff, "!appointment Thursday 10:00-10:45 video call")
        draft = await heard(user, staff, "Shall I ask all teachers in this room?", "10:00 Warsaw · 09:00 Lisbon")
        await user.reacts(staff, draft.event_id, "1\ufe0f\u20e3")
        await heard(user, staff, "📅 An appointment", "yes: 1 · João")
        world.offset += timedelta(seconds=4)
        await user.replies(staff, draft.event_id, "3")
        await heard(user, staff, "📅 An appointment", "no: 1 · João")
        await user.says(staff, "!when songs")
        vote = await heard(user, staff, "🗳 When shall we meet?", "Not voted yet: Amina")
        on_page = await page.hears("🗳 When shall we meet?")
        await page.presses(on_page, page.choices(on_page)[1])
        await heard(user, staff, "🗳 When shall we meet?", "suits 2 of 2")
        await user.replies(staff, vote.event_id, "7")
        await heard(user, staff, "📅 An appointment", "songs", "yes: 2")
        await user.says(staff, "!reminders")
        await heard(user, staff, "What is to come", "call the museum", "video call", "songs")
        await here.joao.actor.hears("These you can change:")
        await user.says(staff, "!calendar")
        await heard(user, staff, "I have written to you in our private chat.")
        await here.joao.actor.hears("Here is the way to the calendar of your project:")
        world.offset += timedelta(hours=2)
        await world.app.do(next(chore for chore in world.app.chores if chore.name == "reminders"))
        await heard(user, staff, "⏰ Reminder", "call the museum", "11:00 Warsaw · 10:00 Lisbon")
        await page.hears("⏰ Reminder")
        await page.close()
