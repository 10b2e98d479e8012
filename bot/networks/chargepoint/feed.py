"""ChargePoint's event feed: a thread that only passes on what it hears."""

from __future__ import annotations

import asyncio
import functools
import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.edges import Clock, FaultLog, NetworkRefused, NetworkUnavailable

from .events import Event, EventReader
from .xmpp import Account, Client, check_login

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """Real seconds. A dead connection is noticed within `ping_every` + `answer_within`.

    Between attempts passes half to all of a pause that doubles from `retry_first` to
    `retry_most`; after a refused login, of `retry_refused`.
    """

    ping_every: float = 30.0
    answer_within: float = 10.0
    session_within: float = 15.0
    retry_first: float = 1.0
    retry_most: float = 30.0
    retry_refused: float = 300.0


class Feed:
    """Listens from `start` to `stop`, and comes back by itself whenever it is cut off.

    `on_event` and `on_session` (at every connection: whatever was missed is to be looked
    for now) are called on the feed's thread and must not block. Only messages from the
    feed's own domain are believed; `strangers` counts the others.
    """

    def __init__(
        self,
        account: Account,
        clock: Clock,
        on_event: Callable[[Event], None],
        on_session: Callable[[], None],
        reader: EventReader | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.reader = reader or EventReader()
        self.strangers = 0
        self._account = account
        self._clock = clock
        self._on_event = on_event
        self._on_session = on_session
        self._pace = pace or Pace()
        self._faults = FaultLog(log)
        self._up, self._over = threading.Event(), threading.Event()
        self._lock = threading.Lock()  # of `_hang_up`, which must not reach a closed loop
        self._hang_up: Callable[[], object] = bool
        self._bug: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    @property
    def is_up(self) -> bool:
        """Whether there is a session now, as far as we know."""
        return self._up.is_set()

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Hang up; wait up to `timeout` seconds."""
        self._over.set()
        with self._lock:
            self._hang_up()
        self._thread.join(timeout)

    def check(self) -> None:
        """Raises the bug that ended the thread, if one did."""
        if self._bug is not None:
            raise self._bug

    def _run(self) -> None:
        try:
            self._keep_listening()
        except Exception as bug:  # noqa: BLE001 — raised by `check`, where it stops the process
            self._bug = bug

    def _keep_listening(self) -> None:
        pause = Backoff(self._pace)
        while not self._over.is_set():
            try:
                asyncio.run(self._connection(pause))
            except (NetworkUnavailable, NetworkRefused) as fault:
                self._faults.failed("the event feed", fault)
                self._over.wait(pause.after(fault))

    async def _connection(self, pause: Backoff) -> None:
        """One connection, from its beginning until we hang up. Raises what else ended it."""
        check_login(self._account)
        client = Client(self._account, self._hear)
        loop = asyncio.get_running_loop()
        self._hang_up_by(functools.partial(loop.call_soon_threadsafe, client.end))
        try:
            if self._over.is_set() or not await client.open(self._pace.session_within):
                return
            self._begin()
            while await client.lives(self._pace.ping_every, self._pace.answer_within):
                pause.reset()
        finally:
            self._hang_up_by(bool)
            self._up.clear()
            client.abort()

    def _hang_up_by(self, way: Callable[[], object]) -> None:
        with self._lock:
            self._hang_up = way

    def _begin(self) -> None:
        self._faults.worked("the event feed")
        self._on_session()
        self._up.set()

    def _hear(self, message: Any) -> None:
        if message["type"] == "error":
            return
        if message["from"].domain != self._account.domain:
            self.strangers += 1
            return
        event = self.reader.read(message.xml, self._clock.now())
        if event is not None:
            self._on_event(event)


class Backoff:
    """How long to wait before the next attempt, in seconds."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._next = pace.retry_first

    def reset(self) -> None:
        """All is well."""
        self._next = self._pace.retry_first

    def after(self, fault: Exception) -> float:
        if isinstance(fault, NetworkRefused):
            longest = self._pace.retry_refused
        else:
            longest = self._next
            self._next = min(2 * self._next, self._pace.retry_most)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 — jitter, no secret
