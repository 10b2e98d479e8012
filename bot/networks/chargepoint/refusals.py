"""What was refused a moment ago isn't asked again: hammering only gets an account locked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta

from chalicelib.edges import Clock, Fault, NetworkRefused, NetworkUnavailable, NoAccess

from .reply import PlanDenied, SlowDown

LOCKED_OUT = timedelta(minutes=5)  # the key, the password or the region is wrong: all calls
DENIED = timedelta(minutes=15)  # the plan or the rights lack it: this very question
PAUSE = timedelta(minutes=1)  # we ask too much: all calls; then twice as long each time …
LONGEST_PAUSE = timedelta(minutes=15)  # … up to this
LONGEST_WISH = timedelta(hours=1)  # of what the network itself says
ALL = ""


class Refusals:
    """Remembers refusals, and repeats them for a while instead of the network.

    Safe to use from several threads: the worst of a race is one call more.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, tuple[datetime, Fault]] = {}
        self._pause = PAUSE
        self._is_trusted = False
        self._turn = threading.Lock()

    @contextmanager
    def asking(self, question: str) -> Iterator[None]:
        """Around a call: raises the refusal that it would meet again, and remembers a new one.

        Before a first call is answered, and after all were refused, one goes ahead alone: eight
        sites with a wrong password are one failed login, not eight.
        """
        with nullcontext() if self._is_trusted else self._turn:
            self.check(question)
            try:
                yield
            except (NetworkRefused, SlowDown) as refusal:
                self.remember(question, refusal)
                raise
            except NetworkUnavailable:
                self._is_trusted = True  # it is only away: nobody need wait for others to notice
                raise
            self._is_trusted, self._pause = True, PAUSE

    def check(self, question: str) -> None:
        """Raises the refusal that the question would meet again; else nothing."""
        now = self._clock.now()
        for subject in (ALL, question):
            until, refusal = self._known.get(subject, (now, None))
            if refusal is not None and now < until:
                raise type(refusal)(str(refusal)) from refusal

    def remember(self, question: str, refusal: Fault) -> None:
        """Keep what is worth keeping, and drop what is over."""
        now = self._clock.now()
        known = {key: known for key, known in self._known.items() if known[0] > now}
        if isinstance(refusal, SlowDown | NoAccess):
            self._is_trusted = False
        if isinstance(refusal, SlowDown) and ALL not in known:  # two may be told at once
            known[ALL] = now + self._wait(refusal), refusal
        elif isinstance(refusal, NoAccess):
            known[ALL] = now + LOCKED_OUT, refusal
        elif isinstance(refusal, PlanDenied):
            known[question] = now + DENIED, refusal
        self._known = known

    def _wait(self, refusal: SlowDown) -> timedelta:
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
        return pause if refusal.wait is None else min(max(refusal.wait, PAUSE / 60), LONGEST_WISH)
