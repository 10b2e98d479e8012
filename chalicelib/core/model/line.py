"""The line: entries, what they are doing there, and their turns."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from chalicelib.energy.needs import Need
from chalicelib.values import dataclass, replace


@dataclass(frozen=True, slots=True)
class Promise:
    """A need with a time, and what was said of it (rule 33)."""

    by: datetime
    made: bool = False  # promised; before that it is likely …
    hardly: bool = False  # … or hardly
    warned: bool = False  # its driver knows that it is in danger
    holds_again: bool = False  # … and that it holds again, once


@dataclass(frozen=True, slots=True)
class Turn:
    """A call to a free port. Its clocks start when the call is delivered."""

    id: int
    port: str
    called_at: datetime
    told_at: datetime | None = None
    deadline: datetime | None = None  # None until delivered
    coming: bool = False
    idle_told: bool = False  # rule 8: once
    unplugs: bool = False  # rule 35: from a car that is done and may be unplugged


@dataclass(frozen=True, slots=True)
class CallMessage:
    """A call as it stands in a driver's chat: its buttons go when the turn is over."""

    turn: int
    driver: str
    to: str
    ref: str


class Standing(StrEnum):
    """What somebody in line is doing: exactly one of these (`docs/states.md` draws them)."""

    WAITING = "waiting"  # may be called
    SUSPENDED = "suspended"  # rule 4: not called before `until`; None: until `resume`
    SITTING_OUT = "sitting out"  # rule 10: passed on `port`, not called before `until`
    POWERLESS = "powerless"  # rule 21: on `port`, whose power is off; not called before `until`
    AWAY = "away"  # rule 41: passed over in silence until `until`: quiet hours, a meeting
    CALLED = "called"  # holds `turn`


@dataclass(frozen=True, slots=True)
class Entry:
    """One driver's place in the line, and what they are doing there.

    A called driver keeps the entry, and so the place, until the car is plugged in. What
    belongs to one standing (`until`, `port`, `turn`) goes with it: change it by the methods.
    """

    driver: str
    added_at: datetime
    standing: Standing = Standing.WAITING
    turn: Turn | None = None
    until: datetime | None = None
    port: str | None = None
    misses: int = 0
    told_next: bool = False
    unreachable: bool = False  # rule 40: suspended until they write
    need: Need | None = None  # rule 28
    promise: Promise | None = None
    expected: datetime | None = None  # rule 32: the first time of a call that was told
    hardly_told: bool = False
    word: int | None = None  # the message in which they hear of their place (`effects.OfPlace`)
    awake_until: datetime | None = None  # rule 41: not passed over before then, by their own word

    @property
    def is_waiting(self) -> bool:
        """May be called."""
        return self.standing is Standing.WAITING

    @property
    def is_suspended(self) -> bool:
        return self.standing is Standing.SUSPENDED

    def waiting(self) -> Entry:
        return replace(
            self, standing=Standing.WAITING, turn=None, until=None, port=None, unreachable=False
        )

    def suspended(self, until: datetime | None = None) -> Entry:
        return replace(self.waiting(), standing=Standing.SUSPENDED, until=until)

    def sitting_out(self, port: str, until: datetime) -> Entry:
        return replace(self.waiting(), standing=Standing.SITTING_OUT, port=port, until=until)

    def powerless(self, port: str, until: datetime) -> Entry:
        return replace(self.waiting(), standing=Standing.POWERLESS, port=port, until=until)

    def away(self, until: datetime) -> Entry:
        return replace(self.waiting(), standing=Standing.AWAY, until=until)

    def called(self, turn: Turn) -> Entry:
        return replace(self.waiting(), standing=Standing.CALLED, turn=turn)
