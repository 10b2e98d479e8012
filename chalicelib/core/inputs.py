"""What the core is given: wishes of people, looks at the chargers, ticks, receipts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.energy.needs import Need
from chalicelib.energy.report import PowerReport

from .acts import Act
from .answers import Courtesy, NotUnderstood
from .effects import AccessProblem
from .hours import ClockTime
from .model import Stations, Status


@dataclass(frozen=True, slots=True)
class Add:
    """`add [NEED] [by TIME]`: stand last in line, and say what I need."""

    need: Need | None = None
    by: ClockTime | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """`remove`: leave the line."""


@dataclass(frozen=True, slots=True)
class Suspend:
    """`suspend`: keep my place, let others pass: for a while, or until a time of today.

    Neither: until `resume`.
    """

    length: timedelta | None = None
    until: ClockTime | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """`resume`: I can be called again."""


@dataclass(frozen=True, slots=True)
class Next:
    """`next`: pass the turn on, or say who is next."""


@dataclass(frozen=True, slots=True)
class ShowLine:
    """`list`: the whole line and every port."""


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """`status`: every port, and where I stand."""


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """`help`, or nothing: all commands; with a `topic`, that one command."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class OnMyWay:
    """`coming`, or the button: I am coming to the port of this turn. No turn: mine."""

    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """`pass`, or the button: give this turn to the next, keep my place. No turn: mine."""

    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """The button: give this turn away and leave the line."""

    turn: int


@dataclass(frozen=True, slots=True)
class Block:
    """`blocked [PORT]`, or the button: I'm called, and the bay is blocked. No turn: mine."""

    turn: int | None = None
    port: str = ""


@dataclass(frozen=True, slots=True)
class In:
    """`in [PORT]`: my car is on the port (its label or id; "" = the one you'd think)."""

    port: str = ""


@dataclass(frozen=True, slots=True)
class Out:
    """`out [PORT]`: the port is free."""

    port: str = ""


@dataclass(frozen=True, slots=True)
class ThatsMe:
    """The button: this stay's car is mine."""

    stay: int


@dataclass(frozen=True, slots=True)
class NotMine:
    """`not me`, or the button: this stay's car is not mine. No stay: the one on my turn's port."""

    stay: int | None = None


@dataclass(frozen=True, slots=True)
class RememberMe:
    """`remember`, or the button: the id of this stay is mine, always. No stay: mine."""

    stay: int | None = None


@dataclass(frozen=True, slots=True)
class MoreMinutes:
    """`more [PORT]`, or the button: twenty more minutes. No stay, no port: mine.

    `length`: somebody asked for just so much.
    """

    stay: int | None = None
    port: str = ""
    length: timedelta | None = None


@dataclass(frozen=True, slots=True)
class DoneMoving:
    """`moving [PORT]`, or the button: I'm on my way to move the car. No stay, no port: mine."""

    stay: int | None = None
    port: str = ""


@dataclass(frozen=True, slots=True)
class NotMyCar:
    """`not my car`, or the button: the car that counts as mine isn't any more."""

    stay: int | None = None
    port: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """`broken PORT [words]`: the port doesn't work ("" = the one I'm called to or plugged in at)."""

    port: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class NudgePort:
    """`nudge PORT`: remind whoever is there that people wait."""

    port: str


@dataclass(frozen=True, slots=True)
class AskWhy:
    """`why`: what happened to my place."""


@dataclass(frozen=True, slots=True)
class ShowPort:
    """`who is on 2`: one port (its label or id)."""

    port: str


@dataclass(frozen=True, slots=True)
class ShowPower:
    """`power`: the building's. Whoever reads the wish adds what the meter says."""

    week: bool = False
    report: PowerReport | None = None


@dataclass(frozen=True, slots=True)
class ForgetMe:
    """`forget me`: know nothing of me any more."""


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """Thanked, or greeted."""

    what: Courtesy


@dataclass(frozen=True, slots=True)
class Admin:
    """`admin …`: an act that is for admins only."""

    act: Act


@dataclass(frozen=True, slots=True)
class Unclear:
    """Typed, and not understood. `admin`: it was meant as an admin's command; `admins`: what an
    admin may have meant.
    """

    answer: NotUnderstood
    admin: bool = False
    admins: str = ""


@dataclass(frozen=True, slots=True)
class SayNeed:
    """`need 12 kWh by 16:00`: what I need of this stay in all. A time alone: my usual by then."""

    need: Need | None = None
    by: ClockTime | None = None


@dataclass(frozen=True, slots=True)
class PickNeed:
    """The button under "How much today?": so many kWh for this stay; None: until full."""

    stay: int
    kwh: float | None


@dataclass(frozen=True, slots=True)
class NoNeed:
    """`need none`: what I said I need is taken back."""


@dataclass(frozen=True, slots=True)
class ShowNeed:
    """`need`: what I said I need, and how much of it I have."""


@dataclass(frozen=True, slots=True)
class When:
    """`when`: when I'd be called, or would be if I stood in line now."""


@dataclass(frozen=True, slots=True)
class MayUnplug:
    """`unplug yes`, `unplug no`, or the buttons: may the next one unplug me when I'm done?"""

    ok: bool


@dataclass(frozen=True, slots=True)
class MovingAt:
    """`moving at 11:30`, `moving in 10`, or the button (`length`): I mean to move my car then."""

    at: ClockTime | None = None
    length: timedelta | None = None
    stay: int | None = None
    port: str = ""


@dataclass(frozen=True, slots=True)
class NotYet:
    """*Not yet*, or `not moving`: I said that I'd move, and won't yet."""

    stay: int | None = None
    port: str = ""


@dataclass(frozen=True, slots=True)
class Give:
    """`give @bob`: my place in line to somebody who stands in it already."""

    who: str


@dataclass(frozen=True, slots=True)
class CannotUse:
    """`can't use this port`, or the button: pass, and never call me to it again. No turn: mine."""

    turn: int | None = None


@dataclass(frozen=True, slots=True)
class CanUse:
    """`can use 2`: call me to that port again."""

    port: str


@dataclass(frozen=True, slots=True)
class GetCode:
    """`phone`: a code that joins my number to me. `code` is drawn where the wish is heard."""

    code: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """A code was sent from a number."""

    code: str


@dataclass(frozen=True, slots=True)
class Notify:
    """`notify sms`, `notify chat`: where I want to be told."""

    platform: str  # "": where I am at home


Wish = (
    SayNeed | PickNeed | NoNeed | ShowNeed | When | MayUnplug | MovingAt | NotYet | Give
    | CannotUse | CanUse
    | Add | Remove | Suspend | Resume | Next | ShowLine | ShowStatus | ShowHelp | OnMyWay | Pass
    | Leave | Block | In | Out | ThatsMe | NotMine | RememberMe | MoreMinutes | DoneMoving
    | AskWhy | ShowPort | ShowPower | SmallTalk | ForgetMe | Admin | Unclear | NotMyCar | Broken | NudgePort
    | GetCode | Join | Notify
)  # fmt: skip


class Sort(StrEnum):
    """What an address is of."""

    PERSON = "person"
    BOT = "bot"
    GONE = "gone"  # deactivated
    NOBODY = "nobody"
    UNKNOWN = "unknown"  # the platform doesn't say just now


@dataclass(frozen=True, slots=True)
class Profile:
    """What the chat platform knows of a person: the name they are shown by, and the handle
    they are mentioned by.
    """

    driver: str
    name: str = ""
    handle: str = ""
    sort: Sort = Sort.PERSON


@dataclass(frozen=True, slots=True)
class Asked:
    """A person asked for something, in chat.

    `name` and `handle` as the request gave them; `profiles` of people whom the site didn't
    know, the asker or those who were named. `request` names the request for replay protection ("" = none). `reply_to` is an
    address for the answer (`public_to`: for one that all may hear); None hands the answer
    back to the caller instead. In `heard_in`, a channel, all hear a public answer without
    our doing: the other channels of the site are told.
    """

    driver: str
    wish: Wish
    name: str = ""
    request: str = ""
    reply_to: str | None = None
    public_to: str | None = None
    heard_in: str = ""
    handle: str = ""
    profiles: tuple[Profile, ...] = ()


@dataclass(frozen=True, slots=True)
class Introduced:
    """What the chat platform knows of people."""

    profiles: tuple[Profile, ...]


@dataclass(frozen=True, slots=True)
class PortSeen:
    """One port in one look. Power in kW; None means that the network didn't say.

    `user` and `credential` are the network's ids of the occupant, `session` its id of the
    charging session: "" when withheld. `energy_kwh` is what the network itself counted in this
    session so far, `since` when it says that the session began.
    """

    station: str
    number: str
    status: Status
    load_kw: float | None = None
    user: str = ""
    credential: str = ""
    capped: bool | None = None  # shedState
    allowed_kw: float | None = None
    percent_shed: int | None = None
    session: str = ""
    energy_kwh: float | None = None
    since: datetime | None = None

    @property
    def id(self) -> str:
        """`stationID/portNumber`, the core's key of a port."""
        return f"{self.station}/{self.number}"


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A charging session that is over, as the network's own books have it. Blank: not said."""

    station: str
    number: str
    session: str
    ended_at: datetime
    since: datetime | None = None
    energy_kwh: float | None = None
    user: str = ""
    credential: str = ""

    @property
    def port(self) -> str:
        """`stationID/portNumber`, the core's key of a port."""
        return f"{self.station}/{self.number}"


@dataclass(frozen=True, slots=True)
class Observed:
    """A look at all ports of the site, taken at `at`. A known port that is missing is UNKNOWN.

    `ended` are sessions whose end the network has told of since the last look, each once or
    more often; the books may be minutes behind the ports.
    """

    at: datetime
    ports: tuple[PortSeen, ...]
    ended: tuple[SessionEnded, ...] = ()


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm of the charging network. `number` "" means the whole station."""

    station: str
    number: str
    kind: str  # the network's word, such as "GFCI Trip"
    at: datetime


@dataclass(frozen=True, slots=True)
class Alarmed:
    """All alarms that stand at the site now."""

    alarms: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class Hindered:
    """Nobody can look at the chargers, and waiting alone won't change it."""

    why: AccessProblem


@dataclass(frozen=True, slots=True)
class Granted:
    """The operator grants the site these stations, instead of those that it had."""

    stations: Stations


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A deliverer takes effect `id`; nobody else may before `until`."""

    id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    """Effect `id` has arrived; `ref` is the message, for later edits ("" = none)."""

    id: int
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Postponed:
    """Effect `id` could not be sent for now; try again at `until`.

    `everywhere`: it isn't this address, but all of the same server or workspace.
    """

    id: int
    until: datetime
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """Effect `id` will never arrive (`reason` is the platform's word)."""

    id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Silenced:
    """An address takes no messages (`reason`), or takes them again ("")."""

    address: str
    reason: str


Input = (
    Asked
    | Introduced
    | Observed
    | Alarmed
    | Hindered
    | Granted
    | Tick
    | Claimed
    | Delivered
    | Postponed
    | Undeliverable
    | Silenced
)
