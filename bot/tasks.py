"""The one place that starts background tasks: each has a name, and none fails in silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("twinbot.tasks")


class Tasks:
    """Background tasks of the running program. A task that fails is logged; a vital one stops the program."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._failure: asyncio.Future[BaseException] | None = None

    def start(self, name: str, work: Coroutine[Any, Any, Any], *, vital: bool = False) -> asyncio.Task[Any]:
        """Start a task. If it is vital and ends with an error, `failure` gets that error."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended_vital if vital else self._ended)
        return task

    async def failure(self) -> BaseException:
        """Wait for the first error of a vital task."""
        if self._failure is None:
            self._failure = asyncio.get_running_loop().create_future()
        return await asyncio.shield(self._failure)

    async def stop(self) -> None:
        """Cancel everything and wait until it has ended."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(set(self._tasks))

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("task %s failed", task.get_name(), exc_info=error)

    def _ended_vital(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        if self._failure is None:
            self._failure = task.get_loop().create_future()
        if not self._failure.done():
            self._failure.set_result(error)
