"""What the core wants said or done. Values only: `chat/text` gives them words.

A module for each chapter; use them from here. `ports` are named by their ids
(`stationID/portNumber`), people by their addresses.
"""

from __future__ import annotations

from chalicelib.core.answers import Answer, Line

from .admin import (
    AccessProblem as AccessProblem,
)
from .admin import (
    AdminMoved as AdminMoved,
)
from .admin import (
    AlarmRaised as AlarmRaised,
)
from .admin import (
    BayBlocked as BayBlocked,
)
from .admin import (
    Disowned as Disowned,
)
from .admin import (
    DoneForYou as DoneForYou,
)
from .admin import (
    DrewNothing as DrewNothing,
)
from .admin import (
    GivenTo as GivenTo,
)
from .admin import (
    PortBroken as PortBroken,
)
from .admin import (
    StillThere as StillThere,
)
from .admin import (
    Undelivered as Undelivered,
)
from .admin import (
    Unreachable as Unreachable,
)
from .admin import (
    Unwatched as Unwatched,
)
from .channel import (
    CapRefused as CapRefused,
)
from .channel import (
    LineCleared as LineCleared,
)
from .channel import (
    PowerLimited as PowerLimited,
)
from .channel import (
    SightBack as SightBack,
)
from .channel import (
    SightLost as SightLost,
)
from .channel import (
    StandsIdle as StandsIdle,
)
from .foresight import (
    Danger as Danger,
)
from .foresight import (
    Foreseen as Foreseen,
)
from .foresight import (
    Promised as Promised,
)
from .foresight import (
    PromiseNews as PromiseNews,
)
from .orders import (
    ForgetStays as ForgetStays,
)
from .orders import (
    KeepStay as KeepStay,
)
from .orders import (
    LiftLimit as LiftLimit,
)
from .orders import (
    LimitPower as LimitPower,
)
from .orders import (
    LogOrder as LogOrder,
)
from .orders import (
    LookAgain as LookAgain,
)
from .orders import (
    NetworkOrder as NetworkOrder,
)
from .posts import (
    ChannelReminder as ChannelReminder,
)
from .posts import (
    News as News,
)
from .posts import (
    PleaseMove as PleaseMove,
)
from .posts import (
    PortPost as PortPost,
)
from .posts import (
    Post as Post,
)
from .stays import (
    CountedUnplugged as CountedUnplugged,
)
from .stays import (
    HowMuch as HowMuch,
)
from .stays import (
    MeansToMove as MeansToMove,
)
from .stays import (
    Nudge as Nudge,
)
from .stays import (
    Nudged as Nudged,
)
from .stays import (
    PluggedIn as PluggedIn,
)
from .stays import (
    Question as Question,
)
from .stays import (
    UnpluggedBy as UnpluggedBy,
)
from .turns import (
    Called as Called,
)
from .turns import (
    CallOver as CallOver,
)
from .turns import (
    IsItYou as IsItYou,
)
from .turns import (
    Lapsed as Lapsed,
)
from .turns import (
    NextUp as NextUp,
)
from .turns import (
    NoPower as NoPower,
)
from .turns import (
    SuspensionOver as SuspensionOver,
)
from .turns import (
    TurnPassed as TurnPassed,
)
from .turns import (
    Withdrawal as Withdrawal,
)
from .turns import (
    Withdrawn as Withdrawn,
)

Message = (
    HowMuch | UnpluggedBy | MeansToMove | Foreseen | Promised | GivenTo
    | Called | CallOver | NextUp | Lapsed | Withdrawn | TurnPassed | SuspensionOver | PluggedIn
    | NoPower | PortPost | StandsIdle | IsItYou | BayBlocked | Nudged | PleaseMove | StillThere
    | LineCleared | AdminMoved | PowerLimited | CapRefused | AlarmRaised | SightLost | SightBack | Unwatched
    | Undelivered | Line | DoneForYou | CountedUnplugged | Disowned | PortBroken | DrewNothing
    | Unreachable
)  # fmt: skip


Effect = Answer | Message | NetworkOrder | LogOrder
