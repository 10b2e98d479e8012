"""A car park in the middle of its day: four cars charging, and a line of any length."""

from __future__ import annotations

import random
import string
from datetime import UTC, datetime, timedelta

from chalicelib.core import step
from chalicelib.core.inputs import Observed, PortSeen, Tick
from chalicelib.core.model import Entry, Note, Person, Site, Stations, Status, What
from chalicelib.values import replace

NOON = datetime(2031, 3, 3, 20, 0, tzinfo=UTC)  # a Monday, 12:00 in Los Angeles
TEAM = "T0HQ"
CHANNEL = f"slack:{TEAM}:C0EV"
STATIONS = ("1:900001", "1:900002")
DAY = (What.ADDED, What.CALLED, What.PLUGGED, What.UNPLUGGED)
TRAIL = 140  # lines: a car's four for each of 35 drivers
MINUTES = 60


class FixedClock:
    """Stands at NOON, so that every command meets the same site."""

    speed = 1.0

    def now(self) -> datetime:
        return NOON


def garage(waiting: int, known: int = 0, site_id: str = "hq", channel: str = CHANNEL) -> Site:
    """The site, just seen, with nothing to say. Four of its people charge, `waiting` wait;
    it knows as many, or `known` if that is more. The same arguments give the same site.
    """
    dice = random.Random(770)
    people = dict(a_person(dice) for _ in range(4 + max(waiting, known)))
    charging, line = list(people)[:4], list(people)[4 : 4 + waiting]
    site = Site(
        site_id,
        "HQ garage",
        timezone="America/Los_Angeles",
        channels=(channel,),
        admins=(charging[0],),
        stations=Stations(ids=STATIONS),
        people=people,
    )
    for at in (NOON - timedelta(minutes=MINUTES), NOON - timedelta(seconds=30)):
        site = step(site, look(at, [people[driver] for driver in charging]), at).site
    added = [NOON - within_the_hour(dice) for _ in line]
    notes = [
        Note(NOON - within_the_hour(dice), DAY[number % 4], dice.choice(list(people)))
        for number in range(TRAIL - waiting)
    ]
    notes += [Note(at, What.ADDED, driver) for at, driver in zip(added, line, strict=True)]
    waits = replace(
        site,
        queue=tuple(
            Entry(driver, at, told_next=driver == line[0])
            for at, driver in zip(sorted(added), line, strict=True)
        ),
        trail=tuple(sorted(notes, key=lambda note: note.at))[-200:],
        requests={f"{dice.getrandbits(64):016x}": NOON - timedelta(seconds=n) for n in range(5)},
    )
    return replace(step(waits, Tick(), NOON).site, outbox=(), trail=waits.trail)  # all is said


def a_person(dice: random.Random) -> tuple[str, Person]:
    """Someone with an id as Slack gives them, a name, and an id of the charging network."""
    letters = "".join(dice.choices(string.ascii_uppercase + string.digits, k=10))
    name = "".join(dice.choices(string.ascii_lowercase, k=6))
    return f"slack:{TEAM}:U{letters}", Person(name, (str(dice.randrange(10**7, 10**8)),))


def within_the_hour(dice: random.Random) -> timedelta:
    return timedelta(seconds=MINUTES * 60 * dice.random())


def look(at: datetime, charging: list[Person]) -> Observed:
    """All four ports in use, two a station."""
    ports = [(station, number) for station in STATIONS for number in ("1", "2")]
    seen = [
        PortSeen(station, number, Status.INUSE, load_kw=6.6, user=person.ids[0])
        for (station, number), person in zip(ports, charging, strict=True)
    ]
    return Observed(at, tuple(seen))
