"""What encryption knows of a person and their room is let go of, in memory and in matrix-nio's file.

nio itself never forgets: it keeps the devices of everybody it ever met, and a channel to each.
"""

from __future__ import annotations

from typing import Any

from nio.store.models import DeviceKeys, EncryptedRooms, Keys, MegolmInboundSessions, OlmSessions, OutgoingKeyRequests


def forget(client: Any, person: str, room: str) -> None:
    """Let go of a room, and of a person who is in no other encrypted room; its file keeps no trace (secure_delete)."""
    _forget_room(client, room)
    if not any(person in known.users for known in client.rooms.values() if known.encrypted):
        _forget_person(client, person)


def _forget_room(client: Any, room: str) -> None:
    olm, store = client.olm, client.store
    client.rooms.pop(room, None)
    client.encrypted_rooms.discard(room)
    olm.outbound_group_sessions.pop(room, None)
    olm.inbound_group_store._entries.pop(room, None)
    with store.database.bind_ctx(store.models), store.database.atomic():
        for table in (EncryptedRooms, MegolmInboundSessions, OutgoingKeyRequests):
            table.delete().where(table.room_id == room).execute()


def _forget_person(client: Any, person: str) -> None:
    olm, store = client.olm, client.store
    olm.users_for_key_query.discard(person)
    olm.tracked_users.discard(person)
    channels = [device.curve25519 for device in olm.device_store._entries.pop(person, {}).values()]
    for channel in channels:
        olm.session_store._entries.pop(channel, None)
    olm.wedged_devices[:] = [device for device in olm.wedged_devices if device.user_id != person]
    # Beside the database lie plain files with the devices of which something was decided once.
    for file in (store.trust_db, store.blacklist_db, store.ignore_db):
        for key in [key for key in file._entries if key.user_id == person]:
            file.remove(key)
    with store.database.bind_ctx(store.models), store.database.atomic():
        OlmSessions.delete().where(OlmSessions.sender_key.in_(channels)).execute()
        theirs = DeviceKeys.select(DeviceKeys.id).where(DeviceKeys.user_id == person)
        Keys.delete().where(Keys.device.in_(theirs)).execute()
        DeviceKeys.delete().where(DeviceKeys.user_id == person).execute()
