"""What the core answers to whoever asked, in the reply. Values only, as in `effects`.

A module for each chapter; use them from here, `answers.Added`. `ports` are named by their ids
(`stationID/portNumber`), people by their addresses.
"""

from __future__ import annotations

from .admin import (
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
    NeedNoted as NeedNoted,
    Odds as Odds,
    Whenever as Whenever,
)
from .line import (
    Added as Added,
    Gave as Gave,
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
    Repeated as Repeated,
    Settings as Settings,
    SmallTalk as SmallTalk,
    WrongCode as WrongCode,
)
from .refusals import (
    Misreading as Misreading,
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
)

Answer = (
    Added | YourPlace | Resumed | Removed | Suspended | Coming | Passed | MovedOn | Blocked
    | ItsMe | NotMe | Remembered | HandOut | MoreTime | Moving | Why | AskReset | AdminHelp
    | NeedNoted | Whenever | UnplugNoted | MovesAt | StaysYet | Gave | PortBarred
    | Shown | Did | WhoIsNext | Line | Ports | Help | NotUnderstood | SmallTalk | Forgotten | OnePort | Power
    | Report | Totals
    | Repeated | Refused
    | Unchanged | CannotUndo | Log | NudgeTaken | NoLongerMine | SaidBroken | Coded | Joined | WrongCode | Notified | FormOf | HomeTab | Settings | InMeeting | BoardShown | BoardLink | MailState | MailEnded | AlarmsSet | SetupShown | Welcome
)  # fmt: skip


PUBLIC = (Added, MovedOn, HandOut, Gave, Did, SaidBroken)  # answers that the whole channel sees
