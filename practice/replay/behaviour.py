"""What people do in a replay: arrive, look, stand in line, come when called, charge, leave.

When they arrive and how long they charge is the data's; the rest is theirs, and drawn
from the seed: each visit has dice of its own, and each thing that it draws for as well, so
that one person's luck is not another's, nor today's of yesterday's answer.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count
from random import Random

from chalicelib.core.model import Status
from practice.carpark import Place
from practice.common.people import Driver
from practice.common.posts import NoSuchButton, NoSuchMessage, Post
from practice.slack.blocks import buttons

from .scene import Scene
from .tally import Tally

PAUSE = timedelta(minutes=10)  # at least, between two visits of one person
OVER = timedelta(minutes=10)  # a car that stands longer than that, charged, has overstayed
AGAIN = timedelta(minutes=1)  # a command that failed is tried once more
CALLED_TO = re.compile(r"plug in at port (\d+)")


@dataclass(frozen=True, slots=True)
class Manners:
    """Shares, 0 to 1: of visits that overstay, of calls that are missed, of arrivals that
    take a free port past the line, and of notes that make an overstayer move.
    """

    overstay: float = 0.0
    miss: float = 0.0
    walk_up: float = 0.0
    heed: float = 0.5


class Dice:
    """Draws from 0 to 1, by what they are for: the n-th for a purpose is the same in every
    run with this seed, whatever else was drawn before it.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._drawn: Counter[str] = Counter()

    def draw(self, what: str) -> float:
        self._drawn[what] += 1
        return Random(f"{self._seed}/{what}/{self._drawn[what]}").random()

    def fixed(self, what: str) -> float:
        """The same each time."""
        return Random(f"{self._seed}/{what}").random()


@dataclass(frozen=True, slots=True)
class Visit:
    """One car on one day. `home` is when its driver stops waiting for a port."""

    arrives: datetime
    length: timedelta
    home: datetime
    dice: Dice = field(repr=False, compare=False)
    charging: timedelta | None = None  # of its length; None: all of it, or nobody knows

    def minutes(self, what: str, least: float, most: float) -> timedelta:
        """A while, for this purpose."""
        return timedelta(minutes=least + (most - least) * self.dice.draw(what))


class Doing(StrEnum):
    """What a person is about."""

    AWAY = "away"
    WAITING = "waiting"
    COMING = "coming"
    CHARGING = "charging"


@dataclass(slots=True)
class Person:
    """`port` is where they charge, or are going; `turn` the call they answer (0: none)."""

    driver: Driver
    visits: deque[Visit]
    doing: Doing = Doing.AWAY
    plan: int = 0  # what was planned under another number is off
    asked_at: datetime | None = None
    port: Place | None = None
    turn: int = 0
    since: datetime | None = None  # of what they are doing
    over_at: datetime | None = None  # when the data says that they had charged
    forgot: bool = False  # went home without a word

    @property
    def name(self) -> str:
        return self.driver.name

    @property
    def visit(self) -> Visit:
        """The visit under way, or the next."""
        return self.visits[0]


class Crowd:
    """Everybody, and what they are going to do. One thread."""

    def __init__(self, world: Scene, people: Sequence[Person], manners: Manners) -> None:
        self.people = {person.name: person for person in people}
        self.tally = Tally()
        self._world = world
        self._manners = manners
        self._agenda: list[tuple[datetime, int, Person, int, Callable[[Person], object]]] = []
        self._serial = count()
        for person in people:
            self._expect_next(person, person.visits[0].arrives if person.visits else None)

    @property
    def next_at(self) -> datetime | None:
        """When somebody will do something; None: nobody, unless they hear something."""
        while self._agenda and self._agenda[0][2].plan != self._agenda[0][3]:
            heapq.heappop(self._agenda)  # they have changed their mind
        return self._agenda[0][0] if self._agenda else None

    def act(self) -> bool:
        """Let one person do what is due; false when nothing is."""
        if self.next_at is None or self.next_at > self._world.clock.now():
            return False
        _, _, person, _, what = heapq.heappop(self._agenda)
        what(person)
        return True

    def hear(self, post: Post) -> None:
        """Everybody reads what is meant for them."""
        actions = {button["action_id"]: button for _, button in buttons(post["blocks"])}
        if post["to"] == "channel":
            self._read_channel(post)
        elif (person := self.people.get(post["to"])) is None or post["by"] != "bot":
            return
        elif "on_my_way" in actions and post["edited"] is None:
            self._called(person, post, int(actions["on_my_way"]["value"].rpartition(":")[2]))
        elif "resume" in actions:
            self._lapsed(person, post["n"])
        elif "your turn there is off" in post["text"] or "your turn is off" in post["text"]:
            self._withdrawn(person)
        elif "moving" in actions and not post["edited"]:
            self._read_note(person, post["n"])

    # --- wanting a port --------------------------------------------------------------

    def _arrive(self, person: Person) -> None:
        self.tally.arrivals += 1
        person.asked_at = self._world.clock.now()
        self._want(person)

    def _want(self, person: Person) -> None:
        """A free port that nobody waits for, or a place in line."""
        free = self._free_for(person)
        walks_up = person.visit.dice.draw("walk up") < self._manners.walk_up
        if free and (walks_up or not self._world.line()):
            self.tally.walk_ups += bool(walks_up and self._world.line())
            self._plug(person, free[0])
        else:
            self._add(person)

    def _add(self, person: Person) -> None:
        now = self._world.clock.now()
        if now >= person.visit.home:
            self._give_up(person)
            return
        answer = self._say(person, self._adds(person))
        if person.name in self._world.line():
            person.forgot = False
            self._turn_to(person, Doing.WAITING)
            self._plan(person, person.visit.home, self._go_home)
        elif "opens at" in answer["text"]:
            opens = now.astimezone(person.visit.home.tzinfo).replace(hour=6, minute=0, second=1)
            self._plan(person, opens + person.visit.minutes("opening", 0, 5), self._want)
        else:
            self.tally.failed_commands.append(f"{now:%a %H:%M} {person.name}: {answer['text']}")
            self._plan(person, now + AGAIN, self._want)

    def _adds(self, _person: Person) -> str:
        """How they ask for a place in line."""
        return "/ev add"

    def _go_home(self, person: Person) -> None:
        """The day is over. Who misses calls may forget to say so."""
        person.forgot = person.visit.dice.draw("forget") < self._manners.miss
        if not person.forgot:
            self._say(person, "/ev remove")
        self._give_up(person)

    def _give_up(self, person: Person) -> None:
        self.tally.gave_up += 1
        self._end_visit(person)

    # --- being called -----------------------------------------------------------------

    def _called(self, person: Person, post: Post, turn: int) -> None:
        """A call, perhaps to another port than the last one."""
        self.tally.calls.add(turn)
        found = CALLED_TO.search(post["text"])
        if (
            turn == person.turn
            or found is None
            or person.doing not in (Doing.WAITING, Doing.COMING)
        ):
            return
        person.turn, person.port = turn, self._place(found[1])
        self._turn_to(person, Doing.WAITING)
        self._plan(person, person.visit.home, self._go_home)
        if self._misses(person):
            self.tally.missed += 1
            answers = person.visit.minutes("miss for", 20, 60)
        else:
            answers = person.visit.minutes("answer", 0.3, 3)
        self._plan(person, self._world.clock.now() + answers, lambda p: self._go(p, post["n"]))

    def _misses(self, person: Person) -> bool:
        return person.visit.dice.draw("miss") < self._manners.miss

    def _go(self, person: Person, n: int) -> None:
        if self._press(person, n, "on_my_way"):
            self._turn_to(person, Doing.COMING)
            walk = person.visit.minutes("walk", 2, 8)
            self._plan(person, self._world.clock.now() + walk, self._reach)

    def _reach(self, person: Person) -> None:
        """At the port; somebody may have been faster, then they will hear of it."""
        if person.port in self._free():
            self._plug(person, person.port)
        else:
            self._withdrawn(person)

    def _withdrawn(self, person: Person) -> None:
        if person.doing in (Doing.WAITING, Doing.COMING):
            self._turn_to(person, Doing.WAITING)
            person.port = None
            self._plan(person, person.visit.home, self._go_home)

    def _lapsed(self, person: Person, n: int) -> None:
        self.tally.lapses += 1
        self._withdrawn(person)
        if person.doing is Doing.WAITING:
            back = self._world.clock.now() + person.visit.minutes("back", 5, 30)
            self._plan(person, back, lambda p: self._press(p, n, "resume"))

    # --- charging ----------------------------------------------------------------------

    def _plug(self, person: Person, place: Place | None) -> None:
        if place is None:
            return
        now, visit = self._world.clock.now(), person.visit
        self._world.carpark.plug(*place, person.driver)
        waited = person.doing is not Doing.AWAY
        self.tally.plugged(now - (person.asked_at or now), waited=waited)
        self._turn_to(person, Doing.CHARGING)
        person.forgot = False
        charging = visit.length if visit.charging is None else visit.charging
        person.port, person.over_at = place, now + charging
        extra = visit.length - charging
        if visit.dice.draw("overstay") < self._manners.overstay:
            extra += visit.minutes("longer", 30, 180)
        if extra:
            self._plan(person, person.over_at, lambda _: self._world.carpark.full(*place))
        self._plan(person, person.over_at + extra, self._leave)

    def _leave(self, person: Person) -> None:
        if person.port is not None and person.since is not None:
            self._world.carpark.unplug(*person.port)
            now = self._world.clock.now()
            self.tally.used(person.since, now)
            self.tally.overstays += person.over_at is not None and now - person.over_at > OVER
        self._end_visit(person)

    def _read_note(self, person: Person, n: int) -> None:
        """Asked to make room. Nobody interrupts the charging that the data tells of."""
        now = self._world.clock.now()
        if person.doing is not Doing.CHARGING or person.over_at is None or now < person.over_at:
            return
        if person.visit.dice.draw("heed") < self._manners.heed:
            self.tally.heeded += 1
            if n:
                self._press(person, n, "moving")
            self._turn_to(person, Doing.CHARGING)
            self._plan(person, now + person.visit.minutes("move", 2, 10), self._leave)

    def _read_channel(self, post: Post) -> None:
        for person in self.people.values():
            if f"<@{person.driver.slack_id}>" in post["text"]:
                self._read_note(person, 0)

    def _end_visit(self, person: Person) -> None:
        now = self._world.clock.now()
        self._turn_to(person, Doing.AWAY)
        person.visits.popleft()
        person.asked_at = person.port = person.over_at = None
        person.turn = 0
        if person.visits:
            self._expect_next(person, max(person.visit.arrives, now + PAUSE))

    # --- what everybody does ------------------------------------------------------------

    def _expect_next(self, person: Person, arrives: datetime | None) -> None:
        if arrives is not None:
            self._plan(person, arrives, self._arrive)

    def _turn_to(self, person: Person, doing: Doing) -> None:
        """Do that from now on; what was planned before is off."""
        if doing is not person.doing:
            person.since = self._world.clock.now()
        person.doing = doing
        person.plan += 1

    def _plan(self, person: Person, at: datetime, what: Callable[[Person], object]) -> None:
        heapq.heappush(self._agenda, (at, next(self._serial), person, person.plan, what))

    def _say(self, person: Person, text: str) -> Post:
        asked_at = self._world.clock.now()
        answer = self._world.slack.say(person.name, text)
        self.tally.answered(asked_at, self._world.clock.now(), answer)
        return answer

    def _press(self, person: Person, n: int, action: str) -> bool:
        """False: the button isn't there any more."""
        try:
            self._world.slack.press(person.name, n, action)
        except (NoSuchButton, NoSuchMessage):
            return False
        return True

    def _free_for(self, person: Person) -> list[Place]:
        return [place for place in self._free() if self._fits(person, place)]

    def _fits(self, _person: Person, _place: Place) -> bool:
        """Their car can be plugged in there."""
        return True

    def _free(self) -> list[Place]:
        ports = self._world.carpark.ports()
        return [(p.station, p.number) for p in ports if p.status is Status.AVAILABLE]

    def _place(self, label: str) -> Place | None:
        ports = self._world.carpark.ports()
        at = int(label) - 1
        return (ports[at].station, ports[at].number) if at < len(ports) else None
