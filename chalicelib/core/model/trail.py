"""What happened, how good the site's word was, and what can be undone."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from chalicelib.core.answers import Did
from chalicelib.values import dataclass

from .line import Entry
from .people import Person
from .policy import Policy


class What(StrEnum):
    """What can happen to a driver or a port: the words of the trail."""

    ADDED = "added"
    REMOVED = "removed"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    CALLED = "called"
    COMING = "on the way"
    PASSED = "passed"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    BLOCKED = "blocked"
    PLUGGED = "plugged in"
    POWERED = "powered"
    UNPLUGGED = "unplugged"
    CLEARED = "cleared"
    LINKED = "linked"
    MOVED = "moved"
    RESET = "reset"
    CLOSED = "closed"
    OPENED = "opened"
    SET = "set"
    GRANTED = "granted"
    REVOKED = "revoked"
    UNDONE = "undone"
    BLIND = "sight lost"
    SEEING = "sight back"
    UNDELIVERABLE = "undeliverable"
    CAPPED = "capped"
    FREED = "freed"
    DISOWNED = "disowned"
    BROKEN = "broken"
    UNLINKED = "unlinked"
    UNREACHABLE = "unreachable"
    NEEDS = "needs"
    GAVE = "gave"
    RECEIVED = "received"
    PASSED_OVER = "passed over"
    MOVES = "moves"
    JOINED = "joined"
    QUIET_HOURS = "quiet hours"
    MEETING = "meeting"
    BACK = "back"
    LEFT = "left"


class Note(NamedTuple):
    """One line of the trail: what happened to whom, and who did it.

    There are many of them, so they are saved as plain rows: a new field goes last, with
    a default.
    """

    at: datetime
    what: What
    driver: str = ""
    by: str = ""
    port: str = ""
    detail: str = ""  # of an admin's act, what it was about: a setting and its values, a place


class Word(NamedTuple):
    """How good the site's word was in one week (rules 32 and 33): figures, no names.

    Saved as a plain row: a new field goes last, with a default.
    """

    monday: date
    times: int = 0  # a time of a call that was told …
    right: int = 0  # … and was right within 20 minutes
    hardly: int = 0  # "hardly today" was told …
    wrong: int = 0  # … and they were called all the same
    made: int = 0  # promises
    kept: int = 0
    void: int = 0  # passed, missed, left, changed, full
    broken: int = 0
    warned: int = 0  # … of which so many were told before their time


@dataclass(frozen=True, slots=True)
class Undo:
    """What the last admin act changed, as it was before (rule 26); None: left alone."""

    at: datetime
    by: str
    what: What
    driver: str = ""  # whose place it was about
    queue: tuple[Entry, ...] | None = None
    policy: Policy | None = None
    admins: tuple[str, ...] | None = None
    shut: tuple[tuple[str, bool, bool], ...] = ()  # ports: closed, blocked
    broken: tuple[str, ...] = ()  # of these ports, which were
    people: tuple[tuple[str, Person], ...] = ()
    settings: tuple[str, ...] = ()  # which of the policy's
    beyond: Did | None = None  # an act that can't be taken back: this one
