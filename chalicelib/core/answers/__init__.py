"""What the core answers to whoever asked, in the reply. Values only, as in `effects`.

A module for each chapter; use them from here, `answers.Added`. `ports` are named by their ids
(`stationID/portNumber`), people by their addresses.
"""

from __future__ import annotations

from .admin import (
    AdminAnswer as AdminAnswer,
    AdminHelp as AdminHelp,
    AskReset as AskReset,
    CannotUndo as CannotUndo,
    Deed as Deed,
    Did as Did,
    Log as Log,
    Missing as Missing,
    SetupShown as SetupShown,
    SetupStep as SetupStep,
    Shown as Shown,
    Unchanged as Unchanged,
    Welcome as Welcome,
)
from .foresight import (
    Expected as Expected,
    ForesightAnswer as ForesightAnswer,
    NeedNoted as NeedNoted,
    Odds as Odds,
    Whenever as Whenever,
)
from .line import (
    Added as Added,
    Gave as Gave,
    LineAnswer as LineAnswer,
    Removed as Removed,
    Resumed as Resumed,
    Suspended as Suspended,
    WhoIsNext as WhoIsNext,
    YourPlace as YourPlace,
)
from .people import (
    AlarmsSet as AlarmsSet,
    Changed as Changed,
    Coded as Coded,
    Courtesy as Courtesy,
    Forgotten as Forgotten,
    InMeeting as InMeeting,
    Joined as Joined,
    MailEnded as MailEnded,
    MailState as MailState,
    Notified as Notified,
    PeopleAnswer as PeopleAnswer,
    Repeated as Repeated,
    Settings as Settings,
    SmallTalk as SmallTalk,
    WrongCode as WrongCode,
)
from .refusals import (
    Misreading as Misreading,
    Misunderstanding as Misunderstanding,
    NotUnderstood as NotUnderstood,
    Refusal as Refusal,
    Refused as Refused,
)
from .shown import (
    FOR_ADMINS as FOR_ADMINS,
    BoardLink as BoardLink,
    BoardShown as BoardShown,
    FormName as FormName,
    FormOf as FormOf,
    Help as Help,
    HomeTab as HomeTab,
    Line as Line,
    OnePort as OnePort,
    Ports as Ports,
    Power as Power,
    Report as Report,
    ShownAnswer as ShownAnswer,
    Totals as Totals,
    Why as Why,
)
from .stays import (
    HandOut as HandOut,
    MoreTime as MoreTime,
    MovesAt as MovesAt,
    Moving as Moving,
    NoLongerMine as NoLongerMine,
    NudgeTaken as NudgeTaken,
    Nudging as Nudging,
    SaidBroken as SaidBroken,
    StayAnswer as StayAnswer,
    StaysYet as StaysYet,
    UnplugNoted as UnplugNoted,
)
from .turns import (
    Blocked as Blocked,
    Coming as Coming,
    ItsMe as ItsMe,
    MovedOn as MovedOn,
    NotMe as NotMe,
    Passed as Passed,
    PortBarred as PortBarred,
    Remembered as Remembered,
    TurnAnswer as TurnAnswer,
)

Answer = (
    LineAnswer | TurnAnswer | StayAnswer | ForesightAnswer | ShownAnswer | PeopleAnswer
    | AdminAnswer | Misunderstanding
)  # fmt: skip


PUBLIC = (Added, MovedOn, HandOut, Gave, Did, SaidBroken)  # answers that the whole channel sees
