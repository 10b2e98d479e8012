"""A person asked for something; and who people are."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from chalicelib.values import dataclass

from .line import Add, Give, Next, Remove, Resume, Suspend, When
from .needs import NoNeed, PickNeed, SayNeed, ShowNeed
from .people import (
    Admin,
    Alarms,
    ForgetMe,
    GetCode,
    Invited,
    Join,
    MailMe,
    MailOff,
    Meet,
    Notify,
    Prefer,
    ShowMail,
    ShowSettings,
    SmallTalk,
    Unclear,
)
from .shown import (
    AskWhy,
    LeaveHome,
    OpenForm,
    OpenHome,
    ShowBoard,
    ShowHelp,
    ShowLine,
    ShowPort,
    ShowPower,
    ShowReport,
    ShowStatus,
)
from .stays import (
    Broken,
    DoneMoving,
    In,
    MayUnplug,
    MoreMinutes,
    MovingAt,
    NotMine,
    NotMyCar,
    NotYet,
    NudgePort,
    Out,
    RememberMe,
    ThatsMe,
)
from .turns import Block, CannotUse, CanUse, Leave, OnMyWay, Pass

Wish = (
    SayNeed | PickNeed | NoNeed | ShowNeed | When | MayUnplug | MovingAt | NotYet | Give
    | CannotUse | CanUse
    | Add | Remove | Suspend | Resume | Next | ShowLine | ShowBoard | ShowStatus | ShowHelp | OnMyWay | Pass
    | Leave | Block | In | Out | ThatsMe | NotMine | RememberMe | MoreMinutes | DoneMoving
    | AskWhy | ShowPort | ShowPower | ShowReport | SmallTalk | ForgetMe | Admin | Unclear | NotMyCar | Broken | NudgePort | GetCode | Join | Notify | OpenForm | OpenHome | LeaveHome | Prefer | Meet | ShowSettings | MailMe | ShowMail | MailOff | Alarms | Invited
)  # fmt: skip


class Sort(StrEnum):
    """What an address is of."""

    PERSON = "person"
    BOT = "bot"
    GONE = "gone"  # deactivated
    NOBODY = "nobody"
    UNKNOWN = "unknown"  # the platform doesn't say just now


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether somebody's status says that they are in a meeting, and until when."""

    meeting_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What the chat platform knows of a person: the name they are shown by, and the handle
    they are mentioned by.

    `status`: what their status says, where the platform shows one; None: it shows none.
    """

    driver: str
    name: str = ""
    handle: str = ""
    sort: Sort = Sort.PERSON
    status: Availability | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A person asked for something, in chat.

    `name` and `handle` as the request gave them; `profiles` of people whom the site didn't
    know, the asker or those who were named. `request` names the request for replay protection ("" = none). `reply_to` is an
    address for the answer (`public_to`: for one that all may hear); None hands the answer
    back to the caller instead. In `heard_in`, a channel, all hear a public answer without
    our doing: the other channels of the site are told. A form is `filled` in: what can't be is
    shown there, and goes nowhere else.
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
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Introduced:
    """What the chat platform knows of people.

    `unasked`: the platform tells it of whomever it likes; who is nobody here stays nobody.
    """

    profiles: tuple[Profile, ...]
    unasked: bool = False
