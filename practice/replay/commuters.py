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
from datetime import datetime, time as clock_time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.core.model import Entry, Site, Stay
from practice.carpark import Place
from practice.common.people import DRIVERS
from practice.common.posts import Post
from practice.slack.blocks import buttons
from practice.world import TIMEZONE, name_of

from .behaviour import Crowd, Doing, Person
from .scene import Scene
from .workdays import (
    TAPER,
    Commuter,
    Result,
    Told,
    Ways,
    cable_reaches,
    commuter,
    power_share,
    result_of,
    today,
    visit_draw,
)

ALMOST = 0.005  # kWh: reached
ZONE, CAPPED, CAPPED_FOR = ZoneInfo(TIMEZONE), clock_time(11), 180
NOBODY_WAITS = re.compile("nobody waits", re.IGNORECASE)  # no reason to get up
SOON = re.compile(
    r"is up at|[Hh]alf an hour|should have what you need on port \d+ at about"
)  # a first notice: time is not up yet
HEADS_UP = re.compile(r"You're next|should be yours (soon|then)")
FRESH = timedelta(minutes=30)  # so long a word that a port will soon be theirs keeps people ready
TOLD_TIME = re.compile(r"at about (\d\d):(\d\d)")


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

    def _misses(self, person: Person) -> bool:
        """Not a call that they were told of, if that makes people ready."""
        misses, until = super()._misses(person), commuter(person).ready_until
        ready = until is not None and self._world.clock.now() <= until
        return misses and not (self._ways.heads_up and ready)

    def hear(self, post: Post) -> None:
        """Besides: times that one is told."""
        person = self.people.get(post["to"])
        if person is not None and person.doing is Doing.WAITING and not post["edited"]:
            self._hear_times(person, post["text"])
            if HEADS_UP.search(post["text"]):
                commuter(person).ready_until = self._world.clock.now() + FRESH
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
