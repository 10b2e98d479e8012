"""What was refused a moment ago isn't asked again: hammering only gets an account locked."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.edges import Clock, NetworkRefused, NoAccess

from .reply import PlanDenied

LOCKED_OUT = timedelta(minutes=5)  # the key, the password or the region is wrong: all calls
DENIED = timedelta(minutes=15)  # the plan or the rights lack it: this very question


class Refusals:
    """Remembers refusals, and repeats them for a while instead of the network."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, tuple[datetime, NetworkRefused]] = {}

    def check(self, question: str) -> None:
        """Raises the refusal that the question would meet again; else nothing."""
        now = self._clock.now()
        for subject in ("", question):
            until, refusal = self._known.get(subject, (now, None))
            if refusal is not None and now < until:
                raise type(refusal)(str(refusal)) from refusal

    def remember(self, question: str, refusal: NetworkRefused) -> None:
        """Keep what is worth keeping, and drop what is over."""
        now = self._clock.now()
        self._known = {key: known for key, known in self._known.items() if known[0] > now}
        if isinstance(refusal, NoAccess):
            self._known[""] = now + LOCKED_OUT, refusal
        elif isinstance(refusal, PlanDenied):
            self._known[question] = now + DENIED, refusal
