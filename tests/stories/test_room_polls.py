"""A poll posted on Matrix, voted on at three doors: there, with the buttons of a Telegram group, and on the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlalchemy.orm import Session

from storage import partnerships, projects, rooms
from storage.models import Chat
from tests.cast import OnTelegram
from tests.stories.teachers import verified
from tests.stories.test_matrix_door import House, begin, plain
from tests.world import World

Worlds = Callable[..., World]
KIND = "org.matrix.msc3381.poll"


def with_ines(session: Session, project: int, joao: int, ines: int, group: str, world: World) -> None:
    """A third teacher, who brings a group of Telegram as another door of the staff room."""
    now = world.now()
    partnerships.open_(session, joao, ines, now)
    projects.invite(session, project, joao, ines, now)
    projects.answer(session, project, ines, True, now)
    chat = Chat(platform="telegram", external_id=group, kind="group")
    session.add(chat)
    session.flush()
    rooms.add_door(session, rooms.of_project(session, project)[0].id, "telegram", chat.id, now, by=ines)


async def test_a_poll_of_matrix_is_voted_on_at_every_door(worlds: Worlds) -> None:
    async with worlds("web", "telegram", "matrix") as world:
        joao, amina = await verified(world, "João", "matrix"), await verified(world, "Amina", "web")
        ines = await verified(world, "Ines", "telegram")
        database, api, ways = world.database, world.api, ines.actor.ways
        assert api is not None and isinstance(ways, OnTelegram)
        made = await database.write(partial(begin, joao=joao.person, amina=amina.person, world=world))
        group = api.group("Rivers", creator=ways.user, bot="administrator")
        door = partial(with_ines, project=made, joao=joao.person, ines=ines.person, group=str(group.id), world=world)
        await database.write(door)
        staff, classroom = await database.read(partial(rooms.of_project, project=made))
        here = House(world, joao, amina, made, staff, classroom)
        _space, room, _classroom = await here.open()
        user, page = here.user, here.page(staff)
        await user.is_invited(room)
        await user.join(room)
        page.listen()
        asks = {
            "question": {"org.matrix.msc1767.text": "Where do we meet?"},
            "answers": [
                {"id": f"a{n}", "org.matrix.msc1767.text": town} for n, town in enumerate(("Lisbon", "Athens"))
            ],
        }
        posted = await user.send(room, {f"{KIND}.start": asks}, f"{KIND}.start")
        listed = await user.hears("Where do we meet?", room_id=room)
        assert "Only votes under this list count." not in plain(listed.body)
        on_page = await page.hears("Where do we meet?")
        await api.wait_for(group, "Where do we meet?")
        # Each of three has one vote, given with what their door has for it.
        about = {"m.relates_to": {"rel_type": "m.reference", "event_id": posted}}
        for answer in ("a0", "a1"):
            await user.send(room, {f"{KIND}.response": {"answers": [answer]}, **about}, f"{KIND}.response")
        await page.presses(on_page, "Lisbon")
        await ways.user.presses("Athens", chat=group)
        await world.app.idle()
        world.offset += timedelta(seconds=10)
        await world.app.do(next(chore for chore in world.app.chores if chore.name == "room cards"))
        await page.until(lambda: "Athens: 2" in plain(page.seen[on_page].parts["bubble"]))
        assert "Lisbon: 1" in plain(page.seen[on_page].parts["bubble"])
        await user.hears(lambda event: "Athens: 2" in plain(event.body), room_id=room)
        await api.until(lambda: any("Athens: 2" in plain(message.text) for message in group.messages))
        await page.close()
