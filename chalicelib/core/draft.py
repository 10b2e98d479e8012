"""A site in the making: what the rules of one step work on.

A `Draft` is the only mutable thing in the core, and it does not outlive the step.
Rules read it, change it through the verbs below, and `freeze` gives the new site:
the very same object as before when nothing was changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any

from . import hours, names, ways
from .effects import (
    AccessProblem,
    Called,
    ChannelReminder,
    Effect,
    LogOrder,
    Message,
    NetworkOrder,
    News,
    NextUp,
    PleaseMove,
    PortPost,
    Post,
)
from .model import (
    NO_HABITS,
    CallMessage,
    CapOrder,
    Code,
    DayOf,
    Entry,
    Guesses,
    Habits,
    Lane,
    Note,
    Pending,
    Person,
    Policy,
    Port,
    Site,
    Standing,
    Stations,
    Status,
    Stay,
    Turn,
    Undo,
    Way,
    What,
    Word,
)
from .order import calling_order

TRAIL_LENGTH = 200
TRAIL_AGE = timedelta(hours=24)


class Draft:
    """One site during one step, at `now`.

    It has every field of `Site` under the same name: `FIELDS` copies them in, and out again.
    """

    id: str
    name: str
    timezone: str
    version: int
    channels: tuple[str, ...]
    admins: tuple[str, ...]
    stations: Stations
    meter: str
    policy: Policy
    people: dict[str, Person]
    queue: list[Entry]  # ours to change, as are `ports` and `outbox`
    ports: dict[str, Port]
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
    requests: dict[str, datetime]
    refused: dict[str, str]
    ways: dict[str, Way]
    codes: tuple[Code, ...]
    guesses: dict[str, Guesses]
    trail: tuple[Note, ...]
    undo: Undo | None
    stepped_at: datetime | None
    late: tuple[int, ...]
    turnover: tuple[int, ...]
    word: tuple[Word, ...]
    serial: int

    def __init__(self, site: Site, now: datetime) -> None:
        self.before = site
        self.now = now
        self.notes: list[Note] = []
        self.__dict__.update(zip(FIELDS, VALUES(site), strict=True))
        self.queue = list(site.queue)
        self.ports = dict(site.ports)
        self.outbox = list(site.outbox)

    # --- asking ---------------------------------------------------------------

    def entry(self, driver: str) -> Entry | None:
        """The driver's entry, called or suspended ones included."""
        for entry in self.queue:
            if entry.driver == driver:
                return entry
        return None

    def place(self, driver: str) -> int:
        """The driver's number in line, as `list` counts: the called are not counted."""
        place = 1
        for entry in self.in_calling_order():
            if entry.driver == driver:
                break
            place += entry.turn is None
        return place

    def those(self, standing: Standing) -> list[Entry]:
        """The entries of one standing, in the order of the line."""
        return [entry for entry in self.queue if entry.standing is standing]

    def called(self) -> list[tuple[Entry, Turn]]:
        """The entries that hold a turn, in the order of the line."""
        return [(entry, entry.turn) for entry in self.queue if entry.turn is not None]

    def holder(self, port_id: str) -> Entry | None:
        """Who is called to this port."""
        for entry in self.queue:
            if entry.turn is not None and entry.turn.port == port_id:
                return entry
        return None

    def turn(self, driver: str) -> Turn | None:
        """The turn that the driver holds."""
        entry = self.entry(driver)
        return entry.turn if entry is not None else None

    def turn_port(self, driver: str) -> str | None:
        """The port that the driver is called to."""
        turn = self.turn(driver)
        return turn.port if turn is not None else None

    def may_have(self, entry: Entry, port: Port) -> bool:
        """May be called to this port: nobody is, from one without power to another (rule 21),
        nor to one that their car can't use (rule 36), nor to their own.
        """
        if not entry.is_waiting:
            return False
        if port.stay is not None and port.stay.driver == entry.driver:
            return False
        if port.id in self.habits(entry.driver).cannot_use:
            return False
        return not (port.is_off and self.charging_at(entry.driver))

    def habits(self, driver: str) -> Habits:
        """What the site remembers of a driver."""
        person = self.people.get(driver)
        return person.habits or NO_HABITS if person is not None else NO_HABITS

    def today(self, driver: str) -> DayOf:
        """What this working day has been for a driver so far."""
        known, day = self.habits(driver).today, hours.today(self, self.now)
        return known if known is not None and known.day == day else DayOf(day)

    def in_calling_order(self) -> Sequence[Entry]:
        """The line as it would be called (rule 37)."""
        return calling_order(self)

    def first_eligible(self, port: Port | None = None) -> Entry | None:
        """Who would be called now: to this port, or at all."""
        for entry in self.in_calling_order():
            if entry.is_waiting if port is None else self.may_have(entry, port):
                return entry
        return None

    @property
    def is_awaited(self) -> bool:
        """Somebody could be called."""
        return any(entry.is_waiting for entry in self.queue)

    def is_wanted(self, port: Port) -> bool:
        """Somebody could be called to this port: a car that stays keeps them waiting."""
        shut = port.closed or port.broken
        return not shut and any(self.may_have(entry, port) for entry in self.queue)

    def lacks_power(self, port: Port) -> bool:
        """A car there isn't charging, and whose it is may stand in line (rule 21)."""
        return port.lacks_power(self.policy.standby_kw)

    @cached_property
    def speaks(self) -> bool:
        """The channel may be spoken to now (rule 25)."""
        return hours.speaks(self, self.now)

    def port_named(self, name: str) -> Port | None:
        """The port by its label or id, as people type it."""
        for port in self.ports.values():
            if name in (port.label, port.id):
                return port
        return None

    def stay(self, stay_id: int) -> tuple[Port, Stay] | None:
        """The stay, if its car is still there."""
        for port in self.ports.values():
            if port.stay is not None and port.stay.id == stay_id:
                return port, port.stay
        return None

    def charging_at(self, driver: str) -> Port | None:
        """The port that this driver's car is on."""
        for port in self.ports.values():
            if port.stay is not None and port.stay.driver == driver:
                return port
        return None

    def stays_of(self, driver: str) -> list[tuple[Port, Stay]]:
        """The driver's cars that are on ports: a family may have two."""
        ports = self.ports.values()
        return [(p, p.stay) for p in ports if p.stay is not None and p.stay.driver == driver]

    def is_free(self, port: Port) -> bool:
        """AVAILABLE on two looks far enough apart, or by a person's word (rule 2)."""
        return self.is_open(port) and (port.vouched or (self.sees and self.is_confirmed(port)))

    def is_open(self, port: Port) -> bool:
        """A car could be plugged in there."""
        return port.status is Status.AVAILABLE and not port.is_shut

    def is_confirmed(self, port: Port) -> bool:
        """Two looks, far enough apart, saw the port as it is."""
        if port.since is None or port.seen_at is None:
            return False
        return port.seen_at - port.since >= self.policy.confirm

    def free_ports(self) -> Iterator[Port]:
        """Free and unspoken for, in fresh sight or by a person's word."""
        spoken_for = {entry.turn.port for entry in self.queue if entry.turn is not None}
        for port in self.ports.values():
            if port.id not in spoken_for and (self.is_free(port) or self.is_released(port)):
                yield port

    def is_released(self, port: Port) -> bool:
        """The car there is done, and its driver lets the next one unplug it (rule 35).

        Done: it is full, or has the need that its driver said. Not while they mean to move,
        nor in the minutes more that they were given.
        """
        stay = port.stay
        if stay is None or stay.driver is None or port.status is not Status.INUSE:
            return False
        done = stay.full_told or stay.met_at is not None
        if not done or stay.moving_at is not None or port.closed or port.blocked or port.broken:
            return False
        ladder = stay.ladder
        if ladder.extended and ladder.limit is not None:
            until = ladder.at + (ladder.limit - ladder.counted) / ladder.rate
            if until > self.now:
                return False
        return self.sees and self.habits(stay.driver).may_unplug is True

    @property
    def sees(self) -> bool:
        """The last good look is fresh; at a manual site people's hands are the look."""
        if self.stations.is_manual:
            return True
        return (
            not self.blind
            and self.looked_at is not None
            and self.now - self.looked_at < self.policy.blind
        )

    def person_named(self, who: str) -> str | None:
        """A person by address, or by `@name` as the site knows them, if only one is meant."""
        found = self.people_named(who)
        return found[0] if len(found) == 1 else None

    def people_named(self, who: str) -> list[str]:
        """Everybody who may be meant: by an address that is one, or by name."""
        if who in self.people or who.rpartition(":")[0] in self.tenants:
            return [who]
        return names.called(self.people, who)

    @property
    def tenants(self) -> set[str]:
        """Where this site's people come from: `platform:tenant`."""
        return {channel.rpartition(":")[0] for channel in self.channels}

    # --- changing -------------------------------------------------------------

    def put(self, entry: Entry) -> None:
        """Replace the entry of the same driver."""
        for index, old in enumerate(self.queue):
            if old.driver == entry.driver:
                self.queue[index] = entry
                return

    def drop(self, driver: str) -> None:
        """Take the driver out of the line."""
        self.queue = [entry for entry in self.queue if entry.driver != driver]

    def put_port(self, port: Port) -> None:
        self.ports[port.id] = port

    def call(
        self, entry: Entry, port_id: str, instead_of: str | None = None, by: str | None = None
    ) -> None:
        """Give the driver a turn on the port, and say so (rules 7 and 15)."""
        stay = self.ports[port_id].stay
        whose = stay.driver if stay is not None else None
        turn = Turn(
            id=self.next_serial(), port=port_id, called_at=self.now, unplugs=whose is not None
        )
        self.put(replace(entry.called(turn), told_next=True))
        self.note(What.CALLED, entry.driver, port=port_id)
        window = self.policy.answer
        call = Called(entry.driver, port_id, turn.id, window, None, instead_of, by, unplug=whose)
        self.tell(entry.driver, call)
        self.post(port_id, News.CALLED if whose is None else News.UNPLUGGABLE, entry.driver)

    def end_turn(self, entry: Entry) -> Entry:
        """The entry, waiting; an unsent call is not sent. Not put back yet."""
        if entry.turn is None:
            return entry
        self.unsay(entry.turn)
        port = self.ports[entry.turn.port]
        if port.status is not Status.INUSE:  # whose car: the post says it
            self.post(port.id, News.FREE)
        elif entry.turn.unplugs and port.stay is not None:
            self.post(port.id, News.CHARGING, port.stay.driver)
        return entry.waiting()

    def unsay(self, turn: Turn) -> None:
        """A call that was not sent yet is not sent any more."""
        self.outbox = [
            pending
            for pending in self.outbox
            if pending.claimed_until is not None
            or not isinstance(pending.effect, Called)
            or pending.effect.turn != turn.id
        ]

    def link(self, driver: str, ids: tuple[str, ...], by: str = "") -> None:
        """Remember ids of the charging network as this person's."""
        person = self.people.get(driver, Person())
        known = tuple(dict.fromkeys((*person.ids, *ids)))
        self.people = {**self.people, driver: replace(person, ids=known)}
        self.note(What.LINKED, driver, by=by or driver)

    def note(self, what: What, driver: str = "", by: str = "", port: str = "") -> None:
        """Add a line to the trail."""
        self.notes.append(Note(self.now, what, driver, by, port))

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    def remember(self, driver: str, **more: Any) -> None:
        """Change what the site remembers of a driver (fields of `Habits`)."""
        person = self.people.get(driver, Person())
        habits = replace(person.habits or NO_HABITS, **more)
        self.people = {**self.people, driver: replace(person, habits=habits)}

    def remember_today(self, driver: str, **more: Any) -> None:
        """Change what this working day has been for a driver (fields of `DayOf`)."""
        self.remember(driver, today=replace(self.today(driver), **more))

    # --- saying ---------------------------------------------------------------

    def send(self, to: str, effect: Effect, asker: str = "") -> None:
        """Put a message for one address at the end of the chat lane, unless it waits there."""
        for one in self.outbox:
            if one.to == to and one.effect == effect and one.claimed_until is None:
                return
        serial = self.next_serial()
        self.outbox.append(Pending(serial, Lane.CHAT, to, effect, self.now, asker=asker))

    def order(self, effect: NetworkOrder) -> None:
        """Put an order for the charging network at the end of its lane."""
        self.outbox.append(Pending(self.next_serial(), Lane.NETWORK, "network", effect, self.now))

    def log(self, effect: LogOrder) -> None:
        """Put an entry for the log of finished stays at the end of its lane."""
        self.outbox.append(Pending(self.next_serial(), Lane.LOG, "log", effect, self.now))

    def tell(self, driver: str, effect: Message) -> None:
        """To this person only."""
        self.send(ways.told_at(self, driver), effect)

    @property
    def audience(self) -> tuple[str, ...]:
        """The site's channels, each once: one that two workspaces share is bound from both.
        Nobody reads those of platforms that reach people one by one.
        """
        known = {channel_key(one): one for one in reversed(self.channels)}
        return tuple(
            one
            for one in self.channels
            if known[channel_key(one)] == one and not ways.is_one_by_one(one)
        )

    def announce(
        self, effect: Message, *, at_night: bool = False, but: Collection[str] = ()
    ) -> None:
        """To every channel of the site (`but` these); outside working hours it is dropped
        (rule 25).
        """
        for channel in self.audience if self.speaks or at_night else ():
            if channel not in but:
                self.send(channel, effect)

    def tell_admins(self, effect: Message) -> None:
        for admin in self.admins:
            self.tell(admin, effect)

    def post(self, port_id: str, news: News, driver: str | None = None) -> None:
        """Bring the port's channel post up to date (rule 15).

        Only a call begins one here (a port that became free: `turns.post_free`). It lives
        until the car that took the port has left; the next free stretch gets its own.
        """
        port = self.ports[port_id]
        if port.post is None:
            if news not in (News.CALLED, News.UNPLUGGABLE) or not self.speaks:
                return  # nothing was said, so there is nothing to correct
            port = replace(port, post=self.next_serial(), freed=False)
            self.ports[port_id] = port
        if port.post is not None:
            self.say(PortPost(port.post, port_id, news, driver))

    def plead(self, port: Port, stay: Stay, plea: ChannelReminder) -> None:
        """Bring the channel post of a ladder up to date (rule 16)."""
        if stay.ladder.post is not None:
            self.say(PleaseMove(stay.ladder.post, port.id, stay.id, plea, stay.driver))

    def say(self, effect: Post) -> None:
        """Post, or edit, in each channel for itself: one that waits there to be sent is changed
        in place, so that the channel hears what is true now, once.
        """
        for channel in self.audience:
            if not self._correct(channel, effect):
                self.send(channel, effect)  # an edit makes no sound: at night, too

    def _correct(self, channel: str, effect: Post) -> bool:
        """Change what waits to be sent to this channel; whether there was something."""
        for index, one in enumerate(self.outbox):
            waits = one.to == channel and one.claimed_until is None
            if waits and isinstance(one.effect, Post) and one.effect.post == effect.post:
                self.outbox[index] = replace(one, effect=effect)
                return True
        return False

    def take_back(self, kind: type[Message]) -> set[str]:
        """Messages of a kind that were not sent yet are not sent any more; to whom they were."""
        unsent = {
            one.id: one.to
            for one in self.outbox
            if one.claimed_until is None and isinstance(one.effect, kind)
        }
        self.outbox = [one for one in self.outbox if one.id not in unsent]
        return set(unsent.values())

    def tell_next(self) -> None:
        """A quiet word to the next in line, once for each place (rule 7)."""
        entry = self.first_eligible()
        if entry is not None and not entry.told_next:
            self.put(replace(entry, told_next=True))
            self.tell(entry.driver, NextUp(entry.driver))

    # --- the end --------------------------------------------------------------

    @property
    def is_changed(self) -> bool:
        """The new site will not be the old one."""
        return not BESIDES.issuperset(self._changes())

    def freeze(self) -> Site:
        """The new site; the old object itself when nothing was changed."""
        changes = self._changes()
        if BESIDES.issuperset(changes):
            return self.before
        return replace(self.before, **changes, trail=self._trail(), stepped_at=self.now)

    def _changes(self) -> dict[str, Any]:
        """The fields that are not as they were."""
        changes: dict[str, Any] = {}
        for field, now, before in zip(FIELDS, VALUES(self), VALUES(self.before), strict=True):
            if now is not before:
                value = tuple(now) if isinstance(now, list) else now
                if value != before:
                    changes[field] = value
        return changes

    def _trail(self) -> tuple[Note, ...]:
        trail = self.before.trail
        if not self.notes:
            return trail
        oldest = self.now - TRAIL_AGE
        old = next((index for index, note in enumerate(trail) if note.at > oldest), len(trail))
        return (*trail[old:], *self.notes)[-TRAIL_LENGTH:]


def channel_key(channel: str) -> str:
    """Which channel that is: Slack's ids are the same in each workspace that shares one."""
    platform, _, rest = channel.partition(":")
    return f"{platform}:{rest.rpartition(':')[2]}" if platform == "slack" else channel


FIELDS = tuple(field.name for field in fields(Site))
VALUES: Callable[[Any], tuple[Any, ...]] = attrgetter(*FIELDS)
BESIDES = {"requests", "serial"}  # they change only together with something else
if missing := set(FIELDS) ^ set(Draft.__annotations__):
    raise AssertionError(f"Site and Draft differ: {missing}")
