"""A due rule: when something is due, and what is done then, in one place.

A rule is a function of the draft that yields a `Due` for each thing that it would do as
the site stands, be it due now or later. `step` does what is due by now; `next_deadline`
is the earliest of all. So no time is written twice, and none can be forgotten.

To yield is to promise: once done, the same thing must not be due again. Whatever else
must be so (somebody waits, the port is seen) is asked before the yield; if that changes
later, it does by a step, after which all rules are asked anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from chalicelib.values import dataclass

from .draft import Draft


@dataclass(frozen=True, slots=True)
class Due:
    """`act` is to be done at `at`; a time that has passed means now.

    What is `spoken` to people waits for working hours (rule 25).
    """

    at: datetime
    act: Callable[[], None]
    spoken: bool = False

    def is_due(self, d: Draft) -> bool:
        """It may be done in this step."""
        return self.at <= d.now and (d.speaks or not self.spoken)


DueRule = Callable[[Draft], Iterable[Due]]
