"""What the core answers to whoever asked, in the reply. Values only, as in `effects`.

A module for each chapter; use them from here, `answers.Added`. `ports` are named by their ids
(`stationID/portNumber`), people by their addresses.
"""

from __future__ import annotations

from .admin import (
    AdminHelp as AdminHelp,
)
from .admin import (
    AskReset as AskReset,
)
from .admin import (
    Deed as Deed,
)
from .admin import (
    Did as Did,
)
from .admin import (
    Log as Log,
)
from .admin import (
    Shown as Shown,
)
from .admin import (
    Unchanged as Unchanged,
)
from .foresight import (
    Expected as Expected,
)
from .foresight import (
    NeedNoted as NeedNoted,
)
from .foresight import (
    Odds as Odds,
)
from .foresight import (
    Whenever as Whenever,
)
from .line import (
    Added as Added,
)
from .line import (
    Gave as Gave,
)
from .line import (
    Removed as Removed,
)
from .line import (
    Resumed as Resumed,
)
from .line import (
    Suspended as Suspended,
)
from .line import (
    WhoIsNext as WhoIsNext,
)
from .line import (
    YourPlace as YourPlace,
)
from .people import (
    Coded as Coded,
)
from .people import (
    Courtesy as Courtesy,
)
from .people import (
    Forgotten as Forgotten,
)
from .people import (
    Joined as Joined,
)
from .people import (
    Notified as Notified,
)
from .people import (
    Repeated as Repeated,
)
from .people import (
    SmallTalk as SmallTalk,
)
from .people import (
    WrongCode as WrongCode,
)
from .refusals import (
    Misreading as Misreading,
)
from .refusals import (
    NotUnderstood as NotUnderstood,
)
from .refusals import (
    Refusal as Refusal,
)
from .refusals import (
    Refused as Refused,
)
from .shown import (
    Help as Help,
)
from .shown import (
    Line as Line,
)
from .shown import (
    OnePort as OnePort,
)
from .shown import (
    Ports as Ports,
)
from .shown import (
    Power as Power,
)
from .shown import (
    Why as Why,
)
from .stays import (
    HandOut as HandOut,
)
from .stays import (
    MoreTime as MoreTime,
)
from .stays import (
    MovesAt as MovesAt,
)
from .stays import (
    Moving as Moving,
)
from .stays import (
    NoLongerMine as NoLongerMine,
)
from .stays import (
    NudgeTaken as NudgeTaken,
)
from .stays import (
    Nudging as Nudging,
)
from .stays import (
    SaidBroken as SaidBroken,
)
from .stays import (
    StaysYet as StaysYet,
)
from .stays import (
    UnplugNoted as UnplugNoted,
)
from .turns import (
    Blocked as Blocked,
)
from .turns import (
    Coming as Coming,
)
from .turns import (
    ItsMe as ItsMe,
)
from .turns import (
    MovedOn as MovedOn,
)
from .turns import (
    NotMe as NotMe,
)
from .turns import (
    Passed as Passed,
)
from .turns import (
    PortBarred as PortBarred,
)
from .turns import (
    Remembered as Remembered,
)

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
