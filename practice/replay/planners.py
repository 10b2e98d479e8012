"""Commuters who are asked what they need, and say so, or don't."""

from __future__ import annotations

from practice.common.posts import Post
from practice.slack.blocks import buttons

from .behaviour import Doing, Person
from .commuters import Commuters
from .workdays import commuter, result_of, today, visit_draw

ASKS_NEED = {"need", "need_more", "need_full"}  # the buttons below "How much today?"
ASKS_UNPLUG = "unplug_yes"
MAY_BE_UNPLUGGED = "may be unplugged"


class Planners(Commuters):
    """They say how much and by when, in line or when they have plugged in; whether the next one
    may unplug them; and do so where they are told that they may.
    """

    def _adds(self, person: Person) -> str:
        return f"/ev add {self._need(person)}" if self._says(person) else "/ev add"

    def _says(self, person: Person) -> bool:
        return visit_draw(person, "say") < self._ways.say

    def _need(self, person: Person) -> str:
        """`7.5 kWh by 16:00`; a time that has passed is not said."""
        visit = today(person)
        by = visit.by.astimezone(visit.home.tzinfo)
        late = visit.by <= self._world.clock.now()
        return f"{visit.need_kwh:.1f} kWh" + ("" if late else f" by {by:%H:%M}")

    def hear(self, post: Post) -> None:
        person = self.people.get(post["to"])
        if person is not None and not post["edited"] and commuter(person).result is not None:
            self._answer(person, {button["action_id"] for _, button in buttons(post["blocks"])})
        super().hear(post)

    def _answer(self, person: Person, asked: set[str]) -> None:
        """The questions after plugging in."""
        if person.doing is not Doing.CHARGING:
            return
        if ASKS_UNPLUG in asked:
            comes = visit_draw(person, "heed") < self._ways.heed
            yes = not comes and visit_draw(person, "unplug") < self._ways.unplug_ok
            self._say(person, f"/ev unplug {'yes' if yes else 'no'}")
        if asked & ASKS_NEED and self._says(person):
            self._say(person, f"/ev need {self._need(person)}")

    def _called(self, person: Person, post: Post, turn: int) -> None:
        commuter(person).may_unplug = MAY_BE_UNPLUGGED in post["text"]
        super()._called(person, post, turn)

    def _go(self, person: Person, n: int) -> None:
        """Who can't use the port says so, or passes."""
        if person.port is None or self._fits(person, person.port):
            super()._go(person, n)
            return
        self._press(person, n, "cannot_use" if self._ways.say_unusable else "pass")
        self._withdrawn(person)

    def _reach(self, person: Person) -> None:
        """At the port; a car that is done and may be unplugged makes room."""
        if commuter(person).may_unplug and person.port not in self._free():
            for other in self.people.values():
                if other.port == person.port and other.doing is Doing.CHARGING:
                    result_of(other).unplugged = True
                    self._leave(other)
                    break
        super()._reach(person)
