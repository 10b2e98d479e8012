"""What the core wants said or done. Values only: `chat/text` gives them words.

A module for each chapter; use them from here. `ports` are named by their ids
(`stationID/portNumber`), people by their addresses.
"""

from __future__ import annotations

from chalicelib.core.answers import Answer, Line

from .admin import (
    AccessProblem as AccessProblem,
    AdminMessage as AdminMessage,
    AdminMoved as AdminMoved,
    AlarmRaised as AlarmRaised,
    BayBlocked as BayBlocked,
    Disowned as Disowned,
    DoneForYou as DoneForYou,
    DrewNothing as DrewNothing,
    FirstHint as FirstHint,
    GivenTo as GivenTo,
    HasLeft as HasLeft,
    PortBroken as PortBroken,
    SetupTest as SetupTest,
    StillThere as StillThere,
    Undelivered as Undelivered,
    Unreachable as Unreachable,
    Unwatched as Unwatched,
)
from .channel import (
    CapRefused as CapRefused,
    ChannelMessage as ChannelMessage,
    LineCleared as LineCleared,
    PowerLimited as PowerLimited,
    SightBack as SightBack,
    SightLost as SightLost,
    StandsIdle as StandsIdle,
)
from .foresight import (
    Danger as Danger,
    Foreseen as Foreseen,
    ForesightMessage as ForesightMessage,
    Promised as Promised,
    PromiseNews as PromiseNews,
)
from .orders import (
    ForgetStays as ForgetStays,
    KeepStay as KeepStay,
    LiftLimit as LiftLimit,
    LimitPower as LimitPower,
    LogOrder as LogOrder,
    LookAgain as LookAgain,
    MakeReport as MakeReport,
    NetworkOrder as NetworkOrder,
)
from .people import (
    LetGo as LetGo,
    PeopleMessage as PeopleMessage,
    SensorAlarm as SensorAlarm,
    WayFound as WayFound,
    WayLost as WayLost,
)
from .posts import (
    BoardPost as BoardPost,
    ChannelReminder as ChannelReminder,
    News as News,
    PleaseMove as PleaseMove,
    PortPost as PortPost,
    Post as Post,
)
from .report import (
    ReportMessage as ReportMessage,
    ReportPicture as ReportPicture,
    ReportTable as ReportTable,
    WeeklyReport as WeeklyReport,
)
from .stays import (
    CountedUnplugged as CountedUnplugged,
    HowMuch as HowMuch,
    MeansToMove as MeansToMove,
    Nudge as Nudge,
    Nudged as Nudged,
    PluggedIn as PluggedIn,
    Question as Question,
    StayMessage as StayMessage,
    UnpluggedBy as UnpluggedBy,
)
from .turns import (
    Called as Called,
    CallOver as CallOver,
    IsItYou as IsItYou,
    Lapsed as Lapsed,
    NextUp as NextUp,
    NoPower as NoPower,
    SuspensionOver as SuspensionOver,
    TurnMessage as TurnMessage,
    TurnPassed as TurnPassed,
    Withdrawal as Withdrawal,
    Withdrawn as Withdrawn,
)

Message = (
    TurnMessage | StayMessage | ForesightMessage | Post | BoardPost | Line | ChannelMessage
    | AdminMessage | PeopleMessage | ReportMessage
)  # fmt: skip


OfPlace = NextUp | MeansToMove | Promised
"""What somebody hears of their place in line: said in one message, which is edited as things go
on; `post` is its number (0: a message of its own)."""

Effect = Answer | Message | NetworkOrder | LogOrder
