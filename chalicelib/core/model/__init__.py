"""What a site is: its line, its ports, its people, and what is still to be said.

Two rules for this package. Everything that decides what happens in the car park
lives here, and nothing here knows how the outside world is reached: no clock, no
network, no environment, no logging. `now` is always an argument.

Every value is frozen. All times are aware UTC; all durations are timedeltas; all
power is in kW. People and channels are `platform:tenant:id` strings. A module for each
chapter; use them from here.
"""

from __future__ import annotations

from .boards import (
    Board as Board,
)
from .line import (
    CallMessage as CallMessage,
    Entry as Entry,
    Promise as Promise,
    Standing as Standing,
    Turn as Turn,
)
from .outbox import (
    Lane as Lane,
    Pending as Pending,
)
from .people import (
    HOME as HOME,
    NO_HABITS as NO_HABITS,
    NO_PREFERENCES as NO_PREFERENCES,
    Code as Code,
    DayOf as DayOf,
    Guesses as Guesses,
    Habits as Habits,
    Home as Home,
    Person as Person,
    Preferences as Preferences,
    Way as Way,
)
from .policy import (
    IdleReminder as IdleReminder,
    Order as Order,
    Policy as Policy,
    Tone as Tone,
    Weekly as Weekly,
)
from .ports import (
    CapOrder as CapOrder,
    Ghost as Ghost,
    Port as Port,
    Sensor as Sensor,
    Stations as Stations,
    Status as Status,
)
from .site import (
    Site as Site,
)
from .stays import (
    Ladder as Ladder,
    Rung as Rung,
    Stay as Stay,
)
from .trail import (
    Note as Note,
    Undo as Undo,
    What as What,
    Word as Word,
)
