"""A site in the making as such: its fields, and what of them was changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import compress
from operator import attrgetter, is_not
from typing import Any

from chalicelib.core.effects import AccessProblem
from chalicelib.core.model import (
    Board,
    CallMessage,
    CapOrder,
    Code,
    Entry,
    Guesses,
    Home,
    Note,
    Pending,
    Person,
    Policy,
    Port,
    Sensor,
    Site,
    Stations,
    Undo,
    Way,
    Word,
)
from chalicelib.values import names, replace

TRAIL_LENGTH = 200
TRAIL_AGE = timedelta(hours=24)


class Fields:
    """Every field of `Site` under the same name: `FIELDS` copies them in, and out again."""

    id: str
    name: str
    timezone: str
    version: int
    channels: tuple[str, ...]
    admins: tuple[str, ...]
    stations: Stations
    meter: str
    icon: str
    policy: Policy
    people: dict[str, Person]
    queue: tuple[Entry, ...]
    ports: dict[str, Port]  # ours to change, as is `outbox`
    looked_at: datetime | None
    blind: bool
    blind_told: bool
    hindrances: tuple[AccessProblem, ...]
    caps: tuple[tuple[str, float], ...]
    cap_order: CapOrder | None
    alarms: dict[str, str]
    caps_told: tuple[tuple[str, float], ...]
    outbox: list[Pending]
    posts: dict[str, str]
    calls: tuple[CallMessage, ...]
    boards: tuple[Board, ...]
    requests: dict[str, datetime]
    refused: dict[str, str]
    ways: dict[str, Way]
    sensors: dict[str, Sensor]
    alarm_to: tuple[str, ...]
    codes: tuple[Code, ...]
    guesses: dict[str, Guesses]
    homes: dict[str, Home]
    trail: tuple[Note, ...]
    undo: Undo | None
    stepped_at: datetime | None
    late: tuple[int, ...]
    unsaid: tuple[int, ...]
    turnover: tuple[int, ...]
    missed: tuple[int, ...]
    word: tuple[Word, ...]
    reported: date | None
    setup: int
    serial: int

    def __init__(self, site: Site, now: datetime) -> None:
        self.before = site
        self.now = now
        self.notes: list[Note] = []
        self.__dict__.update(zip(FIELDS, VALUES(site), strict=True))
        self.ports = dict(site.ports)
        self.outbox = list(site.outbox)

    @property
    def is_changed(self) -> bool:
        """The new site will not be the old one."""
        return not BESIDES.issuperset(self._differences())

    def freeze(self) -> Site:
        """The new site; the old object itself when nothing was changed."""
        changes = self._differences()
        if BESIDES.issuperset(changes):
            return self.before
        return replace(self.before, **{**changes, "trail": self._trail(), "stepped_at": self.now})

    def _differences(self) -> dict[str, Any]:
        """The fields that are not as they were."""
        changes: dict[str, Any] = {}
        for field in compress(FIELDS, map(is_not, VALUES(self), VALUES(self.before))):
            now = getattr(self, field)
            value = tuple(now) if isinstance(now, list) else now
            if value != getattr(self.before, field):
                changes[field] = value
        return changes

    def _trail(self) -> tuple[Note, ...]:
        trail = self.before.trail
        if not self.notes:
            return trail
        oldest = self.now - TRAIL_AGE
        old = next((index for index, note in enumerate(trail) if note.at > oldest), len(trail))
        return (*trail[old:], *self.notes)[-TRAIL_LENGTH:]


FIELDS = names(Site)
VALUES: Callable[[Any], tuple[Any, ...]] = attrgetter(*FIELDS)
BESIDES = {"requests", "serial"}  # they change only together with something else
if missing := set(FIELDS) ^ set(Fields.__annotations__):
    raise AssertionError(f"Site and Draft differ: {missing}")
