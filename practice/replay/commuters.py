"""What people do who come to work by car, need so much, and go home.

Unlike the visitors of `behaviour`, they don't leave by the data's clock: what the data gives
is who arrives when, and how much their car took. What they truly need is a share of that;
they leave when they hear that they should, if they are of the kind that reacts, and go home
in the end. Everything they draw for is drawn from the visit's own dice, by what it is for:
under every policy the same people have the same day.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time as clock_time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.core.model import Entry, Site, Stay
from practice.carpark import Place
from practice.common.people import DRIVERS
from practice.common.posts import Post
from practice.slack.blocks import buttons
from practice.world import TIMEZONE, name_of

from .behaviour import Crowd, Dice, Doing, Manners, Person, Visit
from .scene import Scene

TAPER = (0.85, 0.88, 0.91, 0.94, 0.97, 1.0)  # of a fill: from here on the power falls …
LEAST_POWER = 0.1  # … evenly down to this share
ALMOST = 0.005  # kWh: reached
ZONE, CAPPED, CAPPED_FOR = ZoneInfo(TIMEZONE), clock_time(11), 180
NEVER = datetime.max.replace(tzinfo=UTC)
NOBODY_WAITS = re.compile("nobody waits", re.IGNORECASE)  # no reason to get up
SOON = re.compile(
    r"is up at|[Hh]alf an hour|should have what you need on port \d+ at about"
)  # a first notice: time is not up yet
TOLD_TIME = re.compile(r"at about (\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class Ways(Manners):
    """Besides, shares of people: who reacts at all to what they are told, who says what they
    need when asked, who of those that don't react may be unplugged, who stands in line and is
    gone, whose cable doesn't reach every second port. `heed_each_note`: who doesn't react to one
    note may react to the next.
    """

    heed: float = 0.8
    miss: float = 0.1
    say: float = 1.0
    unplug_ok: float = 0.0
    ghosts: float = 0.0
    heed_each_note: bool = False
    cap_noon: bool = False  # the building halves the power from eleven to two
    cant_use: float = 0.0
    say_unusable: bool = True  # who can't use a port says so when called there; else they pass
    say_moving: bool = True  # who makes room says so before


@dataclass(frozen=True, slots=True)
class WorkDay(Visit):
    """One car on one day: its driver needs `need_kwh` of the `fill_kwh` it could take, by `by`,
    doesn't wait for a port any more after `home`, and drives home at `leaves`.
    """

    day: int = 0
    fill_kwh: float = 0.0
    need_kwh: float = 0.0
    by: datetime = NEVER
    leaves: datetime = NEVER


class Told(NamedTuple):
    """A time at which a port should be free for somebody, and when they heard that."""

    heard: datetime
    at: datetime


@dataclass(slots=True)
class Result:
    """What became of one visit. Minutes, and times of day on the wall."""

    day: int
    driver: str
    arrived: datetime
    need_kwh: float
    by: datetime
    plugged_at: datetime | None = None
    met_at: datetime | None = None
    waited: timedelta | None = None  # None: never had to, or in vain
    left_at: datetime | None = None
    moved: bool = False  # got up before going home
    unplugged: bool = False  # by whoever came next
    calls: int = 0
    told: list[Told] = field(default_factory=list)
    called: list[datetime] = field(default_factory=list)
    promised_at: datetime | None = None  # first told that they will have it by their time …
    warned_at: datetime | None = None  # … and that it is in danger
    hardly_at: datetime | None = None  # first told that they will hardly be called
    port: Place | None = None

    @property
    def is_met(self) -> bool:
        return self.met_at is not None and self.met_at <= self.by


@dataclass(slots=True)
class Commuter(Person):
    """`result` is of the visit under way."""

    result: Result | None = None
    may_wait: bool = True  # for "more minutes", once
    may_unplug: bool = False  # the car at the port that they are called to


class Commuters(Crowd):
    """Everybody under one policy. `results` has all visits that are over."""

    def __init__(self, scene: Scene, people: Sequence[Commuter], ways: Ways) -> None:
        self.results: list[Result] = []
        self._ways = ways
        super().__init__(scene, people, ways)
        if ways.cap_noon:
            self._plan_caps(people)

    def _plan_caps(self, people: Sequence[Commuter]) -> None:
        building = Commuter(DRIVERS[-1], deque())
        days = {visit.arrives.date() for person in people for visit in person.visits}
        for day in sorted(days):
            self._plan(building, datetime.combine(day, CAPPED, ZONE), self._cap)

    def _cap(self, _building: Person) -> None:
        carpark = self._world.carpark
        carpark.shed(allowed_kw=carpark.rated_kw / 2, minutes=CAPPED_FOR)

    # --- the day -----------------------------------------------------------------------

    def _arrive(self, person: Person) -> None:
        visit = today(person)
        commuter(person).result = Result(
            visit.day, person.name, visit.arrives, visit.need_kwh, visit.by
        )
        commuter(person).may_wait = True
        super()._arrive(person)

    def _called(self, person: Person, post: Post, turn: int) -> None:
        if commuter(person).result is None:
            return  # home by now
        if person.turn != turn:
            result_of(person).calls += 1
            result_of(person).called.append(self._world.clock.now())
        if visit_draw(person, "ghost") < self._ways.ghosts:
            return  # gone, without a word
        super()._called(person, post, turn)

    def hear(self, post: Post) -> None:
        """Besides: times that one is told."""
        person = self.people.get(post["to"])
        if person is not None and person.doing is Doing.WAITING and not post["edited"]:
            self._hear_times(person, post["text"])
        note = any(button["action_id"] == "moving" for _, button in buttons(post["blocks"]))
        if note and person is not None and "wait" not in NOBODY_WAITS.sub("", post["text"]):
            return
        if note and person is not None and SOON.search(post["text"]):
            self._read_notice(person, post["n"])
            return
        super().hear(post)

    def _say(self, person: Person, text: str) -> Post:
        answer = super()._say(person, text)
        if text.startswith("/ev add") and person.doing is not Doing.CHARGING:
            self._hear_times(person, answer["text"])
        return answer

    def _hear_times(self, person: Person, text: str) -> None:
        """`at about 11:50`: today's, on the clock of the place."""
        here = person.visit.home
        for hour, minute in TOLD_TIME.findall(text):
            told = here.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
            result_of(person).told.append(Told(self._world.clock.now(), told))

    def hear_promises(self, site: Site, now: datetime) -> None:
        """What the site has promised to whom, as far as it was ever said; and to whom it gave
        little hope.
        """
        for entry in site.queue:
            result = commuter(self.people[name_of(entry.driver)]).result
            if entry.hardly_told and result is not None:
                result.hardly_at = result.hardly_at or now
        stays = [port.stay for port in site.ports.values() if port.stay is not None]
        everybody: list[Entry | Stay] = [*site.queue, *stays]
        for one in everybody:
            person = self.people.get(name_of(one.driver or ""))
            if one.promise is None or not one.promise.made or person is None:
                continue
            result = commuter(person).result
            if result is not None:
                result.promised_at = result.promised_at or now
                if one.promise.warned:
                    result.warned_at = result.warned_at or now

    # --- charging ------------------------------------------------------------------------

    def _fits(self, person: Person, place: Place) -> bool:
        return not self._ways.cant_use or cable_reaches(person, place, self._ways.cant_use)

    def _plug(self, person: Person, place: Place | None) -> None:
        if place is None:
            return
        now, result = self._world.clock.now(), result_of(person)
        self._world.carpark.plug(*place, person.driver)
        waited = person.doing is not Doing.AWAY
        self.tally.plugged(now - (person.asked_at or now), waited=waited)
        result.plugged_at, result.waited = now, now - result.arrived if waited else None
        result.port = place
        self._turn_to(person, Doing.CHARGING)
        person.forgot, person.port, person.over_at = False, place, None
        self._plan(person, today(person).leaves, self._drive_home)
        self._charge(person)

    def _charge(self, person: Person) -> None:
        """See how far the car is, set what it draws, and look again at the next step."""
        if person.port is None:
            return
        visit, now = today(person), self._world.clock.now()
        energy = self._world.carpark.energy_of(*person.port)
        if energy >= visit.need_kwh - ALMOST and result_of(person).met_at is None:
            result_of(person).met_at = now
        if energy >= visit.fill_kwh - ALMOST:
            self._world.carpark.full(*person.port)
            self._full(person)
            return
        kw = self._world.carpark.rated_kw * power_share(energy / visit.fill_kwh)
        self._world.carpark.power(*person.port, kw)
        steps = (visit.need_kwh, *(share * visit.fill_kwh for share in TAPER))
        step = min(at for at in steps if at > energy + ALMOST)
        wait = timedelta(hours=(step - energy) / kw)
        self._plan(person, now + max(wait, timedelta(seconds=20)), self._charge)

    def _full(self, person: Person) -> None:
        """The car tells its driver by itself, whoever coordinates."""
        if self._reacts(person):
            self._go_and_move(person, person.visit.minutes("own app", 5, 20))

    def _read_note(self, person: Person, n: int) -> None:
        """Asked to make room: by the concierge, or in the channel."""
        if person.doing is not Doing.CHARGING or person.port is None or not self._reacts(person):
            return
        needs_more = result_of(person).met_at is None
        if needs_more and n and commuter(person).may_wait:
            commuter(person).may_wait = False
            if self._press(person, n, "more_minutes"):
                return
        self.tally.heeded += 1
        self._say_moving(person, n)
        self._go_and_move(person, person.visit.minutes("move", 2, 10))

    def _read_notice(self, person: Person, n: int) -> None:
        """Time will soon be up: who reacts, and has what they need, goes before that."""
        if person.doing is Doing.CHARGING and result_of(person).met_at and self._reacts(person):
            self._say_moving(person, n)
            self._go_and_move(person, person.visit.minutes("notice", 5, 15))

    def _say_moving(self, person: Person, n: int) -> None:
        if n and self._ways.say_moving:
            self._press(person, n, "moving")

    def _reacts(self, person: Person) -> bool:
        """Drawn once a visit, or for each note."""
        if result_of(person).moved:
            return False  # on the way already
        if visit_draw(person, "overstay") < self._ways.overstay:
            return False
        each = self._ways.heed_each_note
        draw = person.visit.dice.draw("heed") if each else visit_draw(person, "heed")
        return draw < self._ways.heed

    def _withdrawn(self, person: Person) -> None:
        if commuter(person).result is not None:
            super()._withdrawn(person)

    def _go_and_move(self, person: Person, after: timedelta) -> None:
        at = self._world.clock.now() + after
        if at < today(person).leaves:
            result_of(person).moved = True
            self._plan(person, at, self._leave)

    def _drive_home(self, person: Person) -> None:
        self._leave(person)

    def _leave(self, person: Person) -> None:
        if person.port is not None:
            energy = self._world.carpark.energy_of(*person.port)
            if energy >= today(person).need_kwh - ALMOST and result_of(person).met_at is None:
                result_of(person).met_at = self._world.clock.now()
        super()._leave(person)

    def _end_visit(self, person: Person) -> None:
        result = result_of(person)
        result.left_at = self._world.clock.now()
        self.results.append(result)
        commuter(person).result = None
        super()._end_visit(person)


class Uncoordinated(Commuters):
    """Nobody coordinates: who finds no free port looks again now and then."""

    def _want(self, person: Person) -> None:
        free = self._free_for(person)
        now, home = self._world.clock.now(), person.visit.home
        if free:
            self._plug(person, free[0])
            return
        again = now + person.visit.minutes("look again", 20, 60)
        if again >= home:
            self._plan(person, home, self._give_up)
        else:
            self._plan(person, again, self._want)


def commuter(person: Person) -> Commuter:
    if not isinstance(person, Commuter):
        raise TypeError(person)
    return person


def today(person: Person) -> WorkDay:
    if not isinstance(person.visit, WorkDay):
        raise TypeError(person.visit)
    return person.visit


def work_days(person: Person) -> list[WorkDay]:
    return [visit for visit in person.visits if isinstance(visit, WorkDay)]


def result_of(person: Person) -> Result:
    result = commuter(person).result
    if result is None:
        raise AssertionError(f"{person.name} isn't there")
    return result


def cable_reaches(person: Person, place: Place, share: float) -> bool:
    """Of so many drivers the cable doesn't reach every second port: the same ones every day."""
    return place[1] == "1" or Dice(f"cable {person.name}").fixed("short") >= share


def visit_draw(person: Person, what: str) -> float:
    """The same each time it is asked in a visit."""
    return person.visit.dice.fixed(what)


def power_share(filled: float) -> float:
    """How much of its power a car takes that has so much of its fill."""
    if filled < TAPER[0]:
        return 1.0
    step = max(at for at in TAPER if at <= filled)
    left = (1 - step) / (1 - TAPER[0])
    return LEAST_POWER + (1 - LEAST_POWER) * left
