"""Background: one thread with an event loop, and tasks in it that can be waited for and cancelled.

Cancelling is a wish: what is shielded (storing) goes on, and a task that finished all the same still tells
what it came to.
"""

from __future__ import annotations

from concurrent.futures import wait
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Generic, TypeVar

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal

from wizard.core.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Future

T = TypeVar("T")


class Background:
    """The thread; a context manager. Leaving it cancels what still runs, and waits for what is shielded."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None
        self._tasks: set[Task[object]] = set()

    def __enter__(self) -> Background:
        self._portal = self._stack.enter_context(start_blocking_portal())
        return self

    def __exit__(self, *_: object) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        self._stack.close()

    def start(self, work: Callable[[], Awaitable[T]]) -> Task[T]:
        """Begin the work in the thread."""
        if not self._portal:
            msg = "the background is not open"
            raise RuntimeError(msg)
        task = Task(self._portal, work)
        self._tasks.add(task)  # type: ignore[arg-type]  # held only to be cancelled
        task.future.add_done_callback(lambda _: self._tasks.discard(task))
        return task


class Task(Generic[T]):
    """Work under way. `future` is done when it is, with its result, its error, or `Cancelled`."""

    def __init__(self, portal: BlockingPortal, work: Callable[[], Awaitable[T]]) -> None:
        self._portal = portal
        self._work = work
        self._scopes: list[anyio.CancelScope] = []
        self.future: Future[T] = portal.start_task_soon(self._run)

    def cancel(self) -> None:
        """Ask the work to stop, from any thread; comes too late without harm."""
        with suppress(RuntimeError):  # the thread has ended, and the work with it
            self._portal.start_task_soon(self._cancel)

    def done_within(self, seconds: float) -> bool:
        """Wait so long at the most, and tell whether it is done."""
        return bool(wait([self.future], timeout=seconds).done)

    async def _cancel(self) -> None:
        for scope in self._scopes:
            scope.cancel()

    async def _run(self) -> T:
        with anyio.CancelScope() as scope:
            self._scopes.append(scope)
            return await self._work()
        raise Cancelled
