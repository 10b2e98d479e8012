"""What a site is: its line, its ports, its people, and what is still to be said.

Two rules for this package. Everything that decides what happens in the car park
lives here, and nothing here knows how the outside world is reached: no clock, no
network, no environment, no logging. `now` is always an argument.

Every value is frozen. All times are aware UTC; all durations are timedeltas; all
power is in kW. People and channels are `platform:tenant:id` strings. A module for each
chapter; use them from here.
"""

from __future__ import annotations

from .line import (
    CallMessage as CallMessage,
)
from .line import (
    Entry as Entry,
)
from .line import (
    Promise as Promise,
)
from .line import (
    Standing as Standing,
)
from .line import (
    Turn as Turn,
)
from .outbox import (
    Lane as Lane,
)
from .outbox import (
    Pending as Pending,
)
from .people import (
    NO_HABITS as NO_HABITS,
)
from .people import (
    Code as Code,
)
from .people import (
    DayOf as DayOf,
)
from .people import (
    Guesses as Guesses,
)
from .people import (
    Habits as Habits,
)
from .people import (
    Person as Person,
)
from .people import (
    Way as Way,
)
from .policy import (
    IdleReminder as IdleReminder,
)
from .policy import (
    Order as Order,
)
from .policy import (
    Policy as Policy,
)
from .policy import (
    Tone as Tone,
)
from .ports import (
    CapOrder as CapOrder,
)
from .ports import (
    Ghost as Ghost,
)
from .ports import (
    Port as Port,
)
from .ports import (
    Stations as Stations,
)
from .ports import (
    Status as Status,
)
from .site import (
    Site as Site,
)
from .stays import (
    Ladder as Ladder,
)
from .stays import (
    Rung as Rung,
)
from .stays import (
    Stay as Stay,
)
from .trail import (
    Note as Note,
)
from .trail import (
    Undo as Undo,
)
from .trail import (
    What as What,
)
from .trail import (
    Word as Word,
)
