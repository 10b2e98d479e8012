"""What the core is given: wishes of people, looks at the chargers, ticks, receipts.

A module for each chapter; use them from here.
"""

from __future__ import annotations

from chalicelib.values import dataclass

from .asked import (
    Asked as Asked,
    Availability as Availability,
    Introduced as Introduced,
    Profile as Profile,
    Sort as Sort,
    Wish as Wish,
)
from .delivery import (
    Claimed as Claimed,
    Delivered as Delivered,
    Postponed as Postponed,
    Reported as Reported,
    Silenced as Silenced,
    Undeliverable as Undeliverable,
)
from .line import (
    Add as Add,
    Give as Give,
    Next as Next,
    Remove as Remove,
    Resume as Resume,
    Suspend as Suspend,
    When as When,
)
from .needs import (
    NoNeed as NoNeed,
    PickNeed as PickNeed,
    SayNeed as SayNeed,
    ShowNeed as ShowNeed,
)
from .network import (
    Alarm as Alarm,
    Alarmed as Alarmed,
    Granted as Granted,
    Hindered as Hindered,
    Observed as Observed,
    PortSeen as PortSeen,
    Sensed as Sensed,
    SensorEvent as SensorEvent,
    SessionEnded as SessionEnded,
)
from .people import (
    Admin as Admin,
    Alarms as Alarms,
    ForgetMe as ForgetMe,
    GetCode as GetCode,
    Invited as Invited,
    Join as Join,
    MailMe as MailMe,
    MailOff as MailOff,
    Meet as Meet,
    Notify as Notify,
    Prefer as Prefer,
    ShowMail as ShowMail,
    ShowSettings as ShowSettings,
    SmallTalk as SmallTalk,
    Told as Told,
    Unclear as Unclear,
)
from .shown import (
    AskWhy as AskWhy,
    LeaveHome as LeaveHome,
    OpenForm as OpenForm,
    OpenHome as OpenHome,
    ShowBoard as ShowBoard,
    ShowHelp as ShowHelp,
    ShowLine as ShowLine,
    ShowPort as ShowPort,
    ShowPower as ShowPower,
    ShowReport as ShowReport,
    ShowStatus as ShowStatus,
)
from .stays import (
    Broken as Broken,
    DoneMoving as DoneMoving,
    In as In,
    MayUnplug as MayUnplug,
    MoreMinutes as MoreMinutes,
    MovingAt as MovingAt,
    NotMine as NotMine,
    NotMyCar as NotMyCar,
    NotYet as NotYet,
    NudgePort as NudgePort,
    Out as Out,
    RememberMe as RememberMe,
    ThatsMe as ThatsMe,
)
from .turns import (
    Block as Block,
    CannotUse as CannotUse,
    CanUse as CanUse,
    Leave as Leave,
    OnMyWay as OnMyWay,
    Pass as Pass,
)


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


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
    | Reported
    | Silenced
    | Sensed
)
