"""Who waits for news of which chat: the live streams and the page requests of this process."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(eq=False)
class Watch:
    """One that waits for news of a chat on behalf of a browser. ``over``: it should end now.

    ``typing``: somebody began to write, or stopped, and the page has not been told yet.
    """

    token_hash: str
    news: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False
    typing: bool | None = None

    async def wait(self, seconds: float) -> bool:
        """Wait for news, at most so long; whether there were any."""
        try:
            async with asyncio.timeout(seconds):
                await self.news.wait()
        except TimeoutError:
            return False
        self.news.clear()
        return True


class Hub:
    """Wakes those who wait here. ``told`` gets the name of each chat with news, for other processes; what they say
    comes in by `news`, and what nobody said by `compare`."""

    def __init__(self) -> None:
        self.told: Callable[[str], None] = lambda _name: None
        self.name: Callable[[str], str] = lambda chat: chat
        self._named: dict[str, str] = {}
        self._watches: defaultdict[str, set[Watch]] = defaultdict(set)
        self._seen: dict[str, int] = {}
        self.closing = False

    @property
    def chats(self) -> frozenset[str]:
        """The chats that somebody waits for."""
        return frozenset(self._watches)

    @contextmanager
    def watch(self, chat: str, token_hash: str) -> Iterator[Watch]:
        """Wait for news of a chat within this block. Look for what is new only after entering it."""
        watch = Watch(token_hash, over=self.closing)
        self._watches[chat].add(watch)
        self._named[self.name(chat)] = chat
        try:
            yield watch
        finally:
            self._watches[chat].discard(watch)
            if not self._watches[chat]:
                del self._watches[chat]
                self._seen.pop(chat, None)
                self._named.pop(self.name(chat), None)

    def wake(self, chat: str) -> None:
        """There is news of a chat."""
        self._wake(chat)
        self.told(self.name(chat))

    def news(self, name: str) -> None:
        """Another process says that there is news of a chat."""
        if name in self._named:
            self._wake(self._named[name])

    def _wake(self, chat: str) -> None:
        for watch in self._watches.get(chat, ()):
            watch.news.set()

    def typing(self, chat: str, on: bool) -> None:
        """Somebody begins to write to a chat, or stops."""
        for watch in self._watches.get(chat, ()):
            watch.typing = on
            watch.news.set()

    def compare(self, changes: Mapping[str, int]) -> None:
        """Wake the chats whose last change is another one than at the last look."""
        for chat, change in changes.items():
            if chat in self._watches and self._seen.get(chat) != change:
                self._seen[chat] = change
                self._wake(chat)

    def end_browser(self, token_hash: str) -> None:
        """End what waits for a browser that is signed out."""
        self._end(watch for watches in self._watches.values() for watch in watches if watch.token_hash == token_hash)

    def close(self) -> None:
        """End everything that waits, now and from now on."""
        self.closing = True
        self._end(watch for watches in self._watches.values() for watch in watches)

    def open(self) -> None:
        """Let streams begin again."""
        self.closing = False

    def _end(self, watches: Iterable[Watch]) -> None:
        for watch in list(watches):
            watch.over = True
            watch.news.set()
