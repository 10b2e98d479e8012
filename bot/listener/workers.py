"""A few threads for what may take long, so that nobody else waits for it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

SPARE = 5.0  # real seconds that a thread without work stays


class Workers:
    """Does one thing at a time for each name, several names at once.

    Threads are started as they are needed, up to `most`, and never waited for at the end: what
    they do can be broken off. `idle` is called, on one of them, whenever nothing is left to do.
    A bug is kept for `check`.
    """

    def __init__(self, most: int, idle: Callable[[], None]) -> None:
        self._most = most
        self._idle = idle
        self._tasks: queue.SimpleQueue[tuple[str, Callable[[], object]]] = queue.SimpleQueue()
        self._lock = threading.Lock()  # of what follows
        self._busy: set[str] = set()
        self._threads = 0
        self._bug: BaseException | None = None

    def submit(self, name: str, task: Callable[[], object]) -> bool:
        """Have it done, unless something is being done for that name already; whether it will."""
        with self._lock:
            if name in self._busy:
                return False
            self._busy.add(name)
            more = self._threads < min(len(self._busy), self._most)
            self._threads += more
        self._tasks.put((name, task))
        if more:
            threading.Thread(target=self._work, name="site", daemon=True).start()
        return True

    def is_busy(self, name: str | None = None) -> bool:
        """Whether something is being done for that name, or for any."""
        with self._lock:
            return name in self._busy if name is not None else bool(self._busy)

    def check(self) -> None:
        """Raises the bug that a task had, if one did."""
        if self._bug is not None:
            raise self._bug

    def _work(self) -> None:
        while True:
            try:
                name, task = self._tasks.get(timeout=SPARE)
            except queue.Empty:
                if self._may_end():
                    return
                continue
            self._do(name, task)

    def _do(self, name: str, task: Callable[[], object]) -> None:
        try:
            task()
        except Exception as bug:  # noqa: BLE001 — raised by `check`, where it stops the process
            self._bug = bug
        with self._lock:
            self._busy.discard(name)
            is_idle = not self._busy
        if is_idle:
            self._idle()

    def _may_end(self) -> bool:
        with self._lock:
            spare = self._threads > len(self._busy)
            self._threads -= spare
            return spare
