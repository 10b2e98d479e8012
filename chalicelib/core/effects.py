"""What the core wants said or done. Values only: `chat/wording.py` gives them words.

`ports` are named by their ids (`stationID/portNumber`), people by their addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.energy.needs import Need

from .answers import Answer, Deed, Expected, Line
from .stays import FinishedStay

# --- messages: through the outbox --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Called:
    """To the driver: it's your turn. `deadline` is filled in as the message is claimed."""

    driver: str
    port: str
    turn: int
    window: timedelta
    deadline: datetime | None = None
    instead_of: str | None = None  # the port that `taken_by` plugged into
    taken_by: str | None = None
    unplug: str | None = None  # rule 35: whose car there is done, and may be unplugged


@dataclass(frozen=True, slots=True)
class CallOver:
    """In the place of a driver's call that is over, so that it offers nothing any more."""

    driver: str
    turn: int


@dataclass(frozen=True, slots=True)
class NextUp:
    """To the driver: you're next."""

    driver: str


@dataclass(frozen=True, slots=True)
class Lapsed:
    """To the driver: nobody came, the turn went on; the place is kept, suspended. `misses`: the
    how manieth of the day (rule 40).

    `taken`: a car nobody knows is on the port, and the driver didn't say whether it's theirs.
    """

    driver: str
    port: str
    taken: bool = False
    misses: int = 1


class Withdrawal(StrEnum):
    """Why a turn was taken back, through nobody's fault."""

    DARK = "dark"  # the port is out of reach
    TAKEN = "taken"  # somebody else plugged in
    CLOSED = "closed"  # an admin closed the port
    RESET = "reset"  # an admin emptied the line
    STATIONS = "stations"  # the operator granted others
    NIGHT = "night"  # the day is over
    BROKEN = "broken"  # somebody says that the port doesn't work
    KEPT = "kept"  # rule 35: its car may not be unplugged any more


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """To the driver: your turn is off, your place is kept."""

    driver: str
    port: str
    why: Withdrawal
    by: str | None = None


@dataclass(frozen=True, slots=True)
class TurnPassed:
    """To the driver: `by` passed your turn on; your place is kept."""

    driver: str
    port: str
    by: str


@dataclass(frozen=True, slots=True)
class SuspensionOver:
    """To the driver: you can be called again."""

    driver: str
    place: int


@dataclass(frozen=True, slots=True)
class Question:
    """Asked once in a stay (rules 28 and 35): how much today, and may the next one unplug you?"""

    stay: int
    usual: float | None = None  # kWh; None: not known yet
    how_much: bool = True
    unplug: bool = False


@dataclass(frozen=True, slots=True)
class PluggedIn:
    """To the driver: you are charging, so you are out of the line."""

    driver: str
    port: str
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class HowMuch:
    """To the driver on the port: somebody waits now, so how much do you need?"""

    driver: str
    port: str
    question: Question


@dataclass(frozen=True, slots=True)
class UnpluggedBy:
    """To the driver whose car was done: `by` has the port now, as you had allowed."""

    driver: str
    port: str
    by: str | None


@dataclass(frozen=True, slots=True)
class MeansToMove:
    """To the next in line: `who` means to move at about `at`; None: not yet, after all."""

    driver: str
    who: str
    port: str
    at: datetime | None
    at_once: bool = False  # they are on their way to it now


@dataclass(frozen=True, slots=True)
class Foreseen:
    """To the driver, once: it will hardly be today, or not before then."""

    driver: str
    expected: Expected


class PromiseNews(StrEnum):
    """What became of a need with a time (rule 33)."""

    MADE = "made"
    IN_DANGER = "in danger"
    HOLDS = "holds"  # again
    BROKEN = "broken"


class Danger(StrEnum):
    """Why a promise is in danger."""

    SLOW = "slow"  # less power flows than was thought
    CAPPED = "capped"
    LATE = "late"  # ports turn over later than was thought
    FULL_EARLY = "full"


@dataclass(frozen=True, slots=True)
class Promised:
    """To the driver: your need by your time, and what became of it."""

    driver: str
    news: PromiseNews
    need: Need
    by: datetime
    why: Danger | None = None


@dataclass(frozen=True, slots=True)
class GivenTo:
    """To the driver: `by` gave you their place; with it, perhaps, a running turn."""

    driver: str
    by: str
    place: int
    port: str | None = None
    turn: int = 0
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoPower:
    """To the driver: you're plugged in where the power is off, so your place is kept.

    `until`: you aren't called elsewhere before then; None: from now on you may be.
    """

    driver: str
    port: str
    place: int
    until: datetime | None


class News(StrEnum):
    """What the one channel post of a free port says (rule 15)."""

    FREE = "free"
    CALLED = "called"
    UNPLUGGABLE = "unpluggable"  # rule 35: called to a port whose car is done
    COMING = "coming"
    CHARGING = "charging"
    DARK = "dark"
    BLOCKED = "blocked"
    CLOSED = "closed"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class PortPost:
    """To the channel: a port is free, and what became of it. Later ones edit the first."""

    post: int
    port: str
    news: News
    driver: str | None = None


@dataclass(frozen=True, slots=True)
class StandsIdle:
    """To the channel: a free port is not used; `driver` was called to it until `deadline`."""

    port: str
    driver: str | None
    deadline: datetime | None


@dataclass(frozen=True, slots=True)
class IsItYou:
    """To a called driver: somebody unknown plugged in; you? (rule 14)"""

    driver: str
    port: str
    stay: int


@dataclass(frozen=True, slots=True)
class BayBlocked:
    """To the port's last occupant and the admins (`admin`): `by` found the bay blocked."""

    port: str
    by: str
    admin: bool = False


class Nudge(StrEnum):
    """Why a driver who is charging is written to (rules 16, 18, 19)."""

    NOTICE = "notice"  # half an hour left
    OVER = "over"  # time is up
    WAITING = "waiting"  # someone is waiting now
    FULL = "full"  # no power any more
    NO_POWER = "no power"  # no power yet
    CHARGING = "charging"  # power again: not full after all
    MET = "met"  # you have what you need (rule 31)
    USUAL = "usual"  # you have what you usually take


@dataclass(frozen=True, slots=True)
class Nudged:
    """To the driver on the port. `waiting`: how many wait; `capped`: minutes count less;
    `ends`: when the time is up, or was.
    """

    driver: str
    port: str
    stay: int
    why: Nudge
    waiting: int = 0
    capped: bool = False
    ends: datetime | None = None


class ChannelReminder(StrEnum):
    """What the one channel post of a ladder says."""

    ASK = "ask"
    OVERTIME = "overtime"  # rule 20: whether or not somebody waits
    MORE_TIME = "more time"
    MOVING = "moving"
    GONE = "gone"
    CHARGING = "charging"  # power again: not full after all


@dataclass(frozen=True, slots=True)
class PleaseMove:
    """To the channel: a car stays too long while people wait. Later ones edit the first."""

    post: int
    port: str
    stay: int
    plea: ChannelReminder
    driver: str | None = None


@dataclass(frozen=True, slots=True)
class StillThere:
    """To the admins: asking did not help."""

    port: str
    driver: str | None


@dataclass(frozen=True, slots=True)
class LineCleared:
    """To the channel: the day is over; these were still in line."""

    drivers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdminMoved:
    """To the driver: an admin changed your place (0: out of the line)."""

    driver: str
    by: str
    place: int


@dataclass(frozen=True, slots=True)
class DoneForYou:
    """To the driver: an admin did something in their name."""

    driver: str
    by: str
    deed: Deed
    port: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CountedUnplugged:
    """To the driver: your car counts as unplugged since `at`, because the port shows another
    (`shows`: whose, "" somebody's), or because `says` says so.
    """

    driver: str
    port: str
    at: datetime
    shows: str = ""
    says: str | None = None


@dataclass(frozen=True, slots=True)
class Disowned:
    """To the admins: the driver says that the car on the port isn't theirs any more."""

    driver: str
    port: str


@dataclass(frozen=True, slots=True)
class PortBroken:
    """To the admins: `by` says that the port doesn't work, in their own words."""

    port: str
    by: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class DrewNothing:
    """To the admins: so many cars in a row drew nothing at this port."""

    port: str
    cars: int


@dataclass(frozen=True, slots=True)
class Unreachable:
    """To the admins: a called driver takes no messages; the turn went on, the place is kept."""

    driver: str
    reason: str


@dataclass(frozen=True, slots=True)
class PowerLimited:
    """To the channel: which ports may give what share (0 to 1) of their power; none: all again."""

    caps: tuple[tuple[str, float], ...]
    everywhere: bool


@dataclass(frozen=True, slots=True)
class CapRefused:
    """To the channel: the network won't do what `by` asked for; `reason` is its word."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class AlarmRaised:
    """To the admins: the network finds something broken; `port` None: the whole station."""

    station: str
    port: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class SightLost:
    """To the channel: the chargers can't be seen since `since`."""

    since: datetime


@dataclass(frozen=True, slots=True)
class SightBack:
    """To the channel: the chargers are seen again."""


class AccessProblem(StrEnum):
    """Why nobody can look at the chargers, where only the operator can change it."""

    NO_ACCESS = "no access"  # the network refuses the key, the password or the region
    DENIED = "denied"  # the plan or the rights don't allow it, or the stations are unknown
    NO_LISTENER = "no listener"


@dataclass(frozen=True, slots=True)
class Unwatched:
    """To the admins: nobody can look at the chargers until somebody does something."""

    why: AccessProblem


@dataclass(frozen=True, slots=True)
class Undelivered:
    """To the admins: a message to `to` was refused for good."""

    to: str
    reason: str


Message = (
    HowMuch | UnpluggedBy | MeansToMove | Foreseen | Promised | GivenTo
    | Called | CallOver | NextUp | Lapsed | Withdrawn | TurnPassed | SuspensionOver | PluggedIn
    | NoPower | PortPost | StandsIdle | IsItYou | BayBlocked | Nudged | PleaseMove | StillThere
    | LineCleared | AdminMoved | PowerLimited | CapRefused | AlarmRaised | SightLost | SightBack | Unwatched
    | Undelivered | Line | DoneForYou | CountedUnplugged | Disowned | PortBroken | DrewNothing
    | Unreachable
)  # fmt: skip
Post = PortPost | PleaseMove  # messages that are edited as things go on

# --- orders: through the network lane, for the leading listener alone ------------------


@dataclass(frozen=True, slots=True)
class LimitPower:
    """Let each port give at most so much for so long (minutes; 0: until lifted)."""

    by: str
    allowed_kw: float
    minutes: int


@dataclass(frozen=True, slots=True)
class LiftLimit:
    """End the limit that was set here."""

    by: str


NetworkOrder = LimitPower | LiftLimit

# --- entries of the log: through its own lane -----------------------------------------


@dataclass(frozen=True, slots=True)
class KeepStay:
    """A car has left: keep what is known of its stay for so long."""

    stay: FinishedStay
    keep: timedelta


@dataclass(frozen=True, slots=True)
class ForgetStays:
    """Let nobody know any more which stays were this driver's."""

    driver: str


LogOrder = KeepStay | ForgetStays

# --- wishes of the core to the listener ---------------------------------------------


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Look at the chargers again at `at`; not saved, the next start looks anyway."""

    at: datetime


Effect = Answer | Message | NetworkOrder | LogOrder
