"""What the core is given: wishes of people, looks at the chargers, ticks, receipts.

A module for each chapter; use them from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from .asked import (
    Asked as Asked,
)
from .asked import (
    Introduced as Introduced,
)
from .asked import (
    Profile as Profile,
)
from .asked import (
    Sort as Sort,
)
from .asked import (
    Wish as Wish,
)
from .delivery import (
    Claimed as Claimed,
)
from .delivery import (
    Delivered as Delivered,
)
from .delivery import (
    Postponed as Postponed,
)
from .delivery import (
    Silenced as Silenced,
)
from .delivery import (
    Undeliverable as Undeliverable,
)
from .line import (
    Add as Add,
)
from .line import (
    Give as Give,
)
from .line import (
    Next as Next,
)
from .line import (
    Remove as Remove,
)
from .line import (
    Resume as Resume,
)
from .line import (
    Suspend as Suspend,
)
from .line import (
    When as When,
)
from .needs import (
    NoNeed as NoNeed,
)
from .needs import (
    PickNeed as PickNeed,
)
from .needs import (
    SayNeed as SayNeed,
)
from .needs import (
    ShowNeed as ShowNeed,
)
from .network import (
    Alarm as Alarm,
)
from .network import (
    Alarmed as Alarmed,
)
from .network import (
    Granted as Granted,
)
from .network import (
    Hindered as Hindered,
)
from .network import (
    Observed as Observed,
)
from .network import (
    PortSeen as PortSeen,
)
from .network import (
    SessionEnded as SessionEnded,
)
from .people import (
    Admin as Admin,
)
from .people import (
    ForgetMe as ForgetMe,
)
from .people import (
    GetCode as GetCode,
)
from .people import (
    Join as Join,
)
from .people import (
    Notify as Notify,
)
from .people import (
    SmallTalk as SmallTalk,
)
from .people import (
    Unclear as Unclear,
)
from .shown import (
    AskWhy as AskWhy,
)
from .shown import (
    ShowHelp as ShowHelp,
)
from .shown import (
    ShowLine as ShowLine,
)
from .shown import (
    ShowPort as ShowPort,
)
from .shown import (
    ShowPower as ShowPower,
)
from .shown import (
    ShowStatus as ShowStatus,
)
from .stays import (
    Broken as Broken,
)
from .stays import (
    DoneMoving as DoneMoving,
)
from .stays import (
    In as In,
)
from .stays import (
    MayUnplug as MayUnplug,
)
from .stays import (
    MoreMinutes as MoreMinutes,
)
from .stays import (
    MovingAt as MovingAt,
)
from .stays import (
    NotMine as NotMine,
)
from .stays import (
    NotMyCar as NotMyCar,
)
from .stays import (
    NotYet as NotYet,
)
from .stays import (
    NudgePort as NudgePort,
)
from .stays import (
    Out as Out,
)
from .stays import (
    RememberMe as RememberMe,
)
from .stays import (
    ThatsMe as ThatsMe,
)
from .turns import (
    Block as Block,
)
from .turns import (
    CannotUse as CannotUse,
)
from .turns import (
    CanUse as CanUse,
)
from .turns import (
    Leave as Leave,
)
from .turns import (
    OnMyWay as OnMyWay,
)
from .turns import (
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
    | Silenced
)
