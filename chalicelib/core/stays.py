"""What is kept of a stay that is over, and of a wait that was in vain.

The site itself forgets a car soon after it has left. What reports and the replay need of it
goes into a log beside the site, through the outbox, like a message.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.values import dataclass


class StayEnd(StrEnum):
    """Which end the stay had reached when the car left (rule 31): the first of them."""

    LEFT = "left"  # none: the driver was faster
    NEED = "need met"
    FULL = "full"
    LIMIT = "limit"
    AWAY = "went without"  # no car: somebody stood in line in vain


@dataclass(frozen=True, slots=True)
class FinishedStay:
    """One car on one port, from plug to unplug. `id` is the stay's at its site.

    `driver` "": nobody knows whose car it was, or whoever it was is forgotten. `kwh` None: the
    network told neither power nor energy. `idle`: how long it was seen to draw nothing. `waited`:
    in line before; None: they didn't stand there. `need`: the kWh that they said; `met`: they had
    what they said, by the time that they said; None: nothing was said.

    Who stood in line and went without is kept like a stay, on the port "". A field that is added
    gets a default: older stays lie in the log.
    """

    id: int
    port: str
    since: datetime
    until: datetime
    driver: str = ""
    kwh: float | None = None
    about: bool = False
    idle: timedelta = timedelta(0)
    end: StayEnd = StayEnd.LEFT
    waited: timedelta | None = None
    need: float | None = None
    met: bool | None = None

    @property
    def is_in_vain(self) -> bool:
        """No car was plugged in: its driver stood in line, and went without."""
        return not self.port
