"""The ways to run a car park that are compared, and the people who live under each.

To add one: a line in `POLICIES`. What it sets of the site's policy stands there; what its
people type and press more than others is a subclass of `Commuters`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.core.model import Order, Policy

from .commuters import Commuters, Uncoordinated
from .planners import Planners
from .scene import Scene
from .workdays import Commuter, Ways


@dataclass(frozen=True, slots=True)
class Coordination:
    """`policy` None: there is no concierge; `people` makes those who live under it."""

    name: str
    people: type[Commuters]
    policy: Policy | None

    def crowd(self, scene: Scene, people: Sequence[Commuter], ways: Ways) -> Commuters:
        return self.people(scene, people, ways)


NOBODY, TODAY = "nobody", "today"
POLICIES = {
    one.name: one
    for one in (
        Coordination(NOBODY, Uncoordinated, None),
        Coordination("2016", Commuters, Policy(classic=True)),
        Coordination(TODAY, Commuters, Policy()),
        Coordination("limit 90", Commuters, Policy(limit=timedelta(minutes=90))),
        Coordination("ours", Planners, Policy()),
        Coordination("fair", Planners, Policy(order=Order.FAIR)),
    )
}
