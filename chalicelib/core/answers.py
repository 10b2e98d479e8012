"""What the core answers to whoever asked, in the reply. Values only, as in `effects`.

`ports` are named by their ids (`stationID/portNumber`), people by their addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.energy.needs import Need
from chalicelib.energy.report import PowerReport


class Refusal(StrEnum):
    """Why a driver's wish cannot be. Each has its own words."""

    CHARGING = "charging"  # add: your car is on a port
    NOT_IN_LINE = "not in line"
    NOT_SUSPENDED = "not suspended"
    NOT_CALLED = "not called"  # a button of a turn that is over
    ALREADY_COMING = "already coming"  # on my way, a second time
    PAST = "past"  # suspend until a time that has gone
    TOO_SOON = "too soon"  # next: the called driver still has time
    CLOSED = "closed"  # add: the line isn't open yet, or for today
    WHICH_PORT = "which port"  # in, out: say which
    NO_SUCH_PORT = "no such port"
    LOOKS_FREE = "looks free"  # in: I see no car there
    LOOKS_USED = "looks used"  # out: I see a car there
    OTHERS_CAR = "other's car"  # in: somebody else's
    NOBODY_THERE = "nobody there"  # a button of a stay that is over
    TIME_LEFT = "time left"  # 20 more minutes, while there are more anyway
    ONCE_ONLY = "once only"  # 20 more minutes, again
    NOTHING_TO_REMEMBER = "nothing to remember"
    NOT_ADMIN = "not admin"
    WHO = "who"  # an admin named somebody I don't know
    LAST_ADMIN = "last admin"
    CAPS_OFF = "caps off"  # cap: facilities haven't agreed
    WHAT_CAP = "what cap"  # cap: neither kW nor percent nor off
    NOT_OUR_CAP = "not our cap"  # cap off: it wasn't set here
    OPERATORS = "operator's"  # set: not from chat
    BAD_LENGTH = "bad length"  # set: nothing, or more than a day
    BAD_HOURS = "bad hours"  # set: a day that ends before it begins
    BAD_BLIND = "bad blind"  # set: sight lost between two looks
    BAD_POWER = "bad power"  # set: no power that a port can have
    EXTENSION = "extension"  # more: another length than the house gives
    WHICH_STAY = "which stay"  # more, moving: two cars on two ports
    NOT_YOURS = "not yours"  # more, moving: another's car
    STILL_HERE = "still here"  # forget me: in line, or on a port
    EMPTY_PORT = "empty port"  # more, moving: no car
    TWO_OF_THEM = "two of them"  # an admin named several by one name
    NOBODY = "nobody"  # … an address that is nobody's
    GONE = "gone"  # … somebody who has left
    BOT = "bot"  # … a bot
    UNCHECKED = "unchecked"  # … somebody whom the platform can't vouch for now
    NO_ADMIN = "no admin"  # revoke: they are none
    NO_CAR = "no car"  # nudge: no car is there
    OWN_CAR = "own car"  # nudge: it's yours
    POWER_FLOWS = "power flows"  # not my car: then somebody's it is
    NOT_THERE = "not there"  # broken: you're neither called nor plugged in there
    NOTHING_LINKED = "nothing linked"  # unlink: no such id
    NOTHING_TO_UNDO = "nothing to undo"
    NO_PLACE = "no place"  # need: neither in line nor on a port
    RAISED_ONCE = "raised once"  # need: more again, while people wait
    SAID_BROKEN = "said broken"  # broken: that was said already
    NO_GAIN = "no gain"  # give: they stand further ahead
    MOVES_TOO_FAR = "moves too far"  # moving at: more than half an hour ahead
    MOVED_ONCE = "moved once"  # moving at: was said in this stay already
    NOT_MOVING = "not moving"  # not yet: nobody said that they were
    OWN_PLACE = "own place"  # give: to oneself
    NOT_FOR_THEM = "not for them"  # give: they can't be called now
    ON_A_PORT = "on a port"  # give: they are charging
    NO_MEMBER = "no member"  # a number that nobody has joined
    NO_TEXTS = "no texts"  # phone: this site has no number
    NO_PHONE = "no phone"  # notify sms: no number of theirs is known


@dataclass(frozen=True, slots=True)
class Expected:
    """When somebody in line should be called (rule 32). At most one of these is said.

    `at`: at about then. `not_before`: then at the earliest. `hardly`: not today, as it looks.
    `behind`: no time, since this driver's time was up at `up_at` and the car is still there.
    """

    at: datetime | None = None
    not_before: datetime | None = None
    hardly: bool = False
    behind: str | None = None
    up_at: datetime | None = None


class Odds(StrEnum):
    """What can be said of a need with a time (rule 33)."""

    PROMISED = "promised"
    LIKELY = "likely"
    HARDLY = "hardly"


class Misreading(StrEnum):
    """What is wrong with what somebody typed. Each has its own words."""

    UNKNOWN = "unknown"  # a word that is no command
    EXTRA = "extra"  # words after a command that takes none, or not these
    LENGTH = "length"  # neither a length nor a time of day
    ZERO = "zero"  # no time at all
    TOO_LONG = "too long"
    TOMORROW = "tomorrow"
    PORT = "port"  # no port's name
    PERSON = "person"  # an act without its person
    ONE_PERSON = "one person"  # an act on several at once
    PLACE = "place"
    PAIRS = "pairs"  # link: not who and id
    SETTING = "setting"  # no such setting
    VALUE = "value"  # no value for this setting
    CAP = "cap"
    UNIT = "unit"  # a need: 12 what?
    NOTHING = "nothing"  # a need: 0 kWh, -3 km
    TOO_MUCH = "too much"  # a need: more than a battery holds
    PERCENT = "percent"  # a need: nobody tells us how full the battery is
    AMOUNT = "amount"  # no need at all
    BY = "by"  # a need's time


class Courtesy(StrEnum):
    """Small talk that is answered in a line."""

    HELLO = "hello"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class Added:
    """You stand in line now. Public."""

    driver: str
    place: int
    port: str | None = None  # called to it at once
    expected: Expected | None = None
    odds: Odds | None = None  # of a need with a time
    at_most: float | None = None  # as in `NeedNoted`


@dataclass(frozen=True, slots=True)
class YourPlace:
    """You were in line already: your place, unchanged."""

    driver: str
    place: int
    port: str | None = None
    expected: Expected | None = None
    odds: Odds | None = None  # of a need with a time
    at_most: float | None = None  # as in `NeedNoted`


@dataclass(frozen=True, slots=True)
class Resumed:
    """You can be called again."""

    driver: str
    place: int
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """You are out of the line; `port` is the one you were called to."""

    driver: str
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Suspended:
    """Your place is kept, others pass."""

    driver: str
    until: datetime | None
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """Noted that you are on your way to the port."""

    driver: str
    port: str
    turn: int
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Passed:
    """You gave the turn away and keep your place."""

    driver: str
    port: str


@dataclass(frozen=True, slots=True)
class MovedOn:
    """Somebody passed `driver`'s turn on. Public."""

    driver: str
    by: str
    port: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """The bay is blocked: noted, and you keep your place."""

    driver: str
    port: str


@dataclass(frozen=True, slots=True)
class ItsMe:
    """Your car is on the port; you are out of the line. `offer`: remember the id?"""

    driver: str
    port: str
    stay: int
    offer: bool


@dataclass(frozen=True, slots=True)
class NotMe:
    """Not your car: you keep your place."""

    driver: str
    port: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """The id of this stay is yours from now on."""

    driver: str


@dataclass(frozen=True, slots=True)
class HandOut:
    """`driver` says that the port is free. Public."""

    driver: str
    port: str


@dataclass(frozen=True, slots=True)
class MoreTime:
    """Twenty more minutes."""

    driver: str
    port: str
    stay: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Moving:
    """Thank you for moving."""

    driver: str
    port: str


@dataclass(frozen=True, slots=True)
class NeedNoted:
    """What you need of this stay, how much of it you have, and when you should have it.

    `need` None: nothing is said; `usual`: what you usually take. `about`: no power data, so
    the energy is reckoned. `least`: by that time a port can't give more than so many kWh.
    """

    driver: str
    need: Need | None
    usual: float | None = None
    kwh: float | None = None  # None: not on a port
    about: bool = False
    met: bool = False
    done_at: datetime | None = None
    odds: Odds | None = None
    at_most: float | None = None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Whenever:
    """When you'd be called; `in_line`: you stand there, else if you stood there now."""

    driver: str
    expected: Expected
    in_line: bool
    free: bool = False  # a port is free for you


@dataclass(frozen=True, slots=True)
class UnplugNoted:
    """Whether the next one may unplug you when you are done; `holder` is called to your port."""

    driver: str
    ok: bool
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class MovesAt:
    """Noted when you mean to move; the next in line (`told`) knows."""

    driver: str
    port: str
    stay: int
    at: datetime
    told: str | None


@dataclass(frozen=True, slots=True)
class StaysYet:
    """Noted that you won't move yet."""

    driver: str
    port: str
    told: str | None


@dataclass(frozen=True, slots=True)
class Gave:
    """`driver` gave their place in line to `to`. Public."""

    driver: str
    to: str
    place: int
    port: str | None = None


@dataclass(frozen=True, slots=True)
class PortBarred:
    """You aren't called to that port again (`ok`: you are again)."""

    driver: str
    port: str
    ok: bool
    none_left: bool = False  # there is no other port at this site


@dataclass(frozen=True, slots=True)
class Why:
    """What happened to my place, from the trail."""

    driver: str


@dataclass(frozen=True, slots=True)
class AskReset:
    """Reset empties the line; really?"""

    by: str
    waiting: int


@dataclass(frozen=True, slots=True)
class AdminHelp:
    """What admins can do."""


@dataclass(frozen=True, slots=True)
class Shown:
    """`admin show`: the site's settings, people and ports."""

    by: str


class Deed(StrEnum):
    """What an admin did."""

    RESET = "reset"
    ADD = "add"
    REMOVE = "remove"
    MOVE = "move"
    LINK = "link"
    CLOSE = "close"
    OPEN = "open"
    SET = "set"
    GRANT = "grant"
    REVOKE = "revoke"
    UNDO = "undo"
    CAP = "cap"
    FREE = "free"
    UNLINK = "unlink"
    IN = "in"
    OUT = "out"
    SUSPEND = "suspend"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An admin's act that changes nothing: said to them only. As in `Did`."""

    by: str
    deed: Deed
    who: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Log:
    """`admin log`: what admins, and hands, have done in the last day."""

    by: str


class Nudging(StrEnum):
    """What came of a `nudge`."""

    SENT = "sent"
    NOT_YET = "not yet"  # their time isn't up before `at`
    MOVING = "moving"  # they mean to move by `at`
    LATELY = "lately"  # they were reminded; again from `at` on
    STRANGER = "stranger"  # nobody knows whose car it is
    UNSEEN = "unseen"  # the chargers can't be seen
    NOBODY = "nobody"  # nobody could be called there now


@dataclass(frozen=True, slots=True)
class NudgeTaken:
    """Somebody in line asked to remind whoever is on the port."""

    driver: str
    port: str
    how: Nudging
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoLongerMine:
    """The car on the port isn't the driver's any more."""

    driver: str
    port: str


@dataclass(frozen=True, slots=True)
class SaidBroken:
    """`driver` says that the port doesn't work; nobody is called there. Public."""

    driver: str
    port: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Did:
    """An admin did something. Public. `detail`: the place, the setting, the count, the deed, the
    ids; `before`: what a setting was.
    """

    by: str
    deed: Deed
    who: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    detail: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class WhoIsNext:
    """Who will be called first; None: nobody waits."""

    driver: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """The whole line and every port, as the site stands.

    `order`: the drivers as they'd be called; "()" as they stand. `ends`: when each car's stay
    should end, by port; `expected`: what can be said to each of the line.
    """

    driver: str
    order: tuple[str, ...] = ()
    ends: tuple[tuple[str, datetime], ...] = ()
    expected: tuple[tuple[str, Expected], ...] = ()


@dataclass(frozen=True, slots=True)
class Ports:
    """Every port, and where the driver stands."""

    driver: str
    ends: tuple[tuple[str, datetime], ...] = ()
    expected: Expected | None = None


@dataclass(frozen=True, slots=True)
class Help:
    """How to talk to the concierge; with a `topic`, how to use that one command."""

    topic: str = ""
    admin: bool = False  # an admin asks: there is more


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """What was typed can't be read; nothing was changed.

    Which words (`typed`), after which command (`command`, "" if it was none), and what to type
    instead (`better`, "" if we have no guess).
    """

    why: Misreading
    typed: str = ""
    command: str = ""
    better: str = ""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What the house knew of you is forgotten."""

    driver: str


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """Thanked, or greeted."""

    what: Courtesy


@dataclass(frozen=True, slots=True)
class OnePort:
    """One port as it stands."""

    port: str


@dataclass(frozen=True, slots=True)
class Power:
    """The building's power; `report` None: it has no meter. `cars_kw`: what the ports give."""

    report: PowerReport | None
    cars_kw: float | None = None


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same request came twice; it was done once."""


@dataclass(frozen=True, slots=True)
class Refused:
    """What was asked for cannot be; nothing was changed."""

    driver: str
    why: Refusal
    port: str | None = None
    at: datetime | None = None  # from when it could be
    other: str | None = None  # whose turn it is


@dataclass(frozen=True, slots=True)
class Coded:
    """A code, to be sent from the number that should join; a visitor's, if there is a name."""

    driver: str
    code: str
    number: str  # ours
    until: datetime
    guest: str = ""
    stays: datetime | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """The number that this came from is known now."""

    driver: str
    guest: bool = False


@dataclass(frozen=True, slots=True)
class WrongCode:
    """No such code; after `left` more the number isn't listened to for a while."""

    driver: str
    left: int


@dataclass(frozen=True, slots=True)
class Notified:
    """Where you are told from now on: the platform."""

    driver: str
    platform: str


Answer = (
    Added | YourPlace | Resumed | Removed | Suspended | Coming | Passed | MovedOn | Blocked
    | ItsMe | NotMe | Remembered | HandOut | MoreTime | Moving | Why | AskReset | AdminHelp
    | NeedNoted | Whenever | UnplugNoted | MovesAt | StaysYet | Gave | PortBarred
    | Shown | Did | WhoIsNext | Line | Ports | Help | NotUnderstood | SmallTalk | Forgotten | OnePort | Power
    | Repeated | Refused
    | Unchanged | Log | NudgeTaken | NoLongerMine | SaidBroken
    | Coded | Joined | WrongCode | Notified
)  # fmt: skip
PUBLIC = (Added, MovedOn, HandOut, Gave, Did, SaidBroken)  # answers that the whole channel sees
