"""What was asked for cannot be, or cannot be read; nothing was changed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from chalicelib.values import dataclass


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
    LINE_FULL = "line full"  # add: so many wait that nobody more would be called
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
    NO_LOG = "no log"  # report: nobody keeps what cars did
    TOTALS_OFF = "totals off"  # report: the operator hasn't switched them on
    OPERATORS = "operator's"  # set: not from chat
    BAD_LENGTH = "bad length"  # set: nothing, or more than a day
    BAD_HOURS = "bad hours"  # set: a day that ends before it begins
    BAD_BLIND = "bad blind"  # set: sight lost between two looks
    BAD_POWER = "bad power"  # set: no power that a port can have
    TURN_IS_FIXED = "turn is fixed"  # more: of who is called and hasn't plugged in
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
    QUIET_ALL_DAY = "quiet all day"  # quiet: they could never be called
    MEETING_PAST = "meeting past"  # meeting until a time that has gone
    NO_STATUS = "no status"  # meetings on: the platform shows no status
    NO_MAIL = "no mail"  # mail: nobody here sends any
    NO_MAILBOX = "no mailbox"  # mail: that is no address
    MAIL_TAKEN = "mail taken"  # mail: somebody else's
    MAIL_OFTEN = "mail often"  # mail: too many were asked to confirm today
    MAIL_FULL = "mail full"  # mail: AWS takes no more of them
    MAIL_AWAY = "mail away"  # mail: AWS can't be reached now
    NO_MAIL_YET = "no mail yet"  # mail off, notify mail: you have none
    NO_PHONE = "no phone"  # notify sms: no number of theirs is known


@dataclass(frozen=True, slots=True)
class Refused:
    """What was asked for cannot be; nothing was changed."""

    driver: str
    why: Refusal
    port: str | None = None
    at: datetime | None = None  # from when it could be
    other: str | None = None  # whose turn it is


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
    SPAN = "span"  # a report of neither a week nor a month
    AMOUNT = "amount"  # no need at all
    BY = "by"  # a need's time


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


Misunderstanding = Refused | NotUnderstood
