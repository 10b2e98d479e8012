"""What a site is: its line, its ports, its people, and what is still to be said.

Two rules for this package. Everything that decides what happens in the car park
lives here, and nothing here knows how the outside world is reached: no clock, no
network, no environment, no logging. `now` is always an argument.

Every value is frozen. All times are aware UTC; all durations are timedeltas; all
power is in kW. People and channels are `platform:tenant:id` strings.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import IntEnum, StrEnum
from typing import NamedTuple

from chalicelib.energy.needs import Need
from chalicelib.energy.stays import Taken

from .effects import AccessProblem, Effect


class Status(StrEnum):
    """A port's state in ChargePoint's own words (`getStationStatus`)."""

    AVAILABLE = "AVAILABLE"
    INUSE = "INUSE"
    UNREACHABLE = "UNREACHABLE"
    UNKNOWN = "UNKNOWN"


class Lane(StrEnum):
    """Which deliverer an effect waits for. A lane is in order for each platform."""

    CHAT = "chat"
    NETWORK = "network"
    LOG = "log"  # of finished stays, beside the site


class IdleReminder(StrEnum):
    """When a free port that nobody uses is worth a post (rule 8)."""

    WAITING = "waiting"  # only while people wait
    ALWAYS = "always"


class Order(StrEnum):
    """Who of the line is called first (rule 37)."""

    ARRIVAL = "arrival"
    FAIR = "fair"


class Tone(StrEnum):
    PLAIN = "plain"
    CHEERFUL = "cheerful"


@dataclass(frozen=True, slots=True)
class Policy:
    """The times of the house. An admin may set each; running turns keep their terms."""

    answer: timedelta = timedelta(minutes=15)  # rule 9: from the call's delivery
    on_my_way: timedelta = timedelta(minutes=20)  # rule 7: from that click, once
    idle: timedelta = timedelta(minutes=10)  # rules 8 and 10: a called port stands idle
    sit_out: timedelta = timedelta(minutes=30)  # rule 10: after a pass
    dark: timedelta = timedelta(minutes=3)  # rule 11: a called port out of reach
    blind: timedelta = timedelta(minutes=3)  # rule 23: without a good look
    confirm: timedelta = timedelta(seconds=20)  # rule 2: between two AVAILABLE looks
    comeback: timedelta = timedelta(minutes=5)  # rule 15: the same driver plugs in again
    limit: timedelta = timedelta(hours=2, minutes=30)  # rule 16: how long one may charge
    notice: timedelta = timedelta(minutes=15)  # rule 31: before the limit
    patience: timedelta = timedelta(minutes=10)  # rule 16: between the rungs of the ladder
    extension: timedelta = timedelta(minutes=20)  # rule 16: "20 more minutes", once
    full: timedelta = timedelta(minutes=10)  # rule 18: no power any more
    no_power: timedelta = timedelta(minutes=5)  # rule 19: no power yet
    power_wait: timedelta = timedelta(minutes=15)  # rule 21: plugged in where the power is off
    keep_stays: timedelta = timedelta(days=90)  # what is kept of cars that have left
    standby_kw: float = 0.25  # rule 30: less is no power
    rated_kw: float = 6.6  # what a port gives when nothing limits it
    opens: time = time(6)  # rule 25, on the site's clock: the line
    closes: time = time(20)
    speaks_from: time = time(7)  # rule 25: the channel, on weekdays
    speaks_until: time = time(19)
    idle_reminder: IdleReminder = IdleReminder.WAITING
    cap_commands: bool = False  # rule 22: facilities agree; the operator's to say, not chat's
    classic: bool = False  # rule 20: as in 2016
    tone: Tone = Tone.PLAIN
    limit_said: timedelta = timedelta(hours=3, minutes=30)  # rule 31: where a need was said
    km_per_kwh: float = 6.0  # rule 28: how far a kWh takes a car
    order: Order = Order.ARRIVAL  # rule 37


@dataclass(frozen=True, slots=True)
class DayOf:
    """What one working day has been for one driver so far."""

    day: date
    kwh: float = 0.0
    met: bool = False  # their need was met once
    asked: bool = False  # rules 28 and 35: how much, and may the next one unplug you
    passed: int = 0  # rule 37: times passed over
    called: bool = False  # to a port


@dataclass(frozen=True, slots=True)
class Habits:
    """What the site remembers of one driver's stays and wishes."""

    fills: tuple[float, ...] = ()  # kWh of the last ten stays
    may_unplug: bool | None = None  # rule 35; None: never said
    cannot_use: tuple[str, ...] = ()  # rule 36: ports that their car can't use
    shut_out: bool = False  # rule 37: got nothing at their last visit
    today: DayOf | None = None


NO_HABITS = Habits()


@dataclass(frozen=True, slots=True)
class Person:
    """A driver as the site knows them.

    `name` is what they chose to be shown as, `handle` what they are mentioned by; `ids` are
    what the charging network calls them (userID, credentialID).
    """

    name: str = ""
    ids: tuple[str, ...] = ()
    handle: str = ""
    habits: Habits | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """A need with a time, and what was said of it (rule 33)."""

    by: datetime
    made: bool = False  # promised; before that it is likely …
    hardly: bool = False  # … or hardly
    warned: bool = False  # its driver knows that it is in danger
    holds_again: bool = False  # … and that it holds again, once


@dataclass(frozen=True, slots=True)
class Way:
    """Another address of a person, or a visitor's only one: joined by a code."""

    person: str  # whose it is: the address that everything else knows them by
    until: datetime | None = None  # a visitor's ends
    chosen: bool = False  # they want to be told here


@dataclass(frozen=True, slots=True)
class Code:
    """Whoever sends it from a number joins that number to a person, once."""

    code: str
    person: str  # "": a visitor, whom the number itself will stand for
    until: datetime  # it can be used
    name: str = ""  # a visitor's
    stays: datetime | None = None  # … who is known until then
    wrong: int = 0  # codes that were guessed while this one was good


@dataclass(frozen=True, slots=True)
class Guesses:
    """Wrong codes from one number."""

    count: int
    since: datetime


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

    def called(self, turn: Turn) -> Entry:
        return replace(self.waiting(), standing=Standing.CALLED, turn=turn)


class Rung(IntEnum):
    """How far the reminders of one stay have come today: each includes those before it."""

    SILENT = 0
    NOTICED = 1  # the driver knows that the time is nearly up
    OVER = 2  # … that it is up, or that the car looks full
    AWAITED = 3  # … and that somebody waits
    ASKED = 4  # the channel was asked
    REPORTED = 5  # the admins were told


@dataclass(frozen=True, slots=True)
class Ladder:
    """The charging time of one stay today, and the rung that its reminders stand on.

    Charging time counts at `rate` (1, less while capped) since `at`, on top of `counted`.
    """

    day: date
    at: datetime
    counted: timedelta = timedelta(0)
    rate: float = 1.0
    limit: timedelta | None = None  # None: the policy's
    rung: Rung = Rung.SILENT
    told_at: datetime | None = None  # when it came to that rung
    reminded_at: datetime | None = None  # the last private word that somebody waits …
    over_at: datetime | None = None  # … which may have been the one that it is over
    extended: bool = False
    moved: bool = False  # "done, moving" was said …
    quiet_until: datetime | None = None  # … so nothing more is, until then
    post: int | None = None  # in which the channel was asked
    reminders: int = 0  # private ones that followed the word that somebody waits


@dataclass(frozen=True, slots=True)
class Stay:
    """One car on one port, from plug to unplug. Blank ids: the network did not say."""

    id: int
    since: datetime
    ladder: Ladder
    driver: str | None = None
    user: str = ""
    credential: str = ""
    session: str = ""  # the network's id of the charging session
    disowned: bool = False  # rule 38: not the car of whom its ids name
    asked: bool = False  # rule 14: the called were asked who it is
    drew: bool = False  # power has flowed
    peak_kw: float = 0.0  # the most that it drew
    idle_since: datetime | None = None  # no power since, and no limit explains it
    low_since: datetime | None = None  # under a tenth of the peak since, and no limit explains it
    flows_since: datetime | None = None  # power at each look since
    full_told: bool = False  # the car was said to look full
    again: bool = False  # … and that was taken back, once
    no_power_told: bool = False
    ended_at: datetime | None = None
    taken: Taken | None = None  # rule 29; None: by hand, no look has told
    idled: timedelta = timedelta(0)  # seen to draw nothing
    need: Need | None = None  # rule 28: as said
    raised: bool = False  # … more than before, while somebody waited: once
    met_at: datetime | None = None  # rule 31: the said need was met then
    usual_asked: bool = False  # … and its driver was asked whether the usual is enough
    moving_at: datetime | None = None  # rule 34: its driver means to move then
    promise: Promise | None = None


@dataclass(frozen=True, slots=True)
class Ghost:
    """A charging session that the network still shows, and that nobody stands by (rule 38)."""

    user: str = ""
    credential: str = ""
    session: str = ""
    flows_since: datetime | None = None  # it drew power in the last look


@dataclass(frozen=True, slots=True)
class Port:
    """Where one car plugs in. `id` is `stationID/portNumber`, `label` what people say."""

    id: str
    label: str
    status: Status = Status.UNKNOWN
    since: datetime | None = None  # first look that saw this status
    seen_at: datetime | None = None  # latest look that saw it
    vouched: bool = False  # a person's hand says that it is free
    closed: bool = False  # by an admin
    blocked: bool = False  # rule 12: not called until used or reopened
    broken: bool = False  # rule 39: not called until reopened
    dry: tuple[int, ...] = ()  # rule 39: the last stays, if they drew nothing
    ghost: Ghost | None = None
    idle_told: bool = False  # rule 8, with nobody in line: once a stretch
    load_kw: float | None = None
    capped: bool = False  # rule 21: the network limits it …
    allowed_kw: float | None = None  # … to so much, or
    percent: int | None = None  # … by so many per cent
    stay: Stay | None = None
    last_stay: Stay | None = None
    freed: bool = False  # a car left, and the channel doesn't know yet
    post: int | None = None  # the channel post of this stretch (rule 15)

    @property
    def is_shut(self) -> bool:
        """Nobody is called there, whatever the looks show."""
        return self.closed or self.blocked or self.broken

    @property
    def is_off(self) -> bool:
        """The cap lets no power flow at all."""
        return self.capped and (self.percent == 100 or not (self.allowed_kw or self.percent))

    def lacks_power(self, standby_kw: float) -> bool:
        """A car here isn't charging (rule 21): no power may flow, and none does (rule 30)."""
        return self.is_off and (self.load_kw or 0) < standby_kw


@dataclass(frozen=True, slots=True)
class Pending:
    """An effect on its way out: saved with the state it follows from.

    Claimed before it is sent, cleared after; a claim that ran out may be taken over.
    """

    id: int
    lane: Lane
    to: str  # platform:tenant:id, or "network", or "log"
    effect: Effect
    queued_at: datetime
    not_before: datetime | None = None  # its next attempt
    claimed_until: datetime | None = None
    attempts: int = 0
    asker: str = ""  # whose question it answers; "": nobody's
    alone_since: datetime | None = None  # this address alone has taken nothing since then

    @property
    def platform(self) -> str:
        """Who delivers it."""
        return self.to.partition(":")[0]

    @property
    def tenant(self) -> str:
        """Whose outage it must wait for: one server, or one workspace (`platform:tenant`)."""
        return ":".join(self.to.split(":", 2)[:2])

    @property
    def is_to_a_click(self) -> bool:
        """Its address is one that the platform gave for a few answers to one click."""
        return "://" in self.to


@dataclass(frozen=True, slots=True)
class Stations:
    """Where the ports come from: one group, a list of stations, or people's hands."""

    group: int | None = None
    ids: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()

    @property
    def is_manual(self) -> bool:
        """No charging network watches this site."""
        return bool(self.manual)


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


@dataclass(frozen=True, slots=True)
class CapOrder:
    """A limit that an admin asked for here (rule 22); `allowed_kw` is per port."""

    by: str
    at: datetime
    allowed_kw: float


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


@dataclass(frozen=True, slots=True)
class Site:
    """One car park: the whole aggregate, saved as one item under one `version`."""

    id: str
    name: str
    timezone: str = "UTC"
    version: int = 0  # 0: never saved
    channels: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    stations: Stations = Stations()
    meter: str = ""  # the building's
    policy: Policy = Policy()
    people: dict[str, Person] = field(default_factory=dict)  # never mutated, replaced
    queue: tuple[Entry, ...] = ()
    ports: dict[str, Port] = field(default_factory=dict)  # by Port.id; never mutated
    looked_at: datetime | None = None  # the last good look
    blind: bool = False  # rule 23: sight is lost …
    blind_told: bool = False  # … and the channel knows
    hindrances: tuple[
        AccessProblem, ...
    ] = ()  # what the admins were told since the last good look
    caps: tuple[tuple[str, float], ...] = ()  # rule 21: (port, share) at the last look
    cap_order: CapOrder | None = None
    alarms: dict[str, str] = field(default_factory=dict)  # "station/number" -> kinds, as told
    caps_told: tuple[tuple[str, float], ...] = ()  # … and as the channel knows them
    outbox: tuple[Pending, ...] = ()
    posts: dict[str, str] = field(default_factory=dict)  # "post@channel" -> message ref
    calls: tuple[CallMessage, ...] = ()
    requests: dict[str, datetime] = field(default_factory=dict)  # replay protection
    refused: dict[str, str] = field(default_factory=dict)  # addresses that take no messages
    ways: dict[str, Way] = field(default_factory=dict)  # by address: numbers that were joined
    codes: tuple[Code, ...] = ()  # that may be used
    guesses: dict[str, Guesses] = field(default_factory=dict)  # by address
    trail: tuple[Note, ...] = ()
    undo: Undo | None = None
    stepped_at: datetime | None = None  # the last step that changed something
    late: tuple[int, ...] = ()  # rule 32: minutes from a stay's end to the unplugging, lately
    turnover: tuple[int, ...] = ()  # … and from there to the next plug, while somebody waited
    word: tuple[Word, ...] = ()  # of the last weeks
    serial: int = 0  # the last id given to a turn, a post or a pending effect
